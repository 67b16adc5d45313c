#!/usr/bin/env bash
# Configures and builds: scripts/build.sh [PRESET [TARGET...]], where PRESET is release (default), debug, asan or tsan,
# and without a TARGET everything is built.
# Says little, unless it fails or takes long; every word of the tools is in build/PRESET/build.log.
set -euo pipefail

preset=${1:-release}
targets=("${@:2}")
if [[ $preset == -* ]]; then
  printf 'usage: scripts/build.sh [PRESET=release [TARGET...]]\n' >&2
  exit 2
fi
((${#targets[@]} == 0)) || targets=(--target "${targets[@]}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p "build/$preset"
log="build/$preset/build.log"
: >"$log"

# Runs a command in the background and lets the reader know every half minute that it is alive.
quietly() {
  "$@" >>"$log" 2>&1 &
  local pid=$! begin=$SECONDS told=0 elapsed
  trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    elapsed=$((SECONDS - begin))
    if ((elapsed >= told + 30)); then
      told=$elapsed
      printf '  still building, %d s %s\n' "$elapsed" "$(grep -o '^\[[0-9]*/[0-9]*\]' "$log" | tail -n 1 || true)"
    fi
  done
  if ! wait "$pid"; then
    # Ninja marks the first thing that went wrong; without a mark, the end tells most.
    { sed -n '/^FAILED:/,$p' "$log" | grep . || tail -n 40 "$log"; } | head -n 80 >&2
    printf 'build: preset "%s" failed; all of it is in %s\n' "$preset" "$log" >&2
    exit 1
  fi
  trap - INT TERM
}

quietly cmake --preset "$preset"
quietly cmake --build --preset "$preset" -j "$(nproc)" "${targets[@]}"
printf 'Built %s: the binaries are in build/%s/bin\n' "$preset" "$preset"

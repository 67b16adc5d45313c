#!/usr/bin/env bash
# Installs what building and testing Kintsugi needs and the machine lacks. Removes nothing.
# scripts/setup.sh bench: also what scripts/bench.sh compares with, counts with and draws with.
# scripts/setup.sh ci: also what .ci/run checks with.
# Made for Debian 12 and later and for Ubuntu 24.04 and later. Does nothing when all is there.
set -euo pipefail

packages=(
  g++ cmake ninja-build git ca-certificates pkg-config            # to build
  ccache clang-format                                             # to build again quickly, to keep the form
  libabsl-dev librocksdb-dev libprotobuf-dev protobuf-compiler    # status, storage, stored bytes
  libfmt-dev libsimdjson-dev libcli11-dev                         # text, JSON, the command line
  libphonenumber-dev libicu-dev libre2-dev                        # normalising what people write
  libzstd-dev zlib1g-dev                                          # compressed input
  catch2 librapidcheck-dev                                        # tests
  libbenchmark-dev liblmdb-dev                                    # benchmarks, and what they compare with
)
bench_packages=(
  libsqlite3-dev redis-server libhiredis-dev postgresql libpq-dev # what the workload driver compares with, besides
  jq gnuplot-nox                                                  # reading results, drawing them
  valgrind                                                        # counting instructions
)
case ${1:-} in
  '') ;;
  bench) packages+=("${bench_packages[@]}") ;;
  ci)
    # The sanitizers' runtimes belong to the compiler's version; one that was installed otherwise may lack them.
    gcc_version=$(g++ -dumpversion 2>/dev/null | cut -d . -f 1 || true)
    packages+=(${gcc_version:+"libgcc-$gcc_version-dev"})
    # The release that says what the form is, where this system has it (Debian 12's clang-format is that one).
    if apt-cache show clang-format-14 >/dev/null 2>&1; then packages+=(clang-format-14); fi
    ;;
  *) set -- usage error ;;
esac
if (($# > 1)); then
  printf 'usage: scripts/setup.sh [bench|ci]\n' >&2
  exit 2
fi

fail() {
  printf 'setup: %s\n' "$1" >&2
  printf 'Kintsugi needs these (names as in Debian 12):\n  %s\n' "${packages[*]}" >&2
  exit 1
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  fail 'this system has no apt. Please install the list below with its own tools, then run scripts/build.sh.'
fi

installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null || true)
missing=()
for package in "${packages[@]}"; do
  grep -qx "installed $package" <<<"$installed" || missing+=("$package")
done
((${#missing[@]} > 0)) || exit 0

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || fail 'installing needs root: run this as root, or install sudo.'
  as_root=(sudo)
fi
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120)

log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() {
  "$@" >"$log" 2>&1 && return
  cat "$log" >&2
  fail "\"$*\" did not work; its own words are above."
}

printf 'Installing %d packages that building and testing need:\n  %s\n' "${#missing[@]}" "${missing[*]}"
quietly "${apt[@]}" update -qq
quietly "${apt[@]}" install -y -qq --no-install-recommends --no-remove "${missing[@]}"
printf 'Installed.\n'

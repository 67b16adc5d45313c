#!/usr/bin/env bash
# Measures Kintsugi beside its floors and beside what the same data might be kept in otherwise, and draws the results.
# docs/benchmarks.md explains what is measured. `scripts/setup.sh bench` installs what this can make use of; whatever is
# missing is skipped, with a line that says so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'END'
usage: scripts/bench.sh [--quick | --check | --accept | --plots] [--no-build] [PART...]
  (nothing)   measures everything: three quarters of an hour. Results go to bench/results/, pictures to docs/img/
  PART...     measures only these: lookup ingest threads pure identity, which are micro benchmarks, workload, growth
  --quick     the same with little data, to see that it works: two minutes. Results go to build/bench/
  --check     fails if something has become dearer than bench/results/gate.json allows: ratios to floors, instructions
  --accept    measures what --check does and writes it into bench/results/gate.json
  --plots     only draws bench/results/ again
  --no-build  takes build/release/bin as it is
END
}

mode=all build=yes failed=0
parts=()
for argument in "$@"; do
  case $argument in
    --quick | --check | --accept | --plots)
      [[ $mode == all ]] || { usage >&2; exit 2; }
      mode=${argument#--}
      ;;
    --no-build) build=no ;;
    -h | --help) usage; exit 0 ;;
    lookup | ingest | threads | pure | identity | workload | growth) parts+=("$argument") ;;
    *) usage >&2; exit 2 ;;
  esac
done

bin=build/release/bin
results=bench/results img=docs/img
[[ $mode != quick ]] || results=build/bench/results img=build/bench/img

# Whether a part is to be measured.
wants() { ((${#parts[@]} == 0)) || [[ " ${parts[*]} " == *" $1 "* ]]; }
say() { printf '%s\n' "$@"; }
has() { command -v "$1" >/dev/null; }
fail() {
  printf 'bench: %s\n' "$*" >&2
  exit 1
}
has jq || fail 'jq is needed and not installed (Debian: jq; scripts/setup.sh bench installs it)'

# Everything temporary, the databases included, is in here. Others may pass through: PostgreSQL refuses to be root.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/kintsugi-bench.XXXXXX")
chmod 711 "$scratch"
mkdir "$scratch/tmp"
export TMPDIR="$scratch/tmp"

source scripts/bench_servers.sh
source scripts/bench_gate.sh
source scripts/bench_plots.sh

clean_up() {
  stop_redis
  stop_postgres
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# What the numbers depend on, besides the code.
about() {
  local processor
  processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
  jq -n --arg commit "$(git describe --always --dirty 2>/dev/null || true)" --arg processor "$processor" \
    --arg cores "$(nproc)" --arg system "$(. /etc/os-release && printf '%s' "$PRETTY_NAME")" \
    --arg built_with "$(built_with)" \
    '{commit: $commit, system: $system, processor: $processor, cores: ($cores | tonumber), built_with: $built_with}'
}

# micro NAME FILTER FLAGS...: some of the micro benchmarks, five times, those of one run interleaved at random.
micro() {
  local name=$1 filter=$2 begin=$SECONDS
  shift 2
  wants "$name" || return 0
  "$bin/kintsugi_bench" --benchmark_filter="$filter" --benchmark_repetitions=5 --benchmark_report_aggregates_only=true \
    --benchmark_out="$scratch/micro.json" --benchmark_out_format=json "$@" >"$scratch/micro.log" 2>&1 ||
    { cat "$scratch/micro.log" >&2; fail "kintsugi_bench $filter failed"; }
  # What says that it was left out, because it takes too long, has not failed.
  if jq -e '[.benchmarks[] | select(.error_occurred and (.error_message | startswith("left out") | not))] | length > 0' \
    "$scratch/micro.json" >/dev/null; then
    grep -h 'ERROR' "$scratch/micro.log" >&2
    failed=1
    say "failed: kintsugi_bench $filter"
    return 0
  fi
  jq --argjson about "$(about)" \
    '{about: $about, benchmarks: [.benchmarks[] | select(.run_type == "aggregate" and (.error_occurred | not))]}' \
    "$scratch/micro.json" >"$results/micro_$name.json"
  jq -r 'def figures: if .items_per_second then "\(.items_per_second | round) per second"
                      else "\(.real_time * 10 | round / 10) \(.time_unit)" end;
         .benchmarks[] | select(.aggregate_name == "median") | "\(.run_name)\t\(figures)"' "$results/micro_$name.json" |
    LC_ALL=C sort | awk -F '\t' '{ printf "  %-52s %20s\n", $1, $2 }'
  # What counts: how many times a floor of the same run.
  jq -r --slurpfile gate "$gate" '
    def cost: if .items_per_second then 1e9 / .items_per_second else .real_time end;
    ([.benchmarks[] | select(.aggregate_name == "median") | {key: .run_name, value: cost}] | from_entries) as $cost
    | $gate[0].ratios[] | select($cost[.of] and $cost[.to])
    | "  \(.of) takes \($cost[.of] / $cost[.to] * 100 | round / 100) times what \(.to) takes"' "$results/micro_$name.json"
  say "  ($((SECONDS - begin)) s; $results/micro_$name.json)"
}

all_targets=(kintsugi kintsugi_uncached hash_map rocksdb lmdb sqlite redis redis_pipelined postgres)

# series NAME TARGETS FLAGS...: the workload driver once per target.
series() {
  local name=$1 begin=$SECONDS target
  local -a targets=() servers head=()
  read -r -a targets <<<"$2"
  shift 2
  for target in "${targets[@]}"; do
    servers=()
    case $target in
      redis*)
        start_redis || { say "skipped: $target: $why_not"; continue; }
        servers=(--redis-port "$redis_port")
        ;;
      postgres)
        start_postgres || { say "skipped: $target: $why_not"; continue; }
        servers=(--postgres "host=$postgres_socket user=kintsugi dbname=postgres")
        ;;
    esac
    rm -f "$scratch/run.json"
    "$bin/kintsugi_workload" --target "$target" --json "$scratch/run.json" "${head[@]}" "${servers[@]}" "$@" ||
      { failed=1; say "failed: $target: its own words are above"; }
    head=(--no-head)
    stop_redis
    [[ ! -e $scratch/run.json ]] || jq -c --arg series "$name" '{series: $series} + .' "$scratch/run.json" >>"$scratch/workload.jsonl"
  done
  say "  ($((SECONDS - begin)) s)"
}

measure() {
  local identifiers=1000000 growth=100000,300000,1000000,3000000,10000000
  local seconds=6 warm_up=2 rate=5000 micro_seconds=0.2
  if [[ $mode == quick ]]; then
    identifiers=30000 growth=10000,30000,100000
    seconds=1 warm_up=0.3 rate=2000 micro_seconds=0.02
    export KINTSUGI_BENCH_IDENTIFIERS=30000
  fi
  mkdir -p "$results" "$img"
  : >"$scratch/workload.jsonl"

  if wants lookup || wants ingest || wants threads || wants pure || wants identity; then
    say '' 'Micro benchmarks and their floors, medians of five:'
  fi
  local -a flags=("--benchmark_min_time=$micro_seconds" --benchmark_enable_random_interleaving=true)
  micro lookup '^(lookup/|floor/(hash_map|rocksdb_two_gets|lmdb)/)' "${flags[@]}"
  micro ingest '^(ingest/|floor/write_batch/)' "${flags[@]}"
  micro threads '^threads/' "--benchmark_min_time=$micro_seconds"
  micro pure '^(resolve|survivorship|normalize|parse|floor/simdjson)' "${flags[@]}"
  if [[ $mode != quick ]]; then  # making the data takes longer than that
    micro identity '^(hub|mailbox|withdraw|assert|explain|floor/no_)' "${flags[@]}"
  fi

  local -a common=(--seconds "$seconds" --warm-up "$warm_up")
  local -a sized=("${common[@]}" --identifiers "$identifiers")
  if wants workload; then measure_workload; fi
  if wants growth; then
    say '' 'Growth: half look-ups, half events, anybody, one thread:'
    series growth 'kintsugi rocksdb' "${common[@]}" --identifiers "$growth" --mix 50 --distribution uniform
  fi
  [[ -s $scratch/workload.jsonl ]] || return 0
  # Series that were not measured now stay as they were.
  [[ -e $results/workload.json ]] || printf '{"runs": []}' >"$results/workload.json"
  jq -s --argjson about "$(about)" --slurpfile old "$results/workload.json" \
    '([.[].series] | unique) as $new
     | {about: $about, runs: ([$old[0].runs[] | select(.series | IN($new[]) | not)] + .)}' \
    "$scratch/workload.jsonl" >"$scratch/workload.json"
  mv "$scratch/workload.json" "$results/workload.json"
  say '' "Wrote $results/workload.json"
}

# Shares the variables of measure().
measure_workload() {
  say '' "Look-ups only, 10,000 of $identifiers identifiers, one thread:"
  series lookups_hot "${all_targets[*]}" "${sized[@]}" --mix 100 --distribution hot
  say '' "Look-ups only, any of $identifiers identifiers, one thread:"
  series lookups_uniform "${all_targets[*]}" "${sized[@]}" --mix 100 --distribution uniform
  say '' '95 look-ups to 5 events, zipfian, two threads, as fast as they go:'
  series mixed "${all_targets[*]}" "${sized[@]}" --mix 95 --distribution zipfian --threads 2
  say '' "95 look-ups to 5 events, zipfian, one thread, $rate a second whatever comes of it:"
  series mixed_at_rate "${all_targets[*]}" "${sized[@]}" --mix 95 --distribution zipfian --rate "$rate"
}

if [[ $build == yes && $mode != plots ]]; then scripts/build.sh release; fi
case $mode in
  check) check_gate ;;
  accept) accept_gate ;;
  plots) draw_plots ;;
  *)
    begin=$SECONDS
    measure
    draw_plots
    say "All of it took $((SECONDS - begin)) s."
    exit "$failed"
    ;;
esac

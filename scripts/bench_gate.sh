# For scripts/bench.sh: has something become dearer? Times drift with the machine, so they are compared as ratios to a
# floor of the same run, and generously; instructions do not drift and are held to a few per cent.
# shellcheck shell=bash disable=SC2154

gate=bench/results/gate.json

built_with() {
  if [[ -x $bin/kintsugi_instructions ]]; then "$bin/kintsugi_instructions" --built-with; fi
}

# times REPETITIONS NAMES: measures these benchmarks and prints an object of name and nanoseconds. Whatever else the
# machine is doing only ever adds to a time, so the best of the repetitions says most.
times() {
  local repetitions=$1 names=$2
  KINTSUGI_BENCH_IDENTIFIERS=$(jq .identifiers "$gate") "$bin/kintsugi_bench" --benchmark_filter="^($names)\$" \
    --benchmark_repetitions="$repetitions" --benchmark_min_time=0.1 --benchmark_enable_random_interleaving=true \
    --benchmark_out="$scratch/gate.json" --benchmark_out_format=json >"$scratch/gate.log" 2>&1 ||
    { cat "$scratch/gate.log" >&2; fail 'kintsugi_bench failed'; }
  # Rates are by the wall clock, for writing waits for the disk; look-ups are not charged for waiting for a processor.
  jq '[.benchmarks[] | select(.run_type == "iteration" and (.error_occurred | not))]
      | group_by(.run_name)
      | map({key: .[0].run_name, value: (map(if .items_per_second then 1e9 / .items_per_second else .cpu_time end) | min)})
      | from_entries' "$scratch/gate.json"
}

# The ratios of some pairs of the gate, given as a JSON list, with `is` filled in.
measure_ratios() {
  local repetitions=$1 pairs=$2 names
  names=$(jq -r '[.[] | .of, .to] | unique | join("|")' <<<"$pairs")
  times "$repetitions" "$names" >"$scratch/times.json"
  jq --slurpfile times "$scratch/times.json" \
    'map(.is = (($times[0][.of] // error("\(.of) was not measured")) / ($times[0][.to] // error("\(.to) was not measured"))))' \
    <<<"$pairs"
}

# The operations of the gate, given as a JSON list, with `is` filled in: instructions each.
measure_instructions() {
  local operations=$1 what count sum lines=''
  while IFS=$'\t' read -r what count; do
    valgrind --tool=callgrind --collect-atstart=no --callgrind-out-file="$scratch/callgrind.out" \
      "$bin/kintsugi_instructions" "$what" "$count" >"$scratch/callgrind.log" 2>&1 ||
      { cat "$scratch/callgrind.log" >&2; fail "kintsugi_instructions $what failed under callgrind"; }
    sum=$(sed -n 's/^totals: //p' "$scratch/callgrind.out")
    [[ $sum =~ ^[0-9]+$ ]] || fail "callgrind counted nothing of $what"
    lines+="{\"what\": \"$what\", \"is\": $((sum / count))}"
  done < <(jq -r '.[] | "\(.what)\t\(.count)"' <<<"$operations")
  jq --slurpfile is <(printf '%s' "$lines") 'map(. as $o | .is = ($is[] | select(.what == $o.what) | .is))' <<<"$operations"
}

# Why instructions cannot be compared here; empty if they can.
why_no_instructions() {
  local was now
  if ! has valgrind; then
    printf 'valgrind is not installed (Debian: valgrind)'
  elif [[ ! -x $bin/kintsugi_instructions ]]; then
    printf 'kintsugi_instructions was not built, for valgrind/callgrind.h was missing (Debian: valgrind)'
  elif [[ $mode == check ]]; then
    was=$(jq -r .instructions.built_with "$gate")
    now=$(built_with)
    [[ $was == "$now" ]] || printf 'the figures are of another build: %s; this is %s' "$was" "$now"
  fi
}

# A line per thing: what, was, is, allowed.
print_compared() {
  jq -r '.[] | [(if .is > .was * .allowed then "LOSS" else "ok" end),
                (.what // "\(.of) / \(.to)"), .was, .is, .is / .was, .allowed] | @tsv' <<<"$1" |
    LC_ALL=C awk -F '\t' '{ printf "%-5s %-56s was %10.6g  is %10.6g  %5.3f times, allowed %.3f\n", $1, $2, $3, $4, $5, $6 }'
}

losses_of() { jq '[.[] | select(.is > .was * .allowed)]' <<<"$1"; }

check_gate() {
  local ratios again instructions losses why lost=0
  [[ -e $gate ]] || fail "there is no $gate"
  say 'Ratios to floors of the same run, best of 7:'
  ratios=$(measure_ratios 7 "$(jq -c .ratios "$gate")")
  print_compared "$ratios"
  losses=$(losses_of "$ratios")
  if [[ $(jq length <<<"$losses") != 0 ]]; then
    say 'Once more what seems lost, best of 21:'
    again=$(measure_ratios 21 "$losses")
    print_compared "$again"
    lost=$(losses_of "$again" | jq length)
  fi

  why=$(why_no_instructions)
  if [[ -n $why ]]; then
    say "skipped: instructions: $why"
  else
    say 'Instructions each:'
    instructions=$(measure_instructions "$(jq -c .instructions.operations "$gate")")
    print_compared "$instructions"
    lost=$((lost + $(losses_of "$instructions" | jq length)))
  fi
  if ((lost > 0)); then
    printf 'bench: %d lost. If that is worth it, say why in the commit and run scripts/bench.sh --accept\n' "$lost" >&2
    return 1
  fi
  say 'Nothing has become dearer than is allowed.'
}

accept_gate() {
  local ratios why operations new
  ratios=$(measure_ratios 21 "$(jq -c .ratios "$gate")")
  new=$(jq --argjson ratios "$ratios" '.ratios = ($ratios | map(.was = (.is * 1000 | round / 1000) | del(.is)))' "$gate")
  why=$(why_no_instructions)
  if [[ -n $why ]]; then
    say "skipped: instructions: $why"
  else
    operations=$(measure_instructions "$(jq -c .instructions.operations "$gate")")
    new=$(jq --argjson operations "$operations" --arg built_with "$(built_with)" \
      '.instructions.built_with = $built_with | .instructions.operations = ($operations | map(.was = .is | del(.is)))' <<<"$new")
  fi
  # A line for each, as people write it.
  jq -r '"{\n  \"identifiers\": \(.identifiers),\n  \"ratios\": [\n    \(.ratios | map(tojson) | join(",\n    "))\n  ],\n" +
         "  \"instructions\": {\n    \"built_with\": \(.instructions.built_with | tojson),\n    \"operations\": [\n" +
         "      \(.instructions.operations | map(tojson) | join(",\n      "))\n    ]\n  }\n}"' <<<"$new" >"$gate"
  say "Wrote $gate:"
  jq -c '.ratios[], .instructions.operations[]' "$gate"
}

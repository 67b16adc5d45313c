#!/usr/bin/env bash
# part.sh PROGRAM N OF: every OF-th test case, beginning with the N-th (from 0), in one process: a sanitizer takes longer
# to start a program than most cases take. Without those that test the tests themselves, and those of real data, whose
# ways through the code random steps take, too.
set -euo pipefail

program=$1 part=$2 parts=$3
if "$program" --help | grep -q -e --shard-index; then  # Catch2 3
  exec "$program" '~[canary]~[data]' --shard-index "$part" --shard-count "$parts"
fi
cases=$(mktemp)
trap 'rm -f "$cases"' EXIT
# Catch2 2 tells how many there are by its exit code.
{ "$program" '~[canary]~[data]' --list-test-names-only || true; } | awk -v part="$part" -v parts="$parts" 'NR % parts == part' >"$cases"
[[ -s $cases ]]
"$program" --input-file "$cases"

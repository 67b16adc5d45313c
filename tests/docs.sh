#!/usr/bin/env bash
# The worked examples of a page: what stands after `$ ` in its blocks is done, in order, and has to print what follows
# there, but for how long it took and when it was recorded. `$ cat FILE` before the page has made that file makes it.
#   docs.sh COMMAND_FOLDER WORK PAGE
set -euo pipefail

bin=$(realpath "$1") work=$2 page=$(realpath "$3")
rm -rf "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT
cd "$work"
PATH=$bin:$PATH

timeless() { sed -E 's/"seconds":[0-9.]+/"seconds":…/; s/"recorded_at":"[^"]*"/"recorded_at":…/' <<<"$1"; }

commands=0 failures=0 status=0
check() {  # COMMAND EXPECTED
  local command=$1 expected=$2 printed
  if [[ $command =~ ^cat\ ([^ ]+)$ && ! -e ${BASH_REMATCH[1]} ]]; then
    printf '%s\n' "$expected" >"${BASH_REMATCH[1]}"
    return
  fi
  commands=$((commands + 1))
  if [[ $command == 'echo $?' ]]; then
    printed=$status
  else
    status=0
    printed=$(eval "$command" 2>&1) || status=$?
  fi
  if [[ $(timeless "$printed") != "$(timeless "$expected")" ]]; then
    failures=$((failures + 1))
    printf '$ %s\n' "$command"
    diff <(timeless "$expected") <(timeless "$printed") || true
  fi
}

command='' expected='' is_block=no
finish() {
  if [[ -n $command ]]; then check "$command" "$expected"; fi
  command='' expected=''
}
while IFS= read -r line; do
  if [[ $line == '```'* ]]; then
    finish
    if [[ $is_block == yes ]]; then is_block=no; else is_block=yes; fi
  elif [[ $is_block == yes && $line == '$ '* ]]; then
    finish
    command=${line#'$ '}
  elif [[ -n $command ]]; then
    expected+=${expected:+$'\n'}$line
  fi
done <"$page"

printf '%d commands of %s, %d with another result\n' "$commands" "${page##*/}" "$failures"
((commands > 0 && failures == 0))

#!/usr/bin/env bash
# What the command says and leaves behind when something is wrong, and what it does when it is interrupted.
#   cli.sh KINTSUGI WORK
set -euo pipefail

kintsugi=$1 work=$2
rm -rf "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >shop.textproto <<'END'
namespaces { name: "email" normalize: EMAIL }
sources { name: "crm" table { format: CSV key: "id" identifiers { field: "mail" namespace: "email" } } }
sources { name: "log" events { format: NATIVE } }
sources { name: "web" events { format: SEGMENT } }
END

# fails CODE WORDS ARGUMENTS...: the command ends so and says so on standard error, without a control character.
fails() {
  local code=0
  "$kintsugi" "${@:3}" >out 2>err || code=$?
  if [[ $code != "$1" || (-n $2 && $(<err) != *"$2"*) ]] || LC_ALL=C grep -q $'[\001-\010\013-\037\177]' err; then
    printf 'expected %s and "%s", got %s from: %s\n' "$1" "$2" "$code" "${*:3}"
    cat -v out err
    exit 1
  fi
}
ingest=(ingest --db shop.db --schema shop.textproto --source)
absent() { [[ ! -e $1 ]] || { printf '%s was left behind\n' "$1"; exit 1; }; }

# An input that cannot be read leaves no database behind.
printf 'nr,ma\033[31mil\n1,a\n' >wrong.csv
fails 1 'wrong.csv: the CSV header has no column `id`' "${ingest[@]}" crm wrong.csv
printf '\377\376i\000d\000' >utf16.csv
fails 1 'CSV UTF-8' "${ingest[@]}" crm utf16.csv
: >empty.csv
fails 1 'empty.csv: ' "${ingest[@]}" crm empty.csv
fails 1 'none.csv' "${ingest[@]}" crm none.csv
fails 1 'is a directory' "${ingest[@]}" crm .
absent shop.db
printf 'namespaces { name: "email"\nsources { name: "crm" }\n' >open.textproto
fails 1 'open.textproto:1:1: the block `namespaces`' ingest --db shop.db --schema open.textproto --source crm empty.csv
absent shop.db

# The counts go to standard output, and why the first rows were refused to standard error.
printf 'id,mail\n1,a@example.com\n,b@example.com\n' >crm.csv
fails 0 'crm, crm.csv:3: row has no key' "${ingest[@]}" crm crm.csv
grep -q '"accepted":1,' out
printf '[\n {\n  "id": "1"\n }\n]\n' >pretty.json
fails 0 "jq -c '.[]'" "${ingest[@]}" log pretty.json

# An archive that breaks off: what came before it is applied and counted.
for ((i = 0; i < 20000; ++i)); do
  printf '{"id":"%s","time":"2026-01-01","identifiers":{"email":"u%s@example.com"}}\n' "$i" "$((i * 7919))"
done | gzip >whole.gz
head -c "$(($(stat -c %s whole.gz) / 2))" whole.gz >cut.gz
fails 1 'cut.gz' ingest --db cut.db --schema shop.textproto --source log cut.gz
grep -q '"read":[1-9][0-9]*,"accepted":[1-9]' out
# So it is with --bulk, which writes without a log: what is counted is there, and why rows were refused is told.
{ printf '{"id":"none"}\n'; gzip -dc whole.gz; } | gzip >refused.gz
head -c "$(($(stat -c %s refused.gz) / 2))" refused.gz >cut-refused.gz
fails 1 'log, cut-refused.gz:1: ' ingest --db bulk.db --schema shop.textproto --source log --bulk cut-refused.gz
accepted=$(sed 's/.*"accepted":\([0-9]*\).*/\1/' out)
[[ $("$kintsugi" stats --db bulk.db) == *"\"events\":$accepted,"* ]]
fails 0 '' ingest --db cut.db --source log whole.gz
grep -q '"read":20000,' out

# What nobody has, and what nobody can have.
fails 3 'nobody has email:b@example.com' get --db shop.db email:b@example.com
fails 3 'its value is malformed' get --db shop.db email:notanemail
fails 3 'its value is malformed' why --db shop.db email:a@example.com email:notanemail
fails 2 '2026-01-31 10:00:00 (UTC)' delete --db shop.db --source crm --version '2026-01-11 10:00' 1

# What is no limit and no cursor is told as that.
person=(--db shop.db email:a@example.com)
for limit in 0 -1 99999999999999999999 ten 1.5 ''; do
  fails 2 "--limit: \`$limit\` is not a whole number from 1 to " timeline "${person[@]}" --limit "$limit"
  fails 2 "--limit: \`$limit\` is not a whole number from 1 to " visits "${person[@]}" --limit "$limit"
done
fails 0 '' timeline "${person[@]}" --limit 18446744073709551615
fails 0 '' visits "${person[@]}" --limit 18446744073709551615
fails 2 '--after: it is empty' timeline "${person[@]}" --after ''
fails 2 'cursor' timeline "${person[@]}" --after zz

# Labels whose columns cannot be told apart.
printf 'identifier,note,time,note\nemail:a@example.com,1,2026-01-15,2\n' >labels.csv
fails 1 'labels.csv:1: the header names the column `note` twice' export --db shop.db --labels labels.csv

# The quarantine is shown and thrown away in part or whole.
fails 0 '' quarantine --db shop.db --source crm
[[ $(grep -c . out) == 1 ]]
fails 0 '' quarantine --db shop.db --discard --file pretty.json
grep -qx '{"discarded":5}' out
fails 0 'no row in quarantine is of the file' quarantine --db shop.db --discard --file pretty.json
fails 1 'the source `nobody` is not in the schema' quarantine --db shop.db --discard --source nobody
fails 2 'excludes' quarantine --db shop.db --replay --discard
fails 0 '' quarantine --db shop.db --discard
grep -qx '{"discarded":1}' out

# Interrupted while it waits for a pipe, it says what is applied. (The signal is SIGTERM, for SIGINT is ignored by what
# a script runs in the background; the command takes both alike.)
mkfifo pipe
"$kintsugi" "${ingest[@]}" log pipe >out 2>err &
running=$!
exec 9>pipe # waits until the command has the pipe open
printf '{"id":"1","time":"2026-01-01","identifiers":{"email":"piped@example.com"}}\n' >&9
until "$kintsugi" get --db shop.db email:piped@example.com >/dev/null 2>&1; do :; done
"$kintsugi" simulate --db shop.db --schema shop.textproto >/dev/null # beside the writer
kill -TERM "$running"
code=0
wait "$running" || code=$?
exec 9>&-
[[ $code == 130 ]] || { printf 'interrupted, it ended with %s\n' "$code"; cat out err; exit 1; }
grep -q '"read":1,"accepted":1,' out
grep -q 'stopped in pipe' err

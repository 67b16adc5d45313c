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

# Segments: how many are in each, who, and as of a label's time.
{
  cat shop.textproto
  echo 'traits { name: "orders" events: "Order" count {} }'
  echo 'segments { name: "idle" all { segment: "customers" } all { last_seen_days {} at_least: 2 } }'
  echo 'segments { name: "customers" all { trait: "orders" at_least: 1 } }'
} >segments.textproto
for i in 1 2; do
  printf '{"id":"%s","time":"2026-01-0%s","name":"Order","identifiers":{"email":"s%s@example.com"}}\n' "$i" "$i" "$i"
done >orders.jsonl
printf '{"id":"3","time":"2026-01-01","name":"View","identifiers":{"email":"s3@example.com"}}\n' >>orders.jsonl
fails 0 '' ingest --db segments.db --schema segments.textproto --source log --now 2026-01-03 orders.jsonl
fails 0 '' segments --db segments.db
[[ $(<out) == '{"segment":"idle","members":1}'$'\n''{"segment":"customers","members":2}' ]]
fails 0 '' members --db segments.db idle
[[ $(grep -c . out) == 1 && $(<out) == *'s1@example.com'*'"traits":{"orders":1},"segments":["idle","customers"],'* ]]
fails 0 '' get --db segments.db email:s3@example.com
[[ $(<out) == *'"segments":[],'* ]]
fails 1 'there is no segment `idol`; the schema declares: idle, customers' members --db segments.db idol
fails 0 '' advance --db segments.db --now 2026-01-04
fails 0 '' members --db segments.db idle
[[ $(grep -c . out) == 2 ]]
fails 0 '' get --db segments.db email:s1@example.com --as-of 2026-01-02
[[ $(<out) == *'"segments":["customers"],'* ]]
printf 'identifier,time\nemail:s1@example.com,2026-01-03\nemail:s1@example.com,2026-01-02\nemail:zz@example.com,2026-01-03\n' >labels.csv
fails 0 '' export --db segments.db --labels labels.csv
[[ $(head -1 out) == 'identifier,time,trait.orders,segment.idle,segment.customers' ]]
[[ $(sed 1d out | cut -d, -f3-) == '1,true,true'$'\n''1,false,true'$'\n'',,' ]]
fails 0 '' verify --db segments.db

# The feed: each entry once to a consumer, whatever it asks for, and beside whoever writes.
fails 1 'has no feed' changes --db shop.db
{ cat shop.textproto; printf 'feed {}\n'; } >fed.textproto
feed=(ingest --db fed.db --schema fed.textproto --now 2026-01-02 --source log)
printf '{"id":"1","time":"2026-01-01","identifiers":{"email":"a@example.com"},"traits":{"name":"Ann"}}\n' >one.jsonl
printf '{"id":"2","time":"2026-01-01","identifiers":{"email":"b@example.com"}}\n' >two.jsonl
fails 0 '' "${feed[@]}" one.jsonl
changes=(changes --db fed.db)
# kinds WORDS: what was printed, in this order.
kinds() {
  local kinds
  kinds=$(sed 's/.*"kind":"\([A-Z_]*\)".*/\1/' out | tr '\n' ' ')
  [[ $kinds == "$1" ]] || { printf 'expected "%s", got "%s"\n' "$1" "$kinds"; exit 1; }
}
fails 0 '' "${changes[@]}"
kinds 'PROFILE_CREATED ATTRIBUTE_CHANGED '
grep -q '^{"sequence":1,"recorded_at":"[^"]*Z","kind":"PROFILE_CREATED","profile_id":"[0-9a-f]\{32\}"}$' out
grep -q '"attribute":"name","value":"Ann"}$' out
fails 0 '' "${changes[@]}" --after 1
kinds 'ATTRIBUTE_CHANGED '
fails 0 '' "${changes[@]}" --kind PROFILE_CREATED --consumer mailer
kinds 'PROFILE_CREATED '
fails 0 '' "${changes[@]}" --consumer mailer
kinds ''
fails 2 'the kinds are: PROFILE_CREATED, ' "${changes[@]}" --kind NOTHING
fails 2 "a consumer's name" "${changes[@]}" --consumer ../mailer
fails 2 'without --after' "${changes[@]}" --snapshot --after 1
fails 1 'up to 2' "${changes[@]}" --after 3
fails 0 '' "${changes[@]}" --snapshot --consumer index
kinds 'PROFILE_CREATED ATTRIBUTE_CHANGED '
[[ $(grep -c '^{"sequence":2,' out) == 2 ]]
"$kintsugi" "${changes[@]}" --consumer mailer --follow >followed 2>err &
running=$!
fails 0 '' "${feed[@]}" two.jsonl
until [[ -s followed ]]; do kill -0 "$running"; done
kill -TERM "$running"
code=0
wait "$running" || code=$?
[[ $code == 130 && $(wc -l <followed) == 1 ]] || { printf 'following ended with %s\n' "$code"; cat followed err; exit 1; }
fails 0 '' "${changes[@]}" --consumer mailer
kinds ''
fails 0 '' "${changes[@]}" --consumer index
kinds 'PROFILE_CREATED '
fails 0 '' verify --db fed.db
# Under another schema the feed is another one.
printf 'visits { gap_minutes: 5 }\n' >>fed.textproto
fails 0 '' migrate --db fed.db --schema fed.textproto
fails 1 'are gone' "${changes[@]}" --consumer mailer
fails 0 '' "${changes[@]}"
[[ $(grep -c '"kind":"PROFILE_CREATED"' out) == 2 && $(wc -l <out) == 3 ]]
fails 0 '' "${changes[@]}" --consumer mailer --snapshot
fails 0 '' "${changes[@]}" --consumer mailer
kinds ''

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

#!/usr/bin/env bash
# A couple of the generated shop that shares a mailbox is one profile, until one `never` says otherwise; then no replay
# of the shop's files joins the two again, and a retraction brings back what was.
#   couple.sh SOURCE_TREE BIN WORK [GENERATOR'S OPTIONS]
set -euo pipefail

source_tree=$1 bin=$2 work=$3
shift 3
rm -rf "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT
shop=$work/shop db=$work/shop.db schema=$source_tree/examples/shop/shop.textproto
now=2026-07-01T12:00:00Z # else some trait would be another one after the replay

fail() {
  printf '%s\n' "$1"
  exit 1
}

kintsugi() { "$bin/kintsugi" "$1" --db "$db" "${@:2}" 2>"$work/messages" || { cat "$work/messages"; return 1; }; }

# Prints the ingest's JSON line for each file.
ingest_all() {
  local file name
  for file in crm.csv pos.jsonl web.jsonl app.jsonl newsletter.csv support.jsonl stream.jsonl; do
    name=${file%.*}
    kintsugi ingest --schema "$schema" --source "${name/stream/web}" --now "$now" "$shop/$file"
  done
}

# The engine's word: true or false.
together() { kintsugi why "$account" "$card" --json | sed -n 's/.*"together":\([a-z]*\),.*/\1/p'; }
entity_of() { sed -n "s/^$1,//p" "$shop/truth.csv"; }

"$bin/kintsugi_shop_generate" --out "$shop" "$@"
ingest_all >"$work/first"
kintsugi profiles >"$work/before"

# The first profile with an account, a loyalty card and a family's mailbox.
sed -n '/"customer_id":\["[^"]*"\],"loyalty_card":\["[^"]*"\],"email":\["family\./{p;q;}' "$work/before" >"$work/couple"
account=$(sed -n 's/.*"customer_id":\["\([^"]*\)".*/customer_id:\1/p' "$work/couple")
card=$(sed -n 's/.*"loyalty_card":\["\([^"]*\)".*/loyalty_card:\1/p' "$work/couple")
[[ -n $account ]] || fail 'no couple of the shop is one profile'
[[ $(together) == true ]] || fail "$account and $card are one profile, and \`why\` does not know"
[[ -n $(entity_of "$account") && -n $(entity_of "$card") ]] || fail "the truth does not know $account and $card"
[[ $(entity_of "$account") != "$(entity_of "$card")" ]] || fail "the truth takes $account and $card for one"

kintsugi never "$account" "$card" --by 'the test' --because 'they are two' >"$work/never"
[[ $(together) == false ]] || fail "$account and $card are still one profile"
kintsugi profiles >"$work/apart"

ingest_all >"$work/again"
! grep -v '"accepted":0,' "$work/again" || fail 'a row of the replay was new'
[[ $(together) == false ]] || fail "the replay joined $account and $card again"
kintsugi profiles | cmp "$work/apart" - || fail 'the replay changed a golden record'
kintsugi verify >"$work/verified" || fail "$(cat "$work/verified")"

kintsugi retract "$account" "$card" --by 'the test' --because 'they are one after all' >"$work/retracted"
kintsugi profiles | cmp "$work/before" - || fail 'the retraction did not bring back what was'

#!/usr/bin/env bash
# Kintsugi in a minute: a shop, its six channels, and the people behind the rows.
# KINTSUGI_DEMO_PEOPLE=N makes the shop larger or smaller (2000 people by default).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin="$root/build/release/bin"  # only what this runs is built; scripts/test.sh builds everything
kintsugi="$bin/kintsugi"
schema="$root/examples/shop/shop.textproto"
demo="$root/demo"
shop="$demo/shop"
db="$demo/shop.db"
other_db="$demo/other-order.db"
people=${KINTSUGI_DEMO_PEOPLE:-2000}
now=2026-07-01T12:00:00Z  # the databases' clock: the day after the shop's last rows
account='' card='' mailbox='' owner='' holder=''  # the couple that shares a mailbox

bold='' dim='' gold='' plain=''
if [[ -t 1 && -z ${NO_COLOR+set} ]]; then
  bold=$'\e[1m' dim=$'\e[2m' gold=$'\e[33m' plain=$'\e[0m'
fi

title() { printf '\n%s%s%s\n\n' "$bold$gold" "$1" "$plain"; }
say() { printf '  %s\n' "$@" | sed 's/^ *$//'; }
aside() { printf '  %s%s%s\n' "$dim" "$1" "$plain"; }

# field NAME JSON: a number of a flat JSON line.
field() { sed -n "s/.*\"$1\":\([-0-9.eE]*\).*/\1/p" <<<"$2"; }
# 1234567 as 1,234,567
grouped() { sed -e ':again' -e 's/^\([0-9]\{1,\}\)\([0-9]\{3\}\)/\1,\2/' -e 't again' <<<"$1"; }
percent() { LC_ALL=C awk -v share="$1" 'BEGIN { printf "%.1f %%", 100 * share }'; }

# ingest DB SOURCE FILE: the command's JSON line. Its messages are shown only if it fails.
ingest() {
  if ! "$kintsugi" ingest --db "$1" --schema "$schema" --source "$2" --now "$now" "$3" 2>"$demo/messages"; then
    cat "$demo/messages" >&2
    return 1
  fi
}

rows=0
columns='  %-12s %9s %9s %11s %12s %10s\n'

# tell NAME JSON: one line of the table, and the sum of the rows so far.
tell() {
  rows=$((rows + $(field read "$2")))
  # shellcheck disable=SC2059  # the format is the table's
  printf "$columns" "$1" "$(grouped "$(field read "$2")")" "$(grouped "$(field accepted "$2")")" \
    "$(grouped "$(field duplicates "$2")")" "$(grouped "$(field quarantined "$2")")" \
    "$(grouped "$(field profiles "$2")")"
}

open_shop() {
  title 'A shop, and what it knows'
  rm -rf "$shop" "$db" "$other_db"
  mkdir -p "$demo"
  "$bin/kintsugi_shop_generate" --out "$shop" --people "$people"
  say "$(grouped "$people") people visit a shop that does not exist. They pay at its tills, browse its site," \
    'use its app, read its newsletter and ring its support desk. Each channel writes its' \
    'own rows and knows only pieces of a person.'
  show_pieces
}

# Three rows of one person, shortened: a receipt and a sign-in with the same address, and the customer's row.
show_pieces() {
  local email web id
  while read -r email; do
    web=$(grep -m 1 "\"type\":\"identify\".*\"userId\".*\"email\":\"$email\"" "$shop/web.jsonl" || true)
    id=$(sed -n 's/.*"userId":"\([^"]*\)".*/\1/p' <<<"$web")
    [[ -n $id ]] || continue
    say '' 'Here are three that are one, as the till, the site and the CRM wrote them:' ''
    aside "  $(grep -m 1 "\"card\".*\"email\":\"$email\"" "$shop/pos.jsonl" | sed 's/"sold_at":"[^"]*",//; s/,"total.*/ ... }/')"
    aside "  $(sed 's/"messageId":"[^"]*","type":"identify",/ ... /; s/,"first_name.*/ ... }/' <<<"$web")"
    aside "  $(grep -m 1 "^$id," "$shop/crm.csv" | cut -d , -f 1-7)"
    return
  done < <(sed -n 's/.*"card".*"email":"\([a-z0-9.]*@[a-z.]*\)".*/\1/p' "$shop/pos.jsonl" | head -n 50)
}

gather() {
  title 'The pieces come together'
  # shellcheck disable=SC2059
  printf "$columns" channel rows new duplicates quarantined profiles
  local channel line
  for channel in crm.csv pos.jsonl web.jsonl app.jsonl newsletter.csv support.jsonl; do
    line=$(ingest "$db" "${channel%.*}" "$shop/$channel")
    tell "${channel%.*}" "$line"
  done
  printf '\n'
  say 'Now the last two weeks of the web shop, live, through a pipe:'
  printf '\n'
  # shellcheck disable=SC2002  # a pipe on purpose
  line=$(cat "$shop/stream.jsonl" | ingest "$db" web -)
  tell 'web, live' "$line"

  "$kintsugi" profiles --db "$db" >"$demo/profiles.jsonl"
  local profiles named
  profiles=$(field profiles "$line")
  named=$(sed 's/"attributes":.*//' "$demo/profiles.jsonl" | grep -cE '"(customer_id|loyalty_card|email|phone)":' || true)
  printf '\n'
  say "${bold}$(grouped "$rows") rows became $(grouped "$profiles") profiles.${plain}" \
    "$(grouped "$named") of them have an account, a card, an address or a telephone number. The other" \
    "$(grouped $((profiles - named))) are devices and browsers that never signed in and receipts paid in cash."
}

refuse() {
  title 'Nothing is lost'
  "$kintsugi" quarantine --db "$db" >"$demo/quarantine.jsonl"
  say "$(grouped "$(grep -c . "$demo/quarantine.jsonl" || true)") rows could not be right. They wait in quarantine, each with its place and its reason:"
  printf '\n'
  # The first row of each of the first three reasons.
  LC_ALL=C awk -v dim="$dim" -v plain="$plain" '
    function text(key,   at, rest, out, c) {
      at = index($0, "\"" key "\":\"")
      if (at == 0) return ""
      rest = substr($0, at + length(key) + 4)
      for (out = ""; rest != ""; rest = substr(rest, 2)) {
        c = substr(rest, 1, 1)
        if (c == "\"") break
        if (c == "\\") { rest = substr(rest, 2); c = substr(rest, 1, 1); if (c == "n") c = " " }
        out = out c
      }
      return out
    }
    function place(   line) {
      line = $0
      if (!sub(/.*"line":/, "", line)) return text("source")
      return text("source") ", line " (line + 0)
    }
    !seen[text("reason")]++ && ++shown <= 3 {
      raw = text("raw")
      printf "  %-18s %s\n  %18s %s%s%s\n", place(), text("reason"), "", dim, (length(raw) > 72 ? substr(raw, 1, 69) "..." : raw), plain
    }' "$demo/quarantine.jsonl"
}

judge() {
  title 'How right is it?'
  local figures
  figures=$("$kintsugi" evaluate --db "$db" --truth "$shop/truth.csv")
  say 'The shop is made up, so the truth is known. Of all pairs of identifiers:' ''
  say "precision  ${bold}$(percent "$(field precision "$figures")")${plain}   of the pairs that Kintsugi put together belong together" \
    "recall     ${bold}$(percent "$(field recall "$figures")")${plain}   of the pairs that belong together were put together" ''
  say 'What is wrong was shared by two: a mailbox, a tablet, a number that was misheard.' \
    'What is missing shares nothing with the rest: a second telephone that never signed in,' \
    'a card that was never shown with a name. examples/shop/README.md counts the kinds.'
}

# One line: the profile whose values come from most sources; then the one with most values; then the first id.
richest() {
  LC_ALL=C awk '
    {
      at = index($0, "\"attributes\":")
      if (at == 0) next
      n = split(substr($0, at), part, /"source":"/)
      split("", seen)
      sources = 0
      for (i = 2; i <= n; i++) {
        name = part[i]
        sub(/".*/, "", name)
        if (!seen[name]++) sources++
      }
      score = sources * 1000 + n
      if (score > best) { best = score; line = $0 }
    }
    END { print line }' "$demo/profiles.jsonl"
}

# What awk needs to read a line of JSON and to print tables.
read_json='
  # Bytes that continue a UTF-8 character take no room on the screen.
  function width(s) { gsub(/[\200-\277]/, "", s); return length(s) }
  function pad(s, room) { while (width(s) < room) s = s " "; return s }
  function clip(s, room) {
    if (width(s) <= room) return s
    while (width(s) > room - 3) { sub(/[\200-\277]*$/, "", s); s = substr(s, 1, length(s) - 1) }
    return s "..."
  }
  # Takes one JSON value off the front of `rest`.
  function take(   i, c, depth, quoted, value) {
    for (i = 1; i <= length(rest); i++) {
      c = substr(rest, i, 1)
      if (quoted) {
        if (c == "\\") i++
        else if (c == "\"") quoted = 0
      } else if (c == "\"") quoted = 1
      else if (c == "[" || c == "{") depth++
      else if ((c == "]" || c == "}" || c == ",") && depth == 0) break
      else if (c == "]" || c == "}") depth--
    }
    value = substr(rest, 1, i - 1)
    rest = substr(rest, i)
    return value
  }
  function shown(json) {
    if (json ~ /^\[/) { gsub(/^\[|\]$/, "", json); gsub(/","/, ", ", json) }
    gsub(/^"|"$/, "", json)
    gsub(/\\n/, ", ", json)
    gsub(/\\"/, "\"", json)
    return json
  }
  function member(object, key,   keep, value) {
    if (!match(object, "\"" key "\":")) return ""
    keep = rest
    rest = substr(object, RSTART + RLENGTH)
    value = take()
    rest = keep
    return shown(value)
  }'

# The golden record as tables: identifiers, then values with where each came from.
print_record() {
  LC_ALL=C awk -v bold="$bold" -v dim="$dim" -v plain="$plain" "$read_json"'
    {
      print "  " bold "profile " member($0, "profile_id") plain
      print ""
      rest = $0
      sub(/.*"identifiers":[{]/, "", rest)
      while (match(rest, /^,?"[^"]*":/)) {
        name = substr(rest, 1, RLENGTH)
        gsub(/[",:]/, "", name)
        rest = substr(rest, RLENGTH + 1)
        print "  " dim pad(name, 18) plain clip(shown(take()), 74)
      }
      print ""
      print "  " dim pad("attribute", 18) pad("value", 34) pad("from", 12) pad("seen", 12) "rule" plain
      rest = $0
      sub(/.*"attributes":[{]/, "", rest)
      while (match(rest, /^,?"[^"]*":/)) {
        name = substr(rest, 1, RLENGTH)
        gsub(/[",:]/, "", name)
        rest = substr(rest, RLENGTH + 1)
        object = take()
        print "  " pad(name, 18) bold pad(clip(member(object, "value"), 32), 34) plain \
              pad(member(object, "source"), 12) pad(substr(member(object, "observed_at"), 1, 10), 12) \
              dim member(object, "rule") plain
      }
    }'
}

# The command's own words about two identifiers, without the times in brackets; its first LINES if they are given.
show_why() {
  aside "  \$ kintsugi why $1 $2"
  "$kintsugi" why --db "$db" "$1" "$2" >"$demo/why"
  sed "${3:-9},\$d; s/  \[.*\]\$//" "$demo/why" | fold -s -w 108 | sed 's/^/    /; s/ *$//'
}

show_person() {
  title 'One person, mended with gold'
  say 'Every value remembers which channel it came from, when, and by which rule it won:' ''
  local line cookie receipt
  line=$(richest)
  print_record <<<"$line"

  # The path of evidence between two of the pieces, if there are both.
  cookie=$(sed -n 's/.*"identifiers":{[^}]*"cookie":\["\([^"]*\)".*/cookie:\1/p' <<<"$line")
  receipt=$(sed -n 's/.*"identifiers":{[^}]*"pos":\["\([^"]*\)".*/pos:\1/p' <<<"$line")
  [[ -n $cookie && -n $receipt ]] || return 0
  printf '\n'
  say 'And what has a browser to do with a receipt on paper? The seams can be seen:' ''
  show_why "$cookie" "$receipt"
}

# The visits of NS:VALUE that went over the site and the app.
visits_of_both() { "$kintsugi" visits --db "$db" "$1" | grep '"sources":\["web","app"\]' || true; }

# Whoever has such a visit: the person of the story, or else the first of some with an account and a device.
find_visitor() {
  local id
  while read -r id; do
    [[ -n $(visits_of_both "customer_id:$id") ]] || continue
    printf 'customer_id:%s' "$id"
    return
  done < <({ richest; grep -m 50 '"customer_id":.*"device":' "$demo/profiles.jsonl"; } |
    sed -n 's/^.*"identifiers":{"customer_id":\["\([^"]*\)".*/\1/p')
}

print_visits() {
  LC_ALL=C awk -v bold="$bold" -v dim="$dim" -v plain="$plain" "$read_json"'
    BEGIN { print "    " dim pad("start", 22) pad("seconds", 9) pad("items", 7) pad("sources", 10) "from the first thing to the last" plain }
    {
      sources = member($0, "sources")
      print "    " pad(member($0, "start"), 22) pad(member($0, "seconds"), 9) pad(member($0, "items"), 7) \
            (sources ~ /,/ ? bold : "") pad(sources, 10) plain \
            member(member($0, "first"), "name") " ... " member(member($0, "last"), "name")
    }'
}

print_timeline() {
  LC_ALL=C awk -v bold="$bold" -v dim="$dim" -v plain="$plain" "$read_json"'
    {
      said = member($0, "properties")
      what = member(said, "product")
      if (what == "") what = member(said, "total")
      if (what == "") what = member(member(said, "page"), "url")
      line = "    " substr(member($0, "time"), 12, 8) "  " bold pad(member($0, "source"), 6) plain \
             pad(member($0, "name"), 20) dim what plain
      sub(/ *$/, "", line)
      print line
    }'
}

# The traits of two golden records of one person, a line each, and which of them are others now.
print_traits() {
  LC_ALL=C awk -v bold="$bold" -v dim="$dim" -v plain="$plain" -v before="$1" -v after="$2" "$read_json"'
    function told(json) {
      gsub(/[{]"value":/, "", json)
      gsub(/,"count":/, " x ", json)
      gsub(/,/, ", ", json)
      gsub(/[}\]["]/, "", json)
      return json
    }
    BEGIN { print "    " dim pad("trait", 22) pad(before, 46) after plain }
    {
      rest = $0
      sub(/.*"traits":[{]/, "", rest)
      for (i = 1; match(rest, /^,?"[^"]*":/); i++) {
        name = substr(rest, 1, RLENGTH)
        gsub(/[",:]/, "", name)
        rest = substr(rest, RLENGTH + 1)
        value = told(take())
        if (NR == 1) first[name] = value
        else print "    " pad(name, 22) pad(clip(first[name], 44), 46) (value == first[name] ? dim "the same" : bold value) plain
      }
    }'
}

show_visits() {
  title 'One visit, two channels'
  local person visit from to
  person=$(find_visitor)
  if [[ -z $person ]]; then
    say 'This shop is too small to have somebody who goes from the site into the app.'
    return
  fi
  say 'Things with less than half an hour between them are one visit, whatever they came over:' ''
  aside "  \$ kintsugi visits $person --limit 5"
  "$kintsugi" visits --db "$db" "$person" --limit 5 | print_visits
  visit=$(visits_of_both "$person" | sed '1!d')
  printf '\n'
  from=$(sed 's/^{"start":"\([^"]*\)".*/\1/' <<<"$visit")
  to=$(sed 's/.*"end":"\([^"]*\)Z",.*/\1.000001Z/' <<<"$visit")  # before, and so just after the end
  say "The visit of ${from%T*} began in a browser and went on in the app:" ''
  aside "  \$ kintsugi timeline $person --source web --source app \\"
  aside "      --from $from --to $to"
  "$kintsugi" timeline --db "$db" "$person" --source web --source app --from "$from" --to "$to" | print_timeline
  pass_time "$person"
}

# The databases' clock goes on by three months.
pass_time() {
  local before was=$now
  before=$("$kintsugi" get --db "$db" "$1")
  now=2026-10-01T12:00:00Z
  "$kintsugi" advance --db "$db" --now "$now"
  printf '\n'
  say 'Of all that a person does, at the tills too, the schema makes traits. Some change by time alone:' ''
  aside "  \$ kintsugi advance --now $now"
  { printf '%s\n' "$before"; "$kintsugi" get --db "$db" "$1"; } | print_traits "on ${was%T*}" "on ${now%T*}"
}

# Seven lines of one evening and a morning, as the app, the site and a till would send them. The account and the card
# are those of the couple that shares a mailbox, and so of one profile as yet.
write_evening() {
  local id=${account#*:}
  printf '{"id":"story-1","time":"2026-10-01T18:00:00Z","name":"Product Viewed","identifiers":{"customer_id":"%s"},"properties":{"product":"Vase"}}\n' \
    "$id" >"$demo/story-app.jsonl"
  {
    printf '{"messageId":"story-2","type":"page","userId":"%s","name":"Vase","properties":{"product":"Vase"},"timestamp":"2026-10-01T18:04:00Z"}\n' "$id"
    printf '{"messageId":"story-3","type":"track","userId":"%s","event":"Product Added","properties":{"product_id":"vase","name":"Vase","price":31.5,"quantity":2},"timestamp":"2026-10-01T18:05:00Z"}\n' "$id"
  } >"$demo/story-web.jsonl"
  printf '{"messageId":"story-4","type":"track","userId":"%s","event":"Coupon Applied","properties":{"coupon_id":"COME-BACK","coupon_name":"Ten dollars off"},"timestamp":"2026-10-01T19:10:00Z"}\n' \
    "$id" >"$demo/story-coupon.jsonl"
  printf '{"receipt":"R-STORY","sold_at":"2026-10-02T15:00:00Z","store":"Harbour","loyalty":{"card":"%s"},"total":53.0}\n' \
    "${card#*:}" >"$demo/story-pos.jsonl"
}

# live SOURCE FILE NOW: the rows of FILE, with the clock at NOW.
live() {
  now=$3
  aside "  \$ kintsugi ingest --source $1 --now $3 < $(basename "$2")"
  ingest "$db" "$1" "$2" >/dev/null
}

# What the other terminal has printed since this was asked last: waits until it is no longer silent.
heard=0
hear() {
  local tries=0
  until (($(wc -l <"$demo/heard") > heard)); do
    kill -0 "$listener"
    ((++tries < 600)) || { say 'The feed is silent. That is a bug in Kintsugi: please report it.' >&2; exit 1; }
    sleep 0.05
  done
  LC_ALL=C awk -v from="$heard" -v bold="$bold" -v dim="$dim" -v plain="$plain" "$read_json"'
    NR > from {
      what = member($0, "segment")
      if (what == "") what = member($0, "tier")
      print "    " dim "the mailer hears  " plain bold pad(member($0, "kind"), 17) plain what
    }' "$demo/heard"
  heard=$(wc -l <"$demo/heard")
}

leave_cart() {
  title 'A cart is left behind'
  if ! find_couple; then
    say 'This shop is too small to have the couple of the story.'
    return
  fi
  write_evening
  local kinds=(--kind SEGMENT_ENTERED --kind SEGMENT_LEFT --kind TIER_CHANGED)
  "$kintsugi" changes --db "$db" --consumer mailer >/dev/null  # all that was before
  say "$owner looks at a vase in the app, and puts two into the cart on the web. In another terminal a mailer" \
    'listens to what changes:' ''
  aside "  \$ kintsugi changes --consumer mailer --follow ${kinds[*]}"
  "$kintsugi" changes --db "$db" --consumer mailer --follow "${kinds[@]}" >"$demo/heard" 2>"$demo/messages" &
  listener=$!
  trap 'kill "$listener" 2>/dev/null || true' EXIT
  live app "$demo/story-app.jsonl" 2026-10-01T18:01:00Z
  live web "$demo/story-web.jsonl" 2026-10-01T18:06:00Z
  printf '\n'
  say 'Then nothing happens, but time:' ''
  now=2026-10-01T18:35:00Z
  aside "  \$ kintsugi advance --now $now"
  "$kintsugi" advance --db "$db" --now "$now"
  hear
  printf '\n'
  say "So a coupon is sent. $owner applies it on the web, which is to touch the cart; the next day, at a till, somebody" \
    'shows the card:' ''
  live web "$demo/story-coupon.jsonl" 2026-10-01T19:11:00Z
  hear
  live pos "$demo/story-pos.jsonl" 2026-10-02T15:01:00Z
  kill "$listener"
  wait "$listener" 2>/dev/null || true
  trap - EXIT
  printf '\n'
  say 'An order empties the cart, whatever channel it comes over. All that is known, on one screen:' ''
  aside "  \$ kintsugi show $account --items 5"
  "$kintsugi" show --db "$db" "$account" --items 5 --width 100 | sed 's/^/    /; s/ *$//'
}

# The first couple with one mailbox, as the golden records show it: an account and a loyalty card, one address, and two
# first names. Sets account, card, mailbox, owner and holder.
find_couple() {
  local profile number
  while IFS= read -r profile; do
    account=$(sed -n 's/.*"customer_id":\["\([^"]*\)".*/\1/p' <<<"$profile")
    owner=$(sed -n 's/.*"first_name":{"value":"\([^"]*\)".*/\1/p' <<<"$profile")
    number=$(sed -n 's/.*"loyalty_card":\["\([^"]*\)".*/\1/p' <<<"$profile")
    mailbox=email:$(sed -n 's/.*"email":\["\(family\.[^"]*\)".*/\1/p' <<<"$profile")
    holder=$(sed -n "/\"loyalty_card\":\"$number\".*\"first_name\":/{s/.*\"first_name\":\"\([^\"]*\)\".*/\1/p;q;}" "$shop/app.jsonl")
    [[ -n $owner && -n $holder && $owner != "$holder" ]] || continue
    account=customer_id:$account
    card=loyalty_card:$number
    return 0
  done < <(grep '"customer_id":\["[^"]*"\],"loyalty_card":\["[^"]*"\],"email":\["family\.' "$demo/profiles.jsonl" || true)
  return 1
}

# One line for whoever has NS:VALUE: a few values, each with its source.
portrait() {
  "$kintsugi" get --db "$db" "$1" | LC_ALL=C awk -v who="$1" -v bold="$bold" -v dim="$dim" -v plain="$plain" "$read_json"'
    function cell(name, room,   found, value, source) {
      if (!match($0, "\"" name "\":[{]\"value\":(\"[^\"]*\"|[0-9.]+),\"source\":\"[a-z]*\"")) return pad("-", room)
      found = substr($0, RSTART, RLENGTH)
      value = source = found
      sub(/.*"source":"/, "", source)
      gsub(/"/, "", source)
      sub(/.*"value":"?/, "", value)
      sub(/"?,"source":.*/, "", value)
      return bold value plain " " dim pad(source, room - width(value) - 1) plain
    }
    {
      line = "    " pad(who, 28) cell("first_name", 17) cell("birth_date", 17) cell("home_store", 17) cell("largest_purchase", 0)
      sub(/ *$/, "", line)
      print line
    }'
}

portraits() {
  printf '    %s%-28s%-17s%-17s%-17s%s%s\n' "$dim" who first_name birth_date home_store largest_purchase "$plain"
  local who
  for who; do portrait "$who"; done
}

# What each NS:VALUE has in the cart, and of points.
standing() {
  printf '    %s%-28s%-8s%-10s%-10s%-20s%s%s\n' "$dim" who points tier cart coupons segments "$plain"
  local who
  for who; do
    "$kintsugi" get --db "$db" "$who" | LC_ALL=C awk -v who="$who" -v dim="$dim" -v plain="$plain" "$read_json"'
      {
        coupons = member($0, "coupons")
        tier = member($0, "tier")
        line = "    " pad(who, 28) pad(member($0, "points"), 8) pad(tier == "" ? "-" : tier, 10) \
               pad(member($0, "cart_value"), 10) pad(coupons == "" ? "-" : coupons, 20) member($0, "segments")
        sub(/ *$/, "", line)
        print line
      }'
  done
}

# The profile that has NS:VALUE.
profile_of() { "$kintsugi" get --db "$db" "$1" | sed -n 's/^{"profile_id":"\([^"]*\)".*/\1/p'; }

part_couple() {
  title 'Two people, one mailbox'
  if ! find_couple; then
    say 'This shop is too small to have a couple that shares a mailbox.'
    return
  fi
  local because="$owner and $holder share a mailbox" last_user=$owner
  say "$owner has the account, $holder the loyalty card, and both give the one address of their home." \
    'No limit of the schema tells two people apart there, so they are one profile:' ''
  portraits "$account"
  printf '\n'
  show_why "$account" "$card"
  printf '\n'
  say "Then $holder rings up: the birthday voucher came on $owner's birthday. The support desk decides:" ''
  aside "  \$ kintsugi never $account $card --by 'the support desk' \\"
  aside "      --because '$because'"
  "$kintsugi" never --db "$db" "$account" "$card" --by 'the support desk' --because "$because" >"$demo/never"
  if [[ $(profile_of "$account") == "$(profile_of "$card")" ]]; then
    say 'They are still one profile. That is a bug in Kintsugi: please report it.' >&2
    exit 1
  fi
  [[ $(profile_of "$mailbox") == "$(profile_of "$account")" ]] || last_user=$holder
  printf '\n'
  say "And they are two. A value lives with the evidence that brought it, so each goes where it belongs;" \
    "the mailbox goes to $last_user, who used it last:" ''
  portraits "$account" "$card"
  printf '\n'
  say "The order was ${holder}'s, and so are its points. ${owner}'s cart was never emptied:" ''
  "$kintsugi" profiles --db "$db" >"$demo/profiles.jsonl"
  standing "$account" "$card"
  printf '\n'
  show_why "$account" "$card" 4
  printf '\n'
  say "The history keeps it, and \`kintsugi retract\` would take it back:" ''
  aside "  \$ kintsugi history $card"
  "$kintsugi" history --db "$db" "$card" >"$demo/history"
  sed '3,$d; s/ became /\n    became /' "$demo/history" | sed 's/^/    /'
}

# Everything once more, over what is there: nothing may change.
replay() {
  title 'Twice is once'
  "$kintsugi" profiles --db "$db" >"$demo/profiles.jsonl"
  local file source line read=0 accepted=0 known=0 quarantined=0
  for file in crm.csv pos.jsonl web.jsonl app.jsonl newsletter.csv support.jsonl stream.jsonl; do
    source=${file%.*}
    line=$(ingest "$db" "${source/stream/web}" "$shop/$file")
    read=$((read + $(field read "$line")))
    accepted=$((accepted + $(field accepted "$line")))
    known=$((known + $(field duplicates "$line") + $(field superseded "$line")))
    quarantined=$((quarantined + $(field quarantined "$line")))
  done
  "$kintsugi" profiles --db "$db" >"$demo/profiles-again.jsonl"
  say "All seven files again: $(grouped "$read") rows read, ${bold}$(grouped "$accepted") new${plain}, $(grouped "$known") known already, $(grouped "$quarantined") still wrong."
  must_be_same "$demo/profiles-again.jsonl"
  if [[ -n $card ]]; then
    say "Not one byte of a golden record has changed, and ${bold}$owner and $holder are still two${plain}: no file overrules a decision."
  else
    say 'Not one byte of a golden record has changed.'
  fi
  say 'After a crash, just send everything again.'
}

# The golden records in FILE must be those that the story has.
must_be_same() {
  cmp "$demo/profiles.jsonl" "$1" && return
  say 'The two differ. That is a bug in Kintsugi: please report it.' >&2
  exit 1
}

shuffle() {
  title 'The order does not matter'
  say 'The same rows into a second database: the last channel first, the live events before the old ones,' \
    'and every JSON file from its last line to its first; and its clock there from the beginning.'
  [[ -z $card ]] || say 'And before any row, what the support desk will find out.'
  printf '\n'
  local channel
  ingest "$other_db" web /dev/null >/dev/null
  "$kintsugi" assertions --db "$db" | "$kintsugi" assertions --db "$other_db" --import - >/dev/null
  for channel in stream support app web pos; do
    LC_ALL=C awk '{ line[NR] = $0 } END { for (i = NR; i > 0; i--) print line[i] }' "$shop/$channel.jsonl" >"$demo/backwards.jsonl"
    ingest "$other_db" "${channel/stream/web}" "$demo/backwards.jsonl" >/dev/null
  done
  if [[ -n $card ]]; then
    ingest "$other_db" pos "$demo/story-pos.jsonl" >/dev/null
    for channel in coupon web app; do
      ingest "$other_db" "${channel/coupon/web}" "$demo/story-$channel.jsonl" >/dev/null
    done
  fi
  ingest "$other_db" newsletter "$shop/newsletter.csv" >/dev/null
  ingest "$other_db" crm "$shop/crm.csv" >/dev/null
  "$kintsugi" profiles --db "$other_db" >"$demo/other-profiles.jsonl"
  must_be_same "$demo/other-profiles.jsonl"
  say "${bold}Every golden record and every id is the same, byte for byte.${plain} ($(grouped "$(wc -c <"$demo/profiles.jsonl" | tr -d ' ')") bytes compared)"
}

measure() {
  title 'And it is quick'
  # LOOK-UP TIMING: from the benchmark, when it is built.
  local line=''
  if [[ -x $bin/kintsugi_bench_lookup ]]; then
    line=$(KINTSUGI_BENCH_IDENTIFIERS=100000 timeout 60 "$bin/kintsugi_bench_lookup" --benchmark_filter=lookup/hot --benchmark_min_time=0.2 2>/dev/null |
      grep -m 1 '^lookup/hot' || true)
  fi
  if [[ -n $line ]]; then
    say "One look-up of a golden record takes ${bold}$(LC_ALL=C awk '{ print $2, $3 }' <<<"$line")${plain} on this machine (bench/lookup.cc, lookup/hot)."
  else
    say 'Look-ups were not measured: Google Benchmark is not installed.'
  fi
}

farewell() {
  title 'Where to go from here'
  local known
  # The first only; sed stops by itself, for a pipe that is closed early would end this script.
  known=$(sed -n '/"identifiers":{[^}]*"email":\["/{s/.*"identifiers":{[^}]*"email":\["\([^"]*\)".*/\1/p;q;}' "$demo/profiles.jsonl")
  say 'The shop is in demo/. Try:' '' \
    "  build/release/bin/kintsugi get --db demo/shop.db email:${known:-jane@example.com}" \
    '  build/release/bin/kintsugi --help' '' \
    'Read examples/shop/shop.textproto for the rules, README.md to put Kintsugi into your program,' \
    'and docs/ for how it works and what it promises.'
  printf '\n'
}

"$root/scripts/setup.sh"
"$root/scripts/build.sh" release kintsugi_demo
started=$SECONDS
open_shop
gather
refuse
judge
show_person
show_visits
leave_cart
part_couple
replay
shuffle
measure
farewell
aside "The whole story took $((SECONDS - started)) s after the build."

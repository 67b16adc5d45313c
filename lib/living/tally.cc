#include "living/tally.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "base/hash.h"

namespace kintsugi::living {
namespace {

bool IsOfValues(TraitKind kind) {
  return kind == TraitKind::kMostFrequent || kind == TraitKind::kDistinct || kind == TraitKind::kValues ||
         kind == TraitKind::kTop;
}

void EncodeDecimal(format::Encoder& e, Decimal decimal) {
  const auto bits = static_cast<unsigned __int128>(decimal.millionths());
  e.Big64(static_cast<uint64_t>(bits >> 64));
  e.Big64(static_cast<uint64_t>(bits));
}

Decimal DecodeDecimal(format::Decoder& d) {
  const uint64_t high = d.Big64();
  const auto bits = static_cast<unsigned __int128>(high) << 64 | d.Big64();
  return Decimal::OfMillionths(static_cast<__int128>(bits));
}

}  // namespace

std::string ShortId(const std::string& id) {
  constexpr size_t kKept = 48;
  constexpr HashKey kKey = {'i', 'd'};
  if (id.size() <= kMostWholeId) return id;
  const auto hash = SipHash128(kKey, id);
  return id.substr(0, kKept).append(reinterpret_cast<const char*>(hash.data()), hash.size());
}

void EncodePlace(format::Encoder& e, const Place& place) {
  e.SortableTime(place.time);
  e.Varint(place.source);
  e.String(place.id);
}

Place DecodePlace(format::Decoder& d) {
  Place place;
  place.time = d.SortableTime();
  place.source = static_cast<golden::SourceIndex>(d.Varint());
  place.id = d.String();
  return place;
}

void Tally::AddNumber(Decimal number, TraitKind kind) {
  ++count;
  sum = sum + number;
  if (!extreme)
    extreme = number;
  else if (kind == TraitKind::kMin)
    extreme = std::min(*extreme, number);
  else
    extreme = std::max(*extreme, number);
}

void Tally::AddPlace(Place item, std::string encoded, TraitKind kind) {
  if (place && (kind == TraitKind::kFirst ? *place <= item : *place >= item)) return;
  place = std::move(item);
  value = std::move(encoded);
}

namespace {

using Hash = std::pair<uint64_t, std::string_view>;

Hash HashOf(const std::string& encoded) {
  return {Fingerprint(encoded), encoded};
}

bool InOrder(const Tally::Seen& a, const Tally::Seen& b) {
  return a.value < b.value;
}

void Take(const Tally::Seen& from, Tally::Seen& into) {
  into.count += from.count;
  into.last = std::max(into.last, from.last);
}

// Both in order; of a value that both have one comes out.
std::vector<Tally::Seen> Merged(std::vector<Tally::Seen> a, const std::vector<Tally::Seen>& b) {
  std::vector<Tally::Seen> out;
  out.reserve(a.size() + b.size());
  auto one = a.begin();
  for (const Tally::Seen& other : b) {
    for (; one != a.end() && InOrder(*one, other); ++one) out.push_back(std::move(*one));
    if (one != a.end() && one->value == other.value)
      Take(other, *one);
    else
      out.push_back(other);
  }
  out.insert(out.end(), std::make_move_iterator(one), std::make_move_iterator(a.end()));
  return out;
}

}  // namespace

Tally::Seen* Tally::Find(std::string_view encoded) {
  const auto at = std::lower_bound(values.begin(), values.end(), encoded,
                                   [](const Seen& seen, std::string_view other) { return seen.value < other; });
  return at != values.end() && at->value == encoded ? &*at : nullptr;
}

void Tally::AddValue(std::string encoded, const Place& item) {
  if (Seen* known = Find(encoded)) return Take({{}, 1, item}, *known);
  if (!last_kept.empty() && HashOf(encoded) > HashOf(last_kept)) {
    is_approximate = true;
    return;
  }
  added.push_back({std::move(encoded), 1, item});
  if (added.size() >= kMostValues) Settle();
}

void Tally::Settle() {
  if (added.empty()) return;
  std::stable_sort(added.begin(), added.end(), InOrder);
  std::vector<Seen> distinct;
  for (Seen& seen : added) {
    if (!distinct.empty() && distinct.back().value == seen.value)
      Take(seen, distinct.back());
    else
      distinct.push_back(std::move(seen));
  }
  added.clear();
  values = Merged(std::move(values), distinct);
  BoundValues();
}

// A value that is kept is so from its first item on, for those before it only become fewer: what is known of it is
// whole.
void Tally::BoundValues() {
  if (values.size() < kMostValues) return;
  is_approximate |= values.size() > kMostValues;
  std::vector<Hash> hashes;
  hashes.reserve(values.size());
  for (const Seen& seen : values) hashes.push_back(HashOf(seen.value));
  const auto last = hashes.begin() + kMostValues - 1;
  std::nth_element(hashes.begin(), last, hashes.end());
  last_kept = last->second;
  const Hash most = HashOf(last_kept);
  std::erase_if(values, [&](const Seen& seen) { return HashOf(seen.value) > most; });
}

void Tally::Add(const Tally& other, TraitKind kind) {
  count += other.count;
  sum = sum + other.sum;
  if (other.extreme) {
    const Decimal mine = extreme.value_or(*other.extreme);
    extreme = kind == TraitKind::kMin ? std::min(mine, *other.extreme) : std::max(mine, *other.extreme);
  }
  if (other.place) AddPlace(*other.place, other.value, kind);
  if (!other.values.empty()) values = Merged(std::move(values), other.values);
  is_approximate |= other.is_approximate;
  due = std::min(due, other.due);
}

void EncodeTally(format::Encoder& e, const Tally& tally, TraitKind kind) {
  e.SortableTime(tally.due);
  switch (kind) {
    case TraitKind::kSum:
    case TraitKind::kAverage:
      EncodeDecimal(e, tally.sum);
      [[fallthrough]];
    case TraitKind::kCount:
      e.Varint(tally.count);
      return;
    case TraitKind::kMin:
    case TraitKind::kMax:
      e.Byte(tally.extreme ? 1 : 0);
      if (tally.extreme) EncodeDecimal(e, *tally.extreme);
      return;
    case TraitKind::kFirst:
    case TraitKind::kLast:
    case TraitKind::kDaysSinceLast:
      e.Byte(tally.place ? 1 : 0);
      if (!tally.place) return;
      EncodePlace(e, *tally.place);
      e.String(tally.value);
      return;
    default:
      e.Byte(tally.is_approximate ? 1 : 0);
      e.String(tally.last_kept);
      e.Varint(tally.values.size());
      for (const Tally::Seen& seen : tally.values) {
        e.String(seen.value);
        e.Varint(seen.count);
        EncodePlace(e, seen.last);
      }
  }
}

void DecodeTally(format::Decoder& d, Tally& tally, TraitKind kind) {
  tally.due = d.SortableTime();
  if (kind == TraitKind::kSum || kind == TraitKind::kAverage) tally.sum = DecodeDecimal(d);
  if (kind == TraitKind::kSum || kind == TraitKind::kAverage || kind == TraitKind::kCount) {
    tally.count = d.Varint();
  } else if (kind == TraitKind::kMin || kind == TraitKind::kMax) {
    if (d.Byte() != 0) tally.extreme = DecodeDecimal(d);
  } else if (!IsOfValues(kind)) {
    if (d.Byte() == 0) return;
    tally.place = DecodePlace(d);
    tally.value = d.String();
  } else {
    tally.is_approximate = d.Byte() != 0;
    tally.last_kept = d.String();
    for (uint64_t left = d.Varint(); left > 0 && d.ok(); --left) {
      Tally::Seen& seen = tally.values.emplace_back();
      seen.value = d.String();
      seen.count = d.Varint();
      seen.last = DecodePlace(d);
    }
  }
}

}  // namespace kintsugi::living

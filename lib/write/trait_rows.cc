#include "write/trait_rows.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "format/evidence_codec.h"
#include "golden/value_codec.h"
#include "living/item_rows.h"
#include "write/trait_reader.h"

namespace kintsugi::write {

using format::Family;
using living::OnceValue;
using living::Place;
using living::Tallies;

TraitRows::TraitRows(const ingest::Context& context, const living::Rules& rules, const graph::EvidenceSource& rows,
                     Time now)
    : rules_(rules),
      rows_(rows),
      scan_(context, rules, rows, now),
      moment_(rules.traits.At(now)),
      cart_(rules, scan_, moment_),
      firsts_(rows),
      asked_(rules, scan_, rows) {}

absl::Status TraitRows::Add(Family family, std::string_view key, std::string_view row) {
  living::Item item;
  if (auto status = living::ReadItem(scan_.preparer(), family, key, row, item); !status.ok()) return status;
  format::Decoder d(key);
  const std::string identifier = format::EventPrefix(format::DecodeNode(d));
  Known& known = known_[identifier];
  if (scan_.EndOf(item) > moment_.now && asked_.IsAsked(item))
    known.asked.insert_or_assign(AskedItems::KeyOf(family, identifier, key), std::string(row));
  known.added.push_back(std::move(item));
  return absl::OkStatus();
}

void TraitRows::Remove(format::NodeKey strongest) {
  known_[format::EventPrefix(strongest)].is_recounted = true;
}

// With its row. Null: nobody's items stand by it, nor does one that came or went; mostly it is a device.
absl::StatusOr<TraitRows::Identifier*> TraitRows::Find(std::string key) {
  auto at = known_.find(key);
  if (at != known_.end() && at->second.stored) return &*at;
  auto row = rows_.Get(Family::kItemTallies, key);
  if (!row.ok()) return row.status();
  if (at == known_.end() && !*row) return nullptr;
  if (at == known_.end()) at = known_.try_emplace(std::move(key)).first;
  at->second.stored = (*std::move(row)).value_or(std::string());
  return &*at;
}

// ---- tallies of an identifier

void TraitRows::AddTo(Tallies& tallies, const living::Item& item, Time end, Which which,
                      const living::Repeated& repeated) const {
  rules_.traits.Add(item, moment_, which, repeated, tallies);
  if (which != Which::kWindowed) tallies.kept_until = std::min(tallies.kept_until, end);
}

// What was counted already is read again from the row that it made.
absl::Status TraitRows::Count(Identifier& identifier) {
  Known& known = identifier.second;
  if (known.tallies) return absl::OkStatus();
  known.tallies.emplace();
  if (!known.row) return CountAnew(identifier.first, known);
  if (!known.row->empty() && !rules_.traits.Decode(*known.row, *known.tallies))
    return format::DamagedRow(Family::kItemTallies);
  return absl::OkStatus();
}

absl::Status TraitRows::CountAnew(const std::string& key, Known& known) {
  Tallies& tallies = *known.tallies;
  if (known.stored->empty())
    tallies = rules_.traits.Nothing();
  else if (!rules_.traits.Decode(*known.stored, tallies))
    return format::DamagedRow(Family::kItemTallies);
  known.cart.last = tallies.cart_item;
  known.is_recounted |= moment_.now != kNeverLast && tallies.kept_until <= moment_.now;
  if (!known.is_recounted) {
    if (auto status = CountAdded(key, known); !status.ok()) return status;
  }
  if (known.is_recounted) {
    if (auto status = Recount(key, known); !status.ok()) return status;
  }
  rules_.traits.Settle(tallies);
  known.row = tallies.items != 0 ? rules_.traits.Encode(tallies) : std::string();
  NoteAdded(known);
  return absl::OkStatus();
}

void TraitRows::NoteAdded(Known& known) const {
  const living::TraitRules& traits = rules_.traits;
  known.is_asked.resize(2 * traits.groups());
  for (living::Item& item : known.added) {
    if (scan_.EndOf(item) <= moment_.now) continue;
    for (size_t i = 0; i < known.is_asked.size(); ++i) {
      if (!known.is_asked[i]) known.is_asked[i] = traits.needs(i / 2, i % 2 != 0).Holds(item);
    }
    if (traits.commerce() != nullptr && !known.is_recounted) cart_.Note(std::move(item), known.cart);
  }
  known.added = {};
  known.asked = {};
}

// An item that takes the place of a later one as the first of its value takes that one's part in all tallies: then all
// are counted again. It is a late one.
absl::Status TraitRows::CountAdded(const std::string& key, Known& known) {
  std::sort(known.added.begin(), known.added.end(), living::IsEarlier);
  std::vector<living::Repeated> repeated(known.added.size());
  for (size_t i = 0; i < known.added.size(); ++i) {
    const living::Item& item = known.added[i];
    if (scan_.EndOf(item) <= moment_.now) continue;
    for (OnceValue& value : rules_.traits.OnceValuesOf(item)) {
      const auto first = firsts_.Find(key, value.key);
      if (!first.ok()) return first.status();
      if (*first && living::PlaceOf(item) < **first) {
        known.is_recounted = true;
        return absl::OkStatus();
      }
      if (*first) {
        repeated[i].push_back(value.activity);
        continue;
      }
      firsts_.Put(key, value.key, living::PlaceOf(item));
      ++known.tallies->firsts[value.activity];
      known.new_values.push_back(std::move(value.key));
    }
  }
  asked_.Put(key, known.asked);
  Which which = Which::kAll;
  if (moment_.now != kNeverLast && known.tallies->due() <= moment_.now) {
    const std::optional<Time> begin = rules_.traits.ForgetWindows(moment_, *known.tallies);
    if (begin) {
      if (auto status = CountWindows(key, *begin, known); !status.ok()) return status;
    }
    which = Which::kOthers;
  }
  for (size_t i = 0; i < known.added.size(); ++i) {
    const Time end = scan_.EndOf(known.added[i]);
    if (end > moment_.now) AddTo(*known.tallies, known.added[i], end, which, repeated[i]);
  }
  return absl::OkStatus();
}

absl::Status TraitRows::CountWindows(const std::string& key, Time begin, Known& known) {
  return scan_.ForEach(key, begin, [&](const living::Item& item, Time end) {
    living::Repeated repeated;
    for (const OnceValue& value : rules_.traits.OnceValuesOf(item)) {
      const auto first = firsts_.Find(key, value.key);
      if (!first.ok()) return first.status();
      if (*first != living::PlaceOf(item)) repeated.push_back(value.activity);
    }
    AddTo(*known.tallies, item, end, Which::kWindowed, repeated);
    return absl::OkStatus();
  });
}

// Twice over the items, which lie in two families and so in no order: first to see which is the first of each value.
absl::Status TraitRows::Recount(const std::string& key, Known& known) {
  Tallies& tallies = *known.tallies;
  tallies = rules_.traits.Nothing();
  living::Firsts firsts;
  if (rules_.traits.once_activities() != 0) {
    const auto status = scan_.ForEach(key, kNeverLast, [&](const living::Item& item, Time) {
      living::AddFirsts(item, rules_.traits.OnceValuesOf(item), firsts);
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
  }
  AskedItems::Rows asked;
  const auto count = [&](Family family, std::string_view at, std::string_view row, const living::Item& item, Time end) {
    if (asked_.IsAsked(item)) asked.emplace(AskedItems::KeyOf(family, key, at), row);
    AddTo(tallies, item, end, Which::kAll, living::RepeatedBy(item, rules_.traits.OnceValuesOf(item), firsts));
    return absl::OkStatus();
  };
  if (auto status = scan_.ForEachRow(key, kNeverLast, count); !status.ok()) return status;
  if (auto status = asked_.Replace(key, std::move(asked)); !status.ok()) return status;
  for (const auto& [once_key, first] : firsts) ++tallies.firsts[living::ActivityOf(once_key)];
  return firsts_.Replace(key, firsts);
}

// ---- traits of a profile

bool TraitRows::IsAddedTo(std::span<Identifier* const> profile, const golden::RecordView* before) {
  return before != nullptr &&
         std::none_of(profile.begin(), profile.end(), [](const Identifier* one) { return one->second.is_recounted; });
}

absl::StatusOr<bool> TraitRows::SharesValues(std::span<Identifier* const> profile,
                                             const golden::RecordView* before) const {
  const bool is_added_to = IsAddedTo(profile, before);
  if (is_added_to && before->shares_values()) return true;
  for (size_t activity = 0; profile.size() > 1 && activity < rules_.traits.once_activities(); ++activity) {
    std::vector<FirstItems::Having> having;
    for (const Identifier* one : profile) {
      const Tallies& tallies = *one->second.tallies;
      if (tallies.items == 0 || tallies.firsts[activity] == 0) continue;
      having.push_back({one->first, tallies.firsts[activity], one->second.new_values});
    }
    const auto shares = firsts_.ShareAny(activity, having, is_added_to);
    if (!shares.ok() || *shares) return shares;
  }
  return false;
}

namespace {

// Takes over what a record told of traits that a group tells.
void TakeOver(const golden::RecordView& record, const std::vector<size_t>& traits, living::TraitValues& out) {
  for (const size_t trait : traits) {
    const std::string_view bytes = record.trait(static_cast<uint32_t>(trait));
    out.values[trait] = bytes.empty() ? std::nullopt : std::optional(ToValue(golden::ReadValue(bytes)));
  }
  for (const uint32_t trait : record.approximate_traits()) {
    if (std::binary_search(traits.begin(), traits.end(), size_t{trait})) out.is_approximate[trait] = true;
  }
}

}  // namespace

bool TraitRows::Stands(size_t group, std::span<Identifier* const> profile, bool shares_values, Time due) const {
  if (moment_.now != kNeverLast && due <= moment_.now) return false;
  return std::none_of(profile.begin(), profile.end(), [&](const Identifier* one) {
    const std::vector<bool>& is_asked = one->second.is_asked;
    return !is_asked.empty() && is_asked[2 * group + (shares_values ? 1 : 0)];
  });
}

absl::StatusOr<living::TraitValues> TraitRows::Tell(std::span<Identifier* const> profile, const Tallies& sum,
                                                    bool shares_values, const golden::RecordView* before) const {
  const living::TraitRules& traits = rules_.traits;
  living::TraitValues out = traits.Untold();
  const std::vector<Time> dues = before != nullptr ? before->dues() : std::vector<Time>();
  const bool may_stand = IsAddedTo(profile, before) && before->trait_count() == traits.count() &&
                         dues.size() == traits.groups() && before->shares_values() == shares_values;
  const std::optional<size_t> cart_group = traits.cart_group();
  std::vector<const CartNews*> news;
  if (cart_group) {
    for (const Identifier* one : profile) news.push_back(&one->second.cart);
  }
  auto cart = CartTeller::From::kItems;
  std::vector<size_t> told;  // groups that are told anew
  std::vector<const AskedItems::Needs*> needs;
  for (size_t group = 0; group < traits.groups(); ++group) {
    const bool is_cart = group == cart_group;
    if (may_stand && is_cart) cart = cart_.Begin(news, *before, sum.cart_touch, dues[group]);
    const bool stands =
        may_stand && (is_cart ? cart == CartTeller::From::kBefore : Stands(group, profile, shares_values, dues[group]));
    const AskedItems::Needs& needed = traits.needs(group, shares_values);
    if (stands) {
      TakeOver(*before, needed.traits, out);
      out.dues[group] = dues[group];
      continue;
    }
    told.push_back(group);
    if (!needed.empty() && !(is_cart && cart == CartTeller::From::kCart)) needs.push_back(&needed);
  }
  if (may_stand) out.overdrawn = before->overdrawn();
  std::vector<std::string> with_items;
  for (const Identifier* one : profile) {
    if (!told.empty() && one->second.tallies->items != 0) with_items.push_back(one->first);
  }
  std::vector<living::Item> items;
  if (!needs.empty()) {
    auto needed = asked_.Needed(with_items, needs);
    if (!needed.ok()) return needed.status();
    items = *std::move(needed);
  }
  for (const size_t group : told) {
    if (group != cart_group) {
      traits.Tell(group, shares_values, items, moment_, out);
      continue;
    }
    const auto* const from = cart == CartTeller::From::kCart ? before : nullptr;
    if (auto status = cart_.Tell(with_items, news, from, sum.cart_touch, items, out); !status.ok()) return status;
  }
  traits.Finish(sum, shares_values, moment_, out);
  return out;
}

absl::StatusOr<golden::StoredTraits> TraitRows::TraitsOf(std::span<const format::NodeKey> identifiers,
                                                         const golden::RecordView* before) {
  std::vector<Identifier*> profile;  // those that have items, or had
  std::vector<const Tallies*> all;
  for (const format::NodeKey& identifier : identifiers) {
    const auto found = Find(format::EventPrefix(identifier));
    if (!found.ok()) return found.status();
    if (*found == nullptr) continue;
    if (auto status = Count(**found); !status.ok()) return status;
    profile.push_back(*found);
    const Tallies& tallies = *(*found)->second.tallies;
    if (tallies.items != 0) all.push_back(&tallies);
  }
  Tallies added_up;
  if (all.size() != 1) {
    added_up = rules_.traits.Nothing();
    for (const Tallies* one : all) rules_.traits.Add(*one, added_up);
  }
  const auto shares_values = SharesValues(profile, before);
  if (!shares_values.ok()) return shares_values.status();
  const auto traits = Tell(profile, all.size() == 1 ? *all.front() : added_up, *shares_values, before);
  if (!traits.ok()) return traits.status();
  for (Identifier* one : profile) one->second.tallies.reset();
  if (moment_.now != kNeverLast && traits->due <= moment_.now)
    return absl::InternalError("a trait that is due already was computed");
  return ToStored(*traits, *shares_values);
}

absl::Status TraitRows::Write(graph::RowSink& sink) {
  std::vector<std::string> keys;
  for (const auto& [key, known] : known_) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  for (const std::string& key : keys) {
    const auto found = Find(key);
    if (!found.ok()) return found.status();
    Known& known = (*found)->second;
    if (!known.row) {
      if (auto status = Count(**found); !status.ok()) return status;
      known.tallies.reset();
    }
    if (*known.row == *known.stored) continue;
    if (known.row->empty())
      sink.Delete(Family::kItemTallies, key);
    else
      sink.Put(Family::kItemTallies, key, *known.row);
  }
  firsts_.WriteTo(sink);
  asked_.WriteTo(sink);
  return absl::OkStatus();
}

}  // namespace kintsugi::write

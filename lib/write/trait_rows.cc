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
    : rules_(rules), rows_(rows), preparer_(context), moment_(rules.traits.At(now)), firsts_(rows) {}

absl::Status TraitRows::Add(Family family, std::string_view key, std::string_view row) {
  living::Item item;
  if (auto status = living::ReadItem(preparer_, family, key, row, item); !status.ok()) return status;
  format::Decoder d(key);
  known_[format::EventPrefix(format::DecodeNode(d))].added.push_back(std::move(item));
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

Time TraitRows::EndOf(const living::Item& item) const {
  return item.is_event ? rules_.retention.EndOf(item.name, item.time).value_or(kNeverFirst) : kNeverFirst;
}

// Items of an identifier that count now, from a time on, of the names with these marks; no marks: of all. `end`: when
// one is none any more.
absl::Status TraitRows::ForEachItem(const std::string& key, Time begin, const std::vector<uint32_t>& marks,
                                    const std::function<absl::Status(living::Item item, Time end)>& visit) const {
  std::string from = key;
  if (begin != kNeverLast) format::Encoder(from).SortableTime(begin);
  for (const Family family : living::kItemFamilies) {
    const auto status = rows_.ScanFrom(family, key, from, [&](std::string_view at, std::string_view row) {
      const bool is_asked =
          marks.empty() || std::find(marks.begin(), marks.end(), format::NameMarkOf(row)) != marks.end();
      if (!is_asked) return absl::OkStatus();
      living::Item item;
      if (auto read = living::ReadItem(preparer_, family, at, row, item); !read.ok()) return read;
      const Time end = EndOf(item);
      return end > moment_.now ? visit(std::move(item), end) : absl::OkStatus();
    });
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
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
  known.is_recounted |= moment_.now != kNeverLast && tallies.kept_until <= moment_.now;
  if (!known.is_recounted) {
    if (auto status = CountAdded(key, known); !status.ok()) return status;
  }
  if (known.is_recounted) {
    if (auto status = Recount(key, known); !status.ok()) return status;
  }
  rules_.traits.Settle(tallies);
  known.row = tallies.items != 0 ? rules_.traits.Encode(tallies) : std::string();
  for (const living::Item& item : known.added) {
    for (const bool shares_values : {false, true})
      known.is_asked[shares_values ? 1 : 0] |= rules_.traits.needs(shares_values).Holds(item);
  }
  known.added = {};
  return absl::OkStatus();
}

// An item that takes the place of a later one as the first of its value takes that one's part in all tallies: then all
// are counted again. It is a late one.
absl::Status TraitRows::CountAdded(const std::string& key, Known& known) {
  std::sort(known.added.begin(), known.added.end(), living::IsEarlier);
  std::vector<living::Repeated> repeated(known.added.size());
  for (size_t i = 0; i < known.added.size(); ++i) {
    const living::Item& item = known.added[i];
    if (EndOf(item) <= moment_.now) continue;
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
  Which which = Which::kAll;
  if (moment_.now != kNeverLast && known.tallies->due() <= moment_.now) {
    const std::optional<Time> begin = rules_.traits.ForgetWindows(moment_, *known.tallies);
    if (begin) {
      if (auto status = CountWindows(key, *begin, known); !status.ok()) return status;
    }
    which = Which::kOthers;
  }
  for (size_t i = 0; i < known.added.size(); ++i) {
    const Time end = EndOf(known.added[i]);
    if (end > moment_.now) AddTo(*known.tallies, known.added[i], end, which, repeated[i]);
  }
  return absl::OkStatus();
}

absl::Status TraitRows::CountWindows(const std::string& key, Time begin, Known& known) {
  return ForEachItem(key, begin, {}, [&](const living::Item& item, Time end) {
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
    const auto status = ForEachItem(key, kNeverLast, {}, [&](const living::Item& item, Time) {
      living::AddFirsts(item, rules_.traits.OnceValuesOf(item), firsts);
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
  }
  const auto status = ForEachItem(key, kNeverLast, {}, [&](const living::Item& item, Time end) {
    AddTo(tallies, item, end, Which::kAll, living::RepeatedBy(item, rules_.traits.OnceValuesOf(item), firsts));
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  for (const auto& [once_key, first] : firsts) ++tallies.firsts[living::ActivityOf(once_key)];
  return firsts_.Replace(key, firsts);
}

// ---- traits of a profile

absl::StatusOr<bool> TraitRows::SharesValues(std::span<Identifier* const> profile,
                                             const golden::RecordView* before) const {
  const auto is_recounted = [](const Identifier* one) { return one->second.is_recounted; };
  const bool is_added_to = before != nullptr && std::none_of(profile.begin(), profile.end(), is_recounted);
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

absl::StatusOr<std::vector<living::Item>> TraitRows::NeededItems(std::span<Identifier* const> profile,
                                                                 const Needs& needs) const {
  std::vector<uint32_t> marks;
  if (!needs.any_name) {
    for (const std::string& name : needs.names) marks.push_back(format::NameMark(name));
  }
  std::vector<living::Item> items;
  for (uint32_t i = 0; i < profile.size(); ++i) {
    if (profile[i]->second.tallies->items == 0) continue;
    const auto status = ForEachItem(profile[i]->first, kNeverLast, marks, [&](living::Item item, Time) {
      item.identifier = i;
      if (needs.Holds(item)) items.push_back(std::move(item));
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
  }
  std::sort(items.begin(), items.end(), living::IsEarlier);
  return items;
}

bool TraitRows::MayReread(std::span<Identifier* const> profile, bool shares_values,
                          const golden::RecordView* before) const {
  if (before == nullptr || before->trait_count() != moment_.stretches.size()) return false;
  if (moment_.now != kNeverLast && before->items_due() <= moment_.now) return false;
  return std::none_of(profile.begin(), profile.end(), [&](const Identifier* one) {
    return one->second.is_recounted || one->second.is_asked[shares_values ? 1 : 0];
  });
}

namespace {

// What a record told that was told from items.
living::TraitValues ValuesOf(const golden::RecordView& record, const std::vector<size_t>& needy) {
  living::TraitValues out{.values = {}, .is_approximate = {}, .due = record.due(), .items_due = record.items_due()};
  out.values.resize(record.trait_count());
  out.is_approximate.resize(record.trait_count());
  for (const size_t trait : needy) {
    if (const std::string_view bytes = record.trait(static_cast<uint32_t>(trait)); !bytes.empty())
      out.values[trait] = ToValue(golden::ReadValue(bytes));
  }
  for (const uint32_t trait : record.approximate_traits()) {
    if (trait < out.is_approximate.size()) out.is_approximate[trait] = true;
  }
  return out;
}

}  // namespace

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

absl::StatusOr<living::TraitValues> TraitRows::Tell(std::span<Identifier* const> profile, const Tallies& sum,
                                                    bool shares_values, const golden::RecordView* before) const {
  const Needs& needs = rules_.traits.needs(shares_values);
  if (needs.empty()) return rules_.traits.Read(sum, needs, {}, moment_);
  if (MayReread(profile, shares_values, before))
    return rules_.traits.Reread(sum, needs, ValuesOf(*before, needs.traits), moment_);
  const auto items = NeededItems(profile, needs);
  if (!items.ok()) return items.status();
  return rules_.traits.Read(sum, needs, *items, moment_);
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
  return absl::OkStatus();
}

}  // namespace kintsugi::write

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
using living::Tallies;
using Which = living::TraitRules::Which;

TraitRows::TraitRows(const ingest::Context& context, const living::Rules& rules, const graph::EvidenceSource& rows,
                     Time now)
    : rules_(rules), rows_(rows), preparer_(context), moment_(rules.traits.At(now)) {
  for (const std::string& name : rules.traits.needed_names()) needed_marks_.push_back(format::NameMark(name));
}

absl::Status TraitRows::Add(Family family, std::string_view key, std::string_view row) {
  living::Item item;
  if (auto status = living::ReadItem(preparer_, family, key, row, item); !status.ok()) return status;
  format::Decoder d(key);
  Known& known = known_[format::EventPrefix(format::DecodeNode(d))];
  known.is_needed |= rules_.traits.Needs(item);
  known.added.push_back(std::move(item));
  return absl::OkStatus();
}

void TraitRows::Remove(format::NodeKey strongest) {
  Known& known = known_[format::EventPrefix(strongest)];
  known.is_recounted = true;
  known.is_needed = true;
}

absl::Status TraitRows::Read(std::span<const std::string> keys) {
  std::vector<std::string> asked;
  for (const std::string& key : keys) {
    if (!std::exchange(known_[key].is_read, true)) asked.push_back(key);
  }
  if (asked.empty()) return absl::OkStatus();
  auto rows = rows_.GetMany(Family::kItemTallies, asked);
  if (!rows.ok()) return rows.status();
  for (size_t i = 0; i < asked.size(); ++i) known_[asked[i]].row = (*rows)[i].value_or(std::string());
  return absl::OkStatus();
}

// Items of an identifier from a time on, of the names with these marks; no marks: of all. `end`: when one is none any
// more.
absl::Status TraitRows::ForEachItem(const std::string& key, Time begin, const std::vector<uint32_t>& marks,
                                    const std::function<void(living::Item item, Time end)>& visit) const {
  std::string from = key;
  if (begin != kNeverLast) format::Encoder(from).SortableTime(begin);
  for (const Family family : living::kItemFamilies) {
    const auto status = rows_.ScanFrom(family, key, from, [&](std::string_view at, std::string_view row) {
      const bool is_asked =
          marks.empty() || std::find(marks.begin(), marks.end(), format::NameMarkOf(row)) != marks.end();
      if (!is_asked) return absl::OkStatus();
      living::Item item;
      if (auto read = living::ReadItem(preparer_, family, at, row, item); !read.ok()) return read;
      const Time end =
          family == Family::kEvents ? rules_.retention.EndOf(item.name, item.time).value_or(kNeverFirst) : kNeverFirst;
      if (end > moment_.now) visit(std::move(item), end);
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status TraitRows::CountItems(const std::string& key, Time begin, Which which, Known& known) const {
  auto status = ForEachItem(key, begin, {}, [&](const living::Item& item, Time end) {
    rules_.traits.Add(item, moment_, which, known.tallies);
    if (which != Which::kWindowed) known.tallies.kept_until = std::min(known.tallies.kept_until, end);
  });
  rules_.traits.Settle(known.tallies);
  return status;
}

absl::Status TraitRows::Count(const std::string& key, Known& known) {
  if (std::exchange(known.is_counted, true)) return absl::OkStatus();
  if (known.row.empty() && known.added.empty() && !known.is_recounted) return absl::OkStatus();  // mostly a device
  known.tallies = rules_.traits.Nothing();
  if (!known.row.empty() && !rules_.traits.Decode(known.row, known.tallies))
    return format::DamagedRow(Family::kItemTallies);
  const bool has_clock = moment_.now != kNeverLast;
  if (known.is_recounted || (has_clock && known.tallies.kept_until <= moment_.now)) {
    known.tallies = rules_.traits.Nothing();
    known.is_needed = true;
    return CountItems(key, kNeverLast, Which::kAll, known);
  }
  Which which = Which::kAll;
  if (has_clock && known.tallies.due() <= moment_.now) {
    const std::optional<Time> begin = rules_.traits.ForgetWindows(moment_, known.tallies);
    if (begin) {
      if (auto status = CountItems(key, *begin, Which::kWindowed, known); !status.ok()) return status;
    }
    which = Which::kOthers;
  }
  for (const living::Item& item : known.added) {
    const std::optional<Time> end = item.is_event ? rules_.retention.EndOf(item.name, item.time) : std::nullopt;
    if (end && *end <= moment_.now) continue;
    rules_.traits.Add(item, moment_, which, known.tallies);
    if (end) known.tallies.kept_until = std::min(known.tallies.kept_until, *end);
  }
  rules_.traits.Settle(known.tallies);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<living::Item>> TraitRows::NeededItems(std::span<const std::string> keys) {
  std::vector<living::Item> items;
  for (const std::string& key : keys) {
    if (known_[key].tallies.items == 0) continue;
    const auto status = ForEachItem(key, kNeverLast, needed_marks_, [&](living::Item item, Time) {
      if (rules_.traits.Needs(item)) items.push_back(std::move(item));
    });
    if (!status.ok()) return status;
  }
  std::sort(items.begin(), items.end(), living::IsEarlier);
  return items;
}

bool TraitRows::MayReread(std::span<const std::string> keys, const golden::RecordView& before) {
  if (before.trait_count() != moment_.stretches.size()) return false;  // it is damaged
  if (moment_.now != kNeverLast && before.items_due() <= moment_.now) return false;
  return std::none_of(keys.begin(), keys.end(), [&](const std::string& key) { return known_[key].is_needed; });
}

namespace {

// What a record told that was told from items.
living::TraitValues ValuesOf(const golden::RecordView& record, const std::vector<size_t>& needy) {
  living::TraitValues out{.values = {}, .is_approximate = {}, .due = record.due(), .items_due = record.items_due()};
  out.values.resize(record.trait_count());
  for (const size_t trait : needy) {
    if (const std::string_view bytes = record.trait(static_cast<uint32_t>(trait)); !bytes.empty())
      out.values[trait] = ToValue(golden::ReadValue(bytes));
  }
  return out;
}

}  // namespace

absl::StatusOr<golden::StoredTraits> TraitRows::TraitsOf(std::span<const format::NodeKey> identifiers,
                                                         const golden::RecordView* before) {
  std::vector<std::string> keys;
  for (const format::NodeKey& identifier : identifiers) keys.push_back(format::EventPrefix(identifier));
  if (auto status = Read(keys); !status.ok()) return status;
  std::vector<const Tallies*> all;
  for (const std::string& key : keys) {
    Known& known = known_[key];
    if (auto status = Count(key, known); !status.ok()) return status;
    if (known.tallies.items != 0) all.push_back(&known.tallies);
  }
  Tallies added_up;
  if (all.size() != 1) {
    added_up = rules_.traits.Nothing();
    for (const Tallies* one : all) rules_.traits.Add(*one, added_up);
  }
  const Tallies& sum = all.size() == 1 ? *all.front() : added_up;
  living::TraitValues traits;
  if (rules_.traits.needy().empty()) {
    traits = rules_.traits.Read(sum, {}, moment_);
  } else if (before != nullptr && MayReread(keys, *before)) {
    traits = rules_.traits.Reread(sum, ValuesOf(*before, rules_.traits.needy()), moment_);
  } else {
    const auto items = NeededItems(keys);
    if (!items.ok()) return items.status();
    traits = rules_.traits.Read(sum, *items, moment_);
  }
  if (moment_.now != kNeverLast && traits.due <= moment_.now)
    return absl::InternalError("a trait that is due already was computed");
  return ToStored(traits);
}

absl::Status TraitRows::Write(graph::RowSink& sink) {
  for (auto& [key, known] : known_) {
    if (!known.is_read) {
      if (auto status = Read(std::span(&key, 1)); !status.ok()) return status;
    }
    if (auto status = Count(key, known); !status.ok()) return status;
    const std::string row = known.tallies.items != 0 ? rules_.traits.Encode(known.tallies) : std::string();
    if (row == known.row) continue;
    if (row.empty())
      sink.Delete(Family::kItemTallies, key);
    else
      sink.Put(Family::kItemTallies, key, row);
  }
  return absl::OkStatus();
}

}  // namespace kintsugi::write

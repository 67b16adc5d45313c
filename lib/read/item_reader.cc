#include "read/item_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "base/hash.h"
#include "format/evidence_codec.h"
#include "living/item_rows.h"

namespace kintsugi::read {

using Direction = ItemSource::Direction;
using format::Family;

namespace {

using Place = ItemReader::Place;

// Of the query, time, source; then the id, and what tells that nothing is missing.
constexpr size_t kCursorHeadBytes = 8 + 8 + 2;
constexpr size_t kCursorCheckBytes = 4;

// What a cursor belongs to.
uint64_t FingerprintOf(const TimelineQuery& query) {
  std::string text = fmt::format("{}|{}|{}", query.newest_first, FormatTime(query.from), FormatTime(query.to));
  if (query.as_of) text += '|' + FormatTime(query.as_of);
  for (const auto* list : {&query.names, &query.sources}) {
    format::Encoder e(text);
    e.Varint(list->size());
    for (const std::string& one : *list) e.String(one);
  }
  return Fingerprint(text);
}

uint32_t CheckOf(std::string_view bytes) {
  return static_cast<uint32_t>(Fingerprint(bytes));
}

std::string CursorOf(const TimelineQuery& query, const Place& place) {
  std::string bytes;
  format::Encoder e(bytes);
  e.Big64(FingerprintOf(query));
  e.SortableTime(std::get<Time>(place));
  e.Big16(std::get<golden::SourceIndex>(place));
  e.Raw(std::get<std::string>(place));
  e.Big32(CheckOf(bytes));
  return absl::BytesToHexString(bytes);
}

// What a cursor says, without its check; nothing if it is not what CursorOf() made. An id may have any length, so one
// that was cut off on its way would be another place.
std::optional<std::string> CursorBytes(const std::string& cursor) {
  const auto is_hex = [](unsigned char c) { return absl::ascii_isxdigit(c); };
  if (cursor.size() % 2 != 0 || !std::all_of(cursor.begin(), cursor.end(), is_hex)) return std::nullopt;
  std::string bytes = absl::HexStringToBytes(cursor);
  if (bytes.size() < kCursorHeadBytes + kCursorCheckBytes) return std::nullopt;
  const std::string_view said(bytes.data(), bytes.size() - kCursorCheckBytes);
  if (format::Decoder(std::string_view(bytes).substr(said.size())).Big32() != CheckOf(said)) return std::nullopt;
  bytes.resize(said.size());
  return bytes;
}

absl::StatusOr<Place> PlaceOf(const TimelineQuery& query) {
  const std::optional<std::string> bytes = CursorBytes(query.after);
  if (!bytes)
    return absl::InvalidArgumentError("this is no cursor, or not all of one: give it as the page before told it");
  format::Decoder d(*bytes);
  if (d.Big64() != FingerprintOf(query))
    return absl::InvalidArgumentError("this cursor is not of a page with the same direction, times and filters");
  const Time time = d.SortableTime();
  const golden::SourceIndex source = d.Big16();
  return Place{time, source, std::string(d.rest())};
}

// A bound of a scan: that of the items of one time, or behind all of them.
std::string KeyAt(std::string_view member, std::optional<Time> time) {
  std::string key(member);
  if (time)
    format::Encoder(key).SortableTime(*time);
  else
    key += '\xff';
  return key;
}

bool Contains(const auto& list, const auto& one) {
  return list.empty() || std::find(list.begin(), list.end(), one) != list.end();
}

}  // namespace

absl::StatusOr<ItemReader::Range> ItemReader::RangeOf(const TimelineQuery& query) const {
  if (query.limit == 0) return absl::InvalidArgumentError("the limit of a page is at least 1");
  Range range{.begin = query.from,
              .end = query.to,
              .names = query.names,
              .direction = query.newest_first ? Direction::kBackwards : Direction::kForwards,
              .most = query.limit == std::numeric_limits<size_t>::max() ? query.limit : query.limit + 1};
  for (const std::string& name : query.names) range.name_marks.push_back(format::NameMark(name));
  for (const std::string& name : query.sources) {
    const auto source = context_.SourceOf(name);
    if (!source.ok()) return source.status();
    range.sources.push_back(*source);
  }
  if (query.after.empty()) return range;
  auto place = PlaceOf(query);
  if (!place.ok()) return place.status();
  const Time time = std::get<Time>(*place);
  range.after = *std::move(place);
  if (query.newest_first)
    range.end = time + Time::duration(1);
  else
    range.begin = time;
  return range;
}

// One identifier's, as many as may be wanted: which of several of one time come first is told when all are there.
absl::Status ItemReader::Collect(Family family, std::string_view member, const Range& range,
                                 std::vector<Found>& out) const {
  size_t count = 0;
  const auto visit = [&](std::string_view key, std::string_view row) -> VisitResult {
    if (!range.name_marks.empty() && !Contains(range.name_marks, format::NameMarkOf(row))) return true;
    Event event;
    std::vector<identity::Node> nodes;
    Found found;
    if (!preparer_.ReadStoredEvent(key, row, found.source, event, &nodes).empty()) return format::DamagedRow(family);
    if (count >= range.most && *event.time != out.back().item.time) return false;
    if (!Contains(range.names, event.name) || !Contains(range.sources, found.source)) return true;
    const bool is_record = family == Family::kItems;
    const auto end = is_record ? std::nullopt : rules_.retention.EndOf(event.name, *event.time);
    if (end && *end <= now_) return true;
    std::string id = is_record ? event.source + ':' + event.id : std::move(event.id);
    if (!range.IsAfter({*event.time, found.source, id})) return true;
    for (identity::Node& node : nodes) {
      if (!is_record || !context_.IsRecord(node.ns))
        found.item.identifiers.push_back({context_.catalog.name(node.ns), std::move(node.value)});
    }
    found.item.id = std::move(id);
    found.item.time = *event.time;
    found.item.name = std::move(event.name);
    found.item.source = std::move(event.source);
    found.item.traits = std::move(event.traits);
    found.item.properties = std::move(event.properties);
    out.push_back(std::move(found));
    ++count;
    return true;
  };
  return source_.ScanBetween(family, range.begin ? KeyAt(member, range.begin) : std::string(member),
                             KeyAt(member, range.end), range.direction, visit);
}

absl::StatusOr<std::vector<ItemReader::Found>> ItemReader::ItemsOf(const std::vector<std::string>& members,
                                                                   const Range& range) const {
  std::vector<Found> items;
  for (const std::string& member : members) {
    for (const Family family : living::kItemFamilies) {
      if (auto status = Collect(family, member, range, items); !status.ok()) return status;
    }
  }
  const auto place = [](const Found& found) { return std::tie(found.item.time, found.source, found.item.id); };
  std::sort(items.begin(), items.end(), [&](const Found& a, const Found& b) {
    return range.direction == Direction::kForwards ? place(a) < place(b) : place(b) < place(a);
  });
  if (items.size() > range.most) items.resize(range.most);
  return items;
}

absl::StatusOr<TimelinePage> ItemReader::Page(const std::vector<std::string>& members,
                                              const TimelineQuery& query) const {
  const auto range = RangeOf(query);
  if (!range.ok()) return range.status();
  auto items = ItemsOf(members, *range);
  if (!items.ok()) return items.status();
  TimelinePage page;
  const bool has_more = items->size() > query.limit;
  if (has_more) items->resize(query.limit);
  if (has_more) page.next = CursorOf(query, {items->back().item.time, items->back().source, items->back().item.id});
  for (Found& found : *items) page.items.push_back(std::move(found.item));
  return page;
}

}  // namespace kintsugi::read

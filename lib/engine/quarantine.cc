// Engine::ForEachQuarantined and ReplayQuarantine: rows that were refused, and their second chance.

#include <fmt/format.h>

#include <map>

#include "base/json.h"
#include "engine/file_items.h"
#include "engine/impl.h"
#include "golden/value_codec.h"
#include "ingest/rows.h"
#include "storage/stored_time.h"

namespace kintsugi {
namespace {

using engine::Item;
using stored::Quarantined;

template <typename Rows>
std::vector<NamedValue> ValuesOf(const Rows& rows) {
  std::vector<NamedValue> out;
  for (const auto& row : rows) {
    out.emplace_back(row.name(), ToValue(golden::ReadValue(row.value())));
  }
  return out;
}

template <typename Rows>
std::vector<Identifier> IdentifiersOf(const Rows& rows) {
  std::vector<Identifier> out;
  for (const auto& row : rows) out.push_back({row.name(), row.value()});
  return out;
}

Event EventOf(const std::string& source, const Quarantined::RefusedEvent& row) {
  return {.source = source,
          .id = row.id(),
          .time = storage::ToTime(row.time()),
          .name = row.name(),
          .identifiers = IdentifiersOf(row.identifiers()),
          .traits = ValuesOf(row.traits()),
          .properties = ValuesOf(row.properties())};
}

Record RecordOf(const std::string& source, const Quarantined::RefusedRecord& row) {
  return {.source = source,
          .key = row.key(),
          .version = storage::ToTime(row.version()),
          .identifiers = IdentifiersOf(row.identifiers()),
          .attributes = ValuesOf(row.attributes())};
}

// A JSON object, member by member.
class JsonObject {
 public:
  void Add(std::string_view name, std::string_view json) {
    text_ += text_.size() > 1 ? "," : "";
    AppendJsonString(text_, name);
    text_ += ':';
    text_ += json;
  }
  void AddString(std::string_view name, const std::string& value) { Add(name, ToJson(Value(value))); }
  void AddTime(std::string_view name, Time time) {
    Add(name, "");
    AppendJsonTime(text_, time);
  }
  std::string Done() const { return text_ + '}'; }

 private:
  std::string text_ = "{";
};

std::string ToJsonObject(const std::vector<NamedValue>& values) {
  JsonObject object;
  for (const auto& [name, value] : values) object.Add(name, ToJson(value));
  return object.Done();
}

// Values of one namespace together, as in NATIVE events.
std::string ToJsonObject(const std::vector<Identifier>& identifiers) {
  std::map<std::string, std::string> lists;
  for (const Identifier& identifier : identifiers) {
    std::string& list = lists[identifier.ns];
    list += (list.empty() ? "" : ",") + ToJson(Value(identifier.value));
  }
  JsonObject object;
  for (const auto& [ns, list] : lists) object.Add(ns, '[' + list + ']');
  return object.Done();
}

std::string ToJson(const Event& event) {
  JsonObject object;
  object.AddString("id", event.id);
  object.AddTime("time", event.time);
  object.AddString("name", event.name);
  object.Add("identifiers", ToJsonObject(event.identifiers));
  object.Add("traits", ToJsonObject(event.traits));
  object.Add("properties", ToJsonObject(event.properties));
  return object.Done();
}

std::string ToJson(const Record& record) {
  JsonObject object;
  object.AddString("key", record.key);
  object.AddTime("version", record.version);
  object.Add("identifiers", ToJsonObject(record.identifiers));
  object.Add("attributes", ToJsonObject(record.attributes));
  return object.Done();
}

std::string RawOf(const std::string& source, const Quarantined& row) {
  if (row.has_event()) return ToJson(EventOf(source, row.event()));
  if (row.has_record()) return ToJson(RecordOf(source, row.record()));
  return row.row().raw();
}

// What the key says: where the row was.
struct Place {
  uint16_t source = 0;  // position among the sources
  std::string file;
  uint64_t line = 0;
};

bool ParseKey(const storage::Catalog& catalog, std::string_view key, Place& place) {
  constexpr size_t kTail = 1 + 8 + 8;  // the zero byte, line, fingerprint
  storage::Decoder d(key);
  if (key.size() < 2 + kTail || !catalog.FindSource(d.Big16(), place.source)) return false;
  place.file = d.Raw(key.size() - 2 - kTail);
  d.Byte();
  place.line = d.Big64();
  return d.ok();
}

// A refused row on its way through ingest again. Items point into it.
struct Retry {
  Place place;
  std::string key;
  Quarantined row;
  Event event;
  Record record;
};

// The one item that the quarantined row stands for, made again.
absl::Status AppendRetry(const engine::Context& context, const ingest::Preparer& preparer, Retry& retry,
                         std::vector<Item>& items) {
  const Source& source = context.schema.sources[retry.place.source];
  const auto append = [&](const auto& evidence, engine::Origin origin) {
    Item& item =
        items.emplace_back(Item{.source = retry.place.source, .origin = std::move(origin), .replayed = retry.key});
    std::visit([&](auto&& prepared) { item.evidence = std::move(prepared); },
               preparer.Prepare(retry.place.source, evidence));
  };
  if (retry.row.has_event()) {
    retry.event = EventOf(source.name, retry.row.event());
    append(retry.event, {.event = &retry.event});
    return absl::OkStatus();
  }
  if (retry.row.has_record()) {
    retry.record = RecordOf(source.name, retry.row.record());
    append(retry.record, {.record = &retry.record});
    return absl::OkStatus();
  }
  auto parser = ingest::OpenParser(context.schema, source, retry.row.row().header());
  if (!parser.ok()) return parser.status();
  engine::Origin origin{.file = retry.place.file,
                        .line = retry.place.line,
                        .raw = std::make_shared<const std::string>(retry.row.row().raw()),
                        .header = std::make_shared<const std::string>(retry.row.row().header())};
  std::vector<Item> parsed;
  const bool too_long = retry.row.row().raw().size() > ingest::kMaxRowBytes;
  engine::AppendItems(preparer, retry.place.source, **parser, origin, too_long ? retry.row.reason() : "", parsed);
  const size_t index = retry.row.row().index();
  if (index >= parsed.size()) return absl::OkStatus();  // the row no longer holds that item: it stays
  parsed[index].replayed = retry.key;
  items.push_back(std::move(parsed[index]));
  return absl::OkStatus();
}

}  // namespace

absl::Status Engine::ForEachQuarantined(const std::function<bool(const QuarantinedRow&)>& visit) const {
  bool damaged = false;
  const auto status =
      impl_->store().Scan(storage::Family::kQuarantine, "", [&](std::string_view key, std::string_view bytes) {
        Place place;
        Quarantined row;
        damaged = !ParseKey(impl_->context().catalog, key, place) ||
                  !row.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
        if (damaged) return false;
        const std::string& source = schema().sources[place.source].name;
        return visit({source, place.file, place.line, row.reason(), RawOf(source, row)});
      });
  return damaged ? absl::DataLossError("a damaged row in `quarantine`") : status;
}

absl::StatusOr<IngestReport> Engine::ReplayQuarantine(const WriteOptions& options) {
  std::vector<std::unique_ptr<Retry>> retries;
  bool damaged = false;
  auto status =
      impl_->store().Scan(storage::Family::kQuarantine, "", [&](std::string_view key, std::string_view bytes) {
        auto retry = std::make_unique<Retry>();
        retry->key = key;
        damaged = !ParseKey(impl_->context().catalog, key, retry->place) ||
                  !retry->row.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
        retries.push_back(std::move(retry));
        return !damaged;
      });
  if (damaged) return absl::DataLossError("a damaged row in `quarantine`");
  if (!status.ok()) return status;

  std::vector<Item> items;
  for (const auto& retry : retries) {
    if (auto added = AppendRetry(impl_->context(), impl_->preparer(), *retry, items); !added.ok()) return added;
  }
  return impl_->Write(items, options);
}

}  // namespace kintsugi

#include "write/quarantine.h"

#include <fmt/format.h>

#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "base/json.h"
#include "format/stored_rows.h"
#include "ingest/evidence_rows.h"
#include "ingest/rows.h"
#include "write/file_items.h"

namespace kintsugi::write {
namespace {

using stored::Quarantined;

void WriteValues(JsonWriter& json, std::string_view name, const std::vector<NamedValue>& values) {
  json.BeginObject(name);
  for (const auto& [of, value] : values) json.Member(of, value);
  json.EndObject();
}

// Values of one namespace together, as in NATIVE events.
void WriteIdentifiers(JsonWriter& json, const std::vector<Identifier>& identifiers) {
  std::map<std::string_view, std::vector<std::string_view>> values;
  for (const Identifier& identifier : identifiers) values[identifier.ns].push_back(identifier.value);
  json.BeginObject("identifiers");
  for (const auto& [ns, of] : values) json.Array(ns, of);
  json.EndObject();
}

std::string ToJson(const Event& event) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Member("id", event.id);
  json.Member("time", event.time);
  json.Member("name", event.name);
  WriteIdentifiers(json, event.identifiers);
  WriteValues(json, "traits", event.traits);
  WriteValues(json, "properties", event.properties);
  json.EndObject();
  return out;
}

std::string ToJson(const Record& record) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Member("key", record.key);
  json.Member("version", record.version);
  WriteIdentifiers(json, record.identifiers);
  WriteValues(json, "attributes", record.attributes);
  json.EndObject();
  return out;
}

// What the key says: where the row was.
struct RowPlace {
  uint16_t source = 0;  // position among the sources
  std::string file;
  uint64_t line = 0;
};

bool ParseKey(const format::Catalog& catalog, std::string_view key, RowPlace& place) {
  constexpr size_t kTail = 1 + 8 + 8;  // the zero byte, line, fingerprint
  format::Decoder d(key);
  if (key.size() < 2 + kTail || !catalog.FindSource(d.Big16(), place.source)) return false;
  place.file = d.Raw(key.size() - 2 - kTail);
  d.Byte();
  place.line = d.Big64();
  return d.ok();
}

// Opens parsers, and keeps the last: rows of one file lie together.
class Parsers {
 public:
  explicit Parsers(const Schema& schema) : schema_(schema) {}

  // Valid until the next call. kInvalidArgument if the header no longer fits the schema.
  absl::StatusOr<const ingest::RowParser*> For(const Source& source, const std::string& header) {
    if (parser_ == nullptr || source_ != &source || header_ != header) {
      auto opened = ingest::OpenParser(schema_, source, header);
      if (!opened.ok()) return opened.status();
      parser_ = *std::move(opened);
      source_ = &source;
      header_ = header;
    }
    return parser_.get();
  }

 private:
  const Schema& schema_;
  std::unique_ptr<ingest::RowParser> parser_;
  const Source* source_ = nullptr;
  std::string header_;
};

// The texts of a row's items; the row's own alone if it cannot be taken apart.
std::vector<std::string_view> TextsOf(Parsers& parsers, const Source& source, const Quarantined& row) {
  const std::string& raw = row.row().raw();
  const auto parser = parsers.For(source, row.row().header());
  if (!parser.ok() || raw.size() > ingest::kMaxRowBytes) return {raw};
  return (*parser)->ItemTexts(raw);
}

// Visits each item of a row that was refused. False if the visitor has seen enough.
bool VisitItems(Parsers& parsers, const Source& source, const RowPlace& place, const Quarantined& row,
                const std::function<bool(const QuarantinedRow&)>& visit) {
  std::string json;
  if (row.has_event()) json = ToJson(ingest::EventOf(source.name, row));
  if (row.has_record()) json = ToJson(ingest::RecordOf(source.name, row));
  const std::vector<std::string_view> texts =
      row.has_row() ? TextsOf(parsers, source, row) : std::vector<std::string_view>{json};
  const std::string_view whole = texts.size() == 1 ? texts[0] : std::string_view(row.row().raw());
  for (const auto& refusal : row.refusals()) {
    const bool is_part = refusal.item() > 0 && refusal.item() <= texts.size();
    const std::string_view text = is_part ? texts[refusal.item() - 1] : whole;
    if (!visit({source.name, place.file, place.line, refusal.reason(), std::string(text)})) return false;
  }
  return true;
}

// A refused row on its way through ingest again. Items point into it.
struct Retry {
  golden::SourceIndex source = 0;
  std::shared_ptr<const std::string> key;
  Event event;
  Record record;
};

// Makes items of refused rows again: one for each that was refused.
class Retries {
 public:
  explicit Retries(const ingest::Context& context, const ingest::Preparer& preparer)
      : context_(context), preparer_(preparer), parsers_(context.schema) {}

  const std::vector<Item>& items() const { return items_; }
  size_t bytes() const { return bytes_; }
  void Clear() {
    items_.clear();
    retries_.clear();
    bytes_ = 0;
  }

  void Add(const RowPlace& place, std::string_view key, size_t bytes, const Quarantined& row) {
    Retry& retry = retries_.emplace_back();
    retry.source = place.source;
    retry.key = std::make_shared<const std::string>(key);
    bytes_ += bytes;
    const Source& source = context_.schema.sources[place.source];
    if (row.has_event()) {
      retry.event = ingest::EventOf(source.name, row);
      Append(retry, preparer_.Prepare(place.source, retry.event), {.event = &retry.event});
    } else if (row.has_record()) {
      retry.record = ingest::RecordOf(source.name, row);
      Append(retry, preparer_.Prepare(place.source, retry.record), {.record = &retry.record});
    } else {
      AddRow(source, place, row, retry);
    }
  }

 private:
  template <typename Prepared>
  void Append(const Retry& retry, Prepared prepared, Origin origin) {
    Item& item = items_.emplace_back(Item{.source = retry.source, .origin = std::move(origin), .replayed = retry.key});
    std::visit([&](auto&& evidence) { item.evidence = std::move(evidence); }, std::move(prepared));
  }

  void AddRow(const Source& source, const RowPlace& place, const Quarantined& row, const Retry& retry);
  // The row's items as it is read now. One alone, refused, if it cannot be read.
  std::vector<Item> Parse(const Source& source, const Quarantined& row, const std::shared_ptr<const FileRow>& file_row,
                          golden::SourceIndex position);

  const ingest::Context& context_;
  const ingest::Preparer& preparer_;
  Parsers parsers_;
  std::deque<Retry> retries_;
  std::vector<Item> items_;
  size_t bytes_ = 0;
};

std::vector<Item> Retries::Parse(const Source& source, const Quarantined& row,
                                 const std::shared_ptr<const FileRow>& file_row, golden::SourceIndex position) {
  std::vector<Item> parsed;
  const auto parser = parsers_.For(source, row.row().header());
  if (parser.ok() && file_row->raw.size() <= ingest::kMaxRowBytes) {
    AppendItems(preparer_, position, **parser, file_row, "", parsed);
    return parsed;
  }
  const std::string reason = parser.ok() ? row.refusals(0).reason() : std::string(parser.status().message());
  parsed.push_back({.source = position, .evidence = ingest::Refused{reason}, .origin = {.row = file_row}});
  return parsed;
}

// Of a row that was refused as a whole, whatever it holds now; else the items that were refused.
void Retries::AddRow(const Source& source, const RowPlace& place, const Quarantined& row, const Retry& retry) {
  auto file_row = std::make_shared<FileRow>(FileRow{.file = place.file, .line = place.line, .raw = row.row().raw()});
  if (row.has_extracted()) file_row->extracted_at = format::ToTime(row.extracted());
  if (!row.row().header().empty()) file_row->header = std::make_shared<const std::string>(row.row().header());
  std::vector<Item> parsed = Parse(source, row, file_row, place.source);
  const auto add = [&](Item item) { items_.emplace_back(std::move(item)).replayed = retry.key; };
  const ingest::Refused* refused = parsed.size() == 1 ? std::get_if<ingest::Refused>(&parsed[0].evidence) : nullptr;
  for (const auto& refusal : row.refusals()) {
    const uint32_t number = refusal.item();
    if (number == 0) {
      for (Item& item : parsed) add(std::move(item));
    } else if (parsed.size() > 1 && number <= parsed.size()) {
      add(std::move(parsed[number - 1]));
    } else {
      // The row does not hold that item now. It stays; if the row cannot be read, with that reason.
      add({.source = place.source,
           .evidence = refused ? *refused : ingest::Refused{refusal.reason()},
           .origin = {.row = file_row, .item = number}});
    }
  }
}

// How much of the quarantine one group takes: as much as one group of a file.
constexpr size_t kReplayedItems = 1000;
constexpr size_t kReplayedBytes = size_t{1} << 20;

// Which rows are meant, with the source's position.
struct Selected {
  std::optional<golden::SourceIndex> source;
  std::string file;
};

absl::StatusOr<Selected> Select(const ingest::Context& context, const QuarantineSelection& of) {
  if (of.source.empty()) return Selected{std::nullopt, of.file};
  const auto source = context.SourceOf(of.source);
  if (!source.ok()) return source.status();
  return Selected{*source, of.file};
}

using VisitRow =
    std::function<VisitResult(std::string_view key, std::string_view bytes, const RowPlace&, const Quarantined&)>;

// The rows are those of the moment when it begins, whatever is written meanwhile: each is visited once.
absl::Status ForEachRow(const store::Store& store, const format::Catalog& catalog, const Selected& of,
                        const VisitRow& visit) {
  const std::string prefix = of.source ? format::SourceKey(catalog.source_number(*of.source), of.file) : "";
  return store.Scan(format::Family::kQuarantine, prefix,
                    [&](std::string_view key, std::string_view bytes) -> VisitResult {
                      RowPlace place;
                      Quarantined row;
                      if (!ParseKey(catalog, key, place) || !format::ParseRow(bytes, row) || row.refusals().empty())
                        return format::DamagedRow(format::Family::kQuarantine);
                      if (!of.file.empty() && place.file != of.file) return true;
                      return visit(key, bytes, place, row);
                    });
}

}  // namespace

absl::Status ForEachQuarantined(const ingest::Context& context, const store::Store& store,
                                const std::function<bool(const QuarantinedRow&)>& visit,
                                const QuarantineSelection& of) {
  const auto selected = Select(context, of);
  if (!selected.ok()) return selected.status();
  Parsers parsers(context.schema);
  return ForEachRow(store, context.catalog, *selected,
                    [&](std::string_view, std::string_view, const RowPlace& place, const Quarantined& row) {
                      return VisitItems(parsers, context.schema.sources[place.source], place, row, visit);
                    });
}

absl::Status ReplayQuarantine(Writer& writer, IngestReport& report, const WriteOptions& options) {
  report = {};
  if (auto status = writer.MayWrite(); !status.ok()) return status;
  Retries retries(writer.context(), writer.preparer());
  const auto write = [&] {
    if (retries.items().empty()) return absl::OkStatus();
    const auto written = writer.Write(retries.items(), options);
    retries.Clear();
    if (written.ok()) report += written->report;
    return written.status();
  };
  absl::Status status =
      ForEachRow(writer.store(), writer.context().catalog, {},
                 [&](std::string_view key, std::string_view bytes, const RowPlace& place, const Quarantined& row) {
                   retries.Add(place, key, bytes.size(), row);
                   const bool has_room = retries.items().size() < kReplayedItems && retries.bytes() < kReplayedBytes;
                   return has_room ? absl::OkStatus() : write();
                 });
  if (status.ok()) status = write();
  if (status.ok()) return absl::OkStatus();
  return absl::Status(status.code(), fmt::format("{} ({} rows before it were tried again; calling it again is safe)",
                                                 std::string(status.message()), report.read));
}

absl::StatusOr<uint64_t> DiscardQuarantine(Writer& writer, const QuarantineSelection& of, const WriteOptions& options) {
  if (auto status = writer.MayWrite(); !status.ok()) return status;
  const auto selected = Select(writer.context(), of);
  if (!selected.ok()) return selected.status();
  uint64_t discarded = 0;
  uint64_t waiting = 0;
  std::vector<Item> items;
  const auto write = [&] {
    if (items.empty()) return absl::OkStatus();
    absl::Status written = writer.Write(items, options, true).status();
    if (written.ok()) discarded += std::exchange(waiting, 0);
    items.clear();
    return written;
  };
  absl::Status status = ForEachRow(
      writer.store(), writer.context().catalog, *selected,
      [&](std::string_view key, std::string_view, const RowPlace& place, const Quarantined& row) {
        items.push_back(
            {.source = place.source,
             .evidence = Withdrawal{.kind = Withdrawal::Kind::kQuarantined, .name = std::string(key), .forget = true}});
        waiting += static_cast<uint64_t>(row.refusals_size());
        return items.size() < kReplayedItems ? absl::OkStatus() : write();
      });
  if (status.ok()) status = write();
  if (!status.ok()) return status;
  return discarded;
}

}  // namespace kintsugi::write

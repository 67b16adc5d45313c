#include "write/file_items.h"

#include <fmt/format.h>

#include <algorithm>

namespace kintsugi::write {
namespace {

struct PrepareParsed {
  const ingest::Preparer& preparer;
  const golden::SourceIndex source;
  const Time extracted_at;
  const std::string place;  // of a message among others
  ingest::Parsed& parsed;
  Item& item;

  void operator()(const ingest::Rejection& rejection) { item.evidence = ingest::Refused{rejection.reason}; }
  void operator()(const Event& event) { Take(preparer.Prepare(source, event, std::move(parsed.content))); }
  void operator()(Record& record) {
    record.extracted_at = Known(extracted_at);
    Take(preparer.Prepare(source, record, std::move(parsed.content)));
  }

  template <typename Prepared>
  void Take(std::variant<Prepared, ingest::Refused> prepared) {
    if (auto* evidence = std::get_if<Prepared>(&prepared)) {
      auto& refused = evidence->refused_values;
      refused.insert(refused.end(), std::make_move_iterator(parsed.refused_values.begin()),
                     std::make_move_iterator(parsed.refused_values.end()));
      item.evidence = std::move(*evidence);
    } else {
      item.evidence = ingest::Refused{place + std::get<ingest::Refused>(prepared).reason};
    }
  }
};

void Note(const ingest::Parsed& parsed, FileFindings& findings) {
  if (std::holds_alternative<ingest::Rejection>(parsed)) return;
  findings.any_row = true;
  findings.found |= parsed.found;
  for (const ingest::RefusedValue& refused : parsed.refused_values) {
    auto& values = findings.values[refused.what];
    if (values.count++ == 0) values.example = refused.example;
  }
}

// An identifier that is blocked, or empty, is meant to be left out.
void NoteLeftOut(const Schema& schema, const Item& item, FileFindings& findings) {
  const std::vector<ingest::LeftOut>* left_out = nullptr;
  if (const auto* event = std::get_if<ingest::PreparedEvent>(&item.evidence)) left_out = &event->left_out;
  if (const auto* record = std::get_if<ingest::PreparedRecord>(&item.evidence)) left_out = &record->left_out;
  if (left_out == nullptr) return;
  for (const ingest::LeftOut& one : *left_out) {
    if (one.refusal == normalize::Refusal::kEmpty || one.refusal == normalize::Refusal::kBlocked) continue;
    auto& values =
        findings.identifiers[fmt::format("{}: {}", schema.namespaces[one.ns].name, normalize::ToString(one.refusal))];
    if (values.count++ == 0) values.example = one.example;
  }
}

// About how much of the row an item holds: its share of a batch object may be many times what it wrote itself, for the
// messages inherit from the object.
size_t BytesOf(const Item& item) {
  const auto observed = [](const auto& evidence) {
    size_t bytes = evidence.observations.size() * sizeof(golden::Observation);
    for (const golden::Observation& o : evidence.observations) bytes += o.value.size();
    return bytes;
  };
  if (const auto* event = std::get_if<ingest::PreparedEvent>(&item.evidence))
    return event->row.size() + observed(*event);
  if (const auto* record = std::get_if<ingest::PreparedRecord>(&item.evidence))
    return record->content.size() + observed(*record);
  return 0;
}

}  // namespace

void AppendItems(const ingest::Preparer& preparer, golden::SourceIndex source, const ingest::RowParser& parser,
                 std::shared_ptr<const FileRow> row, const std::string& rejected, std::vector<Item>& out,
                 FileFindings* findings) {
  std::vector<ingest::Parsed> parsed;
  if (rejected.empty())
    parser.Parse(row->raw, parsed);
  else
    parsed.push_back(ingest::Rejection{rejected});
  for (uint32_t i = 0; i < parsed.size(); ++i) {
    Item& item = out.emplace_back(Item{.source = source});
    item.origin.row = row;
    item.origin.item = parsed.size() > 1 ? i + 1 : 0;
    if (findings != nullptr) Note(parsed[i], *findings);
    const std::string place = parsed.size() > 1 ? fmt::format("batch[{}]: ", i) : "";
    std::visit(PrepareParsed{preparer, source, row->extracted_at, place, parsed[i], item}, parsed[i]);
    if (findings != nullptr) NoteLeftOut(preparer.schema(), item, *findings);
  }
}

absl::StatusOr<std::unique_ptr<FileItems>> FileItems::Open(const ingest::Context& context,
                                                           const ingest::Preparer& preparer, golden::SourceIndex source,
                                                           const std::string& path, ingest::InputWait& wait,
                                                           Time extracted_at) {
  auto bytes = ingest::OpenByteSource(path, &wait);
  if (!bytes.ok()) return bytes.status();
  std::unique_ptr<FileItems> items(new FileItems(preparer, source, path, extracted_at));
  items->bytes_ = bytes->get();
  auto format = ingest::OpenRows(context.schema, context.schema.sources[source], *std::move(bytes));
  if (!format.ok()) return format.status();
  items->format_ = *std::move(format);
  if (!items->format_.header.empty()) items->header_ = std::make_shared<const std::string>(items->format_.header);
  return items;
}

std::vector<std::string> FileItems::Warnings() const {
  std::vector<std::string> warnings;
  for (const std::string& column : format_.missing_columns)
    warnings.push_back(fmt::format("{} has no column `{}`", path_, column));
  for (const std::string& column : format_.doubled_columns)
    warnings.push_back(fmt::format("{} has two columns `{}`; only the first is read", path_, column));
  if (!format_.hint.empty()) warnings.push_back(fmt::format("{}: {}", path_, format_.hint));
  for (size_t i = 0; findings_.any_row && i < std::min<size_t>(format_.declared.size(), 64); ++i) {
    if ((findings_.found >> i & 1) == 0)
      warnings.push_back(fmt::format("no row of {} has the field `{}`", path_, format_.declared[i]));
  }
  for (const auto* left_out : {&findings_.identifiers, &findings_.values}) {
    const std::string_view name = left_out == &findings_.values ? "value" : "identifier";
    for (const auto& [what, values] : *left_out) {
      warnings.push_back(fmt::format("{}: {} {}{} left out, for example `{}` ({})", path_, values.count, name,
                                     values.count == 1 ? " was" : "s were", values.example, what));
    }
  }
  return warnings;
}

absl::StatusOr<bool> FileItems::Next(size_t most, std::vector<Item>& items, size_t& bytes) {
  constexpr size_t kEnoughBytes = size_t{1} << 20;
  for (size_t rows = 0; rows < most && items.size() < most && bytes < kEnoughBytes; ++rows) {
    ingest::RawRow raw;
    auto more = format_.splitter->Next(raw);
    if (!more.ok() || !*more) return more;
    const size_t before = items.size();
    bytes += raw.text.size();
    auto row = std::make_shared<const FileRow>(FileRow{
        .file = path_, .line = raw.line, .raw = std::move(raw.text), .header = header_, .extracted_at = extracted_at_});
    AppendItems(preparer_, source_, *format_.parser, std::move(row), raw.rejected, items, &findings_);
    for (size_t i = before; i < items.size(); ++i) bytes += BytesOf(items[i]);
  }
  return true;
}

}  // namespace kintsugi::write

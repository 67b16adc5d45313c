#include "engine/file_items.h"

#include <fmt/format.h>

#include <algorithm>

namespace kintsugi::engine {
namespace {

struct PrepareParsed {
  const ingest::Preparer& preparer;
  const golden::SourceIndex source;
  const Time extracted_at;
  ingest::Parsed& parsed;
  Item& item;

  void operator()(const ingest::Rejection& rejection) { item.evidence = ingest::Refused{rejection.reason}; }
  void operator()(const Event& event) { Take(preparer.Prepare(source, event, std::move(parsed.content))); }
  void operator()(Record& record) {
    record.extracted_at = extracted_at;
    Take(preparer.Prepare(source, record, std::move(parsed.content)));
  }

  template <typename Prepared>
  void Take(std::variant<Prepared, ingest::Refused> prepared) {
    if (auto* evidence = std::get_if<Prepared>(&prepared)) {
      evidence->refused_values = std::move(parsed.refused_values);
      item.evidence = std::move(*evidence);
    } else {
      item.evidence = std::get<ingest::Refused>(std::move(prepared));
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

}  // namespace

void AppendItems(const ingest::Preparer& preparer, golden::SourceIndex source, const ingest::RowParser& parser,
                 const Origin& origin, const std::string& rejected, std::vector<Item>& out, FileFindings* findings) {
  std::vector<ingest::Parsed> parsed;
  if (rejected.empty())
    parser.Parse(*origin.raw, parsed);
  else
    parsed.push_back(ingest::Rejection{rejected});
  for (uint32_t i = 0; i < parsed.size(); ++i) {
    Item& item = out.emplace_back(Item{.source = source, .origin = origin});
    item.origin.index = i;
    if (findings != nullptr) Note(parsed[i], *findings);
    std::visit(PrepareParsed{preparer, source, origin.extracted_at, parsed[i], item}, parsed[i]);
  }
}

absl::StatusOr<std::unique_ptr<FileItems>> FileItems::Open(const Context& context, const ingest::Preparer& preparer,
                                                           golden::SourceIndex source, const std::string& path,
                                                           Time extracted_at) {
  auto bytes = ingest::OpenByteSource(path);
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
  for (size_t i = 0; findings_.any_row && i < std::min<size_t>(format_.declared.size(), 64); ++i) {
    if ((findings_.found >> i & 1) == 0)
      warnings.push_back(fmt::format("no row of {} has the field `{}`", path_, format_.declared[i]));
  }
  for (const auto& [what, values] : findings_.values) {
    warnings.push_back(fmt::format("{}: {} {} left out, for example `{}` ({})", path_, values.count,
                                   values.count == 1 ? "value was" : "values were", values.example, what));
  }
  return warnings;
}

absl::StatusOr<bool> FileItems::Next(size_t rows, std::vector<Item>& items, size_t& raw_bytes) {
  constexpr size_t kEnoughBytes = size_t{1} << 20;
  for (size_t i = 0; i < rows && raw_bytes < kEnoughBytes; ++i) {
    ingest::RawRow row;
    auto more = format_.splitter->Next(row);
    if (!more.ok() || !*more) return more;
    raw_bytes += row.text.size();
    Origin origin{.file = path_, .line = row.line, .header = header_, .extracted_at = extracted_at_};
    origin.raw = std::make_shared<const std::string>(std::move(row.text));
    AppendItems(preparer_, source_, *format_.parser, origin, row.rejected, items, &findings_);
  }
  return true;
}

}  // namespace kintsugi::engine

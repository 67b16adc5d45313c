#include "engine/file_items.h"

#include <fmt/format.h>

namespace kintsugi::engine {
namespace {

struct PrepareParsed {
  const ingest::Preparer& preparer;
  const golden::SourceIndex source;
  Item& item;

  void operator()(const ingest::Rejection& rejection) { item.evidence = ingest::Refused{rejection.reason}; }
  template <typename Evidence>
  void operator()(const Evidence& evidence) {
    std::visit([&](auto&& prepared) { item.evidence = std::move(prepared); }, preparer.Prepare(source, evidence));
  }
};

// About how much of the row an item holds: its share of a batch object may be many times what it wrote itself, for the
// messages inherit from the object.
size_t BytesOf(const Item& item) {
  if (const auto* event = std::get_if<ingest::PreparedEvent>(&item.evidence)) return event->row.size();
  if (const auto* record = std::get_if<ingest::PreparedRecord>(&item.evidence)) return record->content.size();
  return 0;
}

}  // namespace

void AppendItems(const ingest::Preparer& preparer, golden::SourceIndex source, const ingest::RowParser& parser,
                 std::shared_ptr<const FileRow> row, const std::string& rejected, std::vector<Item>& out) {
  std::vector<ingest::Parsed> parsed;
  if (rejected.empty())
    parser.Parse(row->raw, parsed);
  else
    parsed.push_back(ingest::Rejection{rejected});
  for (uint32_t i = 0; i < parsed.size(); ++i) {
    Item& item = out.emplace_back(Item{.source = source});
    item.origin.row = row;
    item.origin.item = parsed.size() > 1 ? i + 1 : 0;
    std::visit(PrepareParsed{preparer, source, item}, parsed[i]);
  }
}

absl::StatusOr<std::unique_ptr<FileItems>> FileItems::Open(const Context& context, const ingest::Preparer& preparer,
                                                           golden::SourceIndex source, const std::string& path,
                                                           ingest::InputWait& wait) {
  auto bytes = ingest::OpenByteSource(path, &wait);
  if (!bytes.ok()) return bytes.status();
  std::unique_ptr<FileItems> items(new FileItems(preparer, source, path));
  items->bytes_ = bytes->get();
  auto format = ingest::OpenRows(context.schema, context.schema.sources[source], *std::move(bytes));
  if (!format.ok()) return format.status();
  items->format_ = *std::move(format);
  if (!items->format_.header.empty()) items->header_ = std::make_shared<const std::string>(items->format_.header);
  return items;
}

std::vector<std::string> FileItems::Warnings() const {
  std::vector<std::string> warnings;
  for (const std::string& column : format_.missing_columns) {
    warnings.push_back(fmt::format("{} has no column `{}`", path_, column));
  }
  if (!format_.hint.empty()) warnings.push_back(fmt::format("{}: {}", path_, format_.hint));
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
    auto row = std::make_shared<const FileRow>(
        FileRow{.file = path_, .line = raw.line, .raw = std::move(raw.text), .header = header_});
    AppendItems(preparer_, source_, *format_.parser, std::move(row), raw.rejected, items);
    for (size_t i = before; i < items.size(); ++i) bytes += BytesOf(items[i]);
  }
  return true;
}

}  // namespace kintsugi::engine

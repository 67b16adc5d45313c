#include "engine/file_items.h"

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

}  // namespace

void AppendItems(const ingest::Preparer& preparer, golden::SourceIndex source, const ingest::RowParser& parser,
                 const Origin& origin, const std::string& rejected, std::vector<Item>& out) {
  std::vector<ingest::Parsed> parsed;
  if (rejected.empty())
    parser.Parse(*origin.raw, parsed);
  else
    parsed.push_back(ingest::Rejection{rejected});
  for (uint32_t i = 0; i < parsed.size(); ++i) {
    Item& item = out.emplace_back(Item{.source = source, .origin = origin});
    item.origin.index = i;
    std::visit(PrepareParsed{preparer, source, item}, parsed[i]);
  }
}

absl::StatusOr<std::unique_ptr<FileItems>> FileItems::Open(const Context& context, const ingest::Preparer& preparer,
                                                           golden::SourceIndex source, const std::string& path) {
  auto bytes = ingest::OpenByteSource(path);
  if (!bytes.ok()) return bytes.status();
  std::unique_ptr<FileItems> items(new FileItems(preparer, source, path));
  items->bytes_ = bytes->get();
  auto format = ingest::OpenRows(context.schema, context.schema.sources[source], *std::move(bytes));
  if (!format.ok()) return format.status();
  items->format_ = *std::move(format);
  if (!items->format_.header.empty()) items->header_ = std::make_shared<const std::string>(items->format_.header);
  return items;
}

absl::StatusOr<bool> FileItems::Next(size_t rows, std::vector<Item>& items, size_t& raw_bytes) {
  constexpr size_t kEnoughBytes = size_t{1} << 20;
  for (size_t i = 0; i < rows && raw_bytes < kEnoughBytes; ++i) {
    ingest::RawRow row;
    auto more = format_.splitter->Next(row);
    if (!more.ok() || !*more) return more;
    raw_bytes += row.text.size();
    Origin origin{.file = path_, .line = row.line, .header = header_};
    origin.raw = std::make_shared<const std::string>(std::move(row.text));
    AppendItems(preparer_, source_, *format_.parser, origin, row.rejected, items);
  }
  return true;
}

}  // namespace kintsugi::engine

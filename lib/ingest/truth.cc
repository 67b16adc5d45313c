// kintsugi::LoadTruth: the CSV that `kintsugi evaluate` compares with.

#include <fmt/format.h>

#include "ingest/csv.h"
#include "ingest/rows.h"
#include "ingest/splitter.h"
#include "kintsugi/evaluate.h"

namespace kintsugi {

absl::StatusOr<std::vector<TruthRow>> LoadTruth(const std::string& path) {
  auto bytes = ingest::OpenByteSource(path);
  if (!bytes.ok()) return bytes.status();
  ingest::CsvSplitter rows(*std::move(bytes));
  const auto wrong = [&](uint64_t line, std::string_view what) {
    return absl::InvalidArgumentError(fmt::format("{}:{}: {}", path, line, what));
  };
  ingest::RawRow row;
  auto more = rows.Next(row);
  if (!more.ok()) return more.status();
  if (!*more) return wrong(1, "the file is empty; it needs a header with `identifier` and `entity`");
  const auto header = ingest::CsvHeader::Parse(row.text, ',');
  if (!header.ok()) return wrong(row.line, std::string(header.status().message()));
  const auto identifier = header->Find("identifier");
  const auto entity = header->Find("entity");
  if (!identifier || !entity) return wrong(row.line, "the header needs the columns `identifier` and `entity`");

  std::vector<TruthRow> truth;
  ingest::CsvRow fields;
  for (more = rows.Next(row); more.ok() && *more; more = rows.Next(row)) {
    if (!row.rejected.empty()) return wrong(row.line, row.rejected);
    if (const std::string_view why = fields.Parse(row.text, ','); !why.empty()) return wrong(row.line, why);
    if (fields.fields().size() != header->columns.size())
      return wrong(row.line, "the row has another number of fields than the header");
    auto parsed = Identifier::Parse(fields.fields()[*identifier].text);
    if (!parsed) return wrong(row.line, "the identifier is not of the form `namespace:value`");
    truth.push_back({*std::move(parsed), std::string(fields.fields()[*entity].text)});
  }
  if (!more.ok()) return more.status();
  return truth;
}

}  // namespace kintsugi

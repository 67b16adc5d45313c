// kintsugi::LoadLabels: the CSV that `kintsugi export --labels` reads.

#include <fmt/format.h>

#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/csv.h"
#include "ingest/rows.h"
#include "ingest/splitter.h"
#include "kintsugi/as_of.h"

namespace kintsugi {
namespace {

constexpr std::string_view kIdentifier = "identifier";
constexpr std::string_view kTime = "time";

// The first name that stood before; nothing if all are different.
std::optional<std::string> FirstTwice(const std::vector<std::string>& names) {
  std::set<std::string_view> seen;
  for (const std::string& name : names) {
    if (!seen.insert(name).second) return name;
  }
  return std::nullopt;
}

class LabelReader {
 public:
  explicit LabelReader(const std::string& path) : path_(path) {}

  absl::StatusOr<Labels> Read() {
    auto bytes = ingest::OpenByteSource(path_);
    if (!bytes.ok()) return bytes.status();
    ingest::CsvSplitter rows(*std::move(bytes));
    ingest::RawRow row;
    auto more = rows.Next(row);
    if (!more.ok()) return more.status();
    if (!*more) return Wrong(1, "the file is empty; it needs a header with `identifier` and `time`");
    if (auto status = ReadHeader(row); !status.ok()) return status;
    for (more = rows.Next(row); more.ok() && *more; more = rows.Next(row)) {
      if (auto status = ReadRow(row); !status.ok()) return status;
    }
    if (!more.ok()) return more.status();
    return std::move(labels_);
  }

 private:
  absl::Status Wrong(uint64_t line, std::string_view what) const {
    return absl::InvalidArgumentError(fmt::format("{}:{}: {}", path_, line, what));
  }

  absl::Status ReadHeader(const ingest::RawRow& row) {
    const std::array<std::string, 2> wanted = {std::string(kIdentifier), std::string(kTime)};
    delimiter_ = ingest::DetectDelimiter(row.text, wanted);
    auto header = ingest::CsvHeader::Parse(row.text, delimiter_);
    if (!header.ok()) return Wrong(row.line, std::string(header.status().message()));
    const auto identifier = header->Find(kIdentifier);
    const auto time = header->Find(kTime);
    if (!identifier || !time) return Wrong(row.line, "the header needs the columns `identifier` and `time`");
    if (const auto twice = FirstTwice(header->columns)) {
      return Wrong(row.line, twice->empty()
                                 ? "two columns of the header have no name: name or remove them"
                                 : fmt::format("the header names the column `{}` twice: rename one", *twice));
    }
    identifier_ = *identifier;
    time_ = *time;
    labels_.columns = std::move(header->columns);
    return absl::OkStatus();
  }

  absl::Status ReadRow(const ingest::RawRow& row) {
    if (!row.rejected.empty()) return Wrong(row.line, row.rejected);
    if (const std::string_view why = fields_.Parse(row.text, delimiter_); !why.empty()) return Wrong(row.line, why);
    const std::vector<ingest::CsvField>& fields = fields_.fields();
    if (fields.size() != labels_.columns.size())
      return Wrong(row.line, "the row has another number of fields than the header");
    auto identifier = Identifier::Parse(fields[identifier_].text);
    if (!identifier) return Wrong(row.line, "the identifier is not of the form `namespace:value`");
    const auto time = ParseTime(fields[time_].text);
    if (!time) return Wrong(row.line, fmt::format("`{}` is not a time; write {}", fields[time_].text, kTimeForms));
    Labels::Row& label = labels_.rows.emplace_back();
    label.at = {*std::move(identifier), *time};
    label.line = row.line;
    for (const ingest::CsvField& field : fields) {
      const bool is_there = field.quoted || !field.text.empty();
      label.fields.push_back(is_there ? std::optional<std::string>(field.text) : std::nullopt);
    }
    return absl::OkStatus();
  }

  const std::string& path_;
  ingest::CsvRow fields_;
  char delimiter_ = ',';
  size_t identifier_ = 0;
  size_t time_ = 0;
  Labels labels_;
};

}  // namespace

absl::StatusOr<Labels> LoadLabels(const std::string& path) {
  return LabelReader(path).Read();
}

}  // namespace kintsugi

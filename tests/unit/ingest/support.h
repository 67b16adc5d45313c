// What the tests of this folder share.

#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catch.h"
#include "ingest/rows.h"

namespace kintsugi::ingest {

// Hands bytes over in pieces of a given size, as a slow pipe does; fails at the end if told to.
class ChunkedSource : public ByteSource {
 public:
  ChunkedSource(std::string bytes, size_t chunk, absl::Status end = absl::OkStatus())
      : bytes_(std::move(bytes)), chunk_(std::max<size_t>(chunk, 1)), end_(std::move(end)) {}
  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    const size_t count = bytes_.copy(buffer, std::min(size, chunk_), position_);
    if (count == 0 && !end_.ok()) return end_;
    position_ += count;
    return count;
  }
  uint64_t position() const override { return position_; }

 private:
  std::string bytes_;
  size_t chunk_;
  absl::Status end_;
  size_t position_ = 0;
};

// A file that is gone after the test.
class TempFile {
 public:
  TempFile(const std::string& name, std::string_view bytes)
      : path_(std::filesystem::temp_directory_path() / ("kintsugi_ingest_" + std::to_string(++Count()) + "_" + name)) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~TempFile() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  // Tests may run as processes beside each other, so the count begins somewhere of its own.
  static uint64_t& Count() {
    static uint64_t count =
        reinterpret_cast<uint64_t>(&count) ^ std::filesystem::file_time_type::clock::now().time_since_epoch().count();
    return count;
  }
  std::filesystem::path path_;
};

struct RowList {
  std::vector<RawRow> rows;
  absl::Status status;
};

inline RowList Split(RowSplitter& splitter) {
  RowList list;
  RawRow row;
  while (true) {
    absl::StatusOr<bool> next = splitter.Next(row);
    list.status = next.status();
    if (!next.ok() || !*next) return list;
    list.rows.push_back(row);
  }
}

inline std::vector<std::string> Texts(const RowList& list) {
  std::vector<std::string> texts;
  for (const RawRow& row : list.rows) texts.push_back(row.text);
  return texts;
}

inline std::vector<Parsed> ParseRow(const RowParser& parser, std::string_view text) {
  std::vector<Parsed> out;
  parser.Parse(text, out);
  return out;
}

// The reason for which a row is refused; empty if it is not.
inline std::string ReasonOf(const Parsed& parsed) {
  const auto* rejection = std::get_if<Rejection>(&parsed);
  return rejection != nullptr ? rejection->reason : "";
}

inline const Event& OnlyEvent(const std::vector<Parsed>& parsed) {
  REQUIRE(parsed.size() == 1);
  INFO(ReasonOf(parsed[0]));
  REQUIRE(std::holds_alternative<Event>(parsed[0]));
  return std::get<Event>(parsed[0]);
}

inline const Record& OnlyRecord(const std::vector<Parsed>& parsed) {
  REQUIRE(parsed.size() == 1);
  INFO(ReasonOf(parsed[0]));
  REQUIRE(std::holds_alternative<Record>(parsed[0]));
  return std::get<Record>(parsed[0]);
}

inline std::string OnlyReason(const std::vector<Parsed>& parsed) {
  REQUIRE(parsed.size() == 1);
  return ReasonOf(parsed[0]);
}

// The last value of a name; "absent" as a Json if there is none.
inline Value Get(const std::vector<NamedValue>& values, std::string_view name) {
  for (auto at = values.rbegin(); at != values.rend(); ++at) {
    if (at->first == name) return at->second;
  }
  return Json{"absent"};
}

// "ns:value ns:value", in their order.
inline std::string Show(const std::vector<Identifier>& identifiers) {
  std::string text;
  for (const Identifier& identifier : identifiers) {
    text.append(text.empty() ? "" : " ").append(identifier.ns).append(":").append(identifier.value);
  }
  return text;
}

}  // namespace kintsugi::ingest

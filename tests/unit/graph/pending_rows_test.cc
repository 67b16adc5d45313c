// Rows that are going to be written, over those that are there.

#include "graph/pending_rows.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "catch.h"
#include "graph/memory_rows.h"

namespace kintsugi::graph {
namespace {

using format::Family;
using Lines = std::vector<std::string>;

Lines ScanAll(const EvidenceSource& rows, std::string_view prefix, std::string_view begin) {
  Lines lines;
  const auto status = rows.ScanFrom(Family::kEvents, prefix, begin, [&](std::string_view key, std::string_view row) {
    lines.push_back(std::string(key) + "=" + std::string(row));
    return true;
  });
  REQUIRE(status.ok());
  return lines;
}

Lines ScanAllBack(const EvidenceSource& rows, std::string_view prefix, std::string_view end) {
  Lines lines;
  const auto status = rows.ScanBack(Family::kEvents, prefix, end, [&](std::string_view key, std::string_view row) {
    lines.push_back(std::string(key) + "=" + std::string(row));
    return true;
  });
  REQUIRE(status.ok());
  return lines;
}

}  // namespace

TEST_CASE("pending rows read as if they were written", "[graph]") {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const auto any_key = [&] {
      std::string key(1 + random() % 3, 'a');
      for (char& c : key) c = static_cast<char>('a' + random() % 3);
      return key;
    };
    MemoryRows stored;
    for (int i = 0; i < 10; ++i) stored.Put(Family::kEvents, any_key(), "old");
    PendingRows pending(stored);
    for (int i = 0; i < 8; ++i) {
      if (random() % 2 == 0)
        pending.Put(Family::kEvents, any_key(), std::to_string(i));
      else
        pending.Delete(Family::kEvents, any_key());
    }
    MemoryRows written = stored;
    pending.WriteTo(written);
    const std::string prefix = random() % 4 == 0 ? "" : any_key().substr(0, 1);
    const std::string begin = prefix + (random() % 2 == 0 ? "" : any_key());
    INFO("seed " << seed);
    CHECK(ScanAll(pending, prefix, begin) == ScanAll(written, prefix, begin));
    // Backwards, what comes before: together they are all.
    Lines back = ScanAllBack(pending, prefix, begin);
    CHECK(back == ScanAllBack(written, prefix, begin));
    std::reverse(back.begin(), back.end());
    for (std::string& line : ScanAll(pending, prefix, begin)) back.push_back(std::move(line));
    CHECK(back == ScanAll(pending, prefix, prefix));
    std::vector<std::string> keys;
    for (int i = 0; i < 20; ++i) keys.push_back(any_key());
    CHECK(*pending.GetMany(Family::kEvents, keys) == *written.GetMany(Family::kEvents, keys));
    for (const std::string& key : keys) CHECK(*pending.Get(Family::kEvents, key) == *written.Get(Family::kEvents, key));
  }
}

TEST_CASE("a scan of pending rows ends where its visitor says, and tells what is wrong", "[graph]") {
  MemoryRows stored;
  stored.Put(Family::kEvents, "b", "");
  stored.Put(Family::kEvents, "d", "");
  PendingRows pending(stored);
  pending.Put(Family::kEvents, "a", "");
  pending.Put(Family::kEvents, "c", "");
  pending.Put(Family::kEvents, "e", "");
  for (const std::string last : {"a", "b", "c", "d", "e"}) {
    std::string seen;
    const auto visit = [&](absl::Status end) {
      return pending.Scan(Family::kEvents, "", [&](std::string_view key, std::string_view) -> VisitResult {
        seen += key;
        if (key != last) return true;
        return end.ok() ? VisitResult(false) : VisitResult(end);
      });
    };
    CHECK(visit(absl::OkStatus()).ok());
    CHECK(seen == std::string("abcde").substr(0, std::string("abcde").find(last) + 1));
    CHECK(visit(absl::DataLossError("x")).code() == absl::StatusCode::kDataLoss);
  }
  for (const std::string last : {"a", "b", "c", "d", "e"}) {
    std::string seen;
    const auto status = pending.ScanBack(Family::kEvents, "", "f", [&](std::string_view key, std::string_view) {
      seen += key;
      return key != last;
    });
    CHECK(status.ok());
    CHECK(seen == std::string("edcba").substr(0, std::string("edcba").find(last) + 1));
  }
  pending.Clear();
  CHECK(ScanAll(pending, "", "") == Lines{"b=", "d="});
}

}  // namespace kintsugi::graph

// What is observed of an identifier, in rows: they say it whole, whatever was loaded of them, and are a function of it.

#include "graph/observed.h"

#include <fmt/format.h>

#include <random>
#include <string>
#include <vector>

#include "catch.h"
#include "golden/value_codec.h"
#include "graph/memory_rows.h"

namespace kintsugi::graph {
namespace {

using format::Family;
using golden::Observation;

std::unique_ptr<const ingest::Context> TheContext() {
  return *ingest::Context::Create(
      *Schema::Parse("namespaces { name: 'user' } sources { name: 'web' events { format: NATIVE } } "
                     "sources { name: 'app' events { format: NATIVE } } "
                     "golden { attributes { name: 'page' keep: MOST_RECENT max_values: 40 } "
                     "attributes { name: 'first' keep: OLDEST max_values: 2 } "
                     "attributes { name: 'oldest' keep: OLDEST max_values: 6 } "
                     "attributes { name: 'longest' keep: LONGEST max_values: 6 } "
                     "attributes { name: 'least' keep: MIN max_values: 6 } }"),
      {});
}

const identity::Node kJane{0, "jane"};

Observation Said(std::string attribute, const Value& value, golden::SourceIndex source, int minute) {
  const Time time{std::chrono::minutes(minute)};
  return {std::move(attribute), golden::EncodeValue(value), source, time, time, 1};
}

// The rows of an identifier that was changed again and again, each time by who knows nothing but the rows; and beside
// them all that was observed, in one list.
class Rows {
 public:
  explicit Rows(const ingest::Context& context) : context_(context) {}

  void Add(const std::vector<Observation>& said) {
    size_t left_out = 0;
    Change([&](Observed& observed) { return observed.Add(said, [&](const Observation&) { ++left_out; }); });
    context_.golden_rules.AddObservations(all_, said, [&](const Observation&) { --left_out; });
    CHECK(left_out == 0);
    CheckRows();
  }
  void Replace(const std::vector<Observation>& all) {
    Change([&](Observed& observed) { return observed.Replace(all); });
    all_ = all;
    CheckRows();
  }

  MemoryRows::Rows stored() const { return AllOf(rows_); }
  const std::vector<Observation>& all() const { return all_; }

 private:
  // No key of the one family is a key of the other.
  static MemoryRows::Rows AllOf(const MemoryRows& rows) {
    MemoryRows::Rows all = rows.of(Family::kTallies);
    all.insert(rows.of(Family::kValues).begin(), rows.of(Family::kValues).end());
    return all;
  }

  template <typename ChangeIt>
  void Change(ChangeIt change) {
    Observed observed(context_, rows_, kJane, !all_.empty());
    REQUIRE(change(observed).ok());
    REQUIRE(observed.Settle().ok());
    MemoryRows next = rows_;
    observed.Write(next);
    rows_ = std::move(next);
  }

  void CheckRows() {
    const auto is_null = [](const Observation& o) { return golden::IsNull(o.value); };
    Observed again(context_, rows_, kJane, !all_.empty());
    std::vector<const Observation*> read;
    REQUIRE(again.AppendAll(read).ok());
    std::vector<Observation> said;
    for (const Observation* o : read) said.push_back(*o);
    CHECK(said == all_);
    REQUIRE(again.Settle().ok());
    CHECK(again.has_nulls() == std::any_of(all_.begin(), all_.end(), is_null));

    Observed at_once(context_, nothing_, kJane, false);
    REQUIRE(at_once.Replace(all_).ok());
    REQUIRE(at_once.Settle().ok());
    CHECK(at_once.is_empty() == all_.empty());
    MemoryRows expected;
    at_once.Write(expected);
    CHECK(AllOf(expected) == stored());
  }

  const ingest::Context& context_;
  const MemoryRows nothing_;
  MemoryRows rows_;
  std::vector<Observation> all_;
};

TEST_CASE("little that is observed is one row, more is a row an attribute, and much of one a row a value",
          "[observed]") {
  const auto context = TheContext();
  Rows rows(*context);
  rows.Add({Said("name", std::string("Jane"), 0, 1), Said("page", std::string("/"), 0, 1)});
  CHECK(rows.stored().size() == 1);
  rows.Add({Said("letter", std::string(2000, 'x'), 0, 2)});
  CHECK(rows.stored().size() == 4);  // the identifier's, and three attributes'
  for (int i = 0; i < 30; ++i) rows.Add({Said("page", fmt::format("/{:0>60}", i), 0, 3 + i)});
  CHECK(rows.stored().size() == 4 + 31);  // `page` has a row for each of its values
  rows.Replace({Said("name", std::string("Jane"), 0, 1)});
  CHECK(rows.stored().size() == 1);
  rows.Replace({});
  CHECK(rows.stored().empty());
}

TEST_CASE("a value said again changes its own row and no other", "[observed]") {
  const auto context = TheContext();
  Rows rows(*context);
  for (int i = 0; i < 35; ++i) rows.Add({Said("page", fmt::format("/{:0>60}", i), 0, i)});
  const MemoryRows::Rows before = rows.stored();
  rows.Add({Said("page", fmt::format("/{:0>60}", 7), 0, 99)});
  size_t changed = 0;
  for (const auto& [key, row] : rows.stored()) changed += before.at(key) != row ? 1 : 0;
  CHECK(changed == 1);
  CHECK(rows.stored().size() == before.size());
}

// Values and attributes beyond what is kept, nulls, long and short ones, and all of it replaced now and then.
TEST_CASE("rows that are changed step by step are those of all that was said", "[observed]") {
  const auto context = TheContext();
  for (uint32_t seed = 0; seed < 12; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](uint32_t n) { return std::uniform_int_distribution<uint32_t>(0, n - 1)(random); };
    const auto any = [&](int minute) {
      static const std::vector<std::string> kNames = {"page",   "page",   "page",    "first", "name",
                                                      "letter", "oldest", "longest", "least"};
      std::string name = below(12) == 0 ? fmt::format("other {}", below(9)) : kNames[below(kNames.size())];
      const bool is_long = name == "oldest" || name == "longest" || name == "least";
      const uint32_t kind = below(20);
      const Value value = kind == 0   ? Value(Null())
                          : kind == 1 ? Value(std::string())
                          : kind == 2 ? Value(std::string(700 + below(3) * 700, 'x'))
                          : is_long   ? Value(fmt::format("{}{:0>400}", std::string(below(3), 'x'), below(30)))
                                      : Value(fmt::format("/{:0>50}", below(seed % 2 == 0 ? 60 : 30)));
      return Said(std::move(name), value, static_cast<golden::SourceIndex>(below(2)), minute);
    };
    Rows rows(*context);
    for (int step = 0; step < 150; ++step) {
      std::vector<Observation> said;
      for (uint32_t i = 0; i <= below(3); ++i) golden::AddObservation(said, any(static_cast<int>(below(1000))));
      if (below(40) == 0) {
        std::vector<Observation> fewer = rows.all();
        std::erase_if(fewer, [&](const Observation&) { return below(2) == 0; });
        rows.Replace(below(3) == 0 ? said : fewer);
      } else {
        rows.Add(said);
      }
    }
  }
}

// Counts the rows that are asked for.
class Counted : public EvidenceSource {
 public:
  explicit Counted(const MemoryRows& rows) : rows_(rows) {}
  absl::StatusOr<std::optional<std::string>> Get(Family family, std::string_view key) const override {
    ++asked_;
    return rows_.Get(family, key);
  }
  absl::StatusOr<std::vector<std::optional<std::string>>> GetMany(Family family,
                                                                  const std::vector<std::string>& keys) const override {
    asked_ += keys.size();
    return rows_.GetMany(family, keys);
  }
  absl::Status ScanFrom(Family family, std::string_view prefix, std::string_view begin,
                        const Visit& visit) const override {
    return rows_.ScanFrom(family, prefix, begin, [&](std::string_view key, std::string_view row) {
      ++asked_;
      return visit(key, row);
    });
  }
  absl::Status ScanBack(Family family, std::string_view prefix, std::string_view end,
                        const Visit& visit) const override {
    return rows_.ScanBack(family, prefix, end, visit);
  }
  size_t asked() const { return std::exchange(asked_, 0); }

 private:
  const MemoryRows& rows_;
  mutable size_t asked_ = 0;
};

// The one with which another threshold has to be found reads all that are kept: as often as one of the values said has
// one of the smallest hashes.
TEST_CASE("beyond the values that are kept another costs a few rows", "[observed]") {
  const auto context = TheContext();
  MemoryRows rows;
  const Counted counted(rows);
  size_t many = 0;
  for (int i = 0; i < 1000; ++i) {
    Observed observed(*context, counted, kJane, i != 0);
    REQUIRE(observed.Add(std::vector{Said("page", fmt::format("/{:0>60}", i), 0, i)}, [](const Observation&) {}).ok());
    REQUIRE(observed.Settle().ok());
    observed.Write(rows);
    for (const Observed::Change& change : observed.Changes()) CHECK(change.retired.empty());
    const size_t asked = counted.asked();
    if (asked > 6 && i >= 200) ++many;
  }
  CHECK(many < 100);  // 40 values are kept: 40 * ln(1000 / 200) is 64
  CHECK(rows.of(Family::kValues).size() < 44);
}

TEST_CASE("attributes beyond what is kept are left out of the rows, too", "[observed]") {
  const auto context = TheContext();
  Rows rows(*context);
  std::vector<Observation> said;
  for (size_t i = 0; i < golden::kMaxUnlistedAttributes; ++i)
    golden::AddObservation(said, Said(fmt::format("a{}", i), int64_t{1}, 0, 1));
  rows.Add(said);
  for (int i = 0; i < 20; ++i) rows.Add({Said(fmt::format("b{}", i), int64_t{1}, 0, 2)});
  CHECK(rows.all().size() == golden::kMaxUnlistedAttributes);
}

TEST_CASE("a damaged row of what was observed is told, and nothing is made of it", "[observed]") {
  const auto context = TheContext();
  const std::string key = format::TallyKey(context->KeyOf(kJane));
  for (const std::string& row :
       {std::string(), std::string("\3"), std::string("\1\4name\xff"), std::string("\2\xff")}) {
    MemoryRows rows;
    rows.Put(Family::kTallies, key, row);
    Observed observed(*context, rows, kJane, true);
    std::vector<const Observation*> read;
    CHECK(observed.AppendAll(read).code() == absl::StatusCode::kDataLoss);
  }
}

}  // namespace
}  // namespace kintsugi::graph

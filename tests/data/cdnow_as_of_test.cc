// 69,659 purchases of 23,570 customers: what the golden records were on September 30, 1997, asked for when everything
// that came later is there, is what a plain script says, and what a database says that was told nothing later.

#include "catch.h"
#include "cdnow_purchases.h"

namespace kintsugi::testing {
namespace {

using namespace cdnow;

// Without windows: as of a time there is nothing later.
constexpr const char* kTraits = R"(
  traits { name: "purchases" activity: "purchase" count {} }
  traits { name: "cds" activity: "purchase" sum { of: "cds" } }
  traits { name: "spent" activity: "purchase" sum { of: "dollars" } }
  traits { name: "first" activity: "purchase" first { of: "$time" } }
  traits { name: "last" activity: "purchase" last { of: "$time" } }
  traits { name: "days" activity: "day" count {} }
  traits { name: "was_there" band { of: "days" at: 1 } }
  traits { name: "frequency" difference { of: "days" minus: "was_there" } }
  traits { name: "age" activity: "first" days_since_last {} }
  traits { name: "since_last" activity: "day" days_since_last {} }
  traits { name: "recency" difference { of: "age" minus: "since_last" } }
  traits { name: "spent_a_day" ratio { of: "spent" to: "days" } }
  traits { name: "first_spent" activity: "first" sum { of: "dollars" } }
  traits { name: "repeated" difference { of: "spent" minus: "first_spent" } }
  traits { name: "mean_spend" ratio { of: "repeated" to: "frequency" } }
)";

// The script's word. Of days the first item is the whole first day, so that mean spend is that of the repeats.
Traits UpTo(const std::vector<Purchase>& purchases, sys_days end) {
  const Summary then = Summarize(purchases, end);
  const int64_t days = static_cast<int64_t>(then.cents_by_day.size());
  Traits out{{"purchases", std::to_string(then.purchases)},
             {"cds", std::to_string(then.cds)},
             {"spent", Dollars(then.cents)},
             {"first", Text(then.first->day)},
             {"last", Text(then.last->day)},
             {"days", std::to_string(days)},
             {"was_there", "1"},
             {"frequency", std::to_string(then.frequency())},
             {"age", std::to_string(then.age(end))},
             {"since_last", std::to_string(then.age(end) - then.recency())},
             {"recency", std::to_string(then.recency())},
             {"spent_a_day", DollarsEach(then.cents, days)},
             {"first_spent", Dollars(then.first->cents)},
             {"repeated", Dollars(then.cents - then.first->cents)}};
  if (then.frequency() > 0) out.emplace("mean_spend", DollarsEach(then.cents - then.first->cents, then.frequency()));
  return out;
}

Purchases NotAfter(const Purchases& purchases, sys_days end) {
  Purchases out;
  for (const auto& [customer, list] : purchases) {
    for (const Purchase& one : list) {
      if (one.day <= end) out[customer].push_back(one);
    }
  }
  return out;
}

// Of whom the database says something else as of that day.
std::vector<std::string> Differing(const Database& database, const Purchases& purchases, sys_days end) {
  std::vector<std::string> out;
  for (const auto& [customer, list] : purchases) {
    const Traits got = TraitsOf(database->LookupAsOf({"customer", customer}, Time(end)));
    if (got != UpTo(list, end)) out.push_back(customer);
  }
  return out;
}

}  // namespace

TEST_CASE("As of September 30, 1997, all customers are a plain script's, whatever came later and the clock says",
          "[data][living]") {
  const auto read = ReadOrSkip();
  if (!read) return;
  const Purchases& purchases = *read;
  Database database(SchemaWith(kTraits), kCacheBytes);
  Load(database, purchases, kPurchases);
  CHECK(Differing(database, purchases, kEndOfCalibration).empty());
  REQUIRE(database->Advance(Time(kLastDay)).ok());
  CHECK(Differing(database, purchases, kEndOfCalibration).empty());
  CHECK(Differing(database, purchases, kLastDay).empty());
}

// Fader's and Hardie's repeat transactions are days; see cdnow_test.cc.
TEST_CASE("Of days, mean spend as of September 30, 1997, is that of the days after the first", "[data][living]") {
  const auto read = ReadOrSkip();
  if (!read) return;
  const Purchases days = ByDay(*read);
  Database database(SchemaWith(kTraits), kCacheBytes);
  Load(database, days, kDays);
  CHECK(Differing(database, days, kEndOfCalibration).empty());
}

TEST_CASE("As of a day, each golden record is byte for byte that of a database that was told nothing later",
          "[data][living]") {
  const auto read = ReadOrSkip();
  if (!read) return;
  const Purchases& purchases = *read;
  Database database(SchemaWith(kTraits), kCacheBytes);
  Load(database, purchases, kPurchases);
  Database then(SchemaWith(kTraits), kCacheBytes);
  Load(then, NotAfter(purchases, kEndOfCalibration), 49'086);
  REQUIRE(then->Advance(Time(kEndOfCalibration)).ok());
  std::vector<std::string> differing;
  for (const auto& [customer, list] : purchases) {
    const auto as_of = database->LookupAsOf({"customer", customer}, Time(kEndOfCalibration));
    const auto expected = then->Lookup("customer", customer);
    if (!as_of.ok() || !expected.ok() || as_of->ToJson() != expected->ToJson()) differing.push_back(customer);
  }
  CHECK(differing.empty());
  // Nobody is there before the first day.
  CHECK(absl::IsNotFound(database->LookupAsOf({"customer", "00001"}, Time(kNobodyYet)).status()));
}

}  // namespace kintsugi::testing

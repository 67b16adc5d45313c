// 69,659 purchases of 23,570 customers: what traits say of each customer is what a plain script says.

#include "catch.h"
#include "cdnow_purchases.h"

namespace kintsugi::testing {
namespace {

using namespace cdnow;

// The clock stands an hour into a day, and the windows end an hour before it: at the midnight that begins the day,
// which is when that day's purchases are said to have happened. What comes later is there, and does not count.
constexpr auto kAnHour = std::chrono::hours(1);

constexpr const char* kTraits = R"(
  traits { name: "purchases" activity: "purchase" count {} }
  traits { name: "cds" activity: "purchase" sum { of: "cds" } }
  traits { name: "spent" activity: "purchase" sum { of: "dollars" } }
  traits { name: "first" activity: "purchase" first { of: "$time" } }
  traits { name: "last" activity: "purchase" last { of: "$time" } }
  traits { name: "first_spent" activity: "purchase" first { of: "dollars" } }
  traits { name: "last_spent" activity: "purchase" last { of: "dollars" } }

  traits { name: "purchases_then" activity: "purchase" count {} window { hours: 100000 until_hours: 1 } }
  traits { name: "spent_then" activity: "purchase" sum { of: "dollars" } window { hours: 100000 until_hours: 1 } }
  traits { name: "last_then" activity: "purchase" last { of: "$time" } window { hours: 100000 until_hours: 1 } }
  traits { name: "days_then" activity: "day" count {} window { hours: 100000 until_hours: 1 } }
  traits { name: "was_there" band { of: "days_then" at: 1 } }
  traits { name: "frequency" difference { of: "days_then" minus: "was_there" } }
  traits { name: "age" activity: "first" days_since_last {} window { hours: 100000 until_hours: 1 } }
  traits { name: "since_last" activity: "day" days_since_last {} window { hours: 100000 until_hours: 1 } }
  traits { name: "recency" difference { of: "age" minus: "since_last" } }
  traits { name: "spent_a_day" ratio { of: "spent_then" to: "days_then" } }
  traits { name: "first_then" activity: "first" sum { of: "dollars" } window { hours: 100000 until_hours: 1 } }
  traits { name: "repeated" difference { of: "spent_then" minus: "first_then" } }
  traits { name: "mean_spend" ratio { of: "repeated" to: "frequency" } }
)";

// The script's word for all purchases of a customer.
Traits AllPurchases(const std::vector<Purchase>& purchases) {
  const Summary all = Summarize(purchases, kLastDay);
  return {{"purchases", std::to_string(all.purchases)},
          {"cds", std::to_string(all.cds)},
          {"spent", Dollars(all.cents)},
          {"first", Text(all.first->day)},
          {"last", Text(all.last->day)},
          {"first_spent", Dollars(all.first->cents)},
          {"last_spent", Dollars(all.last->cents)}};
}

// And for those up to a day.
Traits PurchasesUpTo(const std::vector<Purchase>& purchases, sys_days end) {
  const Summary then = Summarize(purchases, end);
  const int64_t days = static_cast<int64_t>(then.cents_by_day.size());
  Traits out{{"purchases_then", std::to_string(then.purchases)},
             {"spent_then", Dollars(then.cents)},
             {"last_then", Text(then.last->day)},
             {"days_then", std::to_string(days)},
             {"was_there", "1"},
             {"frequency", std::to_string(then.frequency())},
             {"age", std::to_string(then.age(end))},
             {"since_last", std::to_string(then.age(end) - then.recency())},
             {"recency", std::to_string(then.recency())},
             {"spent_a_day", DollarsEach(then.cents, days)},
             {"first_then", Dollars(then.cents - then.repeat_cents())},
             {"repeated", Dollars(then.repeat_cents())}};
  if (then.frequency() > 0) out.emplace("mean_spend", DollarsEach(then.repeat_cents(), then.frequency()));
  return out;
}

// The traits that need what was spent on the whole first day.
const std::vector<std::string> kOfTheFirstDay = {"first_then", "repeated", "mean_spend"};

// Customers of whom the database says something else than the script; the traits in `but` are not compared.
std::vector<std::string> Differing(const Database& database, const Purchases& purchases, sys_days end,
                                   const std::vector<std::string>& but = {}) {
  std::vector<std::string> out;
  for (const auto& [customer, list] : purchases) {
    Traits expected = AllPurchases(list);
    expected.merge(PurchasesUpTo(list, end));
    Traits got = TraitsOf(database->Lookup("customer", customer));
    for (const std::string& name : but) expected.erase(name), got.erase(name);
    if (got != expected) out.push_back(customer);
  }
  return out;
}

Purchases WhoBoughtTwiceOnTheFirstDay(const Purchases& purchases) {
  Purchases out;
  for (const auto& [customer, list] : purchases) {
    if (list.size() > 1 && list[0].day == list[1].day) out.emplace(customer, list);
  }
  return out;
}

std::vector<std::string> NamesOf(const Purchases& purchases) {
  std::vector<std::string> out;
  for (const auto& [customer, list] : purchases) out.push_back(customer);
  return out;
}

// Over all customers.
struct Totals {
  int64_t purchases = 0;
  int64_t repeats = 0;
  int64_t who_bought_again = 0;
  friend bool operator==(const Totals&, const Totals&) = default;
};

Totals TotalsOf(const Purchases& purchases, sys_days end) {
  Totals out;
  for (const auto& [customer, list] : purchases) {
    const Summary then = Summarize(list, end);
    out.purchases += then.purchases;
    out.repeats += then.frequency();
    out.who_bought_again += then.frequency() > 0;
  }
  return out;
}

}  // namespace

TEST_CASE("Of 23,570 customers, count, sum, first and last are a plain script's, before the clock moves",
          "[data][living]") {
  const auto read = ReadOrSkip();
  if (!read) return;
  const Purchases& purchases = *read;
  REQUIRE(purchases.size() == 23'570);
  Database database(SchemaWith(kTraits), kCacheBytes);
  Load(database, purchases, kPurchases);
  // Before all times a window that ends before `now` holds nothing, and nothing is some days ago.
  const Traits nothing{{"purchases_then", "0"}, {"spent_then", "0"}, {"days_then", "0"}, {"was_there", "0"},
                       {"frequency", "0"},      {"first_then", "0"}, {"repeated", "0"}};
  std::vector<std::string> differing;
  for (const auto& [customer, list] : purchases) {
    Traits expected = AllPurchases(list);
    expected.insert(nothing.begin(), nothing.end());
    if (TraitsOf(database->Lookup("customer", customer)) != expected) differing.push_back(customer);
  }
  CHECK(differing.empty());
}

TEST_CASE("As of September 30, 1997, with all later purchases present, frequency, recency and age are a plain script's",
          "[data][living]") {
  const auto read = ReadOrSkip();
  if (!read) return;
  const Purchases& purchases = *read;
  // Two different states are told apart: so many of the 69,659 purchases are early enough. There are 24,337 days on
  // which somebody bought again by then; in the end 67,591 days on which somebody bought, less everybody's first.
  CHECK(TotalsOf(purchases, kEndOfCalibration) == Totals{49'086, 24'337, 9'451});
  CHECK(TotalsOf(purchases, kLastDay) == Totals{69'659, 67'591 - 23'570, 11'516});

  // What the first day is worth is for the next case: it differs for those who bought several times on theirs, and
  // nothing else does, and for nobody else.
  const Purchases twice = WhoBoughtTwiceOnTheFirstDay(purchases);
  CHECK(twice.size() == 351);

  Database database(SchemaWith(kTraits), kCacheBytes);
  Load(database, purchases, kPurchases);
  for (const sys_days end : {kEndOfCalibration, kLastDay}) {
    REQUIRE(database->Advance(Time(end) + kAnHour).ok());
    CHECK(Differing(database, purchases, end) == NamesOf(twice));
    CHECK(Differing(database, twice, end, kOfTheFirstDay).empty());
  }
  CHECK(database->Verify()->empty());
}

// What somebody spent on the first day is the sum of several items if they bought several times that day, and no
// condition of a schema says "on the day of the first". So it is said of days: Fader's and Hardie's first step, which
// makes one transaction of a customer's purchases of a day, is done before the file is read.
TEST_CASE("Of days, mean spend as of September 30, 1997, is a plain script's as well", "[data][living]") {
  const auto read = ReadOrSkip();
  if (!read) return;
  const Purchases& purchases = *read;
  const Purchases days = ByDay(purchases);
  Database database(SchemaWith(kTraits), kCacheBytes);
  Load(database, days, kDays);
  REQUIRE(database->Advance(Time(kEndOfCalibration) + kAnHour).ok());
  CHECK(Differing(database, days, kEndOfCalibration).empty());
  // The first of the 2,357 customers of Fader's and Hardie's sample: two repeats, the last after 30.43 weeks of 38.86,
  // at 22.35 dollars each.
  const Traits one = TraitsOf(database->Lookup("customer", "00004"));
  CHECK(one.at("frequency") == "2");
  CHECK(one.at("recency") == "213");
  CHECK(one.at("age") == "272");
  CHECK(one.at("mean_spend") == "22.345");
  // The script itself says the same of days and of purchases.
  for (const auto& [customer, list] : purchases) {
    const Summary of_purchases = Summarize(list, kEndOfCalibration);
    const Summary of_days = Summarize(days.at(customer), kEndOfCalibration);
    if (of_purchases.cents_by_day != of_days.cents_by_day) FAIL(customer);
  }
}

}  // namespace kintsugi::testing

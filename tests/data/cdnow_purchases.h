// The purchases of CDNOW's customers, and a plain script that says of them what the engine must say, too.

#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "catch.h"
#include "data_dir.h"
#include "engine_fixture.h"
#include "kintsugi/value.h"

namespace kintsugi::testing::cdnow {

using std::chrono::sys_days;

// The end of the period by which Fader and Hardie calibrate their models.
constexpr sys_days kEndOfCalibration = std::chrono::year(1997) / 9 / 30;
constexpr sys_days kNobodyYet = std::chrono::year(1996) / 12 / 31;
// The day of the last purchase.
constexpr sys_days kLastDay = std::chrono::year(1998) / 6 / 30;

struct Purchase {
  std::string line;  // of the file, which is in order of customer and day
  sys_days day;
  int64_t cds = 0;
  int64_t cents = 0;
};
// Each customer's, in order of the file.
using Purchases = std::map<std::string, std::vector<Purchase>>;

// "19970101"
inline sys_days DayOf(const std::string& text) {
  const int date = std::stoi(text);
  return std::chrono::year(date / 10'000) / (date / 100 % 100) / (date % 100);
}

// "11.77", always with two places.
inline int64_t CentsOf(const std::string& text) {
  const size_t point = text.find('.');
  return std::stoll(text.substr(0, point)) * 100 + std::stoll(text.substr(point + 1));
}

// Nothing, and the test is left out, if the file is not there.
inline std::optional<Purchases> ReadOrSkip() {
  const auto file = DataFileOrSkip("data/cdnow/CDNOW_master.txt");
  if (!file) return std::nullopt;
  std::ifstream in(*file);
  std::string line;
  std::getline(in, line);  // the header
  Purchases out;
  for (int number = 2; std::getline(in, line); ++number) {
    std::istringstream fields(line);
    std::string customer, date, cds, dollars;
    fields >> customer >> date >> cds >> dollars;
    out[customer].push_back({std::to_string(100'000 + number), DayOf(date), std::stoll(cds), CentsOf(dollars)});
  }
  return out;
}

// Of six places, as traits are written: no zeros behind, and no point behind a whole number.
inline std::string Decimal(int64_t millionths) {
  std::string text = std::to_string(millionths / 1'000'000);
  std::string places = std::to_string(1'000'000 + millionths % 1'000'000).substr(1);
  places.erase(places.find_last_not_of('0') + 1);
  return places.empty() ? text : text + "." + places;
}

inline std::string Dollars(int64_t cents) {
  return Decimal(cents * 10'000);
}

// Rounded half to even.
inline std::string DollarsEach(int64_t cents, int64_t among) {
  const int64_t whole = cents * 10'000 / among;
  const int64_t twice = cents * 10'000 % among * 2;
  return Decimal(whole + (twice > among || (twice == among && whole % 2 == 1) ? 1 : 0));
}

inline std::string Text(sys_days day) {
  return "\"" + FormatTime(Time(day)) + "\"";
}

// One customer up to a day, that day included. After Fader and Hardie, "A Note on Deriving the Pareto/NBD Model and
// Related Expressions" and "The Gamma-Gamma Model of Monetary Value": purchases of one day are one transaction; the
// first is no repeat; recency is how long after the first the last was, age how long after it the period ends; mean
// spend is that of the repeat transactions, and there is none without them.
struct Summary {
  int64_t purchases = 0;
  int64_t cds = 0;
  int64_t cents = 0;
  std::optional<Purchase> first;
  std::optional<Purchase> last;
  std::map<sys_days, int64_t> cents_by_day;

  int64_t frequency() const { return cents_by_day.empty() ? 0 : static_cast<int64_t>(cents_by_day.size()) - 1; }
  int64_t recency() const { return (last->day - first->day).count(); }
  int64_t age(sys_days end) const { return (end - first->day).count(); }
  int64_t repeat_cents() const { return cents - cents_by_day.begin()->second; }
};

inline Summary Summarize(const std::vector<Purchase>& purchases, sys_days end) {
  Summary out;
  for (const Purchase& one : purchases) {
    if (one.day > end) continue;
    ++out.purchases;
    out.cds += one.cds;
    out.cents += one.cents;
    out.cents_by_day[one.day] += one.cents;
    if (!out.first || one.day < out.first->day) out.first = one;
    if (!out.last || one.day >= out.last->day) out.last = one;
  }
  return out;
}

// What a till would write: the same purchases with commas. Their number in the file is their key, for 255 of them say
// the same as another one, and they are purchases, too.
inline void WriteCsv(const Purchases& purchases, const std::string& path) {
  std::ofstream out(path);
  out << "line,customer,date,cds,dollars\n";
  for (const auto& [customer, list] : purchases) {
    for (const Purchase& one : list)
      out << one.line << ',' << customer << ',' << FormatTime(Time(one.day)) << ',' << one.cds << ','
          << Dollars(one.cents) << '\n';
  }
}

// Fader's and Hardie's first step: one transaction of a customer a day.
inline Purchases ByDay(const Purchases& purchases) {
  Purchases out;
  for (const auto& [customer, list] : purchases) {
    std::map<sys_days, Purchase> days;
    for (const Purchase& one : list) {
      Purchase& day = days.try_emplace(one.day, Purchase{one.line, one.day}).first->second;
      day.cds += one.cds;
      day.cents += one.cents;
    }
    for (const auto& [day, one] : days) out[customer].push_back(one);
  }
  return out;
}

// What is read of each file, and what counts as one. Purchases of one day are one: they have one time. The earliest of
// all is the one that no other of the customer precedes, so days since the last such are the customer's age.
inline Schema SchemaWith(const std::string& traits) {
  return *Schema::Parse(R"(
  namespaces { name: "customer" max_per_profile: 1 }
  sources { name: "shop" table {
    key: "line" updated_at: "date"
    identifiers { field: "customer" namespace: "customer" }
    event {
      name: "Purchase" time: "date"
      properties { field: "customer" }
      properties { field: "cds" type: NUMBER }
      properties { field: "dollars" type: NUMBER }
    }
  } }
  activities { name: "purchase" events: "Purchase" }
  activities { name: "day" events: "Purchase" once_per: "$time" }
  activities { name: "first" events: "Purchase" once_per: "customer" }
)" + traits);
}

constexpr size_t kCacheBytes = 8 << 20;
constexpr size_t kPurchases = 69'659;
constexpr size_t kDays = 67'591;  // on which a customer bought

inline void Load(Database& database, const Purchases& purchases, size_t rows) {
  const std::string file = database.directory() / "purchases.csv";
  WriteCsv(purchases, file);
  const auto report = database.IngestFile({.source = "shop", .path = file});
  REQUIRE(report.ok());
  REQUIRE(report->accepted == rows);
}

// JSON by name; what is absent is not there.
using Traits = std::map<std::string, std::string>;

inline Traits TraitsOf(const absl::StatusOr<Profile>& profile) {
  if (!profile.ok()) return {{"error", profile.status().ToString()}};
  Traits out;
  for (const auto& [name, value] : profile->traits()) out.emplace(name, ViewToJson(value));
  return out;
}

}  // namespace kintsugi::testing::cdnow

// Oldest points are spent first, what is left of an earning is gone in time, what was spent beyond that is owed; as a
// ledger says that counts points one by one.

#include "living/ledger.h"

#include <rapidcheck.h>

#include <deque>
#include <string>
#include <vector>

#include "unit/living/trait_examples.h"

namespace kintsugi::living::examples {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;

constexpr auto kMonth = days(30);

Time Day(int day) {
  return At("2026-01-01") + days(day);
}

// Points that last ten days.
struct Book {
  Ledger ledger{days(10)};

  Book& Earn(int day, uint64_t points) { return ledger.Earn(Day(day), Whole(points)), *this; }
  Book& Spend(int day, uint64_t points) { return ledger.Spend(Day(day), Whole(points)), *this; }
  std::string At(Time now) const { return ledger.At(now, days(3)).points.ToText(); }
  std::string At(int day) const { return At(Day(day)); }
  std::string ExpiringAt(Time now) const { return ledger.At(now, days(3)).expiring.ToText(); }
  std::optional<Time> DueAfter(Time now) const { return Known(ledger.At(now, days(3)).due); }
};

}  // namespace

TEST_CASE("An earning is gone from exactly so long after it on", "[living]") {
  const Book book = Book().Earn(0, 100).Earn(4, 10);
  CHECK(book.At(0) == "110");
  CHECK(book.At(Day(10) - microseconds(1)) == "110");
  CHECK(book.At(10) == "10");
  CHECK(book.At(14) == "0");
  CHECK(book.At(kNeverLast) == "110");
}

TEST_CASE("Oldest points are spent first", "[living]") {
  const Book book = Book().Earn(0, 100).Earn(4, 50).Spend(5, 120);
  CHECK(book.At(5) == "30");
  CHECK(book.At(10) == "30");  // nothing of the first is left
  CHECK(book.At(14) == "0");
  CHECK(book.ledger.overdrawn() == 0);
}

TEST_CASE("What is gone is gone for a spending at that moment, too", "[living]") {
  Book book = Book().Earn(0, 100).Earn(5, 20);
  SECTION("just before") {
    book.ledger.Spend(Day(10) - microseconds(1), Whole(110));
    CHECK(book.ledger.overdrawn() == 0);
    CHECK(book.At(10) == "10");
  }
  SECTION("at it") {
    book.Spend(10, 110);
    CHECK(book.ledger.overdrawn() == 1);
    CHECK(book.At(10) == "-90");
  }
}

TEST_CASE("What a spending asks for beyond what there is, is owed, and later earnings pay it first", "[living]") {
  Book book = Book().Earn(0, 10).Spend(1, 25);
  CHECK(book.At(1) == "-15");
  CHECK(book.ledger.overdrawn() == 1);
  book.Earn(2, 5).Spend(3, 1);
  CHECK(book.At(3) == "-11");
  CHECK(book.ledger.overdrawn() == 2);
  book.Earn(4, 30);
  CHECK(book.At(4) == "19");
  CHECK(book.At(13) == "19");
  CHECK(book.At(14) == "0");  // the debt is paid, and what is left is gone
  book.Spend(5, 19);
  CHECK(book.ledger.overdrawn() == 2);
  CHECK(book.At(20) == "0");
}

TEST_CASE("A debt does not expire", "[living]") {
  CHECK(Book().Spend(0, 5).At(3000) == "-5");
}

TEST_CASE("A clock before a spending still has what will be gone by then", "[living]") {
  const Book book = Book().Earn(0, 100).Spend(12, 30);
  CHECK(book.At(kNeverLast) == "70");
  CHECK(book.At(9) == "70");
  CHECK(book.At(10) == "-30");
  CHECK(book.ledger.overdrawn() == 1);
}

TEST_CASE("Points expire soon if they are gone by then, and not yet", "[living]") {
  const Book book = Book().Earn(0, 100).Earn(1, 10).Spend(2, 60);
  CHECK(book.ExpiringAt(Day(7) - microseconds(1)) == "0");
  CHECK(book.ExpiringAt(Day(7)) == "40");
  CHECK(book.ExpiringAt(Day(8)) == "50");
  CHECK(book.ExpiringAt(Day(10)) == "10");
  CHECK(book.ExpiringAt(Day(11)) == "0");
  CHECK(book.ExpiringAt(kNeverLast) == "0");
}

TEST_CASE("A balance is due when points are gone, or soon will be", "[living]") {
  const Book book = Book().Earn(0, 100).Earn(1, 10).Spend(2, 100);
  CHECK(book.DueAfter(kNeverLast) == Day(8));
  CHECK(book.DueAfter(Day(2)) == Day(8));
  CHECK(book.DueAfter(Day(8)) == Day(11));
  CHECK_FALSE(book.DueAfter(Day(11)));
  CHECK_FALSE(Book().Spend(0, 1).DueAfter(kNeverLast));
}

TEST_CASE("Points that last for ever, or beyond all times, are never due", "[living]") {
  for (const std::optional<Time::duration> lasts : {std::optional<Time::duration>(), {days(3'000'000)}}) {
    Ledger ledger(lasts);
    ledger.Earn(Day(0), Whole(5));
    const Ledger::Balance balance = ledger.At(At("9999-12-31"), kMonth);
    CHECK(balance.points == Whole(5));
    CHECK(balance.expiring == Decimal());
    CHECK(balance.due == kNeverFirst);
  }
}

TEST_CASE("What was earned is reached until the earning that makes it up is too old", "[living]") {
  const Book book = Book().Earn(0, 100).Earn(5, 50).Earn(5, 50).Spend(6, 200);
  const auto until = [&](uint64_t earned, Time now) { return book.ledger.ReachesUntil(Whole(earned), days(20), now); };
  CHECK(until(200, Day(6)) == Day(20));
  CHECK(until(101, Day(6)) == Day(20));
  CHECK(until(100, Day(6)) == Day(25));
  CHECK(until(50, Day(6)) == Day(25));
  CHECK(until(0, Day(6)) == kNeverFirst);
  CHECK_FALSE(until(201, kNeverLast));
  CHECK(until(200, kNeverLast) == Day(20));
  CHECK(until(200, Day(20) - microseconds(1)) == Day(20));
  CHECK_FALSE(until(200, Day(20)));
  CHECK(until(100, Day(20)) == Day(25));
  CHECK_FALSE(until(1, Day(25)));
  CHECK(book.ledger.ReachesUntil(Whole(200), days(3'000'000), Day(6)) == kNeverFirst);
}

TEST_CASE("Many of the largest points are added up without loss", "[living]") {
  Ledger ledger(std::nullopt);
  for (int i = 0; i < 1000; ++i) ledger.Earn(Day(0), Decimal::kMost);
  for (int i = 0; i < 2000; ++i) ledger.Spend(Day(1), Decimal::kMost);
  CHECK(ledger.At(Day(1), kMonth).points.ToText() == "-10000000000000000000000");
  CHECK(ledger.overdrawn() == 1000);
}

namespace {

// A ledger in which each point is a coin with its date on it.
struct Coins {
  Time::duration lasts;
  std::deque<Time> coins;  // oldest first
  int64_t owed = 0;
  uint64_t overdrawn = 0;

  void Earn(Time time, int64_t points) {
    for (; points > 0; --points) {
      if (owed > 0)
        --owed;
      else
        coins.push_back(time);
    }
  }
  void Spend(Time time, int64_t points) {
    bool is_short = false;
    for (; points > 0; --points) {
      const auto coin = std::find_if(coins.begin(), coins.end(), [&](Time earned) { return earned + lasts > time; });
      if (coin != coins.end()) {
        coins.erase(coin);
      } else {
        ++owed;
        is_short = true;
      }
    }
    overdrawn += is_short ? 1 : 0;
  }
  int64_t GoneBetween(Time now, Time then) const {
    return std::count_if(coins.begin(), coins.end(),
                         [&](Time earned) { return earned + lasts > now && earned + lasts <= then; });
  }
  int64_t At(Time now) const { return GoneBetween(now, kNeverFirst) - owed; }
};

}  // namespace

TEST_CASE("A ledger is what counting coins says, at all times", "[living]") {
  CHECK(rc::check("coins", [] {
    const auto lasts = hours(*rc::gen::inRange(1, 50));
    const auto soon = hours(*rc::gen::inRange(1, 30));
    Ledger ledger(lasts);
    Coins coins{lasts};
    Time time = Day(0);
    for (int i = *rc::gen::inRange(0, 40); i > 0; --i) {
      time += hours(*rc::gen::inRange(0, 20));
      const int64_t points = *rc::gen::inRange(1, 30);
      if (*rc::gen::inRange(0, 5) > 1) {
        ledger.Earn(time, Whole(static_cast<uint64_t>(points)));
        coins.Earn(time, points);
      } else {
        ledger.Spend(time, Whole(static_cast<uint64_t>(points)));
        coins.Spend(time, points);
      }
    }
    RC_ASSERT(ledger.overdrawn() == coins.overdrawn);
    Ledger::Balance before;
    for (Time now = Day(0); now < time + hours(60); now += hours(1)) {
      const Ledger::Balance balance = ledger.At(now, soon);
      RC_ASSERT(balance.points.millionths() == coins.At(now) * 1'000'000);
      RC_ASSERT(balance.expiring.millionths() == coins.GoneBetween(now, now + soon) * 1'000'000);
      const bool is_quiet = now > Day(0) && before.due > now;
      RC_ASSERT(!is_quiet || (balance.points == before.points && balance.expiring == before.expiring));
      before = balance;
    }
  }));
}

}  // namespace kintsugi::living::examples

// A ledger of points.

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "living/decimal.h"

namespace kintsugi::living {

// Ledger is what was earned and spent, told in the timeline's order. Oldest points are spent first. An earning is gone
// from its time plus `lasts` on, for a spending at that moment as well; what a spending asks for beyond what is left
// then is owed, and later earnings pay it before anything is left of them.
//
// Whether an earning is gone for a spending is a matter of the spending's time; whether it is gone from the balance, of
// the clock's. So a clock that stands before a spending still has in the balance what will be gone by then, and a
// spending is overdrawn or not whatever the clock says.
//
// Memory: all earnings, for whatever became of them they count for tiers. Earning and spending cost O(1), amortised;
// questions cost a pass. A plain value; never fails.
class Ledger {
 public:
  // Nothing: earnings are never gone.
  explicit Ledger(std::optional<Time::duration> lasts) : lasts_(lasts) {}

  // At most Decimal::kMost, and more than 0. Not earlier than what was told before.
  void Earn(Time time, Decimal points);
  void Spend(Time time, Decimal points);

  // How many spendings asked for more than was left.
  uint64_t overdrawn() const { return overdrawn_; }

  struct Balance {
    Decimal points;          // below 0: they are owed
    Decimal expiring;        // what is left of earnings that are gone `soon` after now, and not now
    Time due = kNeverFirst;  // when one of the two may change by time alone; kNeverFirst: never
  };
  // `now` may be kNeverLast: nothing is gone, or soon will be.
  Balance At(Time now, Time::duration soon) const;

  // Until when what was earned later than a moment minus `span` comes to `earned`, if that is so at `now`: at that time
  // it does not any more. kNeverFirst: for ever.
  std::optional<Time> ReachesUntil(Decimal earned, Time::duration span, Time now) const;

 private:
  struct Earning {
    Time time;
    Decimal points;
    Decimal left;
  };
  Time GoneAt(const Earning& earning) const { return lasts_ ? earning.time + *lasts_ : kNeverFirst; }

  std::optional<Time::duration> lasts_;
  std::vector<Earning> earnings_;
  size_t next_ = 0;  // nothing is left of those before it, or they are gone for all spendings to come
  Decimal owed_;
  uint64_t overdrawn_ = 0;
};

}  // namespace kintsugi::living

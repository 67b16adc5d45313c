// Windows: which of a profile's items a trait looks at, and when that changes by time alone.

#pragma once

#include <memory>
#include <optional>

#include "base/time.h"
#include "kintsugi/living.h"
#include "living/periods.h"

namespace kintsugi::living {

// No `now` gets here: times end with year 9999. What is due from here on is never due.
inline constexpr Time kEndOfTimes = std::chrono::sys_days(std::chrono::year(10000) / 1 / 1);

// So many hours, or as many as there are between any two times: no sum of it with a time overflows.
Time::duration Hours(uint32_t hours);

// Window tells which times a trait looks at as `now` moves: a stretch whose two ends move forward only. Immutable, safe
// from many threads. Of a calendar each question costs a few look-ups of the time zone, else nothing to speak of.
class Window {
 public:
  // From `begin` on and before `end`; empty if `end` is not after `begin`.
  struct Stretch {
    Time begin = kNeverLast;  // before all times
    Time end = kNeverFirst;   // after all times
  };

  Window() = default;  // all times
  // The trait's own window. Of a kNotFollowed also what it waits for: an item counts when its deadline has come, and
  // not before. `periods` may be null if the trait has no calendar window.
  Window(const Trait& trait, std::shared_ptr<const Periods> periods);

  // `now` may be kNeverLast. A sliding window holds everything then; what waits until a time has passed, and a
  // calendar window, hold nothing.
  Stretch At(Time now) const;

  // When an item of this time, which is in the stretch at `now`, is no longer in it. kNeverFirst: never.
  Time LeavesAt(Time item, Time now) const;
  // When an item of this time, which the end of the stretch has not passed yet, is first in it. kNeverFirst: never, for
  // the beginning passes it no later.
  Time EntersAt(Time item) const;

 private:
  // When the `back_`-th period before that of `now` is first one that does not end before `item` or with it.
  Time PeriodReaches(Time item) const;

  std::optional<Time::duration> age_;       // items this old have left a sliding window
  std::optional<Time::duration> wait_;      // items younger than this are not in yet
  std::shared_ptr<const Periods> periods_;  // of a calendar window, else null
  CalendarUnit unit_ = CalendarUnit::kDay;
  uint32_t back_ = 0;
};

}  // namespace kintsugi::living

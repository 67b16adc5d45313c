// Calendar periods in a time zone.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "kintsugi/living.h"
#include "kintsugi/value.h"

namespace kintsugi::living {

// The release of the time zone data, "2024a".
std::string ZoneRelease();

// Periods tells where days, weeks, months, quarters and years begin in a zone. Days of 23 and 25 hours are what they
// are; a day that has no midnight begins with its first instant, one that has two with the first of them, and one that
// the zone left out is a period without an instant. Immutable, safe from many threads. Some 0.5 ms to make.
class Periods {
 public:
  explicit Periods(const Calendar& calendar);  // of a valid schema
  ~Periods();
  Periods(Periods&&) noexcept;
  Periods& operator=(Periods&&) noexcept;

  struct Period {
    Time begin;  // the first instant
    Time end;    // the first instant after it
  };
  // The period that `now` is in, or the `back`-th before it. Periods that would begin before year 1 begin there.
  Period Of(CalendarUnit unit, Time now, uint32_t back = 0) const;

 private:
  struct Zone;
  std::unique_ptr<const Zone> zone_;
  Weekday week_starts_;
};

}  // namespace kintsugi::living

#include "living/windows.h"

#include <algorithm>
#include <utility>

namespace kintsugi::living {
namespace {

using std::chrono::microseconds;

constexpr microseconds kInstant{1};  // times are whole microseconds

constexpr Time kBeginOfTimes = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);

// The Gregorian calendar's mean.
constexpr microseconds MeanLength(CalendarUnit unit) {
  constexpr microseconds kYear = std::chrono::years(1);
  switch (unit) {
    case CalendarUnit::kDay:
      return std::chrono::days(1);
    case CalendarUnit::kWeek:
      return std::chrono::weeks(1);
    case CalendarUnit::kMonth:
      return kYear / 12;
    case CalendarUnit::kQuarter:
      return kYear / 4;
    case CalendarUnit::kYear:
      break;
  }
  return kYear;
}

// What is later than every `now` is never.
Time OrNever(Time time) {
  return time < kEndOfTimes ? time : kNeverFirst;
}

}  // namespace

Time::duration Hours(uint32_t hours) {
  const auto most = std::chrono::ceil<std::chrono::hours>(kEndOfTimes - kBeginOfTimes);
  return std::min(std::chrono::hours(hours), most);
}

Window::Window(const Trait& trait, std::shared_ptr<const Periods> periods) {
  if (trait.kind == TraitKind::kNotFollowed) wait_ = Hours(trait.within_hours);
  if (trait.sliding) {
    age_ = Hours(trait.sliding->age_hours);
    const uint32_t until = trait.sliding->until_hours;
    if (until > 0) wait_ = std::max(Hours(until), wait_.value_or(Time::duration(0)));
  } else if (trait.calendar) {
    periods_ = std::move(periods);
    unit_ = trait.calendar->unit;
    back_ = trait.calendar->back;
  }
}

Window::Stretch Window::At(Time now) const {
  Stretch stretch;
  if (now == kNeverLast) {
    if (wait_ || periods_ != nullptr) stretch.end = stretch.begin;
    return stretch;
  }
  if (age_) stretch.begin = now - *age_ + kInstant;
  if (periods_ != nullptr) {
    const Periods::Period period = periods_->Of(unit_, now, back_);
    stretch.begin = period.begin;
    if (back_ > 0) stretch.end = period.end;
  }
  if (wait_) stretch.end = std::min(stretch.end, now - *wait_ + kInstant);
  return stretch;
}

Time Window::LeavesAt(Time item, Time now) const {
  if (age_) return OrNever(item + *age_);
  if (periods_ == nullptr) return kNeverFirst;
  // The present period has no end: an item of a later one stays until that is over. A past one is left by all at once.
  return OrNever(periods_->Of(unit_, std::max(item, now)).end);
}

Time Window::EntersAt(Time item) const {
  Time enters = kNeverLast;
  if (periods_ != nullptr && back_ > 0) enters = PeriodReaches(item);
  if (wait_) enters = std::max(enters, item + *wait_);
  return enters < kEndOfTimes && At(enters).begin <= item ? enters : kNeverFirst;
}

// Periods looks back only, so this guesses by the mean length of a period, which is wrong by one or two at most, and
// goes on from there period by period.
Time Window::PeriodReaches(Time item) const {
  const microseconds length = MeanLength(unit_);
  if (back_ > (kEndOfTimes - item) / length + 2) return kNeverFirst;
  const auto reaches = [&](Time now) { return periods_->Of(unit_, now, back_).end > item; };
  Time now = std::min(item + back_ * length, kEndOfTimes - kInstant);
  while (now > item && reaches(now)) now = std::max(periods_->Of(unit_, now).begin - kInstant, kBeginOfTimes);
  while (now < kEndOfTimes && !reaches(now)) now = periods_->Of(unit_, now).end;
  return now;
}

}  // namespace kintsugi::living

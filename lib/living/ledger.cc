#include "living/ledger.h"

#include <algorithm>

#include "living/windows.h"

namespace kintsugi::living {

void Ledger::Earn(Time time, Decimal points) {
  const Decimal paid = std::min(points, owed_);
  owed_ = owed_ - paid;
  earnings_.push_back({time, points, points - paid});
}

void Ledger::Spend(Time time, Decimal points) {
  for (; next_ < earnings_.size(); ++next_) {
    Earning& earning = earnings_[next_];
    if (GoneAt(earning) <= time) continue;
    const Decimal spent = std::min(points, earning.left);
    earning.left = earning.left - spent;
    points = points - spent;
    if (points == Decimal()) return;
  }
  owed_ = owed_ + points;
  ++overdrawn_;
}

Ledger::Balance Ledger::At(Time now, Time::duration soon) const {
  Balance balance{.points = Decimal() - owed_};
  const auto change_at = [&](Time time) {
    if (time > now && time < kEndOfTimes) balance.due = std::min(balance.due, time);
  };
  for (const Earning& earning : earnings_) {
    const Time gone = GoneAt(earning);
    if (earning.left == Decimal() || gone <= now) continue;
    balance.points = balance.points + earning.left;
    if (gone >= kEndOfTimes) continue;
    if (now != kNeverLast && gone - soon <= now) balance.expiring = balance.expiring + earning.left;
    change_at(gone - soon);
    change_at(gone);
  }
  return balance;
}

// The earnings from one of them on come to it, and those after that one do not: when it leaves, the rest is too little.
std::optional<Time> Ledger::ReachesUntil(Decimal earned, Time::duration span, Time now) const {
  if (earned <= Decimal()) return kNeverFirst;
  Decimal sum;
  for (auto earning = earnings_.rbegin(); earning != earnings_.rend(); ++earning) {
    const Time leaves = earning->time + span;
    if (leaves <= now) return std::nullopt;
    sum = sum + earning->points;
    if (sum >= earned) return leaves < kEndOfTimes ? leaves : kNeverFirst;
  }
  return std::nullopt;
}

}  // namespace kintsugi::living

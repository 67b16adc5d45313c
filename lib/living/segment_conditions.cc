#include "living/segment_conditions.h"

#include <algorithm>
#include <string_view>

#include "golden/value_codec.h"
#include "living/decimal.h"
#include "living/windows.h"

namespace kintsugi::living {
namespace {

using What = SegmentCondition::What;

constexpr Time::duration kDay = std::chrono::days(1);
// Between any two times.
constexpr int64_t kMostDays = 3'652'059;

// ---- answers

Answer Not(Answer answer) {
  return {!answer.holds, answer.due};
}

bool FailsForGood(Answer answer) {
  return !answer.holds && answer.due == kNeverFirst;
}

// Due with the first of the two, although it may fail then as it did: a later due would be another one if it was asked
// for in between, and what is stored must not tell when it was computed.
Answer Both(Answer a, Answer b) {
  if (FailsForGood(a)) return a;
  if (FailsForGood(b)) return b;
  return {a.holds && b.holds, std::min(a.due, b.due)};
}

Answer AllOf(const std::vector<MemberCondition>& conditions, const ProfileFacts& profile) {
  Answer answer{.holds = true};
  for (const MemberCondition& condition : conditions) {
    answer = Both(answer, condition.Of(profile));
    if (FailsForGood(answer)) break;
  }
  return answer;
}

Answer NoneOf(const std::vector<MemberCondition>& conditions, const ProfileFacts& profile) {
  Answer answer{.holds = true};
  for (const MemberCondition& condition : conditions) {
    answer = Both(answer, Not(condition.Of(profile)));
    if (FailsForGood(answer)) break;
  }
  return answer;
}

// ---- what a condition is made of

bool IsOfDays(What what) {
  return what == What::kFirstSeenDays || what == What::kLastSeenDays;
}

bool Compares(What what) {
  return what == What::kTrait || what == What::kAttribute || IsOfDays(what);
}

CompiledComparison ComparisonOf(const SegmentCondition& condition) {
  return CompiledComparison(Condition{.property = {},
                                      .comparison = condition.comparison,
                                      .values = condition.values,
                                      .bound = condition.bound,
                                      .exists = condition.exists,
                                      .pattern = condition.pattern});
}

// A comparison with a number turns at it, if it is whole, or after it, and nowhere else.
void AppendTurns(const std::optional<Decimal>& number, std::vector<int64_t>& out) {
  if (!number) return;
  const __int128 whole = number->millionths() / Whole(1).millionths();
  for (const __int128 days : {whole, whole + 1}) {
    if (days > 0 && days <= kMostDays) out.push_back(static_cast<int64_t>(days));
  }
}

std::vector<int64_t> TurnsOf(const SegmentCondition& condition) {
  std::vector<int64_t> turns;
  for (const std::string& value : condition.values) AppendTurns(Decimal::Parse(value), turns);
  AppendTurns(Decimal::Of(ValueView(condition.bound)), turns);
  std::sort(turns.begin(), turns.end());
  return turns;
}

std::vector<MemberCondition> Compile(const std::vector<SegmentCondition>& conditions, const SegmentNames& names) {
  std::vector<MemberCondition> compiled;
  for (const SegmentCondition& condition : conditions) compiled.emplace_back(condition, names);
  return compiled;
}

// ---- what a profile says

// Empty if there is none.
std::string_view AttributeOf(const golden::Parts& parts, std::string_view name) {
  const auto found = std::lower_bound(parts.attributes.begin(), parts.attributes.end(), name,
                                      [](const auto& attribute, std::string_view n) { return attribute.name < n; });
  return found != parts.attributes.end() && found->name == name ? found->value : std::string_view();
}

// A decimal that no other value holds is Json, and would lose digits if it were read as such.
bool AnyInStored(std::string_view encoded, Fits fits) {
  if (encoded.empty()) return false;
  const ValueView value = golden::ReadValue(encoded);
  const auto* json = std::get_if<JsonView>(&value);
  if (json != nullptr && Decimal::FromText(json->text)) return fits(value);
  return AnyIn(value, fits);
}

}  // namespace

MemberCondition::MemberCondition(const SegmentCondition& condition, const SegmentNames& names)
    : what_(condition.what),
      all_(Compile(condition.all, names)),
      any_(Compile(condition.any, names)),
      none_(Compile(condition.none, names)) {
  if (what_ == What::kTrait) position_ = names.traits.at(condition.name);
  if (what_ == What::kHas) position_ = names.namespaces.at(condition.name);
  if (what_ == What::kSegment) position_ = names.segments.at(condition.name);
  if (what_ == What::kAttribute) attribute_ = condition.name;
  if (Compares(what_)) comparison_ = ComparisonOf(condition);
  if (IsOfDays(what_)) turns_ = TurnsOf(condition);
}

Answer MemberCondition::Of(const ProfileFacts& profile) const {
  switch (what_) {
    case What::kGroup:
      return OfGroup(profile);
    case What::kTrait:
      return OfTrait(profile);
    case What::kAttribute:
      return OfAttribute(profile);
    case What::kSegment:
      return profile.segments[position_];
    case What::kHas:
      return {.holds = profile.namespaces[position_]};
    case What::kFirstSeenDays:
      return OfDays(profile.parts.first_seen, profile.now);
    case What::kLastSeenDays:
      return OfDays(profile.parts.last_seen, profile.now);
  }
  return {};
}

Answer MemberCondition::OfGroup(const ProfileFacts& profile) const {
  const Answer answer = Both(AllOf(all_, profile), NoneOf(none_, profile));
  return any_.empty() ? answer : Both(answer, Not(NoneOf(any_, profile)));
}

Answer MemberCondition::OfTrait(const ProfileFacts& profile) const {
  const bool is_there = position_ < profile.traits.size();
  const std::string_view value = is_there ? std::string_view(profile.traits[position_]) : std::string_view();
  return {.holds = comparison_->Holds([&](Fits fits) { return AnyInStored(value, fits); })};
}

Answer MemberCondition::OfAttribute(const ProfileFacts& profile) const {
  const std::string_view value = AttributeOf(profile.parts, attribute_);
  return {.holds = comparison_->Holds([&](Fits fits) { return AnyInStored(value, fits); })};
}

bool MemberCondition::HoldsFor(int64_t days) const {
  return comparison_->Holds([&](Fits fits) { return fits(days); });
}

// To a time later than `now` there are no days, and so none as soon as the clock is moved from before all times.
Answer MemberCondition::OfDays(Time then, Time now) const {
  const bool holds_for_absent = comparison_->Holds([](Fits) { return false; });
  if (!IsKnown(then)) return {holds_for_absent};
  const int64_t days = now > then ? (now - then) / kDay : 0;
  const bool holds = HoldsFor(days);
  if (now == kNeverLast && holds != holds_for_absent) return {holds_for_absent, kNeverLast};
  for (const int64_t turn : turns_) {
    if (turn <= days || HoldsFor(turn) == holds) continue;
    const Time due = then + turn * kDay;
    return {holds, due < kEndOfTimes ? due : kNeverFirst};
  }
  return {holds};
}

void MemberCondition::AppendSegments(std::vector<size_t>& out) const {
  if (what_ == What::kSegment) out.push_back(position_);
  for (const auto* conditions : {&all_, &any_, &none_}) {
    for (const MemberCondition& condition : *conditions) condition.AppendSegments(out);
  }
}

}  // namespace kintsugi::living

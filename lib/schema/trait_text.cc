#include "schema/trait_text.h"

#include <limits>
#include <set>
#include <vector>

#include "schema/filter_text.h"

namespace kintsugi::schema {
namespace {

const google::protobuf::FieldDescriptor* FieldOf(TraitKind kind) {
  return TraitText::descriptor()->FindFieldByNumber(TraitText::kCountFieldNumber + static_cast<int>(kind));
}

// Whether all that the kind says is `of`.
bool IsOfOneField(TraitKind kind) {
  return kind >= TraitKind::kSum && kind <= TraitKind::kDistinct;
}

// More days than fit are still too many.
uint32_t HoursOf(uint32_t days) {
  constexpr uint32_t kMost = std::numeric_limits<uint32_t>::max();
  return days > kMost / kHoursOfDay ? kMost : days * kHoursOfDay;
}

void ReadWindow(const WindowText& text, Trait& out) {
  if (text.has_calendar()) {
    out.calendar = CalendarWindow{.unit = static_cast<CalendarUnit>(text.calendar()), .back = text.back()};
    return;
  }
  if (!text.has_days() && !text.has_hours()) return;
  out.sliding = SlidingWindow{.age_hours = text.has_days() ? HoursOf(text.days()) : text.hours(),
                              .until_hours = text.has_until_days() ? HoursOf(text.until_days()) : text.until_hours()};
}

// The kind that the text has; of several the last, of none the first.
TraitKind KindOf(const TraitText& text) {
  TraitKind found = TraitKind::kCount;
  for (int i = 0; i <= static_cast<int>(TraitKind::kBand); ++i) {
    const auto kind = static_cast<TraitKind>(i);
    if (text.GetReflection()->HasField(text, FieldOf(kind))) found = kind;
  }
  return found;
}

std::string OfOf(const TraitText& text, TraitKind kind) {
  if (kind == TraitKind::kValues) return text.values().of();
  if (kind == TraitKind::kTop) return text.top().of();
  if (!IsOfOneField(kind)) return "";
  return static_cast<const TraitText::Of&>(text.GetReflection()->GetMessage(text, FieldOf(kind))).of();
}

std::vector<std::string> OperandsOf(const TraitText& text, TraitKind kind) {
  if (kind == TraitKind::kRatio) return {text.ratio().of(), text.ratio().to()};
  if (kind == TraitKind::kDifference) return {text.difference().of(), text.difference().minus()};
  if (kind == TraitKind::kTotal) return StringsOf(text.total().of());
  if (kind == TraitKind::kBand) return {text.band().of()};
  return {};
}

void ReadFollowed(const TraitText::Followed& text, Trait& out) {
  out.by = text.by();
  out.within_hours = text.within_hours();
}

void FillSliding(const SlidingWindow& window, WindowText* out) {
  const auto [age, until] = window;
  if (age % kHoursOfDay == 0)
    out->set_days(age / kHoursOfDay);
  else
    out->set_hours(age);
  if (until == 0) return;
  if (until % kHoursOfDay == 0)
    out->set_until_days(until / kHoursOfDay);
  else
    out->set_until_hours(until);
}

void FillCalendarWindow(const CalendarWindow& window, WindowText* out) {
  out->set_calendar(static_cast<WindowText::Unit>(window.unit));
  if (window.back > 0) out->set_back(window.back);
}

void FillFollowed(const Trait& trait, TraitText::Followed* out) {
  out->set_by(trait.by);
  out->set_within_hours(trait.within_hours);
}

void FillValues(const Trait& trait, TraitText::Values* out) {
  out->set_of(trait.of);
  if (trait.limit != kDefaultMaxListed) out->set_limit(trait.limit);
}

void FillTop(const Trait& trait, TraitText::Top* out) {
  out->set_of(trait.of);
  if (trait.limit != kDefaultMaxListed) out->set_k(trait.limit);
}

// A trait that was built in code may lack one: then so does its text, which is no good either.
std::string Operand(const Trait& trait, size_t index) {
  return index < trait.operands.size() ? trait.operands[index] : "";
}

void FillRatio(const Trait& trait, TraitText::Ratio* out) {
  out->set_of(Operand(trait, 0));
  out->set_to(Operand(trait, 1));
}

void FillDifference(const Trait& trait, TraitText::Difference* out) {
  out->set_of(Operand(trait, 0));
  out->set_minus(Operand(trait, 1));
}

// Sums are exact, so the order of what is added means nothing. What stands twice counts twice.
void FillTotal(const Trait& trait, TraitText::Total* out) {
  for (const std::string& name : std::multiset(trait.operands.begin(), trait.operands.end())) out->add_of(name);
}

void FillBand(const Trait& trait, TraitText::Band* out) {
  out->set_of(Operand(trait, 0));
  for (const double bound : trait.bounds) out->add_at(RoundedBound(bound));
}

void FillKind(const Trait& trait, TraitText* out) {
  google::protobuf::Message* kind = out->GetReflection()->MutableMessage(out, FieldOf(trait.kind));
  if (IsOfOneField(trait.kind)) static_cast<TraitText::Of*>(kind)->set_of(trait.of);
  if (trait.kind == TraitKind::kValues) FillValues(trait, out->mutable_values());
  if (trait.kind == TraitKind::kTop) FillTop(trait, out->mutable_top());
  if (trait.kind == TraitKind::kFollowed) FillFollowed(trait, out->mutable_followed());
  if (trait.kind == TraitKind::kNotFollowed) FillFollowed(trait, out->mutable_not_followed());
  if (trait.kind == TraitKind::kRatio) FillRatio(trait, out->mutable_ratio());
  if (trait.kind == TraitKind::kDifference) FillDifference(trait, out->mutable_difference());
  if (trait.kind == TraitKind::kTotal) FillTotal(trait, out->mutable_total());
  if (trait.kind == TraitKind::kBand) FillBand(trait, out->mutable_band());
}

}  // namespace

const std::string& NameOf(TraitKind kind) {
  return FieldOf(kind)->name();
}

Trait TraitOf(const TraitText& text) {
  Trait out = {.name = text.name(), .kind = KindOf(text), .activity = text.activity(), .items = FilterOf(text)};
  out.of = OfOf(text, out.kind);
  out.operands = OperandsOf(text, out.kind);
  if (text.values().has_limit()) out.limit = text.values().limit();
  if (text.top().has_k()) out.limit = text.top().k();
  if (out.kind == TraitKind::kFollowed) ReadFollowed(text.followed(), out);
  if (out.kind == TraitKind::kNotFollowed) ReadFollowed(text.not_followed(), out);
  for (const double bound : text.band().at()) out.bounds.push_back(RoundedBound(bound));
  if (text.has_window()) ReadWindow(text.window(), out);
  out.feed = text.feed();
  return out;
}

void FillTrait(const Trait& trait, TraitText* out) {
  out->set_name(trait.name);
  if (!trait.activity.empty()) out->set_activity(trait.activity);
  FillFilter(trait.items, out);
  if (trait.sliding) FillSliding(*trait.sliding, out->mutable_window());
  if (trait.calendar) FillCalendarWindow(*trait.calendar, out->mutable_window());
  if (trait.feed) out->set_feed(true);
  FillKind(trait, out);
}

}  // namespace kintsugi::schema

#include "schema/living_text.h"

#include <algorithm>
#include <string>
#include <vector>

#include "schema/filter_text.h"
#include "schema/loyalty_text.h"
#include "schema/segment_text.h"
#include "schema/trait_text.h"

namespace kintsugi::schema {
namespace {

template <typename Fields>
std::vector<ActivityField> ActivityFieldsOf(const Fields& fields) {
  std::vector<ActivityField> out;
  for (const auto& field : fields) out.push_back({field.name(), StringsOf(field.field())});
  return out;
}

Activity ActivityOf(const ActivityText& text) {
  return {.name = text.name(),
          .items = FilterOf(text),
          .once_per = text.once_per(),
          .numbers = ActivityFieldsOf(text.number()),
          .texts = ActivityFieldsOf(text.text())};
}

Visits VisitsOf(const VisitsText& text) {
  Visits out = {.sources = StringsOf(text.source())};
  if (text.has_gap_minutes()) out.gap_minutes = text.gap_minutes();
  return out;
}

Commerce CommerceOf(const CommerceText& text) {
  Commerce out;
  if (text.has_abandoned_after_minutes()) out.abandoned_after_minutes = text.abandoned_after_minutes();
  return out;
}

Feed FeedOf(const FeedText& text) {
  return {.attributes = text.attributes() == FeedText::ALL, .keep_days = text.keep_days()};
}

// What is asked for by name may be declared in any order.
template <typename Named>
std::vector<Named> ByName(std::vector<Named> all) {
  std::stable_sort(all.begin(), all.end(), [](const Named& a, const Named& b) { return a.name < b.name; });
  return all;
}

template <typename Fields>
void FillActivityFields(const std::vector<ActivityField>& fields, Fields* out) {
  for (const ActivityField& field : ByName(fields)) {
    auto* text = out->Add();
    text->set_name(field.name);
    for (const std::string& path : field.fields) text->add_field(path);
  }
}

void FillActivity(const Activity& activity, ActivityText* out) {
  out->set_name(activity.name);
  FillFilter(activity.items, out);
  if (!activity.once_per.empty()) out->set_once_per(activity.once_per);
  FillActivityFields(activity.numbers, out->mutable_number());
  FillActivityFields(activity.texts, out->mutable_text());
}

void FillCalendar(const Calendar& calendar, CalendarText* out) {
  out->set_zone(calendar.zone);
  out->set_week_starts(static_cast<CalendarText::Weekday>(calendar.week_starts));
}

void FillVisits(const Visits& visits, VisitsText* out) {
  out->set_gap_minutes(visits.gap_minutes);
  FillSet(visits.sources, out->mutable_source());
}

void FillRetention(const Retention& retention, RetentionText* out) {
  if (!retention.name.empty()) out->set_name(retention.name);
  out->set_days(retention.days);
}

void FillCommerce(const Commerce& commerce, CommerceText* out) {
  if (commerce.abandoned_after_minutes != Commerce().abandoned_after_minutes)
    out->set_abandoned_after_minutes(commerce.abandoned_after_minutes);
}

void FillFeed(const Feed& feed, FeedText* out) {
  if (!feed.attributes) out->set_attributes(FeedText::NONE);
  if (feed.keep_days > 0) out->set_keep_days(feed.keep_days);
}

}  // namespace

void ReadLiving(const SchemaText& text, Schema& out) {
  if (text.calendar().has_zone()) out.calendar.zone = text.calendar().zone();
  out.calendar.week_starts = static_cast<Weekday>(text.calendar().week_starts());
  for (const ActivityText& activity : text.activities()) out.activities.push_back(ActivityOf(activity));
  for (const TraitText& trait : text.traits()) out.traits.push_back(TraitOf(trait));
  if (text.has_visits()) out.visits = VisitsOf(text.visits());
  for (const RetentionText& retention : text.retention()) out.retention.push_back({retention.name(), retention.days()});
  for (const SegmentText& segment : text.segments()) out.segments.push_back(SegmentOf(segment));
  if (text.has_commerce()) out.commerce = CommerceOf(text.commerce());
  if (text.has_loyalty()) out.loyalty = LoyaltyOf(text.loyalty());
  if (text.has_feed()) out.feed = FeedOf(text.feed());
}

void FillLiving(const Schema& schema, SchemaText* out) {
  if (schema.calendar != Calendar()) FillCalendar(schema.calendar, out->mutable_calendar());
  for (const Activity& activity : ByName(schema.activities)) FillActivity(activity, out->add_activities());
  for (const Trait& trait : schema.traits) FillTrait(trait, out->add_traits());
  const Visits visits = schema.visits.value_or(Visits());
  if (visits.gap_minutes != Visits().gap_minutes || !visits.sources.empty()) {
    FillVisits(visits, out->mutable_visits());
  }
  for (const Retention& retention : ByName(schema.retention)) FillRetention(retention, out->add_retention());
  for (const Segment& segment : schema.segments) FillSegment(segment, out->add_segments());
  // That these are there says something, even when they are empty.
  if (schema.commerce) FillCommerce(*schema.commerce, out->mutable_commerce());
  if (schema.loyalty) FillLoyalty(*schema.loyalty, out->mutable_loyalty());
  if (schema.feed) FillFeed(*schema.feed, out->mutable_feed());
}

}  // namespace kintsugi::schema

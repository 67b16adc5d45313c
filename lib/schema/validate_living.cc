#include "schema/validate_living.h"

#include <fmt/format.h>

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "normalize/zone.h"
#include "schema/validate_filter.h"
#include "schema/validate_loyalty.h"
#include "schema/validate_segments.h"
#include "schema/validate_traits.h"

namespace kintsugi::schema {
namespace {

constexpr size_t kMostActivities = 1'000;
constexpr uint32_t kMostMinutes = 525'600;  // a year

class LivingCheck {
 public:
  LivingCheck(const Schema& schema, std::vector<Problem>& problems)
      : schema_(schema), filters_(schema, problems), problems_(problems) {}

  void Run() {
    CheckCalendar();
    CheckActivities();
    FindTraitProblems(schema_, filters_, problems_);
    CheckVisits();
    CheckRetention();
    FindSegmentProblems(schema_, problems_);
    CheckCommerce();
    if (schema_.loyalty) FindLoyaltyProblems(*schema_.loyalty, filters_, problems_);
    CheckFeed();
  }

 private:
  void Report(std::string path, std::string message) { problems_.push_back({std::move(path), std::move(message)}); }

  void CheckCalendar() {
    const std::string& zone = schema_.calendar.zone;
    if (normalize::IsZone(zone)) return;
    Report("calendar.zone",
           fmt::format("there is no time zone `{}`: name one of the IANA database, such as `Europe/Berlin`", zone));
  }

  void CheckActivities() {
    if (schema_.activities.size() > kMostActivities)
      return Report(fmt::format("activities[{}]", kMostActivities), "more than 1,000 activities: remove some");
    std::set<std::string_view> names;
    for (size_t i = 0; i < schema_.activities.size(); ++i) {
      const Activity& activity = schema_.activities[i];
      const std::string path = fmt::format("activities[{}]", i);
      CheckName(path + ".name", "activity", "an activity", activity.name, names);
      filters_.Check(path, activity.items);
      filters_.CheckField(path + ".once_per", activity.once_per);
      CheckFields(path, activity);
    }
  }

  void CheckName(const std::string& path, std::string_view what, std::string_view one, std::string_view name,
                 std::set<std::string_view>& names) {
    if (!IsName(name)) {
      Report(path, fmt::format("{} needs a name of letters, digits, `_` and `-`, at most 64; this is `{}`", one, name));
    } else if (!names.insert(name).second) {
      Report(path, fmt::format("the {} `{}` is declared twice: remove or rename one", what, name));
    }
  }

  // Numbers and texts share one set of names, for `of` and `where` ask for either.
  void CheckFields(const std::string& path, const Activity& activity) {
    std::set<std::string_view> names;
    for (size_t i = 0; i < activity.numbers.size(); ++i)
      CheckNumber(fmt::format("{}.number[{}]", path, i), activity.numbers[i], names);
    for (size_t i = 0; i < activity.texts.size(); ++i)
      CheckField(fmt::format("{}.text[{}]", path, i), activity.texts[i], names);
  }

  void CheckNumber(const std::string& path, const ActivityField& number, std::set<std::string_view>& names) {
    CheckField(path, number, names);
    for (size_t i = 0; i < number.fields.size(); ++i) {
      if (!IsOfItself(number.fields[i])) continue;
      Report(fmt::format("{}.field[{}]", path, i),
             fmt::format("`{}` is a number, and `{}` is a text: give the text a `text` of its own, or remove it",
                         number.name, number.fields[i]));
    }
  }

  void CheckField(const std::string& path, const ActivityField& field, std::set<std::string_view>& names) {
    CheckName(path + ".name", "number or text", "a number or text", field.name, names);
    if (field.fields.empty()) Report(path, fmt::format("`{}` has no field: add `field: …`", field.name));
    for (size_t i = 0; i < field.fields.size(); ++i) {
      const std::string at = fmt::format("{}.field[{}]", path, i);
      if (field.fields[i].empty()) Report(at, "the field is missing: name a path into the properties");
      filters_.CheckField(at, field.fields[i]);
    }
  }

  void CheckVisits() {
    if (!schema_.visits) return;
    const uint32_t gap = schema_.visits->gap_minutes;
    if (gap < 1 || gap > kMostMinutes)
      Report("visits.gap_minutes", fmt::format("gap_minutes is a number from 1 to {}", kMostMinutes));
    filters_.CheckSources("visits", schema_.visits->sources);
  }

  void CheckRetention() {
    std::set<std::string_view> names;
    for (size_t i = 0; i < schema_.retention.size(); ++i) {
      const auto& [name, days] = schema_.retention[i];
      const std::string path = fmt::format("retention[{}]", i);
      if (!names.insert(name).second) {
        Report(path + ".name",
               name.empty() ? "a retention without a name is for all events that no other names: remove one of the two"
                            : fmt::format("the retention of `{}` is declared twice: remove one", name));
      }
      if (days < 1 || days > kMostDays) Report(path + ".days", fmt::format("days is a number from 1 to {}", kMostDays));
    }
  }

  void CheckCommerce() {
    if (!schema_.commerce) return;
    const uint32_t minutes = schema_.commerce->abandoned_after_minutes;
    if (minutes < 1 || minutes > kMostMinutes)
      Report("commerce.abandoned_after_minutes",
             fmt::format("abandoned_after_minutes is a number from 1 to {}", kMostMinutes));
  }

  void CheckFeed() {
    if (!schema_.feed || schema_.feed->keep_days <= kMostDays) return;
    Report("feed.keep_days",
           fmt::format("keep_days is a number from 1 to {}; without it the feed is kept whole", kMostDays));
  }

  const Schema& schema_;
  FilterCheck filters_;
  std::vector<Problem>& problems_;
};

}  // namespace

void FindLivingProblems(const Schema& schema, std::vector<Problem>& problems) {
  LivingCheck(schema, problems).Run();
}

}  // namespace kintsugi::schema

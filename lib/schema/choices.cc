#include "schema/choices.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <utility>

#include "schema/validate_loyalty.h"

namespace kintsugi::schema {
namespace {

// Fields of a message of which it has exactly one.
struct Choice {
  int first = 0;  // their numbers
  int last = 0;

  std::vector<std::string> Names(const google::protobuf::Descriptor* type) const {
    std::vector<std::string> names;
    for (int number = first; number <= last; ++number) names.push_back(type->FindFieldByNumber(number)->name());
    return names;
  }

  std::vector<std::string> Made(const google::protobuf::Message& message) const {
    std::vector<std::string> names;
    const google::protobuf::Reflection* look = message.GetReflection();
    for (int number = first; number <= last; ++number) {
      const auto* field = message.GetDescriptor()->FindFieldByNumber(number);
      const bool is_made = field->is_repeated() ? look->FieldSize(message, field) > 0 : look->HasField(message, field);
      if (is_made) names.push_back(field->name());
    }
    return names;
  }
};

constexpr Choice kKind = {TraitText::kCountFieldNumber, TraitText::kBandFieldNumber};
constexpr Choice kComparison = {ConditionText::kIsFieldNumber, ConditionText::kMatchesFieldNumber};
constexpr Choice kSubject = {SegmentConditionText::kTraitFieldNumber, SegmentConditionText::kLastSeenDaysFieldNumber};
constexpr Choice kSubjectComparison = {SegmentConditionText::kIsFieldNumber, SegmentConditionText::kMatchesFieldNumber};
constexpr Choice kBlockComparison = {ComparisonText::kIsFieldNumber, ComparisonText::kMatchesFieldNumber};
constexpr Choice kGroup = {SegmentConditionText::kAllFieldNumber, SegmentConditionText::kNoneFieldNumber};

class ChoiceCheck {
 public:
  explicit ChoiceCheck(const SchemaText& text) : text_(text) {}

  std::vector<Problem> Run() {
    for (int i = 0; i < text_.sources_size(); ++i) CheckSource(fmt::format("sources[{}]", i), text_.sources(i));
    for (int i = 0; i < text_.activities_size(); ++i)
      CheckActivity(fmt::format("activities[{}]", i), text_.activities(i));
    for (int i = 0; i < text_.traits_size(); ++i) CheckTrait(fmt::format("traits[{}]", i), text_.traits(i));
    for (int i = 0; i < text_.retention_size(); ++i)
      CheckRetention(fmt::format("retention[{}]", i), text_.retention(i));
    for (int i = 0; i < text_.segments_size(); ++i) CheckGroup(fmt::format("segments[{}]", i), text_.segments(i));
    CheckLoyalty(text_.loyalty());
    return std::move(problems_);
  }

 private:
  void Report(std::string path, std::string message) { problems_.push_back({std::move(path), std::move(message)}); }

  void CheckSource(const std::string& path, const SourceText& source) {
    if (source.has_table() == source.has_events()) {
      Report(path, fmt::format("the source `{}` has no way to an identifier: give it exactly one of `table` and "
                               "`events`",
                               source.name()));
    }
    const RecordEventText& event = source.table().event();
    if (event.has_time() && event.time().empty()) {
      Report(path + ".table.event.time",
             "the field is missing: name a column or a path into the object, or leave out `time`, and the version's "
             "time counts");
    }
  }

  void CheckActivity(const std::string& path, const ActivityText& activity) {
    CheckConditions(path, activity);
    if (activity.has_once_per() && activity.once_per().empty()) {
      Report(path + ".once_per",
             "`once_per` is empty: name what each item is to have a value of its own of, or leave it out, and each "
             "item counts");
    }
  }

  void CheckRetention(const std::string& path, const RetentionText& retention) {
    if (!retention.has_name() || !retention.name().empty()) return;
    Report(path + ".name",
           "the name is empty: name the event, or leave out `name`, and it is for all events that no other names");
  }

  template <typename Text>
  void CheckConditions(const std::string& path, const Text& text) {
    for (int i = 0; i < text.where_size(); ++i) CheckCondition(fmt::format("{}.where[{}]", path, i), text.where(i));
  }

  void CheckCondition(const std::string& path, const ConditionText& condition) {
    CheckComparesOnce(path, condition.property(), kComparison.Made(condition), "a `where`");
  }

  // `made` are its comparisons, `own` is what each could be in.
  void CheckComparesOnce(const std::string& path, std::string_view subject, const std::vector<std::string>& made,
                         std::string_view own) {
    if (made.empty()) {
      Report(path, fmt::format("the condition on `{}` does not compare: give it one of {}", subject,
                               fmt::join(kComparison.Names(ConditionText::descriptor()), ", ")));
    } else if (made.size() > 1) {
      Report(fmt::format("{}.{}", path, made.back()),
             fmt::format("a condition compares once, and this has `{}` and `{}`: give each {} of its own", made.front(),
                         made.back(), own));
    }
  }

  void CheckTrait(const std::string& path, const TraitText& trait) {
    const std::vector<std::string> made = kKind.Made(trait);
    if (made.empty()) {
      Report(path, fmt::format("the trait `{}` has no kind: give it one of {}", trait.name(),
                               fmt::join(kKind.Names(trait.GetDescriptor()), ", ")));
    } else if (made.size() > 1) {
      Report(fmt::format("{}.{}", path, made.back()),
             fmt::format("a trait is of one kind, and `{}` has `{}` and `{}`: make two traits of it", trait.name(),
                         made.front(), made.back()));
    }
    CheckConditions(path, trait);
    if (trait.has_window()) CheckWindow(path + ".window", trait.window());
  }

  void CheckWindow(const std::string& path, const WindowText& window) {
    const bool has_age = window.has_days() || window.has_hours();
    const bool has_until = window.has_until_days() || window.has_until_hours();
    if (window.has_calendar() && (has_age || has_until))
      return Report(path + ".calendar", "a window is of days, of hours or of a calendar: remove one of them");
    if (!window.has_calendar() && window.has_back())
      Report(path + ".back", "back is for a window of a calendar: add `calendar: MONTH` or another, or remove it");
    else if (!window.has_calendar() && !has_age && !has_until)
      Report(path, "the window is empty: give it `days`, `hours` or `calendar`");
    if (window.has_days() && window.has_hours()) Report(path + ".hours", "days and hours say one thing: remove one");
    if (window.has_until_days() && window.has_until_hours())
      Report(path + ".until_hours", "until_days and until_hours say one thing: remove one");
    CheckUntil(path, window, has_age);
  }

  void CheckUntil(const std::string& path, const WindowText& window, bool has_age) {
    for (const char* name : {"until_days", "until_hours"}) {
      const auto* field = window.GetDescriptor()->FindFieldByName(name);
      if (!window.GetReflection()->HasField(window, field)) continue;
      const std::string at = fmt::format("{}.{}", path, name);
      if (!has_age)
        Report(at, fmt::format("{} is where a window ends: say with `days` or `hours` where it begins", name));
      else if (window.GetReflection()->GetUInt32(window, field) == 0)
        Report(at, fmt::format("{} is 1 or more: without it a window goes up to `now`", name));
    }
  }

  // A segment, or a condition that is a group.
  template <typename Text>
  void CheckGroup(const std::string& path, const Text& group) {
    for (int i = 0; i < group.all_size(); ++i) CheckMember(fmt::format("{}.all[{}]", path, i), group.all(i));
    for (int i = 0; i < group.any_size(); ++i) CheckMember(fmt::format("{}.any[{}]", path, i), group.any(i));
    for (int i = 0; i < group.none_size(); ++i) CheckMember(fmt::format("{}.none[{}]", path, i), group.none(i));
  }

  void CheckMember(const std::string& path, const SegmentConditionText& condition) {
    const std::vector<std::string> subjects = kSubject.Made(condition);
    const std::vector<std::string> groups = kGroup.Made(condition);
    const std::vector<std::string> comparisons = kSubjectComparison.Made(condition);
    if (subjects.size() > 1) {
      Report(fmt::format("{}.{}", path, subjects.back()),
             fmt::format("a condition is about one thing, and this has `{}` and `{}`: give each a condition of its own",
                         subjects.front(), subjects.back()));
    } else if (subjects.size() == 1 && !groups.empty()) {
      Report(fmt::format("{}.{}[0]", path, groups.front()),
             fmt::format("a condition is about one thing or it is a group, and this has `{}` and `{}`: give each a "
                         "condition of its own",
                         subjects.front(), groups.front()));
    } else if (subjects.size() == 1) {
      CheckSubject(path, subjects.front(), comparisons, condition);
    } else if (!groups.empty() && !comparisons.empty()) {
      Report(fmt::format("{}.{}", path, comparisons.front()),
             fmt::format("a group compares nothing: move `{}` into the condition that it belongs to",
                         comparisons.front()));
    } else if (!comparisons.empty()) {
      Report(path, fmt::format("nothing says what `{}` compares: give the condition one of {}", comparisons.front(),
                               fmt::join(kSubject.Names(condition.GetDescriptor()), ", ")));
    } else {
      CheckGroup(path, condition);
    }
  }

  // Days compare in their block, or after it.
  void CheckSubject(const std::string& path, const std::string& subject, std::vector<std::string> comparisons,
                    const SegmentConditionText& condition) {
    const ComparisonText& block =
        condition.has_first_seen_days() ? condition.first_seen_days() : condition.last_seen_days();
    for (const std::string& name : kBlockComparison.Made(block))
      comparisons.push_back(fmt::format("{}.{}", subject, name));
    if (condition.has_segment() || condition.has_has())
      RefuseComparison(path, subject, comparisons);
    else
      CheckComparesOnce(path, SubjectOf(condition, subject), comparisons, "a condition");
  }

  static const std::string& SubjectOf(const SegmentConditionText& condition, const std::string& subject) {
    if (condition.has_trait()) return condition.trait();
    return condition.has_attribute() ? condition.attribute() : subject;
  }

  void RefuseComparison(const std::string& path, const std::string& subject,
                        const std::vector<std::string>& comparisons) {
    if (comparisons.empty()) return;
    Report(fmt::format("{}.{}", path, comparisons.front()),
           fmt::format("`{}` compares nothing: remove `{}`, or put the condition into `none` for its contrary", subject,
                       comparisons.front()));
  }

  // What shows in the structs is checked there.
  void CheckLoyalty(const LoyaltyText& loyalty) {
    for (int i = 0; i < loyalty.earn_size(); ++i) {
      const LoyaltyText::Earn& earn = loyalty.earn(i);
      const std::string path = fmt::format("loyalty.earn[{}]", i);
      if (earn.has_points_per() && earn.of().empty() && earn.points() > 0)
        Report(path + ".points_per", std::string(kPointsPerWithoutOf));
      CheckConditions(path, earn);
      const bool is_limit = earn.at_most().times() > 0 || earn.at_most().days() > 0;
      if (earn.has_at_most() && !is_limit)
        Report(path + ".at_most", "at_most says how many items earn in how many days: give it `times` and `days`");
    }
    for (int i = 0; i < loyalty.spend_size(); ++i)
      CheckConditions(fmt::format("loyalty.spend[{}]", i), loyalty.spend(i));
  }

  const SchemaText& text_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> FindChoiceProblems(const SchemaText& text) {
  return ChoiceCheck(text).Run();
}

}  // namespace kintsugi::schema

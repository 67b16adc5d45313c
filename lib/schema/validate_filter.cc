#include "schema/validate_filter.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <cmath>
#include <utility>

#include "schema/filter_text.h"

namespace kintsugi::schema {
namespace {

constexpr size_t kMostConditions = 100;

bool HasEmptyPart(std::string_view path) {
  return path.starts_with('.') || path.ends_with('.') || path.find("..") != std::string_view::npos;
}

// What RE2 says is wrong; empty if nothing is.
std::string PatternError(const std::string& pattern) {
  RE2::Options options;
  options.set_log_errors(false);  // the library prints nothing
  return RE2(pattern, options).error();
}

bool IsOfNumbers(Comparison comparison) {
  return comparison == Comparison::kAtLeast || comparison == Comparison::kMoreThan ||
         comparison == Comparison::kAtMost || comparison == Comparison::kLessThan;
}

template <typename Compared>
std::string FindProblem(const Compared& compared) {
  switch (compared.comparison) {
    case Comparison::kIs:
      return compared.values.empty() ? "`is` needs a value: add one" : "";
    case Comparison::kIsNot:
      return compared.values.size() == 1 ? "" : "`is_not` needs exactly one value: give each a condition";
    case Comparison::kExists:
      return "";
    case Comparison::kMatches: {
      const std::string error = PatternError(compared.pattern);
      return error.empty() ? "" : fmt::format("`{}` is not an RE2 expression: {}", compared.pattern, error);
    }
    default:
      return IsBound(compared.bound) ? "" : "a bound is a number from -1e13 to 1e13: correct it";
  }
}

}  // namespace

bool IsBound(double bound) {
  return std::abs(bound) <= kMostBound;
}

bool IsOfItself(std::string_view field) {
  return field == "$name" || field == "$source" || field == "$time";
}

std::string FindComparisonProblem(const Condition& condition) {
  return FindProblem(condition);
}

std::string FindComparisonProblem(const SegmentCondition& condition) {
  return FindProblem(condition);
}

FilterCheck::FilterCheck(const Schema& schema, std::vector<Problem>& problems) : problems_(problems) {
  for (const Source& source : schema.sources) sources_.insert(source.name);
  for (const Activity& activity : schema.activities) activities_.insert(activity.name);
}

void FilterCheck::Report(std::string path, std::string message) {
  problems_.push_back({std::move(path), std::move(message)});
}

void FilterCheck::Check(const std::string& path, const ItemFilter& filter) {
  for (size_t i = 0; i < filter.events.size(); ++i) {
    if (filter.events[i].empty())
      Report(fmt::format("{}.events[{}]", path, i), "the name is missing: name the event, or remove `events`");
  }
  CheckSources(path, filter.sources);
  if (filter.where.size() > kMostConditions)
    Report(fmt::format("{}.where[{}]", path, kMostConditions),
           fmt::format("more than {} conditions: remove some", kMostConditions));
  for (size_t i = 0; i < filter.where.size(); ++i)
    CheckCondition(fmt::format("{}.where[{}]", path, i), filter.where[i]);
}

void FilterCheck::CheckItems(const std::string& path, const std::string& activity, const ItemFilter& filter) {
  if (!activity.empty()) CheckActivity(path + ".activity", activity);
  if (!activity.empty() && !filter.events.empty()) {
    Report(path + ".events[0]",
           fmt::format("the activity `{}` says which events: remove one of `activity` and `events`", activity));
  }
  Check(path, filter);
}

void FilterCheck::CheckActivity(const std::string& path, const std::string& name) {
  if (activities_.contains(name)) return;
  Report(path, fmt::format("the activity `{}` is not declared: declare it or correct the name", name));
}

void FilterCheck::CheckSources(const std::string& path, const std::vector<std::string>& sources) {
  for (size_t i = 0; i < sources.size(); ++i) {
    if (sources_.contains(sources[i])) continue;
    Report(fmt::format("{}.source[{}]", path, i),
           fmt::format("the source `{}` is not declared: declare it or correct the name", sources[i]));
  }
}

void FilterCheck::CheckField(const std::string& path, std::string_view field) {
  if (field.starts_with('$') && !IsOfItself(field)) {
    Report(path, fmt::format("there is no `{}`: what an item says of itself is `$name`, `$source` and `$time`, and "
                             "paths into the properties do not begin with `$`",
                             field));
  } else if (HasEmptyPart(field)) {
    Report(path,
           fmt::format("the path `{}` has an empty part: write names with one `.` between each two of them", field));
  }
}

void FilterCheck::CheckCondition(const std::string& path, const Condition& condition) {
  if (condition.property.empty()) {
    Report(path + ".property",
           "the property is missing: name one of the activity's own, a path into the properties, or `$name`, "
           "`$source`, `$time`");
  }
  CheckField(path + ".property", condition.property);
  const std::string comparison = fmt::format("{}.{}", path, NameOf(condition.comparison));
  if (std::string problem = FindComparisonProblem(condition); !problem.empty()) {
    Report(comparison, std::move(problem));
  } else if (IsOfNumbers(condition.comparison) && IsOfItself(condition.property)) {
    Report(comparison,
           fmt::format("`{}` compares numbers, and `{}` is a text: use `is`, `is_not`, `exists` or `matches`",
                       NameOf(condition.comparison), condition.property));
  }
}

}  // namespace kintsugi::schema

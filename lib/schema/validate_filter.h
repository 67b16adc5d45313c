// What a filter of items must hold beyond its grammar.

#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kintsugi/schema.h"
#include "schema/validate.h"

namespace kintsugi::schema {

// What bounds may be: doubles that still have three of a decimal's six places.
inline constexpr double kMostBound = 1e13;
bool IsBound(double bound);

// Whether it is what an item says of itself, `$name`, `$source` or `$time`. All of them are texts.
bool IsOfItself(std::string_view field);
// What is wrong with a comparison; empty if nothing is.
std::string FindComparisonProblem(const Condition& condition);
std::string FindComparisonProblem(const SegmentCondition& condition);

// FilterCheck adds what is wrong with filters to a list. The schema and the list outlive it.
class FilterCheck {
 public:
  FilterCheck(const Schema& schema, std::vector<Problem>& problems);

  // `path` is that of what has the filter, "traits[2]".
  void Check(const std::string& path, const ItemFilter& filter);
  // Those of an activity, or of events: the filter of what may name either.
  void CheckItems(const std::string& path, const std::string& activity, const ItemFilter& filter);
  void CheckActivity(const std::string& path, const std::string& name);
  void CheckSources(const std::string& path, const std::vector<std::string>& sources);
  // What of an item is looked at: a name of the activity's own, a path into the properties, or one of the three.
  void CheckField(const std::string& path, std::string_view field);

 private:
  void Report(std::string path, std::string message);
  void CheckCondition(const std::string& path, const Condition& condition);

  std::set<std::string_view> sources_;
  std::set<std::string_view> activities_;
  std::vector<Problem>& problems_;
};

}  // namespace kintsugi::schema

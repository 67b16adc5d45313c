#include "schema/validate_segments.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "schema/circles.h"
#include "schema/filter_text.h"
#include "schema/segment_text.h"
#include "schema/trait_values.h"
#include "schema/validate_filter.h"
#include "schema/validate_traits.h"

namespace kintsugi::schema {
namespace {

using What = SegmentCondition::What;

constexpr size_t kMostSegments = 1'000;
constexpr size_t kMostInOneSegment = 1'000;  // of one segment, groups among them

bool HasBound(Comparison comparison) {
  return comparison >= Comparison::kAtLeast && comparison <= Comparison::kLessThan;
}

// Whether a value that is one could ever compare so. Of a list any element may.
bool Fits(Comparison comparison, TraitValue value) {
  if (comparison == Comparison::kMatches) return value != TraitValue::kNumber && value != TraitValue::kBool;
  if (HasBound(comparison))
    return value == TraitValue::kNumber || value == TraitValue::kList || value == TraitValue::kAny;
  return true;
}

class SegmentCheck {
 public:
  SegmentCheck(const Schema& schema, std::vector<Problem>& problems)
      : schema_(schema), problems_(problems), traits_(TraitValues(schema)) {
    for (const Segment& segment : schema.segments) segments_.insert(segment.name);
    for (const Namespace& ns : schema.namespaces) namespaces_.insert(ns.name);
  }

  void Run() {
    if (schema_.segments.size() > kMostSegments)
      return Report(fmt::format("segments[{}]", kMostSegments), "more than 1,000 segments: remove some");
    for (size_t i = 0; i < schema_.segments.size(); ++i)
      CheckSegment(fmt::format("segments[{}]", i), schema_.segments[i]);
    for (const Circle& circle : FindCircles(made_)) ReportCircle(circle);
  }

 private:
  void Report(std::string path, std::string message) { problems_.push_back({std::move(path), std::move(message)}); }

  void CheckSegment(const std::string& path, const Segment& segment) {
    if (!IsName(segment.name)) {
      Report(path + ".name", fmt::format("a segment needs a name of letters, digits, `_` and `-`, at most 64; this is "
                                         "`{}`",
                                         segment.name));
    } else if (!names_.insert(segment.name).second) {
      Report(path + ".name", fmt::format("the segment `{}` is declared twice: remove or rename one", segment.name));
    }
    made_.push_back({.name = segment.name});
    places_.emplace_back();
    conditions_ = 0;
    if (segment.members.what != What::kGroup)
      Report(path,
             fmt::format("the members of `{}` are a group of conditions: put this one into its `all`", segment.name));
    else if (IsEmpty(segment.members))
      Report(path,
             fmt::format("the segment `{}` has no condition: add `all {{ … }}`, or `any` or `none`", segment.name));
    else
      CheckGroup(path, segment.members, 0);
  }

  static bool IsEmpty(const SegmentCondition& group) {
    return group.all.empty() && group.any.empty() && group.none.empty();
  }

  void CheckGroup(const std::string& path, const SegmentCondition& group, int depth) {
    CheckConditions(path + ".all", group.all, depth);
    CheckConditions(path + ".any", group.any, depth);
    CheckConditions(path + ".none", group.none, depth);
  }

  void CheckConditions(const std::string& path, const std::vector<SegmentCondition>& conditions, int depth) {
    for (size_t i = 0; i < conditions.size(); ++i) {
      if (++conditions_ > kMostInOneSegment + 1) return;  // told already
      CheckCondition(fmt::format("{}[{}]", path, i), conditions[i], depth);
    }
  }

  void CheckCondition(const std::string& path, const SegmentCondition& condition, int depth) {
    if (conditions_ > kMostInOneSegment)
      return Report(path, "more than 1,000 conditions in one segment: move some into a segment of their own");
    if (condition.what != What::kGroup) return CheckLeaf(path, condition);
    if (IsEmpty(condition)) {
      Report(path,
             "the condition is empty: name a `trait` or another thing that it is about, or give it conditions of "
             "its own in `all`, `any`, `none`");
    } else if (depth == kMostNested) {
      Report(path, fmt::format("groups lie in one another more than {} deep: move some into a segment of their own",
                               kMostNested));
    } else {
      CheckGroup(path, condition, depth + 1);
    }
  }

  void CheckLeaf(const std::string& path, const SegmentCondition& leaf) {
    CheckName(fmt::format("{}.{}", path, NameOf(leaf.what)), leaf);
    if (!Compares(leaf.what)) return;
    std::string problem = FindComparisonProblem(leaf);
    if (problem.empty()) problem = FindMisfit(leaf);
    if (!problem.empty()) Report(fmt::format("{}.{}", path, NameOf(leaf.comparison)), std::move(problem));
  }

  void CheckName(const std::string& path, const SegmentCondition& leaf) {
    const std::string& name = leaf.name;
    const bool is_of_days = leaf.what == What::kFirstSeenDays || leaf.what == What::kLastSeenDays;
    if (name.empty() && !is_of_days)
      return Report(path, fmt::format("the name is missing: say which `{}` it is", NameOf(leaf.what)));
    if (leaf.what == What::kTrait && !traits_.contains(name)) Report(path, TellUndeclaredTrait(name));
    if (leaf.what == What::kHas && !namespaces_.contains(name))
      Report(path, fmt::format("the namespace `{}` is not declared: declare it or correct the name", name));
    if (leaf.what == What::kSegment && !segments_.contains(name))
      Report(path, fmt::format("the segment `{}` is not declared: declare it or correct the name", name));
    if (leaf.what != What::kSegment) return;
    made_.back().of.push_back(name);
    places_.back().emplace(name, path);
  }

  // An attribute may be anything.
  std::string FindMisfit(const SegmentCondition& leaf) const {
    TraitValue value = TraitValue::kNumber;  // days
    std::string subject = fmt::format("`{}`", NameOf(leaf.what));
    if (leaf.what == What::kAttribute) return "";
    if (leaf.what == What::kTrait) {
      const auto trait = traits_.find(leaf.name);
      if (trait == traits_.end()) return "";
      value = trait->second;
      subject = fmt::format("the trait `{}`", leaf.name);
    }
    if (Fits(leaf.comparison, value)) return "";
    return fmt::format("`{}` is for {}, and {} is {}: compare it otherwise", NameOf(leaf.comparison),
                       leaf.comparison == Comparison::kMatches ? "texts" : "numbers", subject, NameOf(value));
  }

  void ReportCircle(const Circle& circle) {
    const std::string_view next = made_[circle[1 % circle.size()]].name;
    Report(
        places_[circle.front()].at(next),
        fmt::format("segments are made of one another in a circle, {}: take one of them out", TextOf(circle, made_)));
  }

  const Schema& schema_;
  std::vector<Problem>& problems_;
  const std::map<std::string_view, TraitValue> traits_;
  std::set<std::string_view> segments_;
  std::set<std::string_view> namespaces_;
  std::set<std::string_view> names_;
  size_t conditions_ = 0;  // of the segment that is checked
  // By segment: what it is made of, and where it says so first.
  std::vector<Made> made_;
  std::vector<std::map<std::string_view, std::string>> places_;
};

}  // namespace

void FindSegmentProblems(const Schema& schema, std::vector<Problem>& problems) {
  SegmentCheck(schema, problems).Run();
}

}  // namespace kintsugi::schema

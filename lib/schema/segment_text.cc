#include "schema/segment_text.h"

#include <vector>

#include "schema/comparison_text.h"

namespace kintsugi::schema {
namespace {

using What = SegmentCondition::What;

const google::protobuf::FieldDescriptor* FieldOf(What what) {
  const int number = SegmentConditionText::kTraitFieldNumber + static_cast<int>(what) - static_cast<int>(What::kTrait);
  return SegmentConditionText::descriptor()->FindFieldByNumber(number);
}

bool IsOfDays(What what) {
  return what == What::kFirstSeenDays || what == What::kLastSeenDays;
}

// What the text is about; of several things the last, of none a group.
What WhatOf(const SegmentConditionText& text) {
  What found = What::kGroup;
  for (int i = static_cast<int>(What::kTrait); i <= static_cast<int>(What::kLastSeenDays); ++i) {
    const auto what = static_cast<What>(i);
    if (text.GetReflection()->HasField(text, FieldOf(what))) found = what;
  }
  return found;
}

// In the block of days or after it.
void ReadDays(const SegmentConditionText& text, SegmentCondition& out) {
  const ComparisonText& block = out.what == What::kFirstSeenDays ? text.first_seen_days() : text.last_seen_days();
  if (block.ByteSizeLong() > 0)
    ReadComparison(block, out);
  else
    ReadComparison(text, out);
}

SegmentCondition ConditionOf(const SegmentConditionText& text);

// A segment, or a condition that is a group.
template <typename Text>
SegmentCondition GroupOf(const Text& text) {
  SegmentCondition out;
  for (const SegmentConditionText& condition : text.all()) out.all.push_back(ConditionOf(condition));
  for (const SegmentConditionText& condition : text.any()) out.any.push_back(ConditionOf(condition));
  for (const SegmentConditionText& condition : text.none()) out.none.push_back(ConditionOf(condition));
  return out;
}

SegmentCondition ConditionOf(const SegmentConditionText& text) {
  SegmentCondition out = {.what = WhatOf(text)};
  if (out.what == What::kGroup) return GroupOf(text);
  if (IsOfDays(out.what)) {
    ReadDays(text, out);
    return out;
  }
  out.name = text.GetReflection()->GetString(text, FieldOf(out.what));
  if (Compares(out.what)) ReadComparison(text, out);
  return out;
}

SegmentConditionText TextOf(const SegmentCondition& condition);

template <typename Text>
void FillGroup(const SegmentCondition& group, Text* out) {
  const auto fill = [](const std::vector<SegmentCondition>& conditions, auto* texts) {
    std::vector<SegmentConditionText> filled;
    for (const SegmentCondition& condition : conditions) filled.push_back(TextOf(condition));
    FillConditions(filled, texts);
  };
  fill(group.all, out->mutable_all());
  fill(group.any, out->mutable_any());
  fill(group.none, out->mutable_none());
}

SegmentConditionText TextOf(const SegmentCondition& condition) {
  SegmentConditionText out;
  if (condition.what == What::kGroup) {
    FillGroup(condition, &out);
    return out;
  }
  if (IsOfDays(condition.what))
    out.GetReflection()->MutableMessage(&out, FieldOf(condition.what));
  else
    out.GetReflection()->SetString(&out, FieldOf(condition.what), condition.name);
  if (Compares(condition.what)) FillComparison(condition, &out);
  return out;
}

}  // namespace

const std::string& NameOf(What what) {
  return FieldOf(what)->name();
}

bool Compares(What what) {
  return what == What::kTrait || what == What::kAttribute || IsOfDays(what);
}

Segment SegmentOf(const SegmentText& text) {
  return {.name = text.name(), .members = GroupOf(text)};
}

void FillSegment(const Segment& segment, SegmentText* out) {
  out->set_name(segment.name);
  FillGroup(segment.members, out);
}

}  // namespace kintsugi::schema

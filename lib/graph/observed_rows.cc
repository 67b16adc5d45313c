// Observed: the rows that differ.

#include <algorithm>

#include "golden/value_codec.h"
#include "graph/observed.h"

namespace kintsugi::graph {

using format::Family;
using format::TallyForm;
using golden::Observation;

namespace {

uint64_t WeightOf(const std::vector<Observation>& values) {
  uint64_t weight = 0;
  for (const Observation& o : values) weight += format::WeightOfValue(o.value);
  return weight;
}

uint64_t NullsIn(const std::vector<Observation>& values) {
  return static_cast<uint64_t>(
      std::count_if(values.begin(), values.end(), [](const Observation& o) { return golden::IsNull(o.value); }));
}

}  // namespace

uint64_t Observed::Attribute::weight() const {
  if (!is_whole) return summary.weight + WeightOf(values) - WeightOf(stored());
  return values.empty() ? 0 : format::WeightOfAttribute(name) + WeightOf(values);
}

uint64_t Observed::Attribute::stored_weight() const {
  if (form == Form::kApart) return summary.weight;
  return stored().empty() ? 0 : format::WeightOfAttribute(name) + WeightOf(stored());
}

absl::Status Observed::Settle() {
  if (form_ != Form::kApart || is_whole_) {
    summary_.weight = summary_.nulls = 0;
    for (const Attribute& attribute : attributes_) {
      summary_.weight += attribute.weight();
      summary_.nulls += NullsIn(attribute.values);
    }
    return absl::OkStatus();
  }
  format::NodeSummary now = summary_;
  for (const Attribute& attribute : attributes_) {
    if (!attribute.is_changed) continue;
    now.weight += attribute.weight() - attribute.stored_weight();
    now.nulls += NullsIn(attribute.values) - NullsIn(attribute.before);
  }
  if (now.weight <= format::kMostTogether) {
    if (auto status = LoadAll(); !status.ok()) return status;
  }
  summary_ = now;
  return absl::OkStatus();
}

format::ObservedValue Observed::ToRow(const Observation& o) const {
  return {o.value, context_.catalog.source_number(o.source), o.first_observed, o.last_observed, o.count};
}

std::string Observed::NodeRow() const {
  if (summary_.weight > format::kMostTogether) return EncodeSummary(summary_);
  std::string row;
  row.reserve(summary_.weight + 64);
  format::Encoder e(row);
  e.Byte(static_cast<uint8_t>(TallyForm::kTogether));
  for (const Attribute& attribute : attributes_) {
    if (attribute.values.empty()) continue;
    e.String(attribute.name);
    e.Varint(attribute.values.size());
    for (const Observation& o : attribute.values) format::EncodeObserved(e, ToRow(o));
  }
  return row;
}

std::string Observed::AttributeRow(const Attribute& attribute) const {
  const uint64_t weight = attribute.weight();
  std::string row;
  if (weight <= format::kMostTogether) {
    format::Encoder e(row);
    e.Byte(static_cast<uint8_t>(TallyForm::kTogether));
    for (const Observation& o : attribute.values) format::EncodeObserved(e, ToRow(o));
    return row;
  }
  format::AttributeSummary summary{.weight = weight};
  for (golden::SourceIndex source = 0; source < context_.schema.sources.size(); ++source) {
    const uint16_t number = context_.catalog.source_number(source);
    const uint64_t count = attribute.is_whole ? attribute.Of(source).size() : attribute.CountNow(source, number);
    if (count != 0) summary.sources.push_back({number, count, PivotsOf(attribute, source)});
  }
  return EncodeSummary(summary);
}

// Where they are not loaded they are what they were.
std::vector<format::ValueHash> Observed::PivotsOf(const Attribute& attribute, golden::SourceIndex source) const {
  std::optional<std::string> threshold;
  if (!attribute.is_whole) {
    const auto known = std::find_if(attribute.thresholds.begin(), attribute.thresholds.end(),
                                    [&](const auto& one) { return one.first == source; });
    if (known == attribute.thresholds.end()) {
      const format::SourceSummary* before = attribute.SummaryOf(context_.catalog.source_number(source));
      return before == nullptr ? std::vector<format::ValueHash>() : before->pivots;
    }
    threshold = known->second;
  }
  const std::vector<Observation> values = attribute.Of(source);
  std::vector<format::ValueHash> pivots;
  for (const Observation* pivot : context_.golden_rules.Pivots(values, threshold))
    pivots.push_back(format::HashOfValue(pivot->value));
  return pivots;
}

void Observed::WriteAttribute(const Attribute& attribute, bool is_apart, RowSink& sink) const {
  const std::string key = format::TallyKey(this->key(), attribute.name);
  const auto value_key = [&](const Observation& o) {
    return format::TallyKey(this->key(), attribute.name, context_.catalog.source_number(o.source),
                            format::HashOfValue(o.value));
  };
  const bool is_there = is_apart && attribute.is_there();
  const bool values_are_apart = is_there && attribute.weight() > format::kMostTogether;
  static const std::vector<Observation> kNothing;
  const bool were_apart = form_ == Form::kApart && attribute.form == Form::kApart;
  golden::ForEachPair(were_apart ? attribute.stored() : kNothing, values_are_apart ? attribute.values : kNothing,
                      [&](const Observation* before, const Observation* now) {
                        if (now == nullptr)
                          sink.Delete(Family::kValues, value_key(*before));
                        else if (before == nullptr || *before != *now)
                          sink.Put(Family::kValues, value_key(*now), format::EncodeValueRow(ToRow(*now)));
                      });
  if (is_there) {
    const std::string row = AttributeRow(attribute);
    if (!were_apart || !values_are_apart || row != EncodeSummary(attribute.summary))
      sink.Put(Family::kValues, key, row);
  } else if (attribute.form != Form::kNone) {
    sink.Delete(Family::kValues, key);
  }
}

void Observed::Write(RowSink& sink) const {
  if (!is_changed()) return;
  const std::string key = format::TallyKey(this->key());
  const bool is_apart = summary_.weight > format::kMostTogether;
  for (const Attribute& attribute : attributes_) {
    const bool stays_apart = is_apart && form_ == Form::kApart;
    const bool was_together = form_ != Form::kApart && !is_apart;
    if (was_together || (stays_apart && !attribute.is_changed)) continue;
    WriteAttribute(attribute, is_apart, sink);
  }
  if (is_empty()) {
    if (form_ != Form::kNone) sink.Delete(Family::kTallies, key);
    return;
  }
  const std::string row = NodeRow();
  if (row != row_) sink.Put(Family::kTallies, key, row);
}

}  // namespace kintsugi::graph

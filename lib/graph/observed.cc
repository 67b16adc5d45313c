// Observed: loading what a change needs, and changing it. Writing is in observed_rows.cc.

#include "graph/observed.h"

#include <algorithm>

#include "golden/value_codec.h"

namespace kintsugi::graph {

using format::Family;
using format::TallyForm;
using golden::Observation;

namespace {

// As Observed::Change::retired.
bool IsRetired(const Observation* before, const Observation* now) {
  return before != nullptr &&
         (now == nullptr || now->first_observed > before->first_observed || now->last_observed < before->last_observed);
}

}  // namespace

uint64_t Observed::Attribute::CountNow(golden::SourceIndex source, uint16_t number) const {
  const auto is_of = [&](const Observation& o) { return o.source == source; };
  uint64_t count = 0;
  if (const format::SourceSummary* stored_summary = SummaryOf(number)) count = stored_summary->count;
  count += static_cast<uint64_t>(std::count_if(values.begin(), values.end(), is_of));
  return count - static_cast<uint64_t>(std::count_if(stored().begin(), stored().end(), is_of));
}

std::vector<Observation> Observed::Attribute::Of(golden::SourceIndex source) const {
  std::vector<Observation> out;
  for (const Observation& o : values) {
    if (o.source == source) out.push_back(o);
  }
  return out;
}

const format::SourceSummary* Observed::Attribute::SummaryOf(uint16_t number) const {
  const auto at = std::find_if(summary.sources.begin(), summary.sources.end(),
                               [&](const format::SourceSummary& source) { return source.source == number; });
  return at == summary.sources.end() ? nullptr : &*at;
}

// ---- loading

bool Observed::Parse(format::ObservedValue row, std::string_view attribute, Observation& out) const {
  out.attribute = attribute;
  out.value = row.value;
  out.first_observed = row.first_observed;
  out.last_observed = row.last_observed;
  out.count = row.count;
  return context_.catalog.FindSource(row.source, out.source);
}

// A row that is one value's.
bool Observed::ParseValue(std::string_view row, std::string_view attribute, Observation& out) const {
  format::ObservedValue value;
  return format::DecodeValueRow(row, value) && Parse(value, attribute, out);
}

bool Observed::ParseNode(std::string_view row) {
  format::Decoder d(row);
  const uint8_t form = d.Byte();
  if (form == static_cast<uint8_t>(TallyForm::kApart)) {
    form_ = Form::kApart;
    return format::DecodeSummary(d, summary_);
  }
  if (form != static_cast<uint8_t>(TallyForm::kTogether)) return false;
  form_ = Form::kTogether;
  is_whole_ = true;
  while (d.ok() && !d.done()) {
    Attribute& attribute = attributes_.emplace_back();
    attribute.name = d.String();
    attribute.values.resize(std::min<uint64_t>(d.Varint(), d.rest().size()));
    for (Observation& o : attribute.values) {
      if (!Parse(format::DecodeObserved(d), attribute.name, o)) return false;
    }
    summary_.unlisted += int{IsUnlisted(attribute)};
  }
  return d.ok();
}

bool Observed::ParseAttribute(std::string_view row, Attribute& attribute) const {
  format::Decoder d(row);
  const uint8_t form = d.Byte();
  if (form == static_cast<uint8_t>(TallyForm::kApart)) {
    attribute.form = Form::kApart;
    attribute.is_whole = false;
    return format::DecodeSummary(d, attribute.summary);
  }
  attribute.form = Form::kTogether;
  while (d.ok() && !d.done()) {
    if (!Parse(format::DecodeObserved(d), attribute.name, attribute.values.emplace_back())) return false;
  }
  return d.ok() && form == static_cast<uint8_t>(TallyForm::kTogether);
}

absl::StatusOr<bool> Observed::IsStored() {
  if (form_ == Form::kNotAsked) {
    auto row = source_.Get(Family::kTallies, format::TallyKey(key()));
    if (!row.ok()) return row.status();
    if (!*row) {
      form_ = Form::kNone;
    } else {
      if (!ParseNode(**row)) return format::DamagedRow(Family::kTallies);
      row_ = **std::move(row);
    }
  }
  if (form_ == Form::kNone) is_whole_ = true;
  return form_ != Form::kNone;
}

absl::Status Observed::LoadNode() {
  if (form_ == Form::kTogether || form_ == Form::kApart) return absl::OkStatus();
  const bool must_be = form_ == Form::kNotAsked;
  const auto is_stored = IsStored();
  if (!is_stored.ok()) return is_stored.status();
  return must_be && !*is_stored ? format::DamagedRow(Family::kTallies) : absl::OkStatus();
}

std::vector<Observed::Attribute>::iterator Observed::PlaceOf(std::string_view name) {
  return std::lower_bound(attributes_.begin(), attributes_.end(), name,
                          [](const Attribute& attribute, std::string_view other) { return attribute.name < other; });
}

absl::StatusOr<Observed::Attribute*> Observed::Load(std::string_view name) {
  if (auto status = LoadNode(); !status.ok()) return status;
  const auto at = PlaceOf(name);
  if (at != attributes_.end() && at->name == name) return &*at;
  Attribute attribute{.name = std::string(name)};
  if (!is_whole_) {
    const auto row = source_.Get(Family::kValues, format::TallyKey(key(), name));
    if (!row.ok()) return row.status();
    if (*row && !ParseAttribute(**row, attribute)) return format::DamagedRow(Family::kValues);
  }
  return &*attributes_.insert(at, std::move(attribute));
}

// A stored value that may be loaded, and changed, already.
void Observed::TakeStored(Attribute& attribute, Observation stored) {
  std::vector<Observation>& known = attribute.is_changed ? attribute.before : attribute.values;
  const auto at = std::lower_bound(known.begin(), known.end(), stored, golden::InOrder);
  if (at != known.end() && !InOrder(stored, *at)) return;
  if (attribute.is_changed) {
    const auto now = std::lower_bound(attribute.values.begin(), attribute.values.end(), stored, golden::InOrder);
    attribute.values.insert(now, stored);
  }
  known.insert(at, std::move(stored));
}

absl::Status Observed::LoadValues(Attribute& attribute) {
  if (attribute.is_whole) return absl::OkStatus();
  const std::string prefix = format::TallyKey(key(), attribute.name);
  auto status = source_.Scan(Family::kValues, prefix, [&](std::string_view at, std::string_view row) -> VisitResult {
    if (at.size() == prefix.size()) return true;  // the attribute's own
    Observation stored;
    if (!ParseValue(row, attribute.name, stored)) return format::DamagedRow(Family::kValues);
    TakeStored(attribute, std::move(stored));
    return true;
  });
  attribute.is_whole = status.ok();
  return status;
}

// All attributes, if not with all of their values.
absl::Status Observed::LoadRows(bool with_values) {
  if (auto status = LoadNode(); !status.ok() || is_whole_) return status;
  const std::string prefix = format::TallyKey(key());
  auto status = source_.Scan(Family::kValues, prefix, [&](std::string_view at, std::string_view row) -> VisitResult {
    const absl::Status damaged = format::DamagedRow(Family::kValues);
    std::string_view name;
    bool is_value = false;
    if (!format::ParseTallyKey(at.substr(prefix.size()), name, is_value)) return damaged;
    auto attribute = PlaceOf(name);
    if (attribute == attributes_.end() || attribute->name != name) {  // its own row comes first
      if (is_value) return damaged;
      attribute = attributes_.insert(attribute, {.name = std::string(name)});
      return ParseAttribute(row, *attribute) ? VisitResult(true) : damaged;
    }
    Observation stored;
    if (!is_value || attribute->is_whole || !with_values) return true;
    if (!ParseValue(row, name, stored)) return damaged;
    TakeStored(*attribute, std::move(stored));
    return true;
  });
  if (!status.ok() || !with_values) return status;
  for (Attribute& attribute : attributes_) attribute.is_whole = true;
  is_whole_ = true;
  return absl::OkStatus();
}

absl::Status Observed::AppendAll(std::vector<const Observation*>& out) {
  if (auto status = LoadAll(); !status.ok()) return status;
  for (const Attribute& attribute : attributes_) {
    for (const Observation& o : attribute.values) out.push_back(&o);
  }
  return absl::OkStatus();
}

absl::Status Observed::AppendOf(std::string_view name, std::vector<const Observation*>& out) {
  const auto attribute = Load(name);
  if (!attribute.ok()) return attribute.status();
  if (auto status = LoadValues(**attribute); !status.ok()) return status;
  for (const Observation& o : (*attribute)->values) out.push_back(&o);
  return absl::OkStatus();
}

std::optional<size_t> Observed::CountLoaded() const {
  if (!is_whole_) return std::nullopt;
  size_t count = 0;
  for (const Attribute& attribute : attributes_) count += attribute.values.size();
  return count;
}

// ---- changing

absl::StatusOr<bool> Observed::Add(std::span<const Observation> said, const golden::Rules::LeftOut& left_out) {
  if (auto status = LoadNode(); !status.ok()) return status;
  bool is_less = false;
  for (const Observation& o : said) {
    const auto attribute = Load(o.attribute);
    if (!attribute.ok()) return attribute.status();
    if (!(*attribute)->is_there() && IsUnlisted(**attribute)) ++summary_.unlisted;
    const auto is_bounded = AddOne(**attribute, o, left_out);
    if (!is_bounded.ok()) return is_bounded.status();
    if (*is_bounded && IsRetiring(**attribute)) {
      golden::ForEachPair(
          (*attribute)->before, (*attribute)->values,
          [&](const Observation* before, const Observation* now) { is_less |= IsRetired(before, now); });
    }
  }
  if (summary_.unlisted <= golden::kMaxUnlistedAttributes) return is_less;
  const auto is_dropped = DropAttributesBeyond(left_out);
  if (!is_dropped.ok()) return is_dropped.status();
  return is_less || *is_dropped;
}

// Whether the values had to be chosen among.
absl::StatusOr<bool> Observed::AddOne(Attribute& attribute, const Observation& said,
                                      const golden::Rules::LeftOut& left_out) {
  if (!attribute.is_whole) {
    const auto is_added = AddApart(attribute, said, left_out);
    if (!is_added.ok()) return is_added.status();
    if (*is_added) return true;
    if (auto status = LoadValues(attribute); !status.ok()) return status;
  }
  attribute.KeepBefore();
  return context_.golden_rules.AddObservation(attribute.values, said, left_out);
}

// Which values of a source are kept is decided among all of them, but only where they may be too many.
absl::StatusOr<bool> Observed::AddApart(Attribute& attribute, const Observation& said,
                                        const golden::Rules::LeftOut& left_out) {
  const auto threshold = LoadPivots(attribute, said.source);
  if (!threshold.ok()) return threshold.status();
  const auto is_loaded = [&] {
    const auto at = std::lower_bound(attribute.values.begin(), attribute.values.end(), said, golden::InOrder);
    return at != attribute.values.end() && !InOrder(said, *at);
  };
  if (!is_loaded()) {
    const auto is_stored = LoadValue(attribute, said.source, format::HashOfValue(said.value));
    if (!is_stored.ok()) return is_stored.status();
  }
  attribute.KeepBefore();
  if (*threshold != nullptr)
    return context_.golden_rules.AddObservationBeyond(attribute.values, said, **threshold, left_out);
  const uint64_t count = attribute.CountNow(said.source, context_.catalog.source_number(said.source));
  if (!is_loaded() && count + 1 >= context_.golden_rules.MaxValues(attribute.name)) return false;
  golden::AddObservation(attribute.values, said);
  return true;
}

// False if it is not stored.
absl::StatusOr<bool> Observed::LoadValue(Attribute& attribute, golden::SourceIndex source,
                                         const format::ValueHash& hash) {
  const uint16_t number = context_.catalog.source_number(source);
  const auto row = source_.Get(Family::kValues, format::TallyKey(key(), attribute.name, number, hash));
  if (!row.ok()) return row.status();
  if (!*row) return false;
  Observation stored;
  if (!ParseValue(**row, attribute.name, stored) || stored.source != source ||
      format::HashOfValue(stored.value) != hash)
    return format::DamagedRow(Family::kValues);
  TakeStored(attribute, std::move(stored));
  return true;
}

absl::StatusOr<const std::string*> Observed::LoadPivots(Attribute& attribute, golden::SourceIndex source) {
  for (const auto& [of, threshold] : attribute.thresholds) {
    if (of == source) return &threshold;
  }
  const format::SourceSummary* summary = attribute.SummaryOf(context_.catalog.source_number(source));
  if (summary == nullptr || summary->pivots.empty()) return nullptr;
  for (const format::ValueHash& pivot : summary->pivots) {
    const auto is_there = LoadValue(attribute, source, pivot);
    if (!is_there.ok()) return is_there.status();
    if (!*is_there) return format::DamagedRow(Family::kValues);
  }
  const auto threshold = std::find_if(attribute.values.begin(), attribute.values.end(), [&](const Observation& o) {
    return o.source == source && format::HashOfValue(o.value) == summary->pivots.front();
  });
  if (threshold == attribute.values.end()) return format::DamagedRow(Family::kValues);
  return &attribute.thresholds.emplace_back(source, threshold->value).second;
}

// Whether one that was stored goes.
absl::StatusOr<bool> Observed::DropAttributesBeyond(const golden::Rules::LeftOut& left_out) {
  if (auto status = LoadRows(false); !status.ok()) return status;
  std::vector<std::string_view> names;
  for (const Attribute& attribute : attributes_) {
    if (attribute.is_there()) names.push_back(attribute.name);
  }
  bool is_less = false;
  for (const std::string_view name : context_.golden_rules.AttributesBeyond(std::move(names))) {
    Attribute& attribute = *PlaceOf(name);
    if (auto status = LoadValues(attribute); !status.ok()) return status;
    attribute.KeepBefore();
    attribute.is_withdrawn = true;
    for (const Observation& o : attribute.values) left_out(o);
    attribute.values.clear();
    is_less |= !attribute.before.empty();
    --summary_.unlisted;
  }
  return is_less;
}

absl::Status Observed::Replace(std::vector<Observation> all) {
  if (auto status = LoadAll(); !status.ok()) return status;
  for (Attribute& attribute : attributes_) {
    if (attribute.values.empty()) continue;
    attribute.KeepBefore();
    attribute.is_withdrawn = true;
    attribute.values.clear();
  }
  for (Observation& o : all) {
    const auto attribute = Load(o.attribute);
    if (!attribute.ok()) return attribute.status();
    (*attribute)->KeepBefore();
    (*attribute)->values.push_back(std::move(o));
  }
  summary_.unlisted = 0;
  for (Attribute& attribute : attributes_) {
    if (attribute.is_changed) attribute.is_changed = attribute.values != attribute.before;
    summary_.unlisted += int{!attribute.values.empty() && IsUnlisted(attribute)};
  }
  return absl::OkStatus();
}

bool Observed::is_changed() const {
  return std::any_of(attributes_.begin(), attributes_.end(), [](const Attribute& a) { return a.is_changed; });
}

std::vector<Observed::Change> Observed::Changes() const {
  std::vector<Change> changes;
  for (const Attribute& attribute : attributes_) {
    if (!attribute.is_changed) continue;
    Change change{attribute.name, {}, {}};
    golden::ForEachPair(attribute.before, attribute.values, [&](const Observation* before, const Observation* now) {
      if (before != nullptr && now != nullptr && *before == *now) return;
      if (now != nullptr) change.said.push_back(*now);
      if (IsRetiring(attribute) && IsRetired(before, now)) change.retired.push_back(*before);
    });
    // A value that was said may have been left out at once.
    if (!change.said.empty() || !change.retired.empty()) changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace kintsugi::graph

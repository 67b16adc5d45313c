#include "graph/observed.h"

#include <algorithm>
#include <cassert>

#include "golden/value_codec.h"

namespace kintsugi::graph {

using format::Family;
using format::TallyForm;
using golden::Observation;

namespace {

using Observations = std::vector<Observation>;

uint64_t WeightOf(const Observations& values) {
  uint64_t weight = 0;
  for (const Observation& o : values) weight += format::WeightOfValue(o.value);
  return weight;
}

uint64_t NullsIn(const Observations& values) {
  return static_cast<uint64_t>(
      std::count_if(values.begin(), values.end(), [](const Observation& o) { return golden::IsNull(o.value); }));
}

// Both in order: visit(as it was or null, as it is or null).
template <typename Visit>
void ForEachPair(const Observations& before, const Observations& now, Visit visit) {
  auto b = before.begin();
  auto n = now.begin();
  while (b != before.end() || n != now.end()) {
    if (n == now.end() || (b != before.end() && InOrder(*b, *n))) {
      visit(&*b++, nullptr);
    } else if (b == before.end() || InOrder(*n, *b)) {
      visit(nullptr, &*n++);
    } else {
      visit(&*b++, &*n++);
    }
  }
}

// As Observed::Change::retired.
bool IsRetired(const Observation* before, const Observation* now) {
  return before != nullptr &&
         (now == nullptr || now->first_observed > before->first_observed || now->last_observed < before->last_observed);
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

uint64_t Observed::Attribute::CountNow(golden::SourceIndex source, uint16_t number) const {
  const auto is_of = [&](const Observation& o) { return o.source == source; };
  uint64_t count = 0;
  for (const auto& [of, stored_count] : summary.counts) count += of == number ? stored_count : 0;
  count += static_cast<uint64_t>(std::count_if(values.begin(), values.end(), is_of));
  return count - static_cast<uint64_t>(std::count_if(stored().begin(), stored().end(), is_of));
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
  Observations& known = attribute.is_changed ? attribute.before : attribute.values;
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
    format::ObservedValue value;
    Observation stored;
    if (!format::DecodeValueRow(row, value) || !Parse(value, attribute.name, stored))
      return format::DamagedRow(Family::kValues);
    TakeStored(attribute, std::move(stored));
    return true;
  });
  attribute.is_whole = status.ok();
  return status;
}

absl::Status Observed::LoadAll() {
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
    format::ObservedValue value;
    Observation stored;
    if (!is_value || attribute->is_whole) return true;
    if (!format::DecodeValueRow(row, value) || !Parse(value, name, stored)) return damaged;
    TakeStored(*attribute, std::move(stored));
    return true;
  });
  if (!status.ok()) return status;
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

absl::Status Observed::Add(std::span<const Observation> said, const golden::Rules::LeftOut& left_out) {
  if (auto status = LoadNode(); !status.ok()) return status;
  for (const Observation& o : said) {
    const auto attribute = Load(o.attribute);
    if (!attribute.ok()) return attribute.status();
    if (!(*attribute)->is_there() && IsUnlisted(**attribute)) ++summary_.unlisted;
    if (auto status = AddOne(**attribute, o, left_out); !status.ok()) return status;
  }
  return summary_.unlisted > golden::kMaxUnlistedAttributes ? DropAttributesBeyond(left_out) : absl::OkStatus();
}

absl::Status Observed::AddOne(Attribute& attribute, const Observation& said, const golden::Rules::LeftOut& left_out) {
  if (!attribute.is_whole) {
    const auto is_added = AddApart(attribute, said);
    if (!is_added.ok() || *is_added) return is_added.status();
    if (auto status = LoadValues(attribute); !status.ok()) return status;
  }
  attribute.KeepBefore();
  context_.golden_rules.AddObservation(attribute.values, said, left_out);
  return absl::OkStatus();
}

// Which values of a source are kept is decided among all of them, but only where they may be too many.
absl::StatusOr<bool> Observed::AddApart(Attribute& attribute, const Observation& said) {
  const uint16_t number = context_.catalog.source_number(said.source);
  const uint64_t count = attribute.CountNow(said.source, number);
  const uint32_t most = context_.golden_rules.MaxValues(attribute.name);
  if (count > most) return false;
  const auto at = std::lower_bound(attribute.values.begin(), attribute.values.end(), said, golden::InOrder);
  if (at == attribute.values.end() || InOrder(said, *at)) {
    const auto row = source_.Get(Family::kValues, format::TallyKey(key(), attribute.name, number, said.value));
    if (!row.ok()) return row.status();
    if (!*row && count + 1 > most) return false;
    if (*row) {
      format::ObservedValue value;
      Observation stored;
      if (!format::DecodeValueRow(**row, value) || !Parse(value, attribute.name, stored) || InOrder(stored, said) ||
          InOrder(said, stored))
        return format::DamagedRow(Family::kValues);
      TakeStored(attribute, std::move(stored));
    }
  }
  attribute.KeepBefore();
  golden::AddObservation(attribute.values, said);
  return true;
}

absl::Status Observed::DropAttributesBeyond(const golden::Rules::LeftOut& left_out) {
  if (auto status = LoadAll(); !status.ok()) return status;
  std::vector<std::string_view> names;
  for (const Attribute& attribute : attributes_) {
    if (!attribute.values.empty()) names.push_back(attribute.name);
  }
  for (const std::string_view name : context_.golden_rules.AttributesBeyond(std::move(names))) {
    Attribute& attribute = *PlaceOf(name);
    attribute.KeepBefore();
    for (const Observation& o : attribute.values) left_out(o);
    attribute.values.clear();
    --summary_.unlisted;
  }
  return absl::OkStatus();
}

absl::Status Observed::Replace(std::vector<Observation> all) {
  if (auto status = LoadAll(); !status.ok()) return status;
  for (Attribute& attribute : attributes_) {
    if (attribute.values.empty()) continue;
    attribute.KeepBefore();
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
    Change& change = changes.emplace_back(Change{attribute.name, {}, {}});
    ForEachPair(attribute.before, attribute.values, [&](const Observation* before, const Observation* now) {
      if (before != nullptr && now != nullptr && *before == *now) return;
      if (now != nullptr) change.said.push_back(*now);
      if (IsRetired(before, now)) change.retired.push_back(*before);
    });
  }
  return changes;
}

bool Observed::is_any_retired() const {
  return std::any_of(attributes_.begin(), attributes_.end(), [](const Attribute& attribute) {
    bool is_any = false;
    if (attribute.is_changed)
      ForEachPair(attribute.before, attribute.values,
                  [&](const Observation* before, const Observation* now) { is_any |= IsRetired(before, now); });
    return is_any;
  });
}

// ---- writing

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
    const auto is_of = [&](const Observation& o) { return o.source == source; };
    const uint64_t count =
        attribute.is_whole
            ? static_cast<uint64_t>(std::count_if(attribute.values.begin(), attribute.values.end(), is_of))
            : attribute.CountNow(source, number);
    if (count != 0) summary.counts.emplace_back(number, count);
  }
  return EncodeSummary(summary);
}

void Observed::WriteAttribute(const Attribute& attribute, bool is_apart, RowSink& sink) const {
  const std::string key = format::TallyKey(this->key(), attribute.name);
  const auto value_key = [&](const Observation& o) {
    return format::TallyKey(this->key(), attribute.name, context_.catalog.source_number(o.source), o.value);
  };
  const bool is_there = is_apart && attribute.is_there();
  const bool values_are_apart = is_there && attribute.weight() > format::kMostTogether;
  static const Observations kNothing;
  const bool were_apart = form_ == Form::kApart && attribute.form == Form::kApart;
  ForEachPair(were_apart ? attribute.stored() : kNothing, values_are_apart ? attribute.values : kNothing,
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

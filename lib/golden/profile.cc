// kintsugi::ProfileView and Profile: a golden record for the host program.

#include "kintsugi/profile.h"

#include <algorithm>

#include "base/json.h"
#include "golden/record_codec.h"
#include "golden/shared_profile.h"
#include "golden/value_codec.h"

namespace kintsugi {
namespace {

std::string_view NameOf(const golden::Names& names, uint16_t number) {
  return number < names.names.size() ? std::string_view(names.names[number]) : std::string_view();
}

// Field by field into its place: copying a whole Attribute costs a hot look-up a tenth of its time.
inline void Fill(const golden::Names& names, const golden::StoredAttribute& stored, Attribute& out) {
  out.name = stored.name;
  out.value = golden::ReadValue(stored.value);
  out.source = NameOf(names, stored.source_number);
  if (stored.observed_at != kNeverLast) out.observed_at = stored.observed_at;
  out.rule = stored.rule;
}

// By namespace: those of one lie together.
void WriteIdentifiers(JsonWriter& json, const golden::Names& names, const golden::RecordView& record) {
  std::optional<uint16_t> open;
  json.BeginObject("identifiers");
  for (const golden::StoredIdentifier& identifier : record.identifiers()) {
    if (identifier.number != open) {
      if (open) json.EndArray();
      json.BeginArray(NameOf(names, identifier.number));
      open = identifier.number;
    }
    json.Element(identifier.value);
  }
  if (open) json.EndArray();
  json.EndObject();
}

// The traits of which more values came than are kept; left out if there are none.
void WriteApproximate(JsonWriter& json, const golden::Names& names, const golden::RecordView& record) {
  const std::vector<uint32_t> approximate = record.approximate_traits();
  if (approximate.empty()) return;
  json.BeginArray("approximate");
  for (const uint32_t trait : approximate) json.Element(trait < names.traits.size() ? names.traits[trait] : "");
  json.EndArray();
}

void WriteAttribute(JsonWriter& json, const Attribute& attribute) {
  json.BeginObject(attribute.name);
  json.Member("value", attribute.value);
  json.Member("source", attribute.source);
  json.Member("observed_at", attribute.observed_at);
  json.Member("rule", ToString(attribute.rule));
  json.EndObject();
}

}  // namespace

std::optional<Time> ProfileView::first_seen() const {
  return Known(golden::RecordView(bytes_).first_seen());
}
std::optional<Time> ProfileView::last_seen() const {
  return Known(golden::RecordView(bytes_).last_seen());
}
size_t ProfileView::identifier_count() const {
  return golden::RecordView(bytes_).identifier_count();
}

std::optional<Attribute> ProfileView::attribute(std::string_view name) const {
  golden::StoredAttribute stored;
  std::optional<Attribute> out;
  if (golden::RecordView(bytes_).Find(name, stored)) Fill(*names_, stored, out.emplace());
  return out;
}

std::vector<Attribute> ProfileView::attributes() const {
  const golden::RecordView record(bytes_);
  std::vector<Attribute> out;
  for (uint32_t i = 0; i < record.attribute_count(); ++i) Fill(*names_, record.attribute(i), out.emplace_back());
  return out;
}

std::optional<ValueView> ProfileView::trait(std::string_view name) const {
  const std::optional<uint32_t> place = names_->FindTrait(name);
  if (!place) return std::nullopt;
  const std::string_view bytes = golden::RecordView(bytes_).trait(*place);
  return bytes.empty() ? std::nullopt : std::optional(golden::ReadValue(bytes));
}

std::vector<std::pair<std::string_view, ValueView>> ProfileView::traits() const {
  const golden::RecordView record(bytes_);
  const std::vector<std::string>& names = names_->traits;
  std::vector<std::pair<std::string_view, ValueView>> out;
  for (uint32_t i = 0; i < std::min<size_t>(names.size(), record.trait_count()); ++i) {
    if (const std::string_view bytes = record.trait(i); !bytes.empty())
      out.emplace_back(names[i], golden::ReadValue(bytes));
  }
  return out;
}

bool ProfileView::in(std::string_view segment) const {
  const std::optional<uint32_t> place = names_->FindSegment(segment);
  return place && golden::RecordView(bytes_).in(*place);
}

std::vector<std::string_view> ProfileView::segments() const {
  std::vector<std::string_view> out;
  for (const uint32_t segment : golden::RecordView(bytes_).segments()) {
    if (segment < names_->segments.size()) out.emplace_back(names_->segments[segment]);
  }
  return out;
}

std::vector<IdentifierView> ProfileView::identifiers() const {
  std::vector<IdentifierView> out;
  for (const auto& [number, value] : golden::RecordView(bytes_).identifiers()) {
    out.push_back({NameOf(*names_, number), value});
  }
  return out;
}

std::string ProfileView::ToJson() const {
  const golden::RecordView record(bytes_);
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Member("profile_id", id_);
  WriteIdentifiers(json, *names_, record);
  json.BeginObject("attributes");
  for (uint32_t i = 0; i < record.attribute_count(); ++i) {
    Attribute attribute;
    Fill(*names_, record.attribute(i), attribute);
    WriteAttribute(json, attribute);
  }
  json.EndObject();
  if (!names_->traits.empty()) {
    json.BeginObject("traits");
    for (const auto& [name, value] : traits()) json.Member(name, value);
    json.EndObject();
    WriteApproximate(json, *names_, record);
  }
  if (!names_->segments.empty()) {
    json.BeginArray("segments");
    for (const std::string_view segment : segments()) json.Element(segment);
    json.EndArray();
  }
  json.Member("first_seen", first_seen());
  json.Member("last_seen", last_seen());
  json.EndObject();
  return out;
}

Profile::Profile(const ProfileView& view)
    : Profile(golden::SharedProfile::Make(view.id(), view.bytes_, view.names_->shared_from_this())) {}

Profile::Profile(const golden::SharedProfile* shared)
    : view_(shared->view()), shared_(shared), stripe_(golden::SharedProfile::ThisStripe()) {}

void Profile::Share() const {
  if (shared_ != nullptr) shared_->Share(stripe_);
}

void Profile::Release() const {
  shared_->Release(stripe_);
}

}  // namespace kintsugi

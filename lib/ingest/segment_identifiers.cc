#include "ingest/segment_identifiers.h"

#include <algorithm>
#include <utility>

#include "ingest/json_value.h"

namespace kintsugi::ingest {
namespace {

using simdjson::dom::element;

std::string ToSnake(std::string_view text) {
  std::string snake;
  for (const char c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper) snake += '_';
    snake += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return snake;
}

std::string ToCamel(std::string_view text) {
  std::string camel;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool joint = text[i] == '_' && i + 1 < text.size() && text[i + 1] >= 'a' && text[i + 1] <= 'z';
    camel += joint ? static_cast<char>(text[++i] - 'a' + 'A') : text[i];
  }
  return camel;
}

// The documents speak of "traits email, phone", so these names alone mean those traits.
std::string CanonicalField(const std::string& field) {
  const std::string camel = ToCamel(field);
  return camel == "email" || camel == "phone" ? "traits." + camel : camel;
}

const Namespace* FindNamespace(const Schema& schema, std::string_view name) {
  const auto found = std::find_if(schema.namespaces.begin(), schema.namespaces.end(),
                                  [&](const Namespace& ns) { return ns.name == name; });
  return found == schema.namespaces.end() ? nullptr : &*found;
}

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

IdentifierRule::IdentifierRule(std::string_view field, std::string ns) : ns_(std::move(ns)) {
  const size_t dot = std::min(field.find('.'), field.size());
  head_ = FindField(field.substr(0, dot));
  const std::string_view path = head_ ? field.substr(std::min(dot + 1, field.size())) : field;
  for (std::string spelling : {std::string(path), ToCamel(path), ToSnake(path)}) {
    const bool known = std::any_of(paths_.begin(), paths_.end(), [&](const auto& p) { return p.text() == spelling; });
    if (!known) paths_.emplace_back(std::move(spelling));
  }
}

bool IdentifierRule::Append(const SegmentMessage& message, std::vector<Identifier>& out) const {
  bool is_there = false;
  for (const element start : Starts(message)) {
    if (AppendFrom(start, out, is_there)) break;
  }
  return is_there;
}

std::vector<element> IdentifierRule::Starts(const SegmentMessage& message) const {
  if (!head_) return {message.root};
  if (*head_ == kTraits) return message.PersonTraits();
  if (!message.fields[*head_]) return {};
  return {*message.fields[*head_]};
}

bool IdentifierRule::AppendFrom(element start, std::vector<Identifier>& out, bool& is_there) const {
  const size_t before = out.size();
  std::vector<element> found;
  for (size_t i = 0; i < paths_.size() && found.empty(); ++i) paths_[i].Find(start, found);
  is_there |= !found.empty();
  for (const element value : found) AppendIdentifiers(value, ns_, out);
  return out.size() > before;
}

IdentifierMap::IdentifierMap(const Schema& schema, const Source& source) {
  std::vector<std::string> mapped;
  // The entries of `map` come first, in their order: Append() tells of them by their place.
  for (const IdentifierField& entry : source.events()->map) {
    mapped.push_back(CanonicalField(entry.field));
    const bool alone = mapped.back() == "traits.email" || mapped.back() == "traits.phone";
    rules_.emplace_back(alone ? mapped.back() : entry.field, entry.ns);
  }
  for (const Namespace& ns : schema.namespaces) declared_.push_back(ns.name);
  AddDefaults(schema, mapped);

  external_ids_ = !Contains(mapped, "context.externalIds");
  previous_id_mapped_ = Contains(mapped, "previousId");
  if (previous_id_mapped_) return;
  for (const IdentifierRule& rule : rules_) {
    const Namespace* ns = FindNamespace(schema, rule.ns());
    const bool several = ns != nullptr && ns->max_per_profile != 1;
    if (rule.IsField(kAnonymousId) || (rule.IsField(kUserId) && several)) previous_id_ns_.push_back(rule.ns());
  }
}

void IdentifierMap::Append(const SegmentMessage& message, std::vector<Identifier>& out, uint64_t& found) const {
  for (size_t i = 0; i < rules_.size(); ++i) {
    if (rules_[i].Append(message, out) && i < 64) found |= uint64_t{1} << i;
  }
  if (external_ids_) AppendExternalIds(message, out);
  if (message.IsType("alias")) AppendPreviousId(message, out);
}

void IdentifierMap::AddDefaults(const Schema& schema, const std::vector<std::string>& mapped) {
  constexpr std::pair<const char*, const char*> kDefaults[] = {
      {"userId", "user_id"}, {"anonymousId", "anonymous_id"}, {"traits.email", "email"}, {"traits.phone", "phone"}};
  for (const auto& [field, ns] : kDefaults) {
    if (!Contains(mapped, field) && FindNamespace(schema, ns) != nullptr) rules_.emplace_back(field, ns);
  }
}

void IdentifierMap::AppendExternalIds(const SegmentMessage& message, std::vector<Identifier>& out) const {
  for (const element id : message.ExternalIds()) {
    std::string_view type;
    element value;
    if (id["type"].get(type) != simdjson::SUCCESS || id["id"].get(value) != simdjson::SUCCESS) continue;
    if (Contains(declared_, type)) AppendIdentifiers(value, std::string(type), out);
  }
}

void IdentifierMap::AppendPreviousId(const SegmentMessage& message, std::vector<Identifier>& out) const {
  if (!message.fields[kPreviousId]) return;
  for (const std::string& ns : previous_id_ns_) AppendIdentifiers(*message.fields[kPreviousId], ns, out);
}

}  // namespace kintsugi::ingest

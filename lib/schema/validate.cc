#include "schema/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "normalize/normalizer.h"
#include "schema/validate_living.h"

namespace kintsugi::schema {
namespace {

// Each event of an identifier rewrites what is kept of it.
constexpr uint32_t kMostMaxValues = 100'000;

class Validator {
 public:
  explicit Validator(const Schema& schema) : schema_(schema) {}

  std::vector<Problem> Run() {
    if (schema_.namespaces.empty()) Report("", "no namespace is declared: add at least one `namespaces { name: … }`");
    if (schema_.namespaces.size() + schema_.sources.size() > 60000)
      Report("", "more than 60,000 namespaces and sources: remove some");
    for (size_t i = 0; i < schema_.namespaces.size(); ++i) CheckNamespace(i);
    CheckIdentity();
    for (size_t i = 0; i < schema_.sources.size(); ++i) CheckSource(i);
    CheckGolden();
    FindLivingProblems(schema_, problems_);
    return std::move(problems_);
  }

 private:
  void Report(std::string path, std::string message) { problems_.push_back({std::move(path), std::move(message)}); }

  // Namespaces and sources share one set of names, because a record is an identifier of its source.
  void CheckName(const std::string& path, const std::string& name, std::string_view what) {
    if (!IsName(name)) {
      Report(path,
             fmt::format("a {} needs a name of letters, digits, `_` and `-`, at most 64; this is `{}`", what, name));
    } else if (name == "profile") {
      Report(path, "the name `profile` is taken: `profile:ID` looks a profile up by its id; choose another");
    } else if (const auto [at, fresh] = names_.emplace(name, what); !fresh) {
      Report(path, at->second == what ? fmt::format("the {} `{}` is declared twice: remove or rename one", what, name)
                                      : fmt::format("`{}` is a {} already: a source and a namespace never share a name",
                                                    name, at->second));
    }
  }

  bool HasNamespace(std::string_view name) const {
    return std::any_of(schema_.namespaces.begin(), schema_.namespaces.end(), [&](auto& n) { return n.name == name; });
  }

  bool HasSource(std::string_view name) const {
    return std::any_of(schema_.sources.begin(), schema_.sources.end(), [&](auto& s) { return s.name == name; });
  }

  void CheckNamespace(size_t index) {
    const Namespace& ns = schema_.namespaces[index];
    const std::string path = fmt::format("namespaces[{}]", index);
    CheckName(path + ".name", ns.name, "namespace");
    if (!ns.phone_region.empty() && ns.normalize != Normalization::kPhone) {
      Report(path + ".phone_region", "phone_region is for `normalize: PHONE` only: remove it");
    }
    if (ns.provider_rules && ns.normalize != Normalization::kEmail) {
      Report(path + ".provider_rules", "provider_rules is for `normalize: EMAIL` only: remove it");
    }
    // One field at a time, so that the error stands where the mistake is.
    CheckNormalizer(path + ".phone_region",
                    {.name = ns.name, .normalize = ns.normalize, .phone_region = ns.phone_region});
    for (size_t i = 0; i < ns.blocked_patterns.size(); ++i) {
      CheckNormalizer(fmt::format("{}.blocked_pattern[{}]", path, i),
                      {.name = ns.name, .blocked_patterns = {ns.blocked_patterns[i]}});
    }
  }

  void CheckNormalizer(const std::string& path, const Namespace& ns) {
    const auto normalizer = normalize::Normalizer::Create(ns);
    if (!normalizer.ok()) Report(path, std::string(normalizer.status().message()));
  }

  void CheckIdentity() {
    const std::string& key = schema_.identity.profile_id_key;
    const bool hex = std::all_of(key.begin(), key.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
    if (!key.empty() && (key.size() != 32 || !hex)) {
      Report("identity.profile_id_key", "profile_id_key is 32 hex digits: `openssl rand -hex 16` makes one");
    }
  }

  void CheckFields(const std::string& path, const std::vector<IdentifierField>& fields) {
    for (size_t i = 0; i < fields.size(); ++i) {
      const std::string at = fmt::format("{}[{}]", path, i);
      if (fields[i].field.empty())
        Report(at + ".field", "the field is missing: name a column or a path into the object");
      if (!HasNamespace(fields[i].ns)) {
        Report(at + ".namespace",
               fmt::format("the namespace `{}` is not declared: declare it or correct the name", fields[i].ns));
      }
    }
  }

  void CheckTable(const std::string& path, const Source& source, const Table& table) {
    CheckFields(path + ".identifiers", table.identifiers);
    if (table.key.empty() && table.identifiers.empty()) {
      Report(path, fmt::format("the source `{}` has no way to an identifier: give the table a `key` or `identifiers`",
                               source.name));
    }
    CheckAttributes(path + ".attributes", "attribute", table.attributes);
    if (table.event) CheckRecordEvent(path + ".event", source, *table.event);
  }

  // `what` they are: attributes of a record, properties of an item.
  void CheckAttributes(const std::string& path, std::string_view what, const std::vector<AttributeField>& attributes) {
    std::set<std::string> names;
    for (size_t i = 0; i < attributes.size(); ++i) {
      const AttributeField& attribute = attributes[i];
      const std::string at = fmt::format("{}[{}]", path, i);
      if (attribute.field.empty())
        Report(at + ".field", "the field is missing: name a column or a path into the object");
      if (attribute.name.empty())
        Report(at + ".name", fmt::format("the {} has no name: give it one", what));
      else if (!names.insert(attribute.name).second) {
        Report(at + ".name",
               fmt::format("the {} `{}` is filled twice: remove one of the fields", what, attribute.name));
      }
    }
  }

  void CheckRecordEvent(const std::string& path, const Source& source, const RecordEvent& event) {
    if (event.name.empty()) {
      Report(path + ".name", fmt::format("the event that a record of `{}` is has no name: add `name: …`", source.name));
    }
    CheckAttributes(path + ".properties", "property", event.properties);
  }

  void CheckEvents(const std::string& path, const Source& source, const Events& events) {
    CheckFields(path + ".map", events.map);
    if (events.format == EventFormat::kNative && !events.map.empty()) {
      Report(path + ".map", "NATIVE events name their namespaces themselves: remove `map`");
    }
    if (events.format == EventFormat::kSegment && !ReachesIdentifier(events)) {
      Report(path, fmt::format("the source `{}` has no way to an identifier: `map` one of its fields to a namespace",
                               source.name));
    }
  }

  void CheckSource(size_t index) {
    const Source& source = schema_.sources[index];
    const std::string path = fmt::format("sources[{}]", index);
    CheckName(path + ".name", source.name, "source");
    if (!(source.trust >= 0 && source.trust <= 1)) Report(path + ".trust", "trust is a number from 0 to 1");
    if (const Table* table = source.table()) CheckTable(path + ".table", source, *table);
    if (const Events* events = source.events()) {
      CheckEvents(path + ".events", source, *events);
      if (source.duplicate_free)
        Report(path + ".duplicate_free", "duplicate_free is for a source with a table: it has the records");
    }
  }

  // The namespaces that the Segment format feeds without a map.
  bool ReachesIdentifier(const Events& events) const {
    return !events.map.empty() || HasNamespace("user_id") || HasNamespace("anonymous_id") || HasNamespace("email") ||
           HasNamespace("phone");
  }

  void CheckSurvivorship(const std::string& path, const Survivorship& rule) {
    if (rule.name.empty()) Report(path + ".name", "the name is missing: add `name: …`");
    for (size_t i = 0; i < rule.source_order.size(); ++i) {
      if (HasSource(rule.source_order[i])) continue;
      Report(fmt::format("{}.source_order[{}]", path, i),
             fmt::format("the source `{}` is not declared: declare it or correct the name", rule.source_order[i]));
    }
    if (rule.keep == Keep::kSourceOrder && rule.source_order.empty()) {
      Report(path,
             fmt::format("`{}` keeps by SOURCE_ORDER but gives none: add `source_order: …`, best first", rule.name));
    }
    if (rule.keep != Keep::kSourceOrder && !rule.source_order.empty()) {
      Report(path + ".source_order[0]", "source_order is for `keep: SOURCE_ORDER` only: remove it");
    }
    if (!(rule.half_life_days >= 0) || std::isinf(rule.half_life_days))
      Report(path + ".half_life_days", "half_life_days is 0 (never ages) or more");
    if (rule.max_values == 0 || rule.max_values > kMostMaxValues)
      Report(path + ".max_values", fmt::format("max_values is a number from 1 to {}", kMostMaxValues));
    if (rule.half_life_days != 0 && rule.keep != Keep::kHighestTrust) {
      Report(path + ".half_life_days", "half_life_days is for `keep: HIGHEST_TRUST` only: remove it");
    }
  }

  void CheckGolden() {
    std::map<std::string, std::string> owners;  // attribute → where it is declared
    const auto claim = [&](const std::string& path, const std::string& name) {
      if (!owners.emplace(name, path).second) {
        Report(path, fmt::format("the attribute `{}` has a rule already: an attribute survives by one rule", name));
      }
    };
    const GoldenRules& golden = schema_.golden;
    for (size_t i = 0; i < golden.attributes.size(); ++i) {
      const std::string path = fmt::format("golden.attributes[{}]", i);
      CheckSurvivorship(path, golden.attributes[i]);
      claim(path + ".name", golden.attributes[i].name);
    }
    std::set<std::string> groups;
    for (size_t i = 0; i < golden.groups.size(); ++i) {
      const Survivorship& group = golden.groups[i];
      const std::string path = fmt::format("golden.groups[{}]", i);
      CheckSurvivorship(path, group);
      if (!groups.insert(group.name).second) {
        Report(path + ".name", fmt::format("the group `{}` is declared twice: remove or rename one", group.name));
      }
      if (group.members.empty())
        Report(path, fmt::format("the group `{}` has no attributes: add `attributes: …`", group.name));
      if (group.keep == Keep::kAll) Report(path + ".keep", "a group is taken whole from one place: ALL does not fit");
      for (size_t j = 0; j < group.members.size(); ++j)
        claim(fmt::format("{}.attributes[{}]", path, j), group.members[j]);
    }
    if (golden.others == Keep::kSourceOrder)
      Report("golden.others", "SOURCE_ORDER needs a list: name the attributes instead");
  }

  const Schema& schema_;
  std::map<std::string, std::string, std::less<>> names_;
  std::vector<Problem> problems_;
};

}  // namespace

bool IsName(std::string_view name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), good);
}

std::vector<Problem> FindProblems(const Schema& schema) {
  return Validator(schema).Run();
}

}  // namespace kintsugi::schema

// Random evidence over so few identifiers that conflicts are everywhere.

#pragma once

#include <rapidcheck.h>

#include <ostream>
#include <string>
#include <vector>

#include "kintsugi/event.h"
#include "kintsugi/schema.h"

namespace kintsugi::testing {

// One piece of evidence: an event, or a version of a record.
struct Evidence {
  bool is_event = true;
  Event event;
  Record record;
};

inline std::ostream& operator<<(std::ostream& out, const Evidence& e) {
  const auto& ids = e.is_event ? e.event.identifiers : e.record.identifiers;
  const Time time = e.is_event ? e.event.time : e.record.version;
  out << (e.is_event ? e.event.source + " " + e.event.id : e.record.source + ":" + e.record.key) << " at "
      << FormatTime(time) << " {";
  for (const Identifier& id : ids) out << " " << id.ToString();
  out << " }";
  for (const auto& [name, value] : e.is_event ? e.event.traits : e.record.attributes)
    out << " " << name << "=" << ToJson(value);
  return out << "\n";
}

// Schemas that make every rule of resolution bite. `timed`: every source has version times, so that the order of
// arrival cannot matter.
inline std::vector<std::string> ConflictSchemas(bool timed) {
  const std::string sources = std::string(R"(
    sources { name: "web" trust: 0.5 events { format: NATIVE } }
    sources { name: "app" trust: 0.6 events { format: NATIVE } }
    sources { name: "crm" trust: 0.9 table { key: "id" updated_at: "at" identifiers { field: "u" namespace: "user" } } }
    sources { name: "pos" trust: 0.7 duplicate_free: true table { key: "id" identifiers { field: "u" namespace: "user" } )") +
                              (timed ? "updated_at: \"at\"" : "") + R"( } }
    golden {
      attributes { name: "name" keep: MOST_RECENT } attributes { name: "oldest" keep: OLDEST }
      attributes { name: "often" keep: MOST_FREQUENT } attributes { name: "trust" keep: HIGHEST_TRUST }
      attributes { name: "long" keep: LONGEST } attributes { name: "all" keep: ALL }
      attributes { name: "low" keep: MIN } attributes { name: "high" keep: MAX }
      attributes { name: "order" keep: SOURCE_ORDER source_order: "crm" source_order: "app" }
      groups { name: "address" keep: MOST_RECENT attributes: "street" attributes: "city" }
    })";
  return {
      R"(namespaces { name: "user" max_per_profile: 1 } namespaces { name: "email" max_per_profile: 2 }
         namespaces { name: "device" })" +
          sources,
      R"(namespaces { name: "user" max_per_profile: 1 } namespaces { name: "email" max_per_profile: 1 }
         namespaces { name: "device" max_per_profile: 3 } identity { on_conflict: KEEP_OLDEST })" +
          sources,
      R"(namespaces { name: "user" max_per_profile: 2 } namespaces { name: "email" generic_above: 2 }
         namespaces { name: "device" generic_above: 1 } identity { max_identifiers: 6 })" +
          sources,
      R"(namespaces { name: "user" } namespaces { name: "email" } namespaces { name: "device" })" + sources,
  };
}

inline rc::Gen<Value> AnyValue() {
  return rc::gen::oneOf(
      rc::gen::map(rc::gen::inRange(0, 4), [](int n) { return Value(std::string(static_cast<size_t>(n), 'a')); }),
      rc::gen::map(rc::gen::inRange(0, 12), [](int n) { return Value(int64_t{n}); }),
      rc::gen::element(Value(Null()), Value(true), Value(1.5), Value(std::string("é"))));
}

inline rc::Gen<std::vector<NamedValue>> AnyValues() {
  const auto name = rc::gen::elementOf(std::vector<std::string>{"name", "oldest", "often", "trust", "long", "all",
                                                                "low", "high", "order", "street", "city", "unlisted"});
  return rc::gen::resize(3, rc::gen::container<std::vector<NamedValue>>(rc::gen::pair(name, AnyValue())));
}

inline rc::Gen<std::vector<Identifier>> AnyIdentifiers(int least) {
  const auto one = rc::gen::map(
      rc::gen::pair(rc::gen::elementOf(std::vector<std::string>{"user", "email", "device"}), rc::gen::inRange(0, 6)),
      [](const std::pair<std::string, int>& p) {
        return Identifier{p.first, p.first.substr(0, 1) + std::to_string(p.second)};
      });
  return rc::gen::mapcat(rc::gen::inRange(least, 4), [one](int n) {
    return rc::gen::container<std::vector<Identifier>>(static_cast<size_t>(n), one);
  });
}

inline Time TimeAt(int minute) {
  return Time(std::chrono::hours(24 * 365 * 56) + std::chrono::minutes(minute));
}

// Message ids come from so small a set that many are used twice; `unique_ids` prevents that other content comes
// under a used id, where the first to arrive stays.
inline rc::Gen<Evidence> AnyEvidence(bool timed, bool unique_ids) {
  return rc::gen::exec([timed, unique_ids] {
    Evidence e;
    e.is_event = *rc::gen::inRange(0, 3) != 0;
    const Time time = TimeAt(*rc::gen::inRange(0, 12));
    if (e.is_event) {
      e.event.source = *rc::gen::elementOf(std::vector<std::string>{"web", "app"});
      e.event.id = unique_ids ? "" : "m" + std::to_string(*rc::gen::inRange(0, 40));
      e.event.time = time;
      e.event.name = "n" + std::to_string(*rc::gen::inRange(0, 3));
      e.event.identifiers = *AnyIdentifiers(0);
      e.event.traits = *AnyValues();
    } else {
      e.record.source = *rc::gen::elementOf(std::vector<std::string>{"crm", "pos"});
      e.record.key = "k" + std::to_string(*rc::gen::inRange(0, 4));
      if (timed || e.record.source == "crm") e.record.version = time;
      e.record.identifiers = *AnyIdentifiers(0);
      e.record.attributes = *AnyValues();
    }
    return e;
  });
}

}  // namespace kintsugi::testing

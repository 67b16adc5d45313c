// Random steps in the life of a database: evidence that comes and is withdrawn, and assertions, over so few
// identifiers, keys and message ids that conflicts are everywhere.

#pragma once

#include <rapidcheck.h>

#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "kintsugi/assertion.h"
#include "kintsugi/event.h"
#include "kintsugi/schema.h"
#include "property/schemas.h"

namespace kintsugi::testing {

using Events = std::vector<Event>;
using Records = std::vector<Record>;
struct RecordsWithdrawn {
  std::string source;
  std::vector<std::string> keys;
  std::optional<Time> version;  // nothing: the newest that is known
};
struct EventsWithdrawn {
  std::string source;
  std::vector<std::string> ids;
};
struct EventsReadmitted {
  std::string source;
  std::vector<std::string> ids;
};
struct SourceWithdrawn {
  std::string source;
};
struct Retracted {
  std::string id;
};
struct Reopened {};
struct Advanced {
  int hours = 0;  // from where the clock is
};

// One call of the engine, with what the API takes together.
struct Step {
  std::variant<Events, Records, RecordsWithdrawn, EventsWithdrawn, EventsReadmitted, SourceWithdrawn, Assertion,
               Retracted, Reopened, Advanced>
      what;
};

// Writes a step as a line, or a batch as some.
class StepPrinter {
 public:
  explicit StepPrinter(std::ostream& out) : out_(out) {}

  void operator()(const Events& events) {
    for (const Event& e : events) {
      out_ << "event " << e.source << " " << e.id << " " << e.name << " at " << FormatTime(e.time);
      Print(e.identifiers, e.traits, e.properties);
    }
  }
  void operator()(const Records& records) {
    for (const Record& r : records) {
      out_ << "record " << r.source << ":" << r.key << " of " << FormatTime(r.version) << " extracted "
           << FormatTime(r.extracted_at) << " happened " << FormatTime(r.happened_at);
      Print(r.identifiers, r.attributes, r.properties);
    }
  }
  void operator()(const RecordsWithdrawn& step) {
    out_ << "withdraw records " << step.source << Joined(step.keys);
    out_ << (step.version ? " of " + FormatTime(step.version) : " without a time") << "\n";
  }
  void operator()(const EventsWithdrawn& step) {
    out_ << "withdraw events " << step.source << Joined(step.ids) << "\n";
  }
  void operator()(const EventsReadmitted& step) {
    out_ << "readmit events " << step.source << Joined(step.ids) << "\n";
  }
  void operator()(const SourceWithdrawn& step) { out_ << "withdraw source " << step.source << "\n"; }
  void operator()(const Assertion& a) {
    out_ << "assert " << a.id << (a.kind == Assertion::Kind::kSame ? " same " : " never ") << a.a.ToString() << " "
         << a.b.ToString() << "\n";
  }
  void operator()(const Retracted& step) { out_ << "retract " << step.id << "\n"; }
  void operator()(const Reopened&) { out_ << "close and open again\n"; }
  void operator()(const Advanced& step) { out_ << "advance by " << step.hours << " hours\n"; }

 private:
  static std::string Joined(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) out += " " + name;
    return out;
  }
  void Print(const std::vector<Identifier>& ids, const std::vector<NamedValue>& values,
             const std::vector<NamedValue>& properties) {
    out_ << " {";
    for (const Identifier& id : ids) out_ << " " << id.ToString();
    out_ << " }";
    for (const auto& [name, value] : values) out_ << " " << name << "=" << ToJson(value);
    for (const auto& [name, value] : properties) out_ << " (" << name << "=" << ToJson(value) << ")";
    out_ << "\n";
  }
  std::ostream& out_;
};

inline std::ostream& operator<<(std::ostream& out, const Step& step) {
  std::visit(StepPrinter(out), step.what);
  return out;
}

inline rc::Gen<Value> AnyValue() {
  return rc::gen::oneOf(
      rc::gen::map(rc::gen::inRange(0, 4), [](int n) { return Value(std::string(static_cast<size_t>(n), 'a')); }),
      rc::gen::map(rc::gen::inRange(0, 12), [](int n) { return Value(int64_t{n}); }),
      // The long ones: what is observed then has rows of its own.
      rc::gen::element(Value(Null()), Value(true), Value(1.5), Value(std::string("é")), Value(std::string(900, 'x')),
                       Value(std::string(1500, 'y'))));
}

// RapidCheck narrows ranges where the size is small, so only the list is.
inline rc::Gen<std::vector<NamedValue>> AnyValues() {
  const auto name = rc::gen::elementOf(std::vector<std::string>{"name", "oldest", "often", "trust", "long", "all",
                                                                "low", "high", "order", "street", "city", "unlisted"});
  const auto value = rc::gen::resize(rc::kNominalSize, AnyValue());
  return rc::gen::resize(3, rc::gen::container<std::vector<NamedValue>>(rc::gen::pair(name, value)));
}

// Mostly some, now and then none: then an event is refused.
inline rc::Gen<std::vector<Identifier>> AnyIdentifiers() {
  const auto one = rc::gen::map(
      rc::gen::pair(rc::gen::elementOf(std::vector<std::string>{"user", "email", "device"}), rc::gen::inRange(0, 6)),
      [](const std::pair<std::string, int>& p) {
        return Identifier{p.first, p.first.substr(0, 1) + std::to_string(p.second)};
      });
  return rc::gen::mapcat(rc::gen::element(0, 1, 1, 2, 2, 2, 3, 3), [one](int n) {
    return rc::gen::container<std::vector<Identifier>>(static_cast<size_t>(n), one);
  });
}

// Some hours apart, about the night in which Berlin's clocks go forward.
inline Time TimeAt(int step) {
  using namespace std::chrono;
  return Time(sys_days(2026y / 3 / 28)) + hours(9) + hours(5) * step;
}

inline rc::Gen<std::vector<NamedValue>> AnyProperties() {
  const auto value = rc::gen::element(
      Value(int64_t{1}), Value(int64_t{2}), Value(0.1), Value(12.5), Value(std::string("a")), Value(std::string("b")),
      Value(Json{"[\"a\",\"c\"]"}), Value(Json{R"([{"price":0.1,"quantity":2,"sku":"a"},{"category":"c","sku":1}])"}));
  const auto name =
      rc::gen::elementOf(std::vector<std::string>{"total", "total", "id", "kind", "sku", "sku", "order_id", "products",
                                                  "quantity", "price", "coupon", "category", "page"});
  return rc::gen::resize(4, rc::gen::container<std::vector<NamedValue>>(rc::gen::pair(name, value)));
}

inline rc::Gen<std::string> AnyName(const std::string& letter, int count) {
  return rc::gen::map(rc::gen::inRange(0, count), [letter](int n) { return letter + std::to_string(n); });
}

inline rc::Gen<std::string> AnyOf(std::vector<std::string> names) {
  return rc::gen::elementOf(std::move(names));
}

// Of items: one of three, or of commerce.
inline rc::Gen<std::string> AnyItemName() {
  return rc::gen::mapcat(rc::gen::inRange(0, 2), [](int dice) {
    if (dice == 0) return AnyName("n", 3);
    return AnyOf({"Product Viewed", "Product Added", "Product Added", "Product Removed", "Cart Viewed",
                  "Order Completed", "Order Refunded", "Order Cancelled", "Coupon Applied"});
  });
}

// One to `most` distinct ones, mostly one.
inline rc::Gen<std::vector<std::string>> AnyNames(const rc::Gen<std::string>& name, int most) {
  return rc::gen::exec([name, most] {
    const int count = *rc::gen::inRange(0, 3) == 0 ? *rc::gen::inRange(1, most + 1) : 1;
    std::set<std::string> names;
    for (int i = 0; i < count; ++i) names.insert(*name);
    return std::vector<std::string>(names.begin(), names.end());
  });
}

inline rc::Gen<Time> AnyTime() {
  return rc::gen::map(rc::gen::inRange(0, 12), TimeAt);
}

// `id` may be empty: then it is derived from the content.
inline rc::Gen<Event> AnyEvent(const rc::Gen<std::string>& id) {
  return rc::gen::exec([id] {
    return Event{.source = *AnyOf({"web", "app"}),
                 .id = *id,
                 .time = *AnyTime(),
                 .name = *AnyItemName(),
                 .identifiers = *AnyIdentifiers(),
                 .traits = *AnyValues(),
                 .properties = *AnyProperties()};
  });
}

// `timed`: always with a version time; else those of `pos` have none, and now and then one of `crm`.
inline rc::Gen<Record> AnyRecord(bool timed) {
  return rc::gen::exec([timed] {
    Record r{.source = *AnyOf({"crm", "pos"}), .key = *AnyName("k", 4)};
    if (timed || (r.source == "crm" && *rc::gen::inRange(0, 8) != 0)) r.version = *AnyTime();
    r.identifiers = *AnyIdentifiers();
    r.attributes = *AnyValues();
    r.properties = *AnyProperties();
    if (*rc::gen::inRange(0, 2) != 0) r.happened_at = *AnyTime();
    if (*rc::gen::inRange(0, 2) != 0) r.extracted_at = TimeAt(*rc::gen::inRange(0, 4));
    return r;
  });
}

inline rc::Gen<RecordsWithdrawn> AnyRecordsWithdrawn(bool timed) {
  return rc::gen::exec([timed] {
    RecordsWithdrawn step{.source = *AnyOf({"crm", "pos"}), .keys = *AnyNames(AnyName("k", 4), 3)};
    if (timed || *rc::gen::inRange(0, step.source == "crm" ? 2 : 4) == 0) step.version = *AnyTime();
    return step;
  });
}

// Also about records. Both may be the same, which the engine refuses.
inline rc::Gen<Assertion> AnyAssertion() {
  return rc::gen::exec([] {
    const auto any = [] {
      const std::string ns = *AnyOf({"user", "user", "email", "email", "device", "crm", "pos"});
      const bool is_record = ns == "crm" || ns == "pos";
      return is_record ? Identifier{ns, *AnyName("k", 4)} : Identifier{ns, *AnyName(ns.substr(0, 1), 6)};
    };
    return Assertion{.kind = *rc::gen::element(Assertion::Kind::kSame, Assertion::Kind::kSame, Assertion::Kind::kNever),
                     .a = any(),
                     .b = any(),
                     .by = "steward",
                     .because = "seen",
                     .time = TimeAt(0)};
  });
}

// What a run asserted and did not retract yet, so that steps can name it.
struct Asserted {
  int count = 0;
  std::vector<std::string> standing;

  void Note(const Step& step) {
    if (const auto* assertion = std::get_if<Assertion>(&step.what)) {
      if (assertion->id != NextId()) return;
      standing.push_back(assertion->id);
      ++count;
    } else if (const auto* retracted = std::get_if<Retracted>(&step.what)) {
      std::erase(standing, retracted->id);
    }
  }
  std::string NextId() const { return "a" + std::to_string(count); }
};

inline rc::Gen<Step> AnyAssertionStep(const Asserted& asserted) {
  return rc::gen::exec([&asserted] {
    // About five stand at a time.
    const int standing = static_cast<int>(asserted.standing.size());
    if (*rc::gen::inRange(0, standing + 6) < standing) return Step{Retracted{*rc::gen::elementOf(asserted.standing)}};
    Assertion assertion = *AnyAssertion();
    // Now and then an id that is taken, standing or retracted.
    const bool is_taken = asserted.count > 0 && *rc::gen::inRange(0, 5) == 0;
    assertion.id = is_taken ? *AnyName("a", asserted.count) : asserted.NextId();
    return Step{assertion};
  });
}

// Message ids come from `ids`, so small a set that many are used twice, with other content or after a withdrawal.
inline Step AnyStep(int ids, const Asserted& asserted) {
  const auto id = AnyName("m", ids);
  const int dice = *rc::gen::inRange(0, 200);
  if (dice < 90)
    return {*rc::gen::mapcat(rc::gen::element(1, 1, 1, 2, 3, 4),
                             [id](int n) { return rc::gen::container<Events>(static_cast<size_t>(n), AnyEvent(id)); })};
  if (dice < 120)
    return {*rc::gen::mapcat(rc::gen::element(1, 1, 1, 2, 3), [](int n) {
      return rc::gen::container<Records>(static_cast<size_t>(n), AnyRecord(false));
    })};
  if (dice < 138) return {*AnyRecordsWithdrawn(false)};
  if (dice < 155) return {EventsWithdrawn{*AnyOf({"web", "app"}), *AnyNames(id, 4)}};
  if (dice < 168) return {EventsReadmitted{*AnyOf({"web", "app"}), *AnyNames(id, 4)}};
  if (dice < 169) return {SourceWithdrawn{*AnyOf({"web", "app", "crm", "pos"})}};
  if (dice < 170) return {Reopened{}};
  if (dice < 175) return {Advanced{*rc::gen::inRange(0, 9)}};
  return *AnyAssertionStep(asserted);
}

// The steps of one run, the same for the same seed. Runs differ in how much evidence stands at a time: with few
// message ids it is withdrawn as fast as it comes, with many everything is connected with everything.
inline std::vector<Step> AnySteps(uint64_t seed, size_t count) {
  rc::Random random(seed);
  Asserted asserted;
  const int ids = std::vector<int>{3, 10, 40}[seed % 3];
  std::vector<Step> steps;
  for (size_t i = 0; i < count; ++i) {
    const auto gen = rc::gen::exec([&] { return AnyStep(ids, asserted); });
    steps.push_back(gen(random.split()).value());
    asserted.Note(steps.back());
  }
  return steps;
}

// Steps whose order does not matter: everything has a time or, an event, an id derived from its content.
inline rc::Gen<std::vector<Step>> AnyOrderlessSteps() {
  const auto step = rc::gen::exec([] {
    const int dice = *rc::gen::inRange(0, 20);
    if (dice < 10) return Step{Events{*AnyEvent(rc::gen::just(std::string()))}};
    if (dice < 15) return Step{Records{*AnyRecord(true)}};
    if (dice < 18) return Step{*AnyRecordsWithdrawn(true)};
    Assertion assertion = *AnyAssertion();
    assertion.id = (assertion.kind == Assertion::Kind::kSame ? "same " : "never ") + assertion.a.ToString() + " " +
                   assertion.b.ToString();
    return Step{assertion};
  });
  return rc::gen::resize(60, rc::gen::container<std::vector<Step>>(rc::gen::resize(rc::kNominalSize, step)));
}

}  // namespace kintsugi::testing

// Taking the same steps with an engine and with naive references.

#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "engine_fixture.h"
#include "property/steps.h"
#include "reference/reference.h"

namespace kintsugi::testing {

class ReferenceTaker {
 public:
  explicit ReferenceTaker(Reference& reference) : reference_(reference) {}

  void operator()(const Events& events) {
    for (const Event& event : events) reference_.Add(event);
  }
  void operator()(const Records& records) {
    for (const Record& record : records) reference_.Add(record);
  }
  void operator()(const RecordsWithdrawn& step) {
    for (const std::string& key : step.keys) reference_.Withdraw(step.source, key, step.version);
  }
  void operator()(const EventsWithdrawn& step) {
    for (const std::string& id : step.ids) reference_.WithdrawEvent(step.source, id);
  }
  void operator()(const EventsReadmitted& step) {
    for (const std::string& id : step.ids) reference_.Readmit(step.source, id);
  }
  void operator()(const SourceWithdrawn& step) { reference_.WithdrawSource(step.source); }
  void operator()(const Assertion& assertion) { reference_.Assert(assertion); }
  void operator()(const Retracted& step) { reference_.Retract(step.id); }
  void operator()(const Reopened&) {}
  void operator()(const Advanced& step) {
    reference_.Advance(reference_.now().value_or(TimeAt(0)) + std::chrono::hours(step.hours));
  }

 private:
  Reference& reference_;
};

// Returns what is wrong with the engine's answer; empty if nothing is.
class EngineTaker {
 public:
  explicit EngineTaker(Engine& engine) : engine_(engine) {}

  std::string operator()(const Events& events) { return Check(engine_.Ingest(std::span<const Event>(events))); }
  std::string operator()(const Records& records) { return Check(engine_.Ingest(std::span<const Record>(records))); }
  std::string operator()(const RecordsWithdrawn& step) {
    return Check(engine_.WithdrawRecords(step.source, step.keys, step.version), step.keys.size());
  }
  std::string operator()(const EventsWithdrawn& step) {
    return Check(engine_.WithdrawEvents(step.source, step.ids), step.ids.size());
  }
  std::string operator()(const EventsReadmitted& step) {
    return Check(engine_.ReadmitEvents(step.source, step.ids), step.ids.size());
  }
  std::string operator()(const SourceWithdrawn& step) {
    const auto report = engine_.WithdrawSource(step.source);
    return report.ok() ? "" : report.status().ToString();
  }
  std::string operator()(const Assertion& assertion) {
    const auto id = engine_.Assert(assertion);
    if (id.ok()) return *id == assertion.id ? "" : "another id: " + *id;
    const bool refused =
        absl::IsAlreadyExists(id.status()) || (absl::IsInvalidArgument(id.status()) && assertion.a == assertion.b);
    return refused ? "" : id.status().ToString();
  }
  std::string operator()(const Retracted& step) {
    const absl::Status status = engine_.Retract({.id = step.id, .by = "steward", .because = "wrong"});
    return status.ok() || absl::IsNotFound(status) ? "" : status.ToString();
  }
  std::string operator()(const Reopened&) { return ""; }  // whoever owns the engine does that
  std::string operator()(const Advanced& step) {
    const absl::Status status = engine_.Advance(engine_.now().value_or(TimeAt(0)) + std::chrono::hours(step.hours));
    return status.ok() ? "" : status.ToString();
  }

 private:
  static std::string Check(const absl::StatusOr<IngestReport>& report) {
    if (!report.ok()) return report.status().ToString();
    const bool adds_up =
        report->read == report->accepted + report->duplicates + report->superseded + report->quarantined;
    return adds_up ? "" : "read != accepted + duplicates + superseded + quarantined";
  }
  static std::string Check(const absl::StatusOr<WithdrawReport>& report, size_t count) {
    if (!report.ok()) return report.status().ToString();
    return report->withdrawn + report->unknown == count ? "" : "withdrawn + unknown are not all that were given";
  }

  Engine& engine_;
};

inline void Take(const Step& step, Reference& reference) {
  std::visit(ReferenceTaker(reference), step.what);
}
inline std::string Take(const Step& step, Database& database) {
  if (std::holds_alternative<Reopened>(step.what)) database.Reopen();
  return std::visit(EngineTaker(*database), step.what);
}
inline std::string Sound(const Database& database) {
  const auto differences = database->Verify();
  if (!differences.ok()) return differences.status().ToString();
  return differences->empty() ? "" : "Verify: " + differences->front();
}

inline Schema ConflictSchema(bool timed, size_t index) {
  return *Schema::Parse(ConflictSchemas(timed)[index]);
}

// The lines that only one of the two has.
inline std::string LinesApart(const std::vector<std::string>& engine, const std::vector<std::string>& reference) {
  std::multiset<std::string> left(engine.begin(), engine.end());
  std::string out;
  for (const std::string& line : reference) {
    if (const auto at = left.find(line); at != left.end())
      left.erase(at);
    else
      out += "  reference: " + line + "\n";
  }
  for (const std::string& line : left) out += "  engine:    " + line + "\n";
  return out.empty() ? "  the same lines in another order\n" : out;
}

// Every identifier that steps can name.
inline const std::vector<Identifier>& AllIdentifiers() {
  static const std::vector<Identifier> all = [] {
    std::vector<Identifier> out;
    for (const auto& [ns, letter, count] :
         {std::tuple("user", "u", 6), {"email", "e", 6}, {"device", "d", 6}, {"crm", "k", 4}, {"pos", "k", 4}}) {
      for (int i = 0; i < count; ++i) out.push_back({ns, letter + std::to_string(i)});
    }
    return out;
  }();
  return all;
}

// The golden record of each identifier, as JSON; what nobody has is not in it.
using Found = std::map<Identifier, std::string>;

inline Found FoundIn(const Reference::Answers& answers) {
  std::map<std::string, std::string> profiles;
  for (const std::string& json : answers.profiles)
    profiles[json.substr(std::string("{\"profile_id\":\"").size(), 32)] = json;
  Found found;
  for (const std::string& line : answers.clusters)
    found[*Identifier::Parse(line.substr(33))] = profiles[line.substr(0, 32)];
  return found;
}

// What look-ups answer, in the same form: empty if nobody has it.
inline std::string LookUp(const Engine& engine, const Identifier& identifier) {
  const auto profile = engine.Lookup(identifier);
  if (profile.ok()) return profile->ToJson();
  return absl::IsNotFound(profile.status()) ? "" : profile.status().ToString();
}
inline std::vector<std::string> LookUpMany(const Engine& engine, std::span<const Identifier> identifiers) {
  const auto profiles = engine.LookupMany(identifiers);
  if (!profiles.ok()) return {identifiers.size(), profiles.status().ToString()};
  std::vector<std::string> out;
  for (const auto& profile : *profiles) out.push_back(profile ? profile->ToJson() : "");
  return out;
}

// Looks everybody up, together or one by one: what an earlier step left in memory must not be what a later one is
// answered with.
inline std::string FirstStale(const Engine& engine, const Reference::Answers& expected, bool together) {
  const Found found = FoundIn(expected);
  std::vector<std::string> answers;
  if (together) answers = LookUpMany(engine, AllIdentifiers());
  for (size_t i = 0; i < AllIdentifiers().size(); ++i) {
    const Identifier& identifier = AllIdentifiers()[i];
    const auto at = found.find(identifier);
    const std::string right = at == found.end() ? "" : at->second;
    const std::string answer = together ? answers[i] : LookUp(engine, identifier);
    if (answer != right)
      return "look-up of " + identifier.ToString() + "\n  reference: " + right + "\n  engine:    " + answer;
  }
  return "";
}

struct Difference {
  size_t step = 0;
  std::string what;
};

// Takes the steps with both and compares their answers after each.
inline std::optional<Difference> FirstDifference(const Schema& schema, std::span<const Step> steps) {
  Database database(schema);
  Reference reference(schema);
  for (size_t i = 0; i < steps.size(); ++i) {
    Take(steps[i], reference);
    if (std::string wrong = Take(steps[i], database); !wrong.empty()) return Difference{i, wrong};
    const auto expected = reference.Ask();
    const auto clusters = database.Clusters();
    if (clusters != expected.clusters) return Difference{i, "clusters\n" + LinesApart(clusters, expected.clusters)};
    const auto profiles = database.Profiles();
    if (profiles != expected.profiles) return Difference{i, "profiles\n" + LinesApart(profiles, expected.profiles)};
    if (std::string stale = FirstStale(*database, expected, i % 2 == 0); !stale.empty()) return Difference{i, stale};
  }
  if (std::string wrong = Sound(database); !wrong.empty()) return Difference{steps.size() - 1, wrong};
  return std::nullopt;
}

// Fewer steps that still lead to a difference: leaves out ever smaller parts, as long as one is left.
inline std::vector<Step> Shrunk(const Schema& schema, std::vector<Step> steps) {
  int tries = 400;
  for (size_t part = steps.size() / 2; part > 0; part /= 2) {
    for (size_t begin = 0; begin < steps.size() && tries > 0;) {
      std::vector<Step> fewer(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(begin));
      const size_t end = std::min(steps.size(), begin + part);
      fewer.insert(fewer.end(), steps.begin() + static_cast<std::ptrdiff_t>(end), steps.end());
      --tries;
      const auto difference = fewer.empty() ? std::nullopt : FirstDifference(schema, fewer);
      if (difference) {
        fewer.resize(difference->step + 1);
        steps = std::move(fewer);
      } else {
        begin = end;
      }
    }
  }
  return steps;
}

}  // namespace kintsugi::testing

// Taking the same steps with an engine and with naive references.

#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <string>
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
    const auto version = IsKnown(step.version) ? std::optional(step.version) : std::nullopt;
    for (const std::string& key : step.keys) reference_.Withdraw(step.source, key, version);
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

 private:
  Reference& reference_;
};

// Returns what is wrong with the engine's answer; empty if nothing is.
class EngineTaker {
 public:
  explicit EngineTaker(Database& database) : database_(database) {}

  std::string operator()(const Events& events) { return Check(database_->Ingest(std::span<const Event>(events))); }
  std::string operator()(const Records& records) { return Check(database_->Ingest(std::span<const Record>(records))); }
  std::string operator()(const RecordsWithdrawn& step) {
    return Check(database_->WithdrawRecords(step.source, step.keys, step.version), step.keys.size());
  }
  std::string operator()(const EventsWithdrawn& step) {
    return Check(database_->WithdrawEvents(step.source, step.ids), step.ids.size());
  }
  std::string operator()(const EventsReadmitted& step) {
    return Check(database_->ReadmitEvents(step.source, step.ids), step.ids.size());
  }
  std::string operator()(const SourceWithdrawn& step) {
    const auto report = database_->WithdrawSource(step.source);
    return report.ok() ? "" : report.status().ToString();
  }
  std::string operator()(const Assertion& assertion) {
    const auto id = database_->Assert(assertion);
    if (id.ok()) return *id == assertion.id ? "" : "another id: " + *id;
    const bool refused =
        absl::IsAlreadyExists(id.status()) || (absl::IsInvalidArgument(id.status()) && assertion.a == assertion.b);
    return refused ? "" : id.status().ToString();
  }
  std::string operator()(const Retracted& step) {
    const absl::Status status = database_->Retract({.id = step.id, .by = "steward", .because = "wrong"});
    return status.ok() || absl::IsNotFound(status) ? "" : status.ToString();
  }
  std::string operator()(const Reopened&) {
    database_.Reopen();
    return "";
  }

 private:
  static std::string Check(const absl::StatusOr<IngestReport>& report) {
    if (!report.ok()) return report.status().ToString();
    const bool adds_up = report->read == report->accepted + report->duplicates + report->quarantined;
    return adds_up ? "" : "read != accepted + duplicates + quarantined";
  }
  static std::string Check(const absl::StatusOr<WithdrawReport>& report, size_t count) {
    if (!report.ok()) return report.status().ToString();
    return report->withdrawn + report->unknown == count ? "" : "withdrawn + unknown are not all that were given";
  }

  Database& database_;
};

inline void Take(const Step& step, Reference& reference) {
  std::visit(ReferenceTaker(reference), step.what);
}
inline std::string Take(const Step& step, Database& database) {
  return std::visit(EngineTaker(database), step.what);
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

// Looking back against a database that was told nothing later: the same steps with times of assertions, and at random
// times all profiles, and everybody's, byte for byte.

#include <rapidcheck.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <sstream>

#include "base/time.h"
#include "catch.h"
#include "property/run.h"

namespace kintsugi::testing {
namespace {

constexpr size_t kStepsPerRun = 120;
// Of each schema.
constexpr size_t kSteps = 1'200;

enum class Versions { kNewest, kKept };

// What a run is of. Retention goes by the clock of the database, which the other one does not have: so the rule is
// there only where the time that is asked about is not before it.
struct Kind {
  size_t schema = 0;
  Versions versions = Versions::kNewest;
  bool has_retention = false;
};

Schema SchemaOf(const Kind& kind) {
  Schema schema = ConflictSchema(false, kind.schema);
  for (Source& source : schema.sources) {
    if (source.table() != nullptr) source.table()->keep_versions = kind.versions == Versions::kKept;
  }
  if (!kind.has_retention) schema.retention.clear();
  return schema;
}

// When somebody decided something: steps do not say, so its id does. Now and then nobody knows.
std::optional<Time> DecidedAt(const std::string& id, uint64_t salt) {
  const uint64_t dice = (std::hash<std::string>()(id) * 31 + salt) % 14;
  return dice == 0 ? std::nullopt : std::optional(TimeAt(static_cast<int>(dice) - 1));
}

// The evidence that came and was not withdrawn, as the engine took it.
class Told {
 public:
  explicit Told(Database& database, Versions versions) : database_(database), versions_(versions) {}

  // What is wrong with the engine's answer.
  std::string Take(const Step& step) {
    return std::visit([&](const auto& what) { return TakeWhat(what); }, step.what);
  }

  // A database that is told what counts as of a time, and nothing else.
  std::string Tell(Database& other, Time as_of) const {
    for (const auto& [arrival, event] : InOrder(events_)) {
      if (*event->time <= as_of && !other->Ingest(*event).ok()) return "an event was not taken";
    }
    for (const auto& [name, arrivals] : records_) {
      for (const Record& record : Counting(arrivals, as_of)) {
        if (!other->Ingest(record).ok()) return "a record was not taken";
      }
    }
    for (const auto& [id, assertion] : assertions_) {
      if (assertion.time && *assertion.time > as_of) continue;
      const auto retracted = retracted_.find(id);
      if (retracted != retracted_.end() && (!retracted->second || *retracted->second <= as_of)) continue;
      if (!other->Assert(assertion).ok()) return "an assertion was not taken";
    }
    return other->Advance(as_of).ok() ? "" : "the clock was not moved";
  }

 private:
  using Name = std::pair<std::string, std::string>;
  struct Arrived {
    size_t arrival = 0;
    Event event;
  };

  static std::map<size_t, const Event*> InOrder(const std::map<Name, Arrived>& events) {
    std::map<size_t, const Event*> out;
    for (const auto& [name, one] : events) out.emplace(one.arrival, &one.event);
    return out;
  }

  std::vector<Record> Counting(const std::vector<Record>& arrivals, Time as_of) const {
    std::vector<Record> out;
    Time newest = kNeverLast;
    for (const Record& record : arrivals) newest = std::max(newest, OrNeverLast(record.version));
    for (const Record& record : arrivals) {
      const Time version = OrNeverLast(record.version);
      const bool is_known = versions_ == Versions::kKept || version == newest;
      if (is_known && version <= as_of) out.push_back(record);
    }
    return out;
  }

  std::string TakeWhat(const Events& events) {
    for (const Event& event : events) {
      const auto report = database_->Ingest(event);
      if (!report.ok()) return report.status().ToString();
      if (report->accepted == 1) events_[{event.source, event.id}] = {++arrivals_, event};
    }
    return "";
  }
  std::string TakeWhat(const Records& records) {
    for (const Record& record : records) {
      const auto report = database_->Ingest(record);
      if (!report.ok()) return report.status().ToString();
      const Name name(record.source, record.key);
      const auto tombstone = tombstones_.find(name);
      const bool is_withdrawn =
          record.version && tombstone != tombstones_.end() && *record.version <= tombstone->second;
      if (report->quarantined == 0 && !is_withdrawn) records_[name].push_back(record);
    }
    return "";
  }
  std::string TakeWhat(const RecordsWithdrawn& step) {
    for (const std::string& key : step.keys) {
      const Name name(step.source, key);
      std::vector<Record>& arrivals = records_[name];
      Time up_to = OrNeverLast(step.version);
      for (const Record& record : arrivals) {
        if (!step.version) up_to = std::max(up_to, OrNeverLast(record.version));
      }
      std::erase_if(arrivals, [&](const Record& record) { return OrNeverLast(record.version) <= up_to; });
      if (IsKnown(up_to)) tombstones_[name] = std::max(up_to, tombstones_.try_emplace(name, up_to).first->second);
    }
    return EngineTaker(*database_)(step);
  }
  std::string TakeWhat(const EventsWithdrawn& step) {
    for (const std::string& id : step.ids) events_.erase({step.source, id});
    return EngineTaker(*database_)(step);
  }
  std::string TakeWhat(const EventsReadmitted& step) { return EngineTaker(*database_)(step); }
  std::string TakeWhat(const SourceWithdrawn& step) {
    const auto is_of_it = [&](const auto& one) { return one.first.first == step.source; };
    std::erase_if(events_, is_of_it);
    std::erase_if(records_, is_of_it);
    std::erase_if(tombstones_, is_of_it);
    return EngineTaker(*database_)(step);
  }
  std::string TakeWhat(const Assertion& given) {
    Assertion assertion = given;
    assertion.time = DecidedAt(assertion.id, 7);
    const auto id = database_->Assert(assertion);
    if (id.ok()) assertions_.emplace(*id, assertion);
    return "";
  }
  std::string TakeWhat(const Retracted& step) {
    const std::optional<Time> time = DecidedAt(step.id, 3);
    const absl::Status status = database_->Retract({.id = step.id, .by = "steward", .because = "wrong", .time = time});
    if (status.ok()) retracted_.emplace(step.id, time);
    return status.ok() || absl::IsNotFound(status) ? "" : status.ToString();
  }
  std::string TakeWhat(const Reopened&) {
    database_.Reopen();
    return "";
  }
  std::string TakeWhat(const Advanced& step) { return EngineTaker(*database_)(step); }

  Database& database_;
  const Versions versions_;
  size_t arrivals_ = 0;
  std::map<Name, Arrived> events_;
  std::map<Name, std::vector<Record>> records_;  // as they arrived
  std::map<Name, Time> tombstones_;
  std::map<std::string, Assertion> assertions_;
  std::map<std::string, std::optional<Time>> retracted_;
};

std::string AsOf(const Engine& engine, const Identifier& identifier, Time as_of) {
  const auto profile = engine.LookupAsOf(identifier, as_of);
  if (profile.ok()) return profile->ToJson();
  return absl::IsNotFound(profile.status()) ? "" : profile.status().ToString();
}

std::vector<std::string> ProfilesAsOf(const Engine& engine, Time as_of) {
  std::vector<std::string> lines;
  const auto status =
      engine.ForEachProfileAsOf(as_of, [&](const ProfileView& one) { return lines.push_back(one.ToJson()), true; });
  return status.ok() ? lines : std::vector<std::string>{status.ToString()};
}

// What is told of a time otherwise than a database says that knows nothing later.
std::string Differing(const Database& database, const Told& told, const Schema& schema, Time as_of) {
  Database other(schema);
  if (std::string wrong = told.Tell(other, as_of); !wrong.empty()) return wrong;
  if (ProfilesAsOf(*database, as_of) != other.Profiles())
    return "profiles as of " + FormatTime(as_of) + "\n" + LinesApart(ProfilesAsOf(*database, as_of), other.Profiles());
  for (const Identifier& identifier : AllIdentifiers()) {
    const std::string right = LookUp(*other, identifier);
    if (const std::string answer = AsOf(*database, identifier, as_of); answer != right)
      return identifier.ToString() + " as of " + FormatTime(as_of) + "\n  told: " + right + "\n  said: " + answer;
  }
  return "";
}

// Everybody at several times in one call, which reads each once, is everybody at each time.
std::string DifferingTogether(const Database& database, std::span<const Time> times) {
  std::vector<IdentifierAt> asked;
  for (const Time time : times) {
    for (const Identifier& identifier : AllIdentifiers()) asked.push_back({identifier, time});
  }
  const auto answers = database->LookupManyAsOf(asked);
  if (!answers.ok()) return answers.status().ToString();
  for (size_t i = 0; i < asked.size(); ++i) {
    const std::string right = AsOf(*database, asked[i].identifier, asked[i].time);
    const std::string answer = (*answers)[i] ? (*answers)[i]->ToJson() : "";
    if (answer != right)
      return asked[i].identifier.ToString() + " together as of " + FormatTime(asked[i].time) + "\n  alone: " + right +
             "\n  said:  " + answer;
  }
  return "";
}

// Why any two are one profile or not is what the other database says of them, too.
std::string DifferingWhy(const Database& database, const Told& told, const Schema& schema, Time as_of,
                         std::mt19937_64& random) {
  Database other(schema);
  if (std::string wrong = told.Tell(other, as_of); !wrong.empty()) return wrong;
  for (int i = 0; i < 8; ++i) {
    const Identifier& a = AllIdentifiers()[random() % AllIdentifiers().size()];
    const Identifier& b = AllIdentifiers()[random() % AllIdentifiers().size()];
    const auto then = database->ExplainWhy(a, b, as_of);
    const auto right = other->ExplainWhy(a, b);
    if (then.ok() != right.ok() || (then.ok() && then->ToJson() != right->ToJson()))
      return "why " + a.ToString() + " " + b.ToString() + " as of " + FormatTime(as_of) +
             "\n  told: " + (right.ok() ? right->ToJson() : right.status().ToString()) +
             "\n  said: " + (then.ok() ? then->ToJson() : then.status().ToString());
  }
  return "";
}

std::string TimelineOf(const Engine& engine, const Identifier& identifier, std::optional<Time> as_of, bool newest) {
  TimelineQuery query{.limit = 3, .newest_first = newest, .as_of = as_of};
  std::string out;
  do {
    const auto page = engine.Timeline(identifier, query);
    if (absl::IsNotFound(page.status())) return "nobody";
    if (!page.ok()) return page.status().ToString();
    for (const TimelineItem& item : page->items) out += item.ToJson() + "\n";
    query.after = page->next;
  } while (!query.after.empty());
  return out;
}

std::string DifferingTimelines(const Database& database, const Told& told, const Schema& schema, Time as_of) {
  Database other(schema);
  if (std::string wrong = told.Tell(other, as_of); !wrong.empty()) return wrong;
  for (const Identifier& identifier : AllIdentifiers()) {
    for (const bool newest : {false, true}) {
      const std::string right = TimelineOf(*other, identifier, std::nullopt, newest);
      const std::string then = TimelineOf(*database, identifier, as_of, newest);
      if (then != right)
        return "timeline of " + identifier.ToString() + " as of " + FormatTime(as_of) + "\n" + right + "but\n" + then;
    }
  }
  return "";
}

// Takes the steps and looks back at three times; what is wrong.
std::string Run(const Kind& kind, std::span<const Step> steps, uint64_t seed) {
  std::mt19937_64 random(seed);
  const Schema schema = SchemaOf(kind);
  Database database(schema);
  Told told(database, kind.versions);
  for (const Step& step : steps) {
    if (std::string wrong = told.Take(step); !wrong.empty()) return wrong;
  }
  const std::optional<Time> not_before = kind.has_retention ? database->now() : std::nullopt;
  std::vector<Time> times;
  for (int i = 0; i < 3; ++i) {
    const Time time = TimeAt(static_cast<int>(random() % 15) - 1);
    times.push_back(not_before ? std::max(time, *not_before) : time);
  }
  for (const Time as_of : times) {
    if (std::string wrong = Differing(database, told, schema, as_of); !wrong.empty()) return wrong;
  }
  if (std::string wrong = DifferingTogether(database, times); !wrong.empty()) return wrong;
  if (std::string wrong = DifferingWhy(database, told, schema, times.front(), random); !wrong.empty()) return wrong;
  if (std::string wrong = DifferingTimelines(database, told, schema, times.front()); !wrong.empty()) return wrong;
  return Sound(database);
}

// Fewer steps that still are wrong.
std::vector<Step> Fewer(const Kind& kind, std::vector<Step> steps, uint64_t seed) {
  int tries = 300;
  for (size_t part = steps.size() / 2; part > 0; part /= 2) {
    for (size_t begin = 0; begin < steps.size() && tries > 0; --tries) {
      std::vector<Step> fewer(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(begin));
      const size_t end = std::min(steps.size(), begin + part);
      fewer.insert(fewer.end(), steps.begin() + static_cast<std::ptrdiff_t>(end), steps.end());
      if (!fewer.empty() && !Run(kind, fewer, seed).empty())
        steps = std::move(fewer);
      else
        begin = end;
    }
  }
  return steps;
}

void CheckLookingBack(const Kind& kind) {
  const char* steps_given = std::getenv("KINTSUGI_PROPERTY_STEPS");
  const char* seed_given = std::getenv("KINTSUGI_PROPERTY_SEED");
  // Each step is looked back at from many times, so it takes as long as twenty of the other property tests.
  const size_t count = steps_given != nullptr ? std::stoul(steps_given) / 20 : kSteps;
  REQUIRE(count > 0);
  uint64_t seed = seed_given != nullptr ? std::stoull(seed_given) : std::random_device()();
  for (size_t done = 0; done < count; done += kStepsPerRun, ++seed) {
    const std::vector<Step> steps = AnySteps(seed, kStepsPerRun);
    if (Run(kind, steps, seed).empty()) continue;
    const std::vector<Step> fewer = Fewer(kind, steps, seed);
    std::ostringstream text;
    for (const Step& step : fewer) text << step;
    FAIL("KINTSUGI_PROPERTY_SEED=" << seed << ": shrunk to " << fewer.size() << " steps:\n"
                                   << text.str() << Run(kind, fewer, seed));
  }
}

}  // namespace

TEST_CASE("as of any time everybody is who a database says that was told nothing later, where versions are kept",
          "[property][as-of]") {
  for (size_t schema = 0; schema < ConflictSchemas(false).size(); ++schema)
    CheckLookingBack({.schema = schema, .versions = Versions::kKept});
}

TEST_CASE("as of any time everybody is who a database says that was told nothing later, and newest versions only",
          "[property][as-of]") {
  for (size_t schema = 0; schema < ConflictSchemas(false).size(); ++schema) CheckLookingBack({.schema = schema});
}

TEST_CASE("as of the clock or later, what retention takes is taken in both", "[property][as-of]") {
  CheckLookingBack({.schema = 6, .versions = Versions::kKept, .has_retention = true});
}

}  // namespace kintsugi::testing

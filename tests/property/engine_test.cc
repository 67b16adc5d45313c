// The engine against the naive reference, and against itself in another order.

#include <rapidcheck.h>

#include <algorithm>
#include <random>

#include "catch.h"
#include "engine_fixture.h"
#include "property/evidence.h"
#include "reference/reference.h"

namespace kintsugi::testing {
namespace {

Schema SchemaAt(bool timed, size_t index) {
  return *Schema::Parse(ConflictSchemas(timed)[index]);
}

void Ingest(Engine& engine, const std::vector<Evidence>& evidence, size_t begin, size_t end) {
  // Groups of one kind, as the API takes them; neighbours of one kind go together.
  for (size_t i = begin; i < end;) {
    std::vector<Event> events;
    std::vector<Record> records;
    for (; i < end && evidence[i].is_event && records.empty(); ++i) events.push_back(evidence[i].event);
    if (events.empty()) {
      for (; i < end && !evidence[i].is_event; ++i) records.push_back(evidence[i].record);
    }
    const auto report = events.empty() ? engine.Ingest(std::span<const Record>(records))
                                       : engine.Ingest(std::span<const Event>(events));
    RC_ASSERT(report.ok());
    RC_ASSERT(report->read == report->accepted + report->duplicates + report->quarantined);
  }
}

void AssertSound(const Engine& engine) {
  const auto differences = engine.Verify();
  RC_ASSERT(differences.ok());
  RC_ASSERT(*differences == std::vector<std::string>{});
}

}  // namespace

TEST_CASE("after every step the engine is what the naive reference says", "[property]") {
  for (size_t schema = 0; schema < ConflictSchemas(false).size(); ++schema) {
    INFO("schema " << schema);
    CHECK(rc::check("engine = reference, step by step", [&] {
      Database database(SchemaAt(false, schema));
      Reference reference(SchemaAt(false, schema));
      const auto evidence = *rc::gen::resize(60, rc::gen::container<std::vector<Evidence>>(AnyEvidence(false, false)));
      for (size_t i = 0; i < evidence.size();) {
        const size_t end = std::min(evidence.size(), i + static_cast<size_t>(*rc::gen::inRange(1, 4)));
        Ingest(*database, evidence, i, end);
        for (; i < end; ++i) {
          if (evidence[i].is_event)
            reference.Add(evidence[i].event);
          else
            reference.Add(evidence[i].record);
        }
        if (*rc::gen::inRange(0, 20) == 0) database.Reopen();
        RC_ASSERT(database.Clusters() == reference.Clusters());
        RC_ASSERT(database.Profiles() == reference.Profiles());
      }
      AssertSound(*database);
    }));
  }
}

TEST_CASE("order, batches and restarts leave no trace: the same evidence gives the same bytes", "[property]") {
  for (size_t schema = 0; schema < ConflictSchemas(true).size(); ++schema) {
    INFO("schema " << schema);
    CHECK(rc::check("any order = the given order", [&] {
      auto evidence = *rc::gen::resize(60, rc::gen::container<std::vector<Evidence>>(AnyEvidence(true, true)));
      Database once(SchemaAt(true, schema));
      Ingest(*once, evidence, 0, evidence.size());

      std::mt19937_64 random(*rc::gen::arbitrary<uint64_t>());
      std::shuffle(evidence.begin(), evidence.end(), random);
      Database again(SchemaAt(true, schema));
      const size_t half = evidence.size() / 2;
      Ingest(*again, evidence, 0, half);
      again.Reopen();
      for (size_t i = half; i < evidence.size(); ++i) Ingest(*again, evidence, i, i + 1);
      Ingest(*again, evidence, 0, evidence.size());  // and all of it twice

      RC_ASSERT(once.Profiles() == again.Profiles());
      RC_ASSERT(once.Clusters() == again.Clusters());
      AssertSound(*again);
    }));
  }
}

}  // namespace kintsugi::testing

// A database of which each group is applied by hand, so that it can be seen what a group writes.

#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "catch.h"
#include "ingest/assertion.h"
#include "unit/engine/support.h"
#include "unit/write/marks.h"
#include "write/apply.h"

namespace kintsugi::testing {

class Groups {
 public:
  Groups() : store_(*store::Store::Open({.schema = Shop()}, directory_ / "db", format::kFormat)) {}

  // Returns how many rows were marked.
  size_t Apply(std::vector<write::Item> items) {
    write::Applier applier(*context_, rules_, *store_, counters_);
    std::vector<write::Verdict> verdicts;
    std::vector<std::string> reasons;
    REQUIRE(applier.Apply(items, verdicts, reasons).ok());
    for (const write::Verdict verdict : verdicts) CHECK(verdict == write::Verdict::kAccepted);
    store::Batch batch = store_->NewBatch();
    const auto counters = applier.Finish(batch, At(0));
    REQUIRE(counters.ok());
    counters_ = *counters;
    CheckMarks(applier.cache_marks(), batch);
    written_.clear();
    REQUIRE(batch.ForEachKey([&](format::Family family, std::string_view) { written_.insert(family); }).ok());
    profiles_loaded_ = applier.profiles_loaded();
    REQUIRE(store_->Write(batch, Durability::kLosesOnMachineCrash).ok());
    return applier.cache_marks().identifiers().size() + applier.cache_marks().profiles().size();
  }

  // Of the last group: the families of its rows, and how many profiles were read for it.
  const std::set<format::Family>& written() const { return written_; }
  size_t profiles_loaded() const { return profiles_loaded_; }

  // All that is told as the cause of a change of profiles, of one group.
  std::vector<stored::Change::Cause> CausesOf(const std::vector<Event>& events) {
    const uint64_t last = counters_.changes();
    std::vector<write::Item> items;
    for (const Event& event : events) {
      items.push_back({.source = *context_->EventSourceOf(event.source)});
      items.back().evidence = std::get<ingest::PreparedEvent>(preparer_.Prepare(items.back().source, event));
    }
    Apply(items);
    std::vector<stored::Change::Cause> causes;
    for (uint64_t number = last + 1; number <= counters_.changes(); ++number) {
      const auto row = store_->Get(format::Family::kChanges, format::ChangeKey(number));
      stored::Change change;
      if (!*row) continue;  // another id, and no more
      REQUIRE(change.ParseFromString(**row));
      causes.insert(causes.end(), change.causes().begin(), change.causes().end());
    }
    return causes;
  }

  size_t Take(const Event& event) {
    write::Item item{.source = *context_->EventSourceOf(event.source)};
    item.evidence = std::get<ingest::PreparedEvent>(preparer_.Prepare(item.source, event));
    return Apply({item});
  }
  size_t Take(const Record& record) {
    write::Item item{.source = *context_->RecordSourceOf(record.source)};
    item.evidence = std::get<ingest::PreparedRecord>(preparer_.Prepare(item.source, record));
    return Apply({item});
  }
  size_t Withdraw(const std::string& source, write::Withdrawal::Kind kind, const std::string& name,
                  bool forget = false) {
    return Apply({{.source = *context_->SourceOf(source),
                   .evidence = write::Withdrawal{.kind = kind, .name = name, .forget = forget}}});
  }
  size_t Assert(const Assertion& assertion) {
    return Apply({{.evidence = *ingest::PrepareAssertion(*context_, assertion)}});
  }
  size_t Retract(const std::string& id) { return Apply({{.evidence = ingest::PreparedRetraction{.id = id}}}); }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<const ingest::Context> context_ = *ingest::Context::Create(Shop(), {});
  const living::Rules rules_{*context_};
  const ingest::Preparer preparer_{*context_};
  std::unique_ptr<store::Store> store_;
  stored::Counters counters_;
  std::set<format::Family> written_;
  size_t profiles_loaded_ = 0;
};

}  // namespace kintsugi::testing

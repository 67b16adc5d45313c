#include "bench/people.h"

#include <cstring>
#include <vector>

#include "bench/harness.h"
#include "bench/raw_rocksdb.h"

namespace kintsugi::bench {

People::People(uint64_t identifiers) {
  engine_ = ValueOf(Engine::Open({.schema = ValueOf(Schema::Parse(kPeopleSchema))}, directory_.path()));
  constexpr size_t kGroup = 5000;
  const uint64_t profiles = (identifiers + kIdentifiersPerProfile - 1) / kIdentifiersPerProfile;
  std::vector<Event> events;
  for (uint64_t profile = 0; profile < profiles; ++profile) {
    events.push_back(PersonEvent(profile));
    if (events.size() < kGroup && profile + 1 < profiles) continue;
    const IngestReport report = ValueOf(engine_->Ingest(events, {.durability = Durability::kLosesOnAnyCrash}));
    Check(report.accepted == events.size(), "a person was not accepted");
    events.clear();
  }
  Check(engine_->Flush());
  engine_.reset();
  RawRocksDb::OpenExisting(directory_.path())->Settle();
  engine_ = ValueOf(Engine::Open({}, directory_.path()));
}

uint64_t ReadThreeAttributes(const Profile& profile) {
  uint64_t sum = 0;
  for (const std::string_view name : kThreeAttributes) {
    const auto attribute = profile.attribute(name);
    const auto* text = attribute ? std::get_if<std::string_view>(&attribute->value) : nullptr;
    if (text == nullptr || text->size() < sizeof(uint64_t)) return 0;
    uint64_t word = 0;
    std::memcpy(&word, text->data(), sizeof(word));
    sum += word;
  }
  return sum;
}

uint64_t LookUp(const Engine& engine, const Probe& probe) {
  const auto profile = engine.Lookup(probe.ns, ToView(probe.key));
  return profile.ok() ? ReadThreeAttributes(*profile) : 0;
}

}  // namespace kintsugi::bench

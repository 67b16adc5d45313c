// The library itself.

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "bench/check.h"
#include "bench/new_database.h"
#include "bench/people.h"
#include "bench/workload/memory.h"
#include "bench/workload/targets.h"
#include "kintsugi/engine.h"

namespace kintsugi::bench {
namespace {

class KintsugiSession : public Session {
 public:
  explicit KintsugiSession(Engine& engine) : engine_(engine) {}

  void LookUp(std::span<const Operation> operations) override {
    for (const Operation& operation : operations) {
      Check(bench::LookUp(engine_, operation.probe) != 0, "an identifier was not found");
    }
  }

  // Written over in place, as a host's own buffers are.
  void Apply(const Operation& operation) override {
    event_.id = std::to_string(operation.event);
    event_.time = Time(std::chrono::seconds(1'800'000'000 + operation.event));
    for (size_t i = 0; i < kIdentifiersPerProfile; ++i) {
      const uint64_t identifier = operation.profile() * kIdentifiersPerProfile + i;
      event_.identifiers[i].ns = NamespaceOf(identifier);
      event_.identifiers[i].value = ToView(KeyOf(identifier));
    }
    event_.traits.front().second = fmt::format("{:070}", operation.event);  // as long as it was before
    Check(ValueOf(engine_.Ingest(event_)).accepted == 1, "an event was not accepted");
  }

 private:
  Engine& engine_;
  Event event_{.source = "log",
               .name = "Moved",
               .identifiers = std::vector<Identifier>(kIdentifiersPerProfile),
               .traits = {{std::string(kThreeAttributes.front()), std::string()}}};
};

class Kintsugi : public Target {
 public:
  explicit Kintsugi(const Options& options) : database_(kPeopleSchema, options) {}

  void Load(uint64_t begin, uint64_t end) override {
    Loader<Event> loader(database_);
    for (uint64_t profile = begin; profile < end; ++profile) loader.Add(PersonEvent(profile));
  }

  std::unique_ptr<Session> NewSession() override { return std::make_unique<KintsugiSession>(database_.engine()); }
  std::optional<uint64_t> DiskBytes() override { return BytesBelow(database_.path()); }

 private:
  NewDatabase database_;
};

}  // namespace

std::unique_ptr<Target> NewKintsugi(const Servers&) {
  return std::make_unique<Kintsugi>(Options());
}

std::unique_ptr<Target> NewKintsugiUncached(const Servers&) {
  return std::make_unique<Kintsugi>(WithoutProfileCache());
}

}  // namespace kintsugi::bench

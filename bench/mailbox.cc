// What one further row costs where the links of a hub are active: a mailbox that very many customer records name. Each
// record is linked with the mailbox, and all but one of these links are refused.

#include <map>
#include <memory>
#include <string>

#include "bench/data.h"
#include "bench/harness.h"
#include "bench/new_database.h"
#include "bench/random.h"

namespace kintsugi::bench {
namespace {

constexpr std::string_view kSchema = R"(
    namespaces { name: "customer" max_per_profile: 1 }
    namespaces { name: "email"    max_per_profile: 5 generic_above: 8 }
    namespaces { name: "device" }
    sources { name: "crm" table { key: "id" updated_at: "at" identifiers { field: "id" namespace: "customer" } } }
    sources { name: "log" events { format: NATIVE } })";

class Mailbox {
 public:
  // Customers with a mailbox each if there is none that all share.
  Mailbox(uint64_t customers, bool shared) : customers_(customers), shared_(shared), database_(kSchema) {
    Loader<Record> loader(database_);
    for (uint64_t customer = 0; customer < customers; ++customer) loader.Add(RecordOf(customer));
  }

  Engine& engine() { return database_.engine(); }

  Record OfNewCustomer() { return RecordOf(customers_ + new_customers_++); }
  Event OfKnownCustomer() {
    const uint64_t number = steps_++;
    return {.source = "log",
            .id = Name('e', number),
            .time = At(number),
            .name = "Page Viewed",
            .identifiers = {{"customer", Name('c', random_.Below(customers_))}, {"device", Name('d', number)}}};
  }

 private:
  static std::string Name(char kind, uint64_t number) { return kind + std::string(ToView(KeyOf(number))); }
  static Time At(uint64_t number) { return Time(std::chrono::milliseconds(1'700'000'000'000 + number)); }

  Record RecordOf(uint64_t customer) {
    return {.source = "crm",
            .key = Name('r', customer),
            .version = At(steps_++),
            .identifiers = {{"customer", Name('c', customer)},
                            {"email", (shared_ ? "all" : Name('m', customer)) + "@example.com"}},
            .attributes = {{"first_name", std::string("Jane")}}};
  }

  const uint64_t customers_;
  const bool shared_;
  uint64_t steps_ = 0;
  uint64_t new_customers_ = 0;
  Random random_{1};
  NewDatabase database_;
};

Mailbox& Get(uint64_t customers, bool shared) {
  auto& made = Shared<std::map<std::pair<uint64_t, bool>, std::unique_ptr<Mailbox>>>()[{customers, shared}];
  if (!made) made = std::make_unique<Mailbox>(customers, shared);
  return *made;
}

template <typename Row>
void Run(benchmark::State& state, bool shared, Row (Mailbox::*next)()) {
  Mailbox& mailbox = Get(static_cast<uint64_t>(state.range(0)), shared);
  uint64_t accepted = 0;
  WallClockRate rate(state);
  for (auto _ : state) {
    const auto report = mailbox.engine().Ingest((mailbox.*next)());
    if (report.ok()) accepted += report->accepted;
  }
  rate.SetItems(1);
  if (accepted != state.iterations()) state.SkipWithError("a row was not accepted");
}

void NewRecord(benchmark::State& state, bool shared) {
  Run(state, shared, &Mailbox::OfNewCustomer);
}
void Elsewhere(benchmark::State& state, bool shared) {
  Run(state, shared, &Mailbox::OfKnownCustomer);
}

const auto* const kFloorRecord =
    benchmark::RegisterBenchmark("floor/no_mailbox/new_record", NewRecord, false) -> Arg(100'000);
const auto* const kFloorElsewhere =
    benchmark::RegisterBenchmark("floor/no_mailbox/elsewhere", Elsewhere, false) -> Arg(100'000);
const auto* const kRecord =
    benchmark::RegisterBenchmark("mailbox/new_record", NewRecord, true) -> Arg(10) -> Arg(1'000) -> Arg(100'000);
const auto* const kElsewhere =
    benchmark::RegisterBenchmark("mailbox/elsewhere", Elsewhere, true) -> Arg(10) -> Arg(1'000) -> Arg(100'000);

}  // namespace
}  // namespace kintsugi::bench

// Events into a new database, with the default durability: nothing is lost when the process crashes.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "bench/data.h"
#include "bench/directory.h"
#include "bench/harness.h"
#include "bench/new_database.h"
#include "kintsugi/engine.h"

namespace kintsugi::bench {
namespace {

constexpr std::string_view kSchema = R"(
    namespaces { name: "user"   max_per_profile: 1 }
    namespaces { name: "device" }
    identity { on_conflict: KEEP_NEWEST }
    sources { name: "log" events { format: NATIVE } })";

// Events of a user with a device. They are written over in place, as a host's own buffers are, so that making
// them (some 50 ns) does not count for ingesting them.
class Stream {
 public:
  explicit Stream(size_t size) : events_(size) {
    for (Event& event : events_) {
      event = {.source = "log",
               .id = std::string(16, '0'),
               .name = "Page Viewed",
               .identifiers = {{"user", std::string(16, '0')}, {"device", std::string(16, '0')}},
               .traits = {{"first_name", std::string("Jane")}}};
    }
  }

  // The next events. Their people are new, or the first `people` again and again.
  const std::vector<Event>& Next(uint64_t people = ~uint64_t{0}) {
    for (Event& event : events_) {
      const uint64_t person = number_ % people;
      Set(event.id, 3 * number_);
      Set(event.identifiers[0].value, 3 * person + 1);
      Set(event.identifiers[1].value, 3 * person + 2);
      event.time = Time(std::chrono::milliseconds(1'700'000'000'000 + number_));
      ++number_;
    }
    return events_;
  }

 private:
  static void Set(std::string& text, uint64_t number) { text.assign(ToView(KeyOf(number))); }

  std::vector<Event> events_;
  uint64_t number_ = 0;
};

void Single(benchmark::State& state, bool after_assertion) {
  NewDatabase database(kSchema);
  if (after_assertion) {
    Check(database.engine()
              .Assert({.a = {"user", "a"}, .b = {"user", "b"}, .by = "a steward", .because = "they said so"})
              .status());
  }
  Stream stream(1);
  uint64_t accepted = 0;
  WallClockRate rate(state);
  for (auto _ : state) {
    const auto report = database.engine().Ingest(stream.Next().front());
    if (report.ok()) accepted += report->accepted;
  }
  rate.SetItems(1);
  if (accepted != state.iterations()) state.SkipWithError("an event was not accepted");
}

// New events of people who are known: nothing changes but what was seen last.
void SingleKnown(benchmark::State& state) {
  constexpr size_t kPeople = 10'000;
  NewDatabase database(kSchema);
  Check(database.engine().Ingest(Stream(kPeople).Next()).status());
  Stream stream(1);
  for (size_t i = 0; i < kPeople; ++i) stream.Next();
  uint64_t accepted = 0;
  WallClockRate rate(state);
  for (auto _ : state) {
    const auto report = database.engine().Ingest(stream.Next(kPeople).front());
    if (report.ok()) accepted += report->accepted;
  }
  rate.SetItems(1);
  if (accepted != state.iterations()) state.SkipWithError("an event was not accepted");
}

// What stands in the log.
double LogBytes(const std::string& path) {
  uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() == ".log") bytes += entry.file_size();
  }
  return static_cast<double>(bytes);
}

// An event of a person for whom a trait had so many values before, and who has one of them again or a new one.
void KnownWithPast(benchmark::State& state, uint64_t past, bool brings_new, uint32_t max_values) {
  constexpr uint64_t kPeople = 50;
  constexpr uint64_t kEvents = 2000;  // few enough that the log is one file
  const std::string schema =
      std::string(kSchema) +
      "golden { attributes { name: 'page' keep: MOST_RECENT max_values: " + std::to_string(max_values) + " } }";
  NewDatabase database(schema);
  const auto event_of = [&](uint64_t number, uint64_t value) {
    const uint64_t person = number % kPeople;
    return Event{.source = "log",
                 .id = std::to_string(number),
                 .time = Time(std::chrono::milliseconds(1'700'000'000'000 + number)),
                 .name = "Page Viewed",
                 .identifiers = {{"user", std::string(ToView(KeyOf(2 * person)))},
                                 {"device", std::string(ToView(KeyOf(2 * person + 1)))}},
                 .traits = {{"page", fmt::format("/catalogue/{}", value)}}};
  };
  uint64_t number = 0;
  {
    Loader<Event> loader(database);
    for (; number < past * kPeople; ++number) loader.Add(event_of(number, number / kPeople));
  }
  Check(database.engine().Ingest(event_of(number++, 0)).status());
  const double before = LogBytes(database.path());
  uint64_t accepted = 0;
  WallClockRate rate(state);
  for (auto _ : state) {
    const uint64_t value = brings_new ? number / kPeople : number % past;
    const auto report = database.engine().Ingest(event_of(number++, value));
    if (report.ok()) accepted += report->accepted;
  }
  rate.SetItems(1);
  Check(state.iterations() == kEvents && accepted == kEvents, "an event was not accepted");
  state.counters["log_bytes"] = (LogBytes(database.path()) - before) / kEvents;
}

void Batch(benchmark::State& state, size_t size) {
  NewDatabase database(kSchema);
  Stream stream(size);
  uint64_t accepted = 0;
  WallClockRate rate(state);
  for (auto _ : state) {
    const auto report = database.engine().Ingest(stream.Next());
    if (report.ok()) accepted += report->accepted;
  }
  rate.SetItems(size);
  if (accepted != state.iterations() * size) state.SkipWithError("an event was not accepted");
}

// New people as NATIVE lines, 180 bytes each.
void WriteLines(const std::string& path, size_t count) {
  Stream stream(1);
  std::ofstream file(path);
  for (size_t i = 0; i < count; ++i) {
    const Event& event = stream.Next().front();
    file << fmt::format(R"({{"id":"{}","time":"{}","name":"{}","identifiers":{{"user":"{}","device":"{}"}},)"
                        R"("traits":{{"first_name":"Jane"}}}})"
                        "\n",
                        event.id, FormatTime(event.time), event.name, event.identifiers[0].value,
                        event.identifiers[1].value);
  }
  Check(file.flush().good(), "the file of events could not be written");
}

// A file into a new database, without the log, as `kintsugi ingest --bulk` does.
void Bulk(benchmark::State& state) {
  const size_t rows = std::min<size_t>(300'000, IdentifierCount());
  const Directory directory;
  const std::string path = directory.path() + "/events.jsonl";
  WriteLines(path, rows);
  NewDatabase database(kSchema);
  uint64_t accepted = 0;
  WallClockRate rate(state);
  for (auto _ : state) {
    IngestReport report;
    const absl::Status status = database.engine().IngestFile({.source = "log", .path = path}, report,
                                                             {.durability = Durability::kLosesOnAnyCrash});
    if (status.ok()) accepted += report.accepted;
  }
  rate.SetItems(rows);
  if (accepted != rows) state.SkipWithError("an event was not accepted");
}

const auto* const kSingle = benchmark::RegisterBenchmark("ingest/single", Single, false);
// Where anything is asserted at all, every new identifier is asked whether it is concerned.
const auto* const kSingleAsserted = benchmark::RegisterBenchmark("ingest/single_after_assertion", Single, true);
const auto* const kSingleKnown = benchmark::RegisterBenchmark("ingest/single_known", SingleKnown);
[[maybe_unused]] const auto* const kPast = [] {
  benchmark::internal::Benchmark* last = nullptr;
  for (const uint64_t past : {1, 10, 100, 1000}) {
    for (const bool brings_new : {false, true}) {
      const std::string name =
          fmt::format("ingest/known_with_past/{}/{}", past, brings_new ? "new_value" : "same_value");
      last = benchmark::RegisterBenchmark(name.c_str(), KnownWithPast, past, brings_new, 100'000)->Iterations(2000);
    }
  }
  // Of as many values as by default, however many came.
  last = benchmark::RegisterBenchmark("ingest/known_with_past/1000/bounded", KnownWithPast, 1000, true, 100)
             ->Iterations(2000);
  return last;
}();
const auto* const kBatch = benchmark::RegisterBenchmark("ingest/batch_1000", Batch, 1000);
const auto* const kBulk = benchmark::RegisterBenchmark("ingest/bulk", Bulk) -> Iterations(1)
                              -> Unit(benchmark::kMillisecond) -> UseRealTime();

}  // namespace
}  // namespace kintsugi::bench

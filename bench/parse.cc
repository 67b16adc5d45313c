// Rows into evidence, by format; and the floor of the JSON ones.

#include <simdjson.h>

#include <string>
#include <vector>

#include "bench/harness.h"
#include "ingest/rows.h"

namespace kintsugi::bench {
namespace {

constexpr std::string_view kSchema = R"(
    namespaces { name: "customer_id" }
    namespaces { name: "email" normalize: EMAIL }
    namespaces { name: "cookie" }
    sources { name: "native" events { format: NATIVE } }
    sources { name: "segment" events { format: SEGMENT
      map { field: "userId" namespace: "customer_id" } map { field: "anonymousId" namespace: "cookie" } } }
    sources { name: "csv" table { format: CSV key: "id" updated_at: "modified"
      identifiers { field: "id" namespace: "customer_id" } identifiers { field: "mail" namespace: "email" }
      attributes { field: "first" name: "first_name" } attributes { field: "last" name: "last_name" }
      attributes { field: "city" name: "city" } attributes { field: "born" name: "birth_date" type: DATE } } }
    sources { name: "jsonl" table { format: JSONL key: "id" updated_at: "modified"
      identifiers { field: "id" namespace: "customer_id" } identifiers { field: "mail" namespace: "email" }
      attributes { field: "first" name: "first_name" } attributes { field: "last" name: "last_name" }
      attributes { field: "city" name: "city" } attributes { field: "born" name: "birth_date" type: DATE } } })";

constexpr std::string_view kNative =
    R"({"id":"m-000017","time":"2026-03-01T10:00:00.250Z","name":"Page Viewed",)"
    R"("identifiers":{"customer_id":"C-1000017","cookie":"7f3a9c52e1b04d68"},)"
    R"("traits":{"first_name":"Jane"},"properties":{"path":"/shoes/17","price":59.9}})";

// About 500 bytes.
constexpr std::string_view kSegment =
    R"({"type":"track","messageId":"ajs-next-4f2b8c1d6e","event":"Product Added","userId":"C-1000017",)"
    R"("anonymousId":"7f3a9c52e1b04d68","timestamp":"2026-03-01T10:00:00.250Z",)"
    R"("context":{"ip":"203.0.113.17","locale":"en-US","userAgent":"Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0",)"
    R"("page":{"path":"/shoes/17","referrer":"https://shop.example.com/","title":"Running shoes","url":"https://shop.example.com/shoes/17"}},)"
    R"("properties":{"sku":"S-17","quantity":1,"price":59.9,"currency":"EUR"}})";

constexpr std::string_view kCsvHeader = "id,mail,first,last,city,born,modified";
constexpr std::string_view kCsv =
    R"(C-1000017,jane.doe@example.com,Jane,"Doe, Dr.",Springfield,1984-02-29,2026-03-01T10:00:00Z)";
constexpr std::string_view kJsonl =
    R"({"id":"C-1000017","mail":"jane.doe@example.com","first":"Jane","last":"Doe, Dr.","city":"Springfield",)"
    R"("born":"1984-02-29","modified":"2026-03-01T10:00:00Z"})";

void Parse(benchmark::State& state, size_t source, std::string_view row, std::string_view csv_header) {
  const Schema schema = ValueOf(Schema::Parse(kSchema));
  const auto parser = ValueOf(ingest::OpenParser(schema, schema.sources[source], csv_header));
  std::vector<ingest::Parsed> out;
  bool parsed = true;
  for (auto _ : state) {
    out.clear();
    parser->Parse(row, out);
    parsed &= out.size() == 1 && !std::holds_alternative<ingest::Rejection>(out.front());
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(row.size()));
  if (!parsed) state.SkipWithError("a good row was refused");
}

// Only three fields of the Segment event, and nothing kept of them.
void Simdjson(benchmark::State& state) {
  simdjson::ondemand::parser parser;
  const simdjson::padded_string row(kSegment);
  for (auto _ : state) {
    simdjson::ondemand::document document = parser.iterate(row);
    for (const char* field : {"messageId", "userId", "timestamp"}) {
      benchmark::DoNotOptimize(document[field].get_string().value());
    }
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(kSegment.size()));
}

const bool registered = [] {
  benchmark::RegisterBenchmark("parse/native", Parse, 0, kNative, "");
  benchmark::RegisterBenchmark("parse/segment", Parse, 1, kSegment, "");
  benchmark::RegisterBenchmark("parse/csv", Parse, 2, kCsv, kCsvHeader);
  benchmark::RegisterBenchmark("parse/jsonl", Parse, 3, kJsonl, "");
  benchmark::RegisterBenchmark("floor/simdjson_segment", Simdjson);
  return true;
}();

}  // namespace
}  // namespace kintsugi::bench

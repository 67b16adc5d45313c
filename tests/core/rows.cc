// Resolves a file of events with kintsugi_core alone, which has no RocksDB, and prints the rows that come of it:
//   kintsugi_core_rows SCHEMA SOURCE EVENTS
// A line a row: its family's number, its key and its bytes, in hexadecimal digits.

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/status.h"
#include "graph/add_evidence.h"
#include "graph/golden_rows.h"
#include "graph/graph.h"
#include "graph/memory_rows.h"
#include "ingest/context.h"
#include "ingest/prepare.h"
#include "ingest/rows.h"

namespace kintsugi {
namespace {

std::string Hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

absl::Status PrintRows(const std::string& schema_path, const std::string& source_name, const std::string& events) {
  auto schema = Schema::Load(schema_path);
  if (!schema.ok()) return schema.status();
  const auto context = ingest::Context::Create(*std::move(schema), {});
  if (!context.ok()) return context.status();
  const auto source = (*context)->EventSourceOf(source_name);
  if (!source.ok()) return source.status();
  auto bytes = ingest::OpenByteSource(events);
  if (!bytes.ok()) return bytes.status();
  const auto rows = ingest::OpenRows((*context)->schema, (*context)->schema.sources[*source], *std::move(bytes));
  if (!rows.ok()) return rows.status();

  const ingest::Preparer preparer(**context);
  const graph::MemoryRows nothing;
  graph::Graph graph(**context, nothing, false);
  for (ingest::RawRow row;;) {
    const auto more = rows->splitter->Next(row);
    if (!more.ok()) return more.status();
    if (!*more) break;
    std::vector<ingest::Parsed> parsed;
    rows->parser->Parse(row.text, parsed);
    for (ingest::Parsed& one : parsed) {
      if (!std::holds_alternative<Event>(one)) return absl::InvalidArgumentError("not an event: " + row.text);
      const auto prepared = preparer.Prepare(*source, std::get<Event>(one), std::move(one.content));
      if (const auto* refused = std::get_if<ingest::Refused>(&prepared))
        return absl::InvalidArgumentError(refused->reason);
      const auto status = graph::AddEvidence(std::get<ingest::PreparedEvent>(prepared), graph);
      if (!status.ok()) return status;
    }
  }
  graph::MemoryRows derived;
  graph::GoldenRows golden(**context, nothing, {});
  graph::DeltaListener* const listeners[] = {&golden};
  graph::Outcome outcome;
  if (auto status = graph.Finish(derived, listeners, outcome); !status.ok()) return status;
  for (size_t family = 0; family < format::kFamilyCount; ++family) {
    for (const auto& [key, row] : derived.of(static_cast<format::Family>(family)))
      fmt::print("{} {} {}\n", family, Hex(key), Hex(row));
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace kintsugi

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const absl::Status status = kintsugi::PrintRows(argv[1], argv[2], argv[3]);
  if (status.ok()) return 0;
  fmt::print(stderr, "{}\n", std::string(status.message()));
  return 1;
}

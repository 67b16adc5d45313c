// What tests of the engine share: evidence in few words, and the state that it gives.

#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "catch.h"
#include "engine_fixture.h"

namespace kintsugi::testing {

// A shop with two sources of records, one without version times, and two of events.
inline constexpr const char* kShop = R"(
  namespaces { name: "customer_id" max_per_profile: 1 }
  namespaces { name: "email" normalize: EMAIL max_per_profile: 5 blocked: "noreply@example.com" }
  namespaces { name: "device" }
  sources { name: "crm" trust: 0.9 table { key: "id" updated_at: "at" identifiers { field: "c" namespace: "customer_id" } identifiers { field: "m" namespace: "email" } attributes { field: "first" name: "first_name" } } }
  sources { name: "list" table { key: "id" identifiers { field: "m" namespace: "email" } } }
  sources { name: "app" events { format: NATIVE } }
  sources { name: "till" events { format: NATIVE } }
  golden { attributes { name: "first_name" keep: MOST_RECENT } attributes { name: "colours" keep: MOST_FREQUENT } }
)";

inline Schema Shop() {
  return *Schema::Parse(kShop);
}

inline Time At(int day) {
  return std::chrono::sys_days(std::chrono::year(2026) / 1 / 1) + std::chrono::days(day);
}

inline Event Seen(const std::string& id, std::vector<Identifier> identifiers, int day,
                  std::vector<NamedValue> traits = {}) {
  return {.source = "app",
          .id = id,
          .time = At(day),
          .name = "View",
          .identifiers = std::move(identifiers),
          .traits = std::move(traits)};
}

inline Record Row(const std::string& key, std::vector<Identifier> identifiers, int day,
                  std::vector<NamedValue> attributes = {}) {
  return {.source = "crm",
          .key = key,
          .version = At(day),
          .identifiers = std::move(identifiers),
          .attributes = std::move(attributes)};
}

using Evidence = std::vector<std::variant<Event, Record>>;

// One call each, and each must be new: accepted, or an older version than the one that counts.
inline void Take(Database& database, const Evidence& evidence) {
  for (const auto& one : evidence) {
    const auto report = std::visit([&](const auto& e) { return database->Ingest(e); }, one);
    REQUIRE(report.ok());
    REQUIRE(report->accepted + report->superseded == 1);
  }
}

// Everything that readers see.
inline std::vector<std::string> StateOf(const Database& database) {
  std::vector<std::string> lines = database.Profiles();
  const std::vector<std::string> clusters = database.Clusters();
  lines.insert(lines.end(), clusters.begin(), clusters.end());
  return lines;
}

// The state of a database that has this evidence and never had another.
inline std::vector<std::string> StateOf(const Schema& schema, const Evidence& evidence) {
  Database database(schema);
  Take(database, evidence);
  return StateOf(database);
}

// What Verify finds: nothing, if all is well.
inline std::vector<std::string> Faults(const Database& database) {
  auto faults = database->Verify();
  return faults.ok() ? *std::move(faults) : std::vector<std::string>{std::string(faults.status().message())};
}
inline const std::vector<std::string> kNone;

inline ProfileId HolderOf(const Database& database, const Identifier& identifier) {
  const auto profile = database->Lookup(identifier);
  return profile.ok() ? profile->id() : ProfileId();
}

inline bool IsTogether(const Database& database, const Identifier& a, const Identifier& b) {
  return HolderOf(database, a) == HolderOf(database, b) && HolderOf(database, a) != ProfileId();
}

inline std::vector<QuarantinedRow> QuarantineOf(const Database& database) {
  std::vector<QuarantinedRow> rows;
  REQUIRE(database->ForEachQuarantined([&](const QuarantinedRow& row) { return rows.push_back(row), true; }).ok());
  return rows;
}

// The files below a directory: their names, sizes and contents.
inline std::map<std::string, std::string> FilesOf(const std::string& path) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    std::ostringstream content;
    if (entry.is_regular_file()) content << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    files[entry.path().string()] = content.str();
  }
  return files;
}

inline bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace kintsugi::testing

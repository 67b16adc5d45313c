// The worked cases of identity linking rules through the whole engine.

#include <simdjson.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "catch.h"
#include "data_dir.h"
#include "engine_fixture.h"
#include "kintsugi/value.h"

namespace kintsugi::testing {
namespace {

using simdjson::dom::element;
using Profiles = std::set<std::set<std::string>>;

struct Case {
  Schema schema;
  std::vector<Event> events;
  Profiles expected;
};

uint32_t LimitOf(const element& ns, const char* key) {
  uint64_t limit = 0;
  return ns[key].get(limit) == simdjson::SUCCESS ? static_cast<uint32_t>(limit) : 0;
}

Case ReadCase(const element& json) {
  Case out;
  if (std::string_view(json["on_conflict"]) == "KEEP_OLDEST") out.schema.identity.on_conflict = OnConflict::kKeepOldest;
  for (const element ns : json["namespaces"]) {
    out.schema.namespaces.push_back({.name = std::string(ns["name"].get_string().value()),
                                     .max_per_profile = LimitOf(ns, "max_per_profile"),
                                     .generic_above = LimitOf(ns, "generic_above")});
  }
  out.schema.sources.push_back({.name = "log"});
  for (const element event : json["events"]) {
    Event& read =
        out.events.emplace_back(Event{.source = "log", .time = *ParseTime(event["time"].get_string().value())});
    for (const auto [ns, value] : event["identifiers"].get_object()) {
      read.identifiers.push_back({std::string(ns), std::string(value.get_string().value())});
    }
  }
  for (const element profile : json["profiles"]) {
    std::set<std::string> names;
    for (const element name : profile) names.emplace(name.get_string().value());
    out.expected.insert(std::move(names));
  }
  return out;
}

// All orders of up to seven events, else 1,000 random ones, the same in every run.
std::vector<std::vector<size_t>> OrdersOf(size_t size) {
  std::vector<size_t> order(size);
  std::iota(order.begin(), order.end(), size_t{0});
  std::vector<std::vector<size_t>> orders;
  if (size <= 7) {
    do orders.push_back(order);
    while (std::next_permutation(order.begin(), order.end()));
    return orders;
  }
  std::mt19937_64 random(20260302);
  for (int i = 0; i < 1000; ++i) {
    std::shuffle(order.begin(), order.end(), random);
    orders.push_back(order);
  }
  return orders;
}

// All orders live in one database at once: each has identifiers of its own, made by a prefix that changes no order of
// bytes among them.
Event InWorld(Event event, size_t world) {
  for (Identifier& id : event.identifiers) id.value = std::to_string(world) + "/" + id.value;
  return event;
}

std::map<size_t, Profiles> Worlds(const Database& database) {
  std::map<std::string, std::set<std::string>> profiles;
  for (const std::string& line : database.Clusters()) profiles[line.substr(0, 32)].insert(line.substr(33));
  std::map<size_t, Profiles> worlds;
  for (const auto& [id, members] : profiles) {
    std::set<std::string> names;
    size_t world = 0;
    for (const std::string& member : members) {
      const size_t colon = member.find(':');
      const size_t slash = member.find('/');
      world = std::stoul(member.substr(colon + 1));
      names.insert(member.substr(0, colon + 1) + member.substr(slash + 1));
    }
    worlds[world].insert(std::move(names));
  }
  return worlds;
}

void CheckWorlds(const Database& database, size_t count, const Profiles& expected) {
  const auto worlds = Worlds(database);
  REQUIRE(worlds.size() == count);
  for (const auto& [world, profiles] : worlds) {
    if (profiles == expected) continue;
    INFO("order " << world);
    CHECK(profiles == expected);
  }
}

// Calls `check` with every case that needs no assertions.
template <typename Check>
void ForEachCase(Check check) {
  const auto file = DataFileOrSkip("cases/identity_cases.json");
  if (!file) return;
  simdjson::dom::parser parser;
  const element root = parser.load(file->string());
  size_t checked = 0;
  for (const element json : root["cases"]) {
    simdjson::dom::array assertions;
    if (json["same"].get(assertions) == simdjson::SUCCESS || json["never"].get(assertions) == simdjson::SUCCESS)
      continue;
    INFO("case: " << std::string(json["name"].get_string().value()));
    check(ReadCase(json));
    ++checked;
  }
  CHECK(checked >= 20);
}

}  // namespace

TEST_CASE("every worked case comes out the same streamed in every order, with a restart half way", "[data]") {
  ForEachCase([](const Case& one) {
    const auto orders = OrdersOf(one.events.size());
    Database database(one.schema);
    for (size_t step = 0; step < one.events.size(); ++step) {
      if (step == one.events.size() / 2) database.Reopen();
      for (size_t world = 0; world < orders.size(); ++world) {
        REQUIRE(database->Ingest(InWorld(one.events[orders[world][step]], world)).ok());
      }
    }
    CheckWorlds(database, orders.size(), one.expected);
  });
}

TEST_CASE("every worked case comes out the same in one batch, in every order", "[data]") {
  ForEachCase([](const Case& one) {
    const auto orders = OrdersOf(one.events.size());
    std::vector<Event> batch;
    for (size_t world = 0; world < orders.size(); ++world) {
      for (size_t i : orders[world]) batch.push_back(InWorld(one.events[i], world));
    }
    Database database(one.schema);
    REQUIRE(database->Ingest(std::span<const Event>(batch)).ok());
    CheckWorlds(database, orders.size(), one.expected);
  });
}

}  // namespace kintsugi::testing

// The worked cases of identity linking rules through the whole engine.

#include <simdjson.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <variant>

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
  std::vector<std::variant<Event, Assertion>> items;
  Profiles expected;
};

uint32_t LimitOf(const element& ns, const char* key) {
  uint64_t limit = 0;
  return ns[key].get(limit) == simdjson::SUCCESS ? static_cast<uint32_t>(limit) : 0;
}

void ReadAssertions(const element& json, const char* key, Assertion::Kind kind, Case& out) {
  simdjson::dom::array pairs;
  if (json[key].get(pairs) != simdjson::SUCCESS) return;
  for (const element pair : pairs) {
    out.items.push_back(Assertion{.id = key + std::to_string(out.items.size()),
                                  .kind = kind,
                                  .a = *Identifier::Parse(pair.at(0).get_string().value()),
                                  .b = *Identifier::Parse(pair.at(1).get_string().value()),
                                  .by = "steward",
                                  .because = "the case says so"});
  }
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
    Event read{.source = "log", .time = *ParseTime(event["time"].get_string().value())};
    for (const auto [ns, value] : event["identifiers"].get_object()) {
      read.identifiers.push_back({std::string(ns), std::string(value.get_string().value())});
    }
    out.items.push_back(std::move(read));
  }
  ReadAssertions(json, "same", Assertion::Kind::kSame, out);
  ReadAssertions(json, "never", Assertion::Kind::kNever, out);
  for (const element profile : json["profiles"]) {
    std::set<std::string> names;
    for (const element name : profile) names.emplace(name.get_string().value());
    out.expected.insert(std::move(names));
  }
  return out;
}

// All orders of up to seven items, else 1,000 random ones, the same in every run.
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
Assertion InWorld(Assertion assertion, size_t world) {
  assertion.id = std::to_string(world) + "/" + assertion.id;
  for (Identifier* id : {&assertion.a, &assertion.b}) id->value = std::to_string(world) + "/" + id->value;
  return assertion;
}

absl::Status Take(Database& database, const std::variant<Event, Assertion>& item, size_t world) {
  if (const auto* event = std::get_if<Event>(&item)) return database->Ingest(InWorld(*event, world)).status();
  return database->Assert(InWorld(std::get<Assertion>(item), world)).status();
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

template <typename Check>
void ForEachCase(Check check) {
  const auto file = DataFileOrSkip("cases/identity_cases.json");
  if (!file) return;
  simdjson::dom::parser parser;
  const element root = parser.load(file->string());
  size_t checked = 0;
  for (const element json : root["cases"]) {
    INFO("case: " << std::string(json["name"].get_string().value()));
    check(ReadCase(json));
    ++checked;
  }
  CHECK(checked == 27);
}

}  // namespace

TEST_CASE("every worked case comes out the same streamed in every order, with a restart half way", "[data]") {
  ForEachCase([](const Case& one) {
    const auto orders = OrdersOf(one.items.size());
    Database database(one.schema);
    for (size_t step = 0; step < one.items.size(); ++step) {
      if (step == one.items.size() / 2) database.Reopen();
      for (size_t world = 0; world < orders.size(); ++world) {
        REQUIRE(Take(database, one.items[orders[world][step]], world).ok());
      }
    }
    CheckWorlds(database, orders.size(), one.expected);
  });
}

// Assertions that come before an order's first event come before the batch, the others after it.
TEST_CASE("every worked case comes out the same in one batch, in every order", "[data]") {
  ForEachCase([](const Case& one) {
    const auto orders = OrdersOf(one.items.size());
    Database database(one.schema);
    std::vector<Event> batch;
    std::vector<Assertion> after;
    for (size_t world = 0; world < orders.size(); ++world) {
      bool has_event = false;
      for (size_t i : orders[world]) {
        if (const auto* event = std::get_if<Event>(&one.items[i])) {
          batch.push_back(InWorld(*event, world));
          has_event = true;
        } else if (has_event) {
          after.push_back(InWorld(std::get<Assertion>(one.items[i]), world));
        } else {
          REQUIRE(Take(database, one.items[i], world).ok());
        }
      }
    }
    REQUIRE(database->Ingest(std::span<const Event>(batch)).ok());
    for (const Assertion& assertion : after) REQUIRE(database->Assert(assertion).ok());
    CheckWorlds(database, orders.size(), one.expected);
  });
}

}  // namespace kintsugi::testing

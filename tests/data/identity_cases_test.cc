// The worked cases of identity linking rules, straight through Resolve().

#include <simdjson.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <random>
#include <set>

#include "catch.h"
#include "data_dir.h"
#include "identity/resolve.h"
#include "kintsugi/value.h"

namespace kintsugi::identity {
namespace {

using simdjson::dom::element;
using Profiles = std::set<std::set<std::string>>;

// One case. The helpers throw where the file is not what its first line says, and the test fails.
class Case {
 public:
  explicit Case(const element& json) {
    rules_.keep_oldest = std::string_view(json["on_conflict"]) == "KEEP_OLDEST";
    for (const element ns : json["namespaces"]) {
      namespaces_.emplace_back(ns["name"].get_string().value());
      rules_.namespaces.push_back({LimitOf(ns, "max_per_profile"), LimitOf(ns, "generic_above")});
    }
    ReadEvents(json["events"]);
    ReadAssertions(json, "same", Assertion::Kind::kSame);
    ReadAssertions(json, "never", Assertion::Kind::kNever);
    for (const element profile : json["profiles"]) {
      std::set<std::string> names;
      for (const element name : profile) names.emplace(name.get_string().value());
      expected_.insert(std::move(names));
    }
  }

  const Profiles& expected() const { return expected_; }
  size_t size() const { return component_.associations.size(); }

  // With the events in this order.
  Profiles Resolve(const std::vector<size_t>& order) const {
    Component component = component_;
    for (size_t i = 0; i < order.size(); ++i) component.associations[i] = component_.associations[order[i]];
    const Resolution resolution = identity::Resolve(rules_, component);
    std::vector<std::set<std::string>> profiles(resolution.profile_count);
    for (size_t i = 0; i < component.identifiers.size(); ++i) {
      const Node& node = component.identifiers[i];
      profiles.at(resolution.profile_of[i]).insert(namespaces_[node.ns] + ":" + node.value);
    }
    return {profiles.begin(), profiles.end()};
  }

 private:
  static uint32_t LimitOf(const element& ns, const char* key) {
    uint64_t limit = 0;
    return ns[key].get(limit) == simdjson::SUCCESS ? static_cast<uint32_t>(limit) : 0;
  }

  Node NodeOf(std::string_view ns, std::string_view value) const {
    const auto at = std::find(namespaces_.begin(), namespaces_.end(), ns);
    REQUIRE(at != namespaces_.end());
    return {static_cast<NamespaceIndex>(at - namespaces_.begin()), std::string(value)};
  }

  // "ns:value", of an identifier that an event has.
  uint32_t IndexOf(std::string_view name) const {
    const size_t colon = name.find(':');
    return IndexOf(NodeOf(name.substr(0, colon), name.substr(colon + 1)));
  }

  uint32_t IndexOf(const Node& node) const {
    const auto at = std::lower_bound(component_.identifiers.begin(), component_.identifiers.end(), node);
    REQUIRE(at != component_.identifiers.end());
    REQUIRE(*at == node);
    return static_cast<uint32_t>(at - component_.identifiers.begin());
  }

  void ReadEvents(const simdjson::simdjson_result<element>& events) {
    std::vector<std::pair<Time, std::set<Node>>> read;
    std::set<Node> nodes;
    for (const element event : events) {
      const auto time = ParseTime(event["time"].get_string().value());
      REQUIRE(time);
      std::set<Node> members;
      for (const auto [ns, value] : event["identifiers"].get_object())
        members.insert(NodeOf(ns, value.get_string().value()));
      nodes.insert(members.begin(), members.end());
      read.emplace_back(*time, std::move(members));
    }
    component_.identifiers = {nodes.begin(), nodes.end()};
    for (const auto& [time, members] : read) {
      SeenTogether& seen = component_.associations.emplace_back(SeenTogether{.first_seen = time, .last_seen = time});
      for (const Node& node : members) seen.members.push_back(IndexOf(node));
    }
  }

  void ReadAssertions(const element& json, const char* key, Assertion::Kind kind) {
    simdjson::dom::array pairs;
    if (json[key].get(pairs) != simdjson::SUCCESS) return;
    for (const element pair : pairs) {
      const std::string_view a = pair.at(0);
      const std::string_view b = pair.at(1);
      component_.assertions.push_back({kind, IndexOf(a), IndexOf(b)});
    }
  }

  Rules rules_;
  std::vector<std::string> namespaces_;
  Component component_;
  Profiles expected_;
};

// Every order of up to six events, else 200 of them, the same in every run.
std::vector<std::vector<size_t>> OrdersOf(size_t size) {
  std::vector<size_t> order(size);
  std::iota(order.begin(), order.end(), size_t{0});
  std::vector<std::vector<size_t>> orders;
  if (size <= 6) {
    do orders.push_back(order);
    while (std::next_permutation(order.begin(), order.end()));
    return orders;
  }
  std::mt19937_64 random(20260301);
  for (int i = 0; i < 200; ++i) {
    std::shuffle(order.begin(), order.end(), random);
    orders.push_back(order);
  }
  return orders;
}

// The published outcome, whatever the order of the events.
TEST_CASE("Resolution gives every worked case's profiles in every order", "[identity][data]") {
  const auto file = DataFileOrSkip("cases/identity_cases.json");
  if (!file) return;
  simdjson::dom::parser parser;
  const element root = parser.load(file->string());
  int cases = 0;
  for (const element json : root["cases"]) {
    INFO(std::string_view(json["name"]));
    const Case worked(json);
    for (const std::vector<size_t>& order : OrdersOf(worked.size())) {
      if (worked.Resolve(order) == worked.expected()) continue;
      INFO("order of the events: " << Catch::StringMaker<std::vector<size_t>>::convert(order));
      CHECK(worked.Resolve(order) == worked.expected());
      break;
    }
    ++cases;
  }
  CHECK(cases == 27);
}

}  // namespace
}  // namespace kintsugi::identity

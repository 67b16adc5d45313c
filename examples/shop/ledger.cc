#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "channels.h"

namespace shop {
namespace {

std::string Identifier(std::string_view ns, std::string_view value) {
  return fmt::format("{}:{}", ns, value);
}

}  // namespace

void Ledger::Add(Channel channel, Seconds arrival, std::string text) {
  rows_[static_cast<size_t>(channel)].push_back({arrival, std::move(text)});
}

void Ledger::Use(std::string_view ns, std::string_view value, const Person& person, Seconds time) {
  const auto [at, fresh] = uses_.try_emplace(Identifier(ns, value), LastUse{time, person.number});
  LastUse& last = at->second;
  // Two people in one second: the smaller number, so that the order of the calls does not matter.
  if (!fresh && std::pair(-last.time, last.person) > std::pair(-time, person.number)) last = {time, person.number};
}

void Ledger::UseByAll(std::string_view ns, std::string_view value, std::string_view entity) {
  shared_.insert_or_assign(Identifier(ns, value), std::string(entity));
}

std::vector<Ledger::Row> Ledger::Rows(Channel channel) const {
  std::vector<Row> rows = rows_[static_cast<size_t>(channel)];
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.arrival < b.arrival; });
  return rows;
}

std::map<std::string, std::string> Ledger::Truth() const {
  std::map<std::string, std::string> truth = shared_;
  for (const auto& [identifier, last] : uses_) truth.try_emplace(identifier, fmt::format("person-{:06}", last.person));
  return truth;
}

}  // namespace shop

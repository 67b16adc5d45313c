#include "living/retention.h"

#include <chrono>

namespace kintsugi::living {

RetentionRules::RetentionRules(const Schema& schema) {
  for (const Retention& rule : schema.retention) {
    if (rule.name.empty())
      others_ = rule.days;
    else
      days_[rule.name] = rule.days;
  }
}

// The first midnight that is more than so many days after it.
std::optional<Time> RetentionRules::EndOf(std::string_view name, Time time) const {
  const auto own = days_.find(name);
  const std::optional<uint32_t> days = own != days_.end() ? own->second : others_;
  if (!days) return std::nullopt;
  return std::chrono::floor<std::chrono::days>(time) + std::chrono::days(uint64_t{*days} + 1);
}

}  // namespace kintsugi::living

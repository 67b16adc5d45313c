// How long events are items.

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "kintsugi/schema.h"

namespace kintsugi::living {

// Immutable and safe from many threads. Records have no retention.
class RetentionRules {
 public:
  explicit RetentionRules(const Schema& schema);

  // No event of any name is ever too old.
  bool empty() const { return days_.empty() && !others_; }
  // When an event of that name and time is no item any more; nothing: never.
  std::optional<Time> EndOf(std::string_view name, Time time) const;

 private:
  std::map<std::string, uint32_t, std::less<>> days_;
  std::optional<uint32_t> others_;
};

}  // namespace kintsugi::living

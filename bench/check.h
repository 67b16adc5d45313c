// Failing loudly: a measurement whose set-up failed has nothing to say.

#pragma once

#include <errno.h>
#include <fmt/format.h>

#include <cstdlib>
#include <string_view>
#include <utility>

#include "absl/status/status.h"

namespace kintsugi::bench {

inline void Check(bool ok, std::string_view what) {
  if (ok) return;
  fmt::print(stderr, "{}: {}\n", program_invocation_short_name, what);
  std::exit(1);
}
inline void Check(const absl::Status& status) {
  Check(status.ok(), status.ToString());
}

template <typename StatusOr>
auto ValueOf(StatusOr result) {
  Check(result.status());
  return *std::move(result);
}

}  // namespace kintsugi::bench

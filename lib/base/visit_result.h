// VisitResult is what a visitor says after each thing that it is shown.

#pragma once

#include <concepts>
#include <utility>

#include "absl/status/status.h"

namespace kintsugi {

// true, or an OK status: go on.  false: that was enough, and nothing is wrong.  Another status: that is wrong.
class VisitResult {
 public:
  VisitResult(std::same_as<bool> auto goes_on) : goes_on_(goes_on) {}
  VisitResult(absl::Status status) : status_(std::move(status)), goes_on_(status_.ok()) {}

  bool goes_on() const { return goes_on_; }
  // OK unless something is wrong.
  const absl::Status& status() const { return status_; }

 private:
  absl::Status status_;
  bool goes_on_;
};

}  // namespace kintsugi

// What became of profiles, as Engine::ForEachChange says.

#pragma once

#include <functional>

#include "absl/status/status.h"
#include "kintsugi/history.h"
#include "read/reader.h"

namespace kintsugi::read {

absl::Status ForEachChange(const Reader& profiles, const ProfileId& id,
                           const std::function<bool(const Change&)>& visit);
absl::Status ForEachChange(const Reader& profiles, const IdentifierView& identifier,
                           const std::function<bool(const Change&)>& visit);

}  // namespace kintsugi::read

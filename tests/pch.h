// What nearly every test includes; compiled once.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "catch.h"
#include "kintsugi/engine.h"

// The profiles that are stored, compared with a truth, as Engine::Evaluate says.

#pragma once

#include <span>

#include "absl/status/statusor.h"
#include "kintsugi/evaluate.h"
#include "read/reader.h"

namespace kintsugi::read {

absl::StatusOr<Evaluation> EvaluateTruth(const Reader& reader, std::span<const TruthRow> truth);

}  // namespace kintsugi::read

// The rows of history.

#pragma once

#include <cstdint>
#include <functional>

#include "engine/context.h"
#include "engine/graph.h"
#include "storage/stored.pb.h"

namespace kintsugi::engine {

// Writes what became of profiles as rows of `changes`, numbered from `last` on; returns the last number now.
// `cause_of` translates the causes of a regrouping.
uint64_t WriteChanges(const Context& context, const Outcome& outcome, Time now, uint64_t last,
                      const std::function<stored::Change::Cause(uint32_t cause)>& cause_of, RowSink& sink);

}  // namespace kintsugi::engine

// The rows of history.

#pragma once

#include <cstdint>
#include <functional>

#include "format/stored.pb.h"
#include "graph/graph.h"
#include "ingest/context.h"

namespace kintsugi::write {

// Writes what became of profiles as rows of `changes`, numbered from `last` on; returns the last number now.
// `cause_of` translates the causes of a regrouping.
uint64_t WriteChanges(const ingest::Context& context, const graph::Outcome& outcome, Time now, uint64_t last,
                      const std::function<stored::Change::Cause(uint32_t cause)>& cause_of, graph::RowSink& sink);

}  // namespace kintsugi::write

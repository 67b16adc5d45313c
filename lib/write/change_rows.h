// History as rows.

#pragma once

#include <cstdint>
#include <functional>

#include "format/stored.pb.h"
#include "graph/regroupings.h"
#include "ingest/context.h"
#include "kintsugi/value.h"

namespace kintsugi::write {

// Notes what became of profiles that were stored. Not thread-safe.
class ChangeRows : public graph::DeltaListener {
 public:
  explicit ChangeRows(const ingest::Context& context) : context_(context) {}

  absl::Status OnComponent(const graph::ComponentDelta& delta, graph::RowSink& sink) override;

  // Writes it as rows of `changes`, numbered from `last` on; returns the last number now. `cause_of` tells what a cause
  // of a regrouping was.
  using CauseOf = std::function<stored::Change::Cause(uint32_t cause)>;
  uint64_t Finish(Time now, uint64_t last, const CauseOf& cause_of, graph::RowSink& sink);

  // The same of regroupings that no graph told.
  static uint64_t Write(const ingest::Context& context, graph::Regroupings regroupings, Time now, uint64_t last,
                        const CauseOf& cause_of, graph::RowSink& sink);

 private:
  const ingest::Context& context_;
  graph::Regroupings regroupings_;
};

}  // namespace kintsugi::write

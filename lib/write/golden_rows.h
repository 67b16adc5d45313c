// Golden records as rows.

#pragma once

#include "graph/component_delta.h"

namespace kintsugi::write {

// Writes the golden record of every profile whose evidence changed. Not thread-safe.
class GoldenRows : public graph::DeltaListener {
 public:
  void OnComponent(const graph::ComponentDelta& delta, graph::RowSink& sink) override;
};

}  // namespace kintsugi::write

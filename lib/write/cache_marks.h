// What a group of writes makes of answers in memory.

#pragma once

#include <string>
#include <vector>

#include "format/keys.h"
#include "graph/component_delta.h"
#include "read/profile_cache.h"

namespace kintsugi::write {

// Notes which identifiers and profiles have other rows than before, so that nobody is answered from memory, or keeps an
// answer there, while they are written. Not thread-safe.
class CacheMarks : public graph::DeltaListener {
 public:
  void OnComponent(const graph::ComponentDelta& delta, graph::RowSink& sink) override;

  const std::vector<std::string>& identifiers() const { return identifiers_; }
  const std::vector<ProfileId>& profiles() const { return profiles_; }

  // Before the rows are written.
  void Mark(read::ProfileCache::Write& write) const;

 private:
  std::vector<std::string> identifiers_;  // their keys
  std::vector<ProfileId> profiles_;
};

}  // namespace kintsugi::write

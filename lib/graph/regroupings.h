// What became of profiles that were stored, for history.

#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "graph/component_delta.h"
#include "identity/node.h"
#include "kintsugi/ids.h"

namespace kintsugi::graph {

// Profiles that were stored before, and what they became, if that is not one from one.
struct Regrouping {
  struct Moved {
    identity::Node node;
    ProfileId from;
    ProfileId to;
  };
  std::vector<ProfileId> before;  // sorted, as all of these
  std::vector<ProfileId> after;
  std::vector<Moved> moved;
  std::vector<uint32_t> causes;  // the first few
  uint64_t more_causes = 0;
};

struct Regroupings {
  std::vector<Regrouping> groups;
  std::vector<std::pair<ProfileId, ProfileId>> renamed;  // one from one that has another anchor now: from, to
};

// Adds those of one component, in order of their first profile. Costs nothing where nobody was stored.
void TellRegroupings(const ComponentDelta& delta, Regroupings& out);

}  // namespace kintsugi::graph

#include "golden/observation.h"

#include <algorithm>

namespace kintsugi::golden {

void Add(std::vector<Observation>& observations, const Observation& observation) {
  const auto at = std::lower_bound(observations.begin(), observations.end(), observation, InOrder);
  if (at == observations.end() || InOrder(observation, *at)) {
    observations.insert(at, observation);
    return;
  }
  at->first_observed = std::min(at->first_observed, observation.first_observed);
  at->last_observed = std::max(at->last_observed, observation.last_observed);
  at->count += observation.count;
}

}  // namespace kintsugi::golden

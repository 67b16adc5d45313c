#include "golden/observation.h"

#include <algorithm>

namespace kintsugi::golden {

void MergeTimes(Observation& into, const Observation& other) {
  into.first_observed = std::min(into.first_observed, other.first_observed);
  into.last_observed = std::max(into.last_observed, other.last_observed);
  into.count += other.count;
}

void AddObservation(std::vector<Observation>& observations, const Observation& observation) {
  const auto at = std::lower_bound(observations.begin(), observations.end(), observation, InOrder);
  if (at == observations.end() || InOrder(observation, *at)) {
    observations.insert(at, observation);
    return;
  }
  MergeTimes(*at, observation);
}

}  // namespace kintsugi::golden

// Pairs goes through the pairs inside the associations of a component.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "identity/resolve.h"

namespace kintsugi::identity {

// One weaker end at a time: a pair may occur in very many associations (of 2,000 that share 255 identifiers, 65 million
// pairs are half a million links), so all pairs should never be listed. Memory is that of the associations once more.
// The component outlives it and does not change.
class Pairs {
 public:
  explicit Pairs(const Component& component) : component_(component), begin_of_(component.identifiers.size() + 2, 0) {
    for (const SeenTogether& seen : component.associations) {
      for (size_t i = 1; i < seen.members.size(); ++i) ++begin_of_[seen.members[i] + 2];
    }
    for (size_t i = 2; i < begin_of_.size(); ++i) begin_of_[i] += begin_of_[i - 1];
    held_by_.resize(begin_of_.back());
    // One place on there stands where an identifier's holders begin; when all are in, it is where they end.
    for (uint32_t a = 0; a < component.associations.size(); ++a) {
      const std::vector<uint32_t>& members = component.associations[a].members;
      for (uint32_t i = 1; i < members.size(); ++i) held_by_[begin_of_[members[i] + 1]++] = {a, i};
    }
  }

  // About as many as there are different pairs, or fewer.
  size_t size_hint() const { return held_by_.size(); }

  // Calls `visit(association, stronger)` for every association that holds `weaker` after others, in their order, with
  // its number and all those others. Costs the sizes of these associations, up to its own place in them.
  template <typename Visit>
  void ForEachOf(uint32_t weaker, const Visit& visit) const {
    for (size_t at = begin_of_[weaker]; at < begin_of_[weaker + 1]; ++at) {
      const auto [association, place] = held_by_[at];
      visit(association, std::span(component_.associations[association].members).first(place));
    }
  }

 private:
  // Where an association holds an identifier, after others.
  struct Holder {
    uint32_t association;
    uint32_t place;
  };

  const Component& component_;
  std::vector<size_t> begin_of_;  // by identifier: where its holders begin
  std::vector<Holder> held_by_;
};

}  // namespace kintsugi::identity

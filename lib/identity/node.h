// Node is an identifier inside the engine: the namespace as a number, so that comparing is cheap.

#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <utility>

#include "base/table_hash.h"

namespace kintsugi::identity {

// A namespace's position in the schema: 0 is the strongest. The sources follow the declared namespaces, in
// their order: they are the implicit namespaces of records, weaker than every declared one.
using NamespaceIndex = uint16_t;

struct Node {
  NamespaceIndex ns = 0;
  std::string value;  // normalised

  // Stronger first, then by bytes: the order in which every tie ends.
  friend auto operator<=>(const Node&, const Node&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const Node& node) {
    return H::combine(std::move(h), TableHash().Add(node.ns).Add(node.value).Finish());
  }
};

}  // namespace kintsugi::identity

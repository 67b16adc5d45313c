// Explanations of a resolved component. Pure.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "identity/resolve.h"
#include "kintsugi/explain.h"

namespace kintsugi::read {

// A part of the graph with its resolution, ready to be explained. Indices are those of `component`.
struct Explainable {
  // Complete: with every link of the identifiers asked about, also inactive ones, whose other ends may lie in profiles
  // that are not loaded otherwise.
  identity::Component component;
  // Refused links and generic identifiers are those of the whole component; profile_of may number profiles that are
  // only partly here.
  identity::Resolution resolution;
  identity::Rules rules;

  std::vector<Identifier> names;             // by identifier
  std::vector<ProfileId> profiles;           // by identifier: the id of the profile that holds it
  std::vector<Time> first_seen;              // by identifier
  std::vector<std::vector<SeenBy>> seen_by;  // by association
  struct Decision {
    std::string id;
    std::string by;
    std::string because;
  };
  std::vector<Decision> decisions;      // by assertion
  std::vector<std::string> namespaces;  // names, by NamespaceIndex
};

// Why `a` and `b` are in one profile or not. O(L log L) for L links, and a look through the identifiers and assertions
// for every link of the path that is not accepted.
Why ExplainWhy(const Explainable& part, uint32_t a, uint32_t b);

// How the profile that holds `a` came together. All of its identifiers must be here.
How ExplainHow(const Explainable& part, uint32_t a);

}  // namespace kintsugi::read

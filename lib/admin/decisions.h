// All assertions of a moment, by the identifiers that they are about.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "base/time.h"
#include "format/stored.pb.h"
#include "graph/evidence_source.h"
#include "identity/node.h"
#include "identity/resolve.h"
#include "ingest/context.h"

namespace kintsugi::admin {

// Decisions holds the retracted assertions, too, which no index leads to. So making it costs a look at each assertion
// of the database: a few million a second. Immutable and safe from many threads.
class Decisions {
 public:
  struct Decision {
    std::string id;
    stored::Assertion row;
    identity::Assertion::Kind kind = identity::Assertion::Kind::kSame;
    identity::Node a;
    identity::Node b;

    // Whether it stands at any time from `earliest` to `latest`.
    bool Stands(Time earliest, Time latest) const;
  };

  // One that the schema has no place for is left out. kDataLoss for damaged rows.
  static absl::StatusOr<Decisions> Read(const ingest::Context& context, const graph::EvidenceSource& rows);

  const std::vector<Decision>& all() const { return all_; }
  // Indices of those that are about it; null if there are none.
  const std::vector<uint32_t>* About(const identity::Node& node) const;

 private:
  std::vector<Decision> all_;  // by id
  absl::flat_hash_map<identity::Node, std::vector<uint32_t>> about_;
};

}  // namespace kintsugi::admin

// Traits from stored items.

#pragma once

#include <span>
#include <vector>

#include "base/time.h"
#include "graph/evidence_source.h"
#include "graph/trait_source.h"
#include "ingest/context.h"
#include "ingest/prepare.h"
#include "living/rules.h"

namespace kintsugi::write {

// Reads all items of a profile's identifiers, and computes its traits as of `now`: for who recomputes everything. Not
// thread-safe. The references outlive it. Cost: that of the items.
class TraitReader : public graph::TraitSource {
 public:
  TraitReader(const ingest::Context& context, const living::Rules& rules, const graph::EvidenceSource& rows, Time now)
      : rules_(rules), rows_(rows), preparer_(context), moment_(rules.traits.At(now)) {}

  absl::StatusOr<golden::StoredTraits> TraitsOf(std::span<const format::NodeKey> identifiers,
                                                const golden::RecordView* before) override;

 private:
  absl::StatusOr<std::vector<living::Item>> ItemsOf(const format::NodeKey& identifier) const;

  const living::Rules& rules_;
  const graph::EvidenceSource& rows_;
  const ingest::Preparer preparer_;
  const living::TraitRules::Moment moment_;
};

// Traits as a golden record keeps them. `shares_values`: whether identifiers of the profile have items with one value
// of `once_per`.
golden::StoredTraits ToStored(const living::TraitValues& traits, bool shares_values);

}  // namespace kintsugi::write

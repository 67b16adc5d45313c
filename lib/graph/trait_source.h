// Where a golden record's traits come from.

#pragma once

#include <span>

#include "absl/status/statusor.h"
#include "format/keys.h"
#include "golden/record_codec.h"

namespace kintsugi::graph {

// TraitSource knows the items of identifiers, and what they say. Errors are the implementation's.
class TraitSource {
 public:
  virtual ~TraitSource() = default;

  // The traits of a profile that has these identifiers. `before`: its stored record, if it has all that were there and
  // nobody else joined but who is new; may be null.
  virtual absl::StatusOr<golden::StoredTraits> TraitsOf(std::span<const format::NodeKey> identifiers,
                                                        const golden::RecordView* before) = 0;
};

}  // namespace kintsugi::graph

// Assertions, as they are given and as they are stored, made ready to be applied.

#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "format/stored.pb.h"
#include "identity/node.h"
#include "identity/resolve.h"
#include "ingest/context.h"
#include "ingest/prepare.h"
#include "kintsugi/assertion.h"

namespace kintsugi::ingest {

// An assertion, ready to be applied.
struct PreparedAssertion {
  std::string id;
  identity::Assertion::Kind kind = identity::Assertion::Kind::kSame;
  identity::Node a;
  identity::Node b;
  std::string row;  // stored.Assertion
};

struct PreparedRetraction {
  std::string id;
  stored::Assertion::Retraction row;
};

// kInvalidArgument if an identifier cannot be one or the two are the same, or nobody says why.
absl::StatusOr<PreparedAssertion> PrepareAssertion(const Context& context, const Assertion& assertion);
// As it was normalised when it was made, which nobody needs to read again to take it back; or anew, as
// PrepareAssertion.
absl::StatusOr<PreparedAssertion> PrepareStoredAssertion(const Context& context, std::string id,
                                                         const stored::Assertion& row, Preparer::Derive derive);

// False if a namespace is not declared any more.
bool ToAssertion(const Context& context, std::string id, const stored::Assertion& row, KeptAssertion& out);

// What an assertion's own id is made from.
std::string BytesOf(const stored::Assertion& row);

}  // namespace kintsugi::ingest

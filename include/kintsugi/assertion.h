// Assertions: what people decided about two identifiers.

#pragma once

#include <optional>
#include <string>

#include "kintsugi/ids.h"
#include "kintsugi/value.h"

namespace kintsugi {

// A person's decision that two identifiers are the same person, or never are. Assertions are evidence: the order in
// which they arrive does not matter, they stay through replays and rebuilds, and no event or record overrules them.
// Limits still hold for a `same`, and a `never` wins over it. They count as soon as both identifiers are in the
// evidence, and wait until then.
struct Assertion {
  enum class Kind { kSame, kNever };

  std::string id;  // unique; empty: derived from everything below, so the same decision twice is one
  Kind kind = Kind::kSame;
  Identifier a;  // raw; a record may be named by its source and key
  Identifier b;
  std::string by;            // who decided; not empty
  std::string because;       // and why; not empty
  std::optional<Time> time;  // when
};

// Takes an assertion back, for good: to decide the same again is a new assertion, with a time of its own.
struct Retraction {
  std::string id;  // of the assertion
  std::string by;  // who, and why; may be empty
  std::string because;
  std::optional<Time> time;
};

// An assertion as the database keeps it. `a` and `b` are as they came.
struct KeptAssertion {
  Assertion assertion;
  bool retracted = false;
  Retraction retraction;  // if it was
};

}  // namespace kintsugi

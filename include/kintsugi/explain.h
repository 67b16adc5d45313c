// Explanations: why two identifiers are one profile or not, and how a profile came together.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kintsugi/export.h"
#include "kintsugi/ids.h"
#include "kintsugi/value.h"

namespace kintsugi {

// What one source says of a pair: when it saw the two together, and how often.
struct SeenBy {
  std::string source;
  std::optional<Time> first_seen;
  std::optional<Time> last_seen;
  uint64_t count = 0;
};

// A link, what speaks for it, and what became of it.
struct Link {
  enum class Kind { kSeenTogether, kSame };
  enum class Outcome {
    kAccepted,        // both ends are in one profile
    kMaxPerProfile,   // refused: too many of a namespace
    kMaxIdentifiers,  // refused: too many identifiers
    kNever,           // refused: an assertion
    kGeneric,         // inactive: its weaker end is a generic identifier
  };

  Identifier stronger;
  Identifier weaker;
  Kind kind = Kind::kSeenTogether;
  std::vector<SeenBy> seen_by;  // in schema order; empty for a `same`
  std::string assertion;        // the id of the `same`; else of the `never` that keeps the ends apart; else empty
  std::string by;               // who asserted it
  std::string because;          // and why
  Outcome outcome = Outcome::kAccepted;
  std::string reason;  // a sentence: which rule accepted it, or what keeps the ends apart
};

// Why two identifiers are one profile, or are not.
struct KINTSUGI_EXPORT Why {
  Identifier a;
  Identifier b;
  ProfileId profile_a;
  ProfileId profile_b;
  bool together = false;  // profile_a == profile_b
  // From a to b. Together: the path of fewest accepted links; of several, the one with the strongest namespaces (the
  // least sum of their positions in the schema), then the newest (the one whose oldest link was seen last; a `same` and
  // links without times are older than all others), then by bytes. Apart: the path with the fewest links that are not
  // accepted, then the same. From b to a it is the same path. Empty if no evidence connects the two, or if they are
  // equal.
  std::vector<Link> path;
  std::string verdict;  // one sentence

  // One line of JSON, as `kintsugi why --json` prints it (docs/cli.md).
  std::string ToJson() const;
};

// How a profile came together: the evidence that joined its identifiers, oldest first.
struct KINTSUGI_EXPORT How {
  struct Step {
    std::optional<Time> time;  // when the link was first seen; nothing for a `same` and for records without times
    Link link;
    std::vector<Identifier> joined;  // what came to the group that was seen first; strongest first
    uint64_t size = 0;               // of the group after the step
  };

  ProfileId profile;
  Identifier anchor;  // the identifier that was seen first, which gives the profile its id
  std::optional<Time> anchor_seen;
  std::vector<Step> steps;  // one less than the profile has identifiers

  std::string ToJson() const;
};

}  // namespace kintsugi

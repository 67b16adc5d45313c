// History: what became of profiles, and what caused it.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kintsugi/export.h"
#include "kintsugi/ids.h"
#include "kintsugi/value.h"

namespace kintsugi {

// The piece of evidence, or the decision, that brought a change about.
struct Cause {
  enum class Kind {
    kEvent,
    kRecord,
    kWithdrawnEvent,
    kWithdrawnRecord,
    kWithdrawnSource,
    kSame,
    kNever,
    kRetraction,
    kSchema
  };
  Kind kind = Kind::kEvent;
  std::string source;  // of an event or record
  std::string id;      // message id, record key or assertion id
};

// "EVENT", "WITHDRAWN_RECORD", ...
KINTSUGI_EXPORT std::string_view ToString(Cause::Kind kind);

// One merge, one split, or identifiers that moved from one profile to another: profiles that were stored before a
// group of evidence was applied, and what they became. History is about what happened, so unlike everything else it
// depends on the order and the batches in which evidence arrived.
struct KINTSUGI_EXPORT Change {
  enum class Kind { kMerge, kSplit, kMove };
  struct Moved {
    Identifier identifier;
    ProfileId from;
    ProfileId to;
  };

  uint64_t sequence = 0;            // counts the changes of the database, from 1
  std::optional<Time> recorded_at;  // by Options::clock
  Kind kind = Kind::kMerge;
  std::vector<ProfileId> before;  // sorted
  std::vector<ProfileId> after;   // sorted
  std::vector<Moved> moved;       // identifiers whose profile has another id now; sorted
  std::vector<Cause> causes;      // the first three that touched these profiles, in the order of the group
  uint64_t more_causes = 0;       // how many others did

  // One line of JSON, as `kintsugi history` prints it (docs/cli.md).
  std::string ToJson() const;
};

}  // namespace kintsugi

// Resolution: from the evidence of one component to its profiles. Pure: no clock, no I/O, and the same
// evidence in any order gives the same profiles.

#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "identity/node.h"
#include "kintsugi/value.h"

namespace kintsugi::identity {

// What resolution needs of the schema.
struct Rules {
  struct PerNamespace {
    uint32_t max_per_profile = 0;  // 0: no limit
    uint32_t generic_above = 0;    // 0: never generic
  };
  std::vector<PerNamespace> namespaces;  // by NamespaceIndex, the implicit ones included
  uint32_t max_identifiers = 0;          // of a profile; 0: no limit
  bool keep_oldest = false;              // on conflict; else the newest link wins
};

// A set of identifiers seen together, as indices into Component::identifiers: sorted and distinct.
struct SeenTogether {
  std::vector<uint32_t> members;
  Time first_seen = kNeverFirst;
  Time last_seen = kNeverLast;
};

// A person's decision about two identifiers.
struct Assertion {
  enum class Kind { kSame, kNever };
  Kind kind = Kind::kSame;
  uint32_t a = 0;
  uint32_t b = 0;
};

// Identifiers that evidence connects, with all of that evidence. A set of several components may be given
// too; they do not influence each other.
struct Component {
  std::vector<Node> identifiers;  // sorted, distinct
  std::vector<SeenTogether> associations;
  std::vector<Assertion> assertions;
  // Identifiers that are generic by evidence which is not part of this component; sorted. Their links to stronger
  // identifiers connect nobody, so that evidence lies in other components.
  std::vector<uint32_t> generic;
  // Identifiers whose profile is elsewhere: it is known, or assumed, that no link with them joins anybody; sorted. Such
  // links take part in ranks all the same.
  std::vector<uint32_t> elsewhere;
};

enum class LinkKind : uint8_t { kSame, kObserved };

// A pair inside an association, or a `same`. Identifiers are sorted, so the weaker end is the larger index.
struct Link {
  uint32_t stronger = 0;
  uint32_t weaker = 0;
  LinkKind kind = LinkKind::kObserved;
  Time first_seen = kNeverFirst;
  Time last_seen = kNeverLast;
};

// What keeps the two groups of a refused link apart.
enum class Refused : uint8_t { kMaxPerProfile, kMaxIdentifiers, kNever };

struct RefusedLink {
  Link link;
  Refused reason = Refused::kMaxPerProfile;
  NamespaceIndex ns = 0;  // whose max_per_profile it was
  // All limits that the union would have broken: bit i is Limits::at(i).
  uint64_t broken = 0;
};

// What a group may hold: the namespaces with a limit, in order, and then identifiers altogether.
class Limits {
 public:
  explicit Limits(const Rules& rules);

  size_t size() const { return limits_.size(); }
  uint32_t max(size_t i) const { return limits_[i].max; }
  // The place of a namespace's limit; kNone if it has none.
  size_t of(NamespaceIndex ns) const { return place_of_[ns]; }
  // The namespace of a limit; nothing for the one of all identifiers.
  std::optional<NamespaceIndex> ns(size_t i) const { return limits_[i].ns; }

  static constexpr size_t kNone = ~size_t{0};

 private:
  struct Limit {
    std::optional<NamespaceIndex> ns;
    uint32_t max = 0;
  };
  std::vector<Limit> limits_;
  std::vector<size_t> place_of_;
};

// Where a link stands in the order of step 4. Comparable between components of the same identifiers.
struct Place {
  bool is_observed = false;
  uint32_t rank = 0;
  uint32_t positions = 0;
  int64_t time = 0;  // smaller: sooner
  uint32_t stronger = 0;
  uint32_t weaker = 0;

  friend auto operator<=>(const Place&, const Place&) = default;
};

// What a resolution does on its way, for comparing two of them.
struct Watch {
  std::vector<uint32_t> identifiers;  // whose groups are watched

  struct Step {
    Place place;
    uint32_t identifier = 0;
    std::vector<uint32_t> counts;  // what its group holds, by Limits
  };
  std::vector<Step> grown;    // at first, and whenever the group of a watched identifier grew; each one's in order
  std::vector<Step> refused;  // when a link with an identifier elsewhere was tried: its end that is here; in order
};

struct Resolution {
  // By identifier: its profile's number. Profiles are numbered from 0 by their smallest identifier.
  std::vector<uint32_t> profile_of;
  uint32_t profile_count = 0;
  std::vector<RefusedLink> refused;  // in the order in which they were tried
  std::vector<uint32_t> generic;     // identifiers whose links to stronger ones are inactive; sorted
};

// Whether all identifiers together break no limit and none can be generic: then no part of them does either, everything
// that is connected is one profile, and nothing depends on when anybody was seen.
bool IsFreeOfConflict(const Rules& rules, const Component& component);

// Steps 2 to 5 of docs/identity.md. When no limit can be broken it is one pass of union-find over the
// associations; else the pairs of every association (k(k-1)/2 for k identifiers) are gone through once, and the L
// different ones among them are ordered in O(L log L). Memory: that of the evidence and of L links.
Resolution Resolve(const Rules& rules, const Component& component, Watch* watch = nullptr);

}  // namespace kintsugi::identity

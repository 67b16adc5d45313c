// The links of a resolved component, with what became of each. Pure.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "read/explain.h"

namespace kintsugi::read {

// A pair inside an association, or a `same`. Identifiers are indices of Explainable::component.
struct KnownLink {
  uint32_t stronger = 0;
  uint32_t weaker = 0;
  Link::Kind kind = Link::Kind::kSeenTogether;
  Link::Outcome outcome = Link::Outcome::kAccepted;
  const identity::RefusedLink* refused = nullptr;  // if resolution refused it
  uint32_t positions = 0;                          // sum of the two namespaces': the smaller, the stronger
  Time first_seen = kNeverFirst;                   // unknown for a `same`
  Time last_seen = kNeverLast;
  std::vector<uint32_t> from;  // the associations that hold the pair, or the one assertion; in order

  bool is_accepted() const { return outcome == Link::Outcome::kAccepted; }
};

// Links lists every link of an Explainable once and tells it in words. The Explainable outlives it.
// Const methods are safe from many threads. O(L log L) for L links to make; never fails.
class Links {
 public:
  explicit Links(const Explainable& part);

  // By weaker end, then stronger, then what was seen before what was asserted. So the links of any identifier are in
  // order of their other ends.
  std::span<const KnownLink> all() const { return links_; }

  // The link for the reader of an explanation. Looks through the identifiers and assertions if it is refused.
  Link Describe(const KnownLink& known) const;

  // "customer_id:42 and customer_id:43 are never the same, says ops: "twins"", if an assertion keeps the two profiles
  // apart; nothing if none does.
  std::optional<std::string> NeverBetween(const ProfileId& a, const ProfileId& b) const;

 private:
  std::optional<uint32_t> FindNever(const ProfileId& a, const ProfileId& b) const;
  std::string NameOf(uint32_t identifier) const { return part_.names[identifier].ToString(); }
  std::string NeverSentence(uint32_t assertion) const;
  std::string MaxPerProfileSentence(const KnownLink& known) const;
  std::string GenericSentence(uint32_t identifier) const;
  std::vector<SeenBy> SeenByOf(const KnownLink& known) const;
  std::string Reason(const KnownLink& known, const Link& told) const;

  const Explainable& part_;
  std::vector<KnownLink> links_;
};

}  // namespace kintsugi::read

#include "read/links.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>
#include <tuple>
#include <utility>

#include "identity/pairs.h"

namespace kintsugi::read {
namespace {

using Outcome = Link::Outcome;

bool IsGeneric(const Explainable& part, uint32_t identifier) {
  return std::binary_search(part.component.generic.begin(), part.component.generic.end(), identifier) ||
         std::binary_search(part.resolution.generic.begin(), part.resolution.generic.end(), identifier);
}

Outcome ToOutcome(identity::Refused reason) {
  switch (reason) {
    case identity::Refused::kMaxPerProfile:
      return Outcome::kMaxPerProfile;
    case identity::Refused::kMaxIdentifiers:
      return Outcome::kMaxIdentifiers;
    case identity::Refused::kNever:
      return Outcome::kNever;
  }
  return Outcome::kMaxPerProfile;
}

auto PairOf(const KnownLink& link) {
  return std::tie(link.weaker, link.stronger, link.kind);
}

// Every pair once, with all associations that hold it.
std::vector<KnownLink> ObservedLinks(const identity::Component& component) {
  const identity::Pairs pairs(component);
  std::vector<KnownLink> links;
  for (uint32_t weaker = 0; weaker < component.identifiers.size(); ++weaker) {
    std::map<uint32_t, KnownLink> by_stronger;
    pairs.ForEachOf(weaker, [&](uint32_t association, std::span<const uint32_t> others) {
      const auto& [members, first_seen, last_seen] = component.associations[association];
      for (const uint32_t stronger : others) {
        KnownLink& link =
            by_stronger.try_emplace(stronger, KnownLink{.stronger = stronger, .weaker = weaker}).first->second;
        link.first_seen = std::min(link.first_seen, first_seen);
        link.last_seen = std::max(link.last_seen, last_seen);
        link.from.push_back(association);
      }
    });
    for (auto& [stronger, link] : by_stronger) links.push_back(std::move(link));
  }
  return links;
}

void AppendSameLinks(const Explainable& part, std::vector<KnownLink>& links) {
  const auto& assertions = part.component.assertions;
  for (uint32_t i = 0; i < assertions.size(); ++i) {
    const auto& [kind, a, b] = assertions[i];
    if (kind != identity::Assertion::Kind::kSame || a == b) continue;
    links.push_back({.stronger = std::min(a, b), .weaker = std::max(a, b), .kind = Link::Kind::kSame, .from = {i}});
  }
}

// In order of their ends. A pair that was asserted twice is told by the assertion of the smaller id, for the order in
// which decisions came must not show.
std::vector<KnownLink> Sorted(const Explainable& part, std::vector<KnownLink> links) {
  std::stable_sort(links.begin(), links.end(),
                   [](const KnownLink& a, const KnownLink& b) { return PairOf(a) < PairOf(b); });
  std::vector<KnownLink> out;
  for (KnownLink& link : links) {
    if (out.empty() || PairOf(out.back()) != PairOf(link)) {
      out.push_back(std::move(link));
    } else if (part.decisions[link.from[0]].id < part.decisions[out.back().from[0]].id) {
      out.back().from = link.from;
    }
  }
  return out;
}

// What resolution refused, ready to be found. A pair may be refused twice for different reasons: once as asserted, and
// again as seen.
class Refusals {
 public:
  explicit Refusals(const identity::Resolution& resolution) {
    for (const identity::RefusedLink& refused : resolution.refused) by_pair_.emplace(KeyOf(refused.link), &refused);
  }

  // Null if there is none.
  const identity::RefusedLink* Find(const KnownLink& link) const {
    const auto kind = link.kind == Link::Kind::kSame ? identity::LinkKind::kSame : identity::LinkKind::kObserved;
    const auto at = by_pair_.find({link.stronger, link.weaker, kind});
    return at == by_pair_.end() ? nullptr : at->second;
  }

 private:
  using Key = std::tuple<uint32_t, uint32_t, identity::LinkKind>;
  static Key KeyOf(const identity::Link& link) { return {link.stronger, link.weaker, link.kind}; }

  std::map<Key, const identity::RefusedLink*> by_pair_;
};

void Judge(const Explainable& part, const Refusals& refusals, KnownLink& link) {
  // Before everything else: an inactive link joined nobody, even where others have joined its ends.
  if (link.kind == Link::Kind::kSeenTogether && IsGeneric(part, link.weaker)) {
    link.outcome = Outcome::kGeneric;
  } else if (part.profiles[link.stronger] != part.profiles[link.weaker]) {
    link.refused = refusals.Find(link);
    link.outcome = link.refused ? ToOutcome(link.refused->reason) : Outcome::kMaxPerProfile;
  }
}

// "a", "a and b", "a, b and c".
std::string Listed(const std::vector<std::string>& items) {
  std::string out;
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += i + 1 == items.size() ? " and " : ", ";
    out += items[i];
  }
  return out;
}

std::string CountOfIdentifiers(uint32_t count) {
  return fmt::format("{} identifier{}", count, count == 1 ? "" : "s");
}

std::string SeenSentence(const std::vector<SeenBy>& seen_by) {
  std::vector<std::string> sources;
  for (const SeenBy& seen : seen_by) sources.push_back(seen.source);
  return sources.empty() ? "seen together" : "seen together by " + Listed(sources);
}

}  // namespace

Links::Links(const Explainable& part) : part_(part) {
  std::vector<KnownLink> links = ObservedLinks(part.component);
  AppendSameLinks(part, links);
  links_ = Sorted(part, std::move(links));
  const Refusals refusals(part.resolution);
  for (KnownLink& link : links_) {
    link.positions = part.component.identifiers[link.stronger].ns + part.component.identifiers[link.weaker].ns;
    Judge(part, refusals, link);
  }
}

Link Links::Describe(const KnownLink& known) const {
  Link out{.stronger = part_.names[known.stronger],
           .weaker = part_.names[known.weaker],
           .kind = known.kind,
           .outcome = known.outcome};
  std::optional<uint32_t> assertion;
  if (known.kind == Link::Kind::kSame) {
    assertion = known.from[0];
  } else {
    out.seen_by = SeenByOf(known);
    if (known.outcome == Outcome::kNever) {
      assertion = FindNever(part_.profiles[known.stronger], part_.profiles[known.weaker]);
    }
  }
  if (assertion) {
    const Explainable::Decision& decision = part_.decisions[*assertion];
    out.assertion = decision.id;
    out.by = decision.by;
    out.because = decision.because;
  }
  out.reason = Reason(known, out);
  return out;
}

std::string Links::Reason(const KnownLink& known, const Link& told) const {
  switch (known.outcome) {
    case Outcome::kAccepted:
      return known.kind == Link::Kind::kSame
                 ? fmt::format("asserted to be the same by {}: \"{}\"", told.by, told.because)
                 : SeenSentence(told.seen_by);
    case Outcome::kMaxPerProfile:
      return MaxPerProfileSentence(known);
    case Outcome::kMaxIdentifiers:
      return "a profile holds at most " + CountOfIdentifiers(part_.rules.max_identifiers);
    case Outcome::kNever:
      return NeverBetween(part_.profiles[known.stronger], part_.profiles[known.weaker])
          .value_or("an assertion keeps their profiles apart");
    case Outcome::kGeneric:
      return GenericSentence(known.weaker);
  }
  return "";
}

// Of every source once, in schema order. A source is the implicit namespace of its records, so it has a position.
std::vector<SeenBy> Links::SeenByOf(const KnownLink& known) const {
  const auto position = [&](const std::string& source) {
    return std::find(part_.namespaces.begin(), part_.namespaces.end(), source) - part_.namespaces.begin();
  };
  std::map<std::pair<std::ptrdiff_t, std::string>, SeenBy> by_source;
  for (const uint32_t association : known.from) {
    for (const SeenBy& seen : part_.seen_by[association]) {
      const auto [at, is_new] = by_source.try_emplace({position(seen.source), seen.source}, seen);
      if (is_new) continue;
      const Time first = std::min(OrNeverFirst(at->second.first_seen), OrNeverFirst(seen.first_seen));
      at->second.first_seen = Known(first);
      at->second.last_seen = std::max(at->second.last_seen, seen.last_seen);  // unknown is the least
      at->second.count += seen.count;
    }
  }
  std::vector<SeenBy> out;
  for (auto& [source, seen] : by_source) out.push_back(std::move(seen));
  return out;
}

// Of several the one of the strongest pair, then the smallest id.
std::optional<uint32_t> Links::FindNever(const ProfileId& a, const ProfileId& b) const {
  const auto& assertions = part_.component.assertions;
  const auto order = [&](uint32_t i) {
    const auto [stronger, weaker] = std::minmax(assertions[i].a, assertions[i].b);
    return std::make_tuple(stronger, weaker, std::string_view(part_.decisions[i].id));
  };
  std::optional<uint32_t> found;
  for (uint32_t i = 0; i < assertions.size(); ++i) {
    if (assertions[i].kind != identity::Assertion::Kind::kNever) continue;
    const ProfileId& of_a = part_.profiles[assertions[i].a];
    const ProfileId& of_b = part_.profiles[assertions[i].b];
    const bool between = (of_a == a && of_b == b) || (of_a == b && of_b == a);
    if (between && (!found || order(i) < order(*found))) found = i;
  }
  return found;
}

std::optional<std::string> Links::NeverBetween(const ProfileId& a, const ProfileId& b) const {
  const std::optional<uint32_t> assertion = FindNever(a, b);
  if (!assertion) return std::nullopt;
  return NeverSentence(*assertion);
}

std::string Links::NeverSentence(uint32_t assertion) const {
  const auto [stronger, weaker] =
      std::minmax(part_.component.assertions[assertion].a, part_.component.assertions[assertion].b);
  const Explainable::Decision& decision = part_.decisions[assertion];
  return fmt::format("{} and {} are never the same, says {}: \"{}\"", NameOf(stronger), NameOf(weaker), decision.by,
                     decision.because);
}

std::string Links::MaxPerProfileSentence(const KnownLink& known) const {
  constexpr size_t kMaxNamed = 4;
  if (!known.refused) return "a limit keeps their profiles apart";
  const identity::NamespaceIndex ns = known.refused->ns;
  const uint32_t limit = part_.rules.namespaces[ns].max_per_profile;
  std::vector<std::string> named;
  size_t count = 0;
  for (uint32_t i = 0; i < part_.names.size(); ++i) {
    if (part_.component.identifiers[i].ns != ns) continue;
    if (part_.profiles[i] != part_.profiles[known.stronger] && part_.profiles[i] != part_.profiles[known.weaker]) {
      continue;
    }
    if (++count <= kMaxNamed) named.push_back(NameOf(i));
  }
  // Fewer than break the limit: the rest of a profile is not loaded.
  if (count <= limit)
    named.push_back(named.empty() ? "more" : "others");
  else if (count > kMaxNamed)
    named.push_back(fmt::format("{} more", count - kMaxNamed));
  return fmt::format("a profile holds at most {} {}; here would be {}", limit, part_.namespaces[ns], Listed(named));
}

std::string Links::GenericSentence(uint32_t identifier) const {
  const auto& identifiers = part_.component.identifiers;
  const identity::NamespaceIndex own = identifiers[identifier].ns;
  const auto begin = std::lower_bound(links_.begin(), links_.end(), identifier,
                                      [](const KnownLink& link, uint32_t weaker) { return link.weaker < weaker; });
  std::vector<uint32_t> seen_with(own, 0);  // by stronger namespace
  for (auto link = begin; link != links_.end() && link->weaker == identifier; ++link) {
    const identity::NamespaceIndex ns = identifiers[link->stronger].ns;
    if (link->kind == Link::Kind::kSeenTogether && ns < own) ++seen_with[ns];
  }
  const auto most = std::max_element(seen_with.begin(), seen_with.end());
  const uint32_t limit = part_.rules.namespaces[own].generic_above;
  // What makes it generic may lie in other components; then nobody here can say which namespace it was.
  const bool is_known = most != seen_with.end() && *most > limit;
  return fmt::format("{} is generic: seen with more than {}", NameOf(identifier),
                     is_known ? fmt::format("{} {}", limit, part_.namespaces[most - seen_with.begin()])
                              : CountOfIdentifiers(limit) + " of one stronger namespace");
}

}  // namespace kintsugi::read

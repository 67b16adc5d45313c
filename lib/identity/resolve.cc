#include "identity/resolve.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "identity/union_find.h"

namespace kintsugi::identity {
namespace {

// Numbers the sets of `sets` by their smallest element.
void NumberProfiles(UnionFind& sets, Resolution& out) {
  const uint32_t n = static_cast<uint32_t>(out.profile_of.size());
  constexpr uint32_t kNone = ~uint32_t{0};
  std::vector<uint32_t> number(n, kNone);
  for (uint32_t i = 0; i < n; ++i) {
    uint32_t& of_root = number[sets.Find(i)];
    if (of_root == kNone) of_root = out.profile_count++;
    out.profile_of[i] = of_root;
  }
}

// True if all identifiers together break no limit and none can be generic: then no part of them does either,
// and everything that is connected is one profile.
bool IsFreeOfConflict(const Rules& rules, const Component& component) {
  const size_t n = component.identifiers.size();
  if (!component.generic.empty()) return false;
  if (rules.max_identifiers != 0 && n > rules.max_identifiers) return false;
  for (const Assertion& assertion : component.assertions) {
    if (assertion.kind == Assertion::Kind::kNever) return false;
  }
  uint32_t most_of_one_stronger = 0;
  for (size_t i = 0; i < n;) {
    const NamespaceIndex ns = component.identifiers[i].ns;
    size_t end = i;
    while (end < n && component.identifiers[end].ns == ns) ++end;
    const uint32_t count = static_cast<uint32_t>(end - i);
    const Rules::PerNamespace& limits = rules.namespaces[ns];
    if (limits.max_per_profile != 0 && count > limits.max_per_profile) return false;
    if (limits.generic_above != 0 && most_of_one_stronger > limits.generic_above) return false;
    most_of_one_stronger = std::max(most_of_one_stronger, count);
    i = end;
  }
  return true;
}

void ConnectEverything(const Component& component, Resolution& out) {
  UnionFind sets(component.identifiers.size());
  const auto join = [&](uint32_t a, uint32_t b) {
    a = sets.Find(a);
    b = sets.Find(b);
    if (a != b) sets.Union(a, b);
  };
  for (const SeenTogether& seen : component.associations) {
    for (size_t i = 1; i < seen.members.size(); ++i) join(seen.members[0], seen.members[i]);
  }
  for (const Assertion& assertion : component.assertions) join(assertion.a, assertion.b);
  NumberProfiles(sets, out);
}

bool SamePair(const Link& a, const Link& b) {
  return a.stronger == b.stronger && a.weaker == b.weaker;
}

// Step 2: every pair of every association once, with the extremes of its times; by weaker end, then stronger.
std::vector<Link> ObservedLinks(const Component& component) {
  std::vector<Link> links;
  for (const SeenTogether& seen : component.associations) {
    for (size_t j = 1; j < seen.members.size(); ++j) {
      for (size_t i = 0; i < j; ++i) {
        links.push_back({seen.members[i], seen.members[j], LinkKind::kObserved, seen.first_seen, seen.last_seen});
      }
    }
  }
  std::sort(links.begin(), links.end(), [](const Link& a, const Link& b) {
    return std::tie(a.weaker, a.stronger) < std::tie(b.weaker, b.stronger);
  });
  size_t kept = 0;
  for (const Link& link : links) {
    if (kept > 0 && SamePair(links[kept - 1], link)) {
      links[kept - 1].first_seen = std::min(links[kept - 1].first_seen, link.first_seen);
      links[kept - 1].last_seen = std::max(links[kept - 1].last_seen, link.last_seen);
    } else {
      links[kept++] = link;
    }
  }
  links.resize(kept);
  return links;
}

// Step 3, for the links of one weaker end, ordered by stronger end and so by the stronger end's namespace.
bool IsGeneric(const Rules& rules, const Component& component, const Link* begin, const Link* end) {
  const NamespaceIndex own = component.identifiers[begin->weaker].ns;
  const uint32_t limit = rules.namespaces[own].generic_above;
  if (limit == 0) return false;
  uint32_t run = 0;
  for (const Link* link = begin; link != end; ++link) {
    const NamespaceIndex ns = component.identifiers[link->stronger].ns;
    if (ns == own) break;
    const bool same_as_before = link != begin && component.identifiers[(link - 1)->stronger].ns == ns;
    run = same_as_before ? run + 1 : 1;
    if (run > limit) return true;
  }
  return false;
}

// A link with its place in the order of step 4.
struct OrderedLink {
  Link link;
  uint32_t rank = 0;       // at the weaker end
  uint32_t positions = 0;  // sum of the two namespaces'
};

// Puts what wins a conflict first: the newest, or the oldest.
bool WinsByTime(bool keep_oldest, const Link& a, const Link& b) {
  return keep_oldest ? a.first_seen < b.first_seen : a.last_seen > b.last_seen;
}

bool SameTime(bool keep_oldest, const Link& a, const Link& b) {
  return keep_oldest ? a.first_seen == b.first_seen : a.last_seen == b.last_seen;
}

// Step 4 (a): ranks the links of one weaker end. Identifiers are sorted by strength and bytes, so comparing
// indices is comparing those.
void AppendRanked(const Rules& rules, const Component& component, Link* begin, Link* end,
                  std::vector<OrderedLink>& out) {
  std::sort(begin, end, [&](const Link& a, const Link& b) {
    if (!SameTime(rules.keep_oldest, a, b)) return WinsByTime(rules.keep_oldest, a, b);
    return a.stronger < b.stronger;
  });
  for (const Link* link = begin; link != end; ++link) {
    const uint32_t positions = component.identifiers[link->stronger].ns + component.identifiers[link->weaker].ns;
    out.push_back({*link, static_cast<uint32_t>(link - begin), positions});
  }
}

std::vector<OrderedLink> OrderLinks(const Rules& rules, const Component& component, Resolution& out) {
  std::vector<Link> links = ObservedLinks(component);
  std::vector<OrderedLink> ordered;
  ordered.reserve(links.size());
  for (size_t i = 0; i < links.size();) {
    size_t end = i;
    while (end < links.size() && links[end].weaker == links[i].weaker) ++end;
    const bool known = std::binary_search(component.generic.begin(), component.generic.end(), links[i].weaker);
    if (known || IsGeneric(rules, component, links.data() + i, links.data() + end)) {
      out.generic.push_back(links[i].weaker);
    } else {
      AppendRanked(rules, component, links.data() + i, links.data() + end, ordered);
    }
    i = end;
  }
  std::sort(ordered.begin(), ordered.end(), [&](const OrderedLink& a, const OrderedLink& b) {
    if (a.rank != b.rank) return a.rank < b.rank;
    if (a.positions != b.positions) return a.positions < b.positions;
    if (!SameTime(rules.keep_oldest, a.link, b.link)) return WinsByTime(rules.keep_oldest, a.link, b.link);
    return std::tie(a.link.stronger, a.link.weaker) < std::tie(b.link.stronger, b.link.weaker);
  });
  return ordered;
}

// `same` assertions, strongest pair first.
std::vector<Link> SameLinks(const Component& component) {
  std::vector<Link> links;
  for (const Assertion& assertion : component.assertions) {
    if (assertion.kind != Assertion::Kind::kSame || assertion.a == assertion.b) continue;
    links.push_back({std::min(assertion.a, assertion.b), std::max(assertion.a, assertion.b), LinkKind::kSame});
  }
  const auto positions = [&](const Link& l) {
    return component.identifiers[l.stronger].ns + component.identifiers[l.weaker].ns;
  };
  std::sort(links.begin(), links.end(), [&](const Link& a, const Link& b) {
    return std::make_tuple(positions(a), a.stronger, a.weaker) < std::make_tuple(positions(b), b.stronger, b.weaker);
  });
  links.erase(std::unique(links.begin(), links.end(), SamePair), links.end());
  return links;
}

// Groups is the growing partition of step 5, with what is needed to say whether a union breaks a limit.
class Groups {
 public:
  Groups(const Rules& rules, const Component& component)
      : rules_(rules), sets_(component.identifiers.size()), nevers_(component.identifiers.size()) {
    column_of_.assign(rules.namespaces.size(), kUnlimited);
    for (size_t ns = 0; ns < rules.namespaces.size(); ++ns) {
      if (rules.namespaces[ns].max_per_profile == 0) continue;
      column_of_[ns] = static_cast<uint32_t>(limits_.size());
      limits_.push_back({static_cast<NamespaceIndex>(ns), rules.namespaces[ns].max_per_profile});
    }
    counts_.assign(component.identifiers.size() * limits_.size(), 0);
    for (uint32_t i = 0; i < component.identifiers.size(); ++i) {
      const uint32_t column = column_of_[component.identifiers[i].ns];
      if (column != kUnlimited) counts_[i * limits_.size() + column] = 1;
    }
    for (const Assertion& assertion : component.assertions) {
      if (assertion.kind != Assertion::Kind::kNever || assertion.a == assertion.b) continue;
      nevers_[assertion.a].push_back(assertion.b);
      nevers_[assertion.b].push_back(assertion.a);
    }
  }

  // Joins the groups of a link's ends, or says what keeps them apart.
  std::optional<RefusedLink> Try(const Link& link) {
    const uint32_t a = sets_.Find(link.stronger);
    const uint32_t b = sets_.Find(link.weaker);
    if (a == b) return std::nullopt;
    RefusedLink refused{.link = link};
    if (AreApart(a, b, refused)) return refused;
    Join(a, b);
    return std::nullopt;
  }

  UnionFind& sets() { return sets_; }

 private:
  static constexpr uint32_t kUnlimited = ~uint32_t{0};
  struct Limit {
    NamespaceIndex ns;
    uint32_t max;
  };

  // Says why, too.
  bool AreApart(uint32_t a, uint32_t b, RefusedLink& refused) {
    refused.reason = Refused::kNever;
    if (AreNever(a, b)) return true;
    refused.reason = Refused::kMaxPerProfile;
    for (size_t column = 0; column < limits_.size(); ++column) {
      if (counts_[a * limits_.size() + column] + counts_[b * limits_.size() + column] <= limits_[column].max) continue;
      refused.ns = limits_[column].ns;
      return true;
    }
    refused.reason = Refused::kMaxIdentifiers;
    return rules_.max_identifiers != 0 && sets_.Size(a) + sets_.Size(b) > rules_.max_identifiers;
  }

  bool AreNever(uint32_t a, uint32_t b) {
    if (nevers_[a].size() > nevers_[b].size()) std::swap(a, b);
    return std::any_of(nevers_[a].begin(), nevers_[a].end(), [&](uint32_t other) { return sets_.Find(other) == b; });
  }

  void Join(uint32_t a, uint32_t b) {
    const auto [root, child] = sets_.Union(a, b);
    for (size_t column = 0; column < limits_.size(); ++column) {
      counts_[root * limits_.size() + column] += counts_[child * limits_.size() + column];
    }
    if (nevers_[root].size() < nevers_[child].size()) nevers_[root].swap(nevers_[child]);
    nevers_[root].insert(nevers_[root].end(), nevers_[child].begin(), nevers_[child].end());
    nevers_[child] = {};
  }

  const Rules& rules_;
  UnionFind sets_;
  std::vector<uint32_t> column_of_;            // by namespace: its column in counts_
  std::vector<Limit> limits_;                  // by column
  std::vector<uint32_t> counts_;               // by root and column: how many of that namespace
  std::vector<std::vector<uint32_t>> nevers_;  // by root: whom its members must never meet
};

}  // namespace

Resolution Resolve(const Rules& rules, const Component& component) {
  Resolution out;
  out.profile_of.resize(component.identifiers.size());
  if (IsFreeOfConflict(rules, component)) {
    ConnectEverything(component, out);
    return out;
  }
  Groups groups(rules, component);
  const auto grow = [&](const Link& link) {
    if (const auto refused = groups.Try(link)) out.refused.push_back(*refused);
  };
  for (const Link& link : SameLinks(component)) grow(link);
  for (const OrderedLink& ordered : OrderLinks(rules, component, out)) grow(ordered.link);
  NumberProfiles(groups.sets(), out);
  return out;
}

}  // namespace kintsugi::identity

#include "identity/resolve.h"

#include <algorithm>
#include <optional>
#include <span>
#include <tuple>

#include "identity/pairs.h"
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

// Step 2: the links, one weaker end at a time.
class ObservedLinks {
 public:
  explicit ObservedLinks(const Component& component)
      : component_(component), pairs_(component), seen_with_(component.identifiers.size()) {}

  // About as many as there are links, or fewer.
  size_t size_hint() const { return pairs_.size_hint(); }

  // Each once, with the extremes of its times, by stronger end. Valid until the next call.
  const std::vector<Link>& Of(uint32_t weaker) {
    stronger_.clear();
    pairs_.ForEachOf(weaker, [&](uint32_t association, std::span<const uint32_t> others) {
      const SeenTogether& seen = component_.associations[association];
      for (const uint32_t stronger : others) {
        Times& times = seen_with_[stronger];
        if (times.weaker != weaker) {
          times = {weaker, seen.first_seen, seen.last_seen};
          stronger_.push_back(stronger);
        } else {
          times.first_seen = std::min(times.first_seen, seen.first_seen);
          times.last_seen = std::max(times.last_seen, seen.last_seen);
        }
      }
    });
    std::sort(stronger_.begin(), stronger_.end());
    links_.clear();
    for (const uint32_t stronger : stronger_) {
      const Times& times = seen_with_[stronger];
      links_.push_back({stronger, weaker, LinkKind::kObserved, times.first_seen, times.last_seen});
    }
    return links_;
  }

 private:
  // Of the link with a weaker end; the first identifier is nobody's.
  struct Times {
    uint32_t weaker = 0;
    Time first_seen;
    Time last_seen;
  };

  const Component& component_;
  const Pairs pairs_;
  std::vector<Times> seen_with_;    // by stronger end: of the link with the last weaker end that it was seen with
  std::vector<uint32_t> stronger_;  // of one weaker end
  std::vector<Link> links_;
};

// Step 3, for the links of one weaker end, ordered by stronger end and so by the stronger end's namespace.
bool IsGeneric(const Rules& rules, const Component& component, const std::vector<Link>& links) {
  const NamespaceIndex own = component.identifiers[links.front().weaker].ns;
  const uint32_t limit = rules.namespaces[own].generic_above;
  if (limit == 0) return false;
  uint32_t run = 0;
  for (size_t i = 0; i < links.size(); ++i) {
    const NamespaceIndex ns = component.identifiers[links[i].stronger].ns;
    if (ns == own) break;
    const bool same_as_before = i > 0 && component.identifiers[links[i - 1].stronger].ns == ns;
    run = same_as_before ? run + 1 : 1;
    if (run > limit) return true;
  }
  return false;
}

// A link with its place in the order of step 4.
struct OrderedLink {
  Link link;
  Place place;
};

// Smaller wins a conflict: the newest, or the oldest. (The complement turns the order round, and never overflows.)
int64_t TimeOrder(bool keep_oldest, const Link& link) {
  return keep_oldest ? link.first_seen.time_since_epoch().count() : ~link.last_seen.time_since_epoch().count();
}

// Step 4 (a): ranks the links of one weaker end. Identifiers are sorted by strength and bytes, so comparing
// indices is comparing those.
void AppendRanked(const Rules& rules, const Component& component, const std::vector<Link>& links,
                  std::vector<OrderedLink>& out) {
  const size_t first = out.size();
  for (const Link& link : links) {
    const uint32_t positions = component.identifiers[link.stronger].ns + component.identifiers[link.weaker].ns;
    out.push_back({link,
                   {.is_observed = true,
                    .positions = positions,
                    .time = TimeOrder(rules.keep_oldest, link),
                    .stronger = link.stronger,
                    .weaker = link.weaker}});
  }
  std::sort(out.begin() + static_cast<ptrdiff_t>(first), out.end(), [](const OrderedLink& a, const OrderedLink& b) {
    return std::tie(a.place.time, a.place.stronger) < std::tie(b.place.time, b.place.stronger);
  });
  for (size_t i = first; i < out.size(); ++i) out[i].place.rank = static_cast<uint32_t>(i - first);
}

std::vector<OrderedLink> OrderLinks(const Rules& rules, const Component& component, Resolution& out) {
  ObservedLinks observed(component);
  std::vector<OrderedLink> ordered;
  ordered.reserve(observed.size_hint());
  for (uint32_t weaker = 0; weaker < component.identifiers.size(); ++weaker) {
    const std::vector<Link>& links = observed.Of(weaker);
    if (links.empty()) continue;
    const bool known = std::binary_search(component.generic.begin(), component.generic.end(), weaker);
    if (known || IsGeneric(rules, component, links))
      out.generic.push_back(weaker);
    else
      AppendRanked(rules, component, links, ordered);
  }
  std::sort(ordered.begin(), ordered.end(),
            [](const OrderedLink& a, const OrderedLink& b) { return a.place < b.place; });
  return ordered;
}

// `same` assertions, strongest pair first.
std::vector<OrderedLink> SameLinks(const Component& component) {
  std::vector<OrderedLink> links;
  for (const Assertion& assertion : component.assertions) {
    if (assertion.kind != Assertion::Kind::kSame || assertion.a == assertion.b) continue;
    const Link link{std::min(assertion.a, assertion.b), std::max(assertion.a, assertion.b), LinkKind::kSame};
    const uint32_t positions = component.identifiers[link.stronger].ns + component.identifiers[link.weaker].ns;
    links.push_back({link, {.positions = positions, .stronger = link.stronger, .weaker = link.weaker}});
  }
  std::sort(links.begin(), links.end(), [](const OrderedLink& a, const OrderedLink& b) { return a.place < b.place; });
  const auto same_pair = [](const OrderedLink& a, const OrderedLink& b) { return SamePair(a.link, b.link); };
  links.erase(std::unique(links.begin(), links.end(), same_pair), links.end());
  return links;
}

// Groups is the growing partition of step 5, with what is needed to say whether a union breaks a limit.
class Groups {
 public:
  Groups(const Rules& rules, const Component& component)
      : limits_(rules),
        sets_(component.identifiers.size()),
        counts_(component.identifiers.size() * limits_.size(), 0),
        nevers_(component.identifiers.size()) {
    for (uint32_t i = 0; i < component.identifiers.size(); ++i) {
      const size_t own = limits_.of(component.identifiers[i].ns);
      for (size_t limit = 0; limit < limits_.size(); ++limit) Count(i, limit) = limit == own || !limits_.ns(limit);
    }
    for (const Assertion& assertion : component.assertions) {
      if (assertion.kind != Assertion::Kind::kNever || assertion.a == assertion.b) continue;
      nevers_[assertion.a].push_back(assertion.b);
      nevers_[assertion.b].push_back(assertion.a);
    }
  }

  // Joins the groups of a link's ends. False if they are one already, or something keeps them apart: then `refused`
  // says what.
  bool Join(const Link& link, std::optional<RefusedLink>& refused) {
    const uint32_t a = sets_.Find(link.stronger);
    const uint32_t b = sets_.Find(link.weaker);
    if (a == b) return false;
    refused = WhyApart(link, a, b);
    if (!refused) Join(a, b);
    return !refused;
  }

  UnionFind& sets() { return sets_; }

  std::vector<uint32_t> CountsOf(uint32_t identifier) {
    const auto begin = counts_.begin() + static_cast<ptrdiff_t>(sets_.Find(identifier) * limits_.size());
    return {begin, begin + static_cast<ptrdiff_t>(limits_.size())};
  }

 private:
  uint32_t& Count(uint32_t root, size_t limit) { return counts_[root * limits_.size() + limit]; }

  std::optional<RefusedLink> WhyApart(const Link& link, uint32_t a, uint32_t b) {
    RefusedLink refused{.link = link};
    size_t first = limits_.size();
    for (size_t limit = limits_.size(); limit-- > 0;) {
      if (Count(a, limit) + Count(b, limit) <= limits_.max(limit)) continue;
      refused.broken |= uint64_t{1} << std::min<size_t>(limit, 63);
      first = limit;
    }
    const bool never = AreNever(a, b);
    if (!never && first == limits_.size()) return std::nullopt;
    if (never) {
      refused.reason = Refused::kNever;
    } else if (const auto ns = limits_.ns(first)) {
      refused.ns = *ns;
    } else {
      refused.reason = Refused::kMaxIdentifiers;
    }
    return refused;
  }

  bool AreNever(uint32_t a, uint32_t b) {
    if (nevers_[a].size() > nevers_[b].size()) std::swap(a, b);
    return std::any_of(nevers_[a].begin(), nevers_[a].end(), [&](uint32_t other) { return sets_.Find(other) == b; });
  }

  void Join(uint32_t a, uint32_t b) {
    const auto [root, child] = sets_.Union(a, b);
    for (size_t limit = 0; limit < limits_.size(); ++limit) Count(root, limit) += Count(child, limit);
    if (nevers_[root].size() < nevers_[child].size()) nevers_[root].swap(nevers_[child]);
    nevers_[root].insert(nevers_[root].end(), nevers_[child].begin(), nevers_[child].end());
    nevers_[child] = {};
  }

  const Limits limits_;
  UnionFind sets_;
  std::vector<uint32_t> counts_;               // by root and limit
  std::vector<std::vector<uint32_t>> nevers_;  // by root: whom its members must never meet
};

// Step 5.
class Growth {
 public:
  Growth(const Rules& rules, const Component& component, Watch* watch, Resolution& out)
      : component_(component), groups_(rules, component), watch_(watch), out_(out) {
    if (watch_ == nullptr) return;
    watched_.resize(component.identifiers.size());
    for (uint32_t identifier : watch_->identifiers) {
      watched_[identifier].push_back(identifier);
      watch_->grown.push_back({{}, identifier, groups_.CountsOf(identifier)});
    }
  }

  void Try(const OrderedLink& ordered) {
    const Link& link = ordered.link;
    for (const auto& [end, other] : {std::pair(link.stronger, link.weaker), {link.weaker, link.stronger}}) {
      if (!std::binary_search(component_.elsewhere.begin(), component_.elsewhere.end(), other)) continue;
      if (watch_ != nullptr) watch_->refused.push_back({ordered.place, end, groups_.CountsOf(end)});
      return;
    }
    std::optional<RefusedLink> refused;
    const uint32_t a = groups_.sets().Find(link.stronger);
    const uint32_t b = groups_.sets().Find(link.weaker);
    const bool joined = groups_.Join(link, refused);
    if (refused) out_.refused.push_back(*refused);
    if (joined && watch_ != nullptr) NoteGrowth(ordered.place, a, b);
  }

  UnionFind& sets() { return groups_.sets(); }

 private:
  // The groups with these roots are one now.
  void NoteGrowth(const Place& place, uint32_t a, uint32_t b) {
    const uint32_t root = groups_.sets().Find(a);
    std::vector<uint32_t>& all = watched_[root];
    std::vector<uint32_t>& others = watched_[root == a ? b : a];
    if (all.size() < others.size()) all.swap(others);
    all.insert(all.end(), others.begin(), others.end());
    others = {};
    for (uint32_t identifier : all) watch_->grown.push_back({place, identifier, groups_.CountsOf(identifier)});
  }

  const Component& component_;
  Groups groups_;
  Watch* const watch_;
  std::vector<std::vector<uint32_t>> watched_;  // by root: those of its group
  Resolution& out_;
};

}  // namespace

Limits::Limits(const Rules& rules) : place_of_(rules.namespaces.size(), kNone) {
  for (size_t ns = 0; ns < rules.namespaces.size(); ++ns) {
    if (rules.namespaces[ns].max_per_profile == 0) continue;
    place_of_[ns] = limits_.size();
    limits_.push_back({static_cast<NamespaceIndex>(ns), rules.namespaces[ns].max_per_profile});
  }
  if (rules.max_identifiers != 0) limits_.push_back({std::nullopt, rules.max_identifiers});
}

bool IsFreeOfConflict(const Rules& rules, const Component& component) {
  const size_t n = component.identifiers.size();
  if (!component.generic.empty() || !component.elsewhere.empty()) return false;
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

Resolution Resolve(const Rules& rules, const Component& component, Watch* watch) {
  Resolution out;
  out.profile_of.resize(component.identifiers.size());
  if (watch == nullptr && IsFreeOfConflict(rules, component)) {
    ConnectEverything(component, out);
    return out;
  }
  Growth growth(rules, component, watch, out);
  for (const OrderedLink& same : SameLinks(component)) growth.Try(same);
  for (const OrderedLink& observed : OrderLinks(rules, component, out)) growth.Try(observed);
  NumberProfiles(growth.sets(), out);
  return out;
}

}  // namespace kintsugi::identity

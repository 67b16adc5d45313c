#include "read/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <queue>
#include <tuple>
#include <utility>

#include "identity/union_find.h"
#include "read/links.h"

namespace kintsugi::read {
namespace {

// What a path costs; the smaller is the better explanation.
struct Cost {
  uint32_t not_accepted = ~uint32_t{0};  // links; more than any path has: not reached
  uint32_t length = 0;
  uint64_t positions = 0;
  Time oldest = kNeverFirst;  // the least last_seen of its links

  bool is_reached() const { return not_accepted != ~uint32_t{0}; }

  friend bool operator==(const Cost&, const Cost&) = default;
  friend bool operator<(const Cost& a, const Cost& b) {
    return std::tie(a.not_accepted, a.length, a.positions, b.oldest) <
           std::tie(b.not_accepted, b.length, b.positions, a.oldest);
  }
};

Cost Extended(const Cost& cost, const KnownLink& link) {
  return {cost.not_accepted + (link.is_accepted() ? 0 : 1), cost.length + 1, cost.positions + link.positions,
          std::min(cost.oldest, link.last_seen)};
}

uint32_t OtherEnd(const KnownLink& link, uint32_t end) {
  return link.stronger == end ? link.weaker : link.stronger;
}

// By identifier: its links, in order of their other ends.
using Adjacency = std::vector<std::vector<const KnownLink*>>;

Adjacency ToAdjacency(const Links& links, size_t identifiers) {
  Adjacency out(identifiers);
  for (const KnownLink& link : links.all()) {
    out[link.stronger].push_back(&link);
    out[link.weaker].push_back(&link);
  }
  return out;
}

// By identifier: what the best path to `target` costs. Dijkstra's algorithm: no link makes a path cheaper, and of two
// beginnings the cheaper is never the worse for going on, which is all it needs.
std::vector<Cost> CostsTo(const Adjacency& links, uint32_t target) {
  std::vector<Cost> best(links.size());
  best[target].not_accepted = 0;
  using Entry = std::pair<Cost, uint32_t>;
  const auto is_later = [](const Entry& a, const Entry& b) { return b < a; };
  std::priority_queue<Entry, std::vector<Entry>, decltype(is_later)> open(is_later);
  open.emplace(best[target], target);
  while (!open.empty()) {
    const auto [cost, at] = open.top();
    open.pop();
    if (best[at] < cost) continue;
    for (const KnownLink* link : links[at]) {
      const uint32_t next = OtherEnd(*link, at);
      const Cost longer = Extended(cost, *link);
      if (!(longer < best[next])) continue;
      best[next] = longer;
      open.emplace(longer, next);
    }
  }
  return best;
}

// The cheapest path; of equal ones the one that goes on to the smallest identifier, at every step from the smaller of
// the two. So it is the same path from either end. Empty if there is none.
std::vector<const KnownLink*> CheapestPath(const Adjacency& links, uint32_t a, uint32_t b) {
  const auto [from, to] = std::minmax(a, b);
  const std::vector<Cost> costs = CostsTo(links, to);
  std::vector<const KnownLink*> path;
  if (!costs[from].is_reached()) return path;
  for (uint32_t at = from; at != to;) {
    const auto leads_on = [&](const KnownLink* link) {
      const Cost& rest = costs[OtherEnd(*link, at)];
      return rest.is_reached() && Extended(rest, *link) == costs[at];
    };
    path.push_back(*std::find_if(links[at].begin(), links[at].end(), leads_on));
    at = OtherEnd(*path.back(), at);
  }
  if (a > b) std::reverse(path.begin(), path.end());
  return path;
}

std::string WhyTogether(const Why& why) {
  if (why.a == why.b) return fmt::format("both are {}, one identifier", why.a.ToString());
  std::string out = fmt::format("{} and {} are one profile", why.a.ToString(), why.b.ToString());
  if (why.path.empty()) return out;
  return out +
         (why.path.size() == 1 ? ": " + why.path[0].reason : fmt::format(": {} links connect them", why.path.size()));
}

std::string WhyApart(const Why& why, const Links& links) {
  const auto is_not_accepted = [](const Link& link) { return link.outcome != Link::Outcome::kAccepted; };
  const auto first = std::find_if(why.path.begin(), why.path.end(), is_not_accepted);
  const auto count = std::count_if(why.path.begin(), why.path.end(), is_not_accepted);
  std::string out = fmt::format("{} and {} are two profiles: ", why.a.ToString(), why.b.ToString());
  if (first == why.path.end()) {
    out += "nothing connects them";
  } else {
    out += first->reason;
    if (count > 1) out += fmt::format(" (the first of {} links between them that are not accepted)", count);
  }
  // Who lifts a limit, or waits for evidence, should know that it will not help.
  const auto never = links.NeverBetween(why.profile_a, why.profile_b);
  const bool is_told = std::any_of(why.path.begin(), why.path.end(),
                                   [](const Link& link) { return link.outcome == Link::Outcome::kNever; });
  return never && !is_told ? out + ", and " + *never : out;
}

// The links that join the identifiers of a profile, oldest first. Unknown times, and so all `same`s, come last.
std::vector<const KnownLink*> AcceptedOldestFirst(const Explainable& part, const Links& links,
                                                  const ProfileId& profile) {
  std::vector<const KnownLink*> out;
  for (const KnownLink& link : links.all()) {
    if (link.is_accepted() && part.profiles[link.stronger] == profile) out.push_back(&link);
  }
  const auto order = [](const KnownLink* link) {
    return std::tie(link->first_seen, link->kind, link->positions, link->stronger, link->weaker);
  };
  std::sort(out.begin(), out.end(), [&](const KnownLink* a, const KnownLink* b) { return order(a) < order(b); });
  return out;
}

// The groups of identifiers that links have joined so far.
class GrowingGroups {
 public:
  explicit GrowingGroups(const std::vector<Time>& first_seen)
      : first_seen_(first_seen), sets_(first_seen.size()), anchor_(first_seen.size()), members_(first_seen.size()) {
    for (uint32_t i = 0; i < first_seen.size(); ++i) {
      anchor_[i] = i;
      members_[i] = {i};
    }
  }

  // The identifiers that came to the older group of the two, sorted; none if the ends are in one group already.
  std::vector<uint32_t> Join(uint32_t a, uint32_t b) {
    uint32_t older = sets_.Find(a);
    uint32_t younger = sets_.Find(b);
    if (older == younger) return {};
    if (IsOlder(anchor_[younger], anchor_[older])) std::swap(older, younger);
    const uint32_t anchor = anchor_[older];
    std::vector<uint32_t> joined = members_[younger];
    std::sort(joined.begin(), joined.end());
    const auto [root, child] = sets_.Union(older, younger);
    members_[root].insert(members_[root].end(), members_[child].begin(), members_[child].end());
    members_[child] = {};
    anchor_[root] = anchor;
    return joined;
  }

  uint64_t SizeWith(uint32_t identifier) { return sets_.Size(sets_.Find(identifier)); }

  // As anchors go: seen earlier, then stronger, then smaller bytes.
  bool IsOlder(uint32_t a, uint32_t b) const { return std::tie(first_seen_[a], a) < std::tie(first_seen_[b], b); }

 private:
  const std::vector<Time>& first_seen_;
  identity::UnionFind sets_;
  std::vector<uint32_t> anchor_;                // by root
  std::vector<std::vector<uint32_t>> members_;  // by root
};

}  // namespace

Why ExplainWhy(const Explainable& part, uint32_t a, uint32_t b) {
  Why out{.a = part.names[a], .b = part.names[b], .profile_a = part.profiles[a], .profile_b = part.profiles[b]};
  out.together = out.profile_a == out.profile_b;
  const Links links(part);
  for (const KnownLink* link : CheapestPath(ToAdjacency(links, part.names.size()), a, b)) {
    out.path.push_back(links.Describe(*link));
  }
  out.verdict = out.together ? WhyTogether(out) : WhyApart(out, links);
  return out;
}

How ExplainHow(const Explainable& part, uint32_t a) {
  const Links links(part);
  GrowingGroups groups(part.first_seen);
  uint32_t anchor = a;
  for (uint32_t i = 0; i < part.profiles.size(); ++i) {
    if (part.profiles[i] == part.profiles[a] && groups.IsOlder(i, anchor)) anchor = i;
  }
  How out{.profile = part.profiles[a], .anchor = part.names[anchor], .anchor_seen = Known(part.first_seen[anchor])};
  for (const KnownLink* link : AcceptedOldestFirst(part, links, out.profile)) {
    const std::vector<uint32_t> joined = groups.Join(link->stronger, link->weaker);
    if (joined.empty()) continue;
    How::Step step{
        .time = Known(link->first_seen), .link = links.Describe(*link), .size = groups.SizeWith(link->weaker)};
    for (const uint32_t identifier : joined) step.joined.push_back(part.names[identifier]);
    out.steps.push_back(std::move(step));
  }
  return out;
}

}  // namespace kintsugi::read

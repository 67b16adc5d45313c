#include "read/timeline.h"

#include <fmt/format.h>

#include <utility>

#include "golden/record_codec.h"
#include "golden/shared_profile.h"
#include "read/overview.h"

namespace kintsugi::read {

using format::Family;

std::vector<std::string> ItemPrefixesOf(const golden::RecordView& profile) {
  std::vector<std::string> prefixes;
  for (const golden::StoredIdentifier& member : profile.identifiers())
    prefixes.push_back(format::EventPrefix({member.number, member.value}));
  return prefixes;
}

absl::StatusOr<Profile> TimelineReader::Find(const IdentifierView& identifier) const {
  const auto node = context_.Normalize(identifier.ns, identifier.value);
  if (!node.ok()) return node.status();
  const auto id = reader_.FindId(context_.KeyOf(*node), &snapshot_);
  if (!id.ok()) return id.status();
  if (!*id) return absl::NotFoundError(fmt::format("nobody has {}", identifier.ToString()));
  const auto row = store_.Get(Family::kProfiles, format::ProfileKey(**id), &snapshot_);
  if (!row.ok()) return row.status();
  if (!*row) return format::DamagedRow(Family::kProfiles);
  return Profile(ProfileView(**id, **row, *context_.names));
}

absl::StatusOr<std::vector<std::string>> TimelineReader::MembersOf(const IdentifierView& identifier) const {
  const auto profile = Find(identifier);
  if (!profile.ok()) return profile.status();
  return ItemPrefixesOf(golden::RecordView(profile->shared().bytes()));
}

absl::StatusOr<TimelinePage> TimelineReader::Page(const IdentifierView& identifier, const TimelineQuery& query) const {
  // What is wrong with the question is said first.
  if (const auto range = items_.RangeOf(query); !range.ok()) return range.status();
  const auto members = MembersOf(identifier);
  if (!members.ok()) return members.status();
  return items_.Page(*members, query);
}

// ---- visits

namespace {

// So many items are read at a time.
constexpr size_t kItemsAtATime = 256;

TimelineQuery NewestFirst() {
  return {.limit = kItemsAtATime, .newest_first = true};
}

}  // namespace

// Runs of items without a gap, the newest first; each run's items are the newest first, too.
absl::StatusOr<std::vector<std::vector<TimelineReader::Found>>> TimelineReader::RunsOf(
    const std::vector<std::string>& members, size_t limit) const {
  std::vector<std::vector<Found>> runs;
  auto range = items_.RangeOf(NewestFirst());
  if (!range.ok()) return range.status();
  for (bool has_more = true; has_more;) {
    auto items = items_.ItemsOf(members, *range);
    if (!items.ok()) return items.status();
    has_more = items->size() == range->most;
    if (has_more) {
      const Found& last = items->back();
      range->after = ItemReader::Place{last.item.time, last.source, last.item.id};
      range->end = last.item.time + Time::duration(1);
    }
    range->most *= 2;  // so that items of one time, or of many identifiers, are read over again a few times only
    for (Found& found : *items) {
      if (!rules_.visits.Counts(found.source)) continue;
      const bool goes_on = !runs.empty() && runs.back().back().item.time - found.item.time <= rules_.visits.gap();
      if (!goes_on) {
        if (runs.size() == limit) return runs;
        runs.emplace_back();
      }
      runs.back().push_back(std::move(found));
    }
  }
  return runs;
}

Visit TimelineReader::ToVisit(std::span<const Found> run) const {
  std::vector<living::Item> items;
  for (auto found = run.rbegin(); found != run.rend(); ++found) {
    const TimelineItem& item = found->item;
    items.push_back({item.time, found->source, item.id, item.name, item.properties});
  }
  const std::vector<living::Visit> visits = rules_.visits.Of(items, now_);
  const living::Visit& visit = visits.front();
  Visit out{.start = items.front().time,
            .end = items.back().time,
            .items = items.size(),
            .first = run.back().item,
            .last = run.front().item,
            .is_current = visit.is_current};
  for (const golden::SourceIndex source : visit.sources) out.sources.push_back(context_.schema.sources[source].name);
  if (visit.campaign) out.campaign = living::CampaignOf(items[*visit.campaign]);
  return out;
}

absl::StatusOr<std::vector<Visit>> TimelineReader::Visits(const IdentifierView& identifier, size_t limit) const {
  if (limit == 0) return absl::InvalidArgumentError("the limit of visits is at least 1");
  const auto members = MembersOf(identifier);
  if (!members.ok()) return members.status();
  const auto runs = RunsOf(*members, limit);
  if (!runs.ok()) return runs.status();
  std::vector<Visit> visits;
  for (const std::vector<Found>& run : *runs) visits.push_back(ToVisit(run));
  return visits;
}

absl::StatusOr<std::vector<TimelineReader::Found>> TimelineReader::LatestRun(
    const std::vector<std::string>& members) const {
  // Clocks of devices go wrong: what is yet to begin is not what is going on, if anything is.
  const auto has_begun = [&](const std::vector<Found>& run) { return run.back().item.time <= now_; };
  std::vector<std::vector<Found>> runs;
  auto run = runs.end();
  for (size_t limit = 1; run == runs.end(); limit *= 2) {
    auto latest = RunsOf(members, limit);
    if (!latest.ok()) return latest.status();
    runs = *std::move(latest);
    run = std::find_if(runs.begin(), runs.end(), has_begun);
    if (runs.size() < limit) break;
  }
  if (runs.empty()) return std::vector<Found>();
  return std::move(run == runs.end() ? runs.front() : *run);
}

absl::StatusOr<std::optional<VisitWithItems>> TimelineReader::Current(const IdentifierView& identifier) const {
  const auto members = MembersOf(identifier);
  if (!members.ok()) return members.status();
  auto run = LatestRun(*members);
  if (!run.ok()) return run.status();
  if (run->empty()) return std::nullopt;
  VisitWithItems current{ToVisit(*run), {}};
  if (!current.visit.is_current) return std::nullopt;
  for (auto found = run->rbegin(); found != run->rend(); ++found) current.items.push_back(std::move(found->item));
  return current;
}

// ---- overviews

absl::StatusOr<Overview> TimelineReader::Show(const IdentifierView& identifier, size_t items) const {
  auto profile = Find(identifier);
  if (!profile.ok()) return profile.status();
  const std::vector<std::string> members = ItemPrefixesOf(golden::RecordView(profile->shared().bytes()));
  const auto run = LatestRun(members);
  if (!run.ok()) return run.status();
  Overview out{.profile = *std::move(profile), .loyalty = {}, .cart = {}, .visit = {}, .latest = {}};
  out.loyalty = LoyaltyOf(context_.schema, out.profile.view());
  out.cart = CartOf(context_.schema, out.profile.view());
  if (!run->empty()) out.visit = ToVisit(*run);
  if (items == 0) return out;
  auto page = items_.Page(members, {.limit = items, .newest_first = true});
  if (!page.ok()) return page.status();
  out.latest = std::move(page->items);
  return out;
}

}  // namespace kintsugi::read

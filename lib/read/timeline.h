// Timelines, visits and overviews, from stored rows.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/time.h"
#include "golden/record_codec.h"
#include "ingest/context.h"
#include "kintsugi/overview.h"
#include "kintsugi/timeline.h"
#include "living/item.h"
#include "living/rules.h"
#include "read/item_reader.h"
#include "read/reader.h"
#include "store/store.h"

namespace kintsugi::read {

// Where the items of a profile's identifiers are: prefixes of their keys.
std::vector<std::string> ItemPrefixesOf(const golden::RecordView& profile);

// TimelineReader reads one profile and its items as they are at one moment. Of each identifier of the profile no more
// rows are read than the page has room for, but for those that the filters leave out, and for items of one and the same
// time. Not thread-safe. Errors: kNotFound if nobody has the identifier, kInvalidArgument for what the caller got
// wrong.
class TimelineReader {
 public:
  // The references outlive it. `now`: the database's clock, for retention and visits.
  TimelineReader(const ingest::Context& context, const living::Rules& rules, const store::Store& store,
                 const Reader& reader, Time now)
      : context_(context),
        rules_(rules),
        store_(store),
        reader_(reader),
        now_(now),
        snapshot_(store),
        stored_(store, snapshot_),
        items_(context, rules, stored_, now) {}

  absl::StatusOr<TimelinePage> Page(const IdentifierView& identifier, const TimelineQuery& query) const;
  // Newest first, at most `limit`.
  absl::StatusOr<std::vector<Visit>> Visits(const IdentifierView& identifier, size_t limit) const;
  // Nothing if none is going on.
  absl::StatusOr<std::optional<VisitWithItems>> Current(const IdentifierView& identifier) const;
  // With at most so many items.
  absl::StatusOr<Overview> Show(const IdentifierView& identifier, size_t items) const;

 private:
  using Found = ItemReader::Found;

  absl::StatusOr<Profile> Find(const IdentifierView& identifier) const;
  absl::StatusOr<std::vector<std::string>> MembersOf(const IdentifierView& identifier) const;
  // The latest run that has begun by `now`, or else the latest; empty if there are no items.
  absl::StatusOr<std::vector<Found>> LatestRun(const std::vector<std::string>& members) const;
  absl::StatusOr<std::vector<std::vector<Found>>> RunsOf(const std::vector<std::string>& members, size_t limit) const;
  Visit ToVisit(std::span<const Found> run) const;

  const ingest::Context& context_;
  const living::Rules& rules_;
  const store::Store& store_;
  const Reader& reader_;
  const Time now_;
  const store::Store::Snapshot snapshot_;
  const StoredItems stored_;
  const ItemReader items_;
};

}  // namespace kintsugi::read

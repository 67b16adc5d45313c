// Items of some identifiers, a page at a time.

#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/time.h"
#include "base/visit_result.h"
#include "format/family.h"
#include "golden/observation.h"
#include "ingest/context.h"
#include "ingest/prepare.h"
#include "kintsugi/timeline.h"
#include "living/rules.h"
#include "store/store.h"

namespace kintsugi::read {

// Where items are read from: a store, or what counts as of a time.
class ItemSource {
 public:
  using Direction = store::Store::Direction;
  using Visit = store::Store::Visit;

  virtual ~ItemSource() = default;
  // The rows from `begin` on and before `end`, in order of key or the other way round. What the visitor finds wrong is
  // returned.
  virtual absl::Status ScanBetween(format::Family family, std::string_view begin, std::string_view end,
                                   Direction direction, const Visit& visit) const = 0;
};

// Those of a snapshot. Both outlive it.
class StoredItems : public ItemSource {
 public:
  StoredItems(const store::Store& store, const store::Store::Snapshot& snapshot) : store_(store), snapshot_(snapshot) {}

  absl::Status ScanBetween(format::Family family, std::string_view begin, std::string_view end, Direction direction,
                           const Visit& visit) const override {
    return store_.ScanBetween(family, begin, end, direction, visit, &snapshot_);
  }

 private:
  const store::Store& store_;
  const store::Store::Snapshot& snapshot_;
};

// ItemReader reads the items of some identifiers. Of each no more rows are read than the page has room for, but for
// those that the filters leave out, and for items of one and the same time. Not thread-safe. Errors: kInvalidArgument
// for what the caller got wrong, kDataLoss, the source's.
class ItemReader {
 public:
  struct Found {
    golden::SourceIndex source = 0;
    TimelineItem item;
  };
  // Time, source and id: the order of a timeline.
  using Place = std::tuple<Time, golden::SourceIndex, std::string>;
  // What of a timeline is read.
  struct Range {
    std::optional<Time> begin;
    std::optional<Time> end;  // exclusive
    std::vector<std::string> names;
    std::vector<uint32_t> name_marks;
    std::vector<golden::SourceIndex> sources;
    ItemSource::Direction direction = ItemSource::Direction::kForwards;
    size_t most = std::numeric_limits<size_t>::max();  // and all of one time
    std::optional<Place> after;

    bool IsAfter(const Place& place) const {
      if (!after) return true;
      return direction == ItemSource::Direction::kForwards ? *after < place : place < *after;
    }
  };

  // The references outlive it. `now`: the database's clock, for retention.
  ItemReader(const ingest::Context& context, const living::Rules& rules, const ItemSource& source, Time now)
      : context_(context), rules_(rules), source_(source), preparer_(context), now_(now) {}

  absl::StatusOr<Range> RangeOf(const TimelineQuery& query) const;
  // In the range's direction; not more than are wanted. `members`: prefixes of their keys.
  absl::StatusOr<std::vector<Found>> ItemsOf(const std::vector<std::string>& members, const Range& range) const;
  absl::StatusOr<TimelinePage> Page(const std::vector<std::string>& members, const TimelineQuery& query) const;

 private:
  absl::Status Collect(format::Family family, std::string_view member, const Range& range,
                       std::vector<Found>& out) const;

  const ingest::Context& context_;
  const living::Rules& rules_;
  const ItemSource& source_;
  const ingest::Preparer preparer_;
  const Time now_;
};

}  // namespace kintsugi::read

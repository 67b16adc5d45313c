// Items of identifiers, as they count now.

#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/time.h"
#include "format/family.h"
#include "graph/evidence_source.h"
#include "ingest/context.h"
#include "ingest/prepare.h"
#include "living/item.h"
#include "living/rules.h"
#include "living/tally.h"

namespace kintsugi::write {

// ItemScan reads the items that stand by identifiers, each of which is named by the key of its row of `item_tallies`.
// Those that retention has left are passed over. Not thread-safe. Errors are the source's, and kDataLoss for damaged
// rows. The references outlive it.
class ItemScan {
 public:
  ItemScan(const ingest::Context& context, const living::Rules& rules, const graph::EvidenceSource& rows, Time now)
      : rules_(rules), rows_(rows), preparer_(context), now_(now) {}

  const ingest::Preparer& preparer() const { return preparer_; }
  // When an item is none any more; kNeverFirst: never.
  Time EndOf(const living::Item& item) const;

  // From a time on. In order of time, but first all that are events.
  using Visit = std::function<absl::Status(living::Item item, Time end)>;
  absl::Status ForEach(const std::string& key, Time begin, const Visit& visit) const;
  // The same with their rows, which are valid during the call.
  using VisitRow = std::function<absl::Status(format::Family family, std::string_view key, std::string_view row,
                                              living::Item item, Time end)>;
  absl::Status ForEachRow(const std::string& key, Time begin, const VisitRow& visit) const;
  // One of one row, if it counts.
  absl::Status Read(format::Family family, std::string_view key, std::string_view row, const Visit& visit) const;

  // Of the visit that an item is in, those up to it, in order; of a long one at least the last kMostPathItems, and
  // others before them. Read from the item backwards, so that it costs what it gives.
  absl::StatusOr<std::vector<living::Item>> VisitUpTo(std::span<const std::string> keys,
                                                      const living::Place& item) const;

 private:
  class Backwards;

  const living::Rules& rules_;
  const graph::EvidenceSource& rows_;
  const ingest::Preparer preparer_;
  const Time now_;
};

}  // namespace kintsugi::write

// Visits: runs of a profile's items without a long gap.

#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/time.h"
#include "kintsugi/schema.h"
#include "living/item.h"

namespace kintsugi::living {

// Indices into the items of a timeline.
struct Visit {
  std::vector<size_t> items;                 // in order; at least one
  std::vector<golden::SourceIndex> sources;  // in order of first appearance
  std::optional<size_t> campaign;            // the first item that has one
  bool is_current = false;
};

// Of a schema without `visits`: one gap of 30 minutes, all sources. Immutable and safe from many threads.
class VisitRules {
 public:
  explicit VisitRules(const Schema& schema);

  // Whether an item of the source is part of visits.
  bool Counts(golden::SourceIndex source) const;
  Time::duration gap() const { return gap_; }

  // In order. `items` are in order. `now` is the database's clock, kNeverLast: before all times. A visit is current if
  // `now` is at most the gap after its last item.
  std::vector<Visit> Of(std::span<const Item> items, Time now) const;

 private:
  Time::duration gap_;
  std::vector<bool> counts_;  // by source
};

// The campaign that an item names: its property `campaign`, if that is an object; else what the address in its
// properties `url` or `page.url` says (utm_campaign as `name`, utm_source as `source`, utm_medium, utm_term,
// utm_content likewise), percent-decoded. Nothing if it names none.
std::optional<Json> CampaignOf(const Item& item);

}  // namespace kintsugi::living

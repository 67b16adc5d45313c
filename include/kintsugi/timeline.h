// What a person did: items in order of time, and the visits that they make up.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "kintsugi/export.h"
#include "kintsugi/ids.h"
#include "kintsugi/value.h"

namespace kintsugi {

// An event, or a record whose table declares one.
struct KINTSUGI_EXPORT TimelineItem {
  std::string id;  // of an event its message id, of a record SOURCE:KEY
  Time time;
  std::string name;
  std::string source;
  std::vector<Identifier> identifiers;  // normalised, as it came with; of a record without its own
  std::vector<NamedValue> traits;       // of an event, what it said of the person
  std::vector<NamedValue> properties;

  // One line, as `kintsugi timeline` prints it (docs/cli.md).
  std::string ToJson() const;
};

// Which items, and in which direction.
struct TimelineQuery {
  std::optional<Time> from;          // from this time on
  std::optional<Time> to;            // before this time
  std::vector<std::string> names;    // of any of these; none: all
  std::vector<std::string> sources;  // from any of these; none: all
  size_t limit = 100;                // at least 1
  bool newest_first = false;
  std::string after;  // TimelinePage::next of the page before, which had the same direction, names, sources and times
  std::optional<Time> as_of;  // who they were, and what they had done, at this time: see Engine::LookupAsOf
};

// In order of time, then source, then id; or the other way round.
struct TimelinePage {
  std::vector<TimelineItem> items;
  std::string next;  // empty: there are no more
};

// A longest run of a person's items without a gap, over all channels that the schema counts.
struct KINTSUGI_EXPORT Visit {
  Time start;
  Time end;
  size_t items = 0;
  std::vector<std::string> sources;  // in order of first appearance
  TimelineItem first;
  TimelineItem last;
  std::optional<Json> campaign;  // of the first item that has one
  bool is_current = false;       // `now` is no later than the gap after the last item

  // One line, as `kintsugi visits` prints it.
  std::string ToJson() const;
};

// A visit with all that was done in it, in order: the latest that has begun by `now`, if it is current.
struct VisitWithItems {
  Visit visit;
  std::vector<TimelineItem> items;
};

}  // namespace kintsugi

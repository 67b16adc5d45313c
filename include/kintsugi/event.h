// Evidence, as a host program hands it in.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kintsugi/ids.h"
#include "kintsugi/value.h"

namespace kintsugi {

// Something that happened. It never changes: the same id with the same content is a duplicate, with
// other content it is quarantined.
struct Event {
  std::string source;                   // a source of the schema that is declared with `events`
  std::string id;                       // unique within the source; empty: derived from the content
  std::optional<Time> time;             // must be given
  std::string name;                     // "Order Completed"
  std::vector<Identifier> identifiers;  // raw; at least one must survive normalisation
  std::vector<NamedValue> traits;       // about the person: they reach the golden record
  std::vector<NamedValue> properties;   // about the event: kept with it
};

// One version of a row of a source, named by source and key. A newer version replaces the older.
struct Record {
  std::string source;                   // a source of the schema that is declared with `table`
  std::string key;                      // must not be empty
  std::optional<Time> version;          // nothing: the source has no version times
  std::vector<Identifier> identifiers;  // raw; may be empty, for the record names itself
  std::vector<NamedValue> attributes;
  // Of a source whose records are items (Table::event): the item's properties, and when it happened. Nothing: at the
  // version's time.
  std::vector<NamedValue> properties;
  std::optional<Time> happened_at;
  // When it was read out of its source. Of two versions with one time, or without times, the one that was extracted
  // later counts. Nothing: earlier than all that are known; and without version times either, arrival decides.
  std::optional<Time> extracted_at;
};

}  // namespace kintsugi

// The naive living profile: traits, visits and retention, recomputed from all items whenever they are asked for, one
// small function for each kind of trait, quadratic where that is plainer. Written from the page "The living profile,
// exactly" alone. It shares paths into JSON and the words of values with the library; decimals, zones (Abseil's, where
// the library has ICU's), windows, conditions and kinds are its own, so that the two can only agree by being right (or
// wrong in the same way). It knows no approximation: what it says of more than 10,000 different values is exact.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kintsugi/schema.h"
#include "living/item.h"

namespace kintsugi::testing {

// The JSON text of each trait that is there, by name. The items are all of one profile's, in any order; `now` is the
// database's clock, nothing: before all times.
std::map<std::string, std::string> NaiveTraits(const Schema& schema, std::vector<living::Item> items,
                                               std::optional<Time> now);

struct NaiveVisit {
  Time start;
  Time end;
  std::vector<living::Item> items;   // in order
  std::vector<std::string> sources;  // names, in order of first appearance
  bool current = false;
};
// Oldest first.
std::vector<NaiveVisit> NaiveVisits(const Schema& schema, std::vector<living::Item> items, std::optional<Time> now);

// Whether retention has left the item. `is_record` says that it is a record's, which has none.
bool NaiveIsKept(const Schema& schema, const living::Item& item, bool is_record, std::optional<Time> now);

}  // namespace kintsugi::testing

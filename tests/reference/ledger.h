// The naive ledger of points: folded from all items whenever it is asked for, as a person with a pencil would. Written
// from the page "The living profile, exactly" alone. Nothing is struck out: each earning stays with what is left of it,
// and whether it is gone is asked again for each spending, and at the end for `now`. So without a `now` all earnings
// less all spendings are there, though a spending may have come too late for some of them.
//
// Where the page is silent: of an item's several numbers each counts, as in a sum; what a spending says is rounded down
// to whole points; less than one point is neither earned nor spent, and such an item does not use up an `at_most`; of a
// tier or an `at_most` without days all earnings so far count.

#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kintsugi/schema.h"
#include "living/item.h"

namespace kintsugi::testing {

struct NaiveLedger {
  std::map<std::string, std::string> traits;  // the JSON text of each that is there, by name
  size_t overdrawn = 0;                       // spendings of more than there was
};

// Nothing if the schema has no `loyalty`. The items are all of one profile's, in any order; `now` is the database's
// clock, nothing: before all times.
NaiveLedger NaiveLoyalty(const Schema& schema, std::vector<living::Item> items, std::optional<Time> now);

}  // namespace kintsugi::testing

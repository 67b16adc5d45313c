// The naive commerce traits: what `commerce {}` brings, recomputed from all items whenever it is asked for, one small
// function for each trait. Written from the page "The living profile, exactly" alone. Which items count as orders is
// decided for all of them first, as cancellations and refunds concern their order wherever they stand; the cart is one
// walk over the items, and is emptied by an order that is cancelled, too. Lists are those of the naive traits `top` and
// `values`, and the visit is a naive visit.
//
// Where the page is silent: a cart's lines are in the order in which they came in; a line's `product_id` is what the
// product is told apart by; what nobody said of a line (name, price) or an item (page) is left out; name and price are
// those that the latest add or removal says; a `products` array, even an empty one, stands for the item's own product;
// without an open cart there is no path, nor where the last touch is in no visit; refunds are taken off one by one, and
// so may take off more than the order; one of an order that nobody knows takes off its total, one of a cancelled order
// nothing. A line whose value is out of bounds adds
// nothing.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kintsugi/schema.h"
#include "living/item.h"

namespace kintsugi::testing {

// The JSON text of each trait that is there, by name; empty if the schema has no `commerce`. The items are all of one
// profile's, in any order; `now` is the database's clock, nothing: before all times.
std::map<std::string, std::string> NaiveCommerce(const Schema& schema, std::vector<living::Item> items,
                                                 std::optional<Time> now);

}  // namespace kintsugi::testing

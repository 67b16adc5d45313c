// A cart, folded from what was done to it.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "base/time.h"
#include "living/commerce_fields.h"
#include "living/decimal.h"
#include "living/tally.h"

namespace kintsugi::living {

// More different products are not taken into a cart: of those that come, the first ones in the timeline's order are in
// it, and another finds room when one of them is gone.
inline constexpr size_t kMostCartLines = 1'000;

// Cart is a person's cart after the items that it was told of, which come in the timeline's order. What was before the
// last time that it was empty does not matter to it: a fold may begin there. A plain value; never fails.
class Cart {
 public:
  // Of a product that is there the quantities are added up, and its name and price become those of the later item,
  // where that has them. A quantity of 0 brings no line.
  void Add(const Product& product, const Place& item);
  // Takes the quantity away, and the line if there is no more, whatever is left of the quantity. Of a line that stays
  // the name and the price are those of the later item, too.
  void Remove(const Product& product);
  // Something was done to the cart. Adding and removing are not such by themselves: an item may do so often.
  void Touch(const Place& item) { last_touch_ = item; }
  void Empty() { lines_.clear(); }

  bool is_open() const { return !lines_.empty(); }
  // Of an open cart: the time of the item that filled it when it was empty, and the last item that touched it.
  Time since() const { return since_; }
  const Place& last_touch() const { return last_touch_; }

  // `[{"product_id":…,"name":…,"quantity":…,"price":…}]` in the order in which the lines came; product_id is what the
  // product is told apart by, and what none of its items said is left out. Cost: a sort of the lines.
  Json ToList() const;
  // The sum of price times quantity, of each line rounded half to even. A line without a price counts 0, and so does
  // one that is beyond Decimal::kMost.
  Decimal Worth() const;

 private:
  struct Line {
    Product product;
    uint64_t came = 0;  // its place in the list
  };
  absl::flat_hash_map<std::string, Line> lines_;  // by key
  uint64_t lines_ever_ = 0;
  Time since_ = kNeverLast;
  Place last_touch_;
};

}  // namespace kintsugi::living

// The cart of a profile, told at the cost of what changed.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/time.h"
#include "golden/record_codec.h"
#include "living/commerce.h"
#include "living/item.h"
#include "living/rules.h"
#include "write/item_scan.h"

namespace kintsugi::write {

// What came to one identifier.
struct CartNews {
  std::optional<living::Place> last;  // the last that was stored of the items that the cart is told from
  std::vector<living::Item> added;    // of these the new ones
  std::vector<Time> seen;             // when other new ones were that are part of visits
};

// CartTeller tells the traits of a profile's cart. The record before says all of the cart, so that items which come in
// the timeline's order are done to that, however long the past; one that comes late has the cart's items of all times
// read. The path is a visit, read backwards. Of a schema with `commerce`. Immutable. The references outlive it.
class CartTeller {
 public:
  CartTeller(const living::Rules& rules, const ItemScan& scan, const living::TraitRules::Moment& moment)
      : rules_(rules), scan_(scan), moment_(moment) {}

  // An item that is new and counts.
  void Note(living::Item item, CartNews& news) const;

  enum class From {
    kBefore,  // what the record says stands
    kCart,    // the record's cart, to which the news are done
    kItems,   // all items of the cart's names, which are needed
  };
  // `before`: of the same identifiers, of which nothing went since. `touch`: the last item that touches the cart.
  From Begin(std::span<const CartNews* const> news, const golden::RecordView& before,
             const std::optional<living::Place>& touch, Time due) const;
  // `items`: of kItems those that are needed, in order; of kCart all orders, if one is new; others do no harm.
  // `before` is null of kItems.
  absl::Status Tell(std::span<const std::string> keys, std::span<const CartNews* const> news,
                    const golden::RecordView* before, const std::optional<living::Place>& touch,
                    std::span<const living::Item> items, living::TraitValues& out) const;

 private:
  std::string_view TraitOf(const golden::RecordView& record, living::CommerceValues::Trait trait) const;
  std::optional<living::Cart> CartOf(const golden::RecordView& record, const std::optional<living::Place>& touch) const;
  bool IsPathTouched(std::span<const CartNews* const> news, const golden::RecordView& before,
                     const std::optional<living::Place>& touch) const;
  living::Cart Fold(living::Cart cart, std::span<const living::Item> done, std::span<const living::Item> orders) const;

  const living::Rules& rules_;
  const ItemScan& scan_;
  const living::TraitRules::Moment& moment_;
};

}  // namespace kintsugi::write

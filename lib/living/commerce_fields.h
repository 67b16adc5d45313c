// What items of commerce say of products and orders.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "living/decimal.h"
#include "living/fields.h"
#include "living/item.h"

namespace kintsugi::living {

// A product, as one item names it.
struct Product {
  std::string key;  // what it is told apart by, encoded (golden::EncodeValue)
  Value id;         // the same: its product_id, else its sku, else its name
  std::optional<Value> name;
  Decimal quantity = Whole(1);
  std::optional<Decimal> price;
};

// CommerceFields reads properties as Segment's e-commerce specification names them. Immutable, safe from many threads.
//
// Ids and names are whatever is there, equal as JSON values: the number 1 is not the text "1". A text, or an object's
// JSON, of more than kMostValueBytes is not there, nor is a number that is no Decimal, a text where a number belongs,
// or a negative quantity. Of an array the first value that can be one counts.
class CommerceFields {
 public:
  CommerceFields();

  // Each object in the array `products`, in order; without such an array the item's own product. Those that have
  // neither product_id nor sku nor name are none. Cost: that of the array's text; of a million products one is at hand
  // at a time.
  void ForEachProduct(const Item& item, absl::FunctionRef<void(const Product&)> take) const;

  // Encoded.
  std::optional<std::string> OrderIdOf(const Item& item) const;
  // `total`.
  std::optional<Decimal> TotalOf(const Item& item) const { return total_.NumberOf(item); }
  // `total`, else `revenue`, else nothing.
  Decimal MoneyOf(const Item& item) const;

  // Different values, encoded, none longer than kMostListedBytes. `category` of the item and of its products.
  std::vector<std::string> CategoriesOf(const Item& item) const;
  // `coupon` of an order.
  std::vector<std::string> CouponsOfOrder(const Item& item) const;
  // `coupon_id` of a coupon that is applied, else `coupon_name`, else `coupon`.
  std::vector<std::string> CouponsApplied(const Item& item) const;

  // `page` as it stands; null if it is not there.
  static const Value& PageOf(const Item& item);

 private:
  std::vector<Field> product_;  // product_id, sku, name, quantity, price
  Field order_id_;
  Field total_;
  Field revenue_;
  Field category_;
  Field coupon_id_;
  Field coupon_name_;
  Field coupon_;
};

}  // namespace kintsugi::living

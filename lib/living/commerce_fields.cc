#include "living/commerce_fields.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "golden/value_codec.h"
#include "ingest/json_value.h"
#include "living/tally.h"
#include "simdjson.h"

namespace kintsugi::living {
namespace {

using simdjson::dom::element;

enum Member { kProductId, kSku, kName, kQuantity, kPrice };
constexpr std::array<std::string_view, 5> kMembers = {"product_id", "sku", "name", "quantity", "price"};

// What a product's members hold; null: not there.
using Members = std::array<Value, kMembers.size()>;

Field Named(std::string_view name) {
  return {name, nullptr, Schema()};
}

bool IsShort(const ValueView& value, size_t most) {
  const auto* text = std::get_if<std::string_view>(&value);
  const auto* json = std::get_if<JsonView>(&value);
  return (text == nullptr || text->size() <= most) && (json == nullptr || json->text.size() <= most);
}

// Whether something can be called that.
bool IsId(const ValueView& value) {
  return IsShort(value, kMostValueBytes);
}

// Whether a member's value can be one.
bool Suits(size_t member, const ValueView& value) {
  return member == kQuantity || member == kPrice ? Decimal::Of(value).has_value() : IsId(value);
}

// The first value that fits, of those that `any_of` tells.
Value FirstOf(absl::FunctionRef<bool(Fits)> any_of, Fits fits) {
  Value first;
  any_of([&](const ValueView& value) {
    if (!fits(value)) return false;
    first = ToValue(value);
    return true;
  });
  return first;
}

bool IsThere(const Value& value) {
  return !std::holds_alternative<Null>(value);
}

// Nothing if it has no id.
std::optional<Product> ProductOf(Members members) {
  Product product;
  for (const Member member : {kProductId, kSku, kName}) {
    if (!IsThere(product.id)) product.id = members[member];
  }
  if (!IsThere(product.id)) return std::nullopt;
  product.key = golden::EncodeValue(product.id);
  if (IsThere(members[kName])) product.name = std::move(members[kName]);
  const auto quantity = Decimal::Of(ToView(members[kQuantity]));
  if (quantity && *quantity >= Decimal()) product.quantity = *quantity;
  product.price = Decimal::Of(ToView(members[kPrice]));
  return product;
}

const Value& PropertyOf(const Item& item, std::string_view name) {
  static const Value kNone;
  for (const auto& [key, value] : item.properties) {
    if (key == name) return value;
  }
  return kNone;
}

// What is there at an object's member, as a Field tells what is at an item's property.
bool AnyAt(element object, std::string_view name, Fits fits) {
  element at;
  if (object.at_key(name).get(at) != simdjson::SUCCESS) return false;
  const Value value = ingest::ToValue(at);
  return AnyIn(ToView(value), fits);
}

// False if the item has no array of products. Not in the parser of fields.cc, which reads what is in the array.
bool ForEachObject(const Item& item, absl::FunctionRef<void(element)> take) {
  const auto* json = std::get_if<Json>(&PropertyOf(item, "products"));
  if (json == nullptr) return false;
  static thread_local simdjson::dom::parser parser;
  constexpr size_t kKeptBytes = size_t{1} << 20;  // a parser keeps about ten times that; beyond it is given back
  if (parser.capacity() > kKeptBytes) parser = simdjson::dom::parser();
  element root;
  if (parser.parse(json->text.data(), json->text.size()).get(root) != simdjson::SUCCESS || !root.is_array())
    return false;
  for (const element child : ingest::ArrayOf(root)) {
    if (child.is_object()) take(child);
  }
  return true;
}

// The different ones of the values that `tell` tells.
std::vector<std::string> ListOf(absl::FunctionRef<void(Fits)> tell) {
  std::vector<std::string> values;
  tell([&](const ValueView& value) {
    if (IsShort(value, kMostListedBytes)) values.push_back(golden::EncodeValue(ToValue(value)));
    return false;
  });
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

}  // namespace

CommerceFields::CommerceFields()
    : order_id_(Named("order_id")),
      total_(Named("total")),
      revenue_(Named("revenue")),
      category_(Named("category")),
      coupon_id_(Named("coupon_id")),
      coupon_name_(Named("coupon_name")),
      coupon_(Named("coupon")) {
  for (const std::string_view member : kMembers) product_.push_back(Named(member));
}

void CommerceFields::ForEachProduct(const Item& item, absl::FunctionRef<void(const Product&)> take) const {
  const auto read = [&](const auto& any_at) {
    Members members;
    for (size_t i = 0; i < kMembers.size(); ++i) {
      members[i] =
          FirstOf([&](Fits fits) { return any_at(i, fits); }, [&](const ValueView& value) { return Suits(i, value); });
    }
    if (const auto product = ProductOf(std::move(members))) take(*product);
  };
  const bool has_array = ForEachObject(
      item, [&](element object) { read([&](size_t i, Fits fits) { return AnyAt(object, kMembers[i], fits); }); });
  if (!has_array) read([&](size_t i, Fits fits) { return product_[i].AnyOf(item, fits); });
}

std::optional<std::string> CommerceFields::OrderIdOf(const Item& item) const {
  const Value id = FirstOf([&](Fits fits) { return order_id_.AnyOf(item, fits); }, IsId);
  return IsThere(id) ? std::optional(golden::EncodeValue(id)) : std::nullopt;
}

Decimal CommerceFields::MoneyOf(const Item& item) const {
  if (const auto total = total_.NumberOf(item)) return *total;
  return revenue_.NumberOf(item).value_or(Decimal());
}

std::vector<std::string> CommerceFields::CategoriesOf(const Item& item) const {
  return ListOf([&](Fits fits) {
    category_.AnyOf(item, fits);
    ForEachObject(item, [&](element object) { AnyAt(object, "category", fits); });
  });
}

std::vector<std::string> CommerceFields::CouponsOfOrder(const Item& item) const {
  return ListOf([&](Fits fits) { coupon_.AnyOf(item, fits); });
}

std::vector<std::string> CommerceFields::CouponsApplied(const Item& item) const {
  for (const Field* field : {&coupon_id_, &coupon_name_}) {
    if (field->ValueOf(item)) return ListOf([&](Fits fits) { field->AnyOf(item, fits); });
  }
  return CouponsOfOrder(item);
}

const Value& CommerceFields::PageOf(const Item& item) {
  static const Value kNone;
  const Value& page = PropertyOf(item, "page");
  return IsShort(ToView(page), kMostValueBytes) ? page : kNone;
}

}  // namespace kintsugi::living

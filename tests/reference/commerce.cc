#include "reference/commerce.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/json.h"
#include "reference/living.h"
#include "reference/living_decimal.h"
#include "reference/living_items.h"
#include "reference/living_values.h"
#include "simdjson.h"

namespace kintsugi::testing {
namespace {

using living::Item;
using simdjson::dom::element;

constexpr Millionths kOne = 1'000'000;

bool IsSame(const Item& a, const Item& b) {
  return !living::IsEarlier(a, b) && !living::IsEarlier(b, a);
}

std::string Array(const std::vector<std::string>& elements) {
  std::string out;
  for (const std::string& element : elements) out += (out.empty() ? "" : ",") + element;
  return "[" + out + "]";
}

std::string TimeJson(Time time) {
  return ToJson(Value(FormatTime(time)));
}

// The first of the paths that leads to anything says what there is.
std::vector<ItemValue> ValuesAtFirst(const Schema& schema, const Item& item, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    std::vector<ItemValue> values = ValuesOf(schema, nullptr, path, item);
    if (!values.empty()) return values;
  }
  return {};
}

std::optional<Millionths> NumberAt(const Schema& schema, const Item& item, const std::string& path) {
  for (const ItemValue& value : ValuesOf(schema, nullptr, path, item)) {
    const auto number = value.type == ItemValue::Type::kNumber ? MillionthsOf(value.json) : std::nullopt;
    if (number && IsInBounds(*number)) return number;
  }
  return std::nullopt;
}

// Products.

// An element of a `products` array, as if it were an item of its own.
Item ProductItem(const Item& item, simdjson::dom::object product) {
  Item out = item;
  out.properties.clear();
  for (const auto [name, value] : product)
    out.properties.emplace_back(std::string(name), Json{simdjson::minify(value)});
  return out;
}

// The elements of the item's `products` array; without one the item itself is about a product.
std::vector<Item> ProductsOf(const Item& item) {
  const auto products = std::find_if(item.properties.begin(), item.properties.end(),
                                     [](const NamedValue& property) { return property.first == "products"; });
  simdjson::dom::parser parser;
  simdjson::dom::array array;
  if (products == item.properties.end() || parser.parse(ToJson(products->second)).get(array) != simdjson::SUCCESS)
    return {item};
  std::vector<Item> out;
  for (const element child : array) {
    simdjson::dom::object product;
    if (child.get(product) == simdjson::SUCCESS) out.push_back(ProductItem(item, product));
  }
  return out;
}

// Orders.

std::optional<std::string> OrderId(const Schema& schema, const Item& item) {
  const auto values = ValuesOf(schema, nullptr, "order_id", item);
  return values.empty() ? std::nullopt : std::optional(values.front().json);
}

// The items of the name that concern the order.
std::vector<Item> Concerning(const Schema& schema, const std::vector<Item>& items, const std::string& name,
                             const std::optional<std::string>& order_id) {
  std::vector<Item> out;
  if (!order_id) return out;
  std::copy_if(items.begin(), items.end(), std::back_inserter(out),
               [&](const Item& item) { return item.name == name && OrderId(schema, item) == order_id; });
  return out;
}

// Of one id the first.
std::vector<Item> FirstOrders(const Schema& schema, const std::vector<Item>& items) {
  std::vector<Item> out;
  std::set<std::string> seen;
  for (const Item& item : items) {
    if (item.name != "Order Completed") continue;
    const auto id = OrderId(schema, item);
    if (!id || seen.insert(*id).second) out.push_back(item);
  }
  return out;
}

bool IsCancelled(const Schema& schema, const std::vector<Item>& items, const std::optional<std::string>& order_id) {
  return !Concerning(schema, items, "Order Cancelled", order_id).empty();
}

// Those that count.
std::vector<Item> OrdersOf(const Schema& schema, const std::vector<Item>& items) {
  std::vector<Item> out = FirstOrders(schema, items);
  std::erase_if(out, [&](const Item& order) { return IsCancelled(schema, items, OrderId(schema, order)); });
  return out;
}

Millionths MoneyOf(const Schema& schema, const Item& order) {
  const auto total = NumberAt(schema, order, "total");
  return total ? *total : NumberAt(schema, order, "revenue").value_or(0);
}

// What a refund takes off: its total, whether or not there is such an order, or else all of its order.
Millionths RefundOf(const Schema& schema, const std::vector<Item>& orders, const Item& refund) {
  const auto total = NumberAt(schema, refund, "total");
  if (total) return *total;
  const auto of_order = Concerning(schema, orders, "Order Completed", OrderId(schema, refund));
  return of_order.empty() ? 0 : MoneyOf(schema, of_order.front());
}

Millionths RevenueOf(const Schema& schema, const std::vector<Item>& items, const std::vector<Item>& orders) {
  Millionths revenue = 0;
  for (const Item& order : orders) revenue += MoneyOf(schema, order);
  for (const Item& item : items) {
    const bool counts = item.name == "Order Refunded" && !IsCancelled(schema, items, OrderId(schema, item));
    if (counts) revenue -= RefundOf(schema, orders, item);
  }
  return revenue;
}

// Days between the first order and the last, for each step from one to the next.
std::optional<std::string> OrderGapDays(const std::vector<Item>& orders) {
  if (orders.size() < 2) return std::nullopt;
  const Time::duration day = std::chrono::days(1);
  const Millionths between = (orders.back().time - orders.front().time).count();
  return TextOf(Quotient(between, static_cast<Millionths>(orders.size() - 1) * day.count()));
}

// The cart.

struct Line {
  std::string product;  // JSON
  std::optional<std::string> name;
  Millionths quantity = 0;
  std::optional<Millionths> price;
};

// Open while it has lines.
struct Cart {
  std::vector<Line> lines;
  Time since;
  Item last_touch;

  bool IsOpen() const { return !lines.empty(); }
};

Line& LineOf(Cart& cart, const std::string& product) {
  for (Line& line : cart.lines) {
    if (line.product == product) return line;
  }
  cart.lines.push_back({.product = product});
  return cart.lines.back();
}

// Puts the product in as often as it says; `sign` is -1 to take it out. What says of no product is passed over.
void Put(const Schema& schema, const Item& product, int sign, Cart& cart) {
  const auto told_by = ValuesAtFirst(schema, product, {"product_id", "sku", "name"});
  if (told_by.empty()) return;
  Line& line = LineOf(cart, told_by.front().json);
  const auto quantity = NumberAt(schema, product, "quantity");
  line.quantity += sign * (quantity && *quantity >= 0 ? *quantity : kOne);
  const auto name = ValuesOf(schema, nullptr, "name", product);
  if (!name.empty()) line.name = name.front().json;
  const auto price = NumberAt(schema, product, "price");
  if (price) line.price = price;
  std::erase_if(cart.lines, [](const Line& left) { return left.quantity <= 0; });
}

bool IsTouch(const Item& item) {
  static const std::set<std::string> kTouches = {"Product Added", "Product Removed", "Cart Viewed", "Checkout Started",
                                                 "Coupon Applied"};
  return kTouches.contains(item.name);
}

void Touch(const Schema& schema, const Item& item, Cart& cart) {
  const bool was_open = cart.IsOpen();
  const int sign = item.name == "Product Added" ? 1 : -1;
  if (item.name == "Product Added" || item.name == "Product Removed") {
    for (const Item& product : ProductsOf(item)) Put(schema, product, sign, cart);
  }
  if (!was_open) cart.since = item.time;
  cart.last_touch = item;
}

// An order that is cancelled later has emptied it all the same.
Cart CartOf(const Schema& schema, const std::vector<Item>& items) {
  const std::vector<Item> orders = FirstOrders(schema, items);
  Cart cart;
  for (const Item& item : items) {
    const bool is_order =
        std::any_of(orders.begin(), orders.end(), [&](const Item& order) { return IsSame(order, item); });
    if (is_order) cart = Cart();
    if (IsTouch(item)) Touch(schema, item, cart);
  }
  return cart;
}

std::string LineJson(const Line& line) {
  std::string out = "{\"product_id\":" + line.product;
  if (line.name) out += ",\"name\":" + *line.name;
  out += ",\"quantity\":" + TextOf(line.quantity);
  if (line.price) out += ",\"price\":" + TextOf(*line.price);
  return out + "}";
}

std::string CartJson(const Cart& cart) {
  std::vector<std::string> lines;
  for (const Line& line : cart.lines) lines.push_back(LineJson(line));
  return Array(lines);
}

// Rounded half to even at the sixth place. What 128 bits cannot hold as millionths of millionths is out of bounds, too.
std::optional<Millionths> ValueOf(const Line& line) {
  Millionths product = 0;
  if (!line.price || __builtin_mul_overflow(line.quantity, *line.price, &product)) return std::nullopt;
  const Millionths value = Quotient(product, kOne * kOne);
  return IsInBounds(value) ? std::optional(value) : std::nullopt;
}

std::string CartValue(const Cart& cart) {
  Millionths sum = 0;
  for (const Line& line : cart.lines) sum += ValueOf(line).value_or(0);
  return TextOf(sum);
}

bool IsAbandoned(const Schema& schema, const Cart& cart, std::optional<Time> now) {
  const Time::duration wait = std::chrono::minutes(schema.commerce->abandoned_after_minutes);
  return cart.IsOpen() && now && cart.last_touch.time + wait <= *now;
}

// At most 1,024 bytes of it, and no part of a character.
std::string Beginning(std::string text) {
  if (text.size() <= 1024) return text;
  size_t bytes = 1024;
  while (bytes > 0 && text[bytes] < static_cast<char>(0xc0) && text[bytes] < 0) --bytes;
  return text.substr(0, bytes);
}

std::string StepJson(const Item& item) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Member("time", FormatTime(item.time));
  json.Member("name", Beginning(item.name));
  for (const auto& [name, value] : item.properties) {
    if (name == "page" && !std::holds_alternative<Null>(value)) json.Member("page", value);
  }
  json.EndObject();
  return out;
}

bool IsIn(const Item& item, const NaiveVisit& visit) {
  return std::any_of(visit.items.begin(), visit.items.end(), [&](const Item& other) { return IsSame(item, other); });
}

std::string CartPath(const Schema& schema, const std::vector<Item>& items, const Cart& cart, std::optional<Time> now) {
  std::vector<std::string> steps;
  if (!cart.IsOpen()) return Array(steps);
  for (const NaiveVisit& visit : NaiveVisits(schema, items, now)) {
    if (!IsIn(cart.last_touch, visit)) continue;
    for (const Item& item : visit.items) {
      if (!living::IsEarlier(cart.last_touch, item)) steps.push_back(StepJson(item));
    }
  }
  return Array(steps);
}

// Lists.

// The item with nothing but the values.
Item Listed(const Item& item, const std::vector<ItemValue>& values) {
  std::vector<std::string> texts;
  for (const ItemValue& value : values) texts.push_back(value.json);
  Item out = item;
  out.properties = {{"value", Json{Array(texts)}}};
  return out;
}

// What a trait of the kind says of the items' values.
std::string ListOf(const Schema& schema, TraitKind kind, uint32_t limit, const std::vector<Item>& listed) {
  Schema lists;
  lists.sources = schema.sources;
  lists.traits = {{.name = "list", .kind = kind, .of = "value", .limit = limit}};
  return NaiveTraits(lists, listed, std::nullopt).at("list");
}

std::string Categories(const Schema& schema, const std::vector<Item>& items) {
  std::vector<Item> listed;
  for (const Item& item : items) {
    if (item.name != "Product Viewed" && item.name != "Product Added") continue;
    std::vector<ItemValue> values = ValuesOf(schema, nullptr, "category", item);
    for (const Item& product : ProductsOf(item)) {
      for (const ItemValue& value : ValuesOf(schema, nullptr, "category", product)) values.push_back(value);
    }
    listed.push_back(Listed(item, values));
  }
  return ListOf(schema, TraitKind::kTop, 100, listed);
}

std::string Coupons(const Schema& schema, const std::vector<Item>& items, const std::vector<Item>& orders) {
  std::vector<Item> listed;
  for (const Item& order : orders) listed.push_back(Listed(order, ValuesOf(schema, nullptr, "coupon", order)));
  for (const Item& item : items) {
    if (item.name != "Coupon Applied") continue;
    listed.push_back(Listed(item, ValuesAtFirst(schema, item, {"coupon_id", "coupon_name", "coupon"})));
  }
  return ListOf(schema, TraitKind::kValues, kDefaultMaxListed, listed);
}

}  // namespace

std::map<std::string, std::string> NaiveCommerce(const Schema& schema, std::vector<Item> items,
                                                 std::optional<Time> now) {
  if (!schema.commerce) return {};
  std::sort(items.begin(), items.end(), living::IsEarlier);
  const std::vector<Item> orders = OrdersOf(schema, items);
  const Cart cart = CartOf(schema, items);
  const Millionths revenue = RevenueOf(schema, items, orders);
  std::map<std::string, std::string> there = {
      {"cart", CartJson(cart)},
      {"cart_value", CartValue(cart)},
      {"cart_abandoned", IsAbandoned(schema, cart, now) ? "true" : "false"},
      {"cart_path", CartPath(schema, items, cart, now)},
      {"orders", std::to_string(orders.size())},
      {"revenue", TextOf(revenue)},
      {"categories", Categories(schema, items)},
      {"coupons", Coupons(schema, items, orders)},
  };
  if (cart.IsOpen()) there["cart_since"] = TimeJson(cart.since);
  if (const auto gap = OrderGapDays(orders)) there["order_gap_days"] = *gap;
  if (orders.empty()) return there;
  there["average_order"] = TextOf(Quotient(revenue, static_cast<Millionths>(orders.size()) * kOne));
  there["first_order"] = TimeJson(orders.front().time);
  there["last_order"] = TimeJson(orders.back().time);
  return there;
}

}  // namespace kintsugi::testing

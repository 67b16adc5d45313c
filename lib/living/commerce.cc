#include "living/commerce.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "living/value_lists.h"
#include "living/windows.h"

namespace kintsugi::living {
namespace {

enum class Event {
  kCartViewed,
  kCheckoutStarted,
  kCouponApplied,
  kOrderCancelled,
  kOrderCompleted,
  kOrderRefunded,
  kProductAdded,
  kProductRemoved,
  kProductViewed,
  kOther,
};

// Sorted, in the order of Event.
constexpr std::array<std::string_view, 9> kNames = {"Cart Viewed",     "Checkout Started", "Coupon Applied",
                                                    "Order Cancelled", "Order Completed",  "Order Refunded",
                                                    "Product Added",   "Product Removed",  "Product Viewed"};

Event EventOf(const Item& item) {
  return static_cast<Event>(std::find(kNames.begin(), kNames.end(), item.name) - kNames.begin());
}

void AddValues(std::vector<std::string> values, const Item& item, Tally& tally) {
  for (std::string& value : values) tally.AddValue(std::move(value), PlaceOf(item));
}

void TellList(Tally tally, TraitKind kind, uint32_t limit, CommerceValues::Trait trait, CommerceValues& out) {
  tally.Settle();
  out.values[trait] = ListOf(tally, kind, limit);
  out.is_approximate[trait] = tally.is_approximate;
}

std::optional<Value> ValueOf(std::optional<Decimal> number) {
  return number ? std::optional(number->ToValue()) : std::nullopt;
}

// So many gaps lie between the first order and the last. Microseconds stand for millionths: what they count cancels
// out.
std::optional<Decimal> GapDays(const Orders::Sum& sum) {
  if (sum.orders < 2) return std::nullopt;
  constexpr Time::duration kDay = std::chrono::days(1);
  const auto gaps = static_cast<__int128>(sum.orders - 1);
  return Decimal::OfMillionths((sum.last - sum.first).count()).DividedBy(Decimal::OfMillionths(kDay.count() * gaps));
}

void TellSum(const Orders::Sum& sum, CommerceValues& out) {
  out.values[CommerceValues::kOrders] = Whole(sum.orders).ToValue();
  out.values[CommerceValues::kRevenue] = sum.revenue.ToValue();
  if (sum.orders == 0) return;
  out.values[CommerceValues::kAverageOrder] = ValueOf(sum.revenue.DividedBy(Whole(sum.orders)));
  out.values[CommerceValues::kFirstOrder] = FormatTime(sum.first);
  out.values[CommerceValues::kLastOrder] = FormatTime(sum.last);
  out.values[CommerceValues::kOrderGapDays] = ValueOf(GapDays(sum));
}

// Its first characters, of a name that is longer than kMostValueBytes.
std::string_view NameOf(const Item& item) {
  std::string_view name = item.name;
  if (name.size() <= kMostValueBytes) return name;
  size_t end = kMostValueBytes;
  const auto is_inside = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; };
  while (end > 0 && is_inside(name[end])) --end;
  return name.substr(0, end);
}

void WriteStep(JsonWriter& json, const Item& item) {
  json.BeginObject();
  json.Member("time", FormatTime(item.time));
  json.Member("name", NameOf(item));
  const Value& page = CommerceFields::PageOf(item);
  if (!std::holds_alternative<Null>(page)) json.Member("page", page);
  json.EndObject();
}

}  // namespace

CommerceRules::CommerceRules(const Schema& schema)
    : visits_(schema),
      abandoned_after_(std::chrono::minutes(schema.commerce.value_or(Commerce()).abandoned_after_minutes)) {}

const std::vector<std::string>& CommerceRules::needed_names() {
  static const std::vector<std::string> names(kNames.begin(), kNames.end());
  return names;
}

bool CommerceRules::Needs(const Item& item) {
  return EventOf(item) != Event::kOther;
}

const std::vector<std::string>& CommerceRules::cart_names() {
  static const std::vector<std::string> names = {"Cart Viewed",     "Checkout Started", "Coupon Applied",
                                                 "Order Completed", "Product Added",    "Product Removed"};
  return names;
}

const std::vector<std::string>& CommerceRules::order_names() {
  static const std::vector<std::string> names = {"Coupon Applied", "Order Cancelled", "Order Completed",
                                                 "Order Refunded"};
  return names;
}

bool CommerceRules::IsOfCart(const Item& item) {
  return std::binary_search(cart_names().begin(), cart_names().end(), item.name);
}

bool CommerceRules::Touches(const Item& item) {
  return IsOfCart(item) && EventOf(item) != Event::kOrderCompleted;
}

void CommerceRules::Apply(const Item& item, CommerceState& state) const {
  const bool is_new_order = ApplyToOrders(item, state.orders, state.coupons);
  ApplyToCart(item, is_new_order, state.cart);
  AddCategories(item, state.categories);
}

void CommerceRules::ApplyToCart(const Item& item, bool is_new_order, Cart& cart) const {
  if (is_new_order) cart.Empty();
  if (!Touches(item)) return;
  cart.Touch(PlaceOf(item));
  if (EventOf(item) == Event::kProductAdded)
    fields_.ForEachProduct(item, [&](const Product& product) { cart.Add(product, PlaceOf(item)); });
  if (EventOf(item) == Event::kProductRemoved)
    fields_.ForEachProduct(item, [&](const Product& product) { cart.Remove(product); });
}

bool CommerceRules::ApplyToOrders(const Item& item, Orders& orders, Tally& coupons) const {
  switch (EventOf(item)) {
    case Event::kOrderCompleted: {
      Order order{PlaceOf(item), fields_.MoneyOf(item), fields_.CouponsOfOrder(item)};
      return orders.Complete(fields_.OrderIdOf(item), std::move(order));
    }
    case Event::kOrderRefunded:
      orders.Refund(fields_.OrderIdOf(item), fields_.TotalOf(item));
      return false;
    case Event::kOrderCancelled:
      orders.Cancel(fields_.OrderIdOf(item));
      return false;
    case Event::kCouponApplied:
      AddValues(fields_.CouponsApplied(item), item, coupons);
      return false;
    default:
      return false;
  }
}

void CommerceRules::AddCategories(const Item& item, Tally& categories) const {
  const Event event = EventOf(item);
  if (event == Event::kProductViewed || event == Event::kProductAdded)
    AddValues(fields_.CategoriesOf(item), item, categories);
}

void CommerceRules::TellCart(const Cart& cart, Value path, Time now, CommerceValues& out) const {
  out.values[CommerceValues::kCart] = cart.ToList();
  out.values[CommerceValues::kCartValue] = cart.Worth().ToValue();
  out.values[CommerceValues::kCartPath] = std::move(path);
  out.values[CommerceValues::kCartAbandoned] = false;
  if (!cart.is_open()) return;
  out.values[CommerceValues::kCartSince] = FormatTime(cart.since());
  const Time abandoned = cart.last_touch().time + abandoned_after_;
  out.values[CommerceValues::kCartAbandoned] = now >= abandoned;
  if (now < abandoned && abandoned < kEndOfTimes) out.due = abandoned;
}

Value CommerceRules::PathOf(const Cart& cart, std::span<const Item> visit) const {
  return cart.is_open() ? PathTo(cart.last_touch(), visit) : Json{"[]"};
}

// Going back from the touch, which is in no visit if its source is in none.
Json CommerceRules::PathTo(const Place& touch, std::span<const Item> visit) const {
  const auto is_up_to = [&](const Item& item) { return PlaceOf(item) <= touch; };
  const auto end = std::partition_point(visit.begin(), visit.end(), is_up_to);
  std::vector<const Item*> steps;
  Time next = touch.time;
  for (auto at = end; visits_.Counts(touch.source) && at != visit.begin() && steps.size() < kMostPathItems;) {
    --at;
    if (!visits_.Counts(at->source)) continue;
    if (next - at->time > visits_.gap()) break;
    next = at->time;
    steps.push_back(&*at);
  }
  std::string text;
  JsonWriter json(text);
  json.BeginArray();
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) WriteStep(json, **step);
  json.EndArray();
  return Json{std::move(text)};
}

CommerceValues CommerceRules::Tell(const CommerceState& state, std::span<const Item> visit, Time now) const {
  CommerceValues out;
  TellCart(state.cart, PathOf(state.cart, visit), now, out);
  TellOrders(state.orders, state.coupons, out);
  TellCategories(state.categories, out);
  return out;
}

void CommerceRules::TellOrders(const Orders& orders, Tally coupons, CommerceValues& out) const {
  TellSum(orders.Total(), out);
  orders.AddCoupons(coupons);
  TellList(std::move(coupons), TraitKind::kValues, kDefaultMaxListed, CommerceValues::kCoupons, out);
}

void CommerceRules::TellCategories(Tally categories, CommerceValues& out) const {
  TellList(std::move(categories), TraitKind::kTop, kDefaultMaxListed, CommerceValues::kCategories, out);
}

// A number of which JSON's reader keeps too little, or whatever else is not as it was, shows in the list.
std::optional<Cart> CommerceRules::CartFrom(const Json& list, std::optional<Time> since, const Place& touch) const {
  Cart cart;
  const Item item{.properties = {{"products", list}}};
  fields_.ForEachProduct(item,
                         [&](const Product& product) { cart.Add(product, {.time = since.value_or(kNeverLast)}); });
  if (cart.is_open() != since.has_value() || cart.ToList() != list) return std::nullopt;
  cart.Touch(touch);
  return cart;
}

CommerceValues CommerceRules::Evaluate(std::span<const Item> items, Time now) const {
  CommerceState state;
  for (const Item& item : items) Apply(item, state);
  return Tell(state, items, now);
}

}  // namespace kintsugi::living

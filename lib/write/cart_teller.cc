#include "write/cart_teller.h"

#include <algorithm>
#include <utility>

#include "golden/value_codec.h"

namespace kintsugi::write {

using living::Cart;
using living::CommerceRules;
using living::CommerceValues;
using living::Place;

namespace {

// When the first step of a path was; nothing: it has none.
std::optional<Time> BeginOf(std::string_view path) {
  constexpr std::string_view kFirst = "[{\"time\":\"";
  if (!path.starts_with(kFirst)) return std::nullopt;
  path.remove_prefix(kFirst.size());
  return ParseTime(path.substr(0, path.find('"')));
}

std::vector<living::Item> AddedOf(std::span<const CartNews* const> news) {
  std::vector<living::Item> added;
  for (const CartNews* one : news) added.insert(added.end(), one->added.begin(), one->added.end());
  std::sort(added.begin(), added.end(), living::IsEarlier);
  return added;
}

bool IsAnyLate(std::span<const CartNews* const> news) {
  std::optional<Place> last;
  for (const CartNews* one : news) last = std::max(last, one->last);
  return last && std::any_of(news.begin(), news.end(), [&](const CartNews* one) {
           return std::any_of(one->added.begin(), one->added.end(),
                              [&](const living::Item& item) { return PlaceOf(item) < *last; });
         });
}

}  // namespace

void CartTeller::Note(living::Item item, CartNews& news) const {
  if (CommerceRules::IsOfCart(item))
    news.added.push_back(std::move(item));
  else if (rules_.visits.Counts(item.source))
    news.seen.push_back(item.time);
}

std::string_view CartTeller::TraitOf(const golden::RecordView& record, CommerceValues::Trait trait) const {
  return record.trait(static_cast<uint32_t>(rules_.traits.commerce_position() + trait));
}

// Another item of the visit belongs to the path if it comes before the touch.
bool CartTeller::IsPathTouched(std::span<const CartNews* const> news, const golden::RecordView& before,
                               const std::optional<Place>& touch) const {
  const bool is_anything_seen = std::any_of(news.begin(), news.end(), [&](const CartNews* one) {
    return std::any_of(one->seen.begin(), one->seen.end(), [&](Time time) { return touch && time <= touch->time; });
  });
  if (!is_anything_seen || TraitOf(before, CommerceValues::kCartSince).empty()) return false;
  const ValueView path = golden::ReadValue(TraitOf(before, CommerceValues::kCartPath));
  const auto* json = std::get_if<JsonView>(&path);
  const std::optional<Time> begin = json != nullptr ? BeginOf(json->text) : std::nullopt;
  return begin && std::any_of(news.begin(), news.end(), [&](const CartNews* one) {
           return std::any_of(one->seen.begin(), one->seen.end(),
                              [&](Time time) { return time <= touch->time && *begin - time <= rules_.visits.gap(); });
         });
}

CartTeller::From CartTeller::Begin(std::span<const CartNews* const> news, const golden::RecordView& before,
                                   const std::optional<Place>& touch, Time due) const {
  const bool is_added_to =
      std::any_of(news.begin(), news.end(), [](const CartNews* one) { return !one->added.empty(); });
  const bool is_due = moment_.now != kNeverLast && due <= moment_.now;
  if (!is_added_to && !is_due && !IsPathTouched(news, before, touch)) return From::kBefore;
  return IsAnyLate(news) || !CartOf(before, touch) ? From::kItems : From::kCart;
}

std::optional<Cart> CartTeller::CartOf(const golden::RecordView& record, const std::optional<Place>& touch) const {
  const Value list = ToValue(golden::ReadValue(TraitOf(record, CommerceValues::kCart)));
  const auto* json = std::get_if<Json>(&list);
  if (json == nullptr) return std::nullopt;
  std::optional<Time> since;
  if (const std::string_view bytes = TraitOf(record, CommerceValues::kCartSince); !bytes.empty()) {
    const ValueView value = golden::ReadValue(bytes);
    const auto* text = std::get_if<std::string_view>(&value);
    since = text != nullptr ? ParseTime(*text) : std::nullopt;
    if (!since) return std::nullopt;
  }
  return rules_.traits.commerce()->CartFrom(*json, since, touch.value_or(Place()));
}

// An order is new if none of its id is before it among the orders.
Cart CartTeller::Fold(Cart cart, std::span<const living::Item> done, std::span<const living::Item> orders) const {
  const CommerceRules& rules = *rules_.traits.commerce();
  living::CommerceState state;
  auto next = orders.begin();
  for (const living::Item& item : done) {
    for (; next != orders.end() && living::IsEarlier(*next, item); ++next)
      rules.ApplyToOrders(*next, state.orders, state.coupons);
    const bool is_new_order = rules.ApplyToOrders(item, state.orders, state.coupons);
    rules.ApplyToCart(item, is_new_order, cart);
  }
  return cart;
}

absl::Status CartTeller::Tell(std::span<const std::string> keys, std::span<const CartNews* const> news,
                              const golden::RecordView* before, const std::optional<Place>& touch,
                              std::span<const living::Item> items, living::TraitValues& out) const {
  const CommerceRules& rules = *rules_.traits.commerce();
  Cart cart;
  bool is_path_known = false;
  if (before == nullptr) {
    cart = Fold(Cart(), items, {});
  } else if (auto known = CartOf(*before, touch)) {
    const std::vector<living::Item> added = AddedOf(news);
    is_path_known = added.empty() && !IsPathTouched(news, *before, touch);
    cart = Fold(*std::move(known), added, items);
  }
  Value path;
  if (is_path_known) {
    path = ToValue(golden::ReadValue(TraitOf(*before, CommerceValues::kCartPath)));
  } else if (cart.is_open()) {
    const auto visit = scan_.VisitUpTo(keys, cart.last_touch());
    if (!visit.ok()) return visit.status();
    path = rules.PathOf(cart, *visit);
  } else {
    path = rules.PathOf(cart, {});
  }
  rules_.traits.TellCart(cart, std::move(path), moment_, out);
  return absl::OkStatus();
}

}  // namespace kintsugi::write

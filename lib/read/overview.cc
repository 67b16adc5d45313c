#include "read/overview.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/json_value.h"

namespace kintsugi::read {
namespace {

using simdjson::dom::element;

Value TraitOf(const ProfileView& profile, std::string_view name) {
  const auto value = profile.trait(name);
  return value ? ToValue(*value) : Value(Null());
}

Value MemberOf(element object, std::string_view name) {
  element member;
  return object[name].get(member) == simdjson::SUCCESS ? ingest::ToValue(member) : Value(Null());
}

std::string TextOf(Value value) {
  auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? std::move(*text) : std::string();
}

// Products are told apart by the JSON of what names them, so a number is no text.
std::string IdOf(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? *text : ToJson(value);
}

// Each element of a list that a trait holds. The engine wrote it.
template <typename Visit>
void ForEachElement(const ProfileView& profile, std::string_view trait, const Visit& visit) {
  const auto value = profile.trait(trait);
  const auto* list = value ? std::get_if<JsonView>(&*value) : nullptr;
  if (list == nullptr) return;
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(list->text.data(), list->text.size()).get(root) != simdjson::SUCCESS || !root.is_array()) return;
  for (const element one : ingest::ArrayOf(root)) visit(one);
}

}  // namespace

std::optional<OpenCart> CartOf(const Schema& schema, const ProfileView& profile) {
  if (!schema.commerce) return std::nullopt;
  OpenCart cart;
  ForEachElement(profile, "cart", [&](element line) {
    cart.lines.push_back({.product_id = IdOf(MemberOf(line, "product_id")),
                          .name = MemberOf(line, "name"),
                          .quantity = MemberOf(line, "quantity"),
                          .price = MemberOf(line, "price")});
  });
  if (cart.lines.empty()) return std::nullopt;
  ForEachElement(profile, "cart_path", [&](element step) {
    const auto time = ParseTime(TextOf(MemberOf(step, "time")));
    if (time) cart.path.push_back({*time, TextOf(MemberOf(step, "name")), MemberOf(step, "page")});
  });
  cart.value = TraitOf(profile, "cart_value");
  cart.since = ParseTime(TextOf(TraitOf(profile, "cart_since")));
  cart.is_abandoned = TraitOf(profile, "cart_abandoned") == Value(true);
  return cart;
}

std::optional<LoyaltyStanding> LoyaltyOf(const Schema& schema, const ProfileView& profile) {
  if (!schema.loyalty) return std::nullopt;
  return LoyaltyStanding{.points = TraitOf(profile, "points"),
                         .expiring_30d = TraitOf(profile, "points_expiring_30d"),
                         .tier = TextOf(TraitOf(profile, "tier"))};
}

}  // namespace kintsugi::read

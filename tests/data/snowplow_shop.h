// 832 events of a shop, told in the words of Segment's e-commerce events, and what Snowplow's published model expects
// of them, release 0.6.1.

#pragma once

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/json.h"
#include "catch.h"
#include "data_dir.h"
#include "kintsugi/event.h"
#include "snowplow_rows.h"

namespace kintsugi::testing::snowplow {

#define SNOWPLOW_CONTEXT(name) "contexts_com_snowplowanalytics_" name

// The events, and what is expected of them; nothing without the data.
struct Shop {
  std::vector<Row> events;
  std::vector<Row> sessions;
  std::vector<Row> carts;
};

inline std::optional<Shop> ReadShop() {
  const auto events = DataFileOrSkip("data/snowplow_ecommerce/source__snowplow_ecommerce_events.csv");
  if (!events) return std::nullopt;
  const std::string expected = events->parent_path() / "expected__snowplow_ecommerce_";
  return Shop{ReadCsv(events->string()), ReadCsv(expected + "sessions_expected.csv"),
              ReadCsv(expected + "cart_interactions_expected.csv")};
}

inline std::string CellOf(const Row& row, const std::string& name) {
  const auto found = row.find(name);
  return found == row.end() ? "" : found->second;
}

// The objects in a cell, a number as its digits. The web writes numbers as texts, the app does not.
inline std::vector<Row> ObjectsIn(const std::string& cell) {
  std::vector<Row> out;
  const auto add = [&](simdjson::dom::object object) {
    Row& row = out.emplace_back();
    for (const auto& [key, value] : object) {
      if (value.is_null()) continue;
      row[std::string(key)] = value.is_string() ? std::string(std::string_view(value)) : simdjson::minify(value);
    }
  };
  if (cell.empty()) return out;
  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.parse(cell);
  if (root.is_object()) add(root);
  if (!root.is_array()) return out;
  for (const simdjson::dom::element one : simdjson::dom::array(root)) add(one);
  return out;
}

inline Row FirstIn(const std::string& cell) {
  const auto objects = ObjectsIn(cell);
  return objects.empty() ? Row() : objects.front();
}

inline int64_t CentsOf(const std::string& number) {
  return std::llround(std::stod(number) * 100);
}

// Segment's name for what was done. Only its first step starts a checkout. 410 events do not say what was done: they
// keep Snowplow's name for all events, and are no more to `commerce` than to the model.
inline std::string NameOf(const Row& event) {
  static const std::map<std::string, std::string> names = {{"product_view", "Product Viewed"},
                                                           {"list_view", "Product List Viewed"},
                                                           {"list_click", "Product Clicked"},
                                                           {"add_to_cart", "Product Added"},
                                                           {"promo_view", "Promotion Viewed"},
                                                           {"promo_click", "Promotion Clicked"},
                                                           {"remove_from_cart", "Product Removed"},
                                                           {"transaction", "Order Completed"},
                                                           {"refund", "Order Refunded"}};
  const Row action =
      FirstIn(event.at("unstruct_event_com_snowplowanalytics_snowplow_ecommerce_snowplow_ecommerce_action_1_0_0"));
  const std::string type = CellOf(action, "type");
  if (type.empty()) return event.at("event_name");
  if (type != "checkout_step") return names.at(type);
  const Row step = FirstIn(event.at(SNOWPLOW_CONTEXT("snowplow_ecommerce_checkout_step_1_0_0")));
  return CellOf(step, "step") == "1" ? "Checkout Started" : "Checkout Step Viewed";
}

inline Json ListOf(const std::vector<Row>& products) {
  std::string text;
  JsonWriter json(text);
  json.BeginArray();
  for (const Row& product : products) {
    json.BeginObject();
    json.Member("product_id", product.at("id"));
    json.Member("category", product.at("category"));
    json.Member("price", JsonView{product.at("price")});
    json.EndObject();
  }
  json.EndArray();
  return Json{std::move(text)};
}

// Snowplow's revenue has the costs of shipping in it (a product of 25 is one of 26), as Segment's total has and
// Segment's revenue has not. No product has a quantity. Where the shop tells of a cart, as with adds and removes, also
// that, in cents: what it is worth then, and what it was worth before, if the products were added to it.
inline std::vector<NamedValue> PropertiesOf(const Row& event) {
  std::vector<NamedValue> out;
  const auto products = ObjectsIn(event.at(SNOWPLOW_CONTEXT("snowplow_ecommerce_product_1_0_0")));
  if (!products.empty()) out.emplace_back("products", ListOf(products));
  if (!event.at("page_urlpath").empty()) out.emplace_back("page", event.at("page_urlpath"));
  const Row order = FirstIn(event.at(SNOWPLOW_CONTEXT("snowplow_ecommerce_transaction_1_0_0")));
  if (!order.empty()) {
    out.emplace_back("order_id", order.at("transaction_id"));
    out.emplace_back("total", std::stod(order.at("revenue")));
  }
  const Row cart = FirstIn(event.at(SNOWPLOW_CONTEXT("snowplow_ecommerce_cart_1_0_0")));
  if (!cart.empty()) {
    int64_t added = 0;
    for (const Row& product : products) added += CentsOf(product.at("price"));
    out.emplace_back("cart_total", CentsOf(cart.at("total_value")));
    out.emplace_back("cart_before", CentsOf(cart.at("total_value")) - added);
  }
  return out;
}

// Those of the shop, in order of the devices' times; `skip-me` is what the model is told to leave out. They are a
// session's or a visitor's: the app says in a context what has columns on the web.
inline std::vector<Event> EventsOf(const Shop& shop, const std::string& whose) {
  std::vector<Event> out;
  for (const Row& row : shop.events) {
    if (row.at("app_id") == "skip-me") continue;
    const Row app = FirstIn(row.at(SNOWPLOW_CONTEXT("snowplow_client_session_1_0_1")));
    const std::string& web = row.at(whose == "session" ? "domain_sessionid" : "domain_userid");
    out.push_back({.source = "shop",
                   .id = row.at("event_id"),
                   .time = TimeOf(row.at("derived_tstamp")),
                   .name = NameOf(row),
                   .identifiers = {{whose, web.empty() ? app.at(whose == "session" ? "sessionId" : "userId") : web}},
                   .properties = PropertiesOf(row)});
  }
  REQUIRE(out.size() == 832);
  std::sort(out.begin(), out.end(),
            [](const Event& a, const Event& b) { return std::tie(a.time, a.id) < std::tie(b.time, b.id); });
  return out;
}

#undef SNOWPLOW_CONTEXT

}  // namespace kintsugi::testing::snowplow

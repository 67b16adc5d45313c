#include "living/cart.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/json.h"
#include "living/multiply.h"

namespace kintsugi::living {
namespace {

void WriteLine(JsonWriter& json, const Product& product) {
  json.BeginObject();
  json.Member("product_id", product.id);
  if (product.name) json.Member("name", *product.name);
  json.Member("quantity", product.quantity.ToValue());
  if (product.price) json.Member("price", product.price->ToValue());
  json.EndObject();
}

void TakeLatest(const Product& from, Product& into) {
  if (from.name) into.name = from.name;
  if (from.price) into.price = from.price;
}

}  // namespace

void Cart::Add(const Product& product, const Place& item) {
  const auto known = lines_.find(product.key);
  if (known != lines_.end()) {
    Product& line = known->second.product;
    line.quantity = line.quantity + product.quantity;
    return TakeLatest(product, line);
  }
  if (product.quantity == Decimal() || lines_.size() >= kMostCartLines) return;
  if (lines_.empty()) since_ = item.time;
  lines_.emplace(product.key, Line{product, lines_ever_++});
}

void Cart::Remove(const Product& product) {
  const auto known = lines_.find(product.key);
  if (known == lines_.end()) return;
  Product& line = known->second.product;
  if (product.quantity >= line.quantity) {
    lines_.erase(known);
    return;
  }
  line.quantity = line.quantity - product.quantity;
  TakeLatest(product, line);
}

Json Cart::ToList() const {
  std::vector<const Line*> lines;
  lines.reserve(lines_.size());
  for (const auto& [key, line] : lines_) lines.push_back(&line);
  std::sort(lines.begin(), lines.end(), [](const Line* a, const Line* b) { return a->came < b->came; });
  std::string text;
  JsonWriter json(text);
  json.BeginArray();
  for (const Line* line : lines) WriteLine(json, line->product);
  json.EndArray();
  return Json{std::move(text)};
}

// So few lines do not add up to more than a Decimal holds.
Decimal Cart::Worth() const {
  Decimal sum;
  for (const auto& [key, line] : lines_) {
    sum = sum + Times(line.product.price.value_or(Decimal()), line.product.quantity).value_or(Decimal());
  }
  return sum;
}

}  // namespace kintsugi::living

#include "kintsugi/ids.h"

namespace kintsugi {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

// The value of a hex digit, or -1.
int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string IdentifierView::ToString() const {
  std::string text;
  text.reserve(ns.size() + 1 + value.size());
  return text.append(ns).append(1, ':').append(value);
}

Identifier ToIdentifier(const IdentifierView& view) {
  return {std::string(view.ns), std::string(view.value)};
}

std::optional<Identifier> Identifier::Parse(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos) return std::nullopt;
  return Identifier{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

std::string ProfileId::ToString() const {
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const uint8_t byte : bytes) {
    hex.push_back(kHexDigits[byte >> 4]);
    hex.push_back(kHexDigits[byte & 15]);
  }
  return hex;
}

std::optional<ProfileId> ProfileId::Parse(std::string_view hex) {
  ProfileId id;
  if (hex.size() != 2 * id.bytes.size()) return std::nullopt;
  for (size_t i = 0; i < id.bytes.size(); ++i) {
    const int high = HexValue(hex[2 * i]);
    const int low = HexValue(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id.bytes[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return id;
}

}  // namespace kintsugi

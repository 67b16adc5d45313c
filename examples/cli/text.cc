#include "text.h"

#include <fmt/format.h>

#include <algorithm>

namespace kintsugi::cli {
namespace {

template <typename Items>
std::string Join(const Items& items, std::string_view separator) {
  std::string text;
  for (const auto& item : items) {
    if (!text.empty()) text += separator;
    text += item.ToString();
  }
  return OneLine(std::move(text));
}

std::string Period(const SeenBy& seen) {
  if (!seen.first_seen || !seen.last_seen) return "no time";
  if (seen.first_seen == seen.last_seen) return FormatTime(seen.first_seen);
  return FormatTime(seen.first_seen) + " to " + FormatTime(seen.last_seen);
}

std::string Sighting(const SeenBy& seen) {
  const std::string times = seen.count > 1 ? fmt::format(", {} times", seen.count) : "";
  return fmt::format("{}: {}{}", seen.source, Period(seen), times);
}

// How many bytes at the beginning are a character that terminals obey rather than show: control characters (U+0000 to
// U+001F, U+007F to U+009F), and those that end lines or turn the direction of writing around.
size_t ObeyedAt(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(i < text.size() ? text[i] : 0); };
  const unsigned char first = byte(0);
  if (first < 0x20 || first == 0x7F) return 1;
  if (first == 0xC2 && byte(1) >= 0x80 && byte(1) < 0xA0) return 2;
  if (first == 0xD8 && byte(1) == 0x9C) return 2;  // U+061C
  if (first != 0xE2) return 0;
  const bool is_200b_to_200f = byte(1) == 0x80 && byte(2) >= 0x8B && byte(2) <= 0x8F;
  const bool is_2028_to_202e = byte(1) == 0x80 && byte(2) >= 0xA8 && byte(2) <= 0xAE;
  const bool is_2066_to_2069 = byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9;
  return is_200b_to_200f || is_2028_to_202e || is_2066_to_2069 ? 3 : 0;
}

}  // namespace

std::string OneLine(const std::string& text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t obeyed = ObeyedAt(std::string_view(text).substr(at));
    out += obeyed == 0 ? text[at] : ' ';
    at += std::max<size_t>(obeyed, 1);
  }
  return out;
}

std::string Listed(std::span<const Identifier> identifiers) {
  return Join(identifiers, ", ");
}

std::string ListedUpTo(size_t most, std::span<const Identifier> identifiers) {
  if (identifiers.size() <= most) return Listed(identifiers);
  return fmt::format("{} and {} more", Listed(identifiers.first(most)), identifiers.size() - most);
}

std::string Listed(std::span<const ProfileId> ids) {
  return Join(ids, " + ");
}

std::string Evidence(const Link& link) {
  if (link.kind == Link::Kind::kSame) {
    return OneLine(fmt::format("assertion {} by {}: {}", link.assertion, link.by, link.because));
  }
  std::string text;
  for (const SeenBy& seen : link.seen_by) text += (text.empty() ? "" : "; ") + Sighting(seen);
  return text;
}

}  // namespace kintsugi::cli

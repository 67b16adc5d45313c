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

}  // namespace

std::string OneLine(std::string text) {
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  std::replace_if(text.begin(), text.end(), is_control, ' ');
  // U+0080 to U+009F, which terminals obey, too.
  for (size_t at = 0; (at = text.find('\xC2', at)) != std::string::npos; ++at) {
    const auto next = static_cast<unsigned char>(at + 1 < text.size() ? text[at + 1] : 0);
    if (next >= 0x80 && next < 0xA0) text.replace(at, 2, " ");
  }
  return text;
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

#include "living/firsts.h"

#include <algorithm>

#include "base/hash.h"

namespace kintsugi::living {
namespace {

// Longer values are told apart by 128 bits of hash, of which nobody finds two alike in a lifetime.
constexpr size_t kMostPlainBytes = 64;
constexpr HashKey kKey = {'o', 'n', 'c', 'e', ' ', 'p', 'e', 'r'};
constexpr uint8_t kPlain = 0;
constexpr uint8_t kHashed = 1;

}  // namespace

std::string OncePrefix(size_t activity) {
  std::string key;
  format::Encoder(key).Big16(static_cast<uint16_t>(activity));
  return key;
}

std::string OnceKey(size_t activity, std::string_view encoded_value) {
  std::string key = OncePrefix(activity);
  format::Encoder e(key);
  const bool is_plain = encoded_value.size() <= kMostPlainBytes;
  e.Byte(is_plain ? kPlain : kHashed);
  if (is_plain) {
    e.Raw(encoded_value);
  } else {
    const auto hash = SipHash128(kKey, encoded_value);
    e.Raw({reinterpret_cast<const char*>(hash.data()), hash.size()});
  }
  return key;
}

size_t ActivityOf(std::string_view once_key) {
  return format::Decoder(once_key).Big16();
}

void AddFirsts(const Item& item, std::span<const OnceValue> values, Firsts& firsts) {
  for (const OnceValue& value : values) {
    const Place place = PlaceOf(item);
    const auto [at, is_new] = firsts.try_emplace(value.key, place);
    if (!is_new) at->second = std::min(at->second, place);
  }
}

Repeated RepeatedBy(const Item& item, std::span<const OnceValue> values, const Firsts& firsts) {
  Repeated repeated;
  for (const OnceValue& value : values) {
    const auto first = firsts.find(value.key);
    if (first != firsts.end() && first->second != PlaceOf(item)) repeated.push_back(value.activity);
  }
  return repeated;
}

}  // namespace kintsugi::living

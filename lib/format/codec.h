// Bytes of rows and keys: the only place that knows how a number or a string is laid out.

#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/time.h"
#include "kintsugi/value.h"

namespace kintsugi::format {

// A number of fixed width as it stands in memory, big end first; one load. (Compilers leave a loop over bytes a loop.)
template <typename Number>
Number LoadBig(const char* at) {
  Number v;
  std::memcpy(&v, at, sizeof(v));
  if constexpr (std::endian::native == std::endian::big || sizeof(v) == 1) return v;
  if constexpr (sizeof(v) == 2) return __builtin_bswap16(v);
  if constexpr (sizeof(v) == 4) return __builtin_bswap32(v);
  if constexpr (sizeof(v) == 8) return __builtin_bswap64(v);
}

// The time of which Encoder::SortableTime wrote these bits.
inline Time FromSortable(uint64_t bits) {
  return Time(std::chrono::microseconds(static_cast<int64_t>(bits ^ (uint64_t{1} << 63))));
}

// Appends to a string. Big-endian fixed-width numbers sort as numbers; varints (LEB128) are short.
class Encoder {
 public:
  explicit Encoder(std::string& out) : out_(out) {}

  void Byte(uint8_t v) { out_.push_back(static_cast<char>(v)); }
  void Big16(uint16_t v) { Big(v, 2); }
  void Big32(uint32_t v) { Big(v, 4); }
  void Big64(uint64_t v) { Big(v, 8); }
  void Varint(uint64_t v) {
    for (; v >= 0x80; v >>= 7) Byte(static_cast<uint8_t>(v | 0x80));
    Byte(static_cast<uint8_t>(v));
  }
  void Raw(std::string_view bytes) { out_.append(bytes); }
  void String(std::string_view bytes) {
    Varint(bytes.size());
    Raw(bytes);
  }
  // The sign is flipped, so that earlier sorts first.
  void SortableTime(Time t) { Big64(static_cast<uint64_t>(t.time_since_epoch().count()) ^ (uint64_t{1} << 63)); }
  // All bits are flipped as well, so that later sorts first.
  void LatestFirst(Time t) { Big64(~(static_cast<uint64_t>(t.time_since_epoch().count()) ^ (uint64_t{1} << 63))); }

 private:
  void Big(uint64_t v, int bytes) {
    char buffer[8];
    for (int i = 0; i < bytes; ++i) buffer[i] = static_cast<char>(v >> (8 * (bytes - 1 - i)));
    out_.append(buffer, static_cast<size_t>(bytes));
  }

  std::string& out_;
};

// Reads what Encoder wrote. Damage never reads out of bounds: ok() turns false and every further read gives
// zero or empty, so that one check at the end is enough.
class Decoder {
 public:
  explicit Decoder(std::string_view in) : in_(in) {}

  bool ok() const { return ok_; }
  bool done() const { return in_.empty(); }
  std::string_view rest() const { return in_; }

  uint8_t Byte() { return Big<uint8_t>(); }
  uint16_t Big16() { return Big<uint16_t>(); }
  uint32_t Big32() { return Big<uint32_t>(); }
  uint64_t Big64() { return Big<uint64_t>(); }
  uint64_t Varint() {
    if (!in_.empty() && static_cast<uint8_t>(in_[0]) < 0x80) return Byte();  // nearly always
    uint64_t v = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint8_t byte = Byte();
      v |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return v;
    }
    ok_ = false;
    in_ = {};
    return 0;
  }
  std::string_view Raw(size_t size) {
    if (size > in_.size()) {
      ok_ = false;
      in_ = {};
      return {};
    }
    const std::string_view bytes = in_.substr(0, size);
    in_.remove_prefix(size);
    return bytes;
  }
  std::string_view String() { return Raw(Varint()); }
  Time SortableTime() { return FromSortable(Big64()); }
  Time LatestFirst() { return FromSortable(~Big64()); }

 private:
  template <typename Number>
  Number Big() {
    const std::string_view raw = Raw(sizeof(Number));
    return raw.size() < sizeof(Number) ? Number{0} : LoadBig<Number>(raw.data());
  }

  std::string_view in_;
  bool ok_ = true;
};

}  // namespace kintsugi::format

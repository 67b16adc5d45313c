// Hashes for tables in memory, under a secret of this process.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/hash.h"

namespace kintsugi {

// TableHash hashes what outsiders choose (identifiers, message ids, keys of records), so that they cannot choose many
// that fall into one place of a table and make it a list. SipHash-1-3 (Aumasson and Bernstein, 2012, with the fewer
// rounds that its authors propose for tables) under a key that the operating system gives each process: without the
// key nobody can tell which inputs collide. The value differs from process to process, so it must never be stored, nor
// decide an order that shows.
//
// Use: TableHash().Add(…).Add(…).Finish(). Strings but the last must have fewer than 256 bytes, or inputs could be cut
// in two ways. About 10 ns, and 1 ns for 8 bytes. Safe from many threads. Never fails.
class TableHash {
 public:
  TableHash() : TableHash(KeyOfThisProcess()) {}
  explicit TableHash(const HashKey& key) : TableHash(Words::Of(key)) {}

  TableHash& Add(std::string_view text) {
    size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) Compress(Load<uint64_t>(text.data() + at));
    Compress(LoadRest(text.data() + at, text.size() - at) | uint64_t{text.size()} << 56);
    return *this;
  }
  TableHash& Add(uint64_t number) {
    Compress(number);
    return *this;
  }

  uint64_t Finish() {
    v2_ ^= 0xff;
    for (int i = 0; i < 3; ++i) Round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

  // For a test that orders do not show: it runs under several keys. No table may live on from before.
  static void SetKeyForTesting(const HashKey& key) { KeyOfThisProcess() = Words::Of(key); }

 private:
  struct Words {
    uint64_t k0, k1;
    static Words Of(const HashKey& key) {
      const char* bytes = reinterpret_cast<const char*>(key.data());
      return {Load<uint64_t>(bytes), Load<uint64_t>(bytes + 8)};
    }
  };

  explicit TableHash(const Words& key)
      : v0_(key.k0 ^ 0x736f6d6570736575),
        v1_(key.k1 ^ 0x646f72616e646f6d),
        v2_(key.k0 ^ 0x6c7967656e657261),
        v3_(key.k1 ^ 0x7465646279746573) {}

  static Words& KeyOfThisProcess() {
    static Words key = Words::Of(RandomKey());
    return key;
  }
  static HashKey RandomKey();

  // Little-endian, as the published vectors are.
  template <typename Word>
  static uint64_t Load(const char* bytes) {
    Word word;
    std::memcpy(&word, bytes, sizeof(word));
    if constexpr (std::endian::native == std::endian::big) return __builtin_bswap64(word) >> (64 - 8 * sizeof(word));
    return word;
  }
  // Fewer than 8 bytes, by reads that overlap: where they do they agree.
  static uint64_t LoadRest(const char* bytes, size_t count) {
    if (count >= 4) return Load<uint32_t>(bytes) | Load<uint32_t>(bytes + count - 4) << 8 * (count - 4);
    if (count == 0) return 0;
    const auto byte = [&](size_t i) { return uint64_t{static_cast<uint8_t>(bytes[i])} << 8 * i; };
    return byte(0) | byte(count / 2) | byte(count - 1);
  }

  void Compress(uint64_t word) {
    v3_ ^= word;
    Round();
    v0_ ^= word;
  }

  void Round() {
    v0_ += v1_, v1_ = std::rotl(v1_, 13), v1_ ^= v0_, v0_ = std::rotl(v0_, 32);
    v2_ += v3_, v3_ = std::rotl(v3_, 16), v3_ ^= v2_;
    v0_ += v3_, v3_ = std::rotl(v3_, 21), v3_ ^= v0_;
    v2_ += v1_, v1_ = std::rotl(v1_, 17), v1_ ^= v2_, v2_ = std::rotl(v2_, 32);
  }

  uint64_t v0_, v1_, v2_, v3_;
};

// For tables whose keys are texts, or anything else that is its bytes.
struct TableHashOf {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return TableHash().Add(text).Finish(); }
};

}  // namespace kintsugi

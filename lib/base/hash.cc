#include "base/hash.h"

#include <bit>

namespace kintsugi {
namespace {

// Reads up to 8 bytes as a little-endian number, on every machine: stored hashes travel between them.
template <typename Byte>
uint64_t LoadLittleEndian(const Byte* bytes, size_t count) {
  uint64_t word = 0;
  for (size_t i = 0; i < count; ++i) word |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  return word;
}

void StoreLittleEndian(uint64_t word, uint8_t* bytes) {
  for (size_t i = 0; i < 8; ++i) bytes[i] = static_cast<uint8_t>(word >> (8 * i));
}

// The four words of state; names and steps as in the paper, section 2.
struct SipState {
  uint64_t v0, v1, v2, v3;

  explicit SipState(const HashKey& key) {
    const uint64_t k0 = LoadLittleEndian(key.data(), 8);
    const uint64_t k1 = LoadLittleEndian(key.data() + 8, 8);
    v0 = k0 ^ 0x736f6d6570736575;
    v1 = k1 ^ 0x646f72616e646f6d ^ 0xee;  // 0xee marks the 128-bit variant
    v2 = k0 ^ 0x6c7967656e657261;
    v3 = k1 ^ 0x7465646279746573;
  }

  void Round() {
    v0 += v1, v1 = std::rotl(v1, 13), v1 ^= v0, v0 = std::rotl(v0, 32);
    v2 += v3, v3 = std::rotl(v3, 16), v3 ^= v2;
    v0 += v3, v3 = std::rotl(v3, 21), v3 ^= v0;
    v2 += v1, v1 = std::rotl(v1, 17), v1 ^= v2, v2 = std::rotl(v2, 32);
  }

  void Compress(uint64_t word) {
    v3 ^= word;
    Round();
    Round();
    v0 ^= word;
  }

  uint64_t Finish() {
    for (int i = 0; i < 4; ++i) Round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

// Stored bytes depend on it: it never changes.
constexpr HashKey kFingerprintKey = {'k', 'i', 'n', 't', 's', 'u', 'g', 'i', '.', 'c', 'o', 'n', 't', 'e', 'n', 't'};

}  // namespace

std::array<uint8_t, 16> SipHash128(const HashKey& key, std::string_view data) {
  SipState state(key);
  const size_t whole = data.size() - data.size() % 8;
  for (size_t i = 0; i < whole; i += 8) state.Compress(LoadLittleEndian(data.data() + i, 8));
  state.Compress(LoadLittleEndian(data.data() + whole, data.size() - whole) | uint64_t{data.size()} << 56);

  std::array<uint8_t, 16> hash;
  state.v2 ^= 0xee;
  StoreLittleEndian(state.Finish(), hash.data());
  state.v1 ^= 0xdd;
  StoreLittleEndian(state.Finish(), hash.data() + 8);
  return hash;
}

uint64_t Fingerprint(std::string_view data) {
  return LoadLittleEndian(SipHash128(kFingerprintKey, data).data(), 8);
}

}  // namespace kintsugi

#include "base/hash.h"

#include <algorithm>
#include <string>
#include <vector>

#include "catch.h"
#include "kintsugi/ids.h"

namespace kintsugi {
namespace {

std::string Hex(const std::array<uint8_t, 16>& bytes) {
  return ProfileId{bytes}.ToString();
}

// The key 00, 01, … 0f of the authors' reference vectors.
HashKey ReferenceKey() {
  HashKey key;
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<uint8_t>(i);
  return key;
}

// The reference vectors' input of `size` bytes: 00, 01, …
std::string ReferenceInput(size_t size) {
  std::string input;
  for (size_t i = 0; i < size; ++i) input.push_back(static_cast<char>(i));
  return input;
}

// Profile ids are this hash: it must be SipHash-2-4-128 as published, on every machine.
TEST_CASE("SipHash128 gives the published vectors", "[base]") {
  CHECK(Hex(SipHash128(ReferenceKey(), ReferenceInput(0))) == "a3817f04ba25a8e66df67214c7550293");
  CHECK(Hex(SipHash128(ReferenceKey(), ReferenceInput(1))) == "da87c1d86b99af44347659119b22fc45");
}

// Whole words, a word's rest and bytes above 127 go different ways through the code.
TEST_CASE("SipHash128 tells every length and every last byte apart", "[base]") {
  std::vector<std::string> hashes;
  for (size_t size = 0; size < 64; ++size) hashes.push_back(Hex(SipHash128(ReferenceKey(), ReferenceInput(size))));
  for (int byte = 1; byte < 256; ++byte) {
    hashes.push_back(Hex(SipHash128(ReferenceKey(), std::string(1, static_cast<char>(byte)))));
  }
  std::ranges::sort(hashes);
  CHECK(std::ranges::adjacent_find(hashes) == hashes.end());
}

// Without this the id key would protect nothing.
TEST_CASE("SipHash128 depends on every byte of the key", "[base]") {
  const std::string hash = Hex(SipHash128(ReferenceKey(), "jane"));
  for (size_t i = 0; i < HashKey{}.size(); ++i) {
    HashKey key = ReferenceKey();
    key[i] ^= 1;
    CHECK(Hex(SipHash128(key, "jane")) != hash);
  }
}

// Fingerprints are stored: a change of these numbers is a change of the format.
TEST_CASE("A fingerprint never changes", "[base]") {
  CHECK(Fingerprint("") == 0x5268ed043ec40834);
  CHECK(Fingerprint("jane@example.com") == 0xdf0363befadc15da);
}

}  // namespace
}  // namespace kintsugi

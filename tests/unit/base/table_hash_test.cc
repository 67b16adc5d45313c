#include "base/table_hash.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "catch.h"
#include "identity/node.h"

namespace kintsugi {
namespace {

constexpr size_t kKeys = 4000;

// Counts how often two keys are compared: once or so per insertion, unless they fall into one place.
template <typename Key>
struct CountingEqual {
  static inline uint64_t comparisons = 0;
  bool operator()(const Key& a, const Key& b) const {
    ++comparisons;
    return a == b;
  }
};

template <typename Key, typename Hash>
uint64_t ComparisonsToInsert(const std::vector<Key>& keys) {
  CountingEqual<Key>::comparisons = 0;
  absl::flat_hash_set<Key, Hash, CountingEqual<Key>> set;
  for (const Key& key : keys) set.insert(key);
  REQUIRE(set.size() == keys.size());
  return CountingEqual<Key>::comparisons;
}

void Append(std::string& text, uint64_t word) {
  for (int i = 0; i < 8; ++i) text += static_cast<char>(word >> (8 * i));
}

// Different texts with one std::hash: libstdc++'s is MurmurHash64A with a seed that everybody knows. It takes each 8
// bytes by steps that can be undone, so for any first 8 bytes there are second ones that lead to the same state.
std::vector<std::string> TextsOfOneStdHash() {
  constexpr uint64_t kMul = 0xc6a4a7935bd1e995;
  uint64_t inverse = kMul;  // by Newton's steps
  for (int i = 0; i < 6; ++i) inverse *= 2 - kMul * inverse;
  const auto shift = [](uint64_t word) { return word ^ word >> 47; };  // its own inverse
  const uint64_t seed = 0xc70f6907 ^ 16 * kMul;
  std::vector<std::string> texts;
  for (uint64_t i = 0; i < kKeys; ++i) {
    const uint64_t state = (seed ^ shift(i * kMul) * kMul) * kMul;
    texts.emplace_back();
    Append(texts.back(), i);
    Append(texts.back(), shift(state * inverse) * inverse);
  }
  return texts;
}

// Different texts with one absl::Hash, whatever its seed: of each 16 bytes it multiplies the first 8, after a known
// number was taken from them, by what the others and all before have become. So bytes that make it nought forget both.
std::vector<std::string> TextsOfOneAbslHash() {
  std::vector<std::string> texts;
  for (uint64_t i = 0; i < kKeys; ++i) {
    texts.emplace_back();
    Append(texts.back(), 0x13198a2e03707344);
    Append(texts.back(), i);
    texts.back() += "the same";
  }
  return texts;
}

template <typename Hash>
bool AreOneHash(const std::vector<std::string>& texts) {
  return std::all_of(texts.begin(), texts.end(),
                     [&](const std::string& text) { return Hash{}(text) == Hash{}(texts.front()); });
}

std::string Hex(uint64_t hash) {
  std::string bytes;
  Append(bytes, hash);
  std::string hex;
  for (const char byte : bytes) {
    hex += "0123456789abcdef"[static_cast<uint8_t>(byte) >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

}  // namespace

// That nobody can find collisions is an argument about SipHash-1-3, and about nothing that is only like it.
TEST_CASE("TableHash gives the published vectors of SipHash-1-3", "[base]") {
  HashKey key;
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<uint8_t>(i);
  std::string input;
  for (int i = 0; i < 63; ++i) input.push_back(static_cast<char>(i));
  const auto hash = [&](size_t size) { return Hex(TableHash(key).Add(input.substr(0, size)).Finish()); };
  CHECK(hash(0) == "dcc40f055801acab");
  CHECK(hash(1) == "93ca577df39bf4c9");
  CHECK(hash(2) == "4dd4c74d029bcb82");
  CHECK(hash(3) == "fbf7dde7b80af88b");
  CHECK(hash(4) == "2883d388605775cf");
  CHECK(hash(5) == "673b53492fd5f9de");
  CHECK(hash(6) == "a7229fc5502b0dc5");
  CHECK(hash(7) == "4011b19b987d92d3");
  CHECK(hash(8) == "8e9a298d11959036");
  CHECK(hash(15) == "5699512a6dd820d3");
  CHECK(hash(63) == "a8b3bbb76290199d");
}

// Where one part ends and the next begins is part of the input.
TEST_CASE("TableHash tells its parts apart, and keys", "[base]") {
  CHECK(TableHash().Add("ab").Add("c").Finish() != TableHash().Add("a").Add("bc").Finish());
  CHECK(TableHash().Add("").Add("abc").Finish() != TableHash().Add("abc").Add("").Finish());
  CHECK(TableHash().Add("abc").Finish() == TableHash().Add("abc").Finish());
  HashKey key{};
  const uint64_t hash = TableHash(key).Add("abc").Finish();
  for (uint8_t& byte : key) {
    byte ^= 1;
    CHECK(TableHash(key).Add("abc").Finish() != hash);
    byte ^= 1;
  }
}

// Identifiers come from strangers, and the identity graph finds them in a table.
TEST_CASE("Identifiers that collide under the standard library's hash do not collide in a table of identifiers",
          "[base]") {
  const std::vector<std::string> texts = TextsOfOneStdHash();
#ifdef __GLIBCXX__
  REQUIRE(AreOneHash<std::hash<std::string>>(texts));
#endif
  std::vector<identity::Node> nodes;
  for (const std::string& text : texts) nodes.push_back({2, text});
  CHECK(ComparisonsToInsert<identity::Node, absl::Hash<identity::Node>>(nodes) < 2 * kKeys);
}

// So do message ids and keys of records.
TEST_CASE("Texts that collide under Abseil's hash do not collide in a table of rows", "[base]") {
  const std::vector<std::string> texts = TextsOfOneAbslHash();
  // Another release may have another hash.
  if (!AreOneHash<absl::Hash<std::string>>(texts)) WARN("these texts do not collide in this release of Abseil");
  CHECK(ComparisonsToInsert<std::string, TableHashOf>(texts) < 2 * kKeys);
}

}  // namespace kintsugi

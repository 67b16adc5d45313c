// The people that look-ups ask for, the same for the library and for its floors.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kintsugi/event.h"

namespace kintsugi::bench {

inline constexpr size_t kIdentifiersPerProfile = 3;
inline constexpr size_t kHotIdentifiers = 10'000;
// Look-ups before measuring: all hot ones, and enough uniform ones that the block cache is as full as it gets.
inline constexpr size_t kWarmUp = 100'000;

// What an environment variable says; `otherwise` if it says nothing or zero.
uint64_t CountFrom(const char* variable, uint64_t otherwise);

// 1,000,000, or what the environment variable KINTSUGI_BENCH_IDENTIFIERS says.
uint64_t IdentifierCount();

// 16 hex digits, in no order: neighbours in number are not neighbours in a database.
using Key = std::array<char, 16>;
Key KeyOf(uint64_t number);
inline std::string_view ToView(const Key& key) {
  return {key.data(), key.size()};
}

// Identifier i belongs to profile i / 3 and is in namespace i % 3 of this schema.
inline constexpr std::string_view kPeopleSchema = R"(
    namespaces { name: "user"   max_per_profile: 1 }
    namespaces { name: "email" }
    namespaces { name: "device" }
    sources { name: "log" events { format: NATIVE } })";
std::string_view NamespaceOf(uint64_t identifier);

// The event that brings a whole profile: its three identifiers and ten attributes, about 1 KB of golden record.
Event PersonEvent(uint64_t profile);
inline constexpr std::array<std::string_view, 3> kThreeAttributes = {"city", "first_name", "street"};

// For floors: what they store for a profile. 1,000 bytes that compress about as well.
std::string ProfileBytes(uint64_t profile);
// Reads them as a host reads three attributes: at three places.
uint64_t ReadThreePlaces(std::string_view bytes);

// One look-up to be made.
struct Probe {
  std::string_view ns;
  Key key;
};

// The number itself, of which the compiler knows nothing.
uint64_t Opaque(uint64_t number);

// Look-ups in a random order, round and round. Each benchmark has its own, and goes on where its last repetition
// stopped: beginning anew would ask for the same few again and call that uniform.
class Probes {
 public:
  static Probes Hot(uint64_t identifiers);  // 10,000 identifiers out of all
  static Probes Uniform(uint64_t identifiers);

  const Probe& Next() {
    if (++at_ == probes_.size()) at_ = 0;
    return probes_[at_];
  }
  // The same, but not before `answer`, that of the look-up before, is known: a host that needs a profile waits for it.
  // With Next() the processor begins several look-ups at once.
  const Probe& NextAfter(uint64_t answer) {
    at_ += answer & zero_;
    return Next();
  }
  size_t size() const { return probes_.size(); }

 private:
  std::vector<Probe> probes_;
  size_t at_ = 0;
  uint64_t zero_ = Opaque(0);  // the compiler does not know that it is
};

}  // namespace kintsugi::bench

#include "bench/data.h"

#include <cstdlib>
#include <cstring>

#include "bench/random.h"

namespace kintsugi::bench {
namespace {

constexpr std::array<std::string_view, 10> kAttributes = {"birth_date", "city",     "company",   "country",
                                                          "first_name", "language", "last_name", "postal_code",
                                                          "street",     "title"};
constexpr size_t kAttributeBytes = 70;
constexpr size_t kProfileBytes = 1000;

// Letters in which a compressor finds a little, as in names and addresses.
std::string Text(Random& random, size_t size) {
  static constexpr std::string_view kLetters = "etaoinshrdlucmfw";
  std::string out;
  while (out.size() < size) {
    uint64_t bits = random.Next();
    for (int i = 0; i < 16 && out.size() < size; ++i, bits >>= 4) out += kLetters[bits & 15];
  }
  return out;
}

Probe ProbeOf(uint64_t identifier) {
  return {NamespaceOf(identifier), KeyOf(identifier)};
}

}  // namespace

uint64_t CountFrom(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  const uint64_t wanted = text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
  return wanted == 0 ? otherwise : wanted;
}

uint64_t IdentifierCount() {
  static const uint64_t count = CountFrom("KINTSUGI_BENCH_IDENTIFIERS", 1'000'000);
  return count;
}

uint64_t Opaque(uint64_t number) {
  return number;
}

Key KeyOf(uint64_t number) {
  Key key;
  uint64_t bits = Mix(number);
  for (char& c : key) {
    c = "0123456789abcdef"[bits & 15];
    bits >>= 4;
  }
  return key;
}

std::string_view NamespaceOf(uint64_t identifier) {
  static constexpr std::array<std::string_view, kIdentifiersPerProfile> kNames = {"user", "email", "device"};
  return kNames[identifier % kIdentifiersPerProfile];
}

Event PersonEvent(uint64_t profile) {
  Random random(profile);
  Event event{.source = "log",
              .id = "person-" + std::to_string(profile),
              .time = Time(std::chrono::seconds(1'700'000'000 + profile)),
              .name = "Registered"};
  for (size_t i = 0; i < kIdentifiersPerProfile; ++i) {
    const uint64_t identifier = profile * kIdentifiersPerProfile + i;
    event.identifiers.push_back({std::string(NamespaceOf(identifier)), std::string(ToView(KeyOf(identifier)))});
  }
  for (const std::string_view name : kAttributes) event.traits.emplace_back(name, Text(random, kAttributeBytes));
  return event;
}

std::string ProfileBytes(uint64_t profile) {
  Random random(profile);
  return Text(random, kProfileBytes);
}

uint64_t ReadThreePlaces(std::string_view bytes) {
  uint64_t sum = 0;
  for (const size_t at : {size_t{0}, bytes.size() / 2, bytes.size() - sizeof(uint64_t)}) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof(word));
    sum += word;
  }
  return sum;
}

Probes Probes::Hot(uint64_t identifiers) {
  Probes out;
  Random random(1);
  for (size_t i = 0; i < kHotIdentifiers; ++i) out.probes_.push_back(ProbeOf(random.Below(identifiers)));
  return out;
}

Probes Probes::Uniform(uint64_t identifiers) {
  Probes out;
  Random random(2);
  for (uint64_t i = 0; i < identifiers; ++i) out.probes_.push_back(ProbeOf(random.Below(identifiers)));
  return out;
}

}  // namespace kintsugi::bench

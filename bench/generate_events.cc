// Prints events in the native format, one JSON object a line, for a schema with the namespaces `user` and
// `device`: kintsugi_generate_events --count 1000000 | kintsugi ingest ... -
//
// Every event is a function of the seed and its number, so the same command prints the same bytes anywhere, and
// --shuffle prints the same lines in another order.

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/random.h"

namespace {

using kintsugi::bench::Mix;
using kintsugi::bench::Random;

constexpr std::string_view kUsage =
    "usage: kintsugi_generate_events [--count N=1000000] [--seed N=1] [--shuffle]\n"
    "Prints N events of users with devices: about N/4 users, one to three devices each, and in one household of\n"
    "twelve a device that its four users share. Times ascend; --shuffle prints the lines in another order.\n";

struct Flags {
  uint64_t count = 1'000'000;
  uint64_t seed = 1;
  bool shuffle = false;
};

// "--name 7" and "--name=7". Nothing if there is something else.
std::optional<Flags> ParseFlags(const std::vector<std::string_view>& arguments) {
  Flags flags;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string_view name = arguments[i];
    if (name == "--shuffle") {
      flags.shuffle = true;
      continue;
    }
    std::string_view text;
    if (const size_t equals = name.find('='); equals != name.npos) {
      text = name.substr(equals + 1);
      name = name.substr(0, equals);
    } else if (i + 1 < arguments.size()) {
      text = arguments[++i];
    }
    char* end = nullptr;
    const std::string digits(text);
    const uint64_t number = std::strtoull(digits.c_str(), &end, 10);
    if (digits.empty() || *end != '\0' || digits.front() == '-') return std::nullopt;
    if (name == "--count")
      flags.count = number;
    else if (name == "--seed")
      flags.seed = number;
    else
      return std::nullopt;
  }
  return flags;
}

// The people that the events are about.
class World {
 public:
  explicit World(const Flags& flags) : seed_(Mix(flags.seed)), users_(flags.count / 4 + 1) {}

  void AppendEvent(uint64_t number, fmt::memory_buffer& out) const {
    static constexpr std::array<std::string_view, 16> kFirstNames = {"Ada",   "Ben",  "Chloe", "David", "Emma", "Finn",
                                                                     "Grace", "Hugo", "Ivy",   "Jan",   "Kofi", "Lea",
                                                                     "Mario", "Nora", "Omar",  "Priya"};
    static constexpr std::array<std::string_view, 4> kNames = {"Page Viewed", "Product Viewed", "Product Added",
                                                               "Order Completed"};
    Random random(seed_ ^ Mix(number));
    const uint64_t user = random.Below(users_);
    // Half a second apart on average, and never in another order than their numbers.
    const std::chrono::milliseconds since_epoch(kBeginMs + number * 500 + random.Below(500));
    const std::chrono::sys_seconds seconds(std::chrono::floor<std::chrono::seconds>(since_epoch));
    fmt::format_to(std::back_inserter(out),
                   R"({{"id":"e{:010}","time":"{:%Y-%m-%dT%H:%M:%S}.{:03}Z","name":"{}",)"
                   R"("identifiers":{{"user":"u{:012x}","device":"d{:012x}"}},"traits":{{"first_name":"{}"}}}})"
                   "\n",
                   number, fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), since_epoch.count() % 1000,
                   kNames[random.Below(kNames.size())], Name('u', user), DeviceOf(user, random),
                   kFirstNames[Fact('n', user) % kFirstNames.size()]);
  }

 private:
  static constexpr uint64_t kBeginMs = 1'767'225'600'000;  // 2026-01-01
  static constexpr uint64_t kHousehold = 4;                // neighbours in number

  // Something about a person or thing that is the same in all its events.
  uint64_t Fact(char what, uint64_t of) const { return Mix(Mix(seed_ + static_cast<uint64_t>(what)) ^ of); }
  uint64_t Name(char what, uint64_t of) const { return Fact(what, of) >> 16; }

  uint64_t DeviceOf(uint64_t user, Random& random) const {
    const uint64_t household = user / kHousehold;
    const bool shares = Fact('s', household) % 12 == 0;
    if (shares && random.Below(2) == 0) return Name('h', household);
    const uint64_t own = 1 + Fact('d', user) % 3;
    return Name('o', user * 3 + random.Below(own));
  }

  const uint64_t seed_;
  const uint64_t users_;
};

// Fisher-Yates, for std::shuffle differs between standard libraries.
std::vector<uint64_t> Shuffled(uint64_t count, uint64_t seed) {
  std::vector<uint64_t> order(count);
  std::iota(order.begin(), order.end(), uint64_t{0});
  Random random(~seed);
  for (uint64_t i = count; i > 1; --i) std::swap(order[i - 1], order[random.Below(i)]);
  return order;
}

bool Flush(fmt::memory_buffer& buffer) {
  const bool written = std::fwrite(buffer.data(), 1, buffer.size(), stdout) == buffer.size();
  buffer.clear();
  return written;
}

}  // namespace

int main(int argc, char** argv) {
  const std::optional<Flags> flags = ParseFlags({argv + 1, argv + argc});
  if (!flags) {
    fmt::print(stderr, kUsage);
    return 2;
  }
  const World world(*flags);
  const std::vector<uint64_t> order = flags->shuffle ? Shuffled(flags->count, flags->seed) : std::vector<uint64_t>();
  fmt::memory_buffer buffer;
  bool written = true;
  for (uint64_t i = 0; i < flags->count && written; ++i) {
    world.AppendEvent(order.empty() ? i : order[i], buffer);
    if (buffer.size() > (1 << 16)) written = Flush(buffer);
  }
  written = written && Flush(buffer) && std::fflush(stdout) == 0;
  if (!written) fmt::print(stderr, "kintsugi_generate_events: cannot write: {}\n", std::strerror(errno));
  return written ? 0 : 1;
}

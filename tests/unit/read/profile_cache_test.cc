#include "read/profile_cache.h"

#include <thread>

#include "catch.h"
#include "golden/record_codec.h"

namespace kintsugi::read {
namespace {

using golden::SharedProfile;
using Answer = ProfileCache::Answer;

constexpr size_t kRoomy = 1 << 20;
constexpr uint16_t kEmail = 3;

ProfileId IdOf(uint8_t number) {
  return {{number}};
}

// A reference to a golden record, given back at the end.
class Held {
 public:
  explicit Held(const SharedProfile* profile) : profile_(profile) {}
  Held(uint8_t number, const std::string& bytes) : Held(SharedProfile::Make(IdOf(number), bytes, Names())) {}
  ~Held() {
    if (profile_ != nullptr) profile_->Release(SharedProfile::ThisStripe());
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  const SharedProfile& operator*() const { return *profile_; }

 private:
  static std::shared_ptr<const golden::Names> Names() {
    static const auto names = std::make_shared<const golden::Names>(std::vector<std::string>{"email"});
    return names;
  }
  const SharedProfile* profile_;
};

// The bytes that a text leads to: "unknown" and "nobody" where there are none.
std::string BytesOf(const Answer& answer) {
  if (answer.kind == Answer::kUnknown) return "unknown";
  if (answer.kind == Answer::kNobody) return "nobody";
  const Held held(answer.profile);
  return std::string((*held).bytes());
}
std::string Ask(ProfileCache& cache, std::string_view text) {
  return BytesOf(cache.Find("email", text));
}

// As a look-up does that finds nothing in memory and this on disk.
void Keep(ProfileCache& cache, std::string_view text, uint8_t number, const std::string& bytes) {
  const Held profile(number, bytes);
  cache.KeepProfile(*profile, cache.MomentOf(IdOf(number)));
  cache.KeepText("email", text, *profile);
}

}  // namespace

TEST_CASE("A golden record is found by every text that it was asked by, and by its id", "[cache]") {
  ProfileCache cache(kRoomy);
  CHECK(Ask(cache, "jane") == "unknown");
  const Held jane(1, "Jane");
  cache.KeepProfile(*jane, cache.MomentOf(IdOf(1)));
  cache.KeepText("email", "jane", *jane);
  cache.KeepText("email", " JANE ", *jane);
  CHECK(Ask(cache, "jane") == "Jane");
  CHECK(Ask(cache, " JANE ") == "Jane");
  CHECK(BytesOf(cache.Find(IdOf(1))) == "Jane");
  // Where one word ends and the next begins is part of the text.
  CHECK(BytesOf(cache.Find("emailj", "ane")) == "unknown");
  CHECK(BytesOf(cache.Find("", "emailjane")) == "unknown");
  CHECK(BytesOf(cache.Find(IdOf(2))) == "unknown");
}

// A bucket has six places: of texts that share one, six can be kept. (That these share a hash of Abseil's, with any
// seed, is told in table_hash_test.cc.)
TEST_CASE("Texts that a stranger made to collide are all kept", "[cache]") {
  ProfileCache cache(kRoomy);
  const Held jane(1, "Jane");
  cache.KeepProfile(*jane, cache.MomentOf(IdOf(1)));
  std::vector<std::string> texts;
  for (int i = 0; i < 40; ++i) {
    texts.push_back("\x44\x73\x70\x03\x2e\x8a\x19\x13" + std::to_string(10'000'000 + i) + "@example.com");
    cache.KeepText("email", texts.back(), *jane);
  }
  for (const std::string& text : texts) CHECK(Ask(cache, text) == "Jane");
}

TEST_CASE("What a group changes is gone before it is written, and others stay", "[cache]") {
  ProfileCache cache(kRoomy);
  Keep(cache, "jane", 1, "Jane");
  Keep(cache, "john", 2, "John");
  {
    ProfileCache::Write write(cache);
    write.Change(IdOf(1));
    CHECK(Ask(cache, "jane") == "unknown");
    // Read now, it may be old or new: it is not kept.
    Keep(cache, "jane", 1, "half");
    CHECK(Ask(cache, "jane") == "unknown");
  }
  CHECK(Ask(cache, "john") == "John");
  Keep(cache, "jane", 1, "Joan");
  CHECK(Ask(cache, "jane") == "Joan");
}

TEST_CASE("Who is looked up while events come in stays in memory", "[cache]") {
  const auto record = [](int64_t last_seen, std::vector<golden::StoredIdentifier> identifiers) {
    return golden::EncodeRecord(
        {.last_seen = Time(std::chrono::microseconds(last_seen)), .identifiers = std::move(identifiers)});
  };
  ProfileCache cache(kRoomy);
  const std::string first = record(1, {{kEmail, "jane"}});
  Keep(cache, "jane", 1, first);
  Keep(cache, " JANE ", 1, first);
  Keep(cache, "john", 2, record(1, {{kEmail, "john"}}));
  REQUIRE(Ask(cache, "jane") == first);
  // Written twice before anybody asks again.
  for (int64_t time = 2; time < 4; ++time) {
    ProfileCache::Write write(cache);
    write.Change(IdOf(1));
    write.Change(IdOf(3));
    CHECK(Ask(cache, "jane") == "unknown");
    REQUIRE(write.wanted() == std::vector<ProfileId>{IdOf(1)});
    const Held now(1, record(time, {{kEmail, "jane"}}));
    write.Keep(*now);
  }
  CHECK(Ask(cache, "jane") == record(3, {{kEmail, "jane"}}));
  CHECK(BytesOf(cache.Find(IdOf(1))) == record(3, {{kEmail, "jane"}}));
  // One identifier more: for all that is known here, the one that was asked for may be with somebody else.
  {
    ProfileCache::Write write(cache);
    write.Change(IdOf(1));
    const Held now(1, record(4, {{kEmail, "jane"}, {kEmail, "jo"}}));
    write.Keep(*now);
  }
  CHECK(Ask(cache, "jane") == "unknown");
  CHECK(Ask(cache, " JANE ") == "unknown");
  CHECK(BytesOf(cache.Find(IdOf(1))) == record(4, {{kEmail, "jane"}, {kEmail, "jo"}}));
  CHECK(Ask(cache, "john") == record(1, {{kEmail, "john"}}));
}

TEST_CASE("An answer that was read before a write is not kept after it", "[cache]") {
  ProfileCache cache(kRoomy);
  const auto moment = cache.MomentOf(IdOf(1));
  const auto moment_of_node = cache.MomentOf({kEmail, "jane"});
  {
    ProfileCache::Write write(cache);
    write.Change(IdOf(1));
    write.Change(format::NodeKey{kEmail, "jane"});
    CHECK_FALSE(cache.IsStill({kEmail, "jane"}, cache.MomentOf({kEmail, "jane"})));
  }
  const Held old(1, "old");
  cache.KeepProfile(*old, moment);
  cache.KeepText("email", "jane", *old);
  CHECK(Ask(cache, "jane") == "unknown");
  CHECK(cache.KeepNobody({kEmail, "jane"}, moment_of_node) == nullptr);
  CHECK_FALSE(cache.IsStill({kEmail, "jane"}, moment_of_node));
  CHECK(cache.IsStill({kEmail, "jane"}, cache.MomentOf({kEmail, "jane"})));
}

TEST_CASE("That nobody has an identifier is known, by every text, until somebody has it", "[cache]") {
  ProfileCache cache(kRoomy);
  const format::NodeKey node{kEmail, "jane"};
  {
    const Held nobody(cache.KeepNobody(node, cache.MomentOf(node)));
    cache.KeepText("email", "jane", *nobody);
    cache.KeepText("email", "JANE", *nobody);
  }
  CHECK(Ask(cache, "jane") == "nobody");
  CHECK(Ask(cache, "JANE") == "nobody");
  {
    ProfileCache::Write write(cache);
    write.Change(format::NodeKey{kEmail, "john"});
  }
  CHECK(Ask(cache, "jane") == "nobody");
  {
    ProfileCache::Write write(cache);
    write.Change(node);
  }
  CHECK(Ask(cache, "jane") == "unknown");
  CHECK(Ask(cache, "JANE") == "unknown");
}

// Ten times as much as there is room for; and at no time is there too much.
TEST_CASE("The budget holds, and what is asked for again and again stays", "[cache]") {
  constexpr size_t kBudget = 1 << 17;
  ProfileCache cache(kBudget);
  const std::string bytes(1000, 'x');
  Keep(cache, "wanted", 0, bytes);
  size_t kept = 0;
  for (int i = 1; i < 1200; ++i) {
    if (Ask(cache, "wanted") != "unknown")
      ++kept;
    else
      Keep(cache, "wanted", 0, bytes);
    // Once it is full, who is asked for again is worth it, some misses later at most; here everybody is kept all the
    // same.
    const bool has_room = cache.memory_bytes() < kBudget / 16 * 14;
    const bool first = cache.Find("email", std::to_string(i)).is_worth_keeping;
    bool later = false;
    for (int again = 0; again < 5; ++again) later |= cache.Find("email", std::to_string(i)).is_worth_keeping;
    if (has_room) CHECK(first);
    if (i > 1000) CHECK_FALSE(first);
    CHECK(later);
    const ProfileId id{{static_cast<uint8_t>(i), static_cast<uint8_t>(i >> 8), 1}};
    const Held profile(SharedProfile::Make(id, bytes, std::make_shared<golden::Names>(std::vector<std::string>())));
    cache.KeepProfile(*profile, cache.MomentOf(id));
    cache.KeepText("email", std::to_string(i), *profile);
    REQUIRE(cache.memory_bytes() <= kBudget);
  }
  CHECK(kept > 1100);
  CHECK(cache.memory_bytes() > kBudget / 2);
  cache.Clear();
  CHECK(Ask(cache, "wanted") == "unknown");
}

TEST_CASE("A golden record outlives its place in the cache, and the cache", "[cache]") {
  auto cache = std::make_unique<ProfileCache>(kRoomy);
  Keep(*cache, "jane", 1, "Jane");
  const Held jane(cache->Find("email", "jane").profile);
  cache->Clear();
  CHECK((*jane).bytes() == "Jane");
  cache.reset();
  CHECK((*jane).bytes() == "Jane");
}

TEST_CASE("A cache without room keeps nothing, and one giant does not push out the others", "[cache]") {
  ProfileCache none(0);
  Keep(none, "jane", 1, "Jane");
  CHECK(Ask(none, "jane") == "unknown");
  CHECK(none.KeepNobody({kEmail, "x"}, none.MomentOf({kEmail, "x"})) == nullptr);

  ProfileCache cache(kRoomy);
  Keep(cache, "jane", 1, "Jane");
  Keep(cache, "giant", 2, std::string(kRoomy / 2, 'x'));
  CHECK(Ask(cache, "jane") == "Jane");
  CHECK(Ask(cache, "giant") == "unknown");
}

// A counter stands for the disk. Whoever reads a number after it was written must not be told an older one.
TEST_CASE("Many readers and a writer agree on what is newest", "[cache][readers]") {
  ProfileCache cache(1 << 16);
  constexpr uint8_t kProfiles = 40;
  std::array<std::atomic<int>, kProfiles> disk{};
  std::atomic<bool> is_over = false;
  std::atomic<int> stale = 0;
  const auto read = [&](unsigned seed) {
    for (unsigned i = seed; !is_over; i = i * 1664525 + 1013904223) {
      const uint8_t number = static_cast<uint8_t>((i >> 16) % kProfiles);
      const int least = disk[number];
      Answer answer = cache.Find("email", std::to_string(number));
      if (answer.kind == Answer::kUnknown) {
        const auto moment = cache.MomentOf(IdOf(number));
        const Held fresh(number, std::to_string(disk[number]));
        cache.KeepProfile(*fresh, moment);
        cache.KeepText("email", std::to_string(number), *fresh);
        continue;
      }
      if (std::stoi(BytesOf(answer)) < least) ++stale;
    }
  };
  std::thread one([&] { read(1); });
  std::thread two([&] { read(2); });
  for (int i = 0; i < 20'000; ++i) {
    const uint8_t number = static_cast<uint8_t>(i % 7 == 0 ? i % kProfiles : i % 3);
    ProfileCache::Write write(cache);
    write.Change(IdOf(number));
    ++disk[number];
  }
  is_over = true;
  one.join();
  two.join();
  CHECK(stale == 0);
}

}  // namespace kintsugi::read

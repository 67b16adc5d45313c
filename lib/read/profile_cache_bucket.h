// What ProfileCache's table is made of. Only profile_cache.cc includes it.

#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>

#include "golden/shared_profile.h"
#include "kintsugi/ids.h"
#include "read/profile_cache.h"

namespace kintsugi::read {

inline uint16_t TagOf(uint64_t hash) {
  return static_cast<uint16_t>(hash >> 48);
}

// Of what nobody has: its key instead of a golden record.
inline bool IsNobody(const golden::SharedProfile& answer) {
  return !answer.has_names();
}

// What was asked for. Its characters follow it; mostly all is in one cache line.
struct alignas(64) ProfileCache::Text {
  const uint64_t hash;
  const uint32_t ns_size;
  const uint32_t text_size;

  static constexpr size_t kHeadBytes = 16;
  static size_t BytesFor(size_t characters) { return std::max(sizeof(Text), kHeadBytes + characters); }

  static Text* Make(uint64_t hash, std::string_view ns, std::string_view text) {
    void* memory = ::operator new(BytesFor(ns.size() + text.size()), std::align_val_t(alignof(Text)));
    auto* made = new (memory) Text{hash, static_cast<uint32_t>(ns.size()), static_cast<uint32_t>(text.size())};
    if (!ns.empty()) std::memcpy(made->characters(), ns.data(), ns.size());
    if (!text.empty()) std::memcpy(made->characters() + ns.size(), text.data(), text.size());
    return made;
  }
  static void Destroy(Text* text) {
    text->~Text();
    ::operator delete(text, std::align_val_t(alignof(Text)));
  }

  char* characters() { return reinterpret_cast<char*>(this) + kHeadBytes; }
  std::string_view ns() { return {characters(), ns_size}; }
  std::string_view text() { return {characters() + ns_size, text_size}; }
  size_t memory_bytes() const { return BytesFor(size_t{ns_size} + text_size); }
};

// What a text leads to; or, without a text, a profile under its id, or under its key what nobody has.
struct ProfileCache::Place {
  Text* text = nullptr;
  const golden::SharedProfile* answer = nullptr;
};

// Two cache lines, which are fetched together. Who reads holds the lock of their stripe, who writes those of all; the
// two fields that are atomic are written by readers, too.
struct alignas(128) ProfileCache::Bucket {
  std::atomic<uint8_t> used = 0;         // a bit for each text that was asked for since the hand came by
  uint8_t next = 0;                      // the place to be taken next, if all are wanted
  std::atomic<uint16_t> missed = 0;      // 14 bits of the tag of a text that was not found, and its chances
  std::array<uint16_t, kPlaces> tags{};  // bits of the hashes: most places need not be looked into
  std::array<Place, kPlaces> places{};

  // Somebody asked for what is here since the hand came by.
  bool IsWanted(size_t i) const {
    const golden::SharedProfile::CacheNotes& answer = places[i].answer->notes();
    if (places[i].text == nullptr) return answer.is_used.load(std::memory_order_relaxed);
    return (used.load(std::memory_order_relaxed) >> i & 1) != 0 && answer.is_current.load(std::memory_order_relaxed);
  }

  // Whether this text was asked for and not found a few misses ago. The one that is remembered stays for three others:
  // if the next took its place, two that are asked for in turn would never be kept. (Threads may disturb one another
  // here: then something is kept later.)
  bool IsSecondMiss(uint16_t tag) {
    const uint16_t before = missed.load(std::memory_order_relaxed);
    const bool is_second = before >> 2 == tag >> 2;
    const bool has_chances = !is_second && (before & 3) != 0;
    missed.store(static_cast<uint16_t>(has_chances ? before - 1 : (tag & ~3) | 3), std::memory_order_relaxed);
    return is_second;
  }

  // The place of a text; kPlaces if it is not here.
  size_t PlaceOf(uint64_t hash, std::string_view ns, std::string_view text) const {
    for (size_t i = 0; i < kPlaces; ++i) {
      Text* const here = places[i].text;
      if (tags[i] != TagOf(hash) || here == nullptr) continue;
      places[i].answer->Prefetch();  // beside the text, which may be another one, but hardly ever is
      if (here->hash == hash && here->ns() == ns && here->text() == text) return i;
    }
    return kPlaces;
  }

  // The same for a profile, or for what nobody has, which is known by its key.
  size_t PlaceOf(uint64_t hash, const ProfileId* id, std::string_view key) const {
    for (size_t i = 0; i < kPlaces; ++i) {
      if (tags[i] != TagOf(hash) || places[i].answer == nullptr || places[i].text != nullptr) continue;
      const golden::SharedProfile& answer = *places[i].answer;
      if (id != nullptr ? !IsNobody(answer) && answer.id() == *id : IsNobody(answer) && answer.bytes() == key) return i;
    }
    return kPlaces;
  }
};

}  // namespace kintsugi::read

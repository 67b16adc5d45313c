// The feed as a subscriber reads it, and the present as it should know it then.

#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kintsugi/engine.h"
#include "reference/segments.h"

namespace kintsugi::testing {

// All entries after a sequence, read by pages of so many.
inline std::vector<FeedEntry> EntriesOf(const Engine& engine, std::optional<uint64_t> after = {}, size_t limit = 100) {
  std::vector<FeedEntry> entries;
  for (;;) {
    const auto page = engine.ReadFeed({.after = after, .limit = limit});
    if (!page.ok()) throw std::runtime_error(page.status().ToString());
    entries.insert(entries.end(), page->entries.begin(), page->entries.end());
    if (page->next >= page->last) return entries;
    after = page->next;
  }
}

inline std::vector<std::string> LinesOf(const std::vector<FeedEntry>& entries) {
  std::vector<std::string> lines;
  for (const FeedEntry& entry : entries) lines.push_back(entry.ToJson());
  return lines;
}

// An entry in few words, "SEGMENT_ENTERED buyers" or "ATTRIBUTE_CHANGED name \"Jane\"".
inline std::string InWords(const FeedEntry& entry) {
  std::string out(ToString(entry.kind));
  if (!entry.name.empty()) out += " " + entry.name;
  const bool has_value = entry.kind == FeedEntry::Kind::kAttributeChanged ||
                         entry.kind == FeedEntry::Kind::kTraitChanged || entry.kind == FeedEntry::Kind::kTierChanged;
  return has_value ? out + " " + ToJson(entry.value) : out;
}

inline std::vector<std::string> InWords(const std::vector<FeedEntry>& entries) {
  std::vector<std::string> out;
  for (const FeedEntry& entry : entries) out.push_back(InWords(entry));
  return out;
}

// What a subscriber should know of the profiles that there are.
inline std::map<std::string, ReplayedProfile> Present(const Engine& engine) {
  const Schema& schema = engine.schema();
  std::set<std::string> fed;
  for (const Trait& trait : schema.traits) {
    if (trait.feed) fed.insert(trait.name);
  }
  if (schema.loyalty) fed.insert("tier");
  std::map<std::string, ReplayedProfile> present;
  const auto status = engine.ForEachProfile([&](const ProfileView& profile) {
    ReplayedProfile& known = present[profile.id().ToString()];
    for (const std::string_view segment : profile.segments()) known.segments.emplace(segment);
    for (const auto& [name, value] : profile.traits()) {
      if (fed.contains(std::string(name))) known.traits[std::string(name)] = ViewToJson(value);
    }
    if (!schema.feed->attributes) return true;
    for (const Attribute& one : profile.attributes()) known.attributes[std::string(one.name)] = ViewToJson(one.value);
    return true;
  });
  if (!status.ok()) throw std::runtime_error(status.ToString());
  return present;
}

// What is wrong with a feed that is whole; empty if nothing is.
inline std::string Wrong(const Engine& engine) {
  const auto replayed = NaiveReplay(engine.schema(), LinesOf(EntriesOf(engine)));
  if (!replayed.ok()) return replayed.status().ToString();
  const auto present = Present(engine);
  for (const auto& [id, profile] : present) {
    const auto at = replayed->find(id);
    if (at == replayed->end()) return "the feed does not tell of " + id;
    if (at->second != profile) return "the feed tells something else of " + id;
  }
  return replayed->size() == present.size() ? "" : "the feed tells of profiles that are not there";
}

}  // namespace kintsugi::testing

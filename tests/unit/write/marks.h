// Whether what is marked in memory is what a batch changes.

#pragma once

#include <algorithm>
#include <set>
#include <string>

#include "catch.h"
#include "format/keys.h"
#include "store/batch.h"
#include "write/cache_marks.h"

namespace kintsugi::testing {

// Every row of `identifiers` and `profiles` in the batch, and nothing else.
inline void CheckMarks(const write::CacheMarks& marks, const store::Batch& batch) {
  std::set<std::string> identifiers;
  std::set<std::string> profiles;
  REQUIRE(batch
              .ForEachKey([&](format::Family family, std::string_view key) {
                if (family == format::Family::kIdentifiers) identifiers.emplace(key);
                if (family == format::Family::kProfiles) profiles.emplace(key);
              })
              .ok());
  CHECK(std::set<std::string>(marks.identifiers().begin(), marks.identifiers().end()) == identifiers);
  std::set<std::string> marked;
  for (const ProfileId& id : marks.profiles()) marked.emplace(format::ProfileKey(id));
  CHECK(marked == profiles);
}

}  // namespace kintsugi::testing

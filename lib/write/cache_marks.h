// What a group of writes makes of answers in memory.

#pragma once

#include <string>
#include <vector>

#include "format/family.h"
#include "format/keys.h"
#include "read/profile_cache.h"

namespace kintsugi::write {

// Notes which identifiers and profiles get other rows, so that nobody is answered from memory, or keeps an answer
// there, while they are written. Not thread-safe.
class CacheMarks {
 public:
  // A row that is put or deleted.
  void Note(format::Family family, std::string_view key);

  const std::vector<std::string>& identifiers() const { return identifiers_; }
  const std::vector<ProfileId>& profiles() const { return profiles_; }

  // Before the rows are written.
  void Mark(read::ProfileCache::Write& write) const;

 private:
  std::vector<std::string> identifiers_;  // their keys
  std::vector<ProfileId> profiles_;
};

}  // namespace kintsugi::write

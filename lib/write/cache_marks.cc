#include "write/cache_marks.h"

namespace kintsugi::write {

void CacheMarks::Note(format::Family family, std::string_view key) {
  if (family == format::Family::kIdentifiers) {
    identifiers_.emplace_back(key);
  } else if (ProfileId id; family == format::Family::kProfiles && format::ParseProfileKey(key, id)) {
    profiles_.push_back(id);
  }
}

void CacheMarks::Mark(read::ProfileCache::Write& write) const {
  for (const std::string& key : identifiers_) write.Change(format::ParseIdentifierKey(key));
  for (const ProfileId& id : profiles_) write.Change(id);
}

}  // namespace kintsugi::write

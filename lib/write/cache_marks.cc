#include "write/cache_marks.h"

namespace kintsugi::write {

void CacheMarks::OnComponent(const graph::ComponentDelta& delta, graph::RowSink&) {
  const graph::Loaded& loaded = delta.loaded;
  for (const graph::Resolved& profile : delta.after) {
    if (profile.is_changed) profiles_.push_back(profile.id);
    for (graph::NodeId id : profile.members) {
      if (!delta.IsHeldAlready(id, profile)) identifiers_.push_back(format::IdentifierKey(loaded.KeyOf(id)));
    }
  }
  for (graph::ProfileSlot slot : delta.vanished) profiles_.push_back(loaded.profiles[slot].id);
  for (graph::ProfileSlot slot : delta.before) {
    for (graph::NodeId id : loaded.profiles[slot].members) {
      if (loaded.profiles[slot].stored && !loaded.nodes[id].alive)
        identifiers_.push_back(format::IdentifierKey(loaded.KeyOf(id)));
    }
  }
}

void CacheMarks::Mark(read::ProfileCache::Write& write) const {
  for (const std::string& key : identifiers_) write.Change(format::ParseIdentifierKey(key));
  for (const ProfileId& id : profiles_) write.Change(id);
}

}  // namespace kintsugi::write

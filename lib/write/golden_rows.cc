#include "write/golden_rows.h"

#include "format/keys.h"
#include "graph/rows.h"

namespace kintsugi::write {

void GoldenRows::OnComponent(const graph::ComponentDelta& delta, graph::RowSink& sink) {
  using format::Family;
  for (const graph::Resolved& profile : delta.after) {
    if (profile.is_changed)
      sink.Put(Family::kProfiles, format::ProfileKey(profile.id), graph::EncodeGolden(delta.loaded, profile));
  }
  for (graph::ProfileSlot slot : delta.vanished)
    sink.Delete(Family::kProfiles, format::ProfileKey(delta.loaded.profiles[slot].id));
}

}  // namespace kintsugi::write

#include "write/change_rows.h"

#include <algorithm>

#include "format/keys.h"
#include "format/stored_rows.h"

namespace kintsugi::write {
namespace {

uint32_t IndexOf(const std::vector<ProfileId>& sorted, const ProfileId& id) {
  return static_cast<uint32_t>(std::lower_bound(sorted.begin(), sorted.end(), id) - sorted.begin());
}

stored::Change ToRow(const ingest::Context& context, const graph::Regrouping& regrouping) {
  stored::Change row;
  for (const ProfileId& id : regrouping.before) row.add_before(std::string(format::ProfileKey(id)));
  for (const ProfileId& id : regrouping.after) row.add_after(std::string(format::ProfileKey(id)));
  for (const auto& [node, from, to] : regrouping.moved) {
    auto* moved = row.add_moved();
    format::SetNode(context.KeyOf(node), *moved->mutable_identifier());
    moved->set_from(IndexOf(regrouping.before, from));
    moved->set_to(IndexOf(regrouping.after, to));
  }
  row.set_more_causes(regrouping.more_causes);
  return row;
}

}  // namespace

absl::Status ChangeRows::OnComponent(const graph::ComponentDelta& delta, graph::RowSink&) {
  graph::TellRegroupings(delta, regroupings_);
  return absl::OkStatus();
}

uint64_t ChangeRows::Finish(Time now, uint64_t last, const CauseOf& cause_of, graph::RowSink& sink) {
  std::sort(regroupings_.groups.begin(), regroupings_.groups.end(),
            [](const auto& a, const auto& b) { return a.before < b.before; });
  return Write(context_, std::move(regroupings_), now, last, cause_of, sink);
}

uint64_t ChangeRows::Write(const ingest::Context& context, graph::Regroupings regroupings, Time now, uint64_t last,
                           const CauseOf& cause_of, graph::RowSink& sink) {
  using format::Family;
  for (const graph::Regrouping& regrouping : regroupings.groups) {
    stored::Change row = ToRow(context, regrouping);
    row.set_recorded_at(format::ToUs(now));
    for (uint32_t cause : regrouping.causes) *row.add_causes() = cause_of(cause);
    sink.Put(Family::kChanges, format::ChangeKey(++last), row.SerializeAsString());
    std::vector<ProfileId> ids = regrouping.before;
    ids.insert(ids.end(), regrouping.after.begin(), regrouping.after.end());
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    for (const ProfileId& id : ids) sink.Put(Family::kChanges, format::ChangeOfKey(id, last), "");
  }
  for (const auto& [from, to] : regroupings.renamed)
    sink.Put(Family::kChanges, format::ChangeOfKey(to, ++last), format::ProfileKey(from));
  return last;
}

}  // namespace kintsugi::write

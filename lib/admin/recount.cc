#include "admin/recount.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/keys.h"
#include "format/stored_rows.h"
#include "golden/record_codec.h"
#include "graph/golden_rows.h"
#include "living/periods.h"
#include "store/stored_evidence.h"
#include "write/advance.h"
#include "write/batch_rows.h"
#include "write/feed_rows.h"
#include "write/member_rows.h"
#include "write/trait_rows.h"

namespace kintsugi::admin {
namespace {

using format::Family;

absl::Status NoteRelease(store::Store& store, std::string release, Durability durability) {
  const auto row = store.Get(Family::kMeta, "meta");
  if (!row.ok()) return row.status();
  stored::Meta meta;
  if (!*row || !format::ParseRow(**row, meta)) return format::DamagedRow(Family::kMeta);
  (*meta.mutable_releases())[std::string(kTimeZones)] = std::move(release);
  store::Batch batch = store.NewBatch();
  batch.Put(Family::kMeta, "meta", meta.SerializeAsString());
  return store.Write(batch, durability);
}

// Tells all traits anew, so many profiles at a time. What is stored of windows, and of when they change, is not
// believed.
class Recount {
 public:
  Recount(Database& database, const std::function<Time()>& clock)
      : database_(database),
        clock_(clock),
        store_(*database.store),
        now_(format::NowOf(database.counters)),
        evidence_(store_) {}

  absl::Status Run() {
    // One scan: each puts those in order that are in memory. What it writes changes nothing of what it reads.
    const store::Store::Snapshot snapshot(store_);
    const auto status = store_.Scan(
        Family::kProfiles, "", [&](std::string_view key, std::string_view row) { return Take(key, row); }, &snapshot);
    return status.ok() ? Write() : status;
  }

 private:
  absl::Status Take(std::string_view key, std::string_view row) {
    ProfileId id;
    if (!format::ParseProfileKey(key, id)) return format::DamagedRow(Family::kProfiles);
    if (!traits_) traits_.emplace(*database_.context, *database_.rules, evidence_, now_);
    for (const golden::StoredIdentifier& one : golden::RecordView(row).identifiers())
      traits_->Remove({one.number, one.value});  // nothing is; but then its items are counted anew
    profiles_.push_back(id);
    return profiles_.size() < write::kMostDue ? absl::OkStatus() : Write();
  }

  absl::Status Write() {
    if (profiles_.empty()) return absl::OkStatus();
    store::Batch batch = store_.NewBatch();
    write::BatchRows rows(batch);
    write::MemberRows members(database_.rules->segments);
    write::FeedRows feed(*database_.context, database_.rules->feed);
    graph::GoldenRows golden(*database_.context, evidence_,
                             {.traits = &*traits_,
                              .segments = &database_.rules->segments,
                              .now = now_,
                              .listeners = write::ListenersOf(members, feed)});
    for (const ProfileId& id : profiles_) {
      if (auto status = golden.Refresh(id, rows); !status.ok()) return status;
    }
    if (auto status = traits_->Write(rows); !status.ok()) return status;
    rows.Finish();
    stored::Counters& counters = database_.counters;
    counters.set_approximate(counters.approximate() + golden.approximate());
    counters.set_overdrawn(counters.overdrawn() + golden.overdrawn());
    members.AddTo(counters);
    if (auto status = feed.Finish(store_, clock_(), counters, rows); !status.ok()) return status;
    batch.Put(Family::kMeta, "counters", counters.SerializeAsString());
    traits_.reset();
    profiles_.clear();
    return store_.Write(batch, Durability::kLosesOnMachineCrash);
  }

  Database& database_;
  const std::function<Time()>& clock_;
  store::Store& store_;
  const Time now_;
  const store::StoredEvidence evidence_;
  std::optional<write::TraitRows> traits_;  // of the profiles that wait to be written
  std::vector<ProfileId> profiles_;
};

}  // namespace

// The log keeps the order of writes, so the last one's durability is that of all.
absl::Status RecountUnderOtherZones(Database& database, const std::function<Time()>& clock) {
  const auto stored = database.releases.find(std::string(kTimeZones));
  const std::string release = living::ZoneRelease();
  if (database.store->is_read_only() || stored == database.releases.end() || stored->second == release)
    return absl::OkStatus();
  // Until all are told anew they are of several releases, and so of none that anybody has.
  const std::string& was = stored->second;
  const std::string mixed = was.ends_with(release) ? was : was + ", in part " + release;
  if (auto status = NoteRelease(*database.store, mixed, Durability::kLosesOnMachineCrash); !status.ok()) return status;
  if (auto status = Recount(database, clock).Run(); !status.ok()) return status;
  return NoteRelease(*database.store, release, Durability::kLosesNothing);
}

}  // namespace kintsugi::admin

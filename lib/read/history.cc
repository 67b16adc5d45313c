#include "read/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "format/stored_rows.h"

namespace kintsugi::read {
namespace {

using format::Family;

// ChangeReader goes back in time, from a profile to those that it came from, in one snapshot. Of each profile that it
// follows it knows one change, the next to be read.
class ChangeReader {
 public:
  ChangeReader(const ingest::Context& context, const store::Store& store)
      : context_(context), store_(store), snapshot_(store) {}

  const store::Store::Snapshot& snapshot() const { return snapshot_; }

  // The changes of a profile before a given one are to be read. One that is followed already is so from there or later.
  absl::Status Follow(const ProfileId& id, uint64_t before) {
    if (next_.contains(id)) return absl::OkStatus();
    const std::string prefix = format::ChangesOfPrefix(id);
    Next next;
    const auto found = store_.ReadLastBefore(
        Family::kChanges, prefix, format::ChangeOfKey(id, before),
        [&](std::string_view key, std::string_view earlier_id) {
          next.sequence = format::Decoder(key.substr(prefix.size())).Big64();
          next.earlier_id = earlier_id;
          return true;
        },
        &snapshot_);
    if (!found.ok()) return found.status();
    if (!*found) return absl::OkStatus();
    order_.emplace(next.sequence, id);
    next_.emplace(id, std::move(next));
    return absl::OkStatus();
  }

  // The newest change that is to be read; false if there is none.
  absl::StatusOr<bool> Read(Change& change) {
    while (!order_.empty()) {
      const uint64_t sequence = order_.rbegin()->first;
      bool is_change = false;
      while (!order_.empty() && order_.rbegin()->first == sequence) {
        const auto earlier_id = StepBack(order_.rbegin()->second);
        if (!earlier_id.ok()) return earlier_id.status();
        ProfileId id;
        is_change |= earlier_id->empty();
        if (earlier_id->empty()) continue;
        if (!format::ParseProfileKey(*earlier_id, id)) return format::DamagedRow(Family::kChanges);
        if (auto status = Follow(id, sequence); !status.ok()) return status;
      }
      if (is_change) return Read(sequence, change);
    }
    return false;
  }

  // Forgets what was to be read.
  void StopFollowing() {
    order_.clear();
    next_.clear();
  }

 private:
  struct Next {
    uint64_t sequence = 0;
    std::string earlier_id;  // the id that the profile had before, if that is what changed
  };

  // From a profile's next change to the one before; returns the former's earlier id.
  absl::StatusOr<std::string> StepBack(ProfileId id) {
    const Next next = std::move(next_.extract(id).mapped());
    order_.erase({next.sequence, id});
    if (auto status = Follow(id, next.sequence); !status.ok()) return status;
    return next.earlier_id;
  }

  absl::StatusOr<bool> Read(uint64_t sequence, Change& change) const {
    const auto row = store_.Get(Family::kChanges, format::ChangeKey(sequence), &snapshot_);
    if (!row.ok()) return row.status();
    if (!*row || !Decode(**row, change)) return format::DamagedRow(Family::kChanges);
    change.sequence = sequence;
    return true;
  }

  static bool Decode(const google::protobuf::RepeatedPtrField<std::string>& rows, std::vector<ProfileId>& ids) {
    for (const std::string& row : rows) {
      if (!format::ParseProfileKey(row, ids.emplace_back())) return false;
    }
    return true;
  }

  bool Decode(std::string_view bytes, Change& change) const {
    stored::Change row;
    change = {};
    if (!format::ParseRow(bytes, row) || !Decode(row.before(), change.before) || !Decode(row.after(), change.after))
      return false;
    if (row.has_recorded_at()) change.recorded_at = format::ToTime(row.recorded_at());
    change.kind = change.after.size() == 1    ? Change::Kind::kMerge
                  : change.before.size() == 1 ? Change::Kind::kSplit
                                              : Change::Kind::kMove;
    const auto& names = context_.catalog.names();
    for (const auto& moved : row.moved()) {
      Identifier identifier;
      if (!format::ToIdentifier(context_.catalog, moved.identifier(), identifier) ||
          moved.from() >= change.before.size() || moved.to() >= change.after.size())
        return false;
      change.moved.push_back({std::move(identifier), change.before[moved.from()], change.after[moved.to()]});
    }
    for (const auto& cause : row.causes()) {
      if (cause.source() > names.size()) return false;
      change.causes.push_back({static_cast<Cause::Kind>(cause.kind()),
                               cause.source() == 0 ? std::string() : names[cause.source() - 1], cause.id()});
    }
    change.more_causes = row.more_causes();
    return true;
  }

  const ingest::Context& context_;
  const store::Store& store_;
  const store::Store::Snapshot snapshot_;
  std::map<ProfileId, Next> next_;
  std::set<std::pair<uint64_t, ProfileId>> order_;  // of those
};

constexpr uint64_t kAll = ~uint64_t{0};

}  // namespace

absl::Status ForEachChange(const Reader& profiles, const ProfileId& id,
                           const std::function<bool(const Change&)>& visit) {
  ChangeReader reader(profiles.context(), profiles.store());
  const auto current = profiles.FindId(id, reader.snapshot());
  if (!current.ok()) return current.status();
  for (const ProfileId& one : {id, current->value_or(id)}) {
    if (auto status = reader.Follow(one, kAll); !status.ok()) return status;
  }
  bool found = current->has_value();
  for (Change change;;) {
    const auto more = reader.Read(change);
    if (!more.ok()) return more.status();
    if (!*more) return found ? absl::OkStatus() : absl::NotFoundError("no profile has or had this id");
    found = true;
    if (!visit(change)) return absl::OkStatus();
    for (const ProfileId& one : change.before) {
      if (auto status = reader.Follow(one, change.sequence); !status.ok()) return status;
    }
  }
}

absl::Status ForEachChange(const Reader& profiles, const IdentifierView& identifier,
                           const std::function<bool(const Change&)>& visit) {
  ChangeReader reader(profiles.context(), profiles.store());
  const auto node = profiles.context().Normalize(identifier.ns, identifier.value);
  if (!node.ok()) return node.status();
  const auto holder = profiles.FindId(profiles.context().KeyOf(*node), &reader.snapshot());
  if (!holder.ok()) return holder.status();
  if (!*holder) return absl::NotFoundError(fmt::format("nobody has {}", identifier.ToString()));
  const IdentifierView normalised{identifier.ns, node->value};
  if (auto status = reader.Follow(**holder, kAll); !status.ok()) return status;
  for (Change change;;) {
    const auto more = reader.Read(change);
    if (!more.ok()) return more.status();
    if (!*more || !visit(change)) return absl::OkStatus();
    const auto moved = std::find_if(change.moved.begin(), change.moved.end(),
                                    [&](const Change::Moved& m) { return m.identifier == normalised; });
    if (moved == change.moved.end()) continue;
    // Before that it was in another profile.
    reader.StopFollowing();
    if (auto status = reader.Follow(moved->from, change.sequence); !status.ok()) return status;
  }
}

}  // namespace kintsugi::read

// The feed as rows.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "base/time.h"
#include "format/stored.pb.h"
#include "graph/record_listener.h"
#include "graph/row_sink.h"
#include "ingest/context.h"
#include "kintsugi/feed.h"
#include "living/feed.h"
#include "store/store.h"
#include "write/member_rows.h"

namespace kintsugi::write {

// Collects what becomes of golden records in one group, and tells the difference at its end: in the batch that makes
// it. Not thread-safe; used for one group. Memory: the records before and after of the profiles that the group changes.
class FeedRows : public graph::RecordListener {
 public:
  // The references outlive it.
  FeedRows(const ingest::Context& context, const living::FeedRules& rules) : context_(context), rules_(rules) {}

  // Else there is no feed to write, and it need not be told of records.
  bool is_on() const { return rules_.is_on(); }

  absl::Status OnRecord(const ProfileId& id, std::string_view before, std::string_view now,
                        graph::RowSink& sink) override;

  // Writes the entries, numbered on from the counters', and deletes some of those that the schema keeps no longer: more
  // than are written, so that the feed does not outgrow it. `now`: when that is recorded.
  absl::Status Finish(const store::Store& store, Time now, stored::Counters& counters, graph::RowSink& sink);

  // What Finish() wrote.
  std::vector<FeedEntry> Entries() const;

 private:
  struct Change {
    std::string before;
    std::string now;
  };

  absl::Status DeleteOld(const store::Store& store, Time now, stored::Counters::Feed& feed, graph::RowSink& sink) const;

  const ingest::Context& context_;
  const living::FeedRules& rules_;
  absl::btree_map<ProfileId, Change> changes_;
  std::vector<living::Told> told_;
  uint64_t first_ = 0;  // sequence of the first of them
  Time recorded_at_;
};

// Who is told of golden records: who keeps members, if the schema has segments, and the feed, if there is one.
std::vector<graph::RecordListener*> ListenersOf(MemberRows& members, FeedRows& feed);

// The feed of a database that takes the place of another: it begins anew, with sequences that nobody who followed the
// other one's has acknowledged, so they are told that entries are missing.
void BeginFeedAfter(const stored::Counters& other, stored::Counters& counters);

}  // namespace kintsugi::write

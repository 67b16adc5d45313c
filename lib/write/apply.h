// Applying: one group of prepared evidence becomes one batch of writes.

#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "base/table_hash.h"
#include "base/time.h"
#include "format/stored.pb.h"
#include "graph/golden_rows.h"
#include "graph/graph.h"
#include "graph/pending_rows.h"
#include "ingest/assertion.h"
#include "ingest/context.h"
#include "ingest/prepare.h"
#include "kintsugi/event.h"
#include "store/store.h"
#include "store/stored_evidence.h"
#include "write/cache_marks.h"
#include "write/change_rows.h"
#include "write/feed_rows.h"
#include "write/member_rows.h"
#include "write/quarantine_rows.h"
#include "write/trait_rows.h"

namespace kintsugi::write {

// How many reasons a report has.
inline constexpr size_t kFirstReasons = 5;

// A row of a file, as it came.
struct FileRow {
  std::string file;
  uint64_t line = 0;
  std::string raw;
  std::shared_ptr<const std::string> header;  // a CSV's; may be null
  Time extracted_at = kNeverLast;             // of a file's records
};

// Where an item came from, so that it can be kept if it is refused: a file's row, which all of its items share, or the
// caller's own object, which must outlive the item.
struct Origin {
  std::shared_ptr<const FileRow> row;
  uint32_t item = 0;  // which of the row's items, from 1, if it holds several (a batch object); else 0: the row itself
  const Event* event = nullptr;
  const Record* record = nullptr;
};

// Evidence that is taken back.
struct Withdrawal {
  enum class Kind { kEvent, kRecord, kReadmittedEvent, kQuarantined };
  Kind kind = Kind::kEvent;
  std::string name;           // message id or record key; of a quarantined row its whole key
  Time version = kNeverLast;  // of a record: up to which; unknown: up to the newest
  bool forget = false;        // the source goes: not even the name is kept
};

struct Item {
  golden::SourceIndex source = 0;
  std::variant<ingest::PreparedEvent, ingest::PreparedRecord, ingest::Refused, Withdrawal, ingest::PreparedAssertion,
               ingest::PreparedRetraction>
      evidence;
  Origin origin;
  std::shared_ptr<const std::string> replayed;  // the quarantine key that this is another try of; else null
};

// For a withdrawal a duplicate is one of something that is not there. Superseded is a version of a record that an equal
// or newer one with other content keeps out.
enum class Verdict { kAccepted, kDuplicate, kSuperseded, kQuarantined };

// Decides what becomes of each item: evidence that is new goes to the graph, evidence that is known changes
// nothing, and refused rows go to quarantine. Not thread-safe; used once.
class Applier {
 public:
  Applier(const ingest::Context& context, const living::Rules& rules, const store::Store& store,
          stored::Counters counters);

  // Applies the items in order; `verdicts` gets one each, and `reasons` why the first that were refused were. They
  // must outlive Finish(). Withdrawn events must not come together with new ones. After an error nothing may be
  // written.
  absl::Status Apply(std::span<const Item> items, std::vector<Verdict>& verdicts, std::vector<std::string>& reasons);

  // Adds everything to the batch and returns the counters as they are once it is written. `now` is noted with the
  // changes of profiles; if it is unknown they are not noted at all.
  absl::StatusOr<stored::Counters> Finish(store::Batch& batch, Time now);

  // What the batch changes for those who look up; complete after Finish().
  const CacheMarks& cache_marks() const { return cache_marks_; }

  // What it tells in the feed; complete after Finish().
  const FeedRows& feed() const { return feed_rows_; }

  size_t profiles_loaded() const { return graph_.profiles_loaded(); }

 private:
  absl::StatusOr<Verdict> Decide(const Item& item, const ingest::PreparedEvent& event);
  absl::StatusOr<Verdict> Decide(const Item& item, const ingest::PreparedRecord& record);
  absl::StatusOr<Verdict> Decide(const Item& item, const ingest::Refused& refused);
  absl::StatusOr<Verdict> Decide(const Item& item, const Withdrawal& withdrawal);
  absl::StatusOr<Verdict> Decide(const Item& item, const ingest::PreparedAssertion& assertion);
  absl::StatusOr<Verdict> Decide(const Item& item, const ingest::PreparedRetraction& retraction);

  absl::StatusOr<Verdict> Quarantine(const Item& item, std::string_view reason);
  absl::StatusOr<Verdict> WithdrawEvent(const Item& item, const Withdrawal& withdrawal);
  absl::StatusOr<Verdict> ReadmitEvent(const Item& item, const Withdrawal& withdrawal);
  absl::StatusOr<Verdict> WithdrawRecord(const Item& item, const Withdrawal& withdrawal);
  // Takes what a record's row said before out of the graph, and puts in what it says now. `given` is what the newest
  // version says, if that is another than before.
  absl::Status UpdateGraph(golden::SourceIndex source, const std::string& key, const stored::Record& before,
                           const stored::Record& now, const ingest::PreparedRecord* given);
  // The item that a record is, if it is one.
  struct RecordItem {
    std::string key;
    std::string row;
    identity::Node strongest;
  };
  absl::StatusOr<std::optional<RecordItem>> ItemOf(golden::SourceIndex source, const std::string& key,
                                                   const stored::Record& row) const;
  // Takes the item that a record was out of the timeline, and puts in the one that it is.
  absl::Status MoveItem(golden::SourceIndex source, const std::string& key, const stored::Record& before,
                        const stored::Record& now);
  void SetNewest(const ingest::PreparedRecord& record, stored::Record& row) const;
  // Older versions of a record (apply_versions.cc). Notes one, and says whether its time is new; drops those up to a
  // time, and says which is the first that is left.
  absl::StatusOr<bool> NoteVersion(golden::SourceIndex source, const std::string& key, const stored::Record& version);
  absl::Status KeepVersion(golden::SourceIndex source, const std::string& key, const stored::Record& version,
                           const std::string& row_key);
  void NoteIdentifiers(golden::SourceIndex source, const std::string& key, const stored::Record& version,
                       bool is_there);
  absl::StatusOr<std::optional<Time>> NewestVersion(golden::SourceIndex source, const std::string& key) const;
  absl::StatusOr<std::optional<Time>> DropVersions(golden::SourceIndex source, const std::string& key, Time up_to);
  absl::Status RereadEvents();
  stored::Change::Cause CauseOf(uint32_t cause) const;
  // A row that this group reads, as it is by now.
  struct Row {
    std::optional<std::string> bytes;
    bool changed = false;

    void Set(std::optional<std::string> value) {
      bytes = std::move(value);
      changed = true;
    }
  };

  using Rows = absl::flat_hash_map<std::string, Row, TableHashOf, std::equal_to<>>;

  Rows& RowsOf(format::Family family);
  // Valid until the next call for the same family.
  absl::StatusOr<Row*> Known(format::Family family, const std::string& key);
  absl::Status Prefetch(std::span<const Item> items);
  stored::Counters::Source& CountersOf(golden::SourceIndex source);
  void Count(const Item& item, Verdict verdict);

  const ingest::Context& context_;
  const store::Store& store_;
  const ingest::Preparer preparer_;
  const store::StoredEvidence evidence_;
  graph::PendingRows items_;  // new and withdrawn rows of `events` and `items`
  TraitRows traits_;
  graph::Graph graph_;
  MemberRows member_rows_;
  FeedRows feed_rows_;
  graph::GoldenRows golden_rows_;
  const bool has_traits_;
  ChangeRows change_rows_;
  CacheMarks cache_marks_;
  QuarantineRows quarantine_;
  std::vector<std::string>* reasons_ = nullptr;  // of the call of Apply()
  stored::Counters counters_;
  std::array<Rows, format::kFamilyCount> rows_;
  bool noted_versions_ = false;
  std::vector<const Item*> causes_;  // by the number that the graph knows them by
  // Keys of events that were withdrawn and what withdrew them, by their strongest identifier.
  absl::btree_map<identity::Node, absl::flat_hash_map<std::string, uint32_t, TableHashOf, std::equal_to<>>> withdrawn_;
};

}  // namespace kintsugi::write

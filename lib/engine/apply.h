// Applying: one group of prepared evidence becomes one batch of writes.

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "engine/context.h"
#include "engine/graph.h"
#include "ingest/prepare.h"
#include "kintsugi/event.h"
#include "storage/store.h"
#include "storage/stored.pb.h"

namespace kintsugi::engine {

// Where a row came from, so that it can be kept if it is refused: a file's row, or the caller's own object, which
// must outlive the item.
struct Origin {
  std::string file;
  uint64_t line = 0;
  uint32_t index = 0;                         // in a batch object
  std::shared_ptr<const std::string> raw;     // null if it came through the API
  std::shared_ptr<const std::string> header;  // a CSV's; may be null
  const Event* event = nullptr;
  const Record* record = nullptr;
};

struct Item {
  golden::SourceIndex source = 0;
  std::variant<ingest::PreparedEvent, ingest::PreparedRecord, ingest::Refused> evidence;
  Origin origin;
  std::string replayed;  // the quarantine key that this is another try of; else empty
};

enum class Verdict { kAccepted, kDuplicate, kQuarantined };

// Decides what becomes of each item: evidence that is new goes to the graph, evidence that is known changes
// nothing, and refused rows go to quarantine. Not thread-safe; used once.
class Applier {
 public:
  Applier(const Context& context, const storage::Store& store, const stored::Counters& counters);

  // Applies the items in order; `verdicts` gets one each. After an error nothing may be written.
  absl::Status Apply(std::span<const Item> items, std::vector<Verdict>& verdicts);

  // Adds everything to the batch and returns the counters as they are once it is written.
  absl::StatusOr<stored::Counters> Finish(storage::Batch& batch);

 private:
  absl::StatusOr<Verdict> ApplyEvent(const Item& item, const ingest::PreparedEvent& event);
  absl::StatusOr<Verdict> ApplyRecord(const Item& item, const ingest::PreparedRecord& record);
  absl::StatusOr<Verdict> Quarantine(const Item& item, std::string_view reason);
  absl::Status ReplaceVersion(const ingest::PreparedRecord& record, stored::Record& stored, bool is_new);
  // A row that this group reads, as it is by now.
  struct Row {
    std::optional<std::string> bytes;
    bool changed = false;

    void Set(std::optional<std::string> value) {
      bytes = std::move(value);
      changed = true;
    }
  };

  using Rows = absl::flat_hash_map<std::string, Row>;

  Rows& RowsOf(storage::Family family);
  // Valid until the next call for the same family.
  absl::StatusOr<Row*> Known(storage::Family family, const std::string& key);
  absl::Status Prefetch(std::span<const Item> items);
  void Count(const Item& item, Verdict verdict);

  const Context& context_;
  const storage::Store& store_;
  const ingest::Preparer preparer_;
  Graph graph_;
  stored::Counters counters_;
  Rows messages_;
  Rows records_;
  Rows quarantine_;
  std::vector<std::pair<std::string, std::string>> events_;  // new rows of `events`
};

}  // namespace kintsugi::engine

// The rows of `quarantine` while a group is applied.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/table_hash.h"
#include "format/stored.pb.h"
#include "graph/graph.h"
#include "ingest/context.h"
#include "store/store.h"

namespace kintsugi::write {

struct FileRow;
struct Item;

// The key of evidence that was refused, and is not in a file any more. It depends on what came and not on why it was
// refused, so that reading it again finds the row that is there.
std::string QuarantineKeyOf(uint16_t source_number, const stored::Quarantined& evidence);

// QuarantineRows collects what a group puts into quarantine and takes out of it. A row of a file is kept once, with
// the items of it that were refused, however many these are: it is hashed, read and written once a group.
// Not thread-safe.
class QuarantineRows {
 public:
  QuarantineRows(const ingest::Context& context, const store::Store& store) : context_(context), store_(store) {}

  // Keeps an item that was refused, which must outlive Finish(). One that is kept already has the new reason then; but
  // another try of one that somebody threw away meanwhile does not bring it back.
  absl::Status Refuse(const Item& item, std::string_view reason);
  // Forgets an item that was taken at another try, which must outlive Finish() too.
  absl::Status Leave(const Item& item);
  // Whether the row that an item is another try of is still there: somebody may have thrown it away.
  absl::StatusOr<bool> IsThere(const std::string& key);
  // Throws a whole row away. False if it is not there.
  absl::StatusOr<bool> Remove(const std::string& key);

  // By how many items the quarantine has grown.
  int64_t growth() const { return growth_; }
  void Finish(graph::RowSink& sink) const;

 private:
  // A row as it is by now.
  struct Kept {
    std::map<uint32_t, std::string> reasons;  // by item; empty: it is not there
    const Item* origin = nullptr;             // what to write it from
    int64_t extracted = INT64_MIN;            // the latest that it was refused with
    bool was_stored = false;
    bool changed = false;
  };

  // Valid until the next call.
  absl::StatusOr<Kept*> Find(const std::string& key);
  const std::string& KeyOf(const Item& item);
  void Set(Kept& kept, const Item& item, std::string reason);
  void Erase(Kept& kept, uint32_t item);

  const ingest::Context& context_;
  const store::Store& store_;
  absl::flat_hash_map<std::string, Kept, TableHashOf, std::equal_to<>> rows_;
  int64_t growth_ = 0;
  // The last key that was made, and of which row: a row's items come one after the other.
  std::shared_ptr<const FileRow> last_row_;
  std::string last_key_;
};

}  // namespace kintsugi::write

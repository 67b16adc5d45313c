// Traits from tallies, and the tallies as rows.

#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/time.h"
#include "graph/evidence_source.h"
#include "graph/row_sink.h"
#include "graph/trait_source.h"
#include "ingest/context.h"
#include "ingest/prepare.h"
#include "living/rules.h"

namespace kintsugi::write {

// TraitRows keeps, for each identifier that is the strongest of any item, what its items come to (living::Tallies), and
// tells golden records their traits by adding up those of their identifiers. So an item costs a row, however many came
// before, and no item is read again when profiles join or part. Items are read where something of an identifier was
// withdrawn; within windows, when time has changed what those hold; and where a trait needs the items themselves, if
// one of those came or went.
//
// Not thread-safe; used for one group. Errors are the source's, and kDataLoss for damaged rows. The references outlive
// it.
class TraitRows : public graph::TraitSource {
 public:
  // `rows`: as they will be when the group is written.
  TraitRows(const ingest::Context& context, const living::Rules& rules, const graph::EvidenceSource& rows, Time now);

  // A row of `events` or `items` that the group brings.
  absl::Status Add(format::Family family, std::string_view key, std::string_view row);
  // One that it takes away, or replaces, of this identifier.
  void Remove(format::NodeKey strongest);

  absl::StatusOr<golden::StoredTraits> TraitsOf(std::span<const format::NodeKey> identifiers,
                                                const golden::RecordView* before) override;

  // The tallies that are other ones than before; after the golden records.
  absl::Status Write(graph::RowSink& sink);

 private:
  // Of one identifier.
  struct Known {
    std::string row;  // as stored; empty: there is none
    bool is_read = false;
    bool is_counted = false;          // the tallies are as of now
    bool is_recounted = false;        // something was taken away
    bool is_needed = false;           // an item that traits need came or went
    std::vector<living::Item> added;  // those that are not in the row
    living::Tallies tallies;
  };

  absl::Status Read(std::span<const std::string> keys);
  absl::Status Count(const std::string& key, Known& known);
  absl::Status CountItems(const std::string& key, Time begin, living::TraitRules::Which which, Known& known) const;
  // Those that traits need, of identifiers that have any.
  absl::StatusOr<std::vector<living::Item>> NeededItems(std::span<const std::string> keys);
  absl::Status ForEachItem(const std::string& key, Time begin, const std::vector<uint32_t>& marks,
                           const std::function<void(living::Item item, Time end)>& visit) const;
  bool MayReread(std::span<const std::string> keys, const golden::RecordView& before);

  const living::Rules& rules_;
  const graph::EvidenceSource& rows_;
  const ingest::Preparer preparer_;
  const living::TraitRules::Moment moment_;
  std::vector<uint32_t> needed_marks_;         // of the names that traits need; none: all
  absl::btree_map<std::string, Known> known_;  // by the key of the row
};

}  // namespace kintsugi::write

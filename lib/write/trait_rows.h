// Traits from tallies, and the tallies as rows.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/time.h"
#include "graph/evidence_source.h"
#include "graph/row_sink.h"
#include "graph/trait_source.h"
#include "ingest/context.h"
#include "living/rules.h"
#include "write/asked_items.h"
#include "write/cart_teller.h"
#include "write/first_items.h"
#include "write/item_scan.h"

namespace kintsugi::write {

// TraitRows keeps, for each identifier that is the strongest of any item, what its items come to (living::Tallies), and
// tells golden records their traits by adding up those of their identifiers. So an item costs a row, however many came
// before, and no item is read again when profiles join or part. Items are read where something of an identifier was
// withdrawn; within windows, when time has changed what those hold; and where a group of traits needs the items
// themselves, if one of those came or went, or time changes what it says. The cart goes on from what the record says of
// it, as long as its items come in order, and of its path a visit is read.
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
  using Which = living::TraitRules::Which;

  // Of one identifier.
  struct Known {
    std::optional<std::string> stored;    // the row, once it was read; empty: there is none
    std::optional<std::string> row;       // as of now, once it was counted
    bool is_recounted = false;            // from all items
    std::vector<living::Item> added;      // those that are not counted yet
    AskedItems::Rows asked;               // of these, those that groups ask for
    std::vector<bool> is_asked;           // twice for each group, as needs(): whether it asks an item that was added
    CartNews cart;                        // if there is a cart
    std::vector<std::string> new_values;  // of `once_per`, which only those that were added have: OnceValue::key
    // As of now, for as long as a profile's are added up: those of a whole group would not fit a processor's cache.
    std::optional<living::Tallies> tallies;
  };

  // By the key of the row. Nodes, for their places must not change while others come.
  using Identifiers = absl::node_hash_map<std::string, Known>;
  using Identifier = Identifiers::value_type;

  absl::StatusOr<Identifier*> Find(std::string key);
  absl::Status Count(Identifier& identifier);
  absl::Status CountAnew(const std::string& key, Known& known);
  absl::Status CountAdded(const std::string& key, Known& known);
  absl::Status CountWindows(const std::string& key, Time begin, Known& known);
  absl::Status Recount(const std::string& key, Known& known);
  // An item that counts until `end`; kNeverFirst: always.
  void AddTo(living::Tallies& tallies, const living::Item& item, Time end, Which which,
             const living::Repeated& repeated) const;
  void NoteAdded(Known& known) const;
  // Whether all that was stored of the identifiers still counts for the profile, and nothing else but what was added.
  static bool IsAddedTo(std::span<Identifier* const> profile, const golden::RecordView* before);
  absl::StatusOr<bool> SharesValues(std::span<Identifier* const> profile, const golden::RecordView* before) const;
  absl::StatusOr<living::TraitValues> Tell(std::span<Identifier* const> profile, const living::Tallies& sum,
                                           bool shares_values, const golden::RecordView* before) const;
  // `due`: of the group. Whether it says what it said before.
  bool Stands(size_t group, std::span<Identifier* const> profile, bool shares_values, Time due) const;

  const living::Rules& rules_;
  const graph::EvidenceSource& rows_;
  const ItemScan scan_;
  const living::TraitRules::Moment moment_;
  const CartTeller cart_;
  FirstItems firsts_;
  AskedItems asked_;
  Identifiers known_;  // of which items came or went, or are stored
};

}  // namespace kintsugi::write

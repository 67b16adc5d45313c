// The rows of `asked_items`.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "graph/evidence_source.h"
#include "graph/pending_rows.h"
#include "graph/row_sink.h"
#include "living/item.h"
#include "living/rules.h"
#include "write/item_scan.h"

namespace kintsugi::write {

// AskedItems keeps by themselves the items whose names groups of traits ask for (living::TraitRules::Needs), so that
// an order has orders read, and none of the hundred thousand views that lie between them. A group that asks for items
// of any name has all read.
//
// Not thread-safe; used for one group of evidence. Errors are the source's, and kDataLoss for damaged rows. The
// references outlive it.
class AskedItems {
 public:
  AskedItems(const living::Rules& rules, const ItemScan& scan, const graph::EvidenceSource& rows)
      : rules_(rules), scan_(scan), rows_(rows) {}

  // Whether a group asks for it by its name.
  bool IsAsked(const living::Item& item) const;

  // Items of one identifier, which is named by the key of its row of `item_tallies`, as rows: their keys without the
  // identifier, after a byte for the family.
  using Rows = graph::PendingRows::Suffixes;
  static std::string KeyOf(format::Family family, std::string_view identifier, std::string_view key);
  void Put(std::string_view identifier, const Rows& rows);
  // These and no others.
  absl::Status Replace(std::string_view identifier, Rows rows);

  // Those that one of the needs asks for, in order; `identifier` of each is its place among the keys.
  using Needs = living::TraitRules::Needs;
  absl::StatusOr<std::vector<living::Item>> Needed(std::span<const std::string> keys,
                                                   std::span<const Needs* const> needs) const;

  void WriteTo(graph::RowSink& sink) const { rows_.WriteTo(sink); }

 private:
  absl::Status ForEach(const std::string& key, const std::vector<uint32_t>& marks, const ItemScan::Visit& visit) const;

  const living::Rules& rules_;
  const ItemScan& scan_;
  graph::PendingRows rows_;
};

}  // namespace kintsugi::write

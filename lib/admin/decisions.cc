#include "admin/decisions.h"

#include <utility>

#include "format/stored_rows.h"
#include "ingest/assertion.h"

namespace kintsugi::admin {

using format::Family;

bool Decisions::Decision::Stands(Time earliest, Time latest) const {
  if (row.has_time() && format::ToTime(row.time()) > latest) return false;
  if (!row.has_retraction()) return true;
  return row.retraction().has_time() && format::ToTime(row.retraction().time()) > earliest;
}

absl::StatusOr<Decisions> Decisions::Read(const ingest::Context& context, const graph::EvidenceSource& rows) {
  Decisions out;
  const auto status = rows.Scan(Family::kAssertions, "", [&](std::string_view id, std::string_view bytes) {
    Decision decision{.id = std::string(id)};
    if (!format::ParseRow(bytes, decision.row)) return format::DamagedRow(Family::kAssertions);
    auto prepared =
        ingest::PrepareStoredAssertion(context, decision.id, decision.row, ingest::Preparer::Derive::kAsStored);
    if (!prepared.ok()) return absl::OkStatus();
    decision.kind = prepared->kind;
    decision.a = std::move(prepared->a);
    decision.b = std::move(prepared->b);
    for (const identity::Node* end : {&decision.a, &decision.b})
      out.about_[*end].push_back(static_cast<uint32_t>(out.all_.size()));
    out.all_.push_back(std::move(decision));
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return out;
}

const std::vector<uint32_t>* Decisions::About(const identity::Node& node) const {
  const auto at = about_.find(node);
  return at == about_.end() ? nullptr : &at->second;
}

}  // namespace kintsugi::admin

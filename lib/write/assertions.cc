#include "write/assertions.h"

#include <fmt/format.h>

#include "format/stored_rows.h"
#include "ingest/assertion.h"
#include "normalize/text.h"

namespace kintsugi::write {

absl::StatusOr<std::string> Assert(Writer& writer, const Assertion& assertion, const WriteOptions& options) {
  auto prepared = ingest::PrepareAssertion(writer.context(), assertion);
  if (!prepared.ok()) return prepared.status();
  const std::string id = prepared->id;
  stored::Assertion said;
  said.ParseFromString(prepared->row);
  const Item item{.evidence = *std::move(prepared)};
  if (const auto written = writer.Write({&item, 1}, options); !written.ok()) return written.status();

  const auto kept = writer.store().Get(format::Family::kAssertions, id);
  if (!kept.ok()) return kept.status();
  stored::Assertion stored;
  if (!*kept || !format::ParseRow(**kept, stored)) return format::DamagedRow(format::Family::kAssertions);
  if (ingest::BytesOf(stored) == ingest::BytesOf(said)) return id;
  return absl::AlreadyExistsError(fmt::format("the assertion id `{}` is taken by another decision", id));
}

absl::Status Retract(Writer& writer, const Retraction& retraction, const WriteOptions& options) {
  if (auto status = writer.MayWrite(); !status.ok()) return status;
  if (!normalize::IsValidUtf8(retraction.by) || !normalize::IsValidUtf8(retraction.because))
    return absl::InvalidArgumentError("a retraction's by and because are UTF-8");
  const auto kept = writer.store().Get(format::Family::kAssertions, retraction.id);
  if (!kept.ok()) return kept.status();
  if (!*kept) return absl::NotFoundError(fmt::format("there is no assertion `{}`", retraction.id));
  ingest::PreparedRetraction prepared{.id = retraction.id};
  prepared.row.set_by(retraction.by);
  prepared.row.set_because(retraction.because);
  if (const Time time = OrNeverLast(retraction.time); IsKnown(time)) prepared.row.set_time(format::ToUs(time));
  const Item item{.evidence = std::move(prepared)};
  return writer.Write({&item, 1}, options).status();
}

absl::Status ForEachAssertion(const ingest::Context& context, const store::Store& store,
                              const std::function<bool(const KeptAssertion&)>& visit) {
  return store.Scan(format::Family::kAssertions, "", [&](std::string_view id, std::string_view bytes) -> VisitResult {
    stored::Assertion row;
    KeptAssertion kept;
    if (!format::ParseRow(bytes, row) || !ingest::ToAssertion(context, std::string(id), row, kept))
      return format::DamagedRow(format::Family::kAssertions);
    return visit(kept);
  });
}

}  // namespace kintsugi::write

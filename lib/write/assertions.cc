// Engine::Assert, Retract and ForEachAssertion.

#include "write/assertions.h"

#include <fmt/format.h>

#include <tuple>

#include "base/hash.h"
#include "engine/impl.h"
#include "format/stored_time.h"
#include "normalize/text.h"

namespace kintsugi {
namespace write {
namespace {

constexpr HashKey kAssertionKey = {'a', 's', 's', 'e', 'r', 't', 'i', 'o', 'n'};

absl::StatusOr<identity::Node> NodeOf(const ingest::Context& context, const Identifier& identifier) {
  auto node = context.Normalize(identifier.ns, identifier.value);
  if (!node.ok()) return node.status();
  if (node->value.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("{} cannot be an identifier: its value is malformed or blocked", identifier.ToString()));
  }
  return *std::move(node);
}

void SetIdentifier(const ingest::Context& context, const identity::Node& node, const std::string& raw,
                   stored::Identifier* out) {
  out->set_ns(context.catalog.number(node.ns));
  out->set_value(raw);
}

// A namespace that the schema no longer declares has its name still: a retracted assertion may be about one.
bool ToIdentifier(const ingest::Context& context, const stored::Identifier& row, Identifier& out) {
  if (row.ns() >= context.catalog.names().size()) return false;
  out = {context.catalog.names()[row.ns()], row.value()};
  return true;
}

// What an assertion's own id is made from: never change it.
std::string BytesOf(const stored::Assertion& row) {
  std::string out;
  format::Encoder e(out);
  e.Byte(row.never() ? 1 : 0);
  for (const stored::Identifier* identifier : {&row.a(), &row.b()}) {
    e.Varint(identifier->ns());
    e.String(identifier->value());
  }
  e.String(row.by());
  e.String(row.because());
  e.SortableTime(row.has_time() ? format::ToTime(row.time()) : kNeverLast);
  return out;
}

absl::Status CheckWords(const std::string& id, const std::string& by, const std::string& because) {
  if (by.empty() || because.empty())
    return absl::InvalidArgumentError("a decision needs somebody who decided (by) and a reason (because)");
  if (id.size() > ingest::kMaxNameBytes) return absl::InvalidArgumentError("the assertion's id is too long");
  if (!normalize::IsValidUtf8(id) || !normalize::IsValidUtf8(by) || !normalize::IsValidUtf8(because))
    return absl::InvalidArgumentError("an assertion's id, by and because are UTF-8");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PreparedAssertion> PrepareAssertion(const ingest::Context& context, const Assertion& assertion) {
  if (auto status = CheckWords(assertion.id, assertion.by, assertion.because); !status.ok()) return status;
  auto a = NodeOf(context, assertion.a);
  if (!a.ok()) return a.status();
  auto b = NodeOf(context, assertion.b);
  if (!b.ok()) return b.status();
  if (*a == *b) {
    return absl::InvalidArgumentError(
        fmt::format("{} and {} are one identifier", assertion.a.ToString(), assertion.b.ToString()));
  }
  const bool never = assertion.kind == Assertion::Kind::kNever;
  stored::Assertion row;
  row.set_never(never);
  // The order in which the two were named says nothing.
  const bool in_order = std::tie(a->ns, assertion.a.value) < std::tie(b->ns, assertion.b.value);
  row.set_a_normalized(in_order ? a->value : b->value);
  row.set_b_normalized(in_order ? b->value : a->value);
  SetIdentifier(context, in_order ? *a : *b, in_order ? assertion.a.value : assertion.b.value, row.mutable_a());
  SetIdentifier(context, in_order ? *b : *a, in_order ? assertion.b.value : assertion.a.value, row.mutable_b());
  row.set_by(assertion.by);
  row.set_because(assertion.because);
  if (assertion.time) row.set_time(format::ToUs(*assertion.time));

  PreparedAssertion out{.id = assertion.id, .row = row.SerializeAsString()};
  if (out.id.empty()) out.id = ProfileId{SipHash128(kAssertionKey, BytesOf(row))}.ToString();
  out.kind = never ? identity::Assertion::Kind::kNever : identity::Assertion::Kind::kSame;
  out.a = *std::move(a);
  out.b = *std::move(b);
  return out;
}

bool ToAssertion(const ingest::Context& context, std::string id, const stored::Assertion& row, KeptAssertion& out) {
  out = {};
  out.assertion.id = id;
  out.assertion.kind = row.never() ? Assertion::Kind::kNever : Assertion::Kind::kSame;
  out.assertion.by = row.by();
  out.assertion.because = row.because();
  if (row.has_time()) out.assertion.time = format::ToTime(row.time());
  out.retracted = row.has_retraction();
  if (out.retracted) {
    out.retraction = {.id = std::move(id), .by = row.retraction().by(), .because = row.retraction().because()};
    if (row.retraction().has_time()) out.retraction.time = format::ToTime(row.retraction().time());
  }
  return ToIdentifier(context, row.a(), out.assertion.a) && ToIdentifier(context, row.b(), out.assertion.b);
}

absl::StatusOr<PreparedAssertion> PrepareStoredAssertion(const ingest::Context& context, std::string id,
                                                         const stored::Assertion& row,
                                                         ingest::Preparer::Derive derive) {
  if (derive == ingest::Preparer::Derive::kAsStored) {
    PreparedAssertion out{.id = std::move(id)};
    out.kind = row.never() ? identity::Assertion::Kind::kNever : identity::Assertion::Kind::kSame;
    out.a.value = row.a_normalized();
    out.b.value = row.b_normalized();
    if (!context.catalog.Find(static_cast<uint16_t>(row.a().ns()), out.a.ns) ||
        !context.catalog.Find(static_cast<uint16_t>(row.b().ns()), out.b.ns))
      return absl::InvalidArgumentError("it is about a namespace that the schema does not declare");
    return out;
  }
  KeptAssertion kept;
  if (!ToAssertion(context, std::move(id), row, kept))
    return absl::InvalidArgumentError("it is about a namespace that the schema does not declare");
  return PrepareAssertion(context, kept.assertion);
}

}  // namespace write

absl::StatusOr<std::string> Engine::Assert(const Assertion& assertion, const WriteOptions& options) {
  auto prepared = write::PrepareAssertion(impl_->context(), assertion);
  if (!prepared.ok()) return prepared.status();
  const std::string id = prepared->id;
  stored::Assertion said;
  said.ParseFromString(prepared->row);
  const write::Item item{.evidence = *std::move(prepared)};
  if (const auto written = impl_->Write({&item, 1}, options); !written.ok()) return written.status();

  const auto kept = impl_->store().Get(format::Family::kAssertions, id);
  if (!kept.ok()) return kept.status();
  stored::Assertion stored;
  if (!*kept || !stored.ParseFromString(**kept)) return absl::DataLossError("a damaged row in `assertions`");
  if (write::BytesOf(stored) == write::BytesOf(said)) return id;
  return absl::AlreadyExistsError(fmt::format("the assertion id `{}` is taken by another decision", id));
}

absl::Status Engine::Retract(const Retraction& retraction, const WriteOptions& options) {
  if (auto status = impl_->MayWrite(); !status.ok()) return status;
  if (!normalize::IsValidUtf8(retraction.by) || !normalize::IsValidUtf8(retraction.because))
    return absl::InvalidArgumentError("a retraction's by and because are UTF-8");
  const auto kept = impl_->store().Get(format::Family::kAssertions, retraction.id);
  if (!kept.ok()) return kept.status();
  if (!*kept) return absl::NotFoundError(fmt::format("there is no assertion `{}`", retraction.id));
  write::PreparedRetraction prepared{.id = retraction.id};
  prepared.row.set_by(retraction.by);
  prepared.row.set_because(retraction.because);
  if (retraction.time) prepared.row.set_time(format::ToUs(*retraction.time));
  const write::Item item{.evidence = std::move(prepared)};
  return impl_->Write({&item, 1}, options).status();
}

absl::Status Engine::ForEachAssertion(const std::function<bool(const KeptAssertion&)>& visit) const {
  bool damaged = false;
  const auto status =
      impl_->store().Scan(format::Family::kAssertions, "", [&](std::string_view id, std::string_view bytes) {
        stored::Assertion row;
        KeptAssertion kept;
        damaged = !row.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
                  !write::ToAssertion(impl_->context(), std::string(id), row, kept);
        return !damaged && visit(kept);
      });
  return damaged ? absl::DataLossError("a damaged row in `assertions`") : status;
}

}  // namespace kintsugi

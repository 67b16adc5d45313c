#include "ingest/assertion.h"

#include <fmt/format.h>

#include <tuple>
#include <utility>

#include "base/hash.h"
#include "format/codec.h"
#include "format/stored_rows.h"
#include "normalize/text.h"

namespace kintsugi::ingest {
namespace {

constexpr HashKey kAssertionKey = {'a', 's', 's', 'e', 'r', 't', 'i', 'o', 'n'};

absl::StatusOr<identity::Node> NodeOf(const Context& context, const Identifier& identifier) {
  auto node = context.Normalize(identifier.ns, identifier.value);
  if (!node.ok()) return node.status();
  if (node->value.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("{} cannot be an identifier: its value is malformed or blocked", identifier.ToString()));
  }
  return *std::move(node);
}

absl::Status CheckWords(const std::string& id, const std::string& by, const std::string& because) {
  if (by.empty() || because.empty())
    return absl::InvalidArgumentError("a decision needs somebody who decided (by) and a reason (because)");
  if (id.size() > kMaxNameBytes) return absl::InvalidArgumentError("the assertion's id is too long");
  if (!normalize::IsValidUtf8(id) || !normalize::IsValidUtf8(by) || !normalize::IsValidUtf8(because))
    return absl::InvalidArgumentError("an assertion's id, by and because are UTF-8");
  return absl::OkStatus();
}

}  // namespace

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

absl::StatusOr<PreparedAssertion> PrepareAssertion(const Context& context, const Assertion& assertion) {
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
  const format::NodeKey raw_a{context.catalog.number(a->ns), assertion.a.value};
  const format::NodeKey raw_b{context.catalog.number(b->ns), assertion.b.value};
  format::SetNode(in_order ? raw_a : raw_b, *row.mutable_a());
  format::SetNode(in_order ? raw_b : raw_a, *row.mutable_b());
  row.set_by(assertion.by);
  row.set_because(assertion.because);
  if (const Time time = OrNeverLast(assertion.time); IsKnown(time)) row.set_time(format::ToUs(time));

  PreparedAssertion out{.id = assertion.id, .row = row.SerializeAsString()};
  if (out.id.empty()) out.id = ProfileId{SipHash128(kAssertionKey, BytesOf(row))}.ToString();
  out.kind = never ? identity::Assertion::Kind::kNever : identity::Assertion::Kind::kSame;
  out.a = *std::move(a);
  out.b = *std::move(b);
  return out;
}

bool ToAssertion(const Context& context, std::string id, const stored::Assertion& row, KeptAssertion& out) {
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
  return format::ToIdentifier(context.catalog, row.a(), out.assertion.a) &&
         format::ToIdentifier(context.catalog, row.b(), out.assertion.b);
}

absl::StatusOr<PreparedAssertion> PrepareStoredAssertion(const Context& context, std::string id,
                                                         const stored::Assertion& row, Preparer::Derive derive) {
  if (derive == Preparer::Derive::kAsStored) {
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

}  // namespace kintsugi::ingest

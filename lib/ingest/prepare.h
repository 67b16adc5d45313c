// Preparing: from an event or record as it came to evidence that can be applied, or a reason to refuse it.
// Pure, and safe from many threads.

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "golden/observation.h"
#include "golden/survivorship.h"
#include "identity/node.h"
#include "identity/resolve.h"
#include "kintsugi/event.h"
#include "kintsugi/schema.h"
#include "normalize/normalizer.h"
#include "storage/catalog.h"

namespace kintsugi::ingest {

// More identifiers than this in one event or record are refused: n of them are n(n-1)/2 links.
inline constexpr size_t kMaxIdentifiersPerRow = 256;
// A message id or record key is part of a key, and keys are short.
inline constexpr size_t kMaxNameBytes = 1024;

// An identifier that was left out, and why; the rest of the row is kept.
struct LeftOut {
  identity::NamespaceIndex ns = 0;
  normalize::Refusal refusal = normalize::Refusal::kNone;
};

struct PreparedEvent {
  golden::SourceIndex source = 0;
  std::string id;
  Time time = kNeverFirst;
  std::vector<identity::Node> identifiers;  // sorted, distinct, at least one
  std::vector<golden::Observation> observations;
  std::string row;           // stored.Event
  uint64_t fingerprint = 0;  // of the content
  std::vector<LeftOut> left_out;
};

struct PreparedRecord {
  golden::SourceIndex source = 0;
  std::string key;
  Time version = kNeverLast;
  std::vector<identity::Node> identifiers;  // sorted, distinct; the record's own comes last
  std::vector<golden::Observation> observations;
  std::string content;  // stored.RecordContent
  std::vector<LeftOut> left_out;
};

struct Refused {
  std::string reason;
};

// What preparing needs of the schema; all references outlive it.
class Preparer {
 public:
  Preparer(const Schema& schema, const storage::Catalog& catalog, const std::vector<normalize::Normalizer>& normalizers,
           const golden::Rules& golden_rules, const identity::Rules& identity_rules)
      : schema_(schema),
        catalog_(catalog),
        normalizers_(normalizers),
        golden_rules_(golden_rules),
        identity_rules_(identity_rules) {}

  std::variant<PreparedEvent, Refused> Prepare(golden::SourceIndex source, const Event& event) const;
  std::variant<PreparedRecord, Refused> Prepare(golden::SourceIndex source, const Record& record) const;

  // The same evidence again, from the rows that were stored of it.
  std::variant<PreparedEvent, Refused> PrepareStoredEvent(std::string_view key, std::string_view row) const;
  std::variant<PreparedRecord, Refused> PrepareStoredRecord(golden::SourceIndex source, std::string key, Time version,
                                                            std::string_view content) const;

 private:
  // The normalised identifiers, sorted and distinct; a reason if there are too many or one has no namespace.
  std::string Normalize(const std::vector<Identifier>& raw, std::vector<identity::Node>& nodes,
                        std::vector<LeftOut>& left_out) const;

  const Schema& schema_;
  const storage::Catalog& catalog_;
  const std::vector<normalize::Normalizer>& normalizers_;
  const golden::Rules& golden_rules_;
  const identity::Rules& identity_rules_;
};

}  // namespace kintsugi::ingest

// Preparing: from an event or record as it came to evidence that can be applied, or a reason to refuse it.
// Pure, and safe from many threads.

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.h"
#include "format/stored.pb.h"
#include "golden/observation.h"
#include "identity/node.h"
#include "ingest/context.h"
#include "ingest/rows.h"
#include "kintsugi/event.h"
#include "kintsugi/schema.h"
#include "normalize/normalizer.h"

namespace kintsugi::ingest {

// More identifiers than this in one event or record are refused: n of them are n(n-1)/2 links.
inline constexpr size_t kMaxIdentifiersPerRow = 256;
// A message id or record key is part of a key, and keys are short.
inline constexpr size_t kMaxNameBytes = 1024;
// Of an event, or of a record that comes through the API: it is read again with others when one of them is withdrawn.
// (A record's row may be as long as a row, kMaxRowBytes.)
inline constexpr size_t kMaxEventBytes = size_t{1} << 20;
// Traits and properties of an event, or attributes of a record.
inline constexpr size_t kMaxValuesPerRow = 10'000;

// An identifier that was left out, and why; the rest of the row is kept.
struct LeftOut {
  identity::NamespaceIndex ns = 0;
  normalize::Refusal refusal = normalize::Refusal::kNone;
  std::string example;  // the value as it came, shortened
};

struct PreparedEvent {
  golden::SourceIndex source = 0;
  std::string id;
  Time time = kNeverFirst;
  std::vector<identity::Node> identifiers;  // sorted, distinct, at least one
  std::vector<golden::Observation> observations;
  std::string row;           // format::EncodeEvent
  uint64_t fingerprint = 0;  // of the time and of what the content says
  std::vector<LeftOut> left_out;
  std::vector<RefusedValue> refused_values;
};

// A record that is an item of a timeline.
struct PreparedItem {
  Time time;
  std::string row;  // format::EncodeEvent
};

struct PreparedRecord {
  golden::SourceIndex source = 0;
  std::string key;
  Time version = kNeverLast;
  Time extracted = kNeverLast;
  std::vector<identity::Node> identifiers;  // sorted, distinct; the record's own comes last
  std::vector<golden::Observation> observations;
  std::string content;  // format/evidence_codec.h
  std::optional<PreparedItem> item;
  std::vector<LeftOut> left_out;
  std::vector<RefusedValue> refused_values;
};

struct Refused {
  std::string reason;
};

// The context outlives it.
class Preparer {
 public:
  explicit Preparer(const Context& context) : context_(context) {}

  const Schema& schema() const { return context_.schema; }

  // `content` is what is kept as evidence; if it is empty, what the event or record says.
  std::variant<PreparedEvent, Refused> Prepare(golden::SourceIndex source, const Event& event,
                                               std::string content = {}) const;
  std::variant<PreparedRecord, Refused> Prepare(golden::SourceIndex source, const Record& record,
                                                std::string content = {}) const;

  // The same evidence again, from the rows that were stored of it. As it was derived when it came, by whatever releases
  // of libraries; or derived anew, which another schema may do otherwise.
  enum class Derive { kAsStored, kAnew };
  std::variant<PreparedEvent, Refused> PrepareStoredEvent(std::string_view key, std::string_view row,
                                                          Derive derive) const;
  std::variant<PreparedRecord, Refused> PrepareStoredRecord(golden::SourceIndex source, std::string key,
                                                            const stored::Record& row, Derive derive) const;
  // What a row of `events` or `items` says of what happened: source, id, time, name, properties, and the event's
  // traits. `identifiers`, if it is not null, becomes those that it had when it came, normalised. Why it cannot be
  // read; empty if it can.
  std::string ReadStoredEvent(std::string_view key, std::string_view row, golden::SourceIndex& source, Event& event,
                              std::vector<identity::Node>* identifiers = nullptr) const;
  // The identifiers of a stored record as they were derived when it came, its own last. False if they are damaged.
  bool StoredIdentifiers(golden::SourceIndex source, const std::string& key, const stored::Record& row,
                         std::vector<identity::Node>& out) const;

 private:
  std::optional<PreparedItem> ItemOf(golden::SourceIndex source, const Record& record, const PreparedRecord& of) const;
  bool ReadKey(std::string_view key, golden::SourceIndex& source, Event& event) const;
  std::string WhyNoNamespace(const std::string& name) const;
  // The normalised identifiers, sorted and distinct; a reason if there are too many or one has no namespace.
  std::string Normalize(const std::vector<Identifier>& raw, std::vector<identity::Node>& nodes,
                        std::vector<LeftOut>& left_out) const;
  identity::Node OwnIdentifier(golden::SourceIndex source, const std::string& key) const;
  // What content says, read by this schema. The rest of the event or record (id, time; key, version) is the caller's.
  std::string Read(golden::SourceIndex source, std::string_view content, Event& event) const;
  std::string Read(golden::SourceIndex source, std::string_view content, Record& record) const;

  const Context& context_;
};

}  // namespace kintsugi::ingest

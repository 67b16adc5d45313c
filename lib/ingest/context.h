// Context is a schema made ready: everything the engine derives from it once.

#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "base/hash.h"
#include "format/catalog.h"
#include "format/keys.h"
#include "golden/record_codec.h"
#include "golden/survivorship.h"
#include "identity/node.h"
#include "identity/resolve.h"
#include "ingest/rows.h"
#include "kintsugi/schema.h"
#include "normalize/normalizer.h"

namespace kintsugi::ingest {

// Immutable and safe from many threads.
struct Context {
  Schema schema;
  format::Catalog catalog;
  identity::Rules identity_rules;
  golden::Rules golden_rules;
  std::vector<normalize::Normalizer> normalizers;  // by declared namespace
  std::vector<ContentParser> contents;             // by source
  HashKey profile_id_key;
  std::shared_ptr<const golden::Names> names;

  // `stored_names` are those of the database's catalog; none for a new one.
  static absl::StatusOr<std::unique_ptr<const Context>> Create(Schema schema, std::vector<std::string> stored_names);

  // The implicit namespace of a source's records.
  identity::NamespaceIndex RecordNamespace(golden::SourceIndex source) const {
    return static_cast<identity::NamespaceIndex>(schema.namespaces.size() + source);
  }
  bool IsRecord(identity::NamespaceIndex ns) const { return ns >= schema.namespaces.size(); }

  format::NodeKey KeyOf(const identity::Node& node) const { return {catalog.number(node.ns), node.value}; }

  // An identifier that may be raw. Empty if its value is refused, which nobody has; kInvalidArgument, listing those
  // that the schema declares, for an unknown namespace.
  absl::StatusOr<identity::Node> Normalize(std::string_view ns, std::string_view value) const;

  // A source's position; kInvalidArgument, listing those that the schema declares, for an unknown one. Of an event
  // source, or one of records, the same for a source of the other kind.
  absl::StatusOr<golden::SourceIndex> SourceOf(std::string_view name) const;
  absl::StatusOr<golden::SourceIndex> EventSourceOf(std::string_view name) const;
  absl::StatusOr<golden::SourceIndex> RecordSourceOf(std::string_view name) const;

  // The id of the profile whose anchor this node is.
  ProfileId IdOf(const identity::Node& anchor) const;
};

// The position of a source in the schema; false if it is not declared.
bool FindSource(const Schema& schema, std::string_view name, golden::SourceIndex& source);

}  // namespace kintsugi::ingest

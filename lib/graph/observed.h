// Observed is what was observed of one identifier, as far as it has to be known.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "format/tally_rows.h"
#include "golden/observation.h"
#include "golden/survivorship.h"
#include "graph/evidence_source.h"
#include "graph/row_sink.h"
#include "ingest/context.h"

namespace kintsugi::graph {

// Loads the rows of `tallies` and `values` that a change needs, takes the change, and writes the rows that differ: an
// event that brings one value reads and writes a few small rows, however much was observed before. Of an attribute of
// which a source gave more values than are kept, those are read that decide which are. What is written is a function of
// what was observed (format/tally_rows.h).
//
// Not thread-safe. Errors are the source's, and kDataLoss for damaged rows; after one it must be thrown away.
class Observed {
 public:
  // The references outlive it. `is_stored` false: there is nothing, and nobody needs to be asked.
  Observed(const ingest::Context& context, const EvidenceSource& source, const identity::Node& node, bool is_stored)
      : context_(context), source_(source), node_(node), form_(is_stored ? Form::kNotAsked : Form::kNone) {}

  // Whether anything was stored of it; for who does not know.
  absl::StatusOr<bool> IsStored();

  // What an event says: golden::Rules::AddObservations. Whether a value of an attribute that it names is retired (see
  // Change), or an attribute is.
  absl::StatusOr<bool> Add(std::span<const golden::Observation> said, const golden::Rules::LeftOut& left_out);
  // All that there is from now on, in order.
  absl::Status Replace(std::vector<golden::Observation> all);

  // All observations, or those of one attribute; appended. The pointers are valid until the next change.
  absl::Status AppendAll(std::vector<const golden::Observation*>& out);
  absl::Status AppendOf(std::string_view attribute, std::vector<const golden::Observation*>& out);

  // How many observations there are, if all of them are loaded; else nothing.
  std::optional<size_t> CountLoaded() const;

  // What became of an attribute.
  struct Change {
    std::string attribute;
    std::vector<golden::Observation> said;  // values that are new, or were said again
    // As they were, values that are gone, or less of which is known. Not those that only made room for better ones
    // (golden::Rules::MakesRoomForBetter).
    std::vector<golden::Observation> retired;
  };
  bool is_changed() const;
  std::vector<Change> Changes() const;

  // After the last change; what follows can be asked then.
  absl::Status Settle();
  bool is_empty() const { return summary_.weight == 0; }
  bool has_nulls() const { return summary_.nulls != 0; }
  void Write(RowSink& sink) const;

 private:
  enum class Form : uint8_t { kNotAsked, kNone, kTogether, kApart };  // as stored

  struct Attribute {
    std::string name;
    std::vector<golden::Observation> values;  // in order; of an attribute that is not whole, those that are loaded
    std::vector<golden::Observation> before;  // as stored, of those; if it is changed
    Form form = Form::kNone;
    bool is_whole = true;  // all values are loaded
    bool is_changed = false;
    bool is_withdrawn = false;         // values went that made no room
    format::AttributeSummary summary;  // as stored, if the values are apart
    // Of sources whose pivots are loaded the first.
    std::vector<std::pair<golden::SourceIndex, std::string>> thresholds;

    const std::vector<golden::Observation>& stored() const { return is_changed ? before : values; }
    bool is_there() const { return !is_whole || !values.empty(); }
    uint64_t weight() const;
    uint64_t stored_weight() const;
    uint64_t CountNow(golden::SourceIndex source, uint16_t number) const;
    std::vector<golden::Observation> Of(golden::SourceIndex source) const;
    // Null if the source has none.
    const format::SourceSummary* SummaryOf(uint16_t number) const;
    // Before the first change of its values.
    void KeepBefore() {
      if (!std::exchange(is_changed, true)) before = values;
    }
  };

  absl::Status LoadNode();
  absl::Status LoadAll() { return LoadRows(true); }
  absl::Status LoadRows(bool with_values);
  absl::StatusOr<Attribute*> Load(std::string_view name);  // valid until the next
  absl::Status LoadValues(Attribute& attribute);
  absl::StatusOr<bool> AddOne(Attribute& attribute, const golden::Observation& said,
                              const golden::Rules::LeftOut& left_out);
  // Adds to an attribute most of whose values are not loaded; false if they have to be.
  absl::StatusOr<bool> AddApart(Attribute& attribute, const golden::Observation& said,
                                const golden::Rules::LeftOut& left_out);
  absl::StatusOr<bool> LoadValue(Attribute& attribute, golden::SourceIndex source, const format::ValueHash& hash);
  // Null if the source has not given the attribute as many values as are kept.
  absl::StatusOr<const std::string*> LoadPivots(Attribute& attribute, golden::SourceIndex source);
  bool IsRetiring(const Attribute& attribute) const {
    return attribute.is_withdrawn || !context_.golden_rules.MakesRoomForBetter(attribute.name);
  }
  absl::StatusOr<bool> DropAttributesBeyond(const golden::Rules::LeftOut& left_out);

  std::vector<Attribute>::iterator PlaceOf(std::string_view name);
  bool Parse(format::ObservedValue row, std::string_view attribute, golden::Observation& out) const;
  bool ParseValue(std::string_view row, std::string_view attribute, golden::Observation& out) const;
  bool ParseNode(std::string_view row);
  bool ParseAttribute(std::string_view row, Attribute& attribute) const;
  static void TakeStored(Attribute& attribute, golden::Observation stored);
  bool IsUnlisted(const Attribute& attribute) const { return !context_.golden_rules.IsListed(attribute.name); }

  format::ObservedValue ToRow(const golden::Observation& o) const;
  std::string NodeRow() const;
  std::string AttributeRow(const Attribute& attribute) const;
  std::vector<format::ValueHash> PivotsOf(const Attribute& attribute, golden::SourceIndex source) const;
  void WriteAttribute(const Attribute& attribute, bool is_apart, RowSink& sink) const;
  format::NodeKey key() const { return context_.KeyOf(node_); }

  const ingest::Context& context_;
  const EvidenceSource& source_;
  const identity::Node node_;
  Form form_;
  std::string row_;                    // as stored
  bool is_whole_ = false;              // all attributes are loaded, with all of their values
  std::vector<Attribute> attributes_;  // by name; those that are loaded
  format::NodeSummary summary_;        // as stored, and after Settle() as it is now; `unlisted` always as it is now
};

}  // namespace kintsugi::graph

// The golden record as the bytes of its row: one attribute can be read without touching the others.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "golden/survivorship.h"
#include "kintsugi/profile.h"
#include "kintsugi/value.h"

namespace kintsugi::golden {

// What the numbers in stored rows stand for. Shared by every Profile of an engine; always in a shared_ptr.
struct Names : std::enable_shared_from_this<Names> {
  explicit Names(std::vector<std::string> all, std::vector<std::string> all_traits = {},
                 std::vector<std::string> all_segments = {});

  // The place of a trait or segment; nothing if the schema has none of that name. Cost: a byte of each is looked at.
  std::optional<uint32_t> FindTrait(std::string_view name) const;
  std::optional<uint32_t> FindSegment(std::string_view name) const;

  const std::vector<std::string> names;     // namespaces and sources by catalog number
  const std::vector<std::string> traits;    // in the order of Schema::TraitNames()
  const std::vector<std::string> segments;  // in the schema's order
  const std::string trait_marks;            // a byte for each name
  const std::string segment_marks;
};

// What was computed from a profile's items, and from all that is known of it.
struct StoredTraits {
  // When a value, or which segments it is in, may change by time alone; kNeverFirst: never; kNeverLast: as soon as the
  // clock is moved from before all times.
  Time due = kNeverFirst;
  std::vector<Time> dues;             // the same of each group of traits that are told from items
  std::vector<std::string> values;    // EncodeValue, in the order of the names; empty: absent
  std::vector<uint32_t> approximate;  // which of them are, ascending
  bool shares_values = false;         // identifiers of the profile have items with one value of a `once_per`
  uint32_t overdrawn = 0;             // how many spendings of `loyalty` asked for more than there was
  std::vector<uint32_t> segments;     // that the profile is a member of: positions in the schema, ascending
};

// An identifier with its namespace's catalog number.
struct StoredIdentifier {
  uint16_t number = 0;
  std::string_view value;
};

struct StoredAttribute {
  std::string_view name;
  std::string_view value;  // EncodeValue
  uint16_t source_number = 0;
  Time observed_at = kNeverLast;  // as it is read, kNeverLast if it is unknown, whatever the rule
  Keep rule = Keep::kMostRecent;
};

// The parts of a golden record; identifiers in schema order then by bytes, attributes by name.
struct Parts {
  Time first_seen = kNeverFirst;
  Time last_seen = kNeverLast;
  std::vector<StoredIdentifier> identifiers;
  std::vector<StoredAttribute> attributes;
  std::optional<StoredTraits> traits;  // nothing: the schema has none, and no segments
};

// Layout: docs/data_layout.md, "profiles".
std::string EncodeRecord(const Parts& parts);

// RecordView reads an encoded golden record in place; the bytes must outlive it. Damaged bytes read as missing
// values, never out of bounds.
class RecordView {
 public:
  explicit RecordView(std::string_view bytes) : bytes_(bytes) {}

  bool valid() const;
  Time first_seen() const;
  Time last_seen() const;
  uint32_t attribute_count() const;
  StoredAttribute attribute(uint32_t index) const;
  // False if there is none.
  bool Find(std::string_view name, StoredAttribute& out) const;
  std::vector<StoredIdentifier> identifiers() const;
  uint32_t identifier_count() const;
  // Of a record without traits and segments kNeverFirst, false, 0 and empty.
  Time due() const;
  std::vector<Time> dues() const;
  bool shares_values() const;
  uint32_t overdrawn() const;
  std::vector<uint32_t> approximate_traits() const;
  uint32_t trait_count() const;
  std::string_view trait(uint32_t index) const;
  // Whether the profile is a member of the segment with this position; and of which it is, ascending.
  bool in(uint32_t segment) const;
  std::vector<uint32_t> segments() const;
  // The identifiers' part of the record: the same for the same identifiers, and for no others.
  std::string_view identifier_bytes() const;

 private:
  std::string_view trait_bytes() const;
  std::string_view segment_bits() const;

  std::string_view bytes_;
};

}  // namespace kintsugi::golden

// The schema: which identifiers exist and how strong they are, which sources bring them, which values survive into the
// golden record, and what is computed of what people do. docs/schema.md has every field with an example.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kintsugi/export.h"
#include "kintsugi/living.h"

namespace kintsugi {

enum class Normalization { kNone, kLower, kDigits, kEmail, kPhone, kName, kDate };

// A kind of identifier. Namespaces are declared strongest first; that order decides conflicts.
struct Namespace {
  std::string name;
  Normalization normalize = Normalization::kNone;
  std::string phone_region;                   // kPhone: the region of numbers without a country code, "US"
  bool provider_rules = false;                // kEmail: drop what the mailbox provider ignores (Gmail dots, +tags)
  uint32_t max_per_profile = 0;               // 0: no limit
  uint32_t generic_above = 0;                 // 0: never generic
  std::vector<std::string> blocked;           // normalised values that identify nobody
  std::vector<std::string> blocked_patterns;  // RE2 expressions, searched for anywhere in the value
};

enum class OnConflict { kKeepNewest, kKeepOldest };

struct IdentityRules {
  OnConflict on_conflict = OnConflict::kKeepNewest;
  uint32_t max_identifiers = 0;  // of one profile, its records included; 0: no limit
  std::string profile_id_key;    // 32 hex digits; keep it secret if ids leave the house
};

enum class Party { kUnspecified, kFirstParty, kSecondParty, kThirdParty };
enum class TableFormat { kCsv, kJsonl };
enum class EventFormat { kNative, kSegment };
enum class ValueType { kString, kNumber, kBool, kDate, kTime };

struct IdentifierField {
  std::string field;  // a column, or a dotted path into the object
  std::string ns;
};

struct AttributeField {
  std::string field;
  std::string name;
  ValueType type = ValueType::kString;
};

// A record that is an item of a timeline, too: an event of this name, at the time that a field tells.
struct RecordEvent {
  std::string name;
  std::string time;                        // a field; the version's time where that holds none; empty: always that
  std::vector<AttributeField> properties;  // of the item
};

// Records, one a row: an export of a CRM, a till's receipts.
struct Table {
  TableFormat format = TableFormat::kCsv;
  std::string key;         // empty: the row's content is its key
  std::string updated_at;  // empty: the source has no version times
  std::vector<IdentifierField> identifiers;
  std::vector<AttributeField> attributes;
  // Keep rows whole as evidence, so that another schema finds fields that this one does not map. Off: only what is
  // mapped is kept, which saves disk.
  bool keep_rows = true;
  // Keep the content of older versions, too, so that as of a time a record counts as it was then. Off: a record counts
  // from its newest version's time on.
  bool keep_versions = false;
  std::optional<RecordEvent> event;  // its records are items
};

// Events, one a row, or several in a batch object.
struct Events {
  EventFormat format = EventFormat::kNative;
  std::vector<IdentifierField> map;  // kSegment: which field feeds which namespace
};

// A system that data comes from.
struct Source {
  std::string name;
  Party party = Party::kUnspecified;
  double trust = 0.5;                // 0 to 1
  bool duplicate_free = false;       // no two records of it are one person
  std::variant<Events, Table> rows;  // what it brings

  // What `rows` holds; null if it holds the other.
  const Table* table() const { return std::get_if<Table>(&rows); }
  Table* table() { return std::get_if<Table>(&rows); }
  const Events* events() const { return std::get_if<Events>(&rows); }
  Events* events() { return std::get_if<Events>(&rows); }
};

enum class Keep {
  kMostRecent,
  kOldest,
  kSourceOrder,
  kMostFrequent,
  kLongest,
  kHighestTrust,
  kMin,
  kMax,
  kAll,
  kIgnore,  // never reaches the golden record
};

// "MOST_RECENT" and so on, as in the schema.
KINTSUGI_EXPORT std::string_view ToString(Keep keep);

// How many different values of an attribute one source may give one identifier: see Survivorship::max_values.
inline constexpr uint32_t kDefaultMaxValues = 100;

// How an attribute, or a group of attributes that is taken whole, survives.
struct Survivorship {
  std::string name;
  Keep keep = Keep::kMostRecent;
  std::vector<std::string> source_order;  // kSourceOrder: best first; others come after these
  double half_life_days = 0;              // kHighestTrust: trust halves in that time; 0: it never ages
  std::vector<std::string> members;       // a group's attributes; empty for a single attribute
  // So many different values of one identifier and source are kept; beyond that, those with the smallest hashes, and
  // the one that the rule asks for (the newest, oldest, smallest ...), so what survives is as if all were kept, but for
  // kMostFrequent and kAll. At least 1.
  uint32_t max_values = kDefaultMaxValues;
};

struct GoldenRules {
  std::vector<Survivorship> attributes;
  std::vector<Survivorship> groups;
  Keep others = Keep::kMostRecent;  // attributes that are not listed
};

struct KINTSUGI_EXPORT Schema {
  std::vector<Namespace> namespaces;
  IdentityRules identity;
  std::vector<Source> sources;
  GoldenRules golden;
  Calendar calendar;
  std::vector<Activity> activities;
  std::vector<Trait> traits;
  std::optional<Visits> visits;  // nothing: as if it said what Visits says by default
  std::vector<Retention> retention;
  std::vector<Segment> segments;
  std::optional<Commerce> commerce;
  std::optional<Loyalty> loyalty;
  std::optional<Feed> feed;  // nothing: no feed is written

  // Reads Protobuf text format and validates it. An error is kInvalidArgument and says file, line,
  // column, what is wrong and what to do.
  static absl::StatusOr<Schema> Parse(std::string_view text, std::string_view file_name = "schema");
  // Parse() of a file's content; kNotFound if it cannot be read.
  static absl::StatusOr<Schema> Load(const std::string& path);

  // Of all traits: the declared ones in their order, then those that `commerce` brings, then those of `loyalty`.
  std::vector<std::string> TraitNames() const;

  // Checks a schema built in code; the same rules as Parse(), without positions.
  absl::Status Validate() const;
  // Canonical text: two schemas that mean the same give the same bytes, and Parse() reads it back.
  std::string ToText() const;
};

}  // namespace kintsugi

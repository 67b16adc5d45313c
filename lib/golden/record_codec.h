// The golden record as the bytes of its row: one attribute can be read without touching the others.

#pragma once

#include <cstdint>
#include <memory>
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
  explicit Names(std::vector<std::string> all) : names(std::move(all)) {}

  std::vector<std::string> names;  // namespaces and sources by catalog number
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
  Time observed_at = kNeverLast;
  Keep rule = Keep::kMostRecent;
};

// The parts of a golden record; identifiers in schema order then by bytes, attributes by name.
struct Parts {
  Time first_seen = kNeverFirst;
  Time last_seen = kNeverLast;
  std::vector<StoredIdentifier> identifiers;
  std::vector<StoredAttribute> attributes;
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
  // Their part of the record: the same for the same identifiers, and for no others.
  std::string_view identifier_bytes() const;

 private:
  std::string_view bytes_;
};

}  // namespace kintsugi::golden

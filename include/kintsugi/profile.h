// A golden record, as a host program reads it.

#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kintsugi/export.h"
#include "kintsugi/ids.h"
#include "kintsugi/schema.h"
#include "kintsugi/value.h"

namespace kintsugi {

namespace golden {
struct Names;
}

// One surviving value and where it comes from.
struct Attribute {
  std::string_view name;
  Value value;  // a Json array for Keep::kAll
  std::string_view source;
  Time observed_at;  // unknown if the source has no times
  Keep rule;
};

// Profile is an immutable copy of one golden record, as it was when it was looked up.
// It owns its bytes, outlives the engine, and is cheap to move. Safe to read from many threads.
// Views into it live as long as it does. Reading an attribute decodes that attribute only.
class KINTSUGI_EXPORT Profile {
 public:
  Profile(ProfileId id, std::string bytes, std::shared_ptr<const golden::Names> names);

  ProfileId id() const { return id_; }
  Time first_seen() const;
  Time last_seen() const;

  // The value that survived for this attribute; nothing if there is none. Logarithmic in their number.
  std::optional<Attribute> attribute(std::string_view name) const;
  // All of them, by name.
  std::vector<Attribute> attributes() const;

  // All identifiers, in schema order, then by bytes; the records come last, as source and key.
  std::vector<Identifier> identifiers() const;
  size_t identifier_count() const;

  // One line of JSON, as `kintsugi get` prints it (docs/cli.md). The same evidence gives the same bytes.
  std::string ToJson() const;

 private:
  ProfileId id_;
  std::string bytes_;
  std::shared_ptr<const golden::Names> names_;
};

}  // namespace kintsugi

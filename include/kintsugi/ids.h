// The names of things: identifiers as people write them, and profile ids.

#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/attributes.h"
#include "kintsugi/export.h"

namespace kintsugi {

// An identifier that is read in place: its texts are somebody else's. What only reads an identifier takes one, so an
// Identifier, or {"email", "jane@example.com"}, will do.
struct KINTSUGI_EXPORT IdentifierView {
  std::string_view ns;
  std::string_view value;

  // "ns:value".
  std::string ToString() const;

  friend auto operator<=>(const IdentifierView&, const IdentifierView&) = default;
};

// An identifier: a namespace of the schema (or a source's name, for its records) and a value.
// Values given to the engine may be raw; values that come out of it are normalised.
struct KINTSUGI_EXPORT Identifier {
  std::string ns;
  std::string value;

  // The view is valid as long as this is and does not change.
  operator IdentifierView() const ABSL_ATTRIBUTE_LIFETIME_BOUND { return {ns, value}; }

  // "ns:value". A namespace never contains a colon, so the first colon ends it.
  std::string ToString() const { return IdentifierView(*this).ToString(); }
  // The reverse of ToString(). Nothing if there is no colon or nothing before it.
  static std::optional<Identifier> Parse(std::string_view text);

  friend auto operator<=>(const Identifier&, const Identifier&) = default;
};

// A copy that owns its texts.
KINTSUGI_EXPORT Identifier ToIdentifier(const IdentifierView& view);

// A profile's id: the 128-bit keyed hash of its anchor, the identifier that was seen first.
// An id names its anchor for ever, so it goes on resolving through merges, splits and rebuilds, as long as there is
// evidence of the anchor.
struct KINTSUGI_EXPORT ProfileId {
  std::array<uint8_t, 16> bytes{};

  // 32 lower-case hex digits.
  std::string ToString() const;
  // The reverse; upper case is accepted. Nothing if `hex` is anything else.
  static std::optional<ProfileId> Parse(std::string_view hex);

  friend auto operator<=>(const ProfileId&, const ProfileId&) = default;
};

}  // namespace kintsugi

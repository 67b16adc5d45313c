// Tallies: what is kept of items so that a trait can be told without them.

#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "format/codec.h"
#include "kintsugi/living.h"
#include "living/decimal.h"
#include "living/item.h"

namespace kintsugi::living {

// So many different values of one identifier are kept for a trait; beyond that those whose bytes have the smallest
// hashes. So which are kept does not depend on the order in which they came, and what is known of them is exact.
inline constexpr size_t kMostValues = 10'000;

// Of a text, or an object's JSON, that a trait tells: a longer one is not there for it.
inline constexpr size_t kMostValueBytes = 1024;
// The same for lists of values, of which there may be very many.
inline constexpr size_t kMostListedBytes = 256;

// Where an item stands among a profile's.
struct Place {
  Time time = kNeverLast;
  golden::SourceIndex source = 0;
  std::string id;  // ShortId

  friend auto operator<=>(const Place&, const Place&) = default;
};
inline Place PlaceOf(const Item& item) {
  return {item.time, item.source, ShortId(item.id)};
}
// As a part of a row.
void EncodePlace(format::Encoder& e, const Place& place);
Place DecodePlace(format::Decoder& d);

// What a set of items comes to for one trait. Which fields are in use depends on the trait's kind; the others are as
// they were made. Adding one tally to another gives that of both sets, in whatever order.
struct Tally {
  // How many items a value had, and the last of them.
  struct Seen {
    std::string value;  // golden::EncodeValue
    uint64_t count = 0;
    Place last;
  };

  uint64_t count = 0;              // kCount, kSum, kAverage: items, or numbers
  Decimal sum;                     // kSum, kAverage
  std::optional<Decimal> extreme;  // kMin, kMax
  std::optional<Place> place;      // kFirst, kLast: of the item that has the value; kDaysSinceLast: of the last item
  std::string value;               // kFirst, kLast: golden::EncodeValue
  std::vector<Seen> values;        // kMostFrequent, kDistinct, kValues, kTop: in order of their bytes
  std::vector<Seen> added;         // those that came since Settle(), as they came
  std::string last_kept;           // the value with the largest hash, once there are kMostValues
  bool is_approximate = false;     // there were more values than are kept
  Time due = kNeverFirst;          // when other items count, if none comes; as TraitValues::due

  void AddNumber(Decimal number, TraitKind kind);
  // Of an item that is earlier, or later, than the one that is kept.
  void AddPlace(Place item, std::string encoded, TraitKind kind);
  void AddValue(std::string encoded, const Place& item);
  // Brings in the values that were added. Before it is added to another, read or encoded.
  void Settle();
  // Of other items. Values are not bounded by it. Linear in both.
  void Add(const Tally& other, TraitKind kind);

 private:
  Seen* Find(std::string_view encoded);
  void BoundValues();
};

// As a part of a row; the same bytes for the same items. docs/data_layout.md describes them.
void EncodeTally(format::Encoder& e, const Tally& tally, TraitKind kind);
// What is cut off reads as nothing, and the decoder tells.
void DecodeTally(format::Decoder& d, Tally& tally, TraitKind kind);

}  // namespace kintsugi::living

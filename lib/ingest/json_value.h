// From JSON to values: what the readers of JSON lines and of events share.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "kintsugi/ids.h"
#include "kintsugi/value.h"
#include "simdjson.h"

namespace kintsugi::ingest {

// Whether a row holds nothing but white space.
bool IsBlankRow(std::string_view text);

// Reads a row that is one JSON object, all of it: what comes after the object, invalid UTF-8 and nesting
// deeper than 1024 are errors. Returns why it cannot be read; empty if all is well. An integer of more digits
// than 64 bits hold becomes a string of its digits, which as an identifier is what is wanted.
// `root`, an object, lives in a parser of this thread until the thread's next call.
std::string ReadJsonObject(std::string_view text, simdjson::dom::element& root);

// The text with quotes around the integers that may not fit 64 bits; empty if there are none. A text that is no JSON
// stays none.
std::string QuoteLongIntegers(std::string_view text);

// What an element is known to be. By value, for a loop over a simdjson_result's content would outlive it.
inline simdjson::dom::object ObjectOf(simdjson::dom::element object) {
  return object.get_object().value_unsafe();
}
inline simdjson::dom::array ArrayOf(simdjson::dom::element array) {
  return array.get_array().value_unsafe();
}

// "a string", "an object" and so on, for messages.
std::string_view TypeName(simdjson::dom::element_type type);

// Writes an element as JSON text of our own making, for it is kept, compared and hashed: without white space, the
// members of objects in order of their names (equal names as they came), numbers as base/number.h writes them, a double
// with a point or an exponent. Equal values give equal bytes, whatever release of whatever library reads them, and
// reading the text gives the same values again.
void WriteCanonical(JsonWriter& json, simdjson::dom::element element);
std::string CanonicalOf(simdjson::dom::element element);
// A member of an object, and objects' members in that order.
using Member = std::pair<std::string_view, simdjson::dom::element>;
std::vector<Member> SortedMembers(simdjson::dom::object object);

// Arrays and objects become canonical JSON text; an integer beyond int64 a string of its digits.
Value ToValue(simdjson::dom::element element);
// Appends the fields of an object, in their order.
void AppendValues(simdjson::dom::object object, std::vector<NamedValue>& out);

// A string, or a number as it would be written by hand (42.0 is "42"); nothing for other types.
std::optional<std::string> ToText(simdjson::dom::element element);

// Appends the identifiers that an element holds: a string or a number, or an array of them, however deep.
// Empty strings and nulls say nothing. Returns the first element of another type, if there is one.
std::optional<simdjson::dom::element> AppendIdentifiers(simdjson::dom::element element, const std::string& ns,
                                                        std::vector<Identifier>& out);

// A string by ParseTime(); a number is seconds since 1970 or, from 100 000 000 000 up, milliseconds.
// Nothing for everything else, and outside years 1 to 9999.
std::optional<Time> ReadTime(const Value& value);

// The same time, or nothing if it lies outside years 1 to 9999.
std::optional<Time> InRange(Time time);

}  // namespace kintsugi::ingest

// Telephone numbers.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kintsugi::normalize {

// Whether `region` is one that libphonenumber knows, such as "US". Upper case only.
bool IsPhoneRegion(const std::string& region);

// A telephone number in E.164, read by libphonenumber. Pure and safe from many threads; a normalised
// number gives itself. Microseconds, not nanoseconds. `text` is valid UTF-8.
//
//   "+44 20 7946 0018", any region       → "+442079460018"
//   "(212) 555-0123", region "US"        → "+12125550123"
//   "(212) 555-0123", no region ("")     → nothing: only international numbers are read then
//   "555-0123", region "US"              → nothing: without its area code it is many people's number
//   too few or too many digits           → nothing
//
// A number is taken if its length is possible, whether or not it is assigned: validity changes with every
// edition of the numbering plans, so it would make the same evidence mean different people from one release
// to the next, and it refuses the numbers reserved for examples and tests (555-01xx).
//
// E.164 has no extensions: "+1 212 555 0123 ext. 7" is the switchboard's number. Where colleagues share
// one, declare the namespace with `generic_above`.
std::optional<std::string> NormalizePhone(std::string_view text, const std::string& region);

}  // namespace kintsugi::normalize

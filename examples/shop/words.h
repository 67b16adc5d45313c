// What people, streets and goods are called.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace shop {

// A name as it is written, and as it goes into an e-mail address.
struct Name {
  const char* text;
  const char* ascii;
};

struct City {
  const char* name;
  const char* postal_prefix;  // completed with two digits (in Canada with one)
};

std::span<const Name> FirstNames();
std::span<const Name> LastNames();
std::span<const char* const> Streets();
std::span<const City> Cities();
std::span<const char* const> MailDomains();  // reserved names only (RFC 2606): nobody's real mail
std::span<const char* const> AreaCodes();    // for 555 numbers, which nobody's real telephone has
std::span<const char* const> Stores();
std::span<const char* const> Goods();
int64_t PriceOf(std::string_view good);  // in cents
std::span<const char* const> Interests();
std::span<const char* const> Topics();
std::span<const char* const> Languages();

}  // namespace shop

// E-mail addresses.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kintsugi::normalize {

// What of an address the mailbox's provider ignores is dropped too.
enum class ProviderRules : bool { kOff, kOn };

// An address in lower case with its domain in ASCII. Pure; a normalised address gives itself.
// `text` is valid UTF-8 without control characters and without white space at its ends.
//
//   "Jane.Doe@Example.COM"        → "jane.doe@example.com"
//   "hans@bücher.com"             → "hans@xn--bcher-kva.com"  (UTS #46, nontransitional)
//   "\"foo@bar\"@baz.com"         → itself: a quoted local part stays quoted
//   "J.Doe+shop@googlemail.com"   → "jdoe@gmail.com" with provider rules, else only lower case
//   "jane", "jane@", "a@@b.com"   → nothing
//   "root@localhost", "a@[::1]"   → nothing: identifies nobody outside its own network
//
// Local parts are compared without regard to case, which RFC 5321 leaves to the receiving host: no
// provider of note tells Jane@ from jane@. Dots may stand anywhere in a local part, for some Japanese
// carriers gave out such addresses. The local part has 64 bytes at most.
std::optional<std::string> NormalizeEmail(std::string_view text, ProviderRules rules);

}  // namespace kintsugi::normalize

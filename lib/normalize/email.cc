#include "normalize/email.h"

#include <unicode/bytestream.h>
#include <unicode/idna.h>

#include <algorithm>
#include <memory>

#include "normalize/text.h"

namespace kintsugi::normalize {
namespace {

constexpr size_t kLocalBytesMax = 64;    // RFC 5321, 4.5.3.1.1
constexpr size_t kDomainBytesMax = 253;  // RFC 1035, 2.3.4, as text
constexpr size_t kLabelBytesMax = 63;

struct Address {
  std::string_view local;
  std::string_view domain;
};

// One mailbox provider: the domains it serves, and what it ignores in a local part.
struct Provider {
  std::string_view brand;    // a domain's first label
  std::string_view endings;  // and what may follow it, separated by spaces
  char tag;                  // begins what is ignored
  bool ignores_dots = false;
  std::string_view domain = {};  // the provider's other name for the same mailboxes
};

// Endings are listed one by one, because others belong to others: yahoo.co.jp is another company with
// other rules, and anybody may own a brand's name in some country. Apple's three domains stay apart:
// only its oldest mailboxes have all of them.
constexpr Provider kProviders[] = {
    {"gmail", "com", '+', true},
    {"googlemail", "com", '+', true, "gmail.com"},
    {"hotmail",
     "at be ca ch cl co.id co.il co.in co.jp co.kr co.nz co.th co.uk co.za com com.ar com.au com.br com.gr com.hk "
     "com.mx com.pe com.tr com.tw com.vn cz de dk es fi fr gr hu ie it jp lt lv my nl no ph pt rs ru se sg sk",
     '+'},
    {"live",
     "at be ca ch cl cn co.in co.kr co.uk co.za com com.ar com.au com.mx com.my com.ph com.pt com.sg de dk fi fr hk "
     "ie in it jp nl no ru se",
     '+'},
    {"outlook",
     "at be cl co.id co.il co.nz co.th com com.ar com.au com.br com.gr com.pe com.tr com.vn cz de dk es fr hu ie in "
     "it jp kr lv my ph pt sa sg sk",
     '+'},
    {"msn", "com", '+'},
    {"passport", "com", '+'},
    {"windowslive", "com", '+'},
    {"icloud", "com", '+'},
    {"me", "com", '+'},
    {"mac", "com", '+'},
    // A Yahoo name has no hyphen of its own; disposable addresses are NAME-WORD. A plus sign means nothing.
    {"yahoo",
     "at be bg ca cl co.hu co.id co.il co.in co.kr co.nz co.th co.uk co.za com com.ar com.au com.br com.cn com.co "
     "com.hk com.hr com.mx com.my com.pe com.ph com.sg com.tr com.tw com.ua com.ve com.vn cz de dk ee es fi fr gr hr "
     "hu ie in it lt lv nl no pl pt ro rs se si sk",
     '-'},
    {"ymail", "com", '-'},
    {"rocketmail", "com", '-'},
    {"fastmail", "com fm", '+'},
    {"proton", "me", '+'},
    {"protonmail", "ch com", '+'},
    {"pm", "me", '+'},
};

bool HasWord(std::string_view words, std::string_view word) {
  for (size_t begin = 0; begin <= words.size();) {
    const size_t end = std::min(words.find(' ', begin), words.size());
    if (words.substr(begin, end - begin) == word) return true;
    begin = end + 1;
  }
  return false;
}

const Provider* FindProvider(std::string_view domain) {
  const size_t dot = domain.find('.');
  const std::string_view brand = domain.substr(0, dot);
  const auto* found = std::ranges::find(kProviders, brand, &Provider::brand);
  if (found == std::end(kProviders) || !HasWord(found->endings, domain.substr(dot + 1))) return nullptr;
  return found;
}

// Drops from a lower-case address what its provider ignores.
void ApplyProviderRules(std::string& local, std::string& domain) {
  const Provider* provider = FindProvider(domain);
  if (provider == nullptr || local.starts_with('"')) return;
  local.resize(std::min(local.find(provider->tag), local.size()));
  if (provider->ignores_dots) std::erase(local, '.');
  if (!provider->domain.empty()) domain = provider->domain;
}

// Where the quoted string that `text` begins with ends: behind its closing quote, or npos.
size_t QuotedEnd(std::string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

// Splits at the "@" that is not quoted. Another one in the domain is found when that is checked.
std::optional<Address> Split(std::string_view text) {
  const size_t at = text.starts_with('"') ? QuotedEnd(text) : text.find('@');
  if (at >= text.size() || text[at] != '@') return std::nullopt;
  return Address{text.substr(0, at), text.substr(at + 1)};
}

// RFC 5322's atext, dots, and what RFC 6532 adds: all that is not ASCII.
bool IsLocal(std::string_view local) {
  if (local.empty() || local.size() > kLocalBytesMax) return false;
  if (local.starts_with('"')) return local != "\"\"";
  return local.find_first_of(" \"(),:;<>@[\\]") == std::string_view::npos && !HasWhiteSpace(local);
}

bool IsLabel(std::string_view label) {
  if (label.empty() || label.size() > kLabelBytesMax) return false;
  if (label.starts_with('-') || label.ends_with('-')) return false;
  return label.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

// Two labels or more, in lower case.
bool IsDomain(std::string_view domain) {
  if (domain.size() > kDomainBytesMax) return false;
  size_t dot = domain.find('.');
  if (dot == std::string_view::npos) return false;
  while (dot != std::string_view::npos) {
    if (!IsLabel(domain.substr(0, dot))) return false;
    domain.remove_prefix(dot + 1);
    dot = domain.find('.');
  }
  return IsLabel(domain);
}

const icu::IDNA* Idna() {
  constexpr uint32_t kOptions = UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
                                UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE;
  static const auto idna = [] {
    UErrorCode status = U_ZERO_ERROR;
    return std::unique_ptr<const icu::IDNA>(icu::IDNA::createUTS46Instance(kOptions, status));
  }();
  return idna.get();
}

// The domain as it stands in the DNS; empty if it cannot stand there.
std::string ToAsciiDomain(std::string_view domain) {
  if (IsAscii(domain)) {
    std::string lower = LowerCase(domain);
    // Only an encoded label can be wrong in ways that IsDomain() does not see.
    if (lower.find("xn--") == std::string::npos) return lower;
  }
  std::string ascii;
  if (Idna() == nullptr) return ascii;
  UErrorCode status = U_ZERO_ERROR;
  icu::IDNAInfo info;
  icu::StringByteSink<std::string> sink(&ascii);
  Idna()->nameToASCII_UTF8({domain.data(), static_cast<int32_t>(domain.size())}, sink, info, status);
  return U_FAILURE(status) || info.hasErrors() ? std::string() : ascii;
}

}  // namespace

std::optional<std::string> NormalizeEmail(std::string_view text, ProviderRules rules) {
  const auto address = Split(text);
  if (!address) return std::nullopt;
  std::string local = LowerCase(address->local);
  std::string domain = ToAsciiDomain(address->domain);
  if (rules == ProviderRules::kOn) ApplyProviderRules(local, domain);
  if (!IsLocal(local) || !IsDomain(domain)) return std::nullopt;
  return local.append(1, '@').append(domain);
}

}  // namespace kintsugi::normalize

#include "normalize/phone.h"

#include <phonenumbers/phonenumberutil.h>

#include <set>

namespace kintsugi::normalize {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

// libphonenumber's name for "no region": numbers must then begin with a plus sign.
constexpr char kNoRegion[] = "ZZ";

std::optional<std::string> ToE164(const std::string& text, const std::string& region) {
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  if (util.Parse(text, region, &number) != PhoneNumberUtil::NO_PARSING_ERROR) return std::nullopt;
  // IsPossibleNumber() would also take a number without its area code.
  if (util.IsPossibleNumberWithReason(number) != PhoneNumberUtil::IS_POSSIBLE) return std::nullopt;
  std::string e164;
  util.Format(number, PhoneNumberUtil::E164, &e164);
  return e164;
}

// A North American number in E.164. The full path returns such a text as it is: +1 is read with the rules
// of the US whatever the default region, where the only prefix that is ever removed is a leading 1, and
// ten digits are always possible. In other countries a prefix may follow the country code ("+44 (0)20"),
// or be rewritten ("+54 15"), so there is no such short cut.
bool IsNorthAmericanE164(std::string_view text) {
  if (text.size() != 12 || !text.starts_with("+1") || text[2] < '2' || text[2] > '9') return false;
  return text.substr(3).find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

bool IsPhoneRegion(const std::string& region) {
  std::set<std::string> regions;
  PhoneNumberUtil::GetInstance()->GetSupportedRegions(&regions);
  return regions.contains(region);
}

std::optional<std::string> NormalizePhone(std::string_view text, const std::string& region) {
  // Some numbers are rewritten when they are read again, because what follows the country code looks like
  // a national prefix. Reading until a number gives itself makes the rule idempotent; a number that does
  // not settle is nobody's.
  constexpr int kReadingsMax = 4;
  std::string number(text);
  for (int i = 0; i < kReadingsMax; ++i) {
    if (IsNorthAmericanE164(number)) return number;
    auto e164 = ToE164(number, region.empty() ? kNoRegion : region);
    if (!e164 || *e164 == number) return e164;
    number = *std::move(e164);
  }
  return std::nullopt;
}

}  // namespace kintsugi::normalize

#include "normalize/releases.h"

#include <phonenumbers/phonenumberutil.h>
#include <unicode/uchar.h>
#include <unicode/uversion.h>

#include <algorithm>
#include <set>

#include "base/hash.h"
#include "kintsugi/ids.h"

namespace kintsugi::normalize {
namespace {

std::string IcuRelease() {
  UVersionInfo icu;
  u_getVersion(icu);
  char text[U_MAX_VERSION_STRING_LENGTH];
  u_versionToString(icu, text);
  return text;
}

// libphonenumber does not tell its release. What matters of it are its data, and a number of each region as it writes
// them stands for these: nearly every release changes some.
std::string PhoneRelease() {
  using i18n::phonenumbers::PhoneNumber;
  using i18n::phonenumbers::PhoneNumberUtil;
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  std::set<std::string> regions;
  util.GetSupportedRegions(&regions);
  std::string all;
  for (const std::string& region : regions) {
    PhoneNumber number;
    std::string e164;
    if (util.GetExampleNumber(region, &number)) util.Format(number, PhoneNumberUtil::E164, &e164);
    all += region + ' ' + e164 + '\n';
  }
  constexpr HashKey kKey = {'p', 'h', 'o', 'n', 'e', ' ', 'd', 'a', 't', 'a'};
  return "data " + ProfileId{SipHash128(kKey, all)}.ToString().substr(0, 8);
}

}  // namespace

std::map<std::string, std::string> ReleasesFor(const std::vector<Namespace>& namespaces) {
  std::map<std::string, std::string> releases = {{"ICU", IcuRelease()}};
  const auto is_phone = [](const Namespace& ns) { return ns.normalize == Normalization::kPhone; };
  if (std::any_of(namespaces.begin(), namespaces.end(), is_phone)) {
    static const std::string release = PhoneRelease();
    releases["libphonenumber"] = release;
  }
  return releases;
}

}  // namespace kintsugi::normalize

#include "schema/zone.h"

#include <unicode/timezone.h>
#include <unicode/ucal.h>

#include <set>
#include <string_view>

namespace kintsugi::schema {
namespace {

// To three letters of which several countries each have their own idea, ICU gives one place: its IST is in India, its
// BST in Bangladesh. The database has only these.
bool IsLooseAbbreviation(std::string_view name) {
  static const std::set<std::string_view> kDatabase = {"UTC", "GMT", "UCT", "WET", "CET", "MET", "EET",
                                                       "EST", "MST", "HST", "PRC", "ROC", "ROK"};
  return name.size() == 3 && !kDatabase.contains(name);
}

}  // namespace

bool IsZone(const std::string& name) {
  if (name == UCAL_UNKNOWN_ZONE_ID || IsLooseAbbreviation(name)) return false;
  // What ICU makes up, such as `GMT+3`, lies in no region.
  UErrorCode error = U_ZERO_ERROR;
  char region[16];
  icu::TimeZone::getRegion(icu::UnicodeString::fromUTF8(name), region, sizeof(region), error);
  return U_SUCCESS(error);
}

}  // namespace kintsugi::schema

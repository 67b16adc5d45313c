#include "normalize/zone.h"

#include <unicode/timezone.h>
#include <unicode/ucal.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>

namespace kintsugi::normalize {
namespace {

// To three letters of which several countries each have their own idea, ICU gives one place: its IST is in India, its
// BST in Bangladesh. The database has only these.
bool IsLooseAbbreviation(std::string_view name) {
  constexpr std::array<std::string_view, 13> kDatabase = {"CET", "EET", "EST", "GMT", "HST", "MET", "MST",
                                                          "PRC", "ROC", "ROK", "UCT", "UTC", "WET"};
  return name.size() == 3 && std::find(kDatabase.begin(), kDatabase.end(), name) == kDatabase.end();
}

}  // namespace

bool IsZone(std::string_view name) {
  if (name == UCAL_UNKNOWN_ZONE_ID || IsLooseAbbreviation(name)) return false;
  // Where a zone lies is known of those in the database, and not of what ICU makes up.
  const icu::StringPiece text(name.data(), static_cast<int32_t>(name.size()));
  UErrorCode error = U_ZERO_ERROR;
  char region[8];
  icu::TimeZone::getRegion(icu::UnicodeString::fromUTF8(text), region, sizeof(region), error);
  return U_SUCCESS(error);
}

}  // namespace kintsugi::normalize

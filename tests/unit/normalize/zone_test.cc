#include "normalize/zone.h"

#include <string>

#include "catch.h"

namespace kintsugi::normalize {

TEST_CASE("A zone is what the IANA database calls one", "[normalize]") {
  for (const char* zone : {"UTC",
                           "Europe/Berlin",
                           "America/New_York",
                           "America/Sao_Paulo",
                           "Pacific/Apia",
                           "Asia/Kolkata",
                           "Pacific/Kwajalein",
                           "America/Juneau",
                           "America/St_Johns",
                           "Asia/Manila",
                           "Africa/Cairo",
                           "Africa/Casablanca",
                           "America/Toronto",
                           "Australia/Lord_Howe",
                           "Pacific/Kiritimati",
                           "Asia/Tehran",
                           "Antarctica/Troll",
                           "Europe/Dublin",
                           "America/Scoresbysund",
                           "Asia/Gaza",
                           "America/Argentina/Buenos_Aires",
                           "Etc/UTC",
                           "Etc/GMT+3",
                           "GMT",
                           "EST",
                           "CET",
                           "PST8PDT",
                           "US/Pacific",
                           "Asia/Calcutta"}) {
    CAPTURE(zone);
    CHECK(IsZone(zone));
  }
}

TEST_CASE("What a library makes up or takes for another is no zone", "[normalize]") {
  for (const std::string zone :
       {"", " ", "Europe", "Europe/", "Europe/Atlantis", "europe/berlin", "Europe/Berlin ", "Etc/Unknown", "GMT+3",
        "GMT-03:30", "UTC+1", "+02:00", "Z", "BST", "IST", "PST", "Europe/Berl\xc3\xadn", "\xff\xfe", "../UTC"}) {
    CAPTURE(zone);
    CHECK_FALSE(IsZone(zone));
  }
  CHECK_FALSE(IsZone(std::string_view("UTC\0", 4)));
  CHECK_FALSE(IsZone(std::string(1'000'000, 'a')));
}

}  // namespace kintsugi::normalize

#include "normalize/name.h"

#include "catch.h"

namespace kintsugi::normalize {
namespace {

// One name has many spellings, and one normal form.
TEST_CASE("A name loses case, marks and spare white space", "[normalize]") {
  CHECK(NormalizeName("  José  GARCÍA ") == "jose garcia");
  CHECK(NormalizeName("Straße") == "strasse");
  CHECK(NormalizeName("ＪＡＮＥ　Ｄｏｅ") == "jane doe");
  CHECK(NormalizeName("ﬁona O’Brien") == "fiona o’brien");
  CHECK(NormalizeName("NGUYỄN Thị Ánh") == "nguyen thi anh");
  CHECK(NormalizeName("İbrahim") == "ibrahim");
}

// A composed letter and a letter with a mark behind it look the same, and are.
TEST_CASE("A name does not depend on how its letters are composed", "[normalize]") {
  CHECK(NormalizeName("Jose\u0301") == NormalizeName("Jos\u00e9"));
  CHECK(NormalizeName("\u212bke") == NormalizeName("\u00e5ke"));
}

// Greek, Cyrillic, Hebrew and Arabic are read without their marks every day.
TEST_CASE("Marks are dropped where they are optional", "[normalize]") {
  CHECK(NormalizeName("ΓΙΏΡΓΟΣ") == NormalizeName("γιωργος"));
  CHECK(NormalizeName("Артём") == "артем");
  CHECK(NormalizeName("מֹשֶׁה") == "משה");
  CHECK(NormalizeName("أَحْمَد") == "احمد");
}

// Elsewhere they are letters: without them two people would have one name.
TEST_CASE("Marks are kept where they are letters", "[normalize]") {
  CHECK(NormalizeName("ガ") != NormalizeName("カ"));
  CHECK(NormalizeName("สุดา") == "สุดา");
  CHECK(NormalizeName("सुनीता") == "सुनीता");
}

// Stretches of white space of any kind are one space.
TEST_CASE("White space is collapsed", "[normalize]") {
  CHECK(NormalizeName("jane \u00a0\u2003 doe\u3000") == "jane doe");
  CHECK(NormalizeName("Jane   Doe") == "jane doe");
}

// Marks and invisible characters alone are no name.
TEST_CASE("A name of which nothing is left is refused", "[normalize]") {
  CHECK_FALSE(NormalizeName(""));
  CHECK_FALSE(NormalizeName("\u0301"));
  CHECK_FALSE(NormalizeName("\u200b\u00ad"));
}

}  // namespace
}  // namespace kintsugi::normalize

#include "normalize/name.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include "normalize/text.h"

namespace kintsugi::normalize {
namespace {

using GetForm = const icu::Normalizer2* (*)(UErrorCode&);

// `text` in a normalisation form of Unicode; empty if ICU has no data.
std::string ToForm(GetForm get_form, std::string_view text) {
  std::string result;
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* form = get_form(status);
  if (U_FAILURE(status)) return result;
  icu::StringByteSink<std::string> sink(&result);
  form->normalizeUTF8(0, {text.data(), static_cast<int32_t>(text.size())}, sink, nullptr, status);
  return result;
}

bool IsMark(UChar32 c) {
  return (U_GET_GC_MASK(c) & (U_GC_MN_MASK | U_GC_ME_MASK)) != 0;
}

bool ReadableWithoutMarks(UChar32 letter) {
  if (u_isUWhiteSpace(letter)) return true;  // one of them, the Ogham space mark, belongs to a script
  UErrorCode status = U_ZERO_ERROR;
  switch (uscript_getScript(letter, &status)) {
    case USCRIPT_LATIN:
    case USCRIPT_GREEK:
    case USCRIPT_CYRILLIC:
    case USCRIPT_HEBREW:
    case USCRIPT_ARABIC:
    case USCRIPT_COMMON:  // hyphens, digits
      return true;
    default:
      return false;
  }
}

// Drops the marks of a decomposed text, where that is right.
std::string StripMarks(std::string_view text) {
  std::string result;
  bool drop_marks = true;  // a mark in front of everything belongs to nothing
  for (size_t pos = 0; pos < text.size();) {
    const size_t begin = pos;
    UChar32 c;
    U8_NEXT(text.data(), pos, text.size(), c);
    const bool mark = IsMark(c);
    if (!mark) drop_marks = ReadableWithoutMarks(c);
    if (!mark || !drop_marks) result.append(text.substr(begin, pos - begin));
  }
  return result;
}

// Every stretch of white space becomes one space; none at the ends.
std::string CollapseWhiteSpace(std::string_view text) {
  std::string result;
  bool space_due = false;
  for (size_t pos = 0; pos < text.size();) {
    const size_t begin = pos;
    UChar32 c;
    U8_NEXT(text.data(), pos, text.size(), c);
    if (u_isUWhiteSpace(c)) {
      space_due = !result.empty();
      continue;
    }
    if (space_due) result.push_back(' ');
    space_due = false;
    result.append(text.substr(begin, pos - begin));
  }
  return result;
}

}  // namespace

std::optional<std::string> NormalizeName(std::string_view text) {
  std::string name;
  if (IsAscii(text)) {
    name = LowerCase(text);
  } else {
    name = ToForm(icu::Normalizer2::getNFKCCasefoldInstance, text);
    name = StripMarks(ToForm(icu::Normalizer2::getNFDInstance, name));
    name = ToForm(icu::Normalizer2::getNFCInstance, name);
  }
  name = CollapseWhiteSpace(name);
  if (name.empty()) return std::nullopt;
  return name;
}

}  // namespace kintsugi::normalize

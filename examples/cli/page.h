// A page of text for people, as wide as their terminal.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "kintsugi/value.h"

namespace kintsugi::cli {

// How wide what is printed may be: that of the terminal; of anything else 80.
size_t TerminalWidth();

// A text on one line, of a long one its first 200 characters and an ellipsis.
std::string Cut(std::string_view text);

// A value without quotes and braces, likewise: `a, b` of a list, `name: x` of an object, `x (3)` of a value with
// its count, `none` of an empty list.
std::string Plain(const ValueView& value);

// "2026-03-01 10:00", in UTC.
std::string Minute(Time time);

// Page prints sections of rows: a name, what there is to say, and a note, which stands at the right edge where there is
// room for it, and below where there is none. Long text goes on below, in its column; of a narrow page the names have
// lines of their own. A character is a column, which is not so of all of the world's writing. Not thread-safe.
class Page {
 public:
  explicit Page(size_t width) : width_(width < kNarrowest ? kNarrowest : width) {}

  // A line by itself. What does not fit goes on below.
  void Line(std::string_view text);
  void Row(std::string name, std::string text, std::string note = "");
  // Prints the rows since the last one under a title, and an empty line before; nothing if there are none.
  void EndSection(std::string_view title);

 private:
  static constexpr size_t kNarrowest = 24;

  struct Content {
    std::string name;
    std::string text;
    std::string note;
  };

  void PrintRow(const Content& row, size_t name_width) const;

  const size_t width_;
  std::vector<Content> rows_;
};

}  // namespace kintsugi::cli

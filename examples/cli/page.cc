#include "page.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "command.h"
#include "text.h"

namespace kintsugi::cli {
namespace {

constexpr size_t kIndent = 2;
constexpr size_t kGap = 2;
constexpr size_t kWidestName = 24;
constexpr size_t kNarrow = 60;  // below this names have lines of their own

bool IsFirstOfCharacter(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

size_t WidthOf(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), IsFirstOfCharacter));
}

// So many bytes are the first `columns` characters.
size_t BytesOf(std::string_view text, size_t columns) {
  size_t at = 0;
  for (; at < text.size(); ++at) {
    if (IsFirstOfCharacter(text[at]) && columns-- == 0) break;
  }
  return at;
}

// Lines of at most `width`, broken at spaces where there are any. At least one.
std::vector<std::string_view> Wrapped(std::string_view text, size_t width) {
  std::vector<std::string_view> lines;
  while (WidthOf(text) > width) {
    size_t end = BytesOf(text, width);
    const size_t space = text.substr(0, end + 1).rfind(' ');
    if (space != std::string_view::npos && space != 0) end = space;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  }
  if (!text.empty() || lines.empty()) lines.push_back(text);
  return lines;
}

// Of JSON text the words and numbers, and of a value with its count `value (count)`. What the library writes is well
// formed.
std::string PlainJson(std::string_view json) {
  constexpr std::string_view kValue = R"({"value":)";
  constexpr std::string_view kCount = R"(,"count":)";
  if (json == "[]") return "none";
  std::string out;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    const std::string_view rest = json.substr(i);
    if (rest.starts_with(kValue)) {
      i += kValue.size() - 1;
    } else if (rest.starts_with(kCount)) {
      const size_t end = std::min(rest.find('}'), rest.size());
      out += " (";
      out += rest.substr(kCount.size(), end - kCount.size());
      out += ')';
      i += end - 1;
    } else if (c == '"') {
      for (++i; i < json.size() && json[i] != '"'; ++i) {
        if (json[i] == '\\') ++i;
        if (i < json.size()) out += json[i];
      }
    } else if (c == ',' || c == ':') {
      out += c;
      out += ' ';
    } else if (c != '[' && c != ']' && c != '{' && c != '}') {
      out += c;
    }
  }
  return out;
}

}  // namespace

size_t TerminalWidth() {
  constexpr size_t kDefault = 80;
  winsize size = {};
  const bool is_known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0;
  return is_known ? size.ws_col : kDefault;
}

std::string Cut(std::string_view text) {
  constexpr size_t kMostShown = 200;
  const size_t end = BytesOf(text, kMostShown);
  return OneLine(std::string(text.substr(0, end))) + (end < text.size() ? "…" : "");
}

std::string Plain(const ValueView& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return Cut(*text);
  if (const auto* json = std::get_if<JsonView>(&value)) return Cut(PlainJson(json->text));
  return ViewToJson(value);
}

std::string Minute(Time time) {
  std::string text = FormatTime(time).substr(0, std::string_view("2026-03-01T10:00").size());
  std::replace(text.begin(), text.end(), 'T', ' ');
  return text;
}

void Page::Line(std::string_view text) {
  for (const std::string_view line : Wrapped(text, width_)) PrintLine(line);
}

void Page::Row(std::string name, std::string text, std::string note) {
  rows_.push_back({std::move(name), std::move(text), std::move(note)});
}

void Page::EndSection(std::string_view title) {
  if (rows_.empty()) return;
  PrintLine("");
  PrintLine(title);
  size_t name_width = 0;
  for (const Content& row : rows_) name_width = std::max(name_width, WidthOf(row.name));
  for (const Content& row : rows_) PrintRow(row, std::min(name_width, kWidestName));
  rows_.clear();
}

void Page::PrintRow(const Content& row, size_t name_width) const {
  const bool is_below = width_ < kNarrow || WidthOf(row.name) > name_width;
  const size_t column = width_ < kNarrow ? 2 * kIndent : kIndent + name_width + (name_width == 0 ? 0 : kGap);
  std::string before(kIndent, ' ');
  before += row.name;
  if (is_below && !row.name.empty()) {
    PrintLine(before);
    before.clear();
  }
  const std::vector<std::string_view> lines = Wrapped(row.text, width_ - column);
  for (size_t i = 0; i < lines.size(); ++i) {
    std::string line = i == 0 ? before : "";
    line.append(column - std::min(column, WidthOf(line)), ' ');
    line += lines[i];
    const size_t taken = WidthOf(line) + kGap + WidthOf(row.note);
    const bool is_last = i + 1 == lines.size();
    if (is_last && !row.note.empty() && taken <= width_) line += std::string(width_ - taken + kGap, ' ') + row.note;
    PrintLine(line);
    if (is_last && !row.note.empty() && taken > width_) {
      for (const std::string_view note : Wrapped(row.note, width_ - column))
        PrintLine(std::string(column, ' ').append(note));
    }
  }
}

}  // namespace kintsugi::cli

#include "text.h"

#include <fmt/format.h>

#include <chrono>

namespace shop {
namespace {

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace

std::string Rfc3339(Seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(time)));
  const std::chrono::year_month_day date(day);
  const Seconds of_day = time - std::chrono::sys_seconds(day).time_since_epoch().count();
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), of_day / kHour,
                     of_day / kMinute % 60, of_day % 60);
}

void Json::AddRaw(std::string_view key, std::string_view json) {
  if (!fields_.empty()) fields_ += ',';
  fields_ += Quoted(key);
  fields_ += ':';
  fields_ += json;
}

Json& Json::Add(std::string_view key, std::string_view text) {
  AddRaw(key, Quoted(text));
  return *this;
}

Json& Json::Add(std::string_view key, const Json& object) {
  AddRaw(key, object.Text());
  return *this;
}

Json& Json::AddMoney(std::string_view key, int64_t cents) {
  AddRaw(key, fmt::format("{}.{:02}", cents / 100, cents % 100));
  return *this;
}

Json& Json::AddList(std::string_view key, const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const std::string& text : texts) {
    if (list.size() > 1) list += ',';
    list += Quoted(text);
  }
  AddRaw(key, list + "]");
  return *this;
}

Json& Json::AddObjects(std::string_view key, const std::vector<Json>& objects) {
  std::string list = "[";
  for (const Json& object : objects) {
    if (list.size() > 1) list += ',';
    list += object.Text();
  }
  AddRaw(key, list + "]");
  return *this;
}

std::string CsvRow(const std::vector<std::string>& cells) {
  std::string row;
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string& cell = cells[i];
    if (i > 0) row += ',';
    const bool outer_space = !cell.empty() && (cell.front() == ' ' || cell.back() == ' ');
    if (!outer_space && cell.find_first_of(",\"\n") == std::string::npos) {
      row += cell;
      continue;
    }
    row += '"';
    for (const char c : cell) {
      if (c == '"') row += '"';
      row += c;
    }
    row += '"';
  }
  return row;
}

}  // namespace shop

#include "schema/syntax_error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "schema/schema.pb.h"

namespace kintsugi::schema {
namespace {

// A block that was opened: `name {`.
struct Block {
  std::string_view name;
  size_t begin = 0;  // of the name, in the text
};

// The end of a string that begins at `quote`; strings do not go over a line end.
size_t SkipString(std::string_view text, size_t quote) {
  size_t at = quote + 1;
  while (at < text.size() && text[at] != text[quote] && text[at] != '\n') at += text[at] == '\\' ? 2 : 1;
  return std::min(at + 1, text.size());
}

// The blocks that are still open where `text` ends, the outermost first.
std::vector<Block> OpenBlocks(std::string_view text) {
  constexpr std::string_view kWord = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  std::vector<Block> open;
  Block word;
  for (size_t at = 0; at < text.size();) {
    size_t next = at + 1;
    if (text[at] == '#') {
      next = std::min(text.find('\n', at), text.size());
    } else if (text[at] == '"' || text[at] == '\'') {
      next = SkipString(text, at);
    } else if (kWord.find(text[at]) != std::string_view::npos) {
      next = std::min(text.find_first_not_of(kWord, at), text.size());
      word = {text.substr(at, next - at), at};
    } else if (text[at] == '{') {
      open.push_back(word);
    } else if (text[at] == '}' && !open.empty()) {
      open.pop_back();
    }
    at = next;
  }
  return open;
}

// Whether one of the blocks around the innermost one may have such a field.
bool IsFieldOfOuter(const std::vector<Block>& open, const std::string& field) {
  const google::protobuf::Descriptor* type = SchemaText::descriptor();
  for (const Block& block : open) {
    if (type->FindFieldByName(field) != nullptr) return true;
    const auto* inner = type->FindFieldByName(std::string(block.name));
    if (inner == nullptr || inner->message_type() == nullptr) return false;
    type = inner->message_type();
  }
  return false;
}

// Takes what is between quotation marks off the front of `text`, up to the second mark.
std::string TakeQuoted(std::string_view& text) {
  const size_t begin = std::min(text.find('"'), text.size() - 1) + 1;
  const size_t end = std::min(text.find('"', begin), text.size());
  const std::string quoted(text.substr(begin, end - begin));
  text.remove_prefix(std::min(end + 1, text.size()));
  return quoted;
}

// Of every enumeration whose field has this name.
std::vector<std::string> ChoicesOf(const std::string& field_name) {
  std::vector<std::string> choices;
  std::set<const google::protobuf::EnumDescriptor*> seen;
  const auto visit = [&](const auto& visit, const google::protobuf::Descriptor* type) -> void {
    const auto* field = type->FindFieldByName(field_name);
    const auto* values = field ? field->enum_type() : nullptr;
    if (values && seen.insert(values).second) {
      for (int i = 0; i < values->value_count(); ++i) choices.push_back(values->value(i)->name());
    }
    for (int i = 0; i < type->nested_type_count(); ++i) visit(visit, type->nested_type(i));
  };
  const auto* file = SchemaText::descriptor()->file();
  for (int i = 0; i < file->message_type_count(); ++i) visit(visit, file->message_type(i));
  return choices;
}

// The parser's message, with what to do where it can be said; and the word that it is about, which stands before
// the place that the parser names.
std::pair<std::string, std::string> Explain(const std::string& message) {
  std::string_view rest = message;
  if (message.find("has no field named") != std::string::npos) {
    const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(TakeQuoted(rest));
    const std::string field = TakeQuoted(rest);
    std::vector<std::string> fields;
    for (int i = 0; type && i < type->field_count(); ++i) fields.push_back(type->field(i)->name());
    return {fmt::format("there is no field `{}` here: the fields are {}", field, fmt::join(fields, ", ")), field};
  }
  if (message.find("Unknown enumeration value") != std::string::npos) {
    const std::string value = TakeQuoted(rest);
    const std::string field = TakeQuoted(rest);
    return {
        fmt::format("there is no `{}` for `{}`: the choices are {}", value, field, fmt::join(ChoicesOf(field), ", ")),
        value};
  }
  if (message.find("recursion limit") != std::string::npos)
    return {"the blocks lie in one another too deep: move some conditions into a segment of their own", ""};
  return {message, ""};
}

// Protobuf's columns: a tab goes to the next multiple of eight.
int WidthAt(char c, int column) {
  return c == '\t' ? 8 - column % 8 : 1;
}

// Where a line and a column, from 0, are in the text.
size_t OffsetOf(std::string_view text, int error_line, int error_column) {
  size_t offset = 0;
  for (int line = 0; line < error_line; ++line) offset = std::min(text.find('\n', offset), text.size() - 1) + 1;
  for (int column = 0; column < error_column && offset < text.size(); ++offset) column += WidthAt(text[offset], column);
  return offset;
}

// Line and column, from 0.
std::pair<int, int> PlaceOf(std::string_view text, size_t at) {
  const size_t line_begin = text.substr(0, at).rfind('\n') + 1;  // npos + 1 is 0
  int column = 0;
  for (size_t i = line_begin; i < at; ++i) column += WidthAt(text[i], column);
  return {static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n')), column};
}

// A missing `}` shows only further down: at a field that belongs to a block around, or at the end of the text. It is
// told where the block begins. OK if that is not what is wrong.
absl::Status Unclosed(std::string_view file, std::string_view text, size_t offset, const std::string& word) {
  if (OpenBlocks(text).empty()) return absl::OkStatus();
  const bool is_at_end = text.find_first_not_of(" \t\r\n", offset) == std::string_view::npos;
  const size_t at = word.empty() ? offset : text.substr(0, offset).rfind(word);
  const std::vector<Block> open = OpenBlocks(text.substr(0, at));
  if (open.empty() || !(word.empty() ? is_at_end : IsFieldOfOuter(open, word))) return absl::OkStatus();
  const auto [line, column] = PlaceOf(text, open.back().begin);
  const std::string before =
      word.empty() ? "the end" : fmt::format("`{}` on line {}", word, PlaceOf(text, at).first + 1);
  return absl::InvalidArgumentError(fmt::format("{}:{}:{}: the block `{}` that begins here has no `}}` before {}", file,
                                                line + 1, column + 1, open.back().name, before));
}

}  // namespace

void SyntaxError::AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) {
  if (!message_.empty()) return;
  line_ = line;
  column_ = column;
  message_ = message;
}

absl::Status SyntaxError::ToStatus(std::string_view file, std::string_view text) const {
  const auto [message, word] = Explain(message_);
  const size_t offset = OffsetOf(text, line_, column_);
  if (absl::Status status = Unclosed(file, text, offset, word); !status.ok()) return status;
  const size_t at = word.empty() ? std::string_view::npos : text.substr(0, offset).rfind(word);
  const auto [line, column] = at == std::string_view::npos ? std::pair<int, int>(line_, column_) : PlaceOf(text, at);
  return absl::InvalidArgumentError(fmt::format("{}:{}:{}: {}", file, line + 1, column + 1, message));
}

}  // namespace kintsugi::schema

#include "ingest/splitter.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "fmt/format.h"
#include "ingest/csv.h"

namespace kintsugi::ingest {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Where the byte is at or after `from`; the size of the view if it is nowhere.
size_t FindByte(std::string_view view, char byte, size_t from) {
  const size_t found = view.find(byte, from);  // libstdc++ calls memchr
  return found == std::string_view::npos ? view.size() : found;
}

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

void DropCarriageReturn(std::string_view& text) {
  if (text.ends_with('\r')) text.remove_suffix(1);
}

// A byte order mark, or the zero bytes that UTF-16 has between the letters of a header or of JSON.
bool IsUtf16(std::string_view text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return true;
  if (text.size() < 4) return false;
  const bool zeroes[] = {text[0] == 0, text[1] == 0, text[2] == 0, text[3] == 0};
  return zeroes[0] == zeroes[2] && zeroes[1] == zeroes[3] && zeroes[0] != zeroes[1];
}

// Waits for the first bytes, and skips a byte order mark.
absl::Status BeginText(Window& window) {
  constexpr size_t kTelling = 4;
  while (window.view().size() < kTelling) {
    absl::StatusOr<bool> more = window.Extend();
    if (!more.ok()) return more.status();
    if (!*more) break;
  }
  if (IsUtf16(window.view())) {
    return absl::InvalidArgumentError(fmt::format(
        "{}: the text is UTF-16; save it as UTF-8 (Excel calls that \"CSV UTF-8\"), or convert it: iconv -f UTF-16 -t "
        "UTF-8",
        window.name()));
  }
  if (window.view().starts_with(kByteOrderMark)) window.Consume(kByteOrderMark.size());
  return absl::OkStatus();
}

std::string TooLong(const RowLimits& limits, bool cut) {
  if (!cut) return fmt::format("row is longer than {} bytes", limits.row_bytes);
  return fmt::format("row is longer than {} bytes; only its first {} were kept", limits.row_bytes, limits.kept_bytes);
}

// Takes the rest of a line that has outgrown the window, piece by piece, so that only its text is held.
absl::Status TakeLongLine(Window& window, const RowLimits& limits, RawRow& row) {
  row.text.clear();
  bool cut = false;
  while (true) {
    const std::string_view view = window.view();
    const size_t end = FindByte(view, '\n', 0);
    const size_t room = limits.kept_bytes - row.text.size();
    cut |= end > room;
    row.text.append(view.substr(0, std::min(end, room)));
    window.Consume(std::min(end + 1, view.size()));
    if (end < view.size()) break;
    absl::StatusOr<bool> more = window.Extend();
    if (!more.ok()) return more.status();
    if (!*more) break;
  }
  if (row.text.ends_with('\r')) row.text.pop_back();
  row.rejected = TooLong(limits, cut);
  return absl::OkStatus();
}

void TakeShortLine(Window& window, size_t end, const RowLimits& limits, RawRow& row) {
  std::string_view text = window.view().substr(0, end);
  DropCarriageReturn(text);
  row.text.assign(text);
  row.rejected = text.size() > limits.row_bytes ? TooLong(limits, false) : std::string();
  window.Consume(std::min(end + 1, window.view().size()));
}

// Takes one line, whatever is in it; false at the end of the stream.
absl::StatusOr<bool> TakeLine(Window& window, const RowLimits& limits, RawRow& row) {
  size_t searched = 0;
  while (true) {
    const std::string_view view = window.view();
    const size_t end = FindByte(view, '\n', searched);
    if (end == view.size() && end > limits.row_bytes) {
      absl::Status status = TakeLongLine(window, limits, row);
      if (!status.ok()) return status;
      return true;
    }
    if (end == view.size() && !window.at_end()) {
      searched = end;
      absl::StatusOr<bool> more = window.Extend();
      if (!more.ok()) return more.status();
      continue;
    }
    if (view.empty()) return false;
    TakeShortLine(window, end, limits, row);
    return true;
  }
}

// Finds the end of one CSV row in a window that may grow between two calls of Run(). Looks at each byte once.
class RowScanner {
 public:
  explicit RowScanner(char delimiter) : delimiter_(delimiter) {}

  enum class Result {
    kGoOn,
    kRow,          // position() is the row's line end, or the end of the stream
    kMore,         // the window ended first
    kNeverClosed,  // the stream ended inside quotes
    kTextAfterQuote,
  };

  // `view` begins with the row; `whole` says that nothing comes after it.
  Result Run(std::string_view view, bool whole) {
    Result result = Result::kGoOn;
    while (result == Result::kGoOn) result = quoted_ ? Inside(view, whole) : Outside(view, whole);
    return result;
  }

  size_t position() const { return position_; }
  bool saw_quotes() const { return saw_quotes_; }

 private:
  Result Outside(std::string_view view, bool whole);
  Result Inside(std::string_view view, bool whole);
  bool OpensField(std::string_view view, size_t quote) const;
  void FindLineEnd(std::string_view view);

  char delimiter_;
  size_t position_ = 0;
  size_t line_end_ = 0;  // no line end lies between position_ and here
  bool quoted_ = false;
  bool saw_quotes_ = false;
};

void RowScanner::FindLineEnd(std::string_view view) {
  line_end_ = std::max(line_end_, position_);
  line_end_ = FindByte(view, '\n', line_end_);
}

bool RowScanner::OpensField(std::string_view view, size_t quote) const {
  while (quote > 0 && view[quote - 1] == ' ') --quote;
  return quote == 0 || view[quote - 1] == delimiter_;
}

RowScanner::Result RowScanner::Outside(std::string_view view, bool whole) {
  FindLineEnd(view);
  const std::string_view line = view.substr(0, line_end_);
  size_t quote = FindByte(line, '"', position_);
  while (quote < line.size() && !OpensField(line, quote)) quote = FindByte(line, '"', quote + 1);
  if (quote < line.size()) {
    position_ = quote + 1;
    quoted_ = saw_quotes_ = true;
    return Result::kGoOn;
  }
  position_ = line.size();
  return line.size() < view.size() || whole ? Result::kRow : Result::kMore;
}

RowScanner::Result RowScanner::Inside(std::string_view view, bool whole) {
  position_ = FindByte(view, '"', position_);
  if (position_ == view.size()) return whole ? Result::kNeverClosed : Result::kMore;
  if (view.substr(position_ + 1).starts_with('"')) {
    position_ += 2;
    return Result::kGoOn;
  }
  size_t after = position_ + 1;
  while (after < view.size() && view[after] == ' ') ++after;
  // A carriage return may belong to a line end that is not in the window yet.
  if (view.size() - after < 2 && !whole) return Result::kMore;
  const std::string_view rest = view.substr(after);
  if (!rest.empty() && rest[0] != delimiter_ && rest[0] != '\n' && !rest.starts_with("\r\n") && rest != "\r") {
    return Result::kTextAfterQuote;
  }
  position_ = after;
  quoted_ = false;
  return Result::kGoOn;
}

}  // namespace

absl::StatusOr<bool> Window::Extend() {
  if (at_end_) return false;
  MakeRoom();
  absl::StatusOr<size_t> got = source_->Read(buffer_.get() + end_, capacity_ - end_);
  if (!got.ok()) return got.status();
  end_ += *got;
  at_end_ = *got == 0;
  return !at_end_;
}

void Window::MakeRoom() {
  if (capacity_ - end_ >= chunk_bytes_) return;
  const size_t used = end_ - begin_;
  if (capacity_ - used >= chunk_bytes_) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, used);
  } else {
    capacity_ = std::max(2 * capacity_, used + chunk_bytes_);
    auto grown = std::make_unique_for_overwrite<char[]>(capacity_);
    if (used > 0) std::memcpy(grown.get(), buffer_.get() + begin_, used);
    buffer_ = std::move(grown);
  }
  begin_ = 0;
  end_ = used;
}

LineSplitter::LineSplitter(std::unique_ptr<ByteSource> bytes, const RowLimits& limits)
    : limits_(limits), window_(std::move(bytes), limits.chunk_bytes) {}

absl::StatusOr<std::string_view> LineSplitter::Begin() {
  if (!std::exchange(started_, true)) {
    if (absl::Status status = BeginText(window_); !status.ok()) return status;
  }
  return window_.view();
}

absl::StatusOr<bool> LineSplitter::Next(RawRow& row) {
  if (auto begun = Begin(); !begun.ok()) return begun.status();
  while (true) {
    absl::StatusOr<bool> taken = TakeLine(window_, limits_, row);
    if (!taken.ok() || !*taken) return taken;
    row.line = line_++;
    if (!row.rejected.empty() || !IsBlank(row.text)) return true;
  }
}

// Where a row ends, or why it cannot be told.
struct CsvSplitter::Extent {
  size_t size = 0;  // of its text, with a carriage return at the end
  bool several_lines = false;
  std::string_view doubt;  // see CsvSplitter
};

CsvSplitter::CsvSplitter(std::unique_ptr<ByteSource> bytes, const RowLimits& limits)
    : limits_(limits), window_(std::move(bytes), limits.chunk_bytes) {}

absl::StatusOr<CsvSplitter::Extent> CsvSplitter::ScanRow() {
  using Result = RowScanner::Result;
  RowScanner scanner(delimiter_);
  Result result = scanner.Run(window_.view(), window_.at_end());
  while (result == Result::kMore && window_.view().size() <= limits_.row_bytes) {
    if (absl::StatusOr<bool> more = window_.Extend(); !more.ok()) return more.status();
    result = scanner.Run(window_.view(), window_.at_end());
  }
  Extent extent{.size = scanner.position()};
  const std::string_view text = window_.view().substr(0, extent.size);
  extent.several_lines = scanner.saw_quotes() && text.find('\n') != std::string_view::npos;
  if (result == Result::kTextAfterQuote) extent.doubt = "text after a closing quote";
  if (result == Result::kNeverClosed) extent.doubt = "a quote is never closed";
  if (result == Result::kMore || extent.size > limits_.row_bytes) extent.doubt = "a quote is not closed soon enough";
  if (extent.doubt.empty() && !Fits(extent))
    extent.doubt = "a quote runs over the line end and the row does not fit the header";
  return extent;
}

bool CsvSplitter::Fits(const Extent& extent) const {
  if (!extent.several_lines || columns_ == 0) return true;
  std::string_view text = window_.view().substr(0, extent.size);
  DropCarriageReturn(text);
  CsvRow row;
  return row.Parse(text, delimiter_).empty() && row.fields().size() == columns_;
}

absl::StatusOr<CsvSplitter::Extent> CsvSplitter::FindRow() {
  if (!std::exchange(started_, true)) {
    if (absl::Status status = BeginText(window_); !status.ok()) return status;
  }
  while (true) {
    absl::StatusOr<Extent> extent = ScanRow();
    if (!extent.ok() || !extent->doubt.empty() || window_.view().empty()) return extent;
    if (!IsBlank(window_.view().substr(0, extent->size))) return extent;
    window_.Consume(std::min(extent->size + 1, window_.view().size()));
    ++line_;
  }
}

absl::StatusOr<std::string> CsvSplitter::Peek() {
  absl::StatusOr<Extent> extent = FindRow();
  if (!extent.ok()) return extent.status();
  if (!extent->doubt.empty()) return std::string();
  std::string_view text = window_.view().substr(0, extent->size);
  DropCarriageReturn(text);
  return std::string(text);
}

void CsvSplitter::Deliver(const Extent& extent, RawRow& row) {
  std::string_view text = window_.view().substr(0, extent.size);
  DropCarriageReturn(text);
  row.line = line_;
  row.text.assign(text);
  row.rejected.clear();
  line_ += 1 + (extent.several_lines ? std::count(text.begin(), text.end(), '\n') : 0);
  window_.Consume(std::min(extent.size + 1, window_.view().size()));
}

absl::StatusOr<bool> CsvSplitter::Next(RawRow& row) {
  absl::StatusOr<Extent> extent = FindRow();
  if (!extent.ok()) return extent.status();
  if (window_.view().empty()) return false;
  if (extent->doubt.empty()) {
    Deliver(*extent, row);
    return true;
  }
  absl::StatusOr<bool> taken = TakeLine(window_, limits_, row);
  if (!taken.ok()) return taken;
  if (row.rejected.empty()) row.rejected = extent->doubt;
  row.line = line_++;
  return true;
}

}  // namespace kintsugi::ingest

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "ingest/input_wait.h"
#include "ingest/rows.h"

namespace kintsugi::ingest {
namespace {

constexpr size_t kChunkBytes = size_t{256} << 10;
constexpr size_t kMagicBytes = 4;

// An open file, or standard input, with its first bytes kept until somebody reads them.
class File {
 public:
  static absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path, InputWait* wait);
  ~File() {
    if (fd_ > STDERR_FILENO) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::string& name() const { return name_; }
  uint64_t position() const { return position_; }
  std::string_view head() const { return head_; }

  absl::StatusOr<size_t> Read(char* buffer, size_t size) {
    if (!head_.empty()) return ReadHead(buffer, size);
    return ReadFile(buffer, size);
  }

 private:
  File(std::string name, int fd, InputWait* wait) : name_(std::move(name)), fd_(fd), wait_(wait) {}

  absl::StatusOr<size_t> ReadFile(char* buffer, size_t size);
  size_t ReadHead(char* buffer, size_t size);
  absl::Status FillHead();

  std::string name_;
  int fd_;
  InputWait* wait_;  // may be null
  std::string head_;
  uint64_t position_ = 0;
};

absl::Status FileError(const std::string& name, std::string_view doing, int error) {
  return absl::ErrnoToStatus(error, fmt::format("{}: cannot {} the file", name, doing));
}

absl::StatusOr<std::unique_ptr<File>> File::Open(const std::string& path, InputWait* wait) {
  std::unique_ptr<File> file(path == "-" ? new File("standard input", STDIN_FILENO, wait)
                                         : new File(path, open(path.c_str(), O_RDONLY | O_CLOEXEC), wait));
  if (file->fd_ < 0) return FileError(path, "open", errno);
  struct stat info;
  if (fstat(file->fd_, &info) == 0 && S_ISDIR(info.st_mode)) {
    return absl::InvalidArgumentError(fmt::format("{} is a directory; name a file in it", path));
  }
  if (absl::Status status = file->FillHead(); !status.ok()) return status;
  return file;
}

// A pipe may hand over a single byte at a time, so the magic bytes can need several reads.
absl::Status File::FillHead() {
  head_.resize(kMagicBytes);
  size_t have = 0;
  while (have < kMagicBytes) {
    absl::StatusOr<size_t> got = ReadFile(head_.data() + have, kMagicBytes - have);
    if (!got.ok()) return got.status();
    if (*got == 0) break;
    have += *got;
  }
  head_.resize(have);
  return absl::OkStatus();
}

size_t File::ReadHead(char* buffer, size_t size) {
  const size_t count = std::min(size, head_.size());
  std::memcpy(buffer, head_.data(), count);
  head_.erase(0, count);
  return count;
}

absl::StatusOr<size_t> File::ReadFile(char* buffer, size_t size) {
  while (true) {
    if (wait_ != nullptr) {
      if (absl::Status status = wait_->For(fd_, name_); !status.ok()) return status;
    }
    const ssize_t got = read(fd_, buffer, size);
    if (got >= 0) {
      position_ += static_cast<uint64_t>(got);
      return static_cast<size_t>(got);
    }
    // Whoever shares a terminal or a pipe may have made it non-blocking, and taken what was there.
    const bool again = errno == EINTR || (wait_ != nullptr && (errno == EAGAIN || errno == EWOULDBLOCK));
    if (!again) return FileError(name_, "read", errno);
  }
}

class PlainSource : public ByteSource {
 public:
  explicit PlainSource(std::unique_ptr<File> file) : file_(std::move(file)) {}
  absl::StatusOr<size_t> Read(char* buffer, size_t size) override { return file_->Read(buffer, size); }
  uint64_t position() const override { return file_->position(); }
  std::string name() const override { return file_->name(); }

 private:
  std::unique_ptr<File> file_;
};

// What gzip and zstd share: compressed bytes in chunks, and an error that waits until the bytes that
// were decompressed before it have been handed out.
class CompressedSource : public ByteSource {
 public:
  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    size_t produced = 0;
    while (produced == 0 && size > 0 && error_.ok() && !finished_) error_ = Step(buffer, size, produced);
    if (produced == 0 && !error_.ok()) return error_;
    return produced;
  }
  uint64_t position() const override { return file_->position(); }
  std::string name() const override { return file_->name(); }

 protected:
  explicit CompressedSource(std::unique_ptr<File> file) : file_(std::move(file)), chunk_(kChunkBytes) {}

  // Decompresses once. Sets `produced` even when it returns an error.
  virtual absl::Status Decompress(char* buffer, size_t size, size_t& produced) = 0;
  // Whether the stream may end here: between two members, not inside one.
  virtual bool AtBoundary() const = 0;

  absl::Status Damaged(std::string_view what) const {
    return absl::DataLossError(fmt::format("{}: the compressed stream is damaged near byte {}: {}", file_->name(),
                                           file_->position() - input_.size(), what));
  }

  std::string_view input_;  // compressed bytes that are not used yet

 private:
  // A buffer that was filled may be too small for all that the input gave. That comes first: the next bytes of a pipe
  // may be long in coming.
  absl::Status Step(char* buffer, size_t size, size_t& produced) {
    if (std::exchange(is_full_, false) && !AtBoundary()) {
      absl::Status status = Decompress(buffer, size, produced);
      is_full_ = produced > 0;
      return status;
    }
    if (input_.empty()) {
      absl::StatusOr<size_t> got = file_->Read(chunk_.data(), chunk_.size());
      if (!got.ok()) return got.status();
      input_ = {chunk_.data(), *got};
      if (*got == 0) return Finish(buffer, size, produced);
    }
    absl::Status status = Decompress(buffer, size, produced);
    is_full_ = produced > 0 && input_.empty();
    return status;
  }

  // The file has ended, but the decompressor may still hold output that did not fit.
  absl::Status Finish(char* buffer, size_t size, size_t& produced) {
    if (!AtBoundary()) {
      absl::Status status = Decompress(buffer, size, produced);
      if (!status.ok() || produced > 0) return status;
    }
    finished_ = true;
    if (AtBoundary()) return absl::OkStatus();
    return absl::DataLossError(fmt::format("{}: the compressed stream breaks off at byte {}; fetch the file again",
                                           file_->name(), file_->position()));
  }

  std::unique_ptr<File> file_;
  std::vector<char> chunk_;
  absl::Status error_;
  bool is_full_ = false;
  bool finished_ = false;
};

class GzipSource : public CompressedSource {
 public:
  static absl::StatusOr<std::unique_ptr<ByteSource>> Create(std::unique_ptr<File> file) {
    std::unique_ptr<GzipSource> source(new GzipSource(std::move(file)));
    constexpr int kGzipOnly = 16;  // zlib: window bits + 16 reads gzip and nothing else
    if (inflateInit2(&source->stream_, kGzipOnly + MAX_WBITS) != Z_OK) {
      return absl::ResourceExhaustedError("no memory to start decompressing gzip");
    }
    return source;
  }
  ~GzipSource() override { inflateEnd(&stream_); }

 protected:
  absl::Status Decompress(char* buffer, size_t size, size_t& produced) override;
  bool AtBoundary() const override { return between_members_; }

 private:
  explicit GzipSource(std::unique_ptr<File> file) : CompressedSource(std::move(file)) {}

  // Tapes and block devices pad archives with zero bytes; gzip itself reads over them too.
  bool SkipPadding() {
    input_.remove_prefix(std::min(input_.find_first_not_of('\0'), input_.size()));
    return input_.empty();
  }

  z_stream stream_{};
  bool between_members_ = true;
};

absl::Status GzipSource::Decompress(char* buffer, size_t size, size_t& produced) {
  if (between_members_) {
    if (SkipPadding()) return absl::OkStatus();
    inflateReset(&stream_);
    between_members_ = false;
  }
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input_.data()));
  stream_.avail_in = static_cast<uInt>(input_.size());
  stream_.next_out = reinterpret_cast<Bytef*>(buffer);
  stream_.avail_out = static_cast<uInt>(std::min(size, kChunkBytes));
  const int result = inflate(&stream_, Z_NO_FLUSH);
  input_.remove_prefix(input_.size() - stream_.avail_in);
  produced = reinterpret_cast<char*>(stream_.next_out) - buffer;
  if (result == Z_STREAM_END) between_members_ = true;
  if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR) return absl::OkStatus();
  return Damaged(stream_.msg != nullptr ? stream_.msg : "not gzip");
}

class ZstdSource : public CompressedSource {
 public:
  static absl::StatusOr<std::unique_ptr<ByteSource>> Create(std::unique_ptr<File> file) {
    std::unique_ptr<ZstdSource> source(new ZstdSource(std::move(file)));
    if (source->stream_ == nullptr) return absl::ResourceExhaustedError("no memory to start decompressing zstd");
    return source;
  }
  ~ZstdSource() override { ZSTD_freeDStream(stream_); }

 protected:
  absl::Status Decompress(char* buffer, size_t size, size_t& produced) override {
    ZSTD_inBuffer in{input_.data(), input_.size(), 0};
    ZSTD_outBuffer out{buffer, size, 0};
    const size_t result = ZSTD_decompressStream(stream_, &out, &in);
    input_.remove_prefix(in.pos);
    produced = out.pos;
    if (ZSTD_isError(result)) return Damaged(ZSTD_getErrorName(result));
    between_frames_ = result == 0;
    return absl::OkStatus();
  }
  bool AtBoundary() const override { return between_frames_; }

 private:
  explicit ZstdSource(std::unique_ptr<File> file) : CompressedSource(std::move(file)), stream_(ZSTD_createDStream()) {}

  ZSTD_DStream* stream_;
  bool between_frames_ = true;
};

class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}
  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    const size_t count = bytes_.copy(buffer, size, position_);
    position_ += count;
    return count;
  }
  uint64_t position() const override { return position_; }

 private:
  std::string_view bytes_;
  size_t position_ = 0;
};

bool IsGzip(std::string_view head) {
  return head.substr(0, 3) == "\x1f\x8b\x08";
}

// A frame, or one of the 16 kinds of skippable frame that pzstd and others put before it (RFC 8878, 3.1).
bool IsZstd(std::string_view head) {
  if (head == "\x28\xb5\x2f\xfd") return true;
  return head.size() == kMagicBytes && (head[0] & 0xf0) == 0x50 && head.substr(1) == "\x2a\x4d\x18";
}

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> OpenByteSource(const std::string& path, InputWait* wait) {
  absl::StatusOr<std::unique_ptr<File>> file = File::Open(path, wait);
  if (!file.ok()) return file.status();
  if (IsGzip((*file)->head())) return GzipSource::Create(*std::move(file));
  if (IsZstd((*file)->head())) return ZstdSource::Create(*std::move(file));
  return std::make_unique<PlainSource>(*std::move(file));
}

std::unique_ptr<ByteSource> MemoryByteSource(std::string_view bytes) {
  return std::make_unique<MemorySource>(bytes);
}

}  // namespace kintsugi::ingest

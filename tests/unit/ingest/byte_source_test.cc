#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "catch.h"
#include "unit/ingest/support.h"

namespace kintsugi::ingest {
namespace {

std::string Gzip(std::string_view text) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = text.size();
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = out.size();
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Zstd(std::string_view text) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);  // as the zstd command does
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size()));
  ZSTD_freeCCtx(context);
  return out;
}

struct Content {
  std::string bytes;
  absl::Status status;
  uint64_t position = 0;
};

Content ReadAll(const std::string& path, size_t buffer_size = 1000) {
  absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenByteSource(path);
  if (!source.ok()) return {.status = source.status()};
  Content content;
  std::string buffer(buffer_size, '\0');
  while (true) {
    absl::StatusOr<size_t> got = (*source)->Read(buffer.data(), buffer.size());
    content.status = got.status();
    content.position = (*source)->position();
    if (!got.ok() || *got == 0) return content;
    content.bytes.append(buffer, 0, *got);
  }
}

// Enough text that the compressed form spans several chunks: digits of a small generator compress badly.
std::string LongText() {
  std::string text;
  uint64_t state = 1;
  while (text.size() < (size_t{2} << 20)) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    text += std::to_string(state >> 20) + "\n";
  }
  return text;
}

TEST_CASE("ingest: a plain file gives its bytes and its position") {
  // However small the buffer, also smaller than the magic bytes that were looked at first.
  for (const std::string text : {"", "a", "ab", "abc\n", "hello, world"}) {
    TempFile file("plain.csv", text);
    Content content = ReadAll(file.path(), 3);
    CHECK(content.status.ok());
    CHECK(content.bytes == text);
    CHECK(content.position == text.size());
  }
}

TEST_CASE("ingest: gzip and zstd are recognised by their bytes, whatever the file is called") {
  // Several members or frames in a row are one text, as gzip and zstd themselves have it.
  const std::string text = LongText();
  for (const std::string& packed : {Gzip(text) + Gzip("and more"), Zstd(text) + Zstd("and more")}) {
    TempFile file("rows.csv", packed);
    Content content = ReadAll(file.path(), 70'000);
    CHECK(content.status.ok());
    CHECK(content.bytes == text + "and more");
    CHECK(content.position == packed.size());
  }
}

TEST_CASE("ingest: an empty archive is an empty file, and zero padding after gzip is nothing") {
  // Tapes pad; an export without rows is still an export.
  for (const std::string& packed : {Gzip(""), Zstd(""), Gzip("") + Gzip(""), Gzip("") + std::string(512, '\0')}) {
    TempFile file("empty", packed);
    Content content = ReadAll(file.path());
    CHECK(content.status.ok());
    CHECK(content.bytes.empty());
  }
}

TEST_CASE("ingest: a zstd file may begin with a skippable frame") {
  // pzstd writes one before every frame.
  TempFile file("rows.zst", std::string("\x50\x2a\x4d\x18\x04\x00\x00\x00"
                                        "abcd",
                                        12) +
                                Zstd("text"));
  CHECK(ReadAll(file.path()).bytes == "text");
}

TEST_CASE("ingest: an archive that breaks off gives what it holds and then data loss") {
  // Wherever it breaks: the text before is a prefix, and the error names the file and the byte.
  const std::string text = LongText();
  for (const std::string& packed : {Gzip(text), Zstd(text)}) {
    for (size_t size : {size_t{5}, packed.size() / 3, packed.size() - 9, packed.size() - 1}) {
      TempFile file("broken", packed.substr(0, size));
      Content content = ReadAll(file.path(), 100'000);
      CHECK(content.status.code() == absl::StatusCode::kDataLoss);
      const std::string message(content.status.message());
      CHECK(message.find(file.path()) != std::string::npos);
      CHECK(message.find("byte " + std::to_string(size)) != std::string::npos);
      CHECK(std::string_view(text).starts_with(content.bytes));
    }
  }
}

TEST_CASE("ingest: a damaged archive is data loss, also after a whole member") {
  // A flipped byte in the middle, and garbage after the end.
  std::string flipped = Gzip(LongText());
  flipped[flipped.size() / 2] ^= 0x55;
  std::string checksum = Zstd(LongText());
  checksum[checksum.size() / 2] ^= 0x55;
  for (const std::string& packed : {flipped, checksum, Gzip("abc") + "garbage", Zstd("abc") + "garbage"}) {
    TempFile file("damaged", packed);
    Content content = ReadAll(file.path());
    CHECK(content.status.code() == absl::StatusCode::kDataLoss);
    CHECK(std::string(content.status.message()).find(file.path()) != std::string::npos);
  }
}

TEST_CASE("ingest: a file that cannot be opened says which and why") {
  // Missing is not forbidden, and a directory is neither.
  CHECK(ReadAll("no/such/file.csv").status.code() == absl::StatusCode::kNotFound);
  CHECK(std::string(ReadAll("no/such/file.csv").status.message()).find("no/such/file.csv") != std::string::npos);
  CHECK(ReadAll(std::filesystem::temp_directory_path().string()).status.code() == absl::StatusCode::kInvalidArgument);
  if (geteuid() != 0) {
    TempFile file("secret.csv", "x");
    chmod(file.path().c_str(), 0);
    CHECK(ReadAll(file.path()).status.code() == absl::StatusCode::kPermissionDenied);
  }
}

TEST_CASE("ingest: standard input may be compressed too, and come in small pieces") {
  // The first bytes of a pipe are looked at without being able to go back.
  const std::string packed = Gzip("one\ntwo\n");
  const int saved = dup(STDIN_FILENO);
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  REQUIRE(write(ends[1], packed.data(), packed.size()) == static_cast<ssize_t>(packed.size()));
  close(ends[1]);
  dup2(ends[0], STDIN_FILENO);
  close(ends[0]);
  const Content content = ReadAll("-", 1);
  dup2(saved, STDIN_FILENO);
  close(saved);
  CHECK(content.status.ok());
  CHECK(content.bytes == "one\ntwo\n");
}

TEST_CASE("ingest: bytes in memory are given as they are") {
  // Also when they look like gzip.
  const std::string packed = Gzip("text");
  std::unique_ptr<ByteSource> source = MemoryByteSource(packed);
  std::string buffer(1000, '\0');
  CHECK(*source->Read(buffer.data(), buffer.size()) == packed.size());
  CHECK(*source->Read(buffer.data(), buffer.size()) == 0);
  CHECK(source->position() == packed.size());
}

}  // namespace
}  // namespace kintsugi::ingest

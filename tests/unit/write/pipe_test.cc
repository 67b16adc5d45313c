// Input that pauses, breaks off or is stopped.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <condition_variable>
#include <fstream>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

constexpr const char* kSources = R"(
  namespaces { name: "email" normalize: EMAIL }
  sources { name: "log" events { format: NATIVE } }
  sources { name: "crm" table { format: CSV key: "id" identifiers { field: "mail" namespace: "email" } } }
)";

std::string Line(int id) {
  const std::string text = std::to_string(id);
  return R"({"id":")" + text + R"(","time":"2026-01-01","identifiers":{"email":"u)" + text + "@example.com\"}}\n";
}

// A pipe with a name, which somebody reads meanwhile.
class Pipe {
 public:
  explicit Pipe(const std::string& path) : path_(path) { REQUIRE(mkfifo(path.c_str(), 0600) == 0); }
  ~Pipe() { Close(); }

  const std::string& path() const { return path_; }
  // Waits for the reader.
  void Open() {
    descriptor_ = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    REQUIRE(descriptor_ >= 0);
  }
  void Write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = write(descriptor_, bytes.data(), bytes.size());
      REQUIRE(count > 0);
      bytes.remove_prefix(static_cast<size_t>(count));
    }
  }
  void Close() {
    if (descriptor_ >= 0) close(descriptor_);
    descriptor_ = -1;
  }

 private:
  std::string path_;
  int descriptor_ = -1;
};

// Reads a pipe on a thread of its own, and lets the test wait for what has been applied.
class Reading {
 public:
  Reading(Engine& engine, const std::string& source, const std::string& path)
      : result_(std::async(std::launch::async, [this, &engine, source, path]() -> absl::StatusOr<IngestReport> {
          const auto note = [this](uint64_t, const IngestReport& so_far) { Note(so_far.read); };
          IngestReport report;
          const absl::Status status =
              engine.IngestFile({.source = source, .path = path, .progress = note, .stop = stop_.get_token()}, report);
          if (!status.ok()) return status;
          return report;
        })) {}

  // Whether so many rows are applied while the pipe is open. The bound is for when it does not work.
  bool Awaits(uint64_t rows) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::minutes(1), [&] { return rows_ >= rows; });
  }
  void Stop() { stop_.request_stop(); }
  absl::StatusOr<IngestReport> Result() { return result_.get(); }

 private:
  void Note(uint64_t rows) {
    std::lock_guard lock(mutex_);
    rows_ = rows;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t rows_ = 0;
  std::stop_source stop_;
  std::future<absl::StatusOr<IngestReport>> result_;
};

// Deflates, so that all that was given by now can be inflated, and nothing says that it was all.
class OpenGzip {
 public:
  OpenGzip() { REQUIRE(deflateInit2(&stream_, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK); }
  ~OpenGzip() { deflateEnd(&stream_); }
  std::string Add(std::string_view text, int flush) {
    std::string out(deflateBound(&stream_, text.size()) + 64, '\0');
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream_.avail_in = static_cast<uInt>(text.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    deflate(&stream_, flush);
    return out.substr(0, out.size() - stream_.avail_out);
  }

 private:
  z_stream stream_{};
};

}  // namespace

TEST_CASE("when a pipe pauses, the rows that came are applied, and can be looked up", "[pipe]") {
  Database database(*Schema::Parse(kSources));
  SECTION("lines") {
    Pipe pipe(database.directory() / "pipe");
    Reading reading(*database, "log", pipe.path());
    pipe.Open();
    for (int i = 1; i <= 3; ++i) {
      pipe.Write(Line(i));
      REQUIRE(reading.Awaits(static_cast<uint64_t>(i)));
      CHECK(database->Lookup("email", "u" + std::to_string(i) + "@example.com").ok());
    }
    pipe.Close();
    CHECK(reading.Result()->accepted == 3);
  }
  SECTION("a line that is not whole yet holds up nothing before it, and comes whole") {
    Pipe pipe(database.directory() / "pipe");
    Reading reading(*database, "log", pipe.path());
    pipe.Open();
    const std::string second = Line(2);
    pipe.Write(Line(1) + second.substr(0, 20));
    REQUIRE(reading.Awaits(1));
    pipe.Write(second.substr(20));
    REQUIRE(reading.Awaits(2));
    pipe.Close();
    CHECK(reading.Result()->accepted == 2);
  }
  SECTION("CSV") {
    Pipe pipe(database.directory() / "pipe");
    Reading reading(*database, "crm", pipe.path());
    pipe.Open();
    pipe.Write("id,note,mail\n1,,a@example.com\n2,\"two\n");
    REQUIRE(reading.Awaits(1));
    pipe.Write("lines\",b@example.com\n");
    REQUIRE(reading.Awaits(2));
    pipe.Close();
    CHECK(reading.Result()->accepted == 2);
  }
  SECTION("gzip, of which more comes out at once than a buffer holds") {
    Pipe pipe(database.directory() / "pipe");
    Reading reading(*database, "log", pipe.path());
    pipe.Open();
    std::string lines;
    for (int i = 0; i < 20'000; ++i) lines += Line(i);
    OpenGzip gzip;
    pipe.Write(gzip.Add(lines, Z_SYNC_FLUSH));
    REQUIRE(reading.Awaits(20'000));
    pipe.Write(gzip.Add(Line(20'000), Z_FINISH));
    pipe.Close();
    CHECK(reading.Result()->accepted == 20'001);
  }
}

TEST_CASE("a stop ends the reading of a silent pipe, and the report has what was applied", "[pipe]") {
  Database database(*Schema::Parse(kSources));
  Pipe pipe(database.directory() / "pipe");
  SECTION("after some rows") {
    Reading reading(*database, "log", pipe.path());
    pipe.Open();
    pipe.Write(Line(1));
    REQUIRE(reading.Awaits(1));
    reading.Stop();
    const auto report = reading.Result();  // the pipe is still open
    REQUIRE(report.ok());
    CHECK(report->stopped);
    CHECK(report->accepted == 1);
  }
  SECTION("before the first byte") {
    Reading reading(*database, "crm", pipe.path());
    pipe.Open();
    reading.Stop();
    const auto report = reading.Result();
    REQUIRE(report.ok());
    CHECK(report->stopped);
    CHECK(report->read == 0);
  }
}

TEST_CASE("a write that fails ends the reading of a silent pipe", "[pipe]") {
  Database database(*Schema::Parse(kSources));
  const auto reader = Engine::Open({.read_only = true}, database.directory() / "db");
  REQUIRE(reader.ok());
  Pipe pipe(database.directory() / "pipe");
  Reading reading(**reader, "log", pipe.path());
  pipe.Open();
  pipe.Write(Line(1));
  CHECK(absl::IsFailedPrecondition(reading.Result().status()));  // the pipe is still open
}

TEST_CASE("what `progress` throws reaches the caller, and what was reported is applied", "[pipe]") {
  Database database(*Schema::Parse(kSources));
  Pipe pipe(database.directory() / "pipe");
  std::thread writer([&] {
    pipe.Open();
    pipe.Write(Line(1));  // and the pipe stays open
  });
  const auto ingest = [&] {
    return database.IngestFile({.source = "log", .path = pipe.path(), .progress = [](uint64_t, const IngestReport&) {
                                  throw std::runtime_error("enough");
                                }});
  };
  CHECK_THROWS_WITH(ingest(), "enough");
  writer.join();
  CHECK(database->Lookup("email", "u1@example.com").ok());
  CHECK(
      database->Ingest(Event{.source = "log", .time = At(1), .identifiers = {{"email", "b@example.com"}}})->accepted ==
      1);
}

TEST_CASE("a file is checked before there is a database, and a pipe is not touched by that", "[pipe]") {
  TemporaryDirectory directory;
  const Schema schema = *Schema::Parse(kSources);
  const auto check = [&](const std::string& source, const std::string& name, const std::string& content) {
    std::ofstream(directory / name, std::ios::binary) << content;
    return Engine::CheckFile(schema, {.source = source, .path = directory / name});
  };
  CHECK(check("crm", "good.csv", "id,mail\n1,a@example.com\n").ok());
  CHECK(check("log", "good.jsonl", Line(1)).ok());
  const auto message = [](const absl::Status& status) { return std::string(status.message()); };

  const auto wrong = check("crm", "wrong.csv", "nr,ma\x1b[31mil\n1,a\n");
  CHECK(absl::IsInvalidArgument(wrong));
  CHECK(Contains(message(wrong), "wrong.csv: "));
  CHECK(Contains(message(wrong), "\\u001b[31m"));
  CHECK_FALSE(Contains(message(wrong), "\x1b"));
  CHECK(Contains(message(check("crm", "empty.csv", "")), "empty.csv: "));

  const std::string little = "\xFF\xFE" + std::string("i\0d\0,\0m\0", 8);
  const std::string no_mark = std::string("i\0d\0,\0m\0", 8);
  const std::string big = std::string("\0{\0\"\0i", 6);
  for (const auto& [source, text] : {std::pair("crm", little), {"crm", no_mark}, {"log", big}}) {
    const auto status = check(source, "utf16", text);
    CHECK(absl::IsInvalidArgument(status));
    CHECK(Contains(message(status), "utf16: the text is UTF-16"));
    CHECK(Contains(message(status), "CSV UTF-8"));
  }
  CHECK(absl::IsNotFound(Engine::CheckFile(schema, {.source = "log", .path = directory / "none"})));
  CHECK(absl::IsInvalidArgument(Engine::CheckFile(schema, {.source = "log", .path = directory / "."})));

  Pipe pipe(directory / "pipe");  // nobody writes it: opening it would wait for ever
  CHECK(Engine::CheckFile(schema, {.source = "log", .path = pipe.path()}).ok());
}

TEST_CASE("a file that is one JSON array, or has its objects over several lines, is told as such", "[pipe]") {
  Database database(*Schema::Parse(kSources));
  const auto warnings = [&](const std::string& content) {
    const std::string path = database.directory() / "file";
    std::ofstream(path) << content;
    const auto report = database.IngestFile({.source = "log", .path = path});
    return report.ok() && !report->warnings.empty() ? report->warnings[0] : "";
  };
  CHECK(Contains(warnings("[\n  {\n    \"id\": \"1\"\n  }\n]\n"), "one JSON array"));
  CHECK(Contains(warnings("[{\"id\":\"1\"}]"), "jq -c '.[]'"));
  CHECK(Contains(warnings("{\n  \"id\": \"1\"\n}\n"), "one JSON object a line"));
  CHECK(warnings(Line(1)).empty());
  CHECK(warnings("").empty());
}

}  // namespace kintsugi::testing

// Reading and parsing on one thread, applying on another.

#include "write/ingest_file.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "absl/cleanup/cleanup.h"
#include "ingest/input_wait.h"
#include "write/file_items.h"

namespace kintsugi::write {
namespace {

// How far parsing may run ahead of applying: it bounds memory, and it is the largest group, for applying takes all that
// waits. Small groups stay in the processor's caches; but a large component in conflict is resolved once a group, so
// groups grow while they load far more profiles than they have rows.
constexpr size_t kFewestWaitingItems = 6'000;
constexpr size_t kMostWaitingItems = 30'000;
constexpr size_t kMaxWaitingBytes = size_t{64} << 20;
// Parsed rows are handed over in parcels, for a lock costs more than a row.
constexpr size_t kParcelItems = 1000;

// Parcel is what the parsing thread hands over.
struct Parcel {
  std::vector<Item> items;
  size_t bytes = 0;
  uint64_t position = 0;  // in the file
};

// Belt carries parcels from one thread to one other, and holds a bounded number of items and of bytes.
class Belt {
 public:
  // Waits for room. False if the taker has stopped.
  bool Put(Parcel parcel) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
      return stopped_ || waiting_.items.empty() ||
             (waiting_.items.size() + parcel.items.size() <= most_items_ &&
              waiting_.bytes + parcel.bytes <= kMaxWaitingBytes);
    });
    if (stopped_) return false;
    std::move(parcel.items.begin(), parcel.items.end(), std::back_inserter(waiting_.items));
    waiting_.bytes += parcel.bytes;
    waiting_.position = parcel.position;
    changed_.notify_all();
    return true;
  }

  // No more parcels; `status` says why, if it is not the end of the file.
  void Close(absl::Status status) {
    std::lock_guard lock(mutex_);
    closed_ = true;
    status_ = std::move(status);
    changed_.notify_all();
  }

  void Resize(size_t most_items) {
    std::lock_guard lock(mutex_);
    most_items_ = most_items;
    changed_.notify_all();
  }

  // Everything that waits, as one parcel; false when the belt is closed and empty.
  bool TakeAll(Parcel& parcel) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || !waiting_.items.empty(); });
    if (waiting_.items.empty()) return false;
    parcel = std::exchange(waiting_, {});
    changed_.notify_all();
    return true;
  }

  void Stop() {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }

  absl::Status status() {
    std::lock_guard lock(mutex_);
    return status_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t most_items_ = kFewestWaitingItems;
  Parcel waiting_;
  bool closed_ = false;
  bool stopped_ = false;
  absl::Status status_;
};

// Of the next group, by what this one had and loaded.
size_t NextLimit(size_t items, size_t profiles_loaded) {
  if (profiles_loaded > 2 * items) items *= 2;
  if (profiles_loaded < items) items /= 2;
  return std::clamp(items, kFewestWaitingItems, kMostWaitingItems);
}

// The parsing thread: all rows of the file, in parcels. What is there is handed over before the input is waited for.
absl::Status ReadRows(FileItems& rows, ingest::InputWait& wait, Belt& belt) {
  Parcel parcel;
  const auto hand_over = [&] {
    if (parcel.items.empty()) return true;
    parcel.position = rows.position();
    return belt.Put(std::exchange(parcel, {}));
  };
  wait.set_before_waiting(hand_over);  // where the belt has stopped, so has the wait
  for (;;) {
    auto more = rows.Next(kParcelItems, parcel.items, parcel.bytes);
    if (!hand_over()) return absl::OkStatus();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
  }
}

// When a file's rows were read out of their source, as far as the file tells; standard input is being read now.
Time ModifiedAt(const std::string& path, Time now) {
  struct stat info {};
  if (path == "-" || ::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return now;
  const auto since = std::chrono::seconds(info.st_mtim.tv_sec) + std::chrono::nanoseconds(info.st_mtim.tv_nsec);
  return Time(std::chrono::floor<std::chrono::microseconds>(since));
}

// An exception may not leave a thread.
absl::Status ReadRowsSafely(FileItems& rows, ingest::InputWait& wait, Belt& belt) {
  try {
    return ReadRows(rows, wait, belt);
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("there was not enough memory to parse the rows");
  } catch (const std::exception& error) {
    return absl::InternalError(fmt::format("parsing failed: {}", error.what()));
  }
}

}  // namespace

absl::Status IngestFile(Writer& writer, const FileInput& input, IngestReport& report, const WriteOptions& options) {
  report = {};
  const auto source = writer.context().SourceOf(input.source);
  if (!source.ok()) return source.status();
  const auto wait = ingest::InputWait::Create();
  if (!wait.ok()) return wait.status();
  const std::stop_callback on_stop(input.stop, [&] { (*wait)->Stop(); });
  const Time told = OrNeverLast(input.extracted_at);
  const Time extracted_at = IsKnown(told) ? told : ModifiedAt(input.path, writer.Now());
  auto rows = FileItems::Open(writer.context(), writer.preparer(), *source, input.path, **wait, extracted_at);
  if (!rows.ok() && input.stop.stop_requested()) {
    report.stopped = true;
    return absl::OkStatus();
  }
  if (!rows.ok()) return rows.status();

  Belt belt;
  std::thread parsing([&] { belt.Close(ReadRowsSafely(**rows, **wait, belt)); });
  absl::Cleanup join = [&] {  // also when `progress` throws
    belt.Stop();
    (*wait)->Stop();
    parsing.join();
  };
  absl::Status status;
  for (Parcel parcel; status.ok() && !input.stop.stop_requested() && belt.TakeAll(parcel);) {
    const auto written = writer.Write(parcel.items, options);
    status = written.status();
    if (!written.ok()) break;
    report += written->report;
    belt.Resize(NextLimit(parcel.items.size(), written->profiles_loaded));
    if (input.progress) input.progress(parcel.position, report);
  }
  std::move(join).Invoke();
  report.warnings = (*rows)->Warnings();
  if (status.ok() && input.stop.stop_requested()) {
    report.stopped = true;
    return absl::OkStatus();
  }
  if (status.ok()) status = belt.status();
  if (status.ok()) return absl::OkStatus();
  return absl::Status(status.code(),
                      fmt::format("{} ({} rows before it were applied; reading the whole file again is safe)",
                                  std::string(status.message()), report.read));
}

absl::Status CheckFile(const Schema& schema, const FileInput& input) {
  golden::SourceIndex source = 0;
  if (!ingest::FindSource(schema, input.source, source)) {
    return absl::InvalidArgumentError(fmt::format("the source `{}` is not in the schema", input.source));
  }
  std::error_code error;
  const bool is_read_once = input.path == "-" || std::filesystem::is_other(input.path, error);
  if (is_read_once) return absl::OkStatus();
  auto bytes = ingest::OpenByteSource(input.path);
  if (!bytes.ok()) return bytes.status();
  return ingest::OpenRows(schema, schema.sources[source], *std::move(bytes)).status();
}

}  // namespace kintsugi::write

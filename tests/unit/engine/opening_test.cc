// Opening: what is there is told apart, touched only if it is ours, and kept from strangers.

#include <rocksdb/db.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "format/stored.pb.h"
#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

namespace fs = std::filesystem;

// A RocksDB database, without the engine.
class Raw {
 public:
  Raw(const std::string& path, const std::vector<std::string>& families) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    for (const std::string& name : families) descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
    rocksdb::DB* db = nullptr;
    REQUIRE(rocksdb::DB::Open(options, path, descriptors, &handles_, &db).ok());
    db_.reset(db);
  }
  // One that is there.
  explicit Raw(const std::string& path) : Raw(path, FamiliesOf(path)) {}
  ~Raw() {
    for (rocksdb::ColumnFamilyHandle* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;

  stored::Meta meta() const {
    std::string row;
    stored::Meta meta;
    REQUIRE(db_->Get(rocksdb::ReadOptions(), "meta", &row).ok());
    REQUIRE(meta.ParseFromString(row));
    return meta;
  }
  void Put(const stored::Meta& meta) {
    REQUIRE(db_->Put(rocksdb::WriteOptions(), "meta", meta.SerializeAsString()).ok());
  }

  static std::vector<std::string> FamiliesOf(const std::string& path) {
    std::vector<std::string> names;
    REQUIRE(rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(), path, &names).ok());
    return names;
  }

 private:
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::unique_ptr<rocksdb::DB> db_;
};

// A directory that nobody may enter, or a file that nobody may read, as long as this lives. Root may do everything, and
// is nobody meanwhile.
class Denied {
 public:
  explicit Denied(const std::string& path) : path_(path), before_(fs::status(path).permissions()) {
    fs::permissions(path, fs::perms::none);
    if (was_root_) CHECK(::seteuid(65534) == 0);
  }
  ~Denied() {
    if (was_root_) CHECK(::seteuid(0) == 0);
    fs::permissions(path_, before_);
  }
  Denied(const Denied&) = delete;
  Denied& operator=(const Denied&) = delete;

 private:
  const std::string path_;
  const fs::perms before_;
  const bool was_root_ = ::geteuid() == 0;
};

class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  ~Umask() { ::umask(before_); }
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;

 private:
  const mode_t before_;
};

unsigned ModeOf(const fs::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

// The files below a directory that are not their owner's alone.
std::vector<std::string> OpenToOthers(const std::string& path) {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (ModeOf(entry.path()) != 0600) names.push_back(entry.path().filename().string());
  }
  return names;
}

bool Says(const absl::Status& status, const std::string& part) {
  return Contains(std::string(status.message()), part);
}

}  // namespace

TEST_CASE("a database of another format says so, and not a byte of it changes", "[opening]") {
  const TemporaryDirectory directory;
  { REQUIRE(Engine::Open({.schema = Shop()}, directory / "ours").ok()); }
  const std::vector<std::string> ours = Raw::FamiliesOf(directory / "ours");
  std::vector<std::string> more = ours;
  more.push_back("of_tomorrow");
  std::vector<std::string> fewer = ours;
  fewer.pop_back();
  for (const auto& families : {ours, more, fewer}) {
    for (const std::string marker : {"", "format 99\n"}) {
      INFO(families.size() << " families, marked: " << marker);
      const std::string path = directory / "db";
      fs::create_directory(path);
      std::ofstream(path + "/KINTSUGI") << marker;
      stored::Meta meta;
      meta.set_format(99);
      Raw(path, families).Put(meta);
      const auto before = FilesOf(path);
      for (const auto& status :
           {Engine::Open({}, path).status(), Engine::Open({.schema = Shop()}, path).status(),
            Engine::Open({.read_only = true}, path).status(), Engine::Migrate(Shop(), path).status()}) {
        INFO(status.ToString());
        CHECK(absl::IsFailedPrecondition(status));
        CHECK(Says(status, "format 99"));
        CHECK(Says(status, path));
      }
      CHECK(FilesOf(path) == before);
      fs::remove_all(path);
    }
  }
}

TEST_CASE("a database of our format with other families is not ours, and not a byte of it changes", "[opening]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "db";
  { REQUIRE(Engine::Open({.schema = Shop()}, path).ok()); }
  const stored::Meta meta = Raw(path).meta();
  std::vector<std::string> families = Raw::FamiliesOf(path);
  families.pop_back();
  const std::string other = directory / "other";
  fs::create_directory(other);
  fs::copy(path + "/KINTSUGI", other);
  Raw(other, families).Put(meta);
  const auto before = FilesOf(other);
  for (const auto& status : {Engine::Open({}, other).status(), Engine::Open({.schema = Shop()}, other).status()}) {
    INFO(status.ToString());
    CHECK(absl::IsFailedPrecondition(status));
    CHECK(Says(status, "families"));
  }
  CHECK(FilesOf(other) == before);
}

TEST_CASE("schemas are compared by what they mean, however the stored one was printed", "[opening]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "db";
  { REQUIRE(Engine::Open({.schema = Shop()}, path).ok()); }
  {
    Raw raw(path);
    stored::Meta meta = raw.meta();
    REQUIRE(meta.schema() != kShop);
    meta.set_schema(std::string("# By another printer.\nidentity { max_identifiers: 0 }\n") + kShop);
    raw.Put(meta);
  }
  {
    const auto engine = Engine::Open({.schema = Shop()}, path);
    INFO(engine.status());
    REQUIRE(engine.ok());
    REQUIRE((*engine)->Ingest(Seen("1", {{"device", "d"}}, 1)).ok());
    CHECK((*engine)->schema().ToText() == Shop().ToText());
  }
  Schema other = Shop();
  other.namespaces[2].max_per_profile = 3;
  CHECK(absl::IsFailedPrecondition(Engine::Open({.schema = other}, path).status()));
}

TEST_CASE("an empty database takes another schema, and is then one that had it from the beginning", "[opening]") {
  Schema corrected = Shop();
  corrected.sources[0].table()->key = "number";
  corrected.namespaces.insert(corrected.namespaces.begin(), Namespace{.name = "passport"});
  const TemporaryDirectory directory;
  const std::string path = directory / "db";
  { REQUIRE(Engine::Open({.schema = Shop()}, path).ok()); }
  {
    const auto engine = Engine::Open({.schema = corrected}, path);
    INFO(engine.status());
    REQUIRE(engine.ok());
    CHECK((*engine)->schema().ToText() == corrected.ToText());
  }
  // It stays.
  auto engine = Engine::Open({}, path);
  REQUIRE(engine.ok());
  CHECK((*engine)->schema().ToText() == corrected.ToText());
  REQUIRE((*engine)->Ingest(Seen("1", {{"device", "d"}, {"passport", "p"}}, 1)).ok());
  CHECK((*engine)->Verify()->empty());
  engine->reset();
  const auto refused = Engine::Open({.schema = Shop()}, path).status();
  CHECK(absl::IsFailedPrecondition(refused));
  CHECK(Says(refused, "migrate"));
}

TEST_CASE("a database that holds anything at all keeps its schema", "[opening]") {
  Schema other = Shop();
  other.namespaces[2].max_per_profile = 3;
  const Assertion decided = {.a = {"device", "a"}, .b = {"device", "b"}, .by = "ann", .because = "told"};
  const std::vector<std::string> keys = {"1"};
  const std::vector<std::pair<const char*, std::function<bool(Engine&)>>> contents = {
      {"an event",
       [](Engine& e) {
         return e.Ingest(Seen("1", {{"device", "d"}}, 1)).ok();
       }},
      {"a record", [](Engine& e) { return e.Ingest(Row("1", {}, 1)).ok(); }},
      {"a row in quarantine", [](Engine& e) { return e.Ingest(Seen("1", {}, 1))->quarantined == 1; }},
      {"an assertion", [&](Engine& e) { return e.Assert(decided).ok(); }},
      {"a withdrawal", [&](Engine& e) { return e.WithdrawRecords("crm", keys, At(5)).ok(); }},
      {"what withdrawn events leave",
       [&](Engine& e) {
         return e.Ingest(Seen("1", {{"device", "d"}}, 1)).ok() && e.WithdrawEvents("app", keys)->withdrawn == 1;
       }},
  };
  for (const auto& [name, fill] : contents) {
    INFO(name);
    const TemporaryDirectory directory;
    const std::string path = directory / "db";
    REQUIRE(fill(**Engine::Open({.schema = Shop()}, path)));
    CHECK(absl::IsFailedPrecondition(Engine::Open({.schema = other}, path).status()));
    CHECK(Engine::Open({.schema = Shop()}, path).ok());
  }
}

TEST_CASE("what may not be read or written is permission denied, and says what and what to do", "[opening]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "clock";  // there is a lock in it
  { REQUIRE(Engine::Open({.schema = Shop()}, path).ok()); }
  for (const std::string name : {"", "/KINTSUGI", "/LOCK", "/CURRENT"}) {
    for (const bool read_only : {false, true}) {
      INFO(name << (read_only ? " to read" : " to write"));
      // A reader takes no lock; and who owns it gives the right back.
      if (name == "/LOCK" && (read_only || ::geteuid() != 0)) continue;
      absl::Status status;
      {
        const Denied denied(path + name);
        status = Engine::Open({.read_only = read_only}, path).status();
      }
      INFO(status.ToString());
      CHECK(absl::IsPermissionDenied(status));
      CHECK(Says(status, path));
      CHECK_FALSE(Says(status, "another process"));
    }
  }
  CHECK(Engine::Open({}, path).ok());
}

TEST_CASE("a database that is open says so to whoever else would write it", "[opening]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "db";
  auto engine = Engine::Open({.schema = Shop()}, path);
  REQUIRE(engine.ok());
  const auto refused = Engine::Open({}, path).status();
  CHECK(absl::IsUnavailable(refused));
  CHECK(Says(refused, "has the database open"));
  CHECK(Engine::Open({.read_only = true}, path).ok());
  // A process that was forked meanwhile does not keep it open.
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    char byte;
    ::_exit(::read(ends[0], &byte, 1) == 1 ? 0 : 1);
  }
  engine->reset();
  const auto again = Engine::Open({}, path).status();
  CHECK(again.ok());
  REQUIRE(::write(ends[1], "x", 1) == 1);
  int result = -1;
  CHECK(::waitpid(child, &result, 0) == child);
  CHECK(result == 0);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("directory and files are their owner's alone, whatever the umask", "[opening]") {
  for (const mode_t mask : {mode_t{0}, mode_t{022}, mode_t{0377}}) {
    INFO(mask);
    const TemporaryDirectory directory;
    const std::string path = directory / "db";
    const Umask umask(mask);
    {
      const auto engine = Engine::Open({.schema = Shop()}, path);
      INFO(engine.status());
      REQUIRE(engine.ok());
      REQUIRE((*engine)->Ingest(Seen("1", {{"device", "d"}}, 1), {.durability = Durability::kLosesOnAnyCrash}).ok());
      REQUIRE((*engine)->Flush().ok());  // into tables
      CHECK(OpenToOthers(path) == kNone);
    }
    CHECK(ModeOf(path) == 0700);
    REQUIRE(Engine::Migrate(Shop(), path).ok());
    CHECK(ModeOf(path) == 0700);
    REQUIRE(Engine::Open({}, path).ok());
    CHECK(OpenToOthers(path) == kNone);
  }
}

TEST_CASE("a directory that was there keeps its mode, and files that others could read are theirs no more",
          "[opening]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "db";
  fs::create_directory(path);
  ::chmod(path.c_str(), 0755);
  { REQUIRE(Engine::Open({.schema = Shop()}, path).ok()); }
  CHECK(ModeOf(path) == 0755);
  CHECK(OpenToOthers(path) == kNone);
  for (const auto& entry : fs::directory_iterator(path)) ::chmod(entry.path().c_str(), 0644);
  { REQUIRE(Engine::Open({.read_only = true}, path).ok()); }
  CHECK_FALSE(OpenToOthers(path).empty());  // who only reads leaves all as it is
  { REQUIRE(Engine::Open({}, path).ok()); }
  CHECK(ModeOf(path) == 0755);
  CHECK(OpenToOthers(path) == kNone);
}

}  // namespace kintsugi::testing

// Another embedded database, with SQL: two tables, joined. Survives what the library survives by default.

#include <sqlite3.h>

#include <algorithm>
#include <string>
#include <vector>

#include "bench/directory.h"
#include "bench/workload/memory.h"
#include "bench/workload/targets.h"
#include "bench/workload/value.h"

namespace kintsugi::bench {
namespace {

class Statement {
 public:
  Statement(sqlite3* db, const char* sql) : db_(db) {
    Check(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr) == SQLITE_OK,
          sqlite3_errmsg(db));
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // The bytes must live until Reset().
  void Bind(int at, std::string_view bytes) {
    sqlite3_bind_blob(statement_, at, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
  }
  void Bind(int at, uint64_t number) { sqlite3_bind_int64(statement_, at, static_cast<int64_t>(number)); }

  // True if there is a row. Its bytes are valid until Reset().
  bool Step() {
    const int code = sqlite3_step(statement_);
    Check(code == SQLITE_ROW || code == SQLITE_DONE, sqlite3_errmsg(db_));
    return code == SQLITE_ROW;
  }
  std::string_view Bytes() const {
    const void* bytes = sqlite3_column_blob(statement_, 0);
    return {static_cast<const char*>(bytes), static_cast<size_t>(sqlite3_column_bytes(statement_, 0))};
  }
  void Reset() { sqlite3_reset(statement_); }

  void Run() {
    Step();
    Reset();
  }

 private:
  sqlite3* db_;
  sqlite3_stmt* statement_ = nullptr;
};

// A connection: one per thread, which is the way that SQLite recommends.
class Connection {
 public:
  explicit Connection(const std::string& path) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    Check(sqlite3_open_v2(path.c_str(), &db_, flags, nullptr) == SQLITE_OK, "SQLite cannot open " + path);
    sqlite3_busy_timeout(db_, 60'000);
    // The cache is as large as the library's default; files are mapped, which saves copying pages into it.
    Run("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-262144; PRAGMA mmap_size=68719476736");
  }
  ~Connection() { sqlite3_close(db_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  sqlite3* get() const { return db_; }
  void Run(const char* sql) {
    Check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK, sqlite3_errmsg(db_));
  }

 private:
  sqlite3* db_ = nullptr;
};

class SqliteSession : public Session {
 public:
  explicit SqliteSession(const std::string& path) : connection_(path) {}

  void LookUp(std::span<const Operation> operations) override {
    for (const Operation& operation : operations) {
      find_.Bind(1, ToView(operation.probe.key));
      Check(find_.Step(), "an identifier was not found");
      Read(find_.Bytes());
      find_.Reset();
    }
  }

  void Apply(const Operation& operation) override {
    change_.Bind(1, ToView(operation.probe.key));
    change_.Bind(2, bytes_.For(operation));
    change_.Run();
  }

 private:
  Connection connection_;
  Statement find_{connection_.get(),
                  "SELECT p.bytes FROM identifiers i JOIN profiles p ON p.id = i.profile WHERE i.key = ?1"};
  Statement change_{connection_.get(),
                    "UPDATE profiles SET bytes = ?2 WHERE id = (SELECT profile FROM identifiers WHERE key = ?1)"};
  EventBytes bytes_;
};

class Sqlite : public Target {
 public:
  Sqlite() {
    connection_.Run(
        "CREATE TABLE identifiers (key BLOB PRIMARY KEY, profile INTEGER NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE profiles (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)");
  }

  // Identifiers in order of key, which is quickest.
  void Load(uint64_t begin, uint64_t end) override {
    std::vector<std::pair<Key, uint64_t>> identifiers;
    connection_.Run("BEGIN");
    Statement profile_row(connection_.get(), "INSERT INTO profiles VALUES (?1, ?2)");
    for (uint64_t profile = begin; profile < end; ++profile) {
      const std::string bytes = ProfileBytes(profile);
      profile_row.Bind(1, profile);
      profile_row.Bind(2, bytes);
      profile_row.Run();
      for (size_t i = 0; i < kIdentifiersPerProfile; ++i) {
        identifiers.emplace_back(KeyOf(profile * kIdentifiersPerProfile + i), profile);
      }
    }
    std::sort(identifiers.begin(), identifiers.end());
    Statement identifier_row(connection_.get(), "INSERT INTO identifiers VALUES (?1, ?2)");
    for (const auto& [key, profile] : identifiers) {
      identifier_row.Bind(1, ToView(key));
      identifier_row.Bind(2, profile);
      identifier_row.Run();
    }
    connection_.Run("COMMIT");
  }

  void Settle() override { connection_.Run("PRAGMA wal_checkpoint(TRUNCATE)"); }
  std::unique_ptr<Session> NewSession() override { return std::make_unique<SqliteSession>(path_); }
  std::optional<uint64_t> DiskBytes() override { return BytesBelow(directory_.path()); }

 private:
  Directory directory_;
  const std::string path_ = directory_.path() + "/people.db";
  Connection connection_{path_};
};

}  // namespace

std::unique_ptr<Target> NewSqlite(const Servers&) {
  return std::make_unique<Sqlite>();
}

}  // namespace kintsugi::bench

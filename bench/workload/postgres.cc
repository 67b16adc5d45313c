// A database in another process, asked in SQL: two tables, joined by a prepared statement.

#include <arpa/inet.h>
#include <fmt/format.h>
#include <libpq-fe.h>

#include <array>
#include <cstdlib>
#include <string>

#include "bench/workload/memory.h"
#include "bench/workload/targets.h"
#include "bench/workload/value.h"

namespace kintsugi::bench {
namespace {

// What the server said. Its bytes live as long as it does.
class Result {
 public:
  Result(PGconn* connection, PGresult* result, ExecStatusType expected) : result_(result) {
    Check(PQresultStatus(result_) == expected, fmt::format("postgres: {}", PQerrorMessage(connection)));
  }
  ~Result() { PQclear(result_); }
  Result(const Result&) = delete;
  Result& operator=(const Result&) = delete;

  // Of the first column of the first row; empty if there is none.
  std::string_view bytes() const {
    if (PQntuples(result_) == 0) return {};
    return {PQgetvalue(result_, 0, 0), static_cast<size_t>(PQgetlength(result_, 0, 0))};
  }
  // Of an UPDATE.
  std::string_view changed_rows() const { return PQcmdTuples(result_); }

 private:
  PGresult* result_;
};

class Connection {
 public:
  explicit Connection(const std::string& where) : connection_(PQconnectdb(where.c_str())) {
    Check(PQstatus(connection_) == CONNECTION_OK, fmt::format("postgres: {}", PQerrorMessage(connection_)));
  }
  ~Connection() { PQfinish(connection_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  PGconn* get() const { return connection_; }

  void Run(const char* sql) { Result(connection_, PQexec(connection_, sql), PGRES_COMMAND_OK); }
  std::string Ask(const char* sql) {
    return std::string(Result(connection_, PQexec(connection_, sql), PGRES_TUPLES_OK).bytes());
  }
  void Prepare(const char* name, const char* sql) {
    Result(connection_, PQprepare(connection_, name, sql, 0, nullptr), PGRES_COMMAND_OK);
  }

  // Arguments and result are bytes as they are, not text.
  template <size_t kArguments>
  Result RunPrepared(const char* name, const std::array<std::string_view, kArguments>& arguments,
                     ExecStatusType expected) {
    std::array<const char*, kArguments> data;
    std::array<int, kArguments> sizes;
    std::array<int, kArguments> binary;
    for (size_t i = 0; i < kArguments; ++i) {
      data[i] = arguments[i].data();
      sizes[i] = static_cast<int>(arguments[i].size());
      binary[i] = 1;
    }
    PGresult* result =
        PQexecPrepared(connection_, name, kArguments, data.data(), sizes.data(), binary.data(), /*resultFormat=*/1);
    return Result(connection_, result, expected);
  }

  // Rows in COPY's text format, from `append(profile, out)`.
  void Copy(const char* sql, uint64_t begin, uint64_t end, auto&& append) {
    Result(connection_, PQexec(connection_, sql), PGRES_COPY_IN);
    std::string rows;
    const auto send = [&] {
      Check(PQputCopyData(connection_, rows.data(), static_cast<int>(rows.size())) == 1, PQerrorMessage(connection_));
      rows.clear();
    };
    for (uint64_t profile = begin; profile < end; ++profile) {
      append(profile, rows);
      if (rows.size() > (1 << 16)) send();
    }
    send();
    Check(PQputCopyEnd(connection_, nullptr) == 1, PQerrorMessage(connection_));
    Result(connection_, PQgetResult(connection_), PGRES_COMMAND_OK);
    while (PGresult* rest = PQgetResult(connection_)) PQclear(rest);
  }

 private:
  PGconn* const connection_;
};

class PostgresSession : public Session {
 public:
  explicit PostgresSession(const std::string& where) : connection_(where) {
    connection_.Run("SET synchronous_commit = off");
    connection_.Prepare("find",
                        "SELECT p.bytes FROM kintsugi_bench.identifiers i JOIN kintsugi_bench.profiles p"
                        " ON p.id = i.profile WHERE i.key = $1");
    connection_.Prepare("change",
                        "UPDATE kintsugi_bench.profiles SET bytes = $2"
                        " WHERE id = (SELECT profile FROM kintsugi_bench.identifiers WHERE key = $1)");
  }

  void LookUp(std::span<const Operation> operations) override {
    for (const Operation& operation : operations) {
      const std::array<std::string_view, 1> arguments = {ToView(operation.probe.key)};
      Read(connection_.RunPrepared("find", arguments, PGRES_TUPLES_OK).bytes());
    }
  }

  void Apply(const Operation& operation) override {
    const std::array<std::string_view, 2> arguments = {ToView(operation.probe.key), bytes_.For(operation)};
    const Result result = connection_.RunPrepared("change", arguments, PGRES_COMMAND_OK);
    Check(result.changed_rows() == "1", "an identifier was not found");
  }

 private:
  Connection connection_;
  EventBytes bytes_;
};

class Postgres : public Target {
 public:
  explicit Postgres(const Servers& servers) : where_(servers.postgres) {
    connection_.Run("CREATE SCHEMA kintsugi_bench");  // fails if another run is using it
    connection_.Run(
        R"(CREATE TABLE kintsugi_bench.identifiers (key text COLLATE "C" PRIMARY KEY, profile bigint NOT NULL);)"
        R"(CREATE TABLE kintsugi_bench.profiles (id bigint PRIMARY KEY, bytes bytea NOT NULL))");
  }
  ~Postgres() override { connection_.Run("SET client_min_messages = error; DROP SCHEMA kintsugi_bench CASCADE"); }

  void Load(uint64_t begin, uint64_t end) override {
    connection_.Copy("COPY kintsugi_bench.profiles FROM STDIN", begin, end, [](uint64_t profile, std::string& rows) {
      fmt::format_to(std::back_inserter(rows), "{}\t{}\n", profile, ProfileBytes(profile));
    });
    connection_.Copy("COPY kintsugi_bench.identifiers FROM STDIN", begin, end, [](uint64_t profile, std::string& rows) {
      for (size_t i = 0; i < kIdentifiersPerProfile; ++i) {
        fmt::format_to(std::back_inserter(rows), "{}\t{}\n", ToView(KeyOf(profile * kIdentifiersPerProfile + i)),
                       profile);
      }
    });
  }

  void Settle() override {
    connection_.Run("VACUUM (ANALYZE) kintsugi_bench.identifiers");
    connection_.Run("VACUUM (ANALYZE) kintsugi_bench.profiles");
    connection_.Run("CHECKPOINT");
  }

  std::unique_ptr<Session> NewSession() override { return std::make_unique<PostgresSession>(where_); }

  // Without its log, of which the server keeps as much as it is set to.
  std::optional<uint64_t> DiskBytes() override {
    const std::string bytes = connection_.Ask(
        "SELECT pg_total_relation_size('kintsugi_bench.identifiers') + "
        "pg_total_relation_size('kintsugi_bench.profiles')");
    return std::strtoull(bytes.c_str(), nullptr, 10);
  }

  // All of the server's processes, now: the most that each has held would count their shared memory many times.
  std::optional<uint64_t> MemoryBytes() override { return FamilyMemoryBytes(PQbackendPID(connection_.get())); }

 private:
  const std::string where_;
  Connection connection_{where_};
};

}  // namespace

std::unique_ptr<Target> NewPostgres(const Servers& servers) {
  return std::make_unique<Postgres>(servers);
}

}  // namespace kintsugi::bench

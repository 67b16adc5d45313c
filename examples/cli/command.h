// What the commands of `kintsugi` share: exit codes, options that many have, and output.

#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kintsugi/engine.h"

namespace kintsugi::cli {

enum ExitCode { kDone = 0, kFailed = 1, kUsage = 2, kNotFound = 3 };

// Says on standard error, in one line, what went wrong.
ExitCode Fail(const absl::Status& status);
// The same for what was wrong with the command line itself.
ExitCode Misused(const std::string& message);

// Opens an existing database.
absl::StatusOr<std::unique_ptr<Engine>> OpenExisting(const std::string& db);

// One line on standard output, buffered. False if nobody reads it any more.
bool PrintLine(std::string_view line);
// Writes out what is buffered; kFailed if that did not work (a full disk, a closed pipe).
ExitCode Finish(ExitCode code);

// A JSON object that is written member by member.
class JsonObject {
 public:
  JsonObject& Add(std::string_view name, const Value& value) { return AddJson(name, ToJson(value)); }
  JsonObject& AddCount(std::string_view name, uint64_t count) { return Add(name, static_cast<int64_t>(count)); }
  JsonObject& AddJson(std::string_view name, std::string_view json) {
    text_ += text_.size() > 1 ? "," : "";
    text_ += ToJson(Value(std::string(name)));
    text_ += ':';
    text_ += json;
    return *this;
  }
  std::string Done() const { return text_ + '}'; }

 private:
  std::string text_ = "{";
};

// One struct per command: its options, and what it does.
struct IngestCommand {
  std::string db;
  std::string schema;
  std::string source;
  std::vector<std::string> files;
  bool bulk = false;
  bool strict = false;
  bool quiet = false;
  ExitCode Run() const;

 private:
  absl::Status CheckInput(const Options& options) const;
};

struct GetCommand {
  std::string db;
  std::string identifier;
  ExitCode Run() const;
};

struct ClustersCommand {
  std::string db;
  ExitCode Run() const;
};

struct ProfilesCommand {
  std::string db;
  ExitCode Run() const;
};

struct EvaluateCommand {
  std::string db;
  std::string truth;
  ExitCode Run() const;
};

struct QuarantineCommand {
  std::string db;
  bool replay = false;
  ExitCode Run() const;
};

struct StatsCommand {
  std::string db;
  bool human = false;
  ExitCode Run() const;
};

struct VerifyCommand {
  std::string db;
  bool quiet = false;
  ExitCode Run() const;
};

}  // namespace kintsugi::cli

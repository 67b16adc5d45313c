// What the commands of `kintsugi` share: exit codes, options that many have, and output.

#pragma once

#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kintsugi/engine.h"

namespace kintsugi::cli {

enum ExitCode { kDone = 0, kFailed = 1, kUsage = 2, kNotFound = 3, kInterrupted = 130 };

// Says on standard error, in one line, what went wrong. Control characters are escaped here and in what follows, for
// messages quote what files hold.
ExitCode Fail(const absl::Status& status);
// The same for what was wrong with the command line itself.
ExitCode Misused(const std::string& message);
ExitCode Misused(const absl::Status& status);
// Says on standard error, in one line, what is worth knowing besides the data.
void Say(const std::string& message);

// Opens an existing database.
absl::StatusOr<std::unique_ptr<Engine>> OpenExisting(const std::string& db);
// The same for a command that only reads; also while another process writes it.
absl::StatusOr<std::unique_ptr<Engine>> OpenToRead(const std::string& db);
// The same for one that goes on reading what is written meanwhile, so that it keeps nobody from writing.
absl::StatusOr<std::unique_ptr<Engine>> OpenToFollow(const std::string& db);
// What the engine has to say of its database. Finding that out takes longer than a look-up: only commands that write,
// or are about the database itself, say it.
void SayNotices(const Engine& engine);
// Reads a schema; a missing file is a failure, not a thing that was looked up and not found.
absl::StatusOr<Schema> LoadSchema(const std::string& path);
// The source of this name. The error lists those that there are.
absl::StatusOr<const Source*> FindSource(const Schema& schema, const std::string& name);

// Arguments of the form NS:VALUE. An error is wrong usage.
absl::StatusOr<Identifier> ParseIdentifier(const std::string& text);
absl::StatusOr<std::pair<Identifier, Identifier>> ParsePair(const std::string& a, const std::string& b);

// The time that an option tells; nothing if it was not given. An error is wrong usage.
absl::StatusOr<std::optional<Time>> ParseTimeOption(std::string_view option, const std::string& text);

// What a command is asked about: an identifier, or (profile:ID) the profile of an id.
struct Subject {
  Identifier identifier;
  std::optional<ProfileId> id;
};
absl::StatusOr<Subject> ParseSubject(const std::string& text);
// An identifier of the subject: its own, or if it is an id, one of the profile that has it, or had.
absl::StatusOr<Identifier> IdentifierOf(const Engine& engine, const Subject& subject, std::optional<Time> as_of = {});
// The golden record. If the subject is a former id it says so.
absl::StatusOr<Profile> Find(const Engine& engine, const Subject& subject);
// That of then, if a time is given.
absl::StatusOr<Profile> Find(const Engine& engine, const Subject& subject, std::optional<Time> as_of);
// The same error; but "nobody has it" says of an identifier that nobody can have why that is.
absl::Status Explained(const Engine& engine, const absl::Status& status, const std::vector<Identifier>& asked);

// "SAME" or "NEVER".
std::string_view ToString(Assertion::Kind kind);

// Visits the lines of a file, or of standard input (`-`), without their ends, until `visit` fails.
absl::Status ForEachLine(const std::string& path, const std::function<absl::Status(std::string_view)>& visit);

// One line on standard output, buffered. False if nobody reads it any more.
bool PrintLine(std::string_view line);
// Writes out what is buffered; kFailed if that did not work (a full disk, a closed pipe).
ExitCode Finish(ExitCode code);

// A JSON object that is written member by member.
class JsonObject {
 public:
  JsonObject& Add(std::string_view name, const Value& value) { return AddJson(name, ToJson(value)); }
  JsonObject& AddCount(std::string_view name, uint64_t count) { return Add(name, static_cast<int64_t>(count)); }
  JsonObject& AddTime(std::string_view name, std::optional<Time> time) {
    return time ? Add(name, FormatTime(time)) : Add(name, Null());
  }
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

// A JSON array of what `to_json` makes of each item.
template <typename Items, typename F>
std::string JsonArray(const Items& items, F to_json) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ",") + to_json(item);
  return '[' + text + ']';
}

// One struct per command: its options, and what it does.
struct IngestCommand {
  std::string db;
  std::string schema;
  std::string source;
  std::vector<std::string> files;
  std::string extracted_at;
  std::optional<std::string> now;
  bool bulk = false;
  bool strict = false;
  bool quiet = false;
  ExitCode Run() const;

 private:
  absl::Status CheckInput(const Options& options) const;
  absl::Status IngestFiles(Engine& engine, std::stop_token stop, IngestReport& report, std::string& stopped_in) const;
  absl::Status Advance(Engine& engine) const;
  void Tell(const IngestReport& report) const;
};

struct GetCommand {
  std::string db;
  std::string identifier;
  std::string as_of;
  ExitCode Run() const;
};

struct ClustersCommand {
  std::string db;
  ExitCode Run() const;
};

struct ProfilesCommand {
  std::string db;
  std::string as_of;
  ExitCode Run() const;
};

struct SegmentsCommand {
  std::string db;
  ExitCode Run() const;
};

struct MembersCommand {
  std::string db;
  std::string segment;
  ExitCode Run() const;
};

struct ExportCommand {
  std::string db;
  std::string labels;
  std::string as = "csv";
  ExitCode Run() const;
};

struct TimelineCommand {
  std::string db;
  std::string subject;
  std::string from;
  std::string to;
  std::string as_of;
  TimelineQuery query;
  ExitCode Run() const;
};

struct VisitsCommand {
  std::string db;
  std::string subject;
  size_t limit = 100;
  ExitCode Run() const;
};

struct ShowCommand {
  std::string db;
  std::string subject;
  size_t items = 10;
  size_t width = 0;  // 0: that of the terminal
  ExitCode Run() const;
};

struct ChangesCommand {
  std::string db;
  std::optional<uint64_t> after;
  std::vector<std::string> kinds;
  std::string consumer;
  bool follow = false;
  bool snapshot = false;
  ExitCode Run() const;
};

struct AdvanceCommand {
  std::string db;
  std::string now;
  ExitCode Run() const;
};

struct WhyCommand {
  std::string db;
  std::string a;
  std::string b;
  std::string as_of;
  bool json = false;
  ExitCode Run() const;
};

struct HowCommand {
  std::string db;
  std::string subject;
  bool json = false;
  ExitCode Run() const;
};

struct HistoryCommand {
  std::string db;
  std::string subject;
  bool json = false;
  ExitCode Run() const;
};

// `same` and `never`.
struct AssertCommand {
  Assertion::Kind kind = Assertion::Kind::kSame;
  std::string db;
  std::string a;
  std::string b;
  std::string by;
  std::string because;
  ExitCode Run() const;
};

struct RetractCommand {
  std::string db;
  std::vector<std::string> what;  // an assertion's id, or two identifiers
  std::string by;
  std::string because;
  ExitCode Run() const;
};

struct AssertionsCommand {
  std::string db;
  std::string import;
  ExitCode Run() const;
};

struct DeleteCommand {
  std::string db;
  std::string source;
  std::string version;
  std::vector<std::string> keys;
  bool all = false;
  bool readmit = false;
  ExitCode Run() const;

 private:
  absl::Status CheckUsage() const;
  absl::Status CheckKindOf(const Source& declared) const;
  absl::StatusOr<WithdrawReport> WithdrawKeys(Engine& engine, const Source& declared) const;
};

struct SimulateCommand {
  std::string db;
  std::string schema;
  bool human = false;
  ExitCode Run() const;
};

struct MigrateCommand {
  std::string db;
  std::string schema;
  ExitCode Run() const;
};

struct EvaluateCommand {
  std::string db;
  std::string truth;
  ExitCode Run() const;
};

struct QuarantineCommand {
  std::string db;
  std::string source;
  std::string file;
  bool replay = false;
  bool discard = false;
  ExitCode Run() const;

 private:
  ExitCode Replay() const;
  ExitCode Discard() const;
  ExitCode PrintRows() const;
};

struct StatsCommand {
  std::string db;
  bool human = false;
  bool identity = false;
  size_t most = 10;
  ExitCode Run() const;
};

struct VerifyCommand {
  std::string db;
  bool quiet = false;
  ExitCode Run() const;
};

}  // namespace kintsugi::cli

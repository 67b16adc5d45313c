#include "command.h"

#include <fmt/format.h>

#include <fstream>
#include <iostream>

#include "text.h"

namespace kintsugi::cli {

namespace {

// Two bytes of UTF-8 make a control character of the second set (U+0080 to U+009F), which terminals obey too.
bool IsControlPair(unsigned char first, unsigned char second) {
  return first == 0xC2 && second >= 0x80 && second < 0xA0;
}

std::string Printable(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (IsControlPair(c, next)) {
      out += fmt::format("\\u{:04x}", next);
      ++i;
    } else if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) {
      out += fmt::format("\\u{:04x}", c);
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

ExitCode Fail(const absl::Status& status) {
  std::fflush(stdout);
  fmt::print(stderr, "kintsugi: {}\n", Printable(std::string(status.message())));
  return absl::IsNotFound(status) ? kNotFound : kFailed;
}

ExitCode Misused(const std::string& message) {
  fmt::print(stderr, "kintsugi: {}\n", Printable(message));
  return kUsage;
}

ExitCode Misused(const absl::Status& status) {
  return Misused(std::string(status.message()));
}

void Say(const std::string& message) {
  std::fflush(stdout);
  fmt::print(stderr, "kintsugi: {}\n", Printable(message));
}

namespace {

absl::StatusOr<std::unique_ptr<Engine>> Open(const std::string& db, bool read_only) {
  // A command asks once, so there is nothing to keep in memory.
  auto engine = Engine::Open({.create_if_missing = false, .read_only = read_only, .profile_cache_bytes = 0}, db);
  // A missing database is a failure; "not found" is for what is looked up in one.
  if (absl::IsNotFound(engine.status())) {
    return absl::FailedPreconditionError(std::string(engine.status().message()) + "; `kintsugi ingest` creates one");
  }
  return engine;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> OpenExisting(const std::string& db) {
  auto engine = Open(db, false);
  if (engine.ok()) SayNotices(**engine);
  return engine;
}

void SayNotices(const Engine& engine) {
  for (const std::string& notice : engine.notices()) Say(notice);
}

absl::StatusOr<std::unique_ptr<Engine>> OpenToRead(const std::string& db) {
  auto engine = Open(db, false);
  // Whoever writes it may go on: what is written by now can be read.
  return absl::IsUnavailable(engine.status()) || absl::IsPermissionDenied(engine.status()) ? Open(db, true)
                                                                                           : std::move(engine);
}

absl::StatusOr<std::unique_ptr<Engine>> OpenToFollow(const std::string& db) {
  return Open(db, true);
}

absl::StatusOr<Schema> LoadSchema(const std::string& path) {
  auto schema = Schema::Load(path);
  if (!schema.ok()) return absl::InvalidArgumentError(std::string(schema.status().message()));
  return schema;
}

absl::StatusOr<const Source*> FindSource(const Schema& schema, const std::string& name) {
  std::string declared;
  for (const Source& source : schema.sources) {
    if (source.name == name) return &source;
    declared += (declared.empty() ? "" : ", ") + source.name;
  }
  return absl::InvalidArgumentError(fmt::format("there is no source `{}`; the schema declares: {}", name, declared));
}

absl::StatusOr<Identifier> ParseIdentifier(const std::string& text) {
  auto identifier = Identifier::Parse(text);
  if (!identifier) return absl::InvalidArgumentError(fmt::format("`{}` is not of the form NAMESPACE:VALUE", text));
  return *std::move(identifier);
}

absl::StatusOr<std::pair<Identifier, Identifier>> ParsePair(const std::string& a, const std::string& b) {
  auto first = ParseIdentifier(a);
  if (!first.ok()) return first.status();
  auto second = ParseIdentifier(b);
  if (!second.ok()) return second.status();
  return std::pair(*std::move(first), *std::move(second));
}

absl::StatusOr<std::optional<Time>> ParseTimeOption(std::string_view option, const std::string& text) {
  if (text.empty()) return std::nullopt;
  if (const auto time = ParseTime(text)) return time;
  return absl::InvalidArgumentError(fmt::format("{} `{}` is not a time; write {}", option, OneLine(text), kTimeForms));
}

absl::StatusOr<Subject> ParseSubject(const std::string& text) {
  auto identifier = ParseIdentifier(text);
  if (!identifier.ok()) return identifier.status();
  if (identifier->ns != "profile") return Subject{*std::move(identifier), std::nullopt};
  const auto id = ProfileId::Parse(identifier->value);
  if (!id) return absl::InvalidArgumentError(fmt::format("`{}` is not a profile id: 32 hex digits", identifier->value));
  return Subject{*std::move(identifier), id};
}

absl::StatusOr<Profile> Find(const Engine& engine, const Subject& subject) {
  if (!subject.id) {
    auto profile = engine.Lookup(subject.identifier);
    if (!absl::IsNotFound(profile.status())) return profile;
    const auto nobody = absl::NotFoundError(fmt::format("nobody has {}", subject.identifier.ToString()));
    return Explained(engine, nobody, {subject.identifier});
  }
  auto profile = engine.Lookup(*subject.id);
  if (profile.ok() && profile->id() != *subject.id) {
    Say(fmt::format("{} is a former id; its anchor is in {} now", subject.id->ToString(), profile->id().ToString()));
  }
  return profile;
}

absl::StatusOr<Profile> Find(const Engine& engine, const Subject& subject, std::optional<Time> as_of) {
  if (!as_of) return Find(engine, subject);
  if (subject.id) return engine.LookupAsOf(*subject.id, *as_of);
  auto profile = engine.LookupAsOf(subject.identifier, *as_of);
  if (profile.ok()) return profile;
  return Explained(engine, profile.status(), {subject.identifier});
}

absl::StatusOr<Identifier> IdentifierOf(const Engine& engine, const Subject& subject, std::optional<Time> as_of) {
  if (!subject.id) return subject.identifier;
  const auto profile = Find(engine, subject, as_of);
  if (!profile.ok()) return profile.status();
  return ToIdentifier(profile->identifiers().front());
}

absl::Status Explained(const Engine& engine, const absl::Status& status, const std::vector<Identifier>& asked) {
  if (!absl::IsNotFound(status)) return status;
  for (const Identifier& identifier : asked) {
    const auto normal = engine.Normalize(identifier);
    if (!normal.ok()) return absl::NotFoundError(std::string(normal.status().message()) + ", so nobody has it");
  }
  return status;
}

absl::Status ForEachLine(const std::string& path, const std::function<absl::Status(std::string_view)>& visit) {
  std::ifstream file;
  if (path != "-") file.open(path);
  std::istream& in = path == "-" ? std::cin : file;
  if (!in) return absl::FailedPreconditionError(fmt::format("{}: cannot be opened", path));
  for (std::string line; std::getline(in, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (auto status = visit(line); !status.ok()) return status;
  }
  return in.bad() ? absl::DataLossError(fmt::format("{}: reading broke off", path)) : absl::OkStatus();
}

bool PrintLine(std::string_view line) {
  return std::fwrite(line.data(), 1, line.size(), stdout) == line.size() && std::putc('\n', stdout) != EOF;
}

ExitCode Finish(ExitCode code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  fmt::print(stderr, "kintsugi: standard output cannot be written\n");
  return kFailed;
}

}  // namespace kintsugi::cli

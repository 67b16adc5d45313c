// kintsugi assertions

#include <fmt/format.h>

#include <map>

#include "command.h"
#include "simdjson.h"

namespace kintsugi::cli {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

std::string ToJson(const Retraction& retraction) {
  return JsonObject()
      .Add("by", retraction.by)
      .Add("because", retraction.because)
      .AddTime("time", retraction.time)
      .Done();
}

std::string ToJson(const KeptAssertion& kept) {
  const Assertion& assertion = kept.assertion;
  return JsonObject()
      .Add("id", assertion.id)
      .Add("kind", std::string(ToString(assertion.kind)))
      .Add("a", assertion.a.ToString())
      .Add("b", assertion.b.ToString())
      .Add("by", assertion.by)
      .Add("because", assertion.because)
      .AddTime("time", assertion.time)
      .AddJson("retracted", kept.retracted ? ToJson(kept.retraction) : "null")
      .Done();
}

// Reads the members of an object. The first thing that is wrong is kept, so that one look at the end is enough.
class Members {
 public:
  explicit Members(object members) : members_(members) {}

  const absl::Status& status() const { return status_; }

  // A string; empty if it is missing or null.
  std::string Text(const char* name) {
    std::string_view text;
    element found;
    if (!Has(name, found)) return "";
    if (found.get(text) != simdjson::SUCCESS) Refuse(fmt::format("`{}` is not a string", name));
    return std::string(text);
  }

  Identifier Name(const char* name) {
    const auto identifier = ParseIdentifier(Text(name));
    if (!identifier.ok()) Refuse(fmt::format("`{}`: {}", name, std::string(identifier.status().message())));
    return identifier.ok() ? *identifier : Identifier();
  }

  Assertion::Kind Kind(const char* name) {
    const std::string text = Text(name);
    for (const auto kind : {Assertion::Kind::kSame, Assertion::Kind::kNever}) {
      if (text == ToString(kind)) return kind;
    }
    Refuse(fmt::format("`{}` is `{}`; it must be SAME or NEVER", name, text));
    return Assertion::Kind::kSame;
  }

  // Nothing if it is missing or null.
  std::optional<Time> Instant(const char* name) {
    const std::string text = Text(name);
    if (text.empty()) return std::nullopt;
    const auto time = ParseTime(text);
    if (!time)
      Refuse(fmt::format("`{}`: `{}` is not RFC 3339 within years 1 to 9999: write {}", name, text, kTimeForms));
    return time;
  }

  // A member that is an object; nothing if it is missing or null.
  std::optional<Members> Inner(const char* name) {
    object inner;
    element found;
    if (!Has(name, found)) return std::nullopt;
    if (found.get(inner) == simdjson::SUCCESS) return Members(inner);
    Refuse(fmt::format("`{}` is not an object", name));
    return std::nullopt;
  }

  void Refuse(const std::string& reason) {
    if (status_.ok()) status_ = absl::InvalidArgumentError(reason);
  }

 private:
  bool Has(const char* name, element& found) {
    return members_.at_key(name).get(found) == simdjson::SUCCESS && !found.is_null();
  }

  object members_;
  absl::Status status_;
};

absl::StatusOr<KeptAssertion> Read(Members members) {
  KeptAssertion kept;
  kept.assertion = {.id = members.Text("id"),
                    .kind = members.Kind("kind"),
                    .a = members.Name("a"),
                    .b = members.Name("b"),
                    .by = members.Text("by"),
                    .because = members.Text("because"),
                    .time = members.Instant("time")};
  if (auto retracted = members.Inner("retracted")) {
    kept.retracted = true;
    kept.retraction.by = retracted->Text("by");
    kept.retraction.because = retracted->Text("because");
    kept.retraction.time = retracted->Instant("time");
    if (!retracted->status().ok()) return retracted->status();
  }
  if (!members.status().ok()) return members.status();
  return kept;
}

// Takes lines of assertions into a database that may know some of them.
class Importer {
 public:
  Importer(Engine& engine, std::string file) : engine_(engine), file_(std::move(file)) {}

  absl::Status LoadKnown() {
    return engine_.ForEachAssertion([this](const KeptAssertion& kept) {
      retracted_[kept.assertion.id] = kept.retracted;
      return true;
    });
  }

  // Fails only if going on makes no sense. A line that is refused is told on standard error, and counted.
  absl::Status Take(std::string_view line) {
    ++line_;
    if (line.find_first_not_of(" \t") == std::string_view::npos) return absl::OkStatus();
    ++read_;
    const absl::Status status = Apply(line);
    if (!absl::IsInvalidArgument(status) && !absl::IsAlreadyExists(status)) return status;
    ++refused_;
    Say(fmt::format("{}, line {}: {}", file_, line_, std::string(status.message())));
    return absl::OkStatus();
  }

  bool refused_any() const { return refused_ > 0; }

  std::string ToJson() const {
    return JsonObject()
        .AddCount("read", read_)
        .AddCount("accepted", accepted_)
        .AddCount("known", known_)
        .AddCount("refused", refused_)
        .Done();
  }

 private:
  absl::Status Apply(std::string_view line) {
    object members;
    if (const auto error = parser_.parse(line.data(), line.size()).get(members)) {
      return absl::InvalidArgumentError(fmt::format("not a JSON object: {}", simdjson::error_message(error)));
    }
    auto kept = Read(Members(members));
    if (!kept.ok()) return kept.status();
    const auto id = engine_.Assert(kept->assertion);
    if (!id.ok()) return id.status();
    const auto [known, fresh] = retracted_.try_emplace(*id, false);
    const bool retract = kept->retracted && !known->second;
    if (retract) {
      kept->retraction.id = *id;
      if (auto status = engine_.Retract(kept->retraction); !status.ok()) return status;
      known->second = true;
    }
    ++(fresh || retract ? accepted_ : known_);
    return absl::OkStatus();
  }

  Engine& engine_;
  const std::string file_;  // for messages
  simdjson::dom::parser parser_;
  std::map<std::string, bool> retracted_;  // whether, by the id of each assertion that the database knows
  uint64_t line_ = 0;
  uint64_t read_ = 0;
  uint64_t accepted_ = 0;
  uint64_t known_ = 0;
  uint64_t refused_ = 0;
};

ExitCode Import(Engine& engine, const std::string& file) {
  Importer importer(engine, file == "-" ? "standard input" : file);
  auto status = importer.LoadKnown();
  if (status.ok()) status = ForEachLine(file, [&](std::string_view line) { return importer.Take(line); });
  if (status.ok()) status = engine.Flush();
  if (!status.ok()) return Fail(status);
  PrintLine(importer.ToJson());
  return Finish(importer.refused_any() ? kFailed : kDone);
}

}  // namespace

ExitCode AssertionsCommand::Run() const {
  auto engine = import.empty() ? OpenToRead(db) : OpenExisting(db);
  if (!engine.ok()) return Fail(engine.status());
  if (!import.empty()) return Import(**engine, import);
  const auto status = (*engine)->ForEachAssertion([](const KeptAssertion& kept) { return PrintLine(ToJson(kept)); });
  return status.ok() ? Finish(kDone) : Fail(status);
}

}  // namespace kintsugi::cli

// kintsugi delete

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "command.h"

namespace kintsugi::cli {
namespace {

constexpr size_t kKeysAtOnce = 1000;  // each group is applied whole; a larger one would hold up other writers

// The keys of the command line, and for each `-` those of standard input.
absl::StatusOr<std::vector<std::string>> AllKeys(const std::vector<std::string>& given) {
  std::vector<std::string> keys;
  const auto add = [&](std::string_view line) {
    if (!line.empty()) keys.emplace_back(line);
    return absl::OkStatus();
  };
  for (const std::string& key : given) {
    if (key != "-") {
      keys.push_back(key);
    } else if (auto status = ForEachLine("-", add); !status.ok()) {
      return status;
    }
  }
  return keys;
}

}  // namespace

absl::Status DeleteCommand::CheckUsage() const {
  if (all == !keys.empty())
    return absl::InvalidArgumentError("give keys (`-` reads them from standard input) or --all");
  if (all && readmit) return absl::InvalidArgumentError("--readmit needs the ids of the events");
  if (all && !version.empty()) return absl::InvalidArgumentError("--version needs the keys of the records");
  if (!version.empty() && !ParseTime(version)) {
    return absl::InvalidArgumentError(
        fmt::format("--version `{}` is not RFC 3339 within years 1 to 9999: write {}", version, kTimeForms));
  }
  return absl::OkStatus();
}

absl::Status DeleteCommand::CheckKindOf(const Source& declared) const {
  if (declared.table() && readmit) {
    return absl::InvalidArgumentError(fmt::format(
        "--readmit is for events, and `{}` has records: a newer version of a record brings it back", source));
  }
  if (!declared.table() && !version.empty()) {
    return absl::InvalidArgumentError(fmt::format("--version is for records, and `{}` has events", source));
  }
  return absl::OkStatus();
}

absl::StatusOr<WithdrawReport> DeleteCommand::WithdrawKeys(Engine& engine, const Source& declared) const {
  const auto everything = AllKeys(keys);
  if (!everything.ok()) return everything.status();
  const auto withdraw = [&](std::span<const std::string> some) {
    if (readmit) return engine.ReadmitEvents(source, some);
    if (!declared.table()) return engine.WithdrawEvents(source, some);
    return engine.WithdrawRecords(source, some, ParseTime(version));
  };
  WithdrawReport report;
  for (std::span<const std::string> rest = *everything; !rest.empty();) {
    const auto some = rest.first(std::min(rest.size(), kKeysAtOnce));
    const auto one = withdraw(some);
    if (!one.ok()) return one.status();
    report.withdrawn += one->withdrawn;
    report.unknown += one->unknown;
    rest = rest.subspan(some.size());
  }
  return report;
}

ExitCode DeleteCommand::Run() const {
  if (auto usage = CheckUsage(); !usage.ok()) return Misused(usage);
  auto engine = OpenExisting(db);
  if (!engine.ok()) return Fail(engine.status());
  const auto declared = FindSource((*engine)->schema(), source);
  if (!declared.ok()) return Fail(declared.status());
  if (auto usage = CheckKindOf(**declared); !usage.ok()) return Misused(usage);
  const auto report = all ? (*engine)->WithdrawSource(source) : WithdrawKeys(**engine, **declared);
  if (!report.ok()) return Fail(report.status());
  if (auto status = (*engine)->Flush(); !status.ok()) return Fail(status);
  PrintLine(JsonObject()
                .AddCount(readmit ? "readmitted" : "withdrawn", report->withdrawn)
                .AddCount("unknown", report->unknown)
                .Done());
  if (report->withdrawn > 0 || report->unknown == 0) return Finish(kDone);
  if (!version.empty()) {
    Say(fmt::format("`{}` has none of these keys now; versions up to {} will not count when they come", source,
                    version));
    return Finish(kDone);
  }
  Say(readmit ? fmt::format("none of these events of `{}` is withdrawn", source)
              : fmt::format("`{}` has none of these keys (without the source: `42`, not `{}:42`)", source, source));
  return Finish(kNotFound);
}

}  // namespace kintsugi::cli

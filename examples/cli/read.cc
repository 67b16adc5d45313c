// kintsugi get, clusters, profiles

#include <fmt/format.h>

#include "command.h"

namespace kintsugi::cli {

ExitCode GetCommand::Run() const {
  const auto subject = ParseSubject(identifier);
  if (!subject.ok()) return Misused(subject.status());
  const auto time = ParseTimeOption("--as-of", as_of);
  if (!time.ok()) return Misused(time.status());
  auto engine = OpenToRead(db);
  if (!engine.ok()) return Fail(engine.status());
  const auto profile = Find(**engine, *subject, *time);
  if (!profile.ok()) return Fail(profile.status());
  PrintLine(profile->ToJson());
  return Finish(kDone);
}

ExitCode ClustersCommand::Run() const {
  auto engine = OpenToRead(db);
  if (!engine.ok()) return Fail(engine.status());
  const auto status = (*engine)->ForEachIdentifier([](const IdentifierView& identifier, const ProfileId& id) {
    return PrintLine(fmt::format("{}\t{}", id.ToString(), identifier.ToString()));
  });
  return status.ok() ? Finish(kDone) : Fail(status);
}

ExitCode ProfilesCommand::Run() const {
  const auto time = ParseTimeOption("--as-of", as_of);
  if (!time.ok()) return Misused(time.status());
  auto engine = OpenToRead(db);
  if (!engine.ok()) return Fail(engine.status());
  const auto print = [](const ProfileView& profile) { return PrintLine(profile.ToJson()); };
  const auto status = *time ? (*engine)->ForEachProfileAsOf(**time, print) : (*engine)->ForEachProfile(print);
  return status.ok() ? Finish(kDone) : Fail(status);
}

}  // namespace kintsugi::cli

// kintsugi get, clusters, profiles

#include <fmt/format.h>

#include "command.h"

namespace kintsugi::cli {

ExitCode GetCommand::Run() const {
  const auto wanted = ParseIdentifier(identifier);
  if (!wanted.ok()) return Fail(wanted.status());
  auto engine = OpenExisting(db);
  if (!engine.ok()) return Fail(engine.status());
  if (wanted->ns != "profile") {
    const auto profile = (*engine)->Lookup(wanted->ns, wanted->value);
    if (!profile.ok()) return Fail(profile.status());
    PrintLine(profile->ToJson());
    return Finish(kDone);
  }
  const auto id = ProfileId::Parse(wanted->value);
  if (!id)
    return Fail(absl::InvalidArgumentError(fmt::format("`{}` is not a profile id: 32 hex digits", wanted->value)));
  const auto profile = (*engine)->Lookup(*id);
  if (!profile.ok()) return Fail(profile.status());
  if (profile->id() != *id) {
    fmt::print(stderr, "kintsugi: {} is a former id; its anchor is in {} now\n", id->ToString(),
               profile->id().ToString());
  }
  PrintLine(profile->ToJson());
  return Finish(kDone);
}

ExitCode ClustersCommand::Run() const {
  auto engine = OpenExisting(db);
  if (!engine.ok()) return Fail(engine.status());
  const auto status =
      (*engine)->ForEachIdentifier([](std::string_view ns, std::string_view value, const ProfileId& id) {
        return PrintLine(fmt::format("{}\t{}:{}", id.ToString(), ns, value));
      });
  return status.ok() ? Finish(kDone) : Fail(status);
}

ExitCode ProfilesCommand::Run() const {
  auto engine = OpenExisting(db);
  if (!engine.ok()) return Fail(engine.status());
  const auto status = (*engine)->ForEachProfile([](const Profile& profile) { return PrintLine(profile.ToJson()); });
  return status.ok() ? Finish(kDone) : Fail(status);
}

}  // namespace kintsugi::cli

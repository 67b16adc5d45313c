// kintsugi get, clusters, profiles

#include <fmt/format.h>

#include "command.h"

namespace kintsugi::cli {

ExitCode GetCommand::Run() const {
  const auto wanted = Identifier::Parse(identifier);
  if (!wanted) return Misused(fmt::format("`{}` is not of the form NAMESPACE:VALUE", identifier));
  const bool by_id = wanted->ns == "profile";
  const auto id = ProfileId::Parse(wanted->value);
  if (by_id && !id) return Misused(fmt::format("`{}` is not a profile id: 32 hex digits", wanted->value));

  auto engine = OpenExisting(db);
  if (!engine.ok()) return Fail(engine.status());
  const auto profile = by_id ? (*engine)->Lookup(*id) : (*engine)->Lookup(wanted->ns, wanted->value);
  if (!profile.ok()) return Fail(profile.status());
  if (by_id && profile->id() != *id) {
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

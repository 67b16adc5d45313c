// kintsugi segments, members

#include "command.h"

namespace kintsugi::cli {

ExitCode SegmentsCommand::Run() const {
  auto engine = OpenToRead(db);
  if (!engine.ok()) return Fail(engine.status());
  for (const SegmentStats& segment : (*engine)->GetStats().segments)
    PrintLine(JsonObject().Add("segment", segment.name).AddCount("members", segment.members).Done());
  return Finish(kDone);
}

ExitCode MembersCommand::Run() const {
  auto engine = OpenToRead(db);
  if (!engine.ok()) return Fail(engine.status());
  const auto print = [](const ProfileView& profile) { return PrintLine(profile.ToJson()); };
  const auto status = (*engine)->ForEachMember(segment, print);
  return status.ok() ? Finish(kDone) : Fail(status);
}

}  // namespace kintsugi::cli

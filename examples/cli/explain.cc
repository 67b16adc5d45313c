// kintsugi why, how, history

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "command.h"
#include "text.h"

namespace kintsugi::cli {
namespace {

constexpr size_t kMostListed = 10;  // identifiers on a line, and lines on the identifiers of a change

// In capitals what keeps two ends apart, so that it is found at a glance.
std::string_view Mark(Link::Outcome outcome) {
  switch (outcome) {
    case Link::Outcome::kAccepted:
      return "accepted";
    case Link::Outcome::kGeneric:
      return "INACTIVE";
    default:
      return "REFUSED";
  }
}

// The links of a path as pairs of names, each beginning where the one before ended.
std::vector<std::string> Steps(const Why& why) {
  std::vector<std::string> steps;
  Identifier at = why.a;
  for (const Link& link : why.path) {
    const Identifier& next = link.stronger == at ? link.weaker : link.stronger;
    steps.push_back(OneLine(fmt::format("{} -- {}", at.ToString(), next.ToString())));
    at = next;
  }
  return steps;
}

// What speaks for a link, or against it, as far as its reason leaves it out. An assertion's id is there to be
// retracted.
std::string Besides(const Link& link) {
  const bool is_same = link.kind == Link::Kind::kSame;
  if (is_same && link.outcome == Link::Outcome::kAccepted) return "assertion " + link.assertion;
  if (is_same || link.assertion.empty()) return Evidence(link);
  return fmt::format("{}; assertion {}", Evidence(link), link.assertion);
}

void PrintPath(const Why& why) {
  const std::vector<std::string> steps = Steps(why);
  size_t width = 0;
  for (const std::string& step : steps) width = std::max(width, step.size());
  for (size_t i = 0; i < steps.size(); ++i) {
    const Link& link = why.path[i];
    // Who saw a link is its reason; and what the verdict said is not said again.
    const bool is_seen = link.outcome == Link::Outcome::kAccepted && link.kind == Link::Kind::kSeenTogether;
    const bool is_told = is_seen || why.verdict.find(link.reason) != std::string::npos;
    PrintLine(fmt::format("  {:<8}  {:<{}}  {}[{}]", Mark(link.outcome), steps[i], width,
                          is_told ? "" : OneLine(link.reason) + "  ", Besides(link)));
  }
}

void Print(const Why& why) {
  PrintLine(OneLine(why.verdict));
  if (why.together) {
    PrintLine(fmt::format("profile {}", why.profile_a.ToString()));
  } else {
    PrintLine(OneLine(fmt::format("profile {} has {}", why.profile_a.ToString(), why.a.ToString())));
    PrintLine(OneLine(fmt::format("profile {} has {}", why.profile_b.ToString(), why.b.ToString())));
  }
  PrintPath(why);
}

std::string TimeOr(std::optional<Time> time, std::string_view unknown) {
  return time ? FormatTime(time) : std::string(unknown);
}

void Print(const How::Step& step) {
  const std::string link = step.link.stronger.ToString() + " -- " + step.link.weaker.ToString();
  PrintLine(fmt::format("{:<20}  + {}  by {}  [{}]  {} identifiers", TimeOr(step.time, "no time"),
                        ListedUpTo(kMostListed, step.joined), OneLine(link), Evidence(step.link), step.size));
}

void Print(const How& how) {
  PrintLine(fmt::format("profile {}", how.profile.ToString()));
  PrintLine(fmt::format("{:<20}    {}  first seen; it gives the profile its id", TimeOr(how.anchor_seen, "no time"),
                        OneLine(how.anchor.ToString())));
  for (const How::Step& step : how.steps) Print(step);
}

absl::StatusOr<How> Explain(const Engine& engine, const Subject& subject) {
  if (!subject.id) return engine.ExplainHow(subject.identifier);
  const auto profile = Find(engine, subject);
  if (!profile.ok()) return profile.status();
  return engine.ExplainHow(profile->identifiers().front());
}

std::string_view NameOf(Change::Kind kind) {
  switch (kind) {
    case Change::Kind::kMerge:
      return "MERGE";
    case Change::Kind::kSplit:
      return "SPLIT";
    default:
      return "MOVE";
  }
}

std::string ToText(const Cause& cause) {
  std::string text(ToString(cause.kind));
  if (!cause.id.empty()) text += ' ' + cause.id;
  if (!cause.source.empty()) text += " of " + cause.source;
  return OneLine(text);
}

std::string CausesOf(const Change& change) {
  std::string text;
  for (const Cause& cause : change.causes) text += (text.empty() ? "" : ", ") + ToText(cause);
  if (change.more_causes > 0) text += fmt::format(" and {} more", change.more_causes);
  return text;
}

void Print(const Change& change) {
  PrintLine(fmt::format("{}  {} {}: {} became {}", FormatTime(change.recorded_at), NameOf(change.kind), change.sequence,
                        Listed(change.before), Listed(change.after)));
  PrintLine("  because of " + CausesOf(change));
  const size_t shown = std::min(change.moved.size(), kMostListed);
  for (const Change::Moved& moved : std::span(change.moved).first(shown)) {
    PrintLine(OneLine(fmt::format("  {} moved from {} to {}", moved.identifier.ToString(), moved.from.ToString(),
                                  moved.to.ToString())));
  }
  if (shown < change.moved.size()) PrintLine(fmt::format("  and {} more moved", change.moved.size() - shown));
}

template <typename Explanation>
ExitCode PrintEither(const absl::StatusOr<Explanation>& explanation, bool json) {
  if (!explanation.ok()) return Fail(explanation.status());
  if (json)
    PrintLine(explanation->ToJson());
  else
    Print(*explanation);
  return Finish(kDone);
}

}  // namespace

ExitCode WhyCommand::Run() const {
  const auto pair = ParsePair(a, b);
  if (!pair.ok()) return Misused(pair.status());
  const auto time = ParseTimeOption("--as-of", as_of);
  if (!time.ok()) return Misused(time.status());
  auto engine = OpenToRead(db);
  if (!engine.ok()) return Fail(engine.status());
  const auto why = (*engine)->ExplainWhy(pair->first, pair->second, *time);
  if (!why.ok()) return Fail(Explained(**engine, why.status(), {pair->first, pair->second}));
  return PrintEither(why, json);
}

ExitCode HowCommand::Run() const {
  const auto parsed = ParseSubject(subject);
  if (!parsed.ok()) return Misused(parsed.status());
  auto engine = OpenToRead(db);
  if (!engine.ok()) return Fail(engine.status());
  const auto how = Explain(**engine, *parsed);
  if (!how.ok() && !parsed->id) return Fail(Explained(**engine, how.status(), {parsed->identifier}));
  return PrintEither(how, json);
}

ExitCode HistoryCommand::Run() const {
  const auto parsed = ParseSubject(subject);
  if (!parsed.ok()) return Misused(parsed.status());
  auto engine = OpenToRead(db);
  if (!engine.ok()) return Fail(engine.status());
  bool any = false;
  const auto print = [&](const Change& change) {
    any = true;
    if (json) return PrintLine(change.ToJson());
    Print(change);
    return std::ferror(stdout) == 0;
  };
  const auto status =
      parsed->id ? (*engine)->ForEachChange(*parsed->id, print) : (*engine)->ForEachChange(parsed->identifier, print);
  if (!status.ok() && !parsed->id) return Fail(Explained(**engine, status, {parsed->identifier}));
  if (!status.ok()) return Fail(status);
  if (!any) Say(fmt::format("no merge, split or move of {} is recorded", subject));
  return Finish(kDone);
}

}  // namespace kintsugi::cli

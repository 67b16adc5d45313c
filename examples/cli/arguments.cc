#include "arguments.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <string>
#include <system_error>

namespace kintsugi::cli {
namespace {

void AddIngest(Arguments& arguments) {
  const auto [app, ingest] =
      arguments.Add<IngestCommand>("ingest", "Read files of a source into the database",
                                   "kintsugi ingest --db shop.db --schema shop.textproto --source crm crm.csv");
  app->add_option("--schema", ingest->schema, "the schema; needed once, when the database is created")
      ->type_name("FILE");
  app->add_option("--source", ingest->source, "which source of the schema the files come from")
      ->required()
      ->type_name("NAME");
  app->add_option("--extracted-at", ingest->extracted_at,
                  "when the rows were read out of their source; decides between versions of one time (a file's "
                  "modification time)")
      ->type_name("TIME");
  app->add_option("--now", ingest->now,
                  "move the database's clock to this time afterwards (the system's time, so that after a replay of the "
                  "past its windows are empty)")
      ->type_name("TIME");
  app->add_flag("--bulk", ingest->bulk, "write without a log; after a crash, run it again");
  app->add_flag("--strict", ingest->strict, "exit with 1 if any row went to quarantine");
  app->add_flag("--quiet,-q", ingest->quiet, "no progress and no messages but errors");
  app->add_option("files", ingest->files, "the files; `-` is standard input; .gz and .zst are unpacked")
      ->required()
      ->type_name("FILE...");
}

void AddDelete(Arguments& arguments) {
  const auto [app, del] =
      arguments.Add<DeleteCommand>("delete", "Withdraw records or events, as if they had never come",
                                   "kintsugi delete --db shop.db --source crm 42 43");
  app->add_option("--source", del->source, "which source of the schema brought them")->required()->type_name("NAME");
  app->add_option("--version", del->version, "withdraw what a record says up to this time; later versions stay")
      ->type_name("TIME");
  app->add_flag("--readmit", del->readmit, "let withdrawn events come again");
  app->add_flag("--all", del->all, "everything that the source brought");
  app->add_option("keys", del->keys, "keys of records, or ids of events; `-` reads them from standard input")
      ->type_name("KEY...");
}

void AddQuarantine(Arguments& arguments) {
  const auto [app, quarantine] = arguments.Add<QuarantineCommand>(
      "quarantine", "Print what was refused and why, one JSON line each", "kintsugi quarantine --db shop.db --replay");
  CLI::Option* source = app->add_option("--source", quarantine->source, "only rows of this source")->type_name("NAME");
  CLI::Option* file =
      app->add_option("--file", quarantine->file, "only rows of this file, named as it was then")->type_name("FILE");
  CLI::Option* replay =
      app->add_flag("--replay", quarantine->replay, "try all of it again; what succeeds leaves the quarantine")
          ->excludes(source)
          ->excludes(file);
  app->add_flag("--discard", quarantine->discard, "throw it away for good")->excludes(replay);
}

// The time that some commands look back to.
template <typename Command>
void AddAsOf(CLI::App* app, Command& command) {
  app->add_option("--as-of", command.as_of, "as it was at this time, by all that is known of then")->type_name("TIME");
}

void AddGet(Arguments& arguments) {
  const auto [app, get] = arguments.Add<GetCommand>("get", "Print the golden record of whoever has an identifier",
                                                    "kintsugi get --db shop.db email:jane@example.com");
  app->add_option("identifier", get->identifier, "NAMESPACE:VALUE, or profile:ID")->required()->type_name("NS:VALUE");
  AddAsOf(app, *get);
}

void AddLists(Arguments& arguments) {
  arguments.Add<ClustersCommand>("clusters", "Print every identifier with its profile",
                                 "kintsugi clusters --db shop.db > clusters.tsv");
  const auto [app, profiles] = arguments.Add<ProfilesCommand>(
      "profiles", "Print every golden record, one JSON line each", "kintsugi profiles --db shop.db > profiles.jsonl");
  AddAsOf(app, *profiles);
}

void AddExport(Arguments& arguments) {
  const auto [app, command] = arguments.Add<ExportCommand>(
      "export", "Print a table to train with: each label with the golden record as of its time",
      "kintsugi export --db shop.db --labels churned.csv > training.csv");
  app->add_option("--labels", command->labels,
                  "a CSV with the columns identifier (ns:value) and time; others are passed on")
      ->required()
      ->type_name("FILE");
  app->add_option("--as", command->as, "csv or jsonl")
      ->check(CLI::IsMember({"csv", "jsonl"}))
      ->type_name("FORMAT")
      ->capture_default_str();
}

// The two identifiers that some commands are about.
template <typename Command>
void AddPair(CLI::App* app, Command& command) {
  app->add_option("a", command.a, "NAMESPACE:VALUE; the value may be raw")->required()->type_name("NS:VALUE");
  app->add_option("b", command.b, "the other")->required()->type_name("NS:VALUE");
}

void AddWhy(Arguments& arguments) {
  const auto [app, why] =
      arguments.Add<WhyCommand>("why", "Say why two identifiers are one profile, or what keeps them apart",
                                "kintsugi why --db shop.db cookie:c-1 customer_id:42");
  AddPair(app, *why);
  AddAsOf(app, *why);
  app->add_flag("--json", why->json, "as one JSON line");
}

// The identifier or profile that some commands are about.
template <typename Command>
void AddSubject(CLI::App* app, Command& command) {
  app->add_option("a", command.subject, "NAMESPACE:VALUE, or profile:ID")->required()->type_name("NS:VALUE");
}

// Checks of what an option was given: what is wrong with it, or nothing.
std::string IsLimit(const std::string& text) {
  size_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error == std::errc() && end == text.data() + text.size() && limit > 0) return "";
  return fmt::format("`{}` is not a whole number from 1 to {}", text, std::numeric_limits<size_t>::max());
}

// Of a script whose variable is empty the first page would come for ever.
std::string IsCursor(const std::string& text) {
  return text.empty() ? "it is empty: give the cursor of the page before, or leave it out for the first page" : "";
}

void AddTimeline(Arguments& arguments) {
  const auto [app, timeline] =
      arguments.Add<TimelineCommand>("timeline", "Print what a person did, one JSON line each",
                                     "kintsugi timeline --db shop.db email:jane@example.com --newest-first --limit 20");
  AddSubject(app, *timeline);
  app->add_option("--from", timeline->from, "from this time on")->type_name("TIME");
  app->add_option("--to", timeline->to, "before this time")->type_name("TIME");
  app->add_option("--name", timeline->query.names, "only items of this name; may be repeated")->type_name("NAME");
  app->add_option("--source", timeline->query.sources, "only items of this source; may be repeated")->type_name("NAME");
  app->add_option("--limit", timeline->query.limit, "at most so many")
      ->capture_default_str()
      ->check(IsLimit)
      ->type_name("N");
  app->add_flag("--newest-first", timeline->query.newest_first, "the other way round");
  AddAsOf(app, *timeline);
  app->add_option("--after", timeline->query.after, "the next page, by the cursor that ended the one before")
      ->check(IsCursor)
      ->type_name("CURSOR");
}

void AddSegments(Arguments& arguments) {
  arguments.Add<SegmentsCommand>("segments", "Print how many profiles are in each segment, one JSON line each",
                                 "kintsugi segments --db shop.db");
  const auto [app, members] = arguments.Add<MembersCommand>("members", "Print the golden records of those in a segment",
                                                            "kintsugi members --db shop.db at_risk");
  app->add_option("segment", members->segment, "its name in the schema")->required()->type_name("SEGMENT");
}

void AddVisits(Arguments& arguments) {
  const auto [app, visits] = arguments.Add<VisitsCommand>(
      "visits", "Print a person's visits over all channels, the newest first, one JSON line each",
      "kintsugi visits --db shop.db cookie:c-1 --limit 3");
  AddSubject(app, *visits);
  app->add_option("--limit", visits->limit, "at most so many")->capture_default_str()->check(IsLimit)->type_name("N");
}

void AddShow(Arguments& arguments) {
  const auto [app, show] =
      arguments.Add<ShowCommand>("show", "Print all there is to know of a person, on one screen of text",
                                 "kintsugi show --db shop.db email:jane@example.com");
  AddSubject(app, *show);
  app->add_option("--items", show->items, "at most so many of the last items")
      ->capture_default_str()
      ->check(CLI::Range(0, 1000))
      ->type_name("N");
  app->add_option("--width", show->width, "so many columns; of themselves those of the terminal, or 80")
      ->check(CLI::Range(24, 1000))
      ->type_name("N");
}

void AddChanges(Arguments& arguments) {
  const auto [app, changes] =
      arguments.Add<ChangesCommand>("changes", "Print what changed, in order, one JSON line each: the feed",
                                    "kintsugi changes --db shop.db --kind SEGMENT_ENTERED --consumer mailer --follow");
  app->add_option("--after", changes->after, "only entries after this sequence")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  app->add_option("--kind", changes->kinds, "only entries of this kind; may be repeated")->type_name("KIND");
  app->add_option("--consumer", changes->consumer,
                  "begin after what was acknowledged under this name, and acknowledge what is printed")
      ->type_name("NAME")
      ->check([](const std::string& name) { return std::string(name.empty() ? "a consumer has a name" : ""); });
  app->add_flag("--follow", changes->follow, "wait for more, until it is interrupted");
  app->add_flag("--snapshot", changes->snapshot, "print the present first: who begins, or was left behind");
}

void AddAdvance(Arguments& arguments) {
  const auto [app, advance] =
      arguments.Add<AdvanceCommand>("advance", "Move the database's clock, and the windows of traits with it",
                                    "kintsugi advance --db shop.db --now 2026-03-01T00:00:00Z");
  app->add_option("--now", advance->now, "the time; never before the clock")->required()->type_name("TIME");
}

void AddHow(Arguments& arguments) {
  const auto [app, how] = arguments.Add<HowCommand>("how", "Tell step by step how a profile came together",
                                                    "kintsugi how --db shop.db email:jane@example.com");
  AddSubject(app, *how);
  app->add_flag("--json", how->json, "as one JSON line");
}

void AddHistory(Arguments& arguments) {
  const auto [app, history] =
      arguments.Add<HistoryCommand>("history", "Print the merges and splits of a profile, newest first",
                                    "kintsugi history --db shop.db email:jane@example.com");
  AddSubject(app, *history);
  app->add_flag("--json", history->json, "as one JSON line each");
}

void AddAssert(Arguments& arguments, Assertion::Kind kind, const char* name, const char* what, const char* example) {
  const auto [app, command] = arguments.Add<AssertCommand>(name, what, example);
  command->kind = kind;
  AddPair(app, *command);
  app->add_option("--by", command->by, "who decides")->required()->type_name("WHO");
  app->add_option("--because", command->because, "and why")->required()->type_name("WHY");
}

void AddAsserts(Arguments& arguments) {
  AddAssert(arguments, Assertion::Kind::kSame, "same", "Decide that two identifiers are one person",
            "kintsugi same --db shop.db customer_id:42 email:jane@example.com --by ann --because 'she called'");
  AddAssert(arguments, Assertion::Kind::kNever, "never", "Decide that two identifiers are never one person",
            "kintsugi never --db shop.db crm:42 crm:43 --by ann --because 'mother and daughter'");
}

void AddRetract(Arguments& arguments) {
  const auto [app, retract] =
      arguments.Add<RetractCommand>("retract", "Take decisions back, by their id or between two identifiers",
                                    "kintsugi retract --db shop.db crm:42 crm:43 --by ann --because 'wrong Jane'");
  app->add_option("what", retract->what, "the id of an assertion, or two times NAMESPACE:VALUE")
      ->required()
      ->expected(1, 2)
      ->type_name("ID | A B");
  app->add_option("--by", retract->by, "who decides")->type_name("WHO");
  app->add_option("--because", retract->because, "and why")->type_name("WHY");
}

void AddAssertions(Arguments& arguments) {
  const auto [app, assertions] =
      arguments.Add<AssertionsCommand>("assertions", "Print every decision, one JSON line each, or read them in",
                                       "kintsugi assertions --db shop.db > assertions.jsonl");
  app->add_option("--import", assertions->import, "read such lines; `-` is standard input")->type_name("FILE");
}

void AddStats(Arguments& arguments) {
  const auto [app, stats] = arguments.Add<StatsCommand>("stats", "Print counts, sizes and the quality of each source",
                                                        "kintsugi stats --db shop.db --human");
  app->add_flag("--human", stats->human, "as tables instead of JSON");
  CLI::Option* identity =
      app->add_flag("--identity", stats->identity, "large profiles, conflicts, generic identifiers");
  app->add_option("--most", stats->most, "how many of each to show")
      ->needs(identity)
      ->check(CLI::Range(0, 1000000))
      ->type_name("N")
      ->capture_default_str();
}

void AddEvaluate(Arguments& arguments) {
  const auto [app, evaluate] = arguments.Add<EvaluateCommand>("evaluate", "Compare the profiles with a known truth",
                                                              "kintsugi evaluate --db shop.db --truth truth.csv");
  app->add_option("--truth", evaluate->truth, "a CSV with the columns identifier (ns:value) and entity")
      ->required()
      ->type_name("FILE");
}

void AddVerify(Arguments& arguments) {
  const auto [app, verify] = arguments.Add<VerifyCommand>(
      "verify", "Check the stored state against a full recomputation", "kintsugi verify --db shop.db");
  app->add_flag("--quiet,-q", verify->quiet, "print differences only");
}

void AddSimulate(Arguments& arguments) {
  const auto [app, simulate] =
      arguments.Add<SimulateCommand>("simulate", "Tell what another schema would change; changes nothing",
                                     "kintsugi simulate --db shop.db --schema stricter.textproto --human");
  app->add_option("--schema", simulate->schema, "the other schema")->required()->type_name("FILE");
  app->add_flag("--human", simulate->human, "as text instead of JSON");
}

void AddMigrate(Arguments& arguments) {
  const auto [app, migrate] =
      arguments.Add<MigrateCommand>("migrate", "Resolve everything again under another schema",
                                    "kintsugi migrate --db shop.db --schema stricter.textproto");
  app->add_option("--schema", migrate->schema, "the new schema")->required()->type_name("FILE");
}

}  // namespace

void AddCommands(Arguments& arguments) {
  arguments.Group("Evidence");
  AddIngest(arguments);
  AddDelete(arguments);
  AddQuarantine(arguments);

  arguments.Group("Profiles");
  AddGet(arguments);
  AddLists(arguments);
  AddSegments(arguments);
  AddTimeline(arguments);
  AddVisits(arguments);
  AddShow(arguments);
  AddChanges(arguments);
  AddExport(arguments);

  arguments.Group("Explanations");
  AddWhy(arguments);
  AddHow(arguments);
  AddHistory(arguments);

  arguments.Group("Decisions");
  AddAsserts(arguments);
  AddRetract(arguments);
  AddAssertions(arguments);

  arguments.Group("Care");
  AddStats(arguments);
  AddEvaluate(arguments);
  AddVerify(arguments);
  AddAdvance(arguments);
  AddSimulate(arguments);
  AddMigrate(arguments);
}

}  // namespace kintsugi::cli

// kintsugi: the command. docs/cli.md is its manual.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <functional>

#include "command.h"

namespace kintsugi::cli {
namespace {

// Adds a command whose options live as long as the program, and remembers what to run.
template <typename Command>
CLI::App* Add(CLI::App& app, std::function<ExitCode()>& run, Command& command, const char* name, const char* what,
              const char* example) {
  CLI::App* sub = app.add_subcommand(name, what);
  sub->footer(std::string("Example:\n  ") + example);
  sub->add_option("--db", command.db, "the database's directory")->required()->type_name("DIR");
  sub->callback([&run, &command] { run = [&command] { return command.Run(); }; });
  return sub;
}

int Main(int argc, char** argv) {
  CLI::App app("Finds out which records and events belong to one person, and keeps one golden record each.",
               "kintsugi");
  app.set_version_flag("--version", KINTSUGI_VERSION);
  app.require_subcommand(1);
  app.failure_message([](const CLI::App* root, const CLI::Error& error) {
    const auto parsed = root->get_subcommands();
    const std::string command = parsed.empty() ? "" : parsed.front()->get_name() + ' ';
    return std::string("kintsugi: ") + error.what() + "\nRun `kintsugi " + command + "--help` for help.\n";
  });
  std::function<ExitCode()> run;

  IngestCommand ingest;
  CLI::App* sub = Add(app, run, ingest, "ingest", "Read files of a source into the database",
                      "kintsugi ingest --db shop.db --schema shop.textproto --source crm crm.csv");
  sub->add_option("--schema", ingest.schema, "the schema; needed once, when the database is created")
      ->type_name("FILE");
  sub->add_option("--source", ingest.source, "which source of the schema the files come from")
      ->required()
      ->type_name("NAME");
  sub->add_flag("--bulk", ingest.bulk, "write without a log; after a crash, run it again");
  sub->add_flag("--strict", ingest.strict, "exit with 1 if any row went to quarantine");
  sub->add_flag("--quiet,-q", ingest.quiet, "no progress and no messages but errors");
  sub->add_option("files", ingest.files, "the files; `-` is standard input; .gz and .zst are unpacked")
      ->required()
      ->type_name("FILE...");

  GetCommand get;
  sub = Add(app, run, get, "get", "Print the golden record of whoever has an identifier",
            "kintsugi get --db shop.db email:jane@example.com");
  sub->add_option("identifier", get.identifier, "NAMESPACE:VALUE, or profile:ID")->required()->type_name("NS:VALUE");

  ClustersCommand clusters;
  Add(app, run, clusters, "clusters", "Print every identifier with its profile",
      "kintsugi clusters --db shop.db > clusters.tsv");

  ProfilesCommand profiles;
  Add(app, run, profiles, "profiles", "Print every golden record, one JSON line each",
      "kintsugi profiles --db shop.db > profiles.jsonl");

  EvaluateCommand evaluate;
  sub = Add(app, run, evaluate, "evaluate", "Compare the profiles with a known truth",
            "kintsugi evaluate --db shop.db --truth truth.csv");
  sub->add_option("--truth", evaluate.truth, "a CSV with the columns identifier (ns:value) and entity")
      ->required()
      ->type_name("FILE");

  QuarantineCommand quarantine;
  sub = Add(app, run, quarantine, "quarantine", "Print what was refused and why, one JSON line each",
            "kintsugi quarantine --db shop.db --replay");
  sub->add_flag("--replay", quarantine.replay, "try all of it again; what succeeds leaves the quarantine");

  StatsCommand stats;
  sub = Add(app, run, stats, "stats", "Print counts, sizes and the quality of each source",
            "kintsugi stats --db shop.db --human");
  sub->add_flag("--human", stats.human, "as a table instead of JSON");

  VerifyCommand verify;
  sub = Add(app, run, verify, "verify", "Check the stored state against a full recomputation",
            "kintsugi verify --db shop.db");
  sub->add_flag("--quiet,-q", verify.quiet, "print differences only");

  const auto is_first_word = [&](const CLI::App* known) { return known->get_name() == argv[1]; };
  if (argc > 1 && argv[1][0] != '-' && app.get_subcommands(is_first_word).empty()) {
    fmt::print(stderr, "kintsugi: there is no command `{}`; `kintsugi --help` lists them\n", argv[1]);
    return kUsage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  return run();
}

}  // namespace
}  // namespace kintsugi::cli

int main(int argc, char** argv) {
  return kintsugi::cli::Main(argc, argv);
}

// kintsugi: the command. docs/cli.md is its manual.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>

#include "arguments.h"
#include "command.h"

namespace kintsugi::cli {
namespace {

std::string ToMessage(const CLI::App* root, const CLI::Error& error) {
  const auto parsed = root->get_subcommands();
  const std::string command = parsed.empty() ? "" : parsed.front()->get_name() + ' ';
  return std::string("kintsugi: ") + error.what() + "\nRun `kintsugi " + command + "--help` for help.\n";
}

// CLI11 takes "[a,b]" for the two arguments a and b. Where arguments are keys to delete, they would be other keys.
bool LooksLikeList(std::string_view argument) {
  return argument.starts_with('[') && argument.ends_with(']');
}

int Main(int argc, char** argv) {
  CLI::App app("Finds out which records and events belong to one person, and keeps one golden record each.",
               "kintsugi");
  app.set_version_flag("--version", KINTSUGI_VERSION);
  app.require_subcommand(1);
  app.failure_message(ToMessage);
  Arguments arguments(app);
  AddCommands(arguments);

  const auto is_first_word = [&](const CLI::App* known) { return known->get_name() == argv[1]; };
  if (argc > 1 && argv[1][0] != '-' && app.get_subcommands(is_first_word).empty()) {
    fmt::print(stderr, "kintsugi: there is no command `{}`; `kintsugi --help` lists them\n", argv[1]);
    return kUsage;
  }
  if (argc > 1 && std::string_view(argv[1]) == "delete" && std::any_of(argv + 2, argv + argc, LooksLikeList)) {
    return Misused("a key in brackets is read from standard input only: give `-`");
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  return arguments.Run();
}

}  // namespace
}  // namespace kintsugi::cli

int main(int argc, char** argv) {
  return kintsugi::cli::Main(argc, argv);
}

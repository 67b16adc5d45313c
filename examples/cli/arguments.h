// What the command line may say: every command with its options and its help.

#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "command.h"

namespace kintsugi::cli {

// Arguments collects the commands and remembers which of them to run. It is filled once, before parsing.
class Arguments {
 public:
  explicit Arguments(CLI::App& app) : app_(app) {}

  // The commands that follow are under this title in the help.
  void Group(std::string title) { group_ = std::move(title); }

  // Adds a command. The struct that its options fill lives as long as the app.
  template <typename Command>
  std::pair<CLI::App*, std::shared_ptr<Command>> Add(const char* name, const char* what, const char* example) {
    CLI::App* sub = app_.add_subcommand(name, what);
    sub->group(group_);
    sub->footer(std::string("Example:\n  ") + example);
    auto command = std::make_shared<Command>();
    sub->add_option("--db", command->db, "the database's directory")->required()->type_name("DIR");
    sub->callback([this, command] { run_ = [command] { return command->Run(); }; });
    return {sub, command};
  }

  // Runs the command that was parsed.
  ExitCode Run() const { return run_(); }

 private:
  CLI::App& app_;
  std::string group_;
  std::function<ExitCode()> run_;
};

// Adds all commands.
void AddCommands(Arguments& arguments);

}  // namespace kintsugi::cli

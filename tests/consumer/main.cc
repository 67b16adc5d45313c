// A host program, as a stranger would write it. Prints the name of the person behind an address.

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iostream>

#include "kintsugi/engine.h"

int main() {
  const auto schema = kintsugi::Schema::Parse(
      "namespaces { name: 'email' normalize: EMAIL } sources { name: 'web' events { format: NATIVE } }");
  const auto directory = std::filesystem::temp_directory_path() / ("kintsugi_consumer." + std::to_string(getpid()));
  auto engine = kintsugi::Engine::Open({.schema = *schema}, directory.string());
  const auto report = (*engine)->Ingest(kintsugi::Event{.source = "web",
                                                        .id = "m-1",
                                                        .time = std::chrono::sys_days(std::chrono::March / 1 / 2026),
                                                        .identifiers = {{"email", "Jane@Example.com"}},
                                                        .traits = {{"first_name", "Jane"}}});
  const auto jane = (*engine)->Lookup("email", "jane@example.com");
  std::cout << std::get<std::string_view>(jane->attribute("first_name")->value) << '\n';
  engine->reset();
  std::filesystem::remove_all(directory);
  return report->accepted == 1 ? 0 : 1;
}

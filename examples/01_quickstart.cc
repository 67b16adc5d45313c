// Two channels know a piece each; one golden record knows both. Start here.

#include <chrono>
#include <filesystem>
#include <iostream>
#include <vector>

#include "kintsugi/engine.h"

// Which identifiers exist, strongest first, and where data comes from.
constexpr const char* kSchema = R"(
  namespaces { name: "customer_id" max_per_profile: 1 }
  namespaces { name: "email" normalize: EMAIL }
  namespaces { name: "cookie" }
  sources { name: "web" events { format: NATIVE } }
  sources { name: "till" events { format: NATIVE } }
)";

// Prints the name behind a cookie, and who said so.
absl::Status Run(const std::string& directory) {
  const auto schema = kintsugi::Schema::Parse(kSchema);
  if (!schema.ok()) return schema.status();
  const auto engine = kintsugi::Engine::Open({.schema = *schema}, directory);
  if (!engine.ok()) return engine.status();

  // The web shop knows which browser reads whose mail, the till whose mail belongs to which customer.
  using namespace std::chrono_literals;
  const std::chrono::sys_days day = std::chrono::March / 1 / 2026;
  const std::vector<kintsugi::Event> events = {{.source = "web",
                                                .id = "w-1",
                                                .time = day + 10h,
                                                .identifiers = {{"cookie", "c-9"}, {"email", "Jane@Example.com"}}},
                                               {.source = "till",
                                                .id = "t-1",
                                                .time = day + 12h,
                                                .identifiers = {{"customer_id", "42"}, {"email", "jane@example.com"}},
                                                .traits = {{"first_name", "Jane"}}}};
  if (const auto report = (*engine)->Ingest(events); !report.ok()) return report.status();

  const auto profile = (*engine)->Lookup("cookie", "c-9");
  if (!profile.ok()) return profile.status();
  const auto name = profile->attribute("first_name");
  if (!name) return absl::NotFoundError("the profile has no first name");
  std::cout << "c-9 is " << std::get<std::string_view>(name->value) << ", says the " << name->source << ".\n"
            << profile->ToJson() << '\n';
  return absl::OkStatus();
}

int main() {
  const auto directory = std::filesystem::temp_directory_path() / "kintsugi_quickstart";
  std::filesystem::remove_all(directory);
  const absl::Status status = Run(directory.string());
  if (!status.ok()) std::cerr << status << '\n';
  return status.ok() ? 0 : 1;
}

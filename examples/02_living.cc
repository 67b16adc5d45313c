// One person on two channels is one visit, and traits tell what has been done until the database's `now`.

#include <chrono>
#include <filesystem>
#include <iostream>
#include <vector>

#include "kintsugi/engine.h"

// What counts as an order, and what is computed from a person's items.
constexpr const char* kSchema = R"(
  namespaces { name: "customer_id" max_per_profile: 1 }
  namespaces { name: "device" }
  namespaces { name: "cookie" }
  sources { name: "web" events { format: NATIVE } }
  sources { name: "app" events { format: NATIVE } }
  visits { gap_minutes: 30 }
  activities { name: "order" events: "Order Completed" }
  traits { name: "orders" activity: "order" count {} }
  traits { name: "revenue_30d" activity: "order" sum { of: "total" } window { days: 30 } }
  traits { name: "days_since_order" activity: "order" days_since_last {} }
)";

// A browser that nobody knows looks at a lamp, and signs in. The telephone of the same customer buys it.
std::vector<kintsugi::Event> Evening() {
  using namespace std::chrono_literals;
  const kintsugi::Time evening = std::chrono::sys_days(std::chrono::March / 1 / 2026) + 18h;
  return {{.source = "web",
           .id = "w-1",
           .time = evening,
           .name = "Page Viewed",
           .identifiers = {{"cookie", "c-9"}},
           .properties = {{"product", "lamp"}}},
          {.source = "web",
           .id = "w-2",
           .time = evening + 6min,
           .name = "Signed In",
           .identifiers = {{"cookie", "c-9"}, {"customer_id", "42"}}},
          {.source = "app",
           .id = "a-1",
           .time = evening + 25min,
           .name = "Order Completed",
           .identifiers = {{"device", "d-7"}, {"customer_id", "42"}},
           .properties = {{"total", 59.9}}}};
}

void PrintVisit(const kintsugi::VisitWithItems& current) {
  std::cout << "a visit of " << current.visit.items << " items is going on:\n";
  for (const kintsugi::TimelineItem& item : current.items)
    std::cout << "  " << kintsugi::FormatTime(item.time) << "  " << item.source << "  " << item.name << '\n';
}

// Moves the database's clock, and prints what the person behind the cookie has done by then.
absl::Status PrintAt(kintsugi::Engine& engine, kintsugi::Time now) {
  if (const absl::Status status = engine.Advance(now); !status.ok()) return status;
  std::cout << "at " << kintsugi::FormatTime(engine.now()) << '\n';

  const auto current = engine.CurrentVisit({"cookie", "c-9"});
  if (!current.ok()) return current.status();
  if (*current)
    PrintVisit(**current);
  else
    std::cout << "no visit is going on\n";

  const auto profile = engine.Lookup("cookie", "c-9");
  if (!profile.ok()) return profile.status();
  for (const auto& [name, value] : profile->traits())
    std::cout << "  " << name << " = " << kintsugi::ViewToJson(value) << '\n';
  return absl::OkStatus();
}

absl::Status Run(const std::string& directory) {
  const auto schema = kintsugi::Schema::Parse(kSchema);
  if (!schema.ok()) return schema.status();
  const auto engine = kintsugi::Engine::Open({.schema = *schema}, directory);
  if (!engine.ok()) return engine.status();
  const std::vector<kintsugi::Event> events = Evening();
  if (const auto report = (*engine)->Ingest(events); !report.ok()) return report.status();

  const kintsugi::Time end = *events.back().time;
  if (const absl::Status status = PrintAt(**engine, end + std::chrono::minutes(5)); !status.ok()) return status;
  return PrintAt(**engine, end + std::chrono::days(40));  // nothing came, and yet some traits are others
}

int main() {
  const auto directory = std::filesystem::temp_directory_path() / "kintsugi_living";
  std::filesystem::remove_all(directory);
  const absl::Status status = Run(directory.string());
  if (!status.ok()) std::cerr << status << '\n';
  return status.ok() ? 0 : 1;
}

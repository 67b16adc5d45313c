// A cart is left behind: nothing happens but time, and whoever listens to the feed hears of it, once.

#include <chrono>
#include <filesystem>
#include <iostream>
#include <string_view>

#include "kintsugi/engine.h"

constexpr const char* kSchema = R"(
  namespaces { name: "customer_id" max_per_profile: 1 }
  namespaces { name: "cookie" }
  sources { name: "web" events { format: NATIVE } }
  commerce { abandoned_after_minutes: 30 }
  loyalty {
    earn { events: "Order Completed" of: "total" points_per: 1 }
    expire_days: 365
    tiers { name: "silver" earned: 50 days: 365 }
  }
  segments { name: "cart_left"  all { trait: "cart_abandoned" is: "true" } }
  segments { name: "customers"  all { trait: "orders" at_least: 1 } }
  feed { attributes: NONE }
)";

using namespace std::chrono_literals;

kintsugi::Event Did(const char* id, kintsugi::Time time, const char* name,
                    std::vector<kintsugi::NamedValue> properties) {
  return {.source = "web",
          .id = id,
          .time = time,
          .name = name,
          .identifiers = {{"customer_id", "42"}, {"cookie", "c-9"}},
          .properties = std::move(properties)};
}

// What the mailer has not seen yet. It acknowledges what it has done, and goes on from there, whatever happens to it.
absl::Status PrintNews(kintsugi::Engine& engine, std::string_view moment) {
  std::cout << moment << '\n';
  const auto acknowledged = engine.AcknowledgedBy("mailer");
  if (!acknowledged.ok()) return acknowledged.status();
  const auto page = engine.ReadFeed({.after = *acknowledged});
  if (!page.ok()) return page.status();
  for (const kintsugi::FeedEntry& entry : page->entries) {
    std::cout << "  " << kintsugi::ToString(entry.kind) << ' ' << entry.name;
    if (entry.kind == kintsugi::FeedEntry::Kind::kTierChanged) std::cout << kintsugi::ToJson(entry.value);
    std::cout << '\n';
  }
  return engine.Acknowledge("mailer", page->next);
}

absl::Status Run(const std::string& directory) {
  const auto schema = kintsugi::Schema::Parse(kSchema);
  if (!schema.ok()) return schema.status();
  const auto opened = kintsugi::Engine::Open({.schema = *schema}, directory);
  if (!opened.ok()) return opened.status();
  kintsugi::Engine& engine = **opened;

  const kintsugi::Time evening = std::chrono::sys_days(std::chrono::March / 1 / 2026) + 18h;
  const auto added = Did("w-1", evening, "Product Added", {{"product_id", "lamp"}, {"price", 59.9}});
  if (const auto report = engine.Ingest(added); !report.ok()) return report.status();
  if (auto status = engine.Advance(evening + 1min); !status.ok()) return status;
  if (auto status = PrintNews(engine, "a lamp is in the cart"); !status.ok()) return status;

  if (auto status = engine.Advance(evening + 30min); !status.ok()) return status;
  if (auto status = PrintNews(engine, "half an hour later"); !status.ok()) return status;

  const auto ordered = Did("w-2", evening + 40min, "Order Completed", {{"order_id", "A-1"}, {"total", 59.9}});
  if (const auto report = engine.Ingest(ordered); !report.ok()) return report.status();
  if (auto status = engine.Advance(evening + 41min); !status.ok()) return status;
  if (auto status = PrintNews(engine, "the lamp is bought"); !status.ok()) return status;

  const auto jane = engine.Lookup("cookie", "c-9");
  if (!jane.ok()) return jane.status();
  std::cout << "left a cart: " << (jane->in("cart_left") ? "yes" : "no")
            << ", points: " << kintsugi::ViewToJson(jane->trait("points").value_or(kintsugi::Null())) << '\n';
  return absl::OkStatus();
}

int main() {
  const auto directory = std::filesystem::temp_directory_path() / "kintsugi_segments";
  std::filesystem::remove_all(directory);
  const absl::Status status = Run(directory.string());
  if (!status.ok()) std::cerr << status << '\n';
  return status.ok() ? 0 : 1;
}

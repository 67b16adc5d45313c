#include "bench/workload/report.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <utility>

namespace kintsugi::bench {
namespace {

double Microseconds(uint64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1000;
}

// Three digits that count, whatever the size.
std::string Short(double number) {
  if (number >= 100) return fmt::format("{:.0f}", number);
  return fmt::format("{:.{}f}", number, number >= 10 ? 1 : 2);
}

std::string Megabytes(const std::optional<uint64_t>& bytes) {
  return bytes ? Short(static_cast<double>(*bytes) / 1e6) : "-";
}

constexpr std::string_view kColumns = "{:<17} {:>11} {:<8} {:>10} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n";

std::string Row(const Report& report, std::string_view what, const Histogram& latency_ns, bool first) {
  const auto us = [&](double share) { return Short(Microseconds(latency_ns.Quantile(share))); };
  const double all = static_cast<double>(report.outcome.lookups_ns.count() + report.outcome.events_ns.count());
  const double per_second = report.outcome.per_second * static_cast<double>(latency_ns.count()) / all;
  return fmt::format(kColumns, first ? report.target : "", first ? fmt::to_string(report.load.identifiers) : "", what,
                     fmt::format("{:.0f}", per_second), us(0.5), us(0.9), us(0.99), us(0.999),
                     Short(Microseconds(latency_ns.max())), first ? Megabytes(report.memory_bytes) : "",
                     first ? Megabytes(report.disk_bytes) : "");
}

std::string Latencies(const Histogram& latency_ns) {
  static constexpr std::array<std::pair<const char*, double>, 10> kShares = {{{"p10", 0.1},
                                                                              {"p25", 0.25},
                                                                              {"p50", 0.5},
                                                                              {"p75", 0.75},
                                                                              {"p90", 0.9},
                                                                              {"p95", 0.95},
                                                                              {"p99", 0.99},
                                                                              {"p99.5", 0.995},
                                                                              {"p99.9", 0.999},
                                                                              {"p99.99", 0.9999}}};
  std::string out = fmt::format(R"({{"count":{},"mean":{:.3f})", latency_ns.count(), latency_ns.mean() / 1000);
  for (const auto& [name, share] : kShares) {
    fmt::format_to(std::back_inserter(out), R"(,"{}":{:.3f})", name, Microseconds(latency_ns.Quantile(share)));
  }
  return out + fmt::format(R"(,"max":{:.3f}}})", Microseconds(latency_ns.max()));
}

std::string OrNull(const std::optional<uint64_t>& number) {
  return number ? fmt::to_string(*number) : "null";
}

}  // namespace

std::string TableHead() {
  return fmt::format(kColumns, "target", "identifiers", "", "per second", "p50 us", "p90 us", "p99 us", "p99.9 us",
                     "max us", "memory MB", "disk MB");
}

std::string TableRows(const Report& report) {
  const Outcome& outcome = report.outcome;
  std::string out;
  if (outcome.lookups_ns.count() > 0) out += Row(report, "look-ups", outcome.lookups_ns, true);
  if (outcome.events_ns.count() > 0) out += Row(report, "events", outcome.events_ns, out.empty());
  if (!outcome.kept_up)
    out += fmt::format("{}: could not keep up with the rate; the run was broken off\n", report.target);
  return out;
}

std::string ToJson(const Report& report) {
  const Load& load = report.load;
  return fmt::format(
      R"({{"target":"{}","identifiers":{},"lookup_percent":{},"distribution":"{}","threads":{},"rate":{},)"
      R"("seconds":{},"load_seconds":{:.3f},"kept_up":{},"per_second":{:.1f},"lookup_us":{},"event_us":{},)"
      R"("memory_bytes":{},"disk_bytes":{}}})"
      "\n",
      report.target, load.identifiers, load.lookup_percent, ToString(load.distribution), load.threads, load.rate,
      load.seconds, report.load_seconds, report.outcome.kept_up, report.outcome.per_second,
      Latencies(report.outcome.lookups_ns), Latencies(report.outcome.events_ns), OrNull(report.memory_bytes),
      OrNull(report.disk_bytes));
}

std::string_view ToString(Distribution distribution) {
  switch (distribution) {
    case Distribution::kHot:
      return "hot";
    case Distribution::kZipfian:
      return "zipfian";
    case Distribution::kUniform:
      break;
  }
  return "uniform";
}

}  // namespace kintsugi::bench

#include "write/withdrawals.h"
#include "base/time.h"

#include <optional>
#include <utility>
#include <vector>

namespace kintsugi::write {
namespace {

using format::Family;

// A source is withdrawn in groups of about so many rows.
constexpr size_t kWithdrawnItems = 10'000;

absl::StatusOr<WithdrawReport> WithdrawEach(Writer& writer, golden::SourceIndex source, Withdrawal::Kind kind,
                                            std::span<const std::string> names, Time version,
                                            const WriteOptions& options) {
  std::vector<Item> items;
  for (const std::string& name : names)
    items.push_back({.source = source, .evidence = Withdrawal{.kind = kind, .name = name, .version = version}});
  const auto written = writer.Write(items, options, true);
  if (!written.ok()) return written.status();
  return WithdrawReport{.withdrawn = written->report.accepted, .unknown = written->report.duplicates};
}

}  // namespace

absl::StatusOr<WithdrawReport> WithdrawRecords(Writer& writer, std::string_view source,
                                               std::span<const std::string> keys, std::optional<Time> version,
                                               const WriteOptions& options) {
  const auto position = writer.context().RecordSourceOf(source);
  if (!position.ok()) return position.status();
  return WithdrawEach(writer, *position, Withdrawal::Kind::kRecord, keys, OrNeverLast(version), options);
}

absl::StatusOr<WithdrawReport> WithdrawEvents(Writer& writer, std::string_view source, std::span<const std::string> ids,
                                              const WriteOptions& options) {
  const auto position = writer.context().EventSourceOf(source);
  if (!position.ok()) return position.status();
  return WithdrawEach(writer, *position, Withdrawal::Kind::kEvent, ids, kNeverLast, options);
}

absl::StatusOr<WithdrawReport> ReadmitEvents(Writer& writer, std::string_view source, std::span<const std::string> ids,
                                             const WriteOptions& options) {
  const auto position = writer.context().EventSourceOf(source);
  if (!position.ok()) return position.status();
  return WithdrawEach(writer, *position, Withdrawal::Kind::kReadmittedEvent, ids, kNeverLast, options);
}

// Events go in order of their strongest identifier: what an identifier keeps is read again once a group.
absl::StatusOr<WithdrawReport> WithdrawSource(Writer& writer, std::string_view source, const WriteOptions& options) {
  const auto position = writer.context().SourceOf(source);
  if (!position.ok()) return position.status();
  const uint16_t number = writer.context().catalog.source_number(*position);
  WithdrawReport report;
  std::vector<Item> items;
  const auto write = [&]() -> absl::Status {
    const auto written = writer.Write(items, options, true);
    items.clear();
    if (written.ok()) report.withdrawn += written->report.accepted;
    return written.status();
  };
  const auto withdraw_all = [&](Family family, std::string_view prefix, Withdrawal::Kind kind,
                                auto name_of) -> absl::Status {
    // The rows are those of the moment when the scan begins, whatever is written meanwhile.
    const auto scanned = writer.store().Scan(family, prefix, [&](std::string_view key, std::string_view) {
      const std::optional<std::string_view> name = name_of(key);
      if (name)
        items.push_back(
            {.source = *position, .evidence = Withdrawal{.kind = kind, .name = std::string(*name), .forget = true}});
      return items.size() < kWithdrawnItems ? absl::OkStatus() : write();
    });
    return scanned.ok() ? write() : scanned;
  };
  const auto whole_key = [](std::string_view key) { return std::optional(key); };
  const auto after_source = [](std::string_view key) { return std::optional(key.substr(2)); };
  const auto event_of_source = [&](std::string_view key) -> std::optional<std::string_view> {
    format::Decoder d(key);
    format::DecodeNode(d);
    d.SortableTime();
    if (d.Big16() != number || !d.ok()) return std::nullopt;
    return d.rest();
  };
  const std::string prefix = format::SourceKey(number, "");
  if (auto s = withdraw_all(Family::kEvents, "", Withdrawal::Kind::kEvent, event_of_source); !s.ok()) return s;
  if (auto s = withdraw_all(Family::kMessages, prefix, Withdrawal::Kind::kEvent, after_source); !s.ok()) return s;
  if (auto s = withdraw_all(Family::kRecords, prefix, Withdrawal::Kind::kRecord, after_source); !s.ok()) return s;
  const uint64_t withdrawn = report.withdrawn;
  if (auto s = withdraw_all(Family::kQuarantine, prefix, Withdrawal::Kind::kQuarantined, whole_key); !s.ok()) return s;
  report.withdrawn = withdrawn;  // what was refused was never there
  return report;
}

}  // namespace kintsugi::write

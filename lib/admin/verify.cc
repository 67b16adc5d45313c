#include "admin/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "admin/replay.h"
#include "format/stored_rows.h"
#include "graph/golden_rows.h"
#include "graph/memory_rows.h"
#include "living/item_rows.h"
#include "write/advance.h"
#include "write/member_rows.h"
#include "write/trait_reader.h"
#include "write/trait_rows.h"

namespace kintsugi::admin {
namespace {

using format::Family;

// The families that are a function of the evidence, in the order in which differences are told.
constexpr Family kDerived[] = {Family::kIdentifiers, Family::kProfiles, Family::kEvidence,    Family::kSightings,
                               Family::kTallies,     Family::kValues,   Family::kCrossings,   Family::kAsserted,
                               Family::kItems,       Family::kDue,      Family::kItemTallies, Family::kItemFirsts,
                               Family::kAskedItems,  Family::kMembers};
constexpr size_t kMaxDifferences = 1000;

std::string Printable(std::string_view key) {
  std::string out;
  for (const char c : key)
    out += c >= 0x20 && c < 0x7f ? std::string(1, c) : fmt::format("\\x{:02x}", static_cast<uint8_t>(c));
  return out;
}

// Verifier recomputes everything from the evidence in one go.
class Verifier : private GraphBuilder {
 public:
  Verifier(const ingest::Context& context, const living::Rules& rules, const store::Store& store)
      : GraphBuilder(context, !rules.traits.empty(), graph_),
        context_(context),
        rules_(rules),
        store_(store),
        snapshot_(store),
        graph_(context, nothing_, false) {}

  absl::StatusOr<std::vector<std::string>> Run() {
    if (auto status = ReplayEvidence(context_, Derive::kAsStored, store_, snapshot_, *this); !status.ok())
      return status;
    // From the snapshot, too: a writer may go on meanwhile.
    const auto row = store_.Get(Family::kMeta, "counters", &snapshot_);
    if (!row.ok()) return row.status();
    if (*row && !format::ParseRow(**row, counters_)) Report("counters: damaged");
    const Time now = format::NowOf(counters_);
    const auto is_left = IsKnown(now) ? write::IsAnythingDue(store_, now, &snapshot_) : false;
    if (!is_left.ok()) return is_left.status();
    if (*is_left)
      return absl::UnavailableError("the clock is being moved, or was when a process ended; run `kintsugi advance`");
    graph::MemoryRows expected;
    write::TraitReader traits(context_, rules_, items(), now);
    write::MemberRows members(rules_.segments);
    graph::GoldenRows golden(context_, nothing_,
                             {.traits = rules_.traits.empty() ? nullptr : &traits,
                              .segments = &rules_.segments,
                              .now = now,
                              .listeners = {&members}});
    graph::DeltaListener* const listeners[] = {&golden};
    graph::Outcome counts;
    if (auto status = graph_.Finish(expected, listeners, counts); !status.ok()) return status;
    for (const auto& [key, item] : items().of(Family::kItems)) expected.Put(Family::kItems, key, item);
    if (auto status = AddTallies(expected); !status.ok()) return status;
    for (const Family family : kDerived) {
      if (auto status = Compare(family, expected.of(family)); !status.ok()) return status;
    }
    if (auto status = CompareHubs(counts); !status.ok()) return status;
    CompareCount("profiles", counters_.profiles(), counts.profiles);
    CompareCount("identifiers", counters_.identifiers(), counts.identifiers);
    CompareCount("associations", counters_.associations(), counts.associations);
    CompareCount("approximate profiles", counters_.approximate(), static_cast<uint64_t>(golden.approximate()));
    CompareCount("overdrawn spendings", counters_.overdrawn(), static_cast<uint64_t>(golden.overdrawn()));
    CompareMembers(members);
    CompareCount("records", counters_.records(), records());
    CompareCount("events", counters_.events(), events());
    CompareCount("assertions", counters_.assertions(), assertions());
    return std::move(differences_);
  }

 private:
  void Report(std::string difference) {
    if (differences_.size() < kMaxDifferences) differences_.push_back(std::move(difference));
  }

  // Those of each identifier, from its items, which lie together.
  absl::Status AddTallies(graph::MemoryRows& expected) const {
    if (rules_.traits.empty()) return absl::OkStatus();
    write::TraitRows tallies(context_, rules_, items(), format::NowOf(counters_));
    for (const Family family : living::kItemFamilies) {
      for (const auto& [key, row] : items().of(family)) {
        if (auto status = tallies.Add(family, key, row); !status.ok()) return status;
      }
    }
    return tallies.Write(expected);
  }

  void CompareCount(std::string_view what, uint64_t stored, uint64_t expected) {
    if (stored != expected) Report(fmt::format("counters: {} {} stored, {} expected", stored, what, expected));
  }

  void CompareMembers(const write::MemberRows& members) {
    stored::Counters expected;
    members.AddTo(expected);
    const auto of = [](const stored::Counters& counters, int segment) {
      return segment < counters.members_size() ? counters.members(segment) : 0;
    };
    for (int i = 0; i < std::max(expected.members_size(), counters_.members_size()); ++i)
      CompareCount(fmt::format("members of segment {}", i), of(counters_, i), of(expected, i));
  }

  // Which of several limits is kept for a refused link depends on history; one that it breaks must be.
  absl::Status CompareHubs(const graph::Outcome& expected) {
    for (const auto& [hub, all_broken] : expected.broken_at_hubs) {
      const std::string key = format::IdentifierKey(context_.KeyOf(hub));
      const auto row = store_.Get(Family::kHubs, key, &snapshot_);
      if (!row.ok()) return row.status();
      const uint64_t refused_by = *row ? format::Decoder(**row).Varint() : 0;
      for (uint64_t broken : all_broken) {
        if ((refused_by & broken) == 0) Report(fmt::format("hubs: {} lacks a limit", Printable(key)));
      }
    }
    return absl::OkStatus();
  }

  // The earliest version is noted with the record, and the others stand in order of time.
  absl::Status OnRecord(std::string_view key, const stored::Record& row, ingest::PreparedRecord record) override {
    const std::string prefix = format::VersionPrefix(context_.catalog.source_number(record.source), record.key);
    Time first = format::VersionOf(row);
    const auto status = store_.Scan(
        Family::kVersions, prefix,
        [&](std::string_view version, std::string_view) {
          first = format::Decoder(version.substr(prefix.size())).SortableTime();
          return false;
        },
        &snapshot_);
    if (!status.ok()) return status;
    if (IsKnown(first) && first != format::FirstVersionOf(row))
      Report(fmt::format("records: {} has another first version", Printable(key)));
    return GraphBuilder::OnRecord(key, row, std::move(record));
  }

  // Without its message an event would be applied twice.
  absl::Status OnEvent(std::string_view key, ingest::PreparedEvent event) override {
    const std::string message_key = format::SourceKey(context_.catalog.source_number(event.source), event.id);
    const auto row = store_.Get(Family::kMessages, message_key, &snapshot_);
    if (!row.ok()) return row.status();
    stored::Message message;
    if (!*row || !format::ParseRow(**row, message) || message.withdrawn()) {
      Report(fmt::format("messages: {} is missing", Printable(message_key)));
    } else if (message.fingerprint() != event.fingerprint) {
      Report(fmt::format("messages: {} differs", Printable(message_key)));
    }
    return GraphBuilder::OnEvent(key, std::move(event));
  }

  absl::Status OnRefused(Family family, std::string_view key, std::string_view, const std::string& reason) override {
    Report(fmt::format("{}: {}: {}", format::NameOf(family), Printable(key), reason));
    return absl::OkStatus();
  }

  absl::Status Compare(Family family, const graph::MemoryRows::Rows& expected) {
    const std::string_view name = format::NameOf(family);
    auto next = expected.begin();
    const auto missing_before = [&](std::string_view key) {
      for (; next != expected.end() && next->first < key; ++next)
        Report(fmt::format("{}: {} is missing", name, Printable(next->first)));
    };
    const auto status = store_.Scan(
        family, "",
        [&](std::string_view key, std::string_view value) {
          missing_before(key);
          if (next == expected.end() || next->first != key) {
            Report(fmt::format("{}: {} should not be there", name, Printable(key)));
            return true;
          }
          if (next->second != value) Report(fmt::format("{}: {} differs", name, Printable(key)));
          ++next;
          return true;
        },
        &snapshot_);
    for (; next != expected.end(); ++next) Report(fmt::format("{}: {} is missing", name, Printable(next->first)));
    return status;
  }

  const ingest::Context& context_;
  const living::Rules& rules_;
  const store::Store& store_;
  const store::Store::Snapshot snapshot_;
  const graph::MemoryRows nothing_;  // the graph begins empty
  graph::Graph graph_;
  stored::Counters counters_;
  std::vector<std::string> differences_;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> Verify(const ingest::Context& context, const living::Rules& rules,
                                                const store::Store& store) {
  return Verifier(context, rules, store).Run();
}

}  // namespace kintsugi::admin

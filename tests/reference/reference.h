// The naive engine: all evidence in lists, everything recomputed from them when asked, nothing clever, nothing
// stored. It shares normalisation and value bytes with the library; identity and survivorship are its own, written
// from the specification, so that the two can only agree by being right (or wrong in the same way).

#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "ingest/context.h"
#include "ingest/prepare.h"
#include "kintsugi/assertion.h"
#include "kintsugi/event.h"
#include "kintsugi/schema.h"

namespace kintsugi::testing {

// One rule that a reference breaks, so that a test can see whether the suite would notice an engine that breaks it.
enum class Broken {
  kNothing,
  // The order of links and what may join.
  kNoRank,
  kRankByOldest,  // by newest where the schema keeps the oldest
  kRankByBytes,
  kNoPositions,
  kNoTime,
  kWeakerIsStronger,
  kLimitOffByOne,
  kNoLimit,
  kMaxIdentifiersOffByOne,
  kNoMaxIdentifiers,
  kRecordsUnlimited,  // `duplicate_free` does nothing
  // Generic identifiers.
  kGenericOffByOne,
  kGenericNever,
  kGenericBothWays,       // where it is the stronger end, too
  kGenericAllNamespaces,  // counts those of all stronger namespaces together
  kGenericOwnNamespace,   // counts those of its own namespace, too
  // Assertions.
  kNeverIgnored,
  kNeverOnlyDirect,  // keeps the two apart only where a link is between just them
  kSameIgnored,
  kSameLast,
  kSameReversed,  // the weakest pair first
  kSameOverLimits,
  kSameOverNever,
  kAssertedIsEvidence,  // an assertion brings its identifiers into being
  kRetractedCounts,
  kReassertedCounts,  // asserting again undoes a retraction
  kLastAssertionWins,
  // Ids.
  kAnchorLastSeen,
  kAnchorStrongest,
  // Versions and withdrawals.
  kLastToArriveWins,
  kSmallerContentWins,
  kFirstSeenOfNewest,
  kFirstSeenOfWithdrawn,
  kWithdrawsNothing,
  kWithdrawsOlderOnly,  // not the version of the withdrawal's own time
  kNoTombstone,
  kLastTombstoneCounts,  // not the greatest
  kUnknownTimesStayGone,
  kReplayComesBack,
  kReadmitsNothing,
  kReadmitBringsBack,  // at once, not with the next arrival
  kSourceLeavesTombstones,
  kSourceLeavesMessages,
  kExtractionIgnored,  // of versions with one time
  // Survivorship.
  kNoMaxValues,
  kMaxValuesOffByOne,
  kLastSaidNotKept,  // beyond max_values
  kEnd,
};

// Not safe from several threads.
class Reference {
 public:
  explicit Reference(const Schema& schema, Broken broken = Broken::kNothing);

  void Add(const Event& event);
  void Add(const Record& record);
  // No `version`: the newest that counts.
  void Withdraw(const std::string& source, const std::string& key, std::optional<Time> version = std::nullopt);
  void WithdrawEvent(const std::string& source, const std::string& id);
  void Readmit(const std::string& source, const std::string& id);
  void WithdrawSource(const std::string& source);
  void Assert(const Assertion& assertion);
  void Retract(const std::string& id);
  // A time before the clock does nothing.
  void Advance(Time now);
  std::optional<Time> now() const { return now_; }

  struct Answers {
    std::vector<std::string> clusters;  // "profile_id\tns:value", by the second column: what `kintsugi clusters` prints
    std::vector<std::string> profiles;  // JSON lines by profile id: what `kintsugi profiles` prints
    friend bool operator==(const Answers&, const Answers&) = default;
  };
  // Both at once, for everything is recomputed each time.
  Answers Ask() const;
  std::vector<std::string> Clusters() const { return Ask().clusters; }
  std::vector<std::string> Profiles() const { return Ask().profiles; }

  // The version of each record that counts, as it came, by source and key.
  std::vector<Record> Survivors() const;

 private:
  using Id = identity::Node;
  using Name = std::pair<int, std::string>;  // a source and a key or message id
  struct Times {
    Time first = kNeverFirst;
    Time last = kNeverLast;
  };
  struct Seen {  // identifiers together, once
    std::vector<Id> ids;
    Times times;
  };
  // What was said of an identifier, each time by one source of one attribute.
  using Said = std::map<Id, std::vector<golden::Observation>>;
  using Profile = std::set<Id>;
  struct Version {
    ingest::PreparedRecord prepared;
    Record record;  // as it came
    size_t arrived = 0;
  };
  struct Tombstone {
    Time version;
    size_t arrived = 0;
  };
  struct Decision {
    Assertion::Kind kind;
    Id a;
    Id b;
  };

  bool IsBroken(Broken rule) const { return broken_ == rule; }
  bool Counts(const Name& name, const Version& version) const;
  bool Wins(const ingest::PreparedRecord& one, const ingest::PreparedRecord& other) const;
  // Nothing if no version of the record counts.
  const Version* Newest(const Name& name) const;
  // Nothing if it is no identifier.
  std::optional<Id> Normalize(const Identifier& raw) const;
  void Collect(std::vector<Seen>& seen, Said& said) const;
  // The assertions that are not retracted and whose identifiers are both in the evidence.
  std::vector<Decision> Decisions(const std::map<Id, Profile>& evidence) const;
  std::vector<Profile> Resolve(const std::vector<Seen>& seen) const;
  bool AreNever(const Profile& a, const Profile& b, const std::vector<Decision>& decisions) const;
  bool FitTogether(const Profile& a, const Profile& b) const;
  // Of all that was said of one identifier, what is kept.
  std::vector<golden::Observation> Bounded(const std::vector<golden::Observation>& said) const;
  Survivorship RuleOf(const std::string& attribute) const;
  struct Survived {
    std::string value;  // JSON
    std::string json;   // with where it comes from
  };
  std::map<std::string, Survived> Golden(const Profile& profile, const Said& said) const;
  std::string Text(const Id& id) const;
  // By name.
  std::map<std::string, std::string> TraitsOf(const Profile& profile) const;
  // "" if the schema has none.
  std::string TraitsMember(const std::map<std::string, std::string>& traits) const;
  std::string SegmentsMember(const Profile& profile, const Times& span, const std::map<std::string, Survived>& golden,
                             const std::map<std::string, std::string>& traits) const;

  std::unique_ptr<const ingest::Context> context_;
  ingest::Preparer preparer_;
  Broken broken_;
  size_t arrivals_ = 0;
  std::optional<Time> now_;
  std::map<Name, Event> said_;                              // events as they came
  std::map<Name, ingest::PreparedEvent> events_;            // those that count
  std::map<Name, ingest::PreparedEvent> withdrawn_events_;  // their ids are taken
  std::map<Name, std::vector<Version>> records_;            // all versions, as they arrived
  std::map<Name, std::vector<Tombstone>> tombstones_;       // all withdrawals, as they arrived
  std::map<std::string, Decision> decisions_;               // by id
  std::set<std::string> retracted_;                         // ids
};

}  // namespace kintsugi::testing

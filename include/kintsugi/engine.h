// The engine: evidence in, golden records out. Start here.
//
//   auto engine = kintsugi::Engine::Open({.schema = schema}, "customers.db");
//   (*engine)->Ingest(kintsugi::Event{.source = "web", ...});
//   auto jane = (*engine)->Lookup("email", "jane@example.com");

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kintsugi/as_of.h"
#include "kintsugi/assertion.h"
#include "kintsugi/difference.h"
#include "kintsugi/evaluate.h"
#include "kintsugi/event.h"
#include "kintsugi/explain.h"
#include "kintsugi/export.h"
#include "kintsugi/feed.h"
#include "kintsugi/history.h"
#include "kintsugi/ids.h"
#include "kintsugi/ingest.h"
#include "kintsugi/options.h"
#include "kintsugi/overview.h"
#include "kintsugi/profile.h"
#include "kintsugi/schema.h"
#include "kintsugi/stats.h"
#include "kintsugi/timeline.h"

namespace kintsugi {

// Engine is one open database.
//
// Guarantees. State is a pure function of the evidence: the order, batching and number of processes in
// which it arrived do not matter. A call of Ingest is applied whole or not at all (files: in groups of
// rows, each whole), and is visible to every reader when it returns. A reader never sees half a group.
//
// Threads. All methods may be called from many threads. Writers queue up and share one write; readers
// never wait for them. Owns its files until it is destroyed; one engine at a time may write a directory, and any
// number, opened with Options::read_only, may read it meanwhile. Such an engine's readers wait while it catches up.
//
// Visits. A ForEach… visits what there was when it was called, whatever is written meanwhile. `visit` may call the same
// engine: what it reads there is of the later moment at which it reads. Of an engine that only reads it is of the
// moment of the visit, for catching up waits until nobody reads: so TryCatchUp must not be called inside a visit.
//
// Errors: kInvalidArgument for what the caller got wrong, kNotFound, kPermissionDenied, kFailedPrecondition for a
// schema that does not fit, kUnavailable for a locked directory, kDataLoss for damaged files, kResourceExhausted
// for a full disk or memory, kInternal for a broken invariant and for what Options::clock throws. After an error of the
// disk, or of memory, nothing of that group is applied and the call may be made again.
class KINTSUGI_EXPORT Engine {
 public:
  //   path is a database                      → it, with its schema
  //   path is missing, schema given           → a new one (unless create_if_missing is off: kNotFound)
  //   path is missing, no schema              → kInvalidArgument
  //   path is something else                  → kInvalidArgument; nothing is touched
  //   schema means something else             → kFailedPrecondition; of a database that holds no evidence, decision,
  //                                             quarantined row or history it takes the stored one's place
  //   another format, or other families       → kFailedPrecondition; nothing is touched
  //   another engine has it open to write     → kUnavailable
  //   it may not be read or written           → kPermissionDenied
  // If the schema has windows of a calendar, and the time zone data are of another release than those that the database
  // was told with, opening it to write tells all traits anew: that reads all items, once.
  // A new directory and the files in it are their owner's alone (0700 and 0600), whatever the umask; a directory that
  // was there keeps its mode.
  static absl::StatusOr<std::unique_ptr<Engine>> Open(const Options& options, const std::string& path);

  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  const Schema& schema() const;
  // What is worth knowing of the database that was opened, a line each: that it was made with other releases of the
  // libraries that normalise identifiers, or with other time zone data. Nearly always empty. Cost: some 25 ms, once a
  // process, if the schema has telephone numbers.
  std::vector<std::string> notices() const;

  // Applies events or records, in one group. Bad ones are quarantined and counted, the others applied.
  // Fails, and applies nothing, only when the storage fails or a source is not in the schema (kInvalidArgument).
  absl::StatusOr<IngestReport> Ingest(const Event& event, const WriteOptions& options = {});
  absl::StatusOr<IngestReport> Ingest(std::span<const Event> events, const WriteOptions& options = {});
  absl::StatusOr<IngestReport> Ingest(const Record& record, const WriteOptions& options = {});
  absl::StatusOr<IngestReport> Ingest(std::span<const Record> records, const WriteOptions& options = {});

  // Reads a file in its source's declared format. Parsing runs beside applying, on a thread of its own. When the input
  // breaks off (a truncated archive, a lost disk), the rows before are applied and the error says where; reading the
  // whole file again later is safe, for known rows are duplicates. When the input pauses (a pipe), what came by then is
  // applied before more is waited for. `report` becomes what was applied, also when the call fails.
  absl::Status IngestFile(const FileInput& input, IngestReport& report, const WriteOptions& options = {});
  // Whether IngestFile could begin, before there is an engine: opens the file, and reads a CSV's header. kNotFound,
  // kPermissionDenied, kInvalidArgument. What can be read only once (standard input, a pipe) is left alone.
  static absl::Status CheckFile(const Schema& schema, const FileInput& input);

  // Withdraws records. What is known of each key is forgotten: the state is what it would be if no version of it had
  // ever come. A version that is newer than `version` brings the record back; the same and older ones do not, in
  // whatever order they arrive. Without a `version` it is the newest that is known, and unknown keys change nothing.
  // In a source without version times the next version to arrive brings the record back.
  absl::StatusOr<WithdrawReport> WithdrawRecords(std::string_view source, std::span<const std::string> keys,
                                                 std::optional<Time> version = {}, const WriteOptions& options = {});
  // Withdraws events by message id: the state is what it would be if they had never come. Only the ids are kept, so
  // that a replay does not bring the events back: it counts as a duplicate. Readmit lets them come again.
  // Cost: the events of each event's strongest identifier are read again.
  absl::StatusOr<WithdrawReport> WithdrawEvents(std::string_view source, std::span<const std::string> ids,
                                                const WriteOptions& options = {});
  absl::StatusOr<WithdrawReport> ReadmitEvents(std::string_view source, std::span<const std::string> ids,
                                               const WriteOptions& options = {});
  // Withdraws everything that a source brought, its quarantined rows and withdrawals too: afterwards it can be loaded
  // again from the beginning. Works in groups; if it breaks off, call it again.
  absl::StatusOr<WithdrawReport> WithdrawSource(std::string_view source, const WriteOptions& options = {});

  // Keeps an assertion and returns its id. One that is known, or was retracted, changes nothing. kInvalidArgument if an
  // identifier is none or both are the same, or `by` or `because` is empty; kAlreadyExists if the id has other content.
  absl::StatusOr<std::string> Assert(const Assertion& assertion, const WriteOptions& options = {});
  // kNotFound if there is no such assertion; one that is retracted already stays as it is.
  absl::Status Retract(const Retraction& retraction, const WriteOptions& options = {});
  // Visits the assertions in order of id, the retracted ones too. `visit` returns false to stop early.
  absl::Status ForEachAssertion(const std::function<bool(const KeptAssertion&)>& visit) const;

  // The identifier as the engine keeps it. kInvalidArgument if the namespace is unknown or the value cannot be one.
  absl::StatusOr<Identifier> Normalize(const IdentifierView& raw) const;

  // What the person with this identifier did: a page of their timeline, their latest visits (the newest first), and the
  // visit that is going on, if one is. kNotFound if nobody has it, kInvalidArgument for a query that means nothing.
  // Cost: that of the items that are read, for each of the person's identifiers; as of a time that of LookupAsOf.
  absl::StatusOr<TimelinePage> Timeline(const IdentifierView& identifier, const TimelineQuery& query = {}) const;
  absl::StatusOr<std::vector<Visit>> Visits(const IdentifierView& identifier, size_t limit = 100) const;
  absl::StatusOr<std::optional<VisitWithItems>> CurrentVisit(const IdentifierView& identifier) const;
  // All there is to know of them at a glance, with their last items, at most so many. Errors and cost as above.
  absl::StatusOr<Overview> Show(const IdentifierView& identifier, size_t items = 10) const;

  // Why two identifiers are in one profile or not, and how the profile of one came together. kNotFound if nobody has
  // one. Cost: the component is loaded and resolved; writers and readers go on meanwhile. `as_of`: as LookupAsOf.
  absl::StatusOr<Why> ExplainWhy(const IdentifierView& a, const IdentifierView& b,
                                 std::optional<Time> as_of = {}) const;
  absl::StatusOr<How> ExplainHow(const IdentifierView& identifier) const;

  // Visits the changes of a profile, newest first: of any id that it has or had; or those that concern an identifier,
  // through all the profiles that it was in. `visit` returns false to stop early. Each is read when it is its turn.
  absl::Status ForEachChange(const ProfileId& id, const std::function<bool(const Change&)>& visit) const;
  absl::Status ForEachChange(const IdentifierView& identifier, const std::function<bool(const Change&)>& visit) const;

  // What another schema would make of the evidence that is stored now; changes nothing. kInvalidArgument if it leaves
  // out a source of which there is evidence or a row in quarantine, or has no place for an assertion that stands.
  // Memory and time grow with the database.
  absl::StatusOr<Difference> Simulate(const Schema& schema) const;
  // Resolves everything again under another schema. The database must not be open. It is built beside the old one and
  // takes its place in one step, so a crash leaves either; rows that the new schema refuses go to quarantine.
  // The directory's real path with ".migrating" appended must be free; it needs room for a second database.
  static absl::StatusOr<MigrationReport> Migrate(const Schema& schema, const std::string& path);

  // The golden record of the profile that holds this identifier; the value may be raw. kNotFound if
  // nobody has it, kInvalidArgument for an unknown namespace. Cost: found in memory, where it stays under the text that
  // it was asked by (Options::profile_cache_bytes), there is no normalising, no reading and no allocation, also when
  // nobody has it; else two point reads.
  absl::StatusOr<Profile> Lookup(std::string_view ns, std::string_view value) const;
  absl::StatusOr<Profile> Lookup(const IdentifierView& one) const { return Lookup(one.ns, one.value); }
  // The profile that holds the anchor of this id, whether or not the id is still its current one.
  absl::StatusOr<Profile> Lookup(const ProfileId& id) const;

  // The same for many at once, in their order; nothing where nobody has the identifier. kInvalidArgument if a namespace
  // is unknown. Cost: that of hits, and for the rest one batched read of their identifiers and one of their profiles.
  // Each answer is as of some moment during the call, not all of the same.
  absl::StatusOr<std::vector<std::optional<Profile>>> LookupMany(std::span<const Identifier> identifiers) const;

  // What was true as of a time: the golden record that the evidence up to it makes, whenever that came, with the clock
  // at that time. Events count from their time on, versions of records from theirs (those before the newest, if the
  // table keeps versions), assertions and retractions from theirs; what has no time counts always, and what was
  // withdrawn never came. Of an id it is the profile that held its anchor then. kNotFound if nobody had it,
  // kInvalidArgument as Lookup and for a time that is not in the years 1 to 9999. Cost: that of the evidence of its
  // component up to then, and a look at each assertion of the database.
  absl::StatusOr<Profile> LookupAsOf(const IdentifierView& identifier, Time as_of) const;
  absl::StatusOr<Profile> LookupAsOf(const ProfileId& id, Time as_of) const;
  // The same for many, in their order; nothing where nobody had it. What is known of a profile of today is read once
  // for all that is asked about it, and resolved once for each time. All answers are of one moment of the database.
  absl::StatusOr<std::vector<std::optional<Profile>>> LookupManyAsOf(std::span<const IdentifierAt> asked) const;
  // Visits every profile that there was as of a time, in order of id. Memory and time grow with the database.
  absl::Status ForEachProfileAsOf(Time as_of, const std::function<bool(const ProfileView&)>& visit) const;

  // Visits every profile in order of id, or every identifier in order of its text, in one consistent
  // snapshot. `visit` returns false to stop early. The views are valid during the call.
  absl::Status ForEachProfile(const std::function<bool(const ProfileView&)>& visit) const;
  absl::Status ForEachIdentifier(const std::function<bool(const IdentifierView&, const ProfileId&)>& visit) const;
  // Likewise every member of a segment, in order of id. kInvalidArgument if the schema has none of that name. Cost:
  // that of the members; how many there are, GetStats() knows.
  absl::Status ForEachMember(std::string_view segment, const std::function<bool(const ProfileView&)>& visit) const;

  // Visits the refused rows, by source, file and line; of a batch object each message that was refused. `visit`
  // returns false to stop early. kInvalidArgument for an unknown source.
  absl::Status ForEachQuarantined(const std::function<bool(const QuarantinedRow&)>& visit,
                                  const QuarantineSelection& of = {}) const;
  // Takes every refused row through ingest again; those that now succeed leave the quarantine, the others stay with
  // the reason of today. Works in groups; if it breaks off, call it again. `report` is as IngestFile's.
  absl::Status ReplayQuarantine(IngestReport& report, const WriteOptions& options = {});
  // Throws refused rows away for good, and returns how many. Works in groups; if it breaks off, call it again.
  absl::StatusOr<uint64_t> DiscardQuarantine(const QuarantineSelection& of, const WriteOptions& options = {});

  // What changed, in order: a page of the feed, as it is by now. `next` of one page is `after` of the following one; an
  // engine that only reads is brought up to date by TryCatchUp(). kFailedPrecondition if the schema has no feed,
  // kInvalidArgument for a limit of 0, kOutOfRange if entries after `after` were deleted (Feed::keep_days, or a
  // migration), or the feed has not got that far: then go on with a snapshot. Cost: that of the entries looked at.
  absl::StatusOr<FeedPage> ReadFeed(const FeedQuery& query = {}) const;
  // The present as a feed would tell it from nothing, in order of profile ids: for who begins, or was left behind.
  // Returns the sequence as of which it is, which all entries have, too; the feed goes on after that. What was known
  // before is void. `visit` returns false to stop early: kCancelled then, for half a snapshot is none. Other errors as
  // above. Cost: all profiles are read.
  absl::StatusOr<uint64_t> ForEachFeedSnapshotEntry(const std::function<bool(const FeedEntry&)>& visit) const;
  // How far a consumer has come, by its name (up to 64 letters, digits, dots, dashes, underscores): nothing if it is
  // new. kOutOfRange if the feed tells something else there now than was acknowledged, as after a machine's crash.
  absl::StatusOr<std::optional<uint64_t>> AcknowledgedBy(std::string_view consumer) const;
  // Notes that the consumer has taken all entries up to this one; it may go back, too. It is durable when this returns.
  // In a file of its own in the database's directory, so an engine that only reads writes it, too: the one thing it
  // does. One process at a time should be a consumer; of several the last one's word stays.
  absl::Status Acknowledge(std::string_view consumer, uint64_t sequence);

  // Compares the profiles with a known truth. kInvalidArgument for an unknown namespace or an identifier that is
  // given to two entities.
  absl::StatusOr<Evaluation> Evaluate(std::span<const TruthRow> truth) const;

  Stats GetStats() const;
  // What is worth a look: the `most` largest profiles, most conflicted components and generic identifiers. Reads all
  // profiles; memory grows with the number of those in conflict.
  absl::StatusOr<IdentityStats> GetIdentityStats(size_t most = 10) const;

  // Recomputes everything from the evidence and compares it with what is stored. Returns the differences,
  // a line each; empty if all is well. Memory and time grow with the database.
  absl::StatusOr<std::vector<std::string>> Verify() const;

  // Of an engine that only reads: sees what the writer, in whatever process, has written by now; whole groups of it.
  // Waits until nobody reads and no visit is under way; look-ups that are answered from memory do not count.
  // kFailedPrecondition for an engine that writes, and when the database was migrated meanwhile: open it again then.
  // kUnavailable if the writer is too busy with its files; call it again.
  absl::Status TryCatchUp();

  // Moves the database's own clock, by which windows of traits move; returns when everything that was due by `now` is
  // done. In batches, between which others write, each as of the new time; if it is interrupted, the next Open does
  // what is left. kInvalidArgument if `now` lies before the clock. Cost: that of the profiles that something is due
  // for.
  absl::Status Advance(Time now, const WriteOptions& options = {});
  // The clock; nothing if it was never moved: before all times.
  std::optional<Time> now() const;

  // Makes everything durable that was written with a weaker WriteOptions::durability. Takes its turn among the writers.
  absl::Status Flush();

 private:
  class Impl;
  friend class EngineForTesting;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kintsugi

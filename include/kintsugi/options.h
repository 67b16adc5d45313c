// Options of a database and of its writes. Plain structs, for designated initialisers.

#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>

#include "kintsugi/feed.h"
#include "kintsugi/schema.h"
#include "kintsugi/value.h"

namespace kintsugi {

// What a write that has returned may still lose, from the least to the most.
enum class Durability {
  // Nothing, also when the machine loses power: every group of writes waits for the disk.
  kLosesNothing,
  // When the machine crashes, what the operating system has not written back yet (on Linux up to about half a minute);
  // when the process crashes, nothing. The default.
  kLosesOnMachineCrash,
  // When the process or the machine crashes, everything since the last Flush(). For a bulk load that can be run again.
  // The first write of another kind that follows flushes, and so is slow.
  kLosesOnAnyCrash,
};

struct WriteOptions {
  // Effect: see Durability. Change it per write: one important write may ask for more than the rest.
  Durability durability = Durability::kLosesOnMachineCrash;
};

// See Options::on_changes. The entries are valid during the call.
using OnChanges = std::function<void(std::span<const FeedEntry> entries)>;

struct Options {
  // The schema. Needed to create a database; may be left out afterwards. One that means something
  // else than the stored schema is refused with kFailedPrecondition, unless the database holds nothing yet.
  std::optional<Schema> schema;

  // Create the directory when it is not there. Off: a missing database is kNotFound.
  bool create_if_missing = true;

  // Only read, and leave no trace: any number of processes may, also while one writes. Such an engine sees what was
  // written when it was opened, and what has been since when TryCatchUp() is called; all that would write is
  // kFailedPrecondition. It keeps every file of the database open.
  bool read_only = false;

  // Memory for blocks read from disk, shared by all families. More makes cold look-ups rarer.
  size_t block_cache_bytes = size_t{256} << 20;

  // Memory for golden records that were looked up, and for identifiers that nobody has: what makes a hot look-up hot.
  // Estimate 400 bytes more than the record, and 100 for each text that it is asked by; a tenth or so goes to the table
  // itself. 0, or less than 64 KiB: nothing is kept, for a process that asks once.
  size_t profile_cache_bytes = size_t{64} << 20;

  // What time it is, for the history of changes and for `advance_every`. Empty: the system's clock. May be called from
  // any thread that writes, and from the engine's own.
  std::function<Time()> clock;

  // Effect: called after each group that is written with what it changed, entries of the feed in their order, before
  // the callers of the group return; readers see the group by then. By one thread at a time: whichever writes. Writers
  // wait for it, so it hands on and returns, and must not write to the same engine. What it throws is ignored. It may
  // be called while Engine::Open is under way, which finishes an Advance that was interrupted. It is not called by a
  // migration, nor for what was written before the engine was opened: Engine::ReadFeed has all. Needs
  // `feed` in the schema (kFailedPrecondition). Of no effect on an engine that only reads.
  OnChanges on_changes;

  // How often a thread of the engine moves the database's own clock (Engine::Advance) to `clock`. Zero: never, and the
  // host calls Advance. Of no effect on an engine that only reads.
  std::chrono::microseconds advance_every{0};

  // Memory for writes that are not on disk yet, shared by all families. More makes a bulk load faster.
  size_t write_buffer_bytes = size_t{128} << 20;
};

}  // namespace kintsugi

// Who is in which segment under one schema and under another.

#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "admin/difference.h"
#include "ingest/context.h"
#include "store/store.h"

namespace kintsugi::admin {

// By segment, those that nobody is in, too.
using Memberships = std::map<std::string, std::set<ProfileId>>;

// Of a schema's segments, before anybody is in one.
Memberships NoMembers(const ingest::Context& context);
// Adds what a row of `members` says.
absl::Status AddMember(const ingest::Context& context, std::string_view key, Memberships& out);
// All of them.
absl::StatusOr<Memberships> ReadMemberships(const ingest::Context& context, const store::Store& store,
                                            const store::Store::Snapshot& snapshot);

// Fills Difference::segments. A profile is known by its identifiers, and not by its id, which depends on the schema. A
// segment that one schema lacks has no members there. Pure. Cost: for each segment, that of the identifiers.
void CompareMembers(const Partition& before, const Memberships& was, const Partition& after, const Memberships& is,
                    Difference& difference);

}  // namespace kintsugi::admin

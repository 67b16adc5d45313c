// The naive segments: each condition asked again of one person, and memberships followed from segment to segment. And
// the naive subscriber, which believes nothing but the feed. Both are written from the page "The living profile,
// exactly" alone. Conditions compare as the naive traits' `where` does.
//
// Where the page is silent: an empty list holds no value, and so is absent to a condition; a first or last time later
// than `now` is no days old; the age before all times is absent.

#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "kintsugi/schema.h"
#include "kintsugi/value.h"

namespace kintsugi::testing {

// What segments look at. A list is its elements wherever it stands, as in `where`; so those of Keep::kAll need no mark.
struct NaivePerson {
  std::map<std::string, std::string> traits;      // JSON texts of those that are there, by name
  std::map<std::string, std::string> attributes;  // likewise
  std::set<std::string> namespaces;               // that the person has identifiers of
  std::optional<Time> first_seen;                 // nothing if no evidence has a time
  std::optional<Time> last_seen;
  std::optional<Time> now;  // nothing: before all times
};

// The names of those that the person is a member of, in schema order.
std::vector<std::string> NaiveSegments(const Schema& schema, const NaivePerson& person);

// What a feed says of a profile. Values are JSON texts as they stand in the feed; a tier is the trait "tier".
struct ReplayedProfile {
  std::set<std::string> segments;
  std::map<std::string, std::string> attributes;
  std::map<std::string, std::string> traits;
  friend bool operator==(const ReplayedProfile&, const ReplayedProfile&) = default;
};

// The profiles by id, after all of the lines that `kintsugi changes` has printed from the beginning, of all kinds. A
// new profile's fed traits are the schema's over no item. What cannot be is an error that says in which line what is
// impossible: an entry of an id that is not there, a change of nothing, a merge of what is still in a segment ...
absl::StatusOr<std::map<std::string, ReplayedProfile>> NaiveReplay(const Schema& schema,
                                                                   const std::vector<std::string>& lines);

}  // namespace kintsugi::testing

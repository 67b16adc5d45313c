// The naive engine: all evidence in lists, everything recomputed from them when asked, nothing clever, nothing
// stored. It shares normalisation and value bytes with the library; identity and survivorship are its own, written
// from the specification, so that the two can only agree by being right (or wrong in the same way).

#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/context.h"
#include "ingest/prepare.h"
#include "kintsugi/event.h"
#include "kintsugi/schema.h"

namespace kintsugi::testing {

class Reference {
 public:
  explicit Reference(const Schema& schema);

  void Add(const Event& event);
  void Add(const Record& record);

  // "profile_id\tns:value", by the second column: what `kintsugi clusters` prints.
  std::vector<std::string> Clusters() const;
  // JSON lines by profile id: what `kintsugi profiles` prints.
  std::vector<std::string> Profiles() const;

 private:
  using Id = identity::Node;
  struct Times {
    Time first = kNeverFirst;
    Time last = kNeverLast;
  };
  struct Said {  // by a source of an attribute of an identifier, once
    Id of;
    golden::Observation what;
  };
  struct Seen {  // identifiers together, once
    std::vector<Id> ids;
    Times times;
  };
  using Profile = std::set<Id>;

  void Collect(std::vector<Seen>& seen, std::vector<Said>& said) const;
  std::vector<Profile> Resolve(const std::vector<Seen>& seen) const;
  bool MayJoin(const Profile& a, const Profile& b) const;
  std::map<std::string, std::string> Golden(const Profile& profile, const std::vector<Said>& said) const;
  std::string Text(const Id& id) const;

  std::unique_ptr<const engine::Context> context_;
  ingest::Preparer preparer_;
  std::set<std::pair<int, std::string>> messages_;
  std::vector<ingest::PreparedEvent> events_;
  std::map<std::pair<int, std::string>, std::vector<ingest::PreparedRecord>> records_;  // all versions, as they arrived
};

}  // namespace kintsugi::testing

// Survivorship: which of the observed values reach the golden record. Pure.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "golden/observation.h"
#include "kintsugi/schema.h"

namespace kintsugi::golden {

// A value that survived.
struct Survivor {
  std::string attribute;
  std::string value;  // EncodeValue
  SourceIndex source = 0;
  Time observed_at = kNeverLast;
  Keep rule = Keep::kMostRecent;
};

// Rules is the schema's `golden` section, ready to use. Immutable and safe from many threads.
class Rules {
 public:
  explicit Rules(const Schema& schema);

  // What an event or record says, as observations in order: the attributes of a group become one value, and
  // attributes that are never kept are left out. Nulls are kept if `keep_nulls` (events), else they are absent.
  std::vector<Observation> Observe(const std::vector<NamedValue>& values, SourceIndex source, Time time,
                                   bool keep_nulls) const;

  // The surviving values, by attribute name. `observations` may be in any order, and equal ones (of several
  // identifiers of the profile) are one. O(n log n).
  //
  // A null deletes the values that its source last said no later than the null. A value that the source said again
  // afterwards is there as a whole, with the times and the count of all its sayings (decision 0010). An empty value
  // survives only if there is no other. Every tie ends in the value's bytes, then the source's position.
  std::vector<Survivor> Survive(std::vector<const Observation*> observations) const;

 private:
  struct Rule {
    Keep keep = Keep::kMostRecent;
    std::vector<uint32_t> source_rank;    // by SourceIndex, for kSourceOrder
    std::vector<int64_t> trust_bonus_us;  // by SourceIndex, for kHighestTrust that ages
  };

  Rule Compile(const Schema& schema, const Survivorship& text) const;
  const Rule& RuleOf(const Observation& observation) const;
  const Observation* Best(const Rule& rule, const std::vector<const Observation*>& candidates) const;
  void SurviveOne(std::vector<const Observation*>& candidates, std::vector<Survivor>& out) const;

  std::vector<double> trust_;  // by SourceIndex
  std::map<std::string, Rule, std::less<>> attributes_;
  // A group is known by its first attribute, whose name nothing else can have.
  std::map<std::string, Rule, std::less<>> groups_;
  std::map<std::string, std::string, std::less<>> group_of_;  // attribute → its group
  Rule others_;
};

}  // namespace kintsugi::golden

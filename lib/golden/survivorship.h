// Survivorship: which of the observed values reach the golden record. Pure.

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
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

// Of one identifier.
inline constexpr size_t kMaxUnlistedAttributes = 500;
// Of a value's bytes: a longer one stays evidence, and is never observed.
inline constexpr size_t kMaxValueBytes = size_t{16} << 10;

// Rules is the schema's `golden` section, ready to use. Immutable and safe from many threads.
class Rules {
 public:
  explicit Rules(const Schema& schema);

  // What an event or record says, as observations in order: the attributes of a group become one value, and
  // attributes that are never kept are left out, and values longer than kMaxValueBytes. Nulls are kept if `keep_nulls`
  // (events), else they are absent.
  std::vector<Observation> Observe(const std::vector<NamedValue>& values, SourceIndex source, Time time,
                                   bool keep_nulls) const;

  // Adds what an event says to what was observed of an identifier before, in order, and keeps that bounded.
  //
  // Of one attribute and source at most `max_values` different values are kept: those whose bytes have the smallest
  // hashes. Beside them stay what decides: the null, the empty string, the value that was said last, and the one that
  // the rule asks for, the one said first, the smallest, largest or longest; those with the times at which they decide
  // and the count 1, unless they are among the smallest hashes. Of attributes that the schema does not list at most
  // kMaxUnlistedAttributes are kept, those whose names have the smallest hashes. So what is kept is a function of all
  // that was said, in whatever order, and costs no more than that to change. Calls `left_out` with the attribute of
  // each value that is not kept.
  using LeftOut = std::function<void(const Observation&)>;
  void AddObservations(std::vector<Observation>& observations, std::span<const Observation> said,
                       const LeftOut& left_out) const;

  // The two steps of that, for who has not all observations of an identifier at hand. First, of each value that is
  // said: `observations` are in order, and have at least all that the source said of the attribute.
  // Whether there were too many, so that some may be left out or be known less well than before.
  bool AddObservation(std::vector<Observation>& observations, const Observation& said, const LeftOut& left_out) const;
  // The same for who knows, of what the source said of the attribute, only the Pivots() and this value, if it is kept.
  // `threshold` is the first of them. Nothing happens, and false is returned, if all of it has to be known: the value
  // takes the threshold's place, and the next threshold is not known. That is seldom, the seldomer the more was said.
  bool AddObservationBeyond(std::vector<Observation>& observations, const Observation& said,
                            const std::string& threshold, const LeftOut& left_out) const;
  // Those of the values that one source gave an attribute which have to be known to add another: of those with the
  // smallest hashes the one with the largest, the threshold; then those that decide. None as long as there are fewer
  // than would be bounded. `values` are in order: all that are kept; or, if the threshold is known, the pivots before
  // and what was said since.
  std::vector<const Observation*> Pivots(std::span<const Observation> values,
                                         const std::optional<std::string>& threshold = std::nullopt) const;
  // Then, once: which of the attributes that the schema does not list are too many. `names` are distinct.
  std::vector<std::string_view> AttributesBeyond(std::vector<std::string_view> names) const;

  // How many values of the attribute one source can have before some may be left out.
  uint32_t MaxValues(std::string_view attribute) const { return RuleOf(attribute).max_values; }
  // Whether the schema has a rule for the attribute, or for the group that it is in.
  bool IsListed(std::string_view attribute) const {
    return groups_.contains(attribute) || attributes_.contains(attribute);
  }

  // The surviving values, by attribute name. `observations` may be in any order, and equal ones (of several
  // identifiers of the profile) are one. O(n log n).
  //
  // A null deletes the values that its source last said no later than the null. A value that the source said again
  // afterwards is there as a whole, with the times and the count of all its sayings (decision 0010). An empty value
  // survives only if there is no other. Every tie ends in the value's bytes, then the source's position.
  std::vector<Survivor> Survive(std::vector<const Observation*> observations) const;

  // Whether an attribute's survivor can be told from the one before and what was said since: the rule compares values
  // one by one, and does not count or list them. (A group's survivor could be, too, if its parts were put together.)
  bool ComparesOneByOne(std::string_view attribute) const;
  // Whether beyond MaxValues() a value only makes room for better ones, as the rule sees it. (Of values that are
  // equally long the rule wants the one said last, and that is not what is kept.)
  bool MakesRoomForBetter(std::string_view attribute) const {
    return ComparesOneByOne(attribute) && RuleOf(attribute).keep != Keep::kLongest;
  }
  // That survivor, where ComparesOneByOne(), nothing is null, and of what was said nothing was taken back. `said` are
  // of one attribute, at least one.
  Survivor SurviveWith(const Survivor* before, std::span<const Observation> said) const;
  // The attributes that an observation's value stands for: those of a group, or itself.
  std::vector<std::string_view> AttributesOf(std::string_view attribute) const;

 private:
  struct Rule {
    Keep keep = Keep::kMostRecent;
    uint32_t max_values = kDefaultMaxValues;
    std::vector<uint32_t> source_rank;    // by SourceIndex, for kSourceOrder
    std::vector<int64_t> trust_bonus_us;  // by SourceIndex, for kHighestTrust that ages
  };

  Rule Compile(const Schema& schema, const Survivorship& text) const;
  const Rule& RuleOf(std::string_view attribute) const;
  bool BoundValues(std::vector<Observation>& observations, const Observation& of, size_t most,
                   const LeftOut& left_out) const;
  // Of two values neither of which is null or empty; not for rules that count.
  bool IsBetter(const Rule& rule, const Observation& a, const Observation& b) const;
  const Observation* Best(const Rule& rule, const std::vector<const Observation*>& candidates) const;
  void SurviveOne(std::vector<const Observation*>& candidates, std::vector<Survivor>& out) const;

  std::vector<double> trust_;  // by SourceIndex
  std::map<std::string, Rule, std::less<>> attributes_;
  // A group is known by its first attribute, whose name nothing else can have.
  std::map<std::string, Rule, std::less<>> groups_;
  std::map<std::string, std::vector<std::string>, std::less<>> members_;  // of a group
  std::map<std::string, std::string, std::less<>> group_of_;              // attribute → its group
  Rule others_;
};

}  // namespace kintsugi::golden

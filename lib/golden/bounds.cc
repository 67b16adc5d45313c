// Rules::AddObservation: what is observed of an identifier stays bounded, whatever is said of it.

#include <algorithm>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "golden/survivorship.h"
#include "golden/value_codec.h"

namespace kintsugi::golden {
namespace {

// Which values stay is told by a hash of their bytes, and not by how often or when they were said: that changes with
// what comes, and a value that was dropped would have to come back with what was forgotten of it.
using HashAndBytes = std::pair<uint64_t, std::string_view>;

HashAndBytes Hashed(std::string_view bytes) {
  return {Fingerprint(bytes), bytes};
}

bool SaidLater(const Observation& a, const Observation& b) {
  return a.last_observed != b.last_observed ? a.last_observed > b.last_observed : a.value < b.value;
}
bool SaidEarlier(const Observation& a, const Observation& b) {
  return a.first_observed != b.first_observed ? a.first_observed < b.first_observed : a.value < b.value;
}
bool IsSmaller(const Observation& a, const Observation& b) {
  return a.value != b.value && LessThan(a.value, b.value);
}
bool IsLarger(const Observation& a, const Observation& b) {
  return IsSmaller(b, a);
}
bool IsLonger(const Observation& a, const Observation& b) {
  const size_t x = LengthOf(a.value);
  const size_t y = LengthOf(b.value);
  return x != y ? x > y : a.value < b.value;
}

// Chooses among the values that one source gave one attribute of one identifier.
class Choice {
 public:
  Choice(std::span<const Observation> values, Keep keep, size_t most) : values_(values), ways_(values.size(), kNot) {
    std::vector<std::pair<HashAndBytes, size_t>> hashes;
    for (size_t i = 0; i < values.size(); ++i) {
      const std::string& value = values[i].value;
      if (IsNull(value) || (IsEmpty(value) && !IsGroup(value))) {
        ways_[i] = kWhole;  // there is one of each
      } else {
        hashes.emplace_back(Hashed(value), i);
        if (!IsEmpty(value)) full_.push_back(i);
      }
    }
    const bool is_full = most != 0 && hashes.size() >= most;
    most = std::min(most, hashes.size());
    const auto end = hashes.begin() + static_cast<std::ptrdiff_t>(most);
    std::nth_element(hashes.begin(), end, hashes.end());
    for (auto hash = hashes.begin(); hash != end; ++hash) ways_[hash->second] = kWhole;
    if (is_full) pivots_.push_back(std::max_element(hashes.begin(), end)->second);
    MarkDecisive(keep);
    if (!is_full) pivots_.clear();
  }

  // Rules::Pivots, as indices.
  const std::vector<size_t>& pivots() const { return pivots_; }

  // Brings the i-th value into the form in which it is kept; false if it is not.
  bool Shape(size_t i, Observation& o) const {
    if ((ways_[i] & kWhole) != 0) return true;
    if (ways_[i] == kNot) return false;
    // What was said of it at other times is not known for sure.
    o.count = 1;
    if ((ways_[i] & kFirst) == 0) o.first_observed = o.last_observed;
    if ((ways_[i] & kLast) == 0) o.last_observed = o.first_observed;
    return true;
  }

 private:
  enum Way : uint8_t { kNot = 0, kWhole = 1, kFirst = 2, kLast = 4 };

  void MarkDecisive(Keep keep) {
    Mark(SaidLater, kLast);
    if (keep == Keep::kOldest) Mark(SaidEarlier, kFirst);
    // These never change places with others, so nothing of them was ever dropped.
    if (keep == Keep::kMin) Mark(IsSmaller, kWhole);
    if (keep == Keep::kMax) Mark(IsLarger, kWhole);
    if (keep == Keep::kLongest) Mark(IsLonger, kWhole);
  }

  void Mark(bool (*is_better)(const Observation&, const Observation&), Way way) {
    if (full_.empty()) return;
    const size_t best = *std::min_element(full_.begin(), full_.end(),
                                          [&](size_t a, size_t b) { return is_better(values_[a], values_[b]); });
    ways_[best] = static_cast<uint8_t>(ways_[best] | way);
    if (std::find(pivots_.begin(), pivots_.end(), best) == pivots_.end()) pivots_.push_back(best);
  }

  std::span<const Observation> values_;
  std::vector<uint8_t> ways_;
  std::vector<size_t> full_;  // those that are neither null nor empty
  std::vector<size_t> pivots_;
};

// Keeps of observations those from `begin` to `end` for which `is_kept(index)`.
template <typename IsKept>
void Filter(std::vector<Observation>& observations, size_t begin, size_t end, IsKept is_kept,
            const Rules::LeftOut& left_out) {
  size_t kept = begin;
  for (size_t i = begin; i < end; ++i) {
    if (!is_kept(i)) {
      left_out(observations[i]);
      continue;
    }
    if (kept != i) observations[kept] = std::move(observations[i]);
    ++kept;
  }
  observations.erase(observations.begin() + static_cast<std::ptrdiff_t>(kept),
                     observations.begin() + static_cast<std::ptrdiff_t>(end));
}

}  // namespace

// Whether there were more than `most`, so that some may be left out.
bool Rules::BoundValues(std::vector<Observation>& observations, const Observation& of, size_t most,
                        const LeftOut& left_out) const {
  const auto by_attribute_and_source = [](const Observation& a, const Observation& b) {
    const int order = a.attribute.compare(b.attribute);
    return order != 0 ? order < 0 : a.source < b.source;
  };
  const auto [first, last] = std::equal_range(observations.begin(), observations.end(), of, by_attribute_and_source);
  if (static_cast<size_t>(last - first) <= most) return false;
  const auto begin = static_cast<size_t>(first - observations.begin());
  const auto size = static_cast<size_t>(last - first);
  const Choice choice({observations.data() + begin, size}, RuleOf(of.attribute).keep, most);
  Filter(
      observations, begin, begin + size, [&](size_t i) { return choice.Shape(i - begin, observations[i]); }, left_out);
  return true;
}

bool Rules::AddObservation(std::vector<Observation>& observations, const Observation& said,
                           const LeftOut& left_out) const {
  golden::AddObservation(observations, said);
  return BoundValues(observations, said, MaxValues(said.attribute), left_out);
}

namespace {

// How many of the values of one source have hashes up to the threshold's.
size_t CountUpTo(std::span<const Observation> values, const std::string& threshold) {
  const HashAndBytes most = Hashed(threshold);
  return static_cast<size_t>(std::count_if(values.begin(), values.end(), [&](const Observation& o) {
    return !IsNull(o.value) && (!IsEmpty(o.value) || IsGroup(o.value)) && Hashed(o.value) <= most;
  }));
}

}  // namespace

// Values that are not known have smaller hashes than the threshold and decide nothing: they stay as they are.
bool Rules::AddObservationBeyond(std::vector<Observation>& observations, const Observation& said,
                                 const std::string& threshold, const LeftOut& left_out) const {
  std::vector<Observation> of_source;
  const auto is_of_source = [&](const Observation& o) {
    return o.attribute == said.attribute && o.source == said.source;
  };
  std::copy_if(observations.begin(), observations.end(), std::back_inserter(of_source), is_of_source);
  const size_t before = of_source.size();
  const size_t most = CountUpTo(of_source, threshold);
  golden::AddObservation(of_source, said);
  if (of_source.size() != before && CountUpTo(of_source, threshold) != most) return false;
  golden::AddObservation(observations, said);
  BoundValues(observations, said, most, left_out);
  return true;
}

std::vector<const Observation*> Rules::Pivots(std::span<const Observation> values,
                                              const std::optional<std::string>& threshold) const {
  if (values.empty()) return {};
  const std::string& attribute = values.front().attribute;
  const size_t most = threshold ? CountUpTo(values, *threshold) : MaxValues(attribute);
  const Choice choice(values, RuleOf(attribute).keep, most);
  std::vector<const Observation*> out;
  for (const size_t i : choice.pivots()) out.push_back(&values[i]);
  return out;
}

std::vector<std::string_view> Rules::AttributesBeyond(std::vector<std::string_view> names) const {
  std::erase_if(names, [&](std::string_view name) { return IsListed(name); });
  if (names.size() <= kMaxUnlistedAttributes) return {};
  const auto beyond = names.begin() + kMaxUnlistedAttributes;
  std::nth_element(names.begin(), beyond, names.end(),
                   [](std::string_view a, std::string_view b) { return Hashed(a) < Hashed(b); });
  return {beyond, names.end()};
}

void Rules::AddObservations(std::vector<Observation>& observations, std::span<const Observation> said,
                            const LeftOut& left_out) const {
  for (const Observation& o : said) AddObservation(observations, o, left_out);
  if (observations.size() <= kMaxUnlistedAttributes) return;
  std::vector<std::string_view> names;
  for (const Observation& o : observations) {
    if (names.empty() || names.back() != o.attribute) names.push_back(o.attribute);
  }
  const std::vector<std::string_view> beyond = AttributesBeyond(std::move(names));
  if (beyond.empty()) return;
  const std::set<std::string, std::less<>> dropped(beyond.begin(), beyond.end());  // the views end with what they name
  Filter(
      observations, 0, observations.size(), [&](size_t i) { return !dropped.contains(observations[i].attribute); },
      left_out);
}

}  // namespace kintsugi::golden

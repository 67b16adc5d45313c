#include "schema/validate_traits.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "schema/circles.h"
#include "schema/filter_text.h"
#include "schema/trait_text.h"
#include "schema/trait_values.h"

namespace kintsugi::schema {
namespace {

constexpr uint32_t kMostHours = kMostDays * kHoursOfDay;
constexpr size_t kMostTraits = 1'000;
constexpr uint32_t kMostListed = 10'000;  // as many different values of an identifier are kept

bool HasOf(TraitKind kind) {
  return kind >= TraitKind::kSum && kind <= TraitKind::kTop;
}

bool IsOfNumbers(TraitKind kind) {
  return kind >= TraitKind::kSum && kind <= TraitKind::kMax;
}

bool IsFollowed(TraitKind kind) {
  return kind == TraitKind::kFollowed || kind == TraitKind::kNotFollowed;
}

bool CanBeNumber(TraitValue value) {
  return value == TraitValue::kNumber || value == TraitValue::kAny;
}

std::vector<Made> MadeOf(const std::vector<Trait>& traits) {
  std::vector<Made> all;
  for (const Trait& trait : traits) {
    all.push_back({.name = trait.name});
    if (!IsOfItems(trait.kind)) all.back().of.assign(trait.operands.begin(), trait.operands.end());
  }
  return all;
}

// The field that names an operand.
std::string OperandField(TraitKind kind, size_t index) {
  if (kind == TraitKind::kTotal) return fmt::format("of[{}]", index);
  if (index == 0) return "of";
  return kind == TraitKind::kRatio ? "to" : "minus";
}

class TraitCheck {
 public:
  TraitCheck(const Schema& schema, FilterCheck& filters, std::vector<Problem>& problems)
      : schema_(schema), filters_(filters), problems_(problems), values_(TraitValues(schema)) {}

  void Run() {
    if (schema_.traits.size() > kMostTraits)
      return Report(fmt::format("traits[{}]", kMostTraits), "more than 1,000 traits: remove some");
    for (size_t i = 0; i < schema_.traits.size(); ++i) CheckTrait(fmt::format("traits[{}]", i), schema_.traits[i]);
    const std::vector<Made> made = MadeOf(schema_.traits);
    for (const Circle& circle : FindCircles(made)) ReportCircle(circle, made);
  }

 private:
  void Report(std::string path, std::string message) { problems_.push_back({std::move(path), std::move(message)}); }

  static std::string KindPath(const std::string& path, const Trait& trait) {
    return fmt::format("{}.{}", path, NameOf(trait.kind));
  }

  void CheckTrait(const std::string& path, const Trait& trait) {
    if (!IsName(trait.name)) {
      Report(path + ".name", fmt::format("a trait needs a name of letters, digits, `_` and `-`, at most 64; this is "
                                         "`{}`",
                                         trait.name));
    } else if (!names_.insert(trait.name).second) {
      Report(path + ".name", fmt::format("the trait `{}` is declared twice: remove or rename one", trait.name));
    }
    CheckNotTaken(path + ".name", trait.name);
    if (trait.feed && !schema_.feed) {
      Report(
          path + ".feed",
          fmt::format("there is no feed to tell of `{}`: add `feed {{}}` to the schema, or remove `feed`", trait.name));
    }
    if (IsOfItems(trait.kind))
      CheckItems(path, trait);
    else
      CheckOperands(path, trait);
  }

  // A trait that a section brings would stand beside it under the same name.
  void CheckNotTaken(const std::string& path, const std::string& name) {
    const std::string_view section = SectionThatBrings(name);
    const bool is_there = section == "commerce" ? schema_.commerce.has_value() : schema_.loyalty.has_value();
    if (section.empty() || !is_there) return;
    Report(path, fmt::format("the name `{}` is taken: `{}` brings a trait of that name; rename this one, or use that",
                             name, section));
  }

  void CheckItems(const std::string& path, const Trait& trait) {
    filters_.CheckItems(path, trait.activity, trait.items);
    CheckWindow(path + ".window", trait);
    const std::string kind = KindPath(path, trait);
    if (HasOf(trait.kind)) CheckOf(kind + ".of", trait);
    if (trait.kind == TraitKind::kValues) CheckListed(kind, "limit", trait.limit);
    if (trait.kind == TraitKind::kTop) CheckListed(kind, "k", trait.limit);
    if (IsFollowed(trait.kind)) CheckFollowed(kind, trait);
  }

  void CheckOf(const std::string& path, const Trait& trait) {
    if (trait.of.empty()) {
      Report(path,
             "`of` is missing: name a number or text of the activity, a path into the properties, or `$name`, "
             "`$source`, `$time`");
    } else if (IsOfNumbers(trait.kind) && IsOfItself(trait.of)) {
      Report(path,
             fmt::format("`{}` is of numbers, and `{}` is a text: name a number, or ask for another kind, such as "
                         "`first` or `last`",
                         NameOf(trait.kind), trait.of));
    }
    filters_.CheckField(path, trait.of);
  }

  void CheckListed(const std::string& path, std::string_view field, uint32_t limit) {
    if (limit >= 1 && limit <= kMostListed) return;
    Report(fmt::format("{}.{}", path, field), fmt::format("{} is a number from 1 to {}", field, kMostListed));
  }

  void CheckFollowed(const std::string& path, const Trait& trait) {
    if (trait.by.empty())
      Report(path + ".by", "`by` is missing: name the activity that follows");
    else
      filters_.CheckActivity(path + ".by", trait.by);
    if (trait.within_hours < 1 || trait.within_hours > kMostHours)
      Report(path + ".within_hours", fmt::format("within_hours is a number from 1 to {}", kMostHours));
  }

  void CheckWindow(const std::string& path, const Trait& trait) {
    if (trait.sliding && trait.calendar)
      return Report(path, "a window is of days, of hours or of a calendar: remove one of them");
    if (trait.sliding) CheckSliding(path, *trait.sliding);
    if (trait.calendar && trait.calendar->back > kMostDays)
      Report(path + ".back", fmt::format("back is a number from 0 to {}", kMostDays));
  }

  // The paths are those of days. Where the text has hours instead, they stand there.
  void CheckSliding(const std::string& path, const SlidingWindow& window) {
    const auto [age, until] = window;
    if (age < 1 || age > kMostHours) {
      Report(path + ".days",
             fmt::format("a window of days has 1 to {}, one of hours 1 to {}: correct it", kMostDays, kMostHours));
    } else if (until >= age) {
      Report(
          path + ".until_days",
          "the window ends before it begins: give it less of `until_days` or `until_hours` than of `days` or `hours`");
    }
  }

  // Of other traits.
  void CheckOperands(const std::string& path, const Trait& trait) {
    RefuseItems(path, trait);
    const std::string kind = KindPath(path, trait);
    const std::vector<std::string>& operands = trait.operands;
    if (trait.kind == TraitKind::kTotal ? operands.empty()
                                        : operands.size() != (trait.kind == TraitKind::kBand ? 1 : 2))
      Report(kind, fmt::format("`{}` needs other traits: name them", NameOf(trait.kind)));
    for (size_t i = 0; i < operands.size(); ++i)
      CheckOperand(fmt::format("{}.{}", kind, OperandField(trait.kind, i)), trait, operands[i]);
    if (trait.kind == TraitKind::kBand) CheckBounds(kind, trait.bounds);
  }

  void RefuseItems(const std::string& path, const Trait& trait) {
    const auto refuse = [&](bool is_there, std::string_view place, std::string_view field) {
      if (!is_there) return;
      Report(fmt::format("{}.{}", path, place),
             fmt::format("`{}` is computed from other traits and has no items of its own: remove `{}`",
                         NameOf(trait.kind), field));
    };
    refuse(!trait.activity.empty(), "activity", "activity");
    refuse(!trait.items.events.empty(), "events[0]", "events");
    refuse(!trait.items.sources.empty(), "source[0]", "source");
    refuse(!trait.items.where.empty(), "where[0]", "where");
    refuse(trait.sliding || trait.calendar, "window", "window");
  }

  void CheckOperand(const std::string& path, const Trait& trait, const std::string& name) {
    const auto operand = values_.find(name);
    if (name.empty()) {
      Report(path, fmt::format("`{}` needs another trait here: name it", NameOf(trait.kind)));
    } else if (operand == values_.end()) {
      Report(path, TellUndeclaredTrait(name));
    } else if (!CanBeNumber(operand->second)) {
      Report(path, fmt::format("`{}` needs a number, and the trait `{}` is {}: name another", NameOf(trait.kind), name,
                               NameOf(operand->second)));
    }
  }

  void CheckBounds(const std::string& path, const std::vector<double>& bounds) {
    if (bounds.empty()) Report(path, "a band has no bounds: add `at: …`, ascending");
    for (size_t i = 0; i < bounds.size(); ++i) {
      const std::string at = fmt::format("{}.at[{}]", path, i);
      if (!IsBound(bounds[i]))
        Report(at, "a bound is a number from -1e13 to 1e13: correct it");
      else if (i > 0 && !(RoundedBound(bounds[i]) > RoundedBound(bounds[i - 1])))
        Report(at, fmt::format("bounds ascend, and {} comes after {}: put them in order", bounds[i], bounds[i - 1]));
    }
  }

  void ReportCircle(const Circle& circle, const std::vector<Made>& made) {
    const Trait& first = schema_.traits[circle.front()];
    const std::string& next = schema_.traits[circle[1 % circle.size()]].name;
    const auto operand = std::find(first.operands.begin(), first.operands.end(), next) - first.operands.begin();
    Report(fmt::format("{}.{}", KindPath(fmt::format("traits[{}]", circle.front()), first),
                       OperandField(first.kind, static_cast<size_t>(operand))),
           fmt::format("traits are computed from one another in a circle, {}: take one of them out",
                       TextOf(circle, made)));
  }

  const Schema& schema_;
  FilterCheck& filters_;
  std::vector<Problem>& problems_;
  const std::map<std::string_view, TraitValue> values_;
  std::set<std::string_view> names_;
};

}  // namespace

std::string TellUndeclaredTrait(std::string_view name) {
  const std::string_view section = SectionThatBrings(name);
  if (section.empty()) return fmt::format("the trait `{}` is not declared: declare it or correct the name", name);
  return fmt::format("the trait `{}` is not declared: declare it, or add `{} {{}}`, which brings it", name, section);
}

void FindTraitProblems(const Schema& schema, FilterCheck& filters, std::vector<Problem>& problems) {
  TraitCheck(schema, filters, problems).Run();
}

}  // namespace kintsugi::schema

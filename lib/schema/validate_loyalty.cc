#include "schema/validate_loyalty.h"

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "schema/filter_text.h"

namespace kintsugi::schema {
namespace {

constexpr size_t kMostRules = 100;
constexpr uint32_t kMostPoints = std::numeric_limits<uint32_t>::max();
// What nobody earns, and what is still exact wherever it is computed with.
constexpr uint64_t kMostEarned = 1'000'000'000'000'000;

class LoyaltyCheck {
 public:
  LoyaltyCheck(const Loyalty& loyalty, FilterCheck& filters, std::vector<Problem>& problems)
      : loyalty_(loyalty), filters_(filters), problems_(problems) {}

  void Run() {
    CheckCount("earn", loyalty_.earn.size());
    CheckCount("spend", loyalty_.spend.size());
    CheckCount("tiers", loyalty_.tiers.size());
    for (size_t i = 0; i < loyalty_.earn.size(); ++i) CheckEarn(fmt::format("loyalty.earn[{}]", i), loyalty_.earn[i]);
    for (size_t i = 0; i < loyalty_.spend.size(); ++i)
      CheckSpend(fmt::format("loyalty.spend[{}]", i), loyalty_.spend[i]);
    if (loyalty_.expire_days > kMostDays) {
      Report("loyalty.expire_days",
             fmt::format("expire_days is a number from 1 to {}; without it points never expire", kMostDays));
    }
    for (size_t i = 0; i < loyalty_.tiers.size(); ++i)
      CheckTier(fmt::format("loyalty.tiers[{}]", i), loyalty_.tiers[i]);
  }

 private:
  void Report(std::string path, std::string message) { problems_.push_back({std::move(path), std::move(message)}); }

  void CheckCount(std::string_view what, size_t count) {
    if (count > kMostRules)
      Report(fmt::format("loyalty.{}[{}]", what, kMostRules),
             fmt::format("more than {} of `{}`: remove some", kMostRules, what));
  }

  void CheckEarn(const std::string& path, const Loyalty::Earn& earn) {
    filters_.CheckItems(path, earn.activity, earn.items);
    if (earn.of.empty() && earn.points == 0) {
      Report(path,
             "nothing says how many points an item earns: add `points: …`, 1 or more, for each item, or `of: …` "
             "for each unit of what it says");
    } else if (!earn.of.empty() && earn.points > 0) {
      Report(path + ".points", "an item earns by `of` or by `points`: remove one of them, or give each an `earn`");
    }
    if (earn.of.empty() && earn.points > 0 && earn.points_per != Loyalty::Earn().points_per) {
      Report(path + ".points_per", std::string(kPointsPerWithoutOf));
    } else if (!IsRate(earn.points_per)) {
      Report(path + ".points_per",
             fmt::format("points_per is a decimal of six places, from 0.000001 to {}: correct it", kMostPoints));
    }
    if (!earn.of.empty()) CheckOf(path + ".of", earn.of);
    CheckAtMost(path + ".at_most", earn);
  }

  void CheckOf(const std::string& path, const std::string& of) {
    if (IsOfItself(of)) {
      Report(path, fmt::format("points are told by a number, and `{}` is a text: name a number of the activity, or a "
                               "path into the properties",
                               of));
    } else {
      filters_.CheckField(path, of);
    }
  }

  static bool IsRate(double points_per) {
    const double rounded = RoundedBound(points_per);
    return rounded > 0 && rounded <= kMostPoints;
  }

  // Neither is no limit.
  void CheckAtMost(const std::string& path, const Loyalty::Earn& earn) {
    if (earn.times == 0 && earn.times_days == 0) return;
    if (earn.times == 0) Report(path + ".times", "times is a number from 1 on: say how many items earn");
    if (earn.times_days < 1 || earn.times_days > kMostDays)
      Report(path + ".days", fmt::format("days is a number from 1 to {}", kMostDays));
  }

  void CheckSpend(const std::string& path, const Loyalty::Spend& spend) {
    filters_.CheckItems(path, spend.activity, spend.items);
    if (!spend.of.empty()) return CheckOf(path + ".of", spend.of);
    Report(
        path + ".of",
        "`of` is missing: name a number of the activity, or a path into the properties, that says how many points an "
        "item costs");
  }

  void CheckTier(const std::string& path, const Loyalty::Tier& tier) {
    if (tier.name.empty())
      Report(path + ".name", "the tier has no name: add `name: …`");
    else if (!tiers_.insert(tier.name).second)
      Report(path + ".name", fmt::format("the tier `{}` is declared twice: remove or rename one", tier.name));
    if (tier.earned < 1 || tier.earned > kMostEarned)
      Report(path + ".earned", fmt::format("earned is a number from 1 to {}", kMostEarned));
    if (tier.days < 1 || tier.days > kMostDays)
      Report(path + ".days", fmt::format("days is a number from 1 to {}", kMostDays));
  }

  const Loyalty& loyalty_;
  FilterCheck& filters_;
  std::vector<Problem>& problems_;
  std::set<std::string_view> tiers_;
};

}  // namespace

void FindLoyaltyProblems(const Loyalty& loyalty, FilterCheck& filters, std::vector<Problem>& problems) {
  LoyaltyCheck(loyalty, filters, problems).Run();
}

}  // namespace kintsugi::schema

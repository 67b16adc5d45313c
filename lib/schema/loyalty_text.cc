#include "schema/loyalty_text.h"

#include "schema/filter_text.h"

namespace kintsugi::schema {
namespace {

Loyalty::Earn EarnOf(const LoyaltyText::Earn& text) {
  Loyalty::Earn out = {.activity = text.activity(),
                       .items = FilterOf(text),
                       .of = text.of(),
                       .points = text.points(),
                       .times = text.at_most().times(),
                       .times_days = text.at_most().days()};
  if (text.has_points_per()) out.points_per = RoundedBound(text.points_per());
  return out;
}

Loyalty::Spend SpendOf(const LoyaltyText::Spend& text) {
  return {.activity = text.activity(), .items = FilterOf(text), .of = text.of()};
}

void FillEarn(const Loyalty::Earn& earn, LoyaltyText::Earn* out) {
  if (!earn.activity.empty()) out->set_activity(earn.activity);
  FillFilter(earn.items, out);
  if (!earn.of.empty()) out->set_of(earn.of);
  const double points_per = RoundedBound(earn.points_per);
  if (points_per != Loyalty::Earn().points_per) out->set_points_per(points_per);
  if (earn.points > 0) out->set_points(earn.points);
  if (earn.times > 0) out->mutable_at_most()->set_times(earn.times);
  if (earn.times_days > 0) out->mutable_at_most()->set_days(earn.times_days);
}

void FillSpend(const Loyalty::Spend& spend, LoyaltyText::Spend* out) {
  if (!spend.activity.empty()) out->set_activity(spend.activity);
  FillFilter(spend.items, out);
  out->set_of(spend.of);
}

void FillTier(const Loyalty::Tier& tier, LoyaltyText::Tier* out) {
  out->set_name(tier.name);
  out->set_earned(tier.earned);
  out->set_days(tier.days);
}

}  // namespace

Loyalty LoyaltyOf(const LoyaltyText& text) {
  Loyalty out = {.expire_days = text.expire_days()};
  for (const LoyaltyText::Earn& earn : text.earn()) out.earn.push_back(EarnOf(earn));
  for (const LoyaltyText::Spend& spend : text.spend()) out.spend.push_back(SpendOf(spend));
  for (const LoyaltyText::Tier& tier : text.tiers()) out.tiers.push_back({tier.name(), tier.earned(), tier.days()});
  return out;
}

void FillLoyalty(const Loyalty& loyalty, LoyaltyText* out) {
  for (const Loyalty::Earn& earn : loyalty.earn) FillEarn(earn, out->add_earn());
  for (const Loyalty::Spend& spend : loyalty.spend) FillSpend(spend, out->add_spend());
  if (loyalty.expire_days > 0) out->set_expire_days(loyalty.expire_days);
  for (const Loyalty::Tier& tier : loyalty.tiers) FillTier(tier, out->add_tiers());
}

}  // namespace kintsugi::schema

// Which items bring points and cost them, how many, and which tier they lead to.

#include "living/loyalty.h"

#include <random>

#include "unit/living/trait_examples.h"

namespace kintsugi::living::examples {
namespace {

using std::chrono::days;
using std::chrono::microseconds;
using Properties = std::vector<NamedValue>;

Loyalty::Earn ForOrders() {
  return {.items = {.events = {"Order Completed"}}, .of = "total"};
}
Loyalty::Earn ForReviews() {
  return {.items = {.events = {"Review Written"}}, .points = 50, .times = 1, .times_days = 30};
}
Loyalty::Spend ForRewards() {
  return {.items = {.events = {"Reward Redeemed"}}, .of = "points"};
}

// That of the page.
Schema Club() {
  Schema schema = Shop();
  schema.loyalty = Loyalty{.earn = {ForOrders(), ForReviews()},
                           .spend = {ForRewards()},
                           .expire_days = 365,
                           .tiers = {{"silver", 500, 365}, {"gold", 2000, 365}}};
  return schema;
}

struct Member {
  Schema schema = Club();
  std::vector<Item> items;

  Member& Did(const std::string& time, const std::string& name, Properties properties = {}) {
    Item item = ItemAt(time, name, std::move(properties));
    item.id = std::to_string(1000 + items.size());
    items.push_back(std::move(item));
    return *this;
  }
  Member& Ordered(const std::string& time, Value total) {
    return Did(time, "Order Completed", {{"total", std::move(total)}});
  }
  Member& Redeemed(const std::string& time, Value points) {
    return Did(time, "Reward Redeemed", {{"points", std::move(points)}});
  }
  LoyaltyValues TellAt(Time now) const { return LoyaltyRules(schema).Evaluate(InOrder(items), now); }
  std::string Tell(LoyaltyValues::Trait trait, Time now) const {
    const auto value = TellAt(now).values[trait];
    return value ? ToJson(*value) : "absent";
  }
  std::string PointsAt(const std::string& now) const { return Tell(LoyaltyValues::kPoints, At(now)); }
  std::string Points() const { return Tell(LoyaltyValues::kPoints, kNeverLast); }
  std::string TierAt(const std::string& now) const { return Tell(LoyaltyValues::kTier, At(now)); }
};

Member Ordering(Value total) {
  return Member().Ordered("2026-03-01", std::move(total));
}

}  // namespace

TEST_CASE("Nobody has no points, none that expire, and no tier", "[living]") {
  for (const Time now : {kNeverLast, At("2026-03-01")}) {
    const Member nobody;
    CHECK(nobody.Tell(LoyaltyValues::kPoints, now) == "0");
    CHECK(nobody.Tell(LoyaltyValues::kPointsExpiring, now) == "0");
    CHECK(nobody.Tell(LoyaltyValues::kTier, now) == "absent");
    CHECK(nobody.TellAt(now).overdrawn == 0);
    CHECK(nobody.TellAt(now).due == kNeverFirst);
  }
}

TEST_CASE("Points are the whole part of value times points_per", "[living]") {
  CHECK(Ordering(99.99).Points() == "99");
  CHECK(Ordering(int64_t{100}).Points() == "100");
  CHECK(Ordering(0.999999).Points() == "0");
  CHECK(Ordering(Json{"[1.5,\"2\",[0.75]]"}).Points() == "2");
  Member member = Ordering(99.99);
  member.schema.loyalty->earn[0].points_per = 2.5;
  CHECK(member.Points() == "249");
  member.schema.loyalty->earn[0].points_per = 0.1;
  CHECK(member.Points() == "9");
  Member tens = Ordering(int64_t{30});
  tens.schema.loyalty->earn[0].points_per = 0.1;
  CHECK(tens.Points() == "3");  // as doubles, too little for it
}

TEST_CASE("What is absent, negative, no number or beyond measure earns and costs nothing", "[living]") {
  for (const Value& value :
       {Value(int64_t{-5}), Value(Null()), Value(std::string("12")), Value(true), Value(1e30), Value(Json{"[]"})}) {
    Member member = Ordering(value);
    member.Redeemed("2026-03-02", value).Did("2026-03-02", "Order Completed").Did("2026-03-02", "Reward Redeemed");
    CHECK(member.Points() == "0");
    CHECK(member.TellAt(kNeverLast).overdrawn == 0);
    CHECK(member.TellAt(kNeverLast).due == kNeverFirst);
  }
  Member rich = Ordering(1e19);
  CHECK(rich.Points() == "10000000000000000000");
  rich.schema.loyalty->earn[0].points_per = 2;
  CHECK(rich.Points() == "0");
}

TEST_CASE("Spending takes the whole part of what an item says", "[living]") {
  Member member = Ordering(int64_t{100});
  member.Redeemed("2026-03-02", 12.5).Redeemed("2026-03-02", 0.5);
  CHECK(member.Points() == "88");
  member.Redeemed("2026-03-03", int64_t{90}).Redeemed("2026-03-04", int64_t{1});
  CHECK(member.Points() == "-3");
  CHECK(member.TellAt(kNeverLast).overdrawn == 2);
  member.Ordered("2026-03-05", int64_t{10});
  CHECK(member.Points() == "7");
}

TEST_CASE("An earning is gone after expire_days, and a spending then is overdrawn", "[living]") {
  Member member = Ordering(int64_t{100});
  CHECK(member.PointsAt("2027-02-28T23:59:59.999999Z") == "100");
  CHECK(member.PointsAt("2027-03-01") == "0");
  CHECK(member.Tell(LoyaltyValues::kPointsExpiring, At("2027-01-30") - microseconds(1)) == "0");
  CHECK(member.Tell(LoyaltyValues::kPointsExpiring, At("2027-01-30")) == "100");
  CHECK(member.TellAt(At("2026-03-01")).due == At("2027-01-30"));
  CHECK(member.TellAt(At("2027-01-30")).due == At("2027-03-01"));
  member.Redeemed("2027-03-01", int64_t{10});
  CHECK(member.PointsAt("2027-03-01") == "-10");
  CHECK(member.TellAt(kNeverLast).overdrawn == 1);
  member.schema.loyalty->expire_days = 0;
  CHECK(member.PointsAt("2099-01-01") == "90");
}

TEST_CASE("at_most counts the rule's items that earned, later than so many days before", "[living]") {
  const auto points = [](const std::vector<std::string>& times, uint32_t most = 1) {
    Member member;
    member.schema.loyalty->earn[1].times = most;
    for (const auto& time : times) member.Did(time, "Review Written");
    return member.Points();
  };
  CHECK(points({"2026-03-01", "2026-03-02"}) == "50");
  CHECK(points({"2026-03-01", "2026-03-01"}) == "50");
  CHECK(points({"2026-03-01T00:00:00Z", "2026-03-30T23:59:59.999999Z"}) == "50");
  CHECK(points({"2026-03-01T00:00:00Z", "2026-03-31T00:00:00Z"}) == "100");
  // Of an item that did not earn none is kept from it.
  CHECK(points({"2026-03-01", "2026-03-20", "2026-03-31", "2026-04-20"}) == "100");
  CHECK(points({"2026-03-01", "2026-03-20", "2026-03-25", "2026-03-31", "2026-04-01"}, 2) == "150");
  CHECK(points({"2026-03-01", "2026-03-01", "2026-03-01"}, 0) == "150");
}

TEST_CASE("What brings no point does not count for at_most", "[living]") {
  Member member = Ordering(0.5);
  member.schema.loyalty->earn[0].times = 1;
  member.schema.loyalty->earn[0].times_days = 10;
  member.Ordered("2026-03-02", int64_t{5}).Ordered("2026-03-03", int64_t{7});
  CHECK(member.Points() == "5");
}

TEST_CASE("An item earns by each rule that it fits, and then spends", "[living]") {
  Member member;
  Loyalty& loyalty = *member.schema.loyalty;
  loyalty.earn.push_back({.items = {.events = {"Order Completed"}, .sources = {"web"}}, .points = 7});
  loyalty.earn.push_back({.items = {.sources = {"app"}}, .points = 1000});
  loyalty.spend.push_back({.items = {.events = {"Order Completed"}}, .of = "paid"});
  member.Did("2026-03-01", "Order Completed", {{"total", int64_t{100}}, {"paid", int64_t{107}}});
  CHECK(member.Points() == "0");
  CHECK(member.TellAt(kNeverLast).overdrawn == 0);
  member.items[0].source = kTill;
  CHECK(member.Points() == "-7");
}

TEST_CASE("An activity's items, numbers and once_per hold for rules that name it", "[living]") {
  Member member;
  Activity order{.name = "order", .once_per = "order_id"};
  order.items.events = {"Order Completed", "Receipt"};
  order.numbers = {{.name = "money", .fields = {"revenue", "total"}}};
  member.schema.activities = {{.name = "other"}, order};
  member.schema.loyalty->earn = {{.activity = "order", .items = {.sources = {"web"}}, .of = "money"},
                                 {.activity = "order", .points = 1}};
  const auto at = [&](const char* time, const char* name, const char* id, golden::SourceIndex source) {
    member.Did(time, name, {{"order_id", std::string(id)}, {"revenue", int64_t{10}}, {"total", int64_t{90}}});
    member.items.back().source = source;
  };
  at("2026-03-01", "Order Completed", "A", kWeb);
  at("2026-03-02", "Receipt", "A", kWeb);
  at("2026-03-03", "Receipt", "B", kTill);
  at("2026-03-04", "Receipt", "B", kWeb);  // the till's came first, and it is no item of the web
  CHECK(member.Points() == "12");
  CHECK(LoyaltyRules(member.schema).needed_names() ==
        std::vector<std::string>{"Order Completed", "Receipt", "Reward Redeemed"});
}

TEST_CASE("Items that no rule may be of are not needed", "[living]") {
  const LoyaltyRules rules(Club());
  CHECK(rules.needed_names() == std::vector<std::string>{"Order Completed", "Review Written", "Reward Redeemed"});
  CHECK(rules.Needs(ItemAt("2026-03-01", "Review Written")));
  CHECK_FALSE(rules.Needs(ItemAt("2026-03-01", "Page Viewed")));
  CHECK_FALSE(LoyaltyRules(Shop()).Needs(ItemAt("2026-03-01", "Page Viewed")));
  Schema any = Shop();
  any.loyalty = Loyalty{.earn = {{.points = 1}}};
  CHECK(LoyaltyRules(any).Needs(ItemAt("2026-03-01", "Page Viewed")));
  CHECK(LoyaltyRules(any).needed_names().empty());
}

TEST_CASE("The tier is the last one that is reached by earnings, whatever became of them", "[living]") {
  Member member;
  member.Ordered("2026-01-01", int64_t{499}).Redeemed("2026-01-02", int64_t{499});
  CHECK(member.TierAt("2026-03-01") == "absent");
  member.Ordered("2026-02-01", int64_t{1});
  CHECK(member.TierAt("2026-03-01") == R"("silver")");
  member.Ordered("2026-02-02", int64_t{1500});
  CHECK(member.TierAt("2026-03-01") == R"("gold")");
  CHECK(member.Tell(LoyaltyValues::kTier, kNeverLast) == R"("gold")");
  CHECK(member.TierAt("2026-12-31T23:59:59.999999Z") == R"("gold")");
  CHECK(member.TierAt("2027-01-01") == R"("silver")");
  CHECK(member.TierAt("2027-02-01") == R"("silver")");
  CHECK(member.TierAt("2027-02-02") == "absent");
}

TEST_CASE("The last declared tier counts, though one before it is higher", "[living]") {
  Member member = Ordering(int64_t{3000});
  member.schema.loyalty->tiers = {{"gold", 2000, 365}, {"silver", 500, 10}};
  CHECK(member.TierAt("2026-03-02") == R"("silver")");
  CHECK(member.TellAt(At("2026-03-02")).due == At("2026-03-11"));
  CHECK(member.TierAt("2026-03-11") == R"("gold")");
}

TEST_CASE("An item later than now counts at once", "[living]") {
  Member member = Ordering(int64_t{500});
  CHECK(member.PointsAt("2020-01-01") == "500");
  CHECK(member.TierAt("2020-01-01") == R"("silver")");
}

TEST_CASE("A schema without bounds does not overflow", "[living]") {
  Member member = Ordering(int64_t{500});
  Loyalty& loyalty = *member.schema.loyalty;
  loyalty.expire_days = UINT32_MAX;
  loyalty.earn[0].times = UINT32_MAX;
  loyalty.earn[0].times_days = UINT32_MAX;
  loyalty.tiers = {{"any", UINT64_MAX, UINT32_MAX}, {"some", 1, UINT32_MAX}};
  CHECK(member.PointsAt("9999-12-31") == "500");
  CHECK(member.TierAt("9999-12-31") == R"("some")");
  CHECK(member.TellAt(kNeverLast).due == kNeverFirst);
}

TEST_CASE("Without days for it a tier, or a bound, looks at all that was earned", "[living]") {
  Member member = Ordering(int64_t{500});
  member.Did("2026-03-01", "Review Written").Did("2036-03-01", "Review Written");
  member.schema.loyalty->earn[1].times_days = 0;
  member.schema.loyalty->tiers = {{"any", 550, 0}};
  CHECK(member.Points() == "550");
  CHECK(member.TierAt("2099-01-01") == R"("any")");
}

// From one due instant to the next nothing changes.
TEST_CASE("Between due instants no point is gone and no tier is left", "[living]") {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    Member member;
    for (int i = 0; i < 12; ++i) {
      const std::string time = FormatTime(At("2026-01-01") + days(random() % 500));
      if (random() % 4 == 0)
        member.Redeemed(time, static_cast<int64_t>(random() % 300));
      else
        member.Ordered(time, static_cast<int64_t>(random() % 600));
    }
    const LoyaltyRules rules(member.schema);
    const std::vector<Item> items = InOrder(member.items);
    Time now = kNeverLast;
    for (int step = 0; step < 200; ++step) {
      const LoyaltyValues told = rules.Evaluate(items, now);
      REQUIRE((told.due > now || told.due == kNeverFirst));
      const Time end = told.due == kNeverFirst ? At("2090-01-01") : told.due;
      const Time begin = now == kNeverLast ? At("0001-01-01") : now;
      for (const Time then : {begin, begin + (end - begin) / 3, end - days(1), end - microseconds(1)}) {
        if (then >= begin) REQUIRE(rules.Evaluate(items, then).values == told.values);
      }
      if (told.due == kNeverFirst) break;
      now = told.due;
    }
  }
}

}  // namespace kintsugi::living::examples

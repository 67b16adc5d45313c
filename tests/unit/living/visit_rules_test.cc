// Visits end with a gap, go over sources, and know the campaign that led to them.

#include "living/visit_rules.h"

#include "unit/living/trait_examples.h"

namespace kintsugi::living::examples {
namespace {

using Positions = std::vector<std::vector<size_t>>;

Positions ItemsOf(const std::vector<Visit>& visits) {
  Positions items;
  for (const Visit& visit : visits) items.push_back(visit.items);
  return items;
}

std::vector<Visit> VisitsOf(const Schema& schema, const std::vector<Item>& items, const std::string& now) {
  return VisitRules(schema).Of(items, At(now));
}

// The campaign of an item with one property; "none".
std::string Campaign(const char* property, Value value) {
  const auto campaign = CampaignOf(ItemAt("2026-03-01", "Page Viewed", {{property, std::move(value)}}));
  return campaign ? campaign->text : "none";
}

std::string OfAddress(const std::string& address) {
  return Campaign("url", address);
}

}  // namespace

TEST_CASE("A visit goes on over exactly the gap, and not over more", "[living]") {
  const std::vector<Item> items = {ItemAt("2026-03-01T10:00:00Z", "a"), ItemAt("2026-03-01T10:30:00Z", "b"),
                                   ItemAt("2026-03-01T10:30:00Z", "c"), ItemAt("2026-03-01T11:00:00.000001Z", "d"),
                                   ItemAt("2026-03-02T11:00:00Z", "e")};
  const auto visits = VisitsOf(Shop(), items, "2026-03-01T11:00:00Z");
  CHECK(ItemsOf(visits) == Positions{{0, 1, 2}, {3}, {4}});
  CHECK(VisitRules(Shop()).gap() == std::chrono::minutes(30));
  CHECK(VisitRules(Shop()).Of({}, At("2026-03-01")).empty());
}

TEST_CASE("A visit is current until now is more than the gap after its last item", "[living]") {
  const std::vector<Item> items = {ItemAt("2026-03-01T10:00:00Z", "a"), ItemAt("2026-03-01T11:00:00Z", "b")};
  const auto current = [&](Time now) {
    std::vector<bool> out;
    for (const Visit& visit : VisitRules(Shop()).Of(items, now)) out.push_back(visit.is_current);
    return out;
  };
  CHECK(current(At("2026-03-01T10:30:00Z")) == std::vector<bool>{true, true});  // the other has not begun
  CHECK(current(At("2026-03-01T10:30:00.000001Z")) == std::vector<bool>{false, true});
  CHECK(current(At("2026-03-01T11:30:00Z")) == std::vector<bool>{false, true});
  CHECK(current(At("2026-03-01T11:30:00.000001Z")) == std::vector<bool>{false, false});
  CHECK(current(kNeverLast) == std::vector<bool>{true, true});
}

TEST_CASE("Items of other sources neither belong to a visit nor hold one together", "[living]") {
  Schema schema = Shop();
  schema.visits = Visits{.gap_minutes = 10, .sources = {"web", "app"}};
  const std::vector<Item> items = {
      ItemAt("2026-03-01T10:00:00Z", "a", {}, kApp), ItemAt("2026-03-01T10:05:00Z", "b", {}, kTill),
      ItemAt("2026-03-01T10:10:00Z", "c", {}, kWeb), ItemAt("2026-03-01T10:15:00Z", "d", {}, kTill),
      ItemAt("2026-03-01T10:16:00Z", "e", {}, kApp), ItemAt("2026-03-01T10:26:01Z", "f", {}, kWeb)};
  const auto visits = VisitsOf(schema, items, "2026-03-01T11:00:00Z");
  REQUIRE(ItemsOf(visits) == Positions{{0, 2, 4}, {5}});
  CHECK(visits[0].sources == std::vector<golden::SourceIndex>{kApp, kWeb});
  CHECK_FALSE(VisitRules(schema).Counts(kTill));
  CHECK(VisitRules(schema).Counts(kWeb));
  CHECK_FALSE(VisitRules(schema).Counts(100));
}

TEST_CASE("A visit's campaign is that of its first item that has one", "[living]") {
  const auto page = [](const char* time, const char* address) {
    return ItemAt(time, "Page Viewed", {{"page", Json{"{\"url\":\"" + std::string(address) + "\"}"}}});
  };
  const std::vector<Item> items = {page("2026-03-01T10:00:00Z", "https://shop.example/"),
                                   page("2026-03-01T10:01:00Z", "https://shop.example/?utm_source=mail"),
                                   page("2026-03-01T10:02:00Z", "https://shop.example/?utm_source=search"),
                                   page("2026-03-02T10:00:00Z", "https://shop.example/")};
  const auto visits = VisitsOf(Shop(), items, "2026-03-03");
  REQUIRE(visits.size() == 2);
  CHECK(visits[0].campaign == 1);
  CHECK_FALSE(visits[1].campaign);
}

TEST_CASE("A campaign property that is an object is the campaign as it stands", "[living]") {
  CHECK(Campaign("campaign", Json{R"({"source":"mail","name":"x"})"}) == R"({"source":"mail","name":"x"})");
  CHECK(Campaign("campaign", Json{"{}"}) == "none");
  CHECK(Campaign("campaign", Json{"[1]"}) == "none");
  CHECK(Campaign("campaign", std::string("mail")) == "none");
  Item item = ItemAt("2026-03-01", "x", {{"url", std::string("/?utm_source=search")}, {"campaign", Json{"{\"a\":1}"}}});
  CHECK(CampaignOf(item)->text == R"({"a":1})");
  item.properties[1].second = Json{"{}"};
  CHECK(CampaignOf(item)->text == R"({"source":"search"})");
}

TEST_CASE("The parameters of an address are a campaign's members, in one order", "[living]") {
  CHECK(OfAddress("https://shop.example/p?utm_content=e&utm_term=d&utm_medium=c&utm_source=b&utm_campaign=a&q=1") ==
        R"({"name":"a","source":"b","medium":"c","term":"d","content":"e"})");
  CHECK(OfAddress("/p?q=1&utm_source=mail") == R"({"source":"mail"})");
  CHECK(OfAddress("https://shop.example/p?q=1") == "none");
  CHECK(OfAddress("https://shop.example/utm_source=mail") == "none");
  CHECK(OfAddress("https://shop.example/?") == "none");
  CHECK(OfAddress("") == "none");
}

TEST_CASE("Of a parameter that comes twice the first counts, and one without a value is not there", "[living]") {
  CHECK(OfAddress("/?utm_source=a&utm_source=b") == R"({"source":"a"})");
  CHECK(OfAddress("/?utm_source=&utm_term&utm_source=b") == R"({"source":"b"})");
  CHECK(OfAddress("/?utm_source=") == "none");
  CHECK(OfAddress("/?utm_source=a=b?c") == R"({"source":"a=b?c"})");
}

TEST_CASE("Parameters end with the fragment", "[living]") {
  CHECK(OfAddress("/?utm_source=a#utm_term=b&utm_medium=c") == R"({"source":"a"})");
  CHECK(OfAddress("/#?utm_source=a") == "none");
}

TEST_CASE("Percent signs and pluses are read, and what is no code stays", "[living]") {
  CHECK(OfAddress("/?utm_campaign=spring+sale%21") == R"({"name":"spring sale!"})");
  CHECK(OfAddress("/?utm_campaign=a%2Bb%26c%3dd") == R"({"name":"a+b&c=d"})");
  CHECK(OfAddress("/?utm_campaign=%C3%A9t%C3%a9") == "{\"name\":\"été\"}");
  CHECK(OfAddress("/?utm_campaign=100%&utm_term=%zz%4") == R"({"name":"100%","term":"%zz%4"})");
  CHECK(OfAddress("/?utm_campaign=%22%00%ff") == "{\"name\":\"\\\"\\u0000\uFFFD\"}");
  CHECK(OfAddress("/?utm%5Fsource=a") == R"({"source":"a"})");
}

TEST_CASE("An address is the property url, or else that of the page", "[living]") {
  const Value page = Json{R"({"url":"/?utm_source=page"})"};
  CHECK(Campaign("page", page) == R"({"source":"page"})");
  CHECK(Campaign("page.url", std::string("/?utm_source=a")) == R"({"source":"a"})");
  CHECK(Campaign("url", int64_t{5}) == "none");
  const auto both = [&](const char* url) {
    return CampaignOf(ItemAt("2026-03-01", "x", {{"page", page}, {"url", std::string(url)}}))->text;
  };
  CHECK(both("/?utm_source=own") == R"({"source":"own"})");
  CHECK(both("/") == R"({"source":"page"})");
}

}  // namespace kintsugi::living::examples

// Web (Segment's HTTP tracking spec) and app (NATIVE): events that programs wrote.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "channels.h"

namespace shop {
namespace {

// Reaches the file at once, or days later when the device was offline; now and then twice.
void Deliver(Channel channel, Seconds time, uint32_t late_per_mille, const std::string& text, Random& random,
             Ledger& ledger) {
  const Seconds delay = random.Chance(late_per_mille) ? random.Between(kHour, 20 * kDay) : random.Between(0, 2);
  ledger.Add(channel, time + delay, text);
  if (random.Chance(10)) ledger.Add(channel, time + delay + random.Between(1, 600), text);
}

// A device whose clock is wrong sends no timestamp; receivedAt − (sentAt − originalTimestamp) is the truth.
void AddTime(Json& event, Seconds time, Random& random) {
  if (!random.Chance(20)) {
    event.Add("timestamp", Rfc3339(time));
    return;
  }
  const Seconds skew = random.Between(-3 * kDay, 3 * kDay);
  const Seconds held = random.Between(0, 90);
  event.Add("originalTimestamp", Rfc3339(time + skew)).Add("sentAt", Rfc3339(time + skew + held));
  event.Add("receivedAt", Rfc3339(time + held));
}

// One visit with one browser.
class Visit {
 public:
  Visit(Person& person, const std::string& cookie, Seconds begin, Ledger& ledger)
      : person_(person), cookie_(cookie), now_(begin), ledger_(ledger) {}

  // By a link in the newsletter.
  void FollowLetter() {
    const Json page =
        Json().Add("url", "https://shop.example/letter?utm_source=newsletter&utm_medium=email&utm_campaign=the+letter");
    Send(Event("page").Add("name", "Letter").Add("context", Json().Add("page", page)));
  }

  void Browse() {
    const int64_t pages = person_.random.Between(1, 4);
    for (int64_t i = 0; i < pages; ++i) {
      if (person_.random.Chance(700)) {
        Send(Event("page").Add("name", "Product").Add("properties", Product()));
      } else {
        Send(Event("track").Add("event", "Product Added").Add("properties", ProductForCart()));
      }
    }
  }

  void SignIn() {
    if (const std::string* id = At(person_.customer_ids, now_)) user_ = *id;
    Json traits;
    AddEmail(traits);
    traits.Add("first_name", person_.first.text).Add("last_name", person_.last.text);
    traits.Add("language", person_.random.Pick(Languages())).Add("interest", person_.random.Pick(Interests()));
    Send(Event("identify").Add("traits", traits));
  }

  void CheckOut() {
    Random& random = person_.habits;
    Json properties;
    properties.AddMoney("total", random.Between(900, 32000));
    Send(Event("track", random).Add("event", "Checkout Started").Add("properties", properties), random);
  }

  void Order() {
    Json properties;
    properties.Add("order_id", fmt::format("W{:010x}", person_.random.Next() >> 24));
    properties.AddMoney("total", person_.random.Between(900, 32000));
    Json event = Event("track").Add("event", "Order Completed").Add("properties", properties);
    // The order page shows the loyalty card when the account has one.
    const std::string* card = At(person_.cards, now_);
    if (!user_.empty() && card != nullptr && person_.random.Chance(350)) {
      ledger_.Use("loyalty_card", *card, person_, now_);
      event.Add("context", ExternalId("loyalty_card", *card));
    }
    Send(event);
  }

  Seconds now() const { return now_; }  // of what would come next

 private:
  Json Product() { return Json().Add("product", person_.random.Pick(Goods())); }
  Json ProductForCart() {
    const std::string_view good = person_.random.Pick(Goods());
    return Json().Add("name", good).AddMoney("price", PriceOf(good));
  }

  static Json ExternalId(std::string_view type, std::string_view id) {
    Json external;
    external.Add("id", id).Add("type", type).Add("collection", "users").Add("encoding", "none");
    return Json().AddObjects("externalIds", {external});
  }

  Json Event(std::string_view type) { return Event(type, person_.random); }
  Json Event(std::string_view type, Random& random) {
    Json event;
    event.Add("messageId", fmt::format("web-{:016x}", random.Next())).Add("type", type);
    event.Add("anonymousId", cookie_);
    if (!user_.empty()) event.Add("userId", user_);
    return event;
  }

  void AddEmail(Json& traits) {
    const std::string* email = At(person_.emails, now_);
    if (person_.shared_mailbox && !user_.empty()) {
      traits.Add("email", kSharedMailbox);
      ledger_.UseByAll("email", kSharedMailbox, "shared-mailbox");
    } else if (email != nullptr) {
      traits.Add("email", *email);
      ledger_.Use("email", *email, person_, now_);
    }
  }

  void Send(Json event) { Send(std::move(event), person_.random); }
  void Send(Json event, Random& random) {
    ledger_.Use("cookie", cookie_, person_, now_);
    if (!user_.empty()) ledger_.Use("customer_id", user_, person_, now_);
    AddTime(event, now_, random);
    Deliver(Channel::kWeb, now_, 20, event.Text(), random, ledger_);
    now_ += random.Between(15, 240);
  }

  Person& person_;
  const std::string cookie_;
  std::string user_;  // once signed in
  Seconds now_;
  Ledger& ledger_;
};

// A time for a visit; some people look around for weeks before they join.
Seconds VisitTime(Person& person) {
  const Seconds first = person.random.Chance(200) ? std::max(kBegin, person.joined - 30 * kDay) : person.joined;
  return person.random.Between(first, kEnd - kDay);
}

void SendAppEvent(Person& person, const Screen& device, std::string_view name, bool signed_in, Seconds time,
                  Ledger& ledger) {
  Random& random = person.random;
  Json identifiers;
  identifiers.Add("device", device.id);
  ledger.Use("device", device.id, person, time);
  const std::string* customer_id = At(person.customer_ids, time);
  const std::string* card = At(person.cards, time);
  if (signed_in && customer_id != nullptr) {
    identifiers.Add("customer_id", *customer_id);
    ledger.Use("customer_id", *customer_id, person, time);
  }
  // Without an account, the card is what signs in.
  const bool signs_in_with_card = name == "Signed In" && customer_id == nullptr;
  const bool shows_card = (name == "Card Shown" || signs_in_with_card) && signed_in && card != nullptr;
  if (shows_card) {
    identifiers.Add("loyalty_card", *card);
    ledger.Use("loyalty_card", *card, person, time);
  }
  Json event;
  event.Add("id", fmt::format("app-{:016x}", random.Next())).Add("time", Rfc3339(time));
  const std::string_view happened = name == "Card Shown" && !shows_card ? "Product Viewed" : name;
  event.Add("name", happened).Add("identifiers", identifiers);
  if (name == "Signed In") {
    Json traits;
    traits.Add("first_name", person.first.text).Add("language", random.Pick(Languages()));
    event.Add("traits", traits);
  }
  if (happened == "Product Viewed") {
    event.Add("properties", Json().Add("product", person.habits.Pick(Goods())));
  }
  if (happened == "Order Completed") {
    Json properties;
    properties.Add("order_id", fmt::format("A{:010x}", person.habits.Next() >> 24));
    properties.AddMoney("total", random.Between(900, 28000));
    event.Add("properties", properties);
  }
  Deliver(Channel::kApp, time, 50, event.Text(), random, ledger);
}

void UseApp(Person& person, const Screen& device, Ledger& ledger) {
  Random& random = person.random;
  const int64_t sessions = random.Between(2, 5);
  // The session from which on this person is signed in on this device.
  const int64_t sign_in_at = !device.signs_in ? sessions : random.Chance(250) ? 1 : 0;
  const bool shared = device.id.starts_with("tab-");
  Seconds time = VisitTime(person);
  for (int64_t i = 0; i < sessions; ++i) {
    const bool signed_in = i >= sign_in_at;
    SendAppEvent(person, device, "App Opened", signed_in && i > sign_in_at && !shared, time, ledger);
    if (signed_in && (i == sign_in_at || shared)) {
      SendAppEvent(person, device, "Signed In", true, time += random.Between(10, 90), ledger);
    }
    const int64_t more = random.Between(0, 2);
    for (int64_t j = 0; j < more; ++j) {
      static constexpr std::string_view kNames[] = {"Product Viewed", "Order Completed", "Card Shown", "Card Shown"};
      const std::string_view name = random.Pick(kNames);
      SendAppEvent(person, device, name, signed_in, time += random.Between(10, 300), ledger);
    }
    time += random.Between(kDay, 40 * kDay);
    if (time > kEnd - kDay) break;
  }
}

// The person's own come before the family's. Null if there is none on which this person signs in.
const Screen* OwnScreen(const std::vector<Screen>& screens) {
  const bool is_own = !screens.empty() && screens.front().signs_in && !screens.front().id.starts_with("tab-");
  return is_own ? &screens.front() : nullptr;
}

// Looks around in a browser, and goes on with the telephone some minutes later.
void ChangeScreen(Person& person, const Screen& browser, const Screen& device, Ledger& ledger) {
  Random& random = person.random;
  Visit visit(person, browser.id, random.Between(person.joined, kEnd - kDay), ledger);
  if (person.newsletter && random.Chance(500)) visit.FollowLetter();
  visit.Browse();
  if (random.Chance(400)) visit.SignIn();
  visit.CheckOut();
  Seconds time = visit.now() + random.Between(2 * kMinute, 12 * kMinute);
  SendAppEvent(person, device, "App Opened", true, time, ledger);
  SendAppEvent(person, device, "Product Viewed", true, time += random.Between(10, 90), ledger);
  if (!random.Chance(600)) return;
  SendAppEvent(person, device, "Order Completed", true, time += random.Between(30, 300), ledger);
}

}  // namespace

void WriteWeb(Person& person, Ledger& ledger) {
  Random& random = person.random;
  const bool account = !person.customer_ids.empty();
  for (const Screen& browser : person.browsers) {
    const int64_t visits = random.Between(1, 4);
    const int64_t sure = random.Between(0, visits - 1);  // whoever signs in does so at least once
    for (int64_t i = 0; i < visits; ++i) {
      Visit visit(person, browser.id, VisitTime(person), ledger);
      visit.Browse();
      if (!browser.signs_in || (i != sure && !random.Chance(450))) continue;
      visit.SignIn();
      if (account || random.Chance(600)) visit.Browse();
      const bool orders = random.Chance(450);
      if (orders || person.habits.Chance(150)) visit.CheckOut();
      if (orders) visit.Order();
    }
  }
}

void WriteApp(Person& person, Ledger& ledger) {
  for (const Screen& device : person.devices) UseApp(person, device, ledger);
  // One in twenty signs in at the kiosk in the Harbour store, and it remembers nobody.
  if (person.customer_ids.empty() || !person.random.Chance(50)) return;
  const Seconds time = person.random.Between(person.joined, kEnd - kDay);
  SendAppEvent(person, {"kiosk-harbour", true}, "Signed In", true, time, ledger);
  ledger.UseByAll("device", "kiosk-harbour", "kiosk");
}

void WriteBoth(Person& person, Ledger& ledger) {
  const Screen* const browser = OwnScreen(person.browsers);
  const Screen* const device = OwnScreen(person.devices);
  if (person.customer_ids.empty() || browser == nullptr || device == nullptr) return;
  const int64_t visits = person.random.Between(1, 2);
  for (int64_t i = 0; i < visits; ++i) ChangeScreen(person, *browser, *device, ledger);
}

}  // namespace shop

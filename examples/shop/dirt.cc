// What every real feed has too: rows of nobody, and rows that cannot be right.

#include <fmt/format.h>

#include "channels.h"

namespace shop {
namespace {

constexpr uint64_t kDirtStream = uint64_t{1} << 33;

std::string Event(std::string_view id, Seconds time, std::string_view name, const Json& identifiers) {
  Json event;
  event.Add("id", id).Add("time", Rfc3339(time)).Add("name", name).Add("identifiers", identifiers);
  return event.Text();
}

std::string Page(std::string_view id, Seconds time, std::string_view cookie) {
  Json event;
  event.Add("messageId", id).Add("type", "page").Add("anonymousId", cookie);
  event.Add("name", "Home").Add("timestamp", Rfc3339(time));
  return event.Text();
}

class Dirt {
 public:
  Dirt(const std::vector<Person>& people, uint64_t seed, Ledger& ledger)
      : people_(people), random_(seed, kDirtStream), ledger_(ledger) {}

  // One turn for every hundred people.
  void Run() {
    const size_t turns = people_.size() / 100 + 1;
    for (size_t i = 0; i < turns; ++i) {
      BreakJson();
      LeaveOutKeys();
      MixPeople();
      BlockIdentifiers();
      SellToNobody();
    }
  }

 private:
  Seconds Time() { return random_.Between(kBegin, kEnd - kDay); }
  std::string Id(std::string_view kind) { return fmt::format("{}-{:016x}", kind, random_.Next()); }

  // A connection that broke off in the middle of a line.
  void BreakJson() {
    const Seconds time = Time();
    const std::string id = Id("web");
    const std::string page = Page(id, time, Id("web"));
    ledger_.Add(Channel::kWeb, time, page.substr(0, 40 + random_.Below(40)));
    const Seconds sold = Time();
    ledger_.Add(Channel::kPos, sold,
                fmt::format(R"({{"receipt":"R-BROKEN","sold_at":"{}","loyalty":{{"ca)", Rfc3339(sold)));
  }

  void LeaveOutKeys() {
    const Seconds sold = Time();
    Json receipt;
    receipt.Add("sold_at", Rfc3339(sold)).Add("store", random_.Pick(Stores()));
    receipt.AddMoney("total", random_.Between(350, 9000));
    ledger_.Add(Channel::kPos, sold, receipt.Text());
    const Seconds modified = Time();
    ledger_.Add(Channel::kCrm, modified, CsvRow({"", "", "", "Lost", "Row", "", "", "", "", Rfc3339(modified)}));
    const Seconds till = Time();
    Json bad_time;
    bad_time.Add("receipt", fmt::format("R-CLOCK-{:08x}", random_.Next() >> 32)).Add("sold_at", "31.02.2026 25:61");
    bad_time.Add("store", random_.Pick(Stores()));
    ledger_.Add(Channel::kPos, till, bad_time.Text());
  }

  // A bug in an old app: the account that signed out is still in the event of the one that signed in.
  void MixPeople() {
    const Person& one = random_.Pick(people_);
    const Person& other = random_.Pick(people_);
    if (one.customer_ids.empty() || other.customer_ids.empty() || one.number == other.number) return;
    const Seconds time = Time();
    const std::string id = Id("app");
    Json identifiers;
    identifiers.AddList("customer_id", {one.customer_ids.front().value, other.customer_ids.front().value});
    ledger_.Add(Channel::kApp, time, Event(id, time, "Account Switched", identifiers));
  }

  // Identifiers that identify nobody: an event with no other one has nobody to belong to.
  void BlockIdentifiers() {
    static constexpr const char* kCookies[] = {"0000000000000000", "undefined", "null", "-1"};
    for (int i = 0; i < 3; ++i) {
      const Seconds time = Time();
      const std::string id = Id("web");
      ledger_.Add(Channel::kWeb, time, Page(id, time, random_.Pick(kCookies)));
    }
    const Seconds time = Time();
    const std::string id = Id("app");
    Json identifiers;
    identifiers.Add("email", random_.Chance(500) ? "test@example.org" : "Test@Example.com");
    ledger_.Add(Channel::kApp, time, Event(id, time, "App Opened", identifiers));
  }

  // Cash, no card, no mail: a receipt is all that there is.
  void SellToNobody() {
    for (int i = 0; i < 3; ++i) {
      const Seconds time = Time();
      Json receipt;
      receipt.Add("receipt", fmt::format("R-CASH-{:08x}", random_.Next() >> 32)).Add("sold_at", Rfc3339(time));
      receipt.Add("store", random_.Pick(Stores()));
      receipt.AddMoney("total", random_.Between(350, 9000));
      ledger_.Add(Channel::kPos, time, receipt.Text());
    }
  }

  const std::vector<Person>& people_;
  Random random_;
  Ledger& ledger_;
};

}  // namespace

void WriteDirt(const std::vector<Person>& people, uint64_t seed, Ledger& ledger) {
  Dirt(people, seed, ledger).Run();
}

}  // namespace shop

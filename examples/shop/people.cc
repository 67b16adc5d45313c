#include "people.h"

#include <fmt/format.h>

#include <map>

namespace shop {
namespace {

constexpr uint64_t kHouseholdStreams = uint64_t{1} << 32;
constexpr uint64_t kHabitStreams = uint64_t{3} << 32;

struct Household {
  Random random;
  Name last{};
  Address home{};
  std::string landline{};
  std::string tablet{};   // an app device that everybody uses
  std::string browser{};  // a computer in the living room
  std::string mailbox{};  // the only address of the first two members
};

class Maker {
 public:
  Maker(uint32_t count, uint64_t seed) : count_(count), seed_(seed) {}

  std::vector<Person> Run() {
    for (uint32_t number = 0; people_.size() < count_; ++number) MakeHousehold(number);
    return std::move(people_);
  }

 private:
  void MakeHousehold(uint32_t number) {
    Household house{.random = Random(seed_, kHouseholdStreams + number)};
    Random& random = house.random;
    const uint32_t dice = random.Below(100);
    const uint32_t members = dice < 55 ? 1 : dice < 80 ? 2 : dice < 90 ? 3 : 4;
    house.last = random.Pick(LastNames());
    house.home = MakeAddress(random);
    const bool landline = members > 1 && random.Chance(120);
    if (landline) house.landline = NextPhone();
    if (members > 1 && random.Chance(180)) house.tablet = fmt::format("tab-{:016x}", random.Next());
    if (members > 1 && random.Chance(130)) house.browser = fmt::format("web-{:016x}", random.Next());
    // Counted and not drawn, so that every shop but the smallest has one.
    if (members > 1 && households_of_more_++ % 50 == 5) house.mailbox = NextHomeMailbox(house);
    for (uint32_t i = 0; i < members && people_.size() < count_; ++i) MakePerson(house, i);
  }

  void MakePerson(const Household& house, uint32_t member) {
    Person person;
    person.number = static_cast<uint32_t>(people_.size()) + 1;
    person.random = Random(seed_, person.number);
    person.habits = Random(seed_, kHabitStreams + person.number);
    Random& random = person.random;
    person.first = random.Pick(FirstNames());
    person.last = random.Chance(800) ? house.last : random.Pick(LastNames());
    const int64_t year = random.Between(1942, 2007);
    const int64_t month = random.Between(1, 12);
    const int64_t day = random.Between(1, 28);
    person.birth_date = fmt::format("{:04}-{:02}-{:02}", year, month, day);
    person.joined = random.Between(kBegin, kEnd - 90 * kDay);
    person.homes = {{person.joined, house.home}};
    if (random.Chance(80)) person.homes.push_back({Later(person), MakeAddress(random)});
    GiveAccount(person);
    GiveContacts(person, house);
    GiveCards(person);
    GiveScreens(person, house);
    person.newsletter = random.Chance(400);
    if (!house.mailbox.empty() && member < 2) ShareHome(person, house, member);
    people_.push_back(std::move(person));
  }

  // A time after the person joined, with some room before the end.
  static Seconds Later(Person& person) { return person.random.Between(person.joined + 10 * kDay, kEnd - 20 * kDay); }

  static Address MakeAddress(Random& random) {
    const int64_t house_number = random.Between(1, 980);
    std::string street = fmt::format("{} {}", house_number, random.Pick(Streets()));
    const uint32_t flat = random.Below(1000);
    if (flat < 150) street += fmt::format(", Apt {}", flat % 40 + 1);
    if (flat >= 150 && flat < 170) street = fmt::format("\"The Old Kiln\", {}", street);
    if (flat >= 170 && flat < 174) street = fmt::format("c/o Front Desk\n{}", street);
    const City& city = random.Pick(Cities());
    const uint32_t digits = random.Below(100);
    const bool canadian = city.postal_prefix[0] > '9';
    const std::string ending = canadian ? fmt::format("{}", digits % 10) : fmt::format("{:02}", digits);
    return {street, city.name, city.postal_prefix + ending};
  }

  void GiveAccount(Person& person) {
    Random& random = person.random;
    if (!random.Chance(880)) return;
    person.customer_ids = {{person.joined, fmt::format("C{:06}", 100000 + person.number)}};
    // Forgot the first account and made another one.
    if (random.Chance(12)) {
      person.customer_ids.push_back({Later(person), fmt::format("C{:06}", 700000 + person.number)});
    }
    person.shared_mailbox = person.number % 150 == 7;
  }

  void GiveContacts(Person& person, const Household& house) {
    Random& random = person.random;
    if (random.Chance(970)) person.emails = {{person.joined, NextEmail(person)}};
    if (!person.emails.empty() && random.Chance(110)) person.emails.push_back({Later(person), NextEmail(person)});
    if (random.Chance(60)) person.work_email = NextEmail(person);
    if (random.Chance(780))
      person.phones = {{person.joined, random.Chance(300) && !house.landline.empty() ? house.landline : NextPhone()}};
    if (!person.phones.empty() && random.Chance(70)) person.phones.push_back({Later(person), NextPhone()});
  }

  void GiveCards(Person& person) {
    if (!person.random.Chance(550)) return;
    person.cards = {{person.joined, fmt::format("9400{:08}", person.number)}};
    if (person.random.Chance(50)) person.cards.push_back({Later(person), fmt::format("9401{:08}", person.number)});
  }

  void GiveScreens(Person& person, const Household& house) {
    Random& random = person.random;
    const bool account = !person.customer_ids.empty();
    const bool web = random.Chance(820) || (!account && person.cards.empty());
    const bool app = random.Chance(account ? 500 : 40);
    const uint32_t browsers = web ? 1 + (random.Chance(450) ? 1 : 0) + (random.Chance(150) ? 1 : 0) : 0;
    for (uint32_t i = 0; i < browsers; ++i) AddScreen(person.browsers, "web", account ? 965 : 700, random);
    // Guests of the shop seldom sit at the family's screens: one in five does, and is taken for whoever signed in.
    const bool at_home = account || random.Chance(200);
    if (web && at_home && !house.browser.empty()) person.browsers.push_back({house.browser, random.Chance(900)});
    if (app) AddScreen(person.devices, "app", 975, random);
    if (app && random.Chance(80)) AddScreen(person.devices, "app", 400, random);
    if ((web || app) && at_home && !house.tablet.empty()) person.devices.push_back({house.tablet, random.Chance(920)});
  }

  // Of a couple with one mailbox, the first has the account and orders from home, the second buys at the till with a
  // loyalty card. So no limit tells them apart.
  static void ShareHome(Person& person, const Household& house, uint32_t member) {
    person.home_mailbox = true;
    person.shared_mailbox = false;
    person.emails = {{person.joined, house.mailbox}};
    person.work_email.clear();
    person.lookalike.clear();
    person.customer_ids.clear();
    person.cards.clear();
    if (member == 0) {
      person.customer_ids = {{person.joined, fmt::format("C{:06}", 100000 + person.number)}};
    } else {
      person.cards = {{person.joined, fmt::format("9400{:08}", person.number)}};
      person.browsers.clear();
      person.devices = {{fmt::format("app-{:016x}", person.random.Next()), true}};
    }
  }

  static void AddScreen(std::vector<Screen>& screens, const char* kind, uint32_t signs_in_per_mille, Random& random) {
    std::string id = fmt::format("{}-{:016x}", kind, random.Next());
    screens.push_back({std::move(id), random.Chance(signs_in_per_mille)});
  }

  // first.last@…, with a number when a namesake was faster.
  std::string NextEmail(Person& person) {
    Random& random = person.random;
    const uint32_t style = random.Below(3);
    const std::string initial(person.first.ascii, 1);
    const std::string local = style == 0   ? fmt::format("{}.{}", person.first.ascii, person.last.ascii)
                              : style == 1 ? fmt::format("{}{}", person.first.ascii, person.last.ascii)
                                           : fmt::format("{}.{}", initial, person.last.ascii);
    const char* domain = random.Pick(MailDomains());
    const auto [at, fresh] = namesakes_.try_emplace(local);
    const uint32_t taken = at->second.taken++;
    if (fresh) return at->second.first = fmt::format("{}@{}", local, domain);
    person.lookalike = at->second.first;
    return fmt::format("{}{}@{}", local, taken + 1, domain);
  }

  std::string NextHomeMailbox(Household& house) {
    const std::string local = fmt::format("family.{}", house.last.ascii);
    const uint32_t taken = namesakes_[local].taken++;
    const std::string number = taken == 0 ? "" : fmt::format("{}", taken + 1);
    return fmt::format("{}{}@{}", local, number, house.random.Pick(MailDomains()));
  }

  // 555-0100 to 555-0199 are set aside for fiction in every area code; very large shops go on from there.
  std::string NextPhone() {
    const uint32_t n = phones_++;
    const auto codes = AreaCodes();
    return fmt::format("+1{}555{:04}", codes[n % codes.size()], 100 + n / codes.size());
  }

  struct Namesakes {
    uint32_t taken = 0;
    std::string first;
  };

  const uint32_t count_;
  const uint64_t seed_;
  std::vector<Person> people_;
  std::map<std::string, Namesakes> namesakes_;
  uint32_t phones_ = 0;
  uint32_t households_of_more_ = 0;  // than one person
};

}  // namespace

std::vector<Person> MakePeople(uint32_t count, uint64_t seed) {
  return Maker(count, seed).Run();
}

}  // namespace shop

// CRM, tills, newsletter and support: rows that people typed.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "channels.h"

namespace shop {
namespace {

// The same number as six people would write it.
std::string WrittenPhone(std::string_view e164, Random& random) {
  const std::string_view area = e164.substr(2, 3);
  const std::string_view office = e164.substr(5, 3);
  const std::string_view line = e164.substr(8, 4);
  switch (random.Below(6)) {
    case 0:
      return fmt::format("({}) {}-{}", area, office, line);
    case 1:
      return fmt::format("{}-{}-{}", area, office, line);
    case 2:
      return fmt::format("{}.{}.{}", area, office, line);
    case 3:
      return fmt::format("+1 {} {} {}", area, office, line);
    case 4:
      return fmt::format("1-{}-{}-{}", area, office, line);
    default:
      return fmt::format("{}{}{}", area, office, line);
  }
}

// One address in eight has capitals or spaces around it.
std::string WrittenEmail(std::string email, Random& random) {
  switch (random.Below(24)) {
    case 0:
      for (char& c : email) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
      }
      return email;
    case 1:
      return " " + email + " ";
    case 2:
      if (email[0] >= 'a' && email[0] <= 'z') email[0] = static_cast<char>(email[0] - 'a' + 'A');
      return email;
    default:
      return email;
  }
}

// Two letters swapped, or one left out. Keeps accents whole by touching ASCII only.
std::string Mistyped(std::string text, Random& random) {
  const size_t at = random.Below(static_cast<uint32_t>(std::max<size_t>(text.size(), 4) - 3)) + 1;
  if (at + 1 >= text.size() || (text[at] & 0x80) != 0 || (text[at + 1] & 0x80) != 0) return text;
  if (random.Chance(500)) {
    std::swap(text[at], text[at + 1]);
  } else {
    text.erase(at, 1);
  }
  return text;
}

Seconds Arrival(Seconds time, Random& random, uint32_t late_per_mille) {
  return random.Chance(late_per_mille) ? time + random.Between(kHour, 14 * kDay) : time + 1;
}

std::string CardWithSpaces(const std::string& card) {
  return fmt::format("{} {} {}", card.substr(0, 4), card.substr(4, 4), card.substr(8, 4));
}

void WriteAccount(Person& person, const Since<std::string>& account, Seconds until, Ledger& ledger) {
  Random& random = person.random;
  std::set<Seconds> versions = {account.from};
  const auto change = [&](Seconds time) {
    if (time > account.from && time < until) versions.insert(time);
  };
  for (const auto& home : person.homes) change(home.from);
  for (const auto& email : person.emails) change(email.from);
  for (const auto& phone : person.phones) change(phone.from);

  const bool gave_email = !person.emails.empty() && (random.Chance(930) || person.home_mailbox);
  for (const Seconds time : versions) {
    const bool newest = time == *versions.rbegin();
    const Address& home = *At(person.homes, time);
    std::string mail;
    if (person.shared_mailbox) {
      mail = kSharedMailbox;
      ledger.UseByAll("email", kSharedMailbox, "shared-mailbox");
    } else if (gave_email) {
      mail = *At(person.emails, time);
      if (newest) ledger.Use("email", mail, person, time);
      mail = WrittenEmail(mail, random);
    }
    std::string phone;
    if (const std::string* number = At(person.phones, time)) {
      if (newest) ledger.Use("phone", *number, person, time);
      phone = WrittenPhone(*number, random);
    }
    ledger.Use("customer_id", account.value, person, time);
    const std::string row = CsvRow({account.value, mail, phone, person.first.text, person.last.text, home.street,
                                    home.city, home.postal_code, person.birth_date, Rfc3339(time)});
    ledger.Add(Channel::kCrm, Arrival(time, random, 5), row);
    if (random.Chance(5)) ledger.Add(Channel::kCrm, time + kDay, row);
  }
}

}  // namespace

void WriteCrm(Person& person, Ledger& ledger) {
  for (const auto& account : person.customer_ids) {
    const bool given_up = &account != &person.customer_ids.back();
    WriteAccount(person, account, given_up ? person.customer_ids.back().from : kEnd, ledger);
  }
}

void WriteTill(Person& person, Ledger& ledger) {
  Random& random = person.random;
  const bool card_holder = !person.cards.empty();
  const bool sometimes = !card_holder && random.Chance(250) && !person.home_mailbox;  // who shares it shows the card
  const int64_t receipts = card_holder ? random.Between(2, 9) : sometimes ? random.Between(1, 2) : 0;
  const char* home_store = random.Pick(Stores());
  const bool wants_mail = random.Chance(700) || person.home_mailbox;
  for (int64_t i = 0; i < receipts; ++i) {
    const Seconds time = random.Between(person.joined, kEnd - kHour);
    Json row;
    row.Add("receipt", fmt::format("R{:06}-{:02}", person.number, i + 1)).Add("sold_at", Rfc3339(time));
    if (card_holder) {
      const std::string& card = *At(person.cards, time);
      ledger.Use("loyalty_card", card, person, time);
      row.Add("loyalty", Json().Add("card", random.Chance(300) ? CardWithSpaces(card) : card));
    }
    // Without a card, the only reason that we know of the receipt is that it went out by mail.
    if (!person.emails.empty() && (!card_holder || (wants_mail && (random.Chance(600) || person.home_mailbox)))) {
      const std::string& email = *At(person.emails, time);
      const uint32_t slip = random.Below(1000);
      if (slip < 12 && !person.lookalike.empty()) {
        row.Add("email", person.lookalike);  // a stranger's, and the stranger never knows
      } else if (slip < 32) {
        const size_t at = email.find('@');
        const std::string mistyped = Mistyped(email.substr(0, at), random) + email.substr(at);
        ledger.Use("email", mistyped, person, time);
        row.Add("email", mistyped);
      } else if (slip < 37) {
        row.Add("email", email.substr(0, email.find('@')));  // not an address: the engine leaves it out
      } else {
        ledger.Use("email", email, person, time);
        row.Add("email", WrittenEmail(email, random));
      }
    } else if (card_holder && random.Chance(12)) {
      row.Add("email", "noreply@example.com");  // what a clerk types when somebody has no address
    } else if (card_holder && random.Chance(8)) {
      row.Add("email", "customer@shop.example");  // the same, but nobody told the schema
      ledger.UseByAll("email", "customer@shop.example", "till-placeholder");
    }
    row.Add("store", random.Chance(750) ? home_store : random.Pick(Stores()));
    row.AddMoney("total", random.Between(350, 24000));
    const std::string text = row.Text();
    ledger.Add(Channel::kPos, Arrival(time, random, 10), text);
    if (random.Chance(5)) ledger.Add(Channel::kPos, time + kDay, text);
  }
}

void WriteNewsletter(Person& person, Ledger& ledger) {
  if (!person.newsletter) return;
  Random& random = person.random;
  const Seconds time = random.Between(person.joined, kEnd - kHour);
  const std::string* email = At(person.emails, time);
  if (!person.work_email.empty()) email = &person.work_email;
  if (email == nullptr) return;
  ledger.Use("email", *email, person, time);
  const std::string name = random.Chance(60) ? Mistyped(person.first.text, random) : person.first.text;
  ledger.Add(Channel::kNewsletter, time, CsvRow({WrittenEmail(*email, random), name, Rfc3339(time)}));
}

void WriteSupport(Person& person, const Person& stranger, Ledger& ledger) {
  Random& random = person.random;
  const int64_t tickets = random.Chance(160) ? random.Between(1, 2) : 0;
  for (int64_t i = 0; i < tickets; ++i) {
    const Seconds time = random.Between(person.joined, kEnd - kHour);
    const std::string* email = At(person.emails, time);
    const std::string* phone = At(person.phones, time);
    const bool called = phone != nullptr && (email == nullptr || random.Chance(500));
    if (!called && email == nullptr) continue;
    Json contact;
    contact.Add("name", random.Chance(300) ? fmt::format("{}. {}", person.first.ascii[0], person.last.text)
                                           : fmt::format("{} {}", person.first.text, person.last.text));
    if (called) {
      // A digit misheard on the telephone, and the number is somebody's.
      const bool misheard = !stranger.phones.empty() && random.Chance(15);
      if (!misheard) ledger.Use("phone", *phone, person, time);
      contact.Add("phone", WrittenPhone(misheard ? stranger.phones.front().value : *phone, random));
    }
    if (email != nullptr && (!called || random.Chance(400))) {
      ledger.Use("email", *email, person, time);
      contact.Add("email", WrittenEmail(*email, random));
    }
    Json row;
    row.Add("ticket", fmt::format("T{:06}-{}", person.number, i + 1)).Add("opened_at", Rfc3339(time));
    row.Add("contact", contact).Add("topic", random.Pick(Topics()));
    ledger.Add(Channel::kSupport, Arrival(time, random, 10), row.Text());
  }
}

}  // namespace shop

// Who the customers really are. The channels only ever see parts of this.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "random.h"
#include "text.h"
#include "words.h"

namespace shop {

// A value that was in use from some time on.
template <typename T>
struct Since {
  Seconds from = 0;
  T value{};
};

// The value in use at `time`; the first one if that is later. Nothing if there is none.
template <typename T>
const T* At(const std::vector<Since<T>>& history, Seconds time) {
  if (history.empty()) return nullptr;
  const T* value = &history.front().value;
  for (const Since<T>& entry : history) {
    if (entry.from <= time) value = &entry.value;
  }
  return value;
}

struct Address {
  std::string street;
  std::string city;
  std::string postal_code;
};

// A browser (known by its cookie) or a telephone or tablet (known by the app's device id).
struct Screen {
  std::string id;
  bool signs_in = false;
};

struct Person {
  uint32_t number = 0;
  Random random{0, 0};  // this person's own chance: the same whoever else is in the shop
  Random habits{0, 0};  // apart, for what they look at and leave: it changes nothing of who is seen where
  Name first{};
  Name last{};
  std::string birth_date;
  Seconds joined = 0;  // the account or the first purchase
  std::vector<Since<Address>> homes;
  std::vector<Since<std::string>> customer_ids;  // empty: buys without an account
  std::vector<Since<std::string>> emails;
  std::string work_email;                  // only the newsletter ever sees it
  std::string lookalike;                   // the address of a namesake, one slip of the finger away; may be empty
  std::vector<Since<std::string>> phones;  // +1 and ten digits
  std::vector<Since<std::string>> cards;   // twelve digits
  std::vector<Screen> browsers;
  std::vector<Screen> devices;
  bool newsletter = false;
  bool shared_mailbox = false;  // works at the firm whose orders all come from one info@ address
  bool home_mailbox = false;    // of a couple with one address, given wherever anybody asks for one
};

inline constexpr const char* kSharedMailbox = "info@brookfield-offices.example";

std::vector<Person> MakePeople(uint32_t count, uint64_t seed);

}  // namespace shop

// What each channel saw of the people, and who they truly were.

#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "people.h"
#include "text.h"

namespace shop {

enum class Channel { kCrm, kPos, kWeb, kApp, kNewsletter, kSupport };
inline constexpr size_t kChannels = 6;

// Rows and the truth about their identifiers, collected in any order. Not thread-safe.
class Ledger {
 public:
  struct Row {
    Seconds arrival;
    std::string text;
  };

  // One row or event, and when it reached the file.
  void Add(Channel channel, Seconds arrival, std::string text);

  // This person used the identifier, in its normalised form. The last one who did owns it.
  void Use(std::string_view ns, std::string_view value, const Person& person, Seconds time);
  // The identifier belongs to nobody, whoever uses it: it becomes an entity of its own.
  void UseByAll(std::string_view ns, std::string_view value, std::string_view entity);

  // In order of arrival; rows of one second in the order they were added.
  std::vector<Row> Rows(Channel channel) const;
  // "ns:value" → entity, in order of bytes.
  std::map<std::string, std::string> Truth() const;

 private:
  struct LastUse {
    Seconds time;
    uint32_t person;
  };

  std::array<std::vector<Row>, kChannels> rows_;
  std::map<std::string, LastUse> uses_;
  std::map<std::string, std::string> shared_;
};

// Files with a row for each thing: tables.cc.
void WriteCrm(Person& person, Ledger& ledger);
void WriteTill(Person& person, Ledger& ledger);
void WriteNewsletter(Person& person, Ledger& ledger);
void WriteSupport(Person& person, const Person& stranger, Ledger& ledger);

// Files with an event a line: events.cc.
void WriteWeb(Person& person, Ledger& ledger);
void WriteApp(Person& person, Ledger& ledger);
void WriteBoth(Person& person, Ledger& ledger);  // visits that begin on the web and go on in the app

// Rows that are nobody's or wrong: dirt.cc.
void WriteDirt(const std::vector<Person>& people, uint64_t seed, Ledger& ledger);

}  // namespace shop

// kintsugi_shop_generate writes a year and a half of a retailer that does not exist: what its six channels
// recorded, and who the people truly were. Same arguments, same bytes, on every platform. See README.md.

#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "channels.h"
#include "people.h"
#include "text.h"

namespace shop {
namespace {

constexpr std::string_view kUsage =
    "usage: kintsugi_shop_generate --out DIR [--people N=2000] [--seed S=1]\n"
    "\n"
    "Writes crm.csv, pos.jsonl, web.jsonl, app.jsonl, newsletter.csv, support.jsonl, stream.jsonl (web events\n"
    "that arrive later) and truth.csv into DIR. N is 1 to 100000.\n"
    "\n"
    "example: kintsugi_shop_generate --out /tmp/shop --people 500\n";

struct Arguments {
  std::filesystem::path out;
  uint32_t people = 2000;
  uint64_t seed = 1;
};

template <typename Number>
bool ReadNumber(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// Nothing on wrong usage.
std::optional<Arguments> ReadArguments(const std::vector<std::string>& words) {
  Arguments arguments;
  for (size_t i = 0; i + 1 < words.size(); i += 2) {
    if (words[i] == "--out") {
      arguments.out = words[i + 1];
    } else if (words[i] == "--people") {
      if (!ReadNumber(words[i + 1], arguments.people)) return std::nullopt;
    } else if (words[i] == "--seed") {
      if (!ReadNumber(words[i + 1], arguments.seed)) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  const bool good =
      words.size() % 2 == 0 && !arguments.out.empty() && arguments.people >= 1 && arguments.people <= 100000;
  return good ? std::optional(arguments) : std::nullopt;
}

Ledger RunShop(const Arguments& arguments) {
  std::vector<Person> people = MakePeople(arguments.people, arguments.seed);
  Ledger ledger;
  for (size_t i = 0; i < people.size(); ++i) {
    Person& person = people[i];
    WriteCrm(person, ledger);
    WriteTill(person, ledger);
    WriteNewsletter(person, ledger);
    WriteSupport(person, people[(i * 7 + 3) % people.size()], ledger);
    WriteWeb(person, ledger);
    WriteApp(person, ledger);
    WriteBoth(person, ledger);
  }
  WriteDirt(people, arguments.seed, ledger);
  return ledger;
}

bool WriteFile(const std::filesystem::path& path, std::string_view header, const std::vector<std::string>& lines) {
  std::ofstream file(path, std::ios::binary);
  file << header;
  for (const std::string& line : lines) file << line << '\n';
  file.close();
  if (!file)
    fmt::print(stderr, "kintsugi_shop_generate: cannot write {}: is the disk full or the folder closed?\n",
               path.string());
  return static_cast<bool>(file);
}

bool WriteShop(const Ledger& ledger, const std::filesystem::path& out) {
  std::vector<std::string> live;
  const auto lines = [&](Channel channel) {
    std::vector<std::string> texts;
    for (const Ledger::Row& row : ledger.Rows(channel)) {
      (channel == Channel::kWeb && row.arrival >= kStream ? live : texts).push_back(row.text);
    }
    return texts;
  };
  std::vector<std::string> truth;
  for (const auto& [identifier, entity] : ledger.Truth()) truth.push_back(CsvRow({identifier, entity}));
  return WriteFile(out / "crm.csv", "id,mail,phone,first,last,street,city,zip,born,modified\n", lines(Channel::kCrm)) &&
         WriteFile(out / "pos.jsonl", "", lines(Channel::kPos)) &&
         WriteFile(out / "web.jsonl", "", lines(Channel::kWeb)) &&
         WriteFile(out / "app.jsonl", "", lines(Channel::kApp)) &&
         WriteFile(out / "newsletter.csv", "email,first_name,signed_up\n", lines(Channel::kNewsletter)) &&
         WriteFile(out / "support.jsonl", "", lines(Channel::kSupport)) && WriteFile(out / "stream.jsonl", "", live) &&
         WriteFile(out / "truth.csv", "identifier,entity\n", truth);
}

int Main(const std::vector<std::string>& words) {
  if (words == std::vector<std::string>{"--help"}) {
    fmt::print("{}", kUsage);
    return 0;
  }
  const std::optional<Arguments> arguments = ReadArguments(words);
  if (!arguments) {
    fmt::print(stderr, "{}", kUsage);
    return 2;
  }
  std::error_code error;
  std::filesystem::create_directories(arguments->out, error);
  if (error) {
    fmt::print(stderr, "kintsugi_shop_generate: cannot make the folder {}: {}\n", arguments->out.string(),
               error.message());
    return 1;
  }
  return WriteShop(RunShop(*arguments), arguments->out) ? 0 : 1;
}

}  // namespace
}  // namespace shop

int main(int argc, char** argv) {
  return shop::Main(std::vector<std::string>(argv + 1, argv + argc));
}

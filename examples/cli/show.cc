// kintsugi show

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "command.h"
#include "kintsugi/overview.h"
#include "page.h"
#include "text.h"

namespace kintsugi::cli {
namespace {

// So many of one kind are shown, and of an item so much: it is one screen.
constexpr size_t kMostRows = 20;
constexpr size_t kMostSaid = 1000;

// "Product Viewed (lamp)", or without what it tells of.
std::string StepText(const CartStep& step) {
  const bool has_page = !std::holds_alternative<Null>(step.page);
  return Cut(step.name) + (has_page ? fmt::format(" ({})", Plain(ToView(step.page))) : "");
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}

std::string SeenText(const Profile& profile) {
  if (!profile.first_seen() || !profile.last_seen()) return "seen at no known time";
  return fmt::format("first seen {}, last seen {} (times are UTC)", Minute(*profile.first_seen()),
                     Minute(*profile.last_seen()));
}

class PersonPage {
 public:
  PersonPage(const Engine& engine, const Overview& person, size_t width)
      : engine_(engine), person_(person), page_(width) {}

  void Print(const Identifier& asked) {
    page_.Line(OneLine(asked.ToString()));
    page_.Line(fmt::format("profile {}", person_.profile.id().ToString()));
    page_.Line(SeenText(person_.profile));
    if (const auto now = engine_.now()) page_.Line(fmt::format("as of {}", Minute(*now)));
    PrintIdentifiers();
    PrintAttributes();
    PrintLoyalty();
    PrintSegments();
    PrintCart();
    PrintTraits();
    PrintVisit();
    PrintLatest();
  }

 private:
  // Says of how many the rows were the first.
  void Leave(size_t count) {
    if (count > kMostRows) page_.Row("", fmt::format("and {} more", count - kMostRows));
  }

  void PrintIdentifiers() {
    const std::vector<IdentifierView> identifiers = person_.profile.identifiers();
    for (size_t i = 0; i < std::min(identifiers.size(), kMostRows); ++i)
      page_.Row(Cut(identifiers[i].ns), Cut(identifiers[i].value));
    Leave(identifiers.size());
    page_.EndSection("Identifiers");
  }

  void PrintAttributes() {
    for (const Attribute& one : person_.profile.attributes()) {
      std::string note(one.source);
      if (one.observed_at) note += ", " + Minute(*one.observed_at);
      page_.Row(Cut(one.name), Plain(one.value), Cut(note));
    }
    page_.EndSection("Attributes");
  }

  void PrintLoyalty() {
    if (!person_.loyalty) return;
    const LoyaltyStanding& loyalty = *person_.loyalty;
    page_.Row("tier", loyalty.tier.empty() ? "none" : OneLine(loyalty.tier));
    page_.Row("points", Plain(ToView(loyalty.points)),
              fmt::format("{} of them expire within 30 days", Plain(ToView(loyalty.expiring_30d))));
    page_.EndSection("Loyalty");
  }

  void PrintSegments() {
    if (engine_.schema().segments.empty()) return;
    std::string all;
    for (const std::string_view one : person_.profile.segments())
      all += fmt::format("{}{}", all.empty() ? "" : ", ", one);
    page_.Row("", all.empty() ? "none" : all);
    page_.EndSection("Segments");
  }

  void PrintCart() {
    if (!person_.cart) return;
    const OpenCart& cart = *person_.cart;
    for (size_t i = 0; i < std::min(cart.lines.size(), kMostRows); ++i) {
      const CartLine& line = cart.lines[i];
      const bool is_named = !std::holds_alternative<Null>(line.name);
      const bool has_price = !std::holds_alternative<Null>(line.price);
      page_.Row(fmt::format("{} x", Plain(ToView(line.quantity))),
                is_named ? Plain(ToView(line.name)) : Cut(line.product_id),
                has_price ? fmt::format("{} each", Plain(ToView(line.price))) : "");
    }
    Leave(cart.lines.size());
    const bool has_value = !std::holds_alternative<Null>(cart.value);
    page_.Row("", has_value ? fmt::format("worth {}", Plain(ToView(cart.value))) : "");
    page_.EndSection(fmt::format("Cart, open since {}{}", cart.since ? Minute(*cart.since) : "an unknown time",
                                 cart.is_abandoned ? ", abandoned" : ""));
    const size_t left_out = cart.path.size() - std::min(cart.path.size(), kMostRows);
    if (left_out != 0) page_.Row("", fmt::format("{} before", left_out));
    for (size_t i = left_out; i < cart.path.size(); ++i) page_.Row(Minute(cart.path[i].time), StepText(cart.path[i]));
    page_.EndSection("The way to it");
  }

  // But for those that stand elsewhere on the page.
  void PrintTraits() {
    std::set<std::string_view> told;
    if (person_.loyalty) told.insert({"points", "points_expiring_30d", "tier"});
    if (engine_.schema().commerce) told.insert({"cart", "cart_value", "cart_since", "cart_abandoned", "cart_path"});
    for (const auto& [name, value] : person_.profile.traits()) {
      if (!told.contains(name)) page_.Row(std::string(name), Plain(value));
    }
    page_.EndSection("Traits");
  }

  void PrintVisit() {
    if (!person_.visit) return;
    const Visit& visit = *person_.visit;
    page_.Row("", fmt::format("{} to {}, {} item{} over {}", Minute(visit.start), Minute(visit.end), visit.items,
                              visit.items == 1 ? "" : "s", OneLine(Joined(visit.sources))));
    if (visit.campaign) page_.Row("", "campaign " + Plain(JsonView{visit.campaign->text}));
    page_.EndSection(visit.is_current ? "Current visit" : "Last visit");
  }

  void PrintLatest() {
    for (const TimelineItem& item : person_.latest) {
      std::string said;
      for (const auto& [name, value] : item.properties) {
        if (said.size() < kMostSaid)
          said += fmt::format("{}{} {}", said.empty() ? ": " : ", ", Cut(name), Plain(ToView(value)));
      }
      page_.Row(Minute(item.time), Cut(item.name) + Cut(said), Cut(item.source));
    }
    page_.EndSection("Last items");
  }

  const Engine& engine_;
  const Overview& person_;
  Page page_;
};

}  // namespace

ExitCode ShowCommand::Run() const {
  const auto parsed = ParseSubject(subject);
  if (!parsed.ok()) return Misused(parsed.status());
  auto engine = OpenToRead(db);
  if (!engine.ok()) return Fail(engine.status());
  const auto identifier = IdentifierOf(**engine, *parsed);
  if (!identifier.ok()) return Fail(identifier.status());
  const auto person = (*engine)->Show(*identifier, items);
  if (!person.ok()) return Fail(Explained(**engine, person.status(), {*identifier}));
  PersonPage(**engine, *person, width == 0 ? TerminalWidth() : width).Print(*identifier);
  return Finish(kDone);
}

}  // namespace kintsugi::cli

// What the address of a page says of the campaign that led to it.

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "living/fields.h"
#include "living/visit_rules.h"

namespace kintsugi::living {
namespace {

// In the order in which a campaign has its members.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kParameters = {{
    {"utm_campaign", "name"},
    {"utm_source", "source"},
    {"utm_medium", "medium"},
    {"utm_term", "term"},
    {"utm_content", "content"},
}};
using Campaign = std::array<std::string, kParameters.size()>;  // empty: not there

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A plus is a space, as forms write it. A percent sign that no two digits follow stands for itself.
std::string PercentDecoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_code =
        text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 && HexDigit(text[i + 2]) >= 0;
    if (is_code) {
      out.push_back(static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

// Between the question mark and the fragment.
std::string_view QueryOf(std::string_view address) {
  address = address.substr(0, address.find('#'));
  const size_t mark = address.find('?');
  return mark == std::string_view::npos ? std::string_view() : address.substr(mark + 1);
}

// A parameter without a value says nothing; of those with one the first counts.
void TakeParameter(std::string_view parameter, Campaign& campaign) {
  const size_t sign = parameter.find('=');
  if (sign == std::string_view::npos) return;
  const std::string name = PercentDecoded(parameter.substr(0, sign));
  for (size_t i = 0; i < kParameters.size(); ++i) {
    if (kParameters[i].first == name && campaign[i].empty()) campaign[i] = PercentDecoded(parameter.substr(sign + 1));
  }
}

Campaign CampaignOfAddress(std::string_view address) {
  Campaign campaign;
  std::string_view rest = QueryOf(address);
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('&'), rest.size());
    TakeParameter(rest.substr(0, end), campaign);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return campaign;
}

std::optional<Json> ToJsonObject(const Campaign& campaign) {
  std::string text;
  JsonWriter json(text);
  json.BeginObject();
  for (size_t i = 0; i < campaign.size(); ++i) {
    if (!campaign[i].empty()) json.Member(kParameters[i].second, campaign[i]);
  }
  json.EndObject();
  return text == "{}" ? std::nullopt : std::optional(Json{std::move(text)});
}

// An object without members names none: messages carry one where there was no campaign.
const Json* CampaignProperty(const Item& item) {
  for (const auto& [name, value] : item.properties) {
    const Json* json = name == "campaign" ? std::get_if<Json>(&value) : nullptr;
    if (json != nullptr && json->text.starts_with('{') && json->text != "{}") return json;
  }
  return nullptr;
}

}  // namespace

std::optional<Json> CampaignOf(const Item& item) {
  if (const Json* campaign = CampaignProperty(item)) return *campaign;
  static const std::array<Field, 2> kAddresses = {Field("url", nullptr, Schema()),
                                                  Field("page.url", nullptr, Schema())};
  for (const Field& field : kAddresses) {
    const std::optional<Value> value = field.ValueOf(item);
    const auto* address = value ? std::get_if<std::string>(&*value) : nullptr;
    if (address == nullptr) continue;
    if (auto campaign = ToJsonObject(CampaignOfAddress(*address))) return campaign;
  }
  return std::nullopt;
}

}  // namespace kintsugi::living

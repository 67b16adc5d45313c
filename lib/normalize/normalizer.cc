#include "normalize/normalizer.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "normalize/date.h"
#include "normalize/email.h"
#include "normalize/name.h"
#include "normalize/phone.h"
#include "normalize/text.h"

namespace kintsugi::normalize {

struct Normalizer::Rules {
  Normalization rule;
  ProviderRules provider_rules;
  std::string phone_region;
  absl::flat_hash_set<std::string> blocked;  // normalised
  std::vector<std::unique_ptr<const RE2>> blocked_patterns;

  // The rule itself; nothing for a malformed text.
  std::optional<std::string> Apply(std::string_view text) const;
  bool IsBlocked(const std::string& value) const;
};

namespace {

Normalized Refuse(Refusal refusal) {
  return {.value = "", .refusal = refusal};
}

absl::StatusOr<std::unique_ptr<const RE2>> Compile(const Namespace& ns, const std::string& pattern) {
  RE2::Options options;
  options.set_log_errors(false);  // the library prints nothing; the status says it
  auto compiled = std::make_unique<const RE2>(pattern, options);
  if (compiled->ok()) return compiled;
  return absl::InvalidArgumentError(fmt::format("namespace {}: blocked pattern '{}' is not an RE2 expression: {}",
                                                ns.name, pattern, compiled->error()));
}

absl::Status CheckRegion(const Namespace& ns) {
  if (ns.normalize != Normalization::kPhone || ns.phone_region.empty() || IsPhoneRegion(ns.phone_region)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(fmt::format(
      "namespace {}: no phone region '{}'; give an ISO 3166 code in upper case, such as US, or leave it out", ns.name,
      ns.phone_region));
}

}  // namespace

std::optional<std::string> Normalizer::Rules::Apply(std::string_view text) const {
  switch (rule) {
    case Normalization::kNone:
      return std::string(text);
    case Normalization::kLower:
      return LowerCase(text);
    case Normalization::kDigits:
      return NormalizeDigits(text);
    case Normalization::kEmail:
      return NormalizeEmail(text, provider_rules);
    case Normalization::kPhone:
      return NormalizePhone(text, phone_region);
    case Normalization::kName:
      return NormalizeName(text);
    case Normalization::kDate:
      return NormalizeDate(text);
  }
  return std::nullopt;
}

bool Normalizer::Rules::IsBlocked(const std::string& value) const {
  if (blocked.contains(value)) return true;
  return std::ranges::any_of(blocked_patterns, [&](const auto& p) { return RE2::PartialMatch(value, *p); });
}

std::string_view ToString(Refusal refusal) {
  switch (refusal) {
    case Refusal::kNone:
      return "none";
    case Refusal::kEmpty:
      return "empty";
    case Refusal::kBlocked:
      return "blocked";
    case Refusal::kMalformed:
      return "malformed";
    case Refusal::kTooLong:
      return "too long";
    case Refusal::kInvalidUtf8:
      return "invalid UTF-8";
  }
  return "unknown";
}

Normalizer::Normalizer(std::unique_ptr<Rules> rules) : rules_(std::move(rules)) {}
Normalizer::Normalizer(Normalizer&&) noexcept = default;
Normalizer& Normalizer::operator=(Normalizer&&) noexcept = default;
Normalizer::~Normalizer() = default;

absl::StatusOr<Normalizer> Normalizer::Create(const Namespace& ns) {
  if (auto status = CheckRegion(ns); !status.ok()) return status;
  auto rules = std::make_unique<Rules>();
  rules->rule = ns.normalize;
  rules->provider_rules = ns.provider_rules ? ProviderRules::kOn : ProviderRules::kOff;
  rules->phone_region = ns.phone_region;
  Normalizer normalizer(std::move(rules));

  absl::flat_hash_set<std::string> blocked;
  for (const std::string& raw : ns.blocked) {
    // A blocked value that is refused is refused wherever it comes, so it needs no entry.
    if (auto [value, refusal] = normalizer.Normalize(raw); refusal == Refusal::kNone) blocked.insert(std::move(value));
  }
  normalizer.rules_->blocked = std::move(blocked);
  for (const std::string& pattern : ns.blocked_patterns) {
    auto compiled = Compile(ns, pattern);
    if (!compiled.ok()) return compiled.status();
    normalizer.rules_->blocked_patterns.push_back(*std::move(compiled));
  }
  return normalizer;
}

Normalized Normalizer::Normalize(std::string_view raw) const {
  // Length comes first: it bounds the cost of all that follows.
  if (raw.size() > kMaxIdentifierBytes) return Refuse(Refusal::kTooLong);
  if (!IsValidUtf8(raw)) return Refuse(Refusal::kInvalidUtf8);
  const std::string_view trimmed = Trim(raw);
  if (trimmed.empty()) return Refuse(Refusal::kEmpty);
  const std::string_view text = rules_->rule == Normalization::kNone ? raw : trimmed;
  if (HasControl(text)) return Refuse(Refusal::kMalformed);

  auto value = rules_->Apply(text);
  if (!value) return Refuse(Refusal::kMalformed);
  if (value->size() > kMaxIdentifierBytes) return Refuse(Refusal::kTooLong);
  if (rules_->IsBlocked(*value)) return Refuse(Refusal::kBlocked);
  return {.value = *std::move(value)};
}

}  // namespace kintsugi::normalize

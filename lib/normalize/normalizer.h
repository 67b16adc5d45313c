// From the value that a source wrote to the value that identifies.

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "kintsugi/schema.h"

namespace kintsugi::normalize {

// Why a value is not an identifier. The row that it came in is kept without it.
enum class Refusal { kNone, kEmpty, kBlocked, kMalformed, kTooLong, kInvalidUtf8 };

// "malformed" and so on, for statistics and messages.
std::string_view ToString(Refusal refusal);

struct Normalized {
  std::string value;  // empty if refused
  Refusal refusal = Refusal::kNone;
};

// Longer values than this are refused: an identifier is a key, and keys are short.
inline constexpr size_t kMaxIdentifierBytes = 1024;

// Normalizer is the rule of one namespace, with its blocked values, compiled.
// Immutable and safe from many threads. Pure: the same text always gives the same value, and a
// normalised value gives itself.
class Normalizer {
 public:
  // Fails with kInvalidArgument on a pattern that RE2 cannot read or a phone region that does not exist.
  static absl::StatusOr<Normalizer> Create(const Namespace& ns);

  Normalizer(Normalizer&&) noexcept;
  Normalizer& operator=(Normalizer&&) noexcept;
  ~Normalizer();

  Normalized Normalize(std::string_view raw) const;

 private:
  struct Rules;
  explicit Normalizer(std::unique_ptr<Rules> rules);
  std::unique_ptr<Rules> rules_;
};

}  // namespace kintsugi::normalize

// How good a clustering is, against a known truth.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "kintsugi/export.h"
#include "kintsugi/ids.h"

namespace kintsugi {

// Who an identifier really belongs to.
struct TruthRow {
  Identifier identifier;  // the value may be raw
  std::string entity;
};

// Reads a CSV with the columns `identifier` ("ns:value") and `entity`, in any order and with others beside them.
// kNotFound if it cannot be read, kInvalidArgument (with the line) if it is not such a file.
KINTSUGI_EXPORT absl::StatusOr<std::vector<TruthRow>> LoadTruth(const std::string& path);

// Counts and figures over the identifiers of the truth. An identifier that no profile holds counts as alone.
// Other identifiers of the database do not count.
struct Evaluation {
  uint64_t identifiers = 0;  // of the truth, each once
  uint64_t not_found = 0;    // of these, held by no profile
  uint64_t entities = 0;
  uint64_t profiles = 0;  // that hold at least one of them

  // Over pairs of identifiers: in one profile, in one entity, in both.
  uint64_t predicted_pairs = 0;
  uint64_t true_pairs = 0;
  uint64_t correct_pairs = 0;
  double precision = 1;  // correct of predicted; 1 if none is predicted
  double recall = 1;     // correct of true; 1 if there is none
  double f1 = 1;

  // B-cubed (Bagga and Baldwin, 1998): the average over identifiers instead of pairs, so that one large profile
  // does not decide everything.
  double bcubed_precision = 1;
  double bcubed_recall = 1;
  double bcubed_f1 = 1;
};

}  // namespace kintsugi

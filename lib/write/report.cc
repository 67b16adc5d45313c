#include "kintsugi/engine.h"
#include "write/apply.h"

namespace kintsugi {

IngestReport& IngestReport::operator+=(const IngestReport& other) {
  read += other.read;
  accepted += other.accepted;
  duplicates += other.duplicates;
  superseded += other.superseded;
  quarantined += other.quarantined;
  for (const std::string& reason : other.reasons) {
    if (reasons.size() < write::kFirstReasons) reasons.push_back(reason);
  }
  warnings.insert(warnings.end(), other.warnings.begin(), other.warnings.end());
  stopped |= other.stopped;
  return *this;
}

}  // namespace kintsugi

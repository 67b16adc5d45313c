// Catalog gives every namespace and source a number that is stored in keys and rows.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "kintsugi/schema.h"

namespace kintsugi::format {

// A position says where the schema declares a name (namespaces, then sources); it may change with the schema.
// A number says where the catalog first saw it; it never changes, so stored rows stay readable.
// Immutable and safe from many threads.
class Catalog {
 public:
  // Numbers the names of a new database, or, given the stored names of an old one, appends those that are new.
  static absl::StatusOr<Catalog> Create(const Schema& schema, std::vector<std::string> stored_names = {});

  // By number: what is stored in the database's meta data.
  const std::vector<std::string>& names() const { return names_; }

  uint16_t number(uint16_t position) const { return numbers_[position]; }
  uint16_t source_number(uint16_t source) const { return numbers_[namespace_count_ + source]; }
  // False if the schema declares no such name any more, or the number is damaged.
  bool Find(uint16_t number, uint16_t& position) const {
    if (number >= positions_.size() || positions_[number] == kGone) return false;
    position = positions_[number];
    return true;
  }

  // The same for the number of a source: its place among the sources. False for a namespace's number, too.
  bool FindSource(uint16_t number, uint16_t& source) const {
    uint16_t position = 0;
    if (!Find(number, position) || position < namespace_count_) return false;
    source = static_cast<uint16_t>(position - namespace_count_);
    return true;
  }

  // Of declared namespaces; the sources' positions follow.
  uint16_t namespace_count() const { return namespace_count_; }
  uint16_t position_count() const { return static_cast<uint16_t>(numbers_.size()); }
  const std::string& name(uint16_t position) const { return names_[numbers_[position]]; }
  // The position of a name; false if there is none.
  bool FindName(std::string_view name, uint16_t& position) const;

 private:
  static constexpr uint16_t kGone = 0xffff;

  std::vector<std::string> names_;
  std::vector<uint16_t> numbers_;    // by position
  std::vector<uint16_t> positions_;  // by number
  uint16_t namespace_count_ = 0;
};

}  // namespace kintsugi::format

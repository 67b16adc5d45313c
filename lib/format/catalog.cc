#include "format/catalog.h"

#include <algorithm>

namespace kintsugi::format {

absl::StatusOr<Catalog> Catalog::Create(const Schema& schema, std::vector<std::string> stored_names) {
  Catalog catalog;
  catalog.names_ = std::move(stored_names);
  catalog.namespace_count_ = static_cast<uint16_t>(schema.namespaces.size());
  const auto place = [&](const std::string& name) {
    auto at = std::find(catalog.names_.begin(), catalog.names_.end(), name);
    if (at == catalog.names_.end()) at = catalog.names_.insert(at, name);
    catalog.numbers_.push_back(static_cast<uint16_t>(at - catalog.names_.begin()));
  };
  for (const Namespace& ns : schema.namespaces) place(ns.name);
  for (const Source& source : schema.sources) place(source.name);
  if (catalog.names_.size() >= kGone) return absl::ResourceExhaustedError("more than 65,534 namespaces and sources");

  catalog.positions_.assign(catalog.names_.size(), kGone);
  for (size_t position = 0; position < catalog.numbers_.size(); ++position) {
    catalog.positions_[catalog.numbers_[position]] = static_cast<uint16_t>(position);
  }
  return catalog;
}

bool Catalog::FindName(std::string_view name, uint16_t& position) const {
  for (position = 0; position < position_count(); ++position) {
    if (this->name(position) == name) return true;
  }
  return false;
}

}  // namespace kintsugi::format

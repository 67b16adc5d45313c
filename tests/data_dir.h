// Where the data sets are that some tests read. They are no part of the project, and may be missing.

#pragma once

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string_view>

namespace kintsugi {

// The folder that the environment variable KINTSUGI_DATA names, else `shared` beside the source tree;
// nothing if there is no such folder.
inline std::optional<std::filesystem::path> DataDir() {
  const char* given = std::getenv("KINTSUGI_DATA");
  const std::filesystem::path dir = given != nullptr ? given : KINTSUGI_SOURCE_DIR "/../shared";
  std::error_code error;
  if (!std::filesystem::is_directory(dir, error)) return std::nullopt;
  return std::filesystem::weakly_canonical(dir);
}

// A file or folder in DataDir(). Where it is missing, says `skipped: no data`, and the test returns:
//
//   const auto file = DataFileOrSkip("data/vectors/email_provider_rules.csv");
//   if (!file) return;
inline std::optional<std::filesystem::path> DataFileOrSkip(std::string_view relative) {
  std::error_code error;
  if (const auto dir = DataDir(); dir && std::filesystem::exists(*dir / relative, error)) return *dir / relative;
  std::cout << "skipped: no data\n";
  return std::nullopt;
}

}  // namespace kintsugi

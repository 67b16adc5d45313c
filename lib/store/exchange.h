// A new database takes the place of an old one.

#pragma once

#include <string>

#include "absl/status/status.h"

namespace kintsugi::store {

// The directories of two closed databases change places: in one step where the file system can, else in three. After
// an error they have not. kUnavailable if another process opened the one at `path` meanwhile; whoever calls it holds
// the DirectoryLock of both.
absl::Status TakePlace(const std::string& fresh, const std::string& path);

// Makes that survive a crash of the machine.
absl::Status SyncParent(const std::string& path);

}  // namespace kintsugi::store

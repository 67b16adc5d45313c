// Where the databases of a run live.

#pragma once

#include <string>

namespace kintsugi::bench {

// A new empty directory below the system's temporary one; removed with the object, and at exit at the latest.
class Directory {
 public:
  Directory();
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace kintsugi::bench

#include "bench/directory.h"

#include <stdlib.h>

#include <filesystem>

#include "bench/check.h"

namespace kintsugi::bench {
namespace {

// All directories of this process are in one, so that leaving early leaves nothing behind.
struct Root {
  std::string path;

  Root() : path((std::filesystem::temp_directory_path() / "kintsugi_bench.XXXXXX").string()) {
    Check(mkdtemp(path.data()) != nullptr, "cannot make a temporary directory");
  }
  ~Root() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

}  // namespace

Directory::Directory() {
  static const Root root;
  static int number = 0;
  path_ = root.path + "/" + std::to_string(++number);
  std::error_code error;
  std::filesystem::create_directory(path_, error);
  Check(!error, "cannot make a temporary directory");
}

Directory::~Directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace kintsugi::bench

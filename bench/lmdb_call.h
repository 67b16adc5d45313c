// Calling LMDB: its codes, which must be 0, and its values.

#pragma once

#include <lmdb.h>

#include <string_view>

#include "bench/check.h"

namespace kintsugi::bench {

inline void CheckLmdb(int code) {
  Check(code == 0, mdb_strerror(code));
}

inline MDB_val ToVal(std::string_view bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};
}

}  // namespace kintsugi::bench

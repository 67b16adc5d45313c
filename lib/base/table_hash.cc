#include "base/table_hash.h"

#include <unistd.h>

#include <chrono>

namespace kintsugi {

// Where the operating system has no randomness to give, what differs between processes must do: the clock, the
// process, and where its memory lies.
HashKey TableHash::RandomKey() {
  HashKey key;
  if (getentropy(key.data(), key.size()) == 0) return key;
  TableHash mixed(HashKey{});
  mixed.Add(static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count()));
  mixed.Add(static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()));
  mixed.Add(static_cast<uint64_t>(getpid()));
  mixed.Add(reinterpret_cast<uintptr_t>(&key));
  const uint64_t words[] = {TableHash(mixed).Add(1).Finish(), TableHash(mixed).Add(2).Finish()};
  std::memcpy(key.data(), words, sizeof(words));
  return key;
}

}  // namespace kintsugi

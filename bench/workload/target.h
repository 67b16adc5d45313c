// What the workload driver can drive: the library, and whatever else the same data might be kept in.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "bench/data.h"

namespace kintsugi::bench {

// One thing to be done: look up who has this identifier, or apply an event of theirs.
struct Operation {
  uint64_t identifier = 0;  // its number, as bench/data.h counts
  Probe probe;              // the same as a target is asked for it
  uint64_t event = 0;       // the number of an event that there has not been yet; 0: this is a look-up

  uint64_t profile() const { return identifier / kIdentifiersPerProfile; }
};

// One thread's way to a target. Whatever goes wrong, an identifier that nobody has included, ends the program.
class Session {
 public:
  virtual ~Session() = default;

  // Finds the profile of each and reads three attributes of it, or three places of the bytes that stand for them.
  // At most Target::batch() of them.
  virtual void LookUp(std::span<const Operation> operations) = 0;

  // Takes an event that brings one new value. The library finds out whether it knows the event, merges it and
  // remembers where the value came from. Others find the profile and write its bytes anew.
  virtual void Apply(const Operation& operation) = 0;
};

// A place for the people of bench/data.h, empty when it is made and gone with the object.
class Target {
 public:
  virtual ~Target() = default;

  // Adds the profiles [begin, end). No session is open.
  virtual void Load(uint64_t begin, uint64_t end) = 0;

  // Finishes the work that loading left for later, so that it is not measured with what follows.
  virtual void Settle() {}

  virtual std::unique_ptr<Session> NewSession() = 0;

  // How many look-ups a session takes at once.
  virtual size_t batch() const { return 1; }

  // Size of its files; nothing for what is in memory only.
  virtual std::optional<uint64_t> DiskBytes() = 0;

  // The most memory that this process has held since it was loaded. A server tells of itself instead, as well as it
  // can. Nothing if that cannot be known.
  virtual std::optional<uint64_t> MemoryBytes();
};

// Where servers listen. They are started by whoever runs the driver, and must be empty.
struct Servers {
  int redis_port = 0;
  std::string postgres;  // as libpq takes it, "host=/tmp/socket user=postgres dbname=postgres"
};

using NewTarget = std::unique_ptr<Target> (*)(const Servers&);

// A target by name.
struct Kind {
  const char* name;
  const char* what;
  const char* losses;   // what a crash of the process that holds the data loses, and a crash of the machine
  const char* package;  // Debian's name of what it is compiled with
  NewTarget make;       // none: it was not compiled in
};

std::span<const Kind> Kinds();

}  // namespace kintsugi::bench

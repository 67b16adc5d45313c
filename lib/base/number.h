// Numbers as text whose bytes are stored and hashed, and so must never change.

#pragma once

#include <cstdint>
#include <string>

namespace kintsugi {

// Appends the shortest decimal that reads back as the same double: 27.5, 100, 0.0001, 1e+16, 1.5e-07. From 0.0001 up to
// 1e16 in plain digits, else with an exponent of at least two digits. Minus zero is 0. `number` must be finite.
void AppendDouble(std::string& out, double number);

void AppendInteger(std::string& out, int64_t number);
void AppendInteger(std::string& out, uint64_t number);

}  // namespace kintsugi

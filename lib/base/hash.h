// Hashes whose values are stored, and so must never change.

#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace kintsugi {

using HashKey = std::array<uint8_t, 16>;

// SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, 2012, "SipHash: a fast short-input PRF").
// Without the key nobody can find an input for an output, or two inputs that collide.
std::array<uint8_t, 16> SipHash128(const HashKey& key, std::string_view data);

// The first 8 bytes of SipHash128 under a fixed key: for telling contents apart, not for secrets.
uint64_t Fingerprint(std::string_view data);

}  // namespace kintsugi

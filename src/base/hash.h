// SHA-256 of what arrives in pieces, and of whole files.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace loam {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(std::span<const std::byte> bytes);
  // Each ends the hash: call one of them, once.
  std::array<std::byte, 32> digest();
  std::string hex();  // 64 lower-case digits

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_of(std::string_view text);          // in hexadecimal
std::string to_hex(std::span<const std::byte> bytes);  // lower-case digits

// The SHA-256 of a file, read through a small window. `progress` gets the bytes hashed so far and returns false to
// cancel. Throws Error(not_found), Error(io) or Error(cancelled).
std::string sha256_of_file(const std::string& path, const std::function<bool(uint64_t done)>& progress = {});

}  // namespace loam

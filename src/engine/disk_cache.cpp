#include "engine/disk_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/error.h"

namespace loam {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kFreeBytes = uint64_t{1} << 30;  // of the disk, that stay free

struct File {
  fs::path path;
  fs::file_time_type used;
  uint64_t bytes;
};

// Other processes delete files, too: those that are gone meanwhile are left out.
std::vector<File> files_in(const std::string& folder, const char* extension) {
  std::vector<File> files;
  std::error_code fault;
  for (const auto& entry : fs::directory_iterator(folder, fault)) {
    std::error_code gone;
    if (entry.path().extension() != extension) continue;
    const File file{entry.path(), entry.last_write_time(gone), entry.file_size(gone)};
    if (!gone) files.push_back(file);
  }
  return files;
}

}  // namespace

DiskCache::DiskCache(const std::string& cache_folder, uint64_t budget_bytes, ThreadPool& readers, Warn warn)
    : files_(cache_folder), budget_(budget_bytes), readers_(readers), warn_(std::move(warn)), writer_([this] {
        run();
      }) {}

DiskCache::~DiskCache() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  writer_.join();
}

size_t DiskCache::read(std::span<const Page> pages) {
  std::atomic<size_t> next = 0, n_right = pages.size();
  readers_.run([&](int) {
    for (size_t i; (i = next.fetch_add(1)) < n_right;) {
      if (files_.read(pages[i].name, pages[i].parts)) continue;
      for (size_t least = n_right; i < least && !n_right.compare_exchange_weak(least, i);) {
      }
    }
  });
  n_read_ += static_cast<int64_t>(n_right);
  return n_right;
}

void DiskCache::save(Page page) {
  {
    const std::lock_guard lock(mutex_);
    if (queued_.contains(page.name)) return;
    const auto place = queue_.insert(queue_.end(), std::move(page));
    queued_.emplace(place->name, place);
  }
  changed_.notify_all();
}

void DiskCache::forget(const PageName& name) {
  std::unique_lock lock(mutex_);
  if (const auto place = queued_.find(name); place != queued_.end()) {
    queue_.erase(place->second);
    queued_.erase(place);
  }
  changed_.wait(lock, [&] { return writing_ == nullptr || !(*writing_ == name); });
}

void DiskCache::forget_all(const PageName::Owner& owner) {
  {
    std::unique_lock lock(mutex_);
    std::erase_if(queued_, [&](const auto& queued) { return queued.first.owner() == owner; });
    std::erase_if(queue_, [&](const Page& page) { return page.name.owner() == owner; });
    changed_.wait(lock, [&] { return writing_ == nullptr || writing_->owner() != owner; });
  }
  files_.forget(owner);
}

bool DiskCache::is_writing(const PageName& name) {
  const std::lock_guard lock(mutex_);
  return writing_ != nullptr && *writing_ == name;
}

int64_t DiskCache::n_queued() {
  const std::lock_guard lock(mutex_);
  return std::ssize(queue_) + (writing_ != nullptr);
}

void DiskCache::flush() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return queue_.empty() && writing_ == nullptr; });
}

void DiskCache::run() {
  shrink(budget_);
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return ending_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const Page page = std::move(queue_.front());
    queue_.pop_front();
    queued_.erase(page.name);
    writing_ = &page.name;
    lock.unlock();
    store(page);
    lock.lock();
    writing_ = nullptr;
    changed_.notify_all();
  }
}

void DiskCache::store(const Page& page) try {
  if (files_.has(page.name)) return files_.touch(page.name);
  if (failed_) return;
  const uint64_t bytes = page_file_bytes(page.parts);
  make_space(bytes);
  files_.write(page.name, page.parts);
  file_bytes_ += bytes;
  uncounted_ += bytes;
  ++n_written_;
} catch (const Error& error) {
  failed_ = true;
  if (warn_) warn_(fmt::format("the cache on disk takes nothing more until the next start: {}", error.message()));
}

// Now and then counts what other processes have written, so that together they stay near the budget.
void DiskCache::make_space(uint64_t bytes) {
  std::error_code fault;
  const uint64_t available = fs::space(files_.folder(), fault).available;
  if (fault) throw Error(Error::Code::io, fault.message(), files_.folder());
  const uint64_t most = std::min(budget_, file_bytes_ + available - std::min(available, kFreeBytes));
  if (bytes > most)
    throw Error(Error::Code::io,
                fmt::format("a page of {} bytes does not fit the {} that {} may take (the budget is {}, and {} of the "
                            "disk stay free)",
                            bytes, most, files_.folder(), budget_, kFreeBytes),
                files_.folder());
  if (file_bytes_ + bytes > most || uncounted_ > budget_ / 16) shrink(most - bytes);
}

// Where the files have more than `most` bytes, deletes those used longest ago, and somewhat more than need be, since it
// goes through the whole folder.
void DiskCache::shrink(uint64_t most) {
  constexpr auto kLeftOver = std::chrono::hours(1);  // then nobody writes it any more
  std::error_code fault;
  for (const File& file : files_in(files_.folder(), ".new"))
    if (fs::file_time_type::clock::now() - file.used > kLeftOver) fs::remove(file.path, fault);
  std::vector<File> files = files_in(files_.folder(), ".page");
  std::ranges::sort(files, {}, &File::used);
  file_bytes_ = uncounted_ = 0;
  for (const File& file : files) file_bytes_ += file.bytes;
  if (file_bytes_ <= most) return;
  for (auto file = files.begin(); file_bytes_ > most / 10 * 9 && file != files.end(); ++file) {
    file_bytes_ -= file->bytes;
    fs::remove(file->path, fault);
  }
}

}  // namespace loam

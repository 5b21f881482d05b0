// DiskCache: named pages in files, so that they outlive the memory and the process.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>

#include "base/thread_pool.h"
#include "engine/page_file.h"

namespace loam {

// The folder is the index: a page is there where a file of its name is. Several processes may share a folder.
//
// One thread of its own writes, straight from the pages' memory, so that nobody waits for the disk: whoever wants to
// change or free a page takes its job back first. Where the files exceed the budget, or what the disk has room for,
// those used longest ago are deleted. Where writing fails all the same, nothing more is written: it is only a cache.
class DiskCache {
 public:
  using Warn = std::function<void(const std::string&)>;

  // As PageFiles. `readers` share the work of `read`; `warn`, which the writing thread calls, is told once, in a
  // sentence, that no more is written and why.
  DiskCache(const std::string& cache_folder, uint64_t budget_bytes, ThreadPool& readers, Warn warn = {});
  ~DiskCache();  // writes what is still to be written
  DiskCache(const DiskCache&) = delete;
  DiskCache& operator=(const DiskCache&) = delete;

  struct Page {
    PageName name;
    PageParts parts = {};
  };

  bool has(const PageName& name) const { return files_.has(name); }
  // Fills pages from their files. → how many of the first were right; what the others hold is undefined.
  size_t read(std::span<const Page> pages);

  // Writes the page soon, or marks its file as used now. Its bytes must not change before `forget`.
  void save(Page page);
  void forget(const PageName& name);
  // Everything of a salt's: what is to be written, and the files.
  void forget_all(const PageName::Owner& owner);
  bool is_writing(const PageName& name);  // `forget` would wait
  void flush();                           // waits until all is written
  int64_t n_queued();
  int64_t n_read() const { return n_read_; }
  int64_t n_written() const { return n_written_; }

 private:
  using Queue = std::list<Page>;

  void run();
  void store(const Page& page);
  void make_space(uint64_t bytes);
  void shrink(uint64_t most);

  const PageFiles files_;
  const uint64_t budget_;
  ThreadPool& readers_;
  const Warn warn_;
  // The writer's own:
  uint64_t file_bytes_ = 0;  // of all files, as far as it knows
  uint64_t uncounted_ = 0;   // written since they were counted
  bool failed_ = false;
  std::atomic<int64_t> n_read_ = 0, n_written_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  Queue queue_;
  std::unordered_map<PageName, Queue::iterator, PageNameHash> queued_;
  const PageName* writing_ = nullptr;
  bool ending_ = false;
  std::thread writer_;  // last: it uses all of the above
};

}  // namespace loam

// PrefixCache: pages that outlive the sequences that filled them, by their names, for sequences that begin alike.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/disk_cache.h"
#include "model/kv_cache.h"

namespace loam {

// All pages of sequences are taken and given back here. A page has users, the sequences whose block tables list it, and
// perhaps a name; while it has one it is not written to. A named page that has lost its last user stays until its
// memory is needed: then those go first that were used longest ago.
//
// Layers that forget (those with a window, and those with a state) hold at a position only what the tokens behind it
// need. A snapshot is what they hold behind a named page; a sequence can go on from a page only where there is one.
class PrefixCache {
 public:
  struct PageRef {
    PagePool* pool;
    int32_t page;
  };

  // Without `sharing` nothing is named. `disk`: where pages are kept as well; may be none.
  PrefixCache(std::shared_ptr<KvCache> kv, bool sharing, std::unique_ptr<DiskCache> disk = nullptr)
      : kv_(std::move(kv)), sharing_(sharing), disk_(std::move(disk)) {}
  PrefixCache(const PrefixCache&) = delete;
  PrefixCache& operator=(const PrefixCache&) = delete;

  KvCache& kv() const { return *kv_; }

  // ---- pages ----
  // Makes room for so many bytes, where need be by evicting what has no users; false, and nothing evicted, where that
  // is not enough.
  bool make_room(uint64_t bytes);
  int32_t take(PagePool& pool);  // for its first user. LOAM_CHECKs that there is room
  void give(PagePool& pool, int32_t page);
  // Makes a page that one of its users wants to write to his own. Where others use it or it is kept for them, he gets a
  // copy; where there is no room for one, it loses its name, or false if it has other users.
  bool own(PagePool& pool, int32_t& page);

  // ---- names ----
  bool has(const PageName& name) const { return pages_.contains(name); }
  // The page of this name, which has one user more.
  int32_t find(const PageName& name);
  // Names a page that its user has filled. → the page of that name: where there is one already, the user has that
  // instead.
  int32_t keep(const PageName& name, PagePool& pool, int32_t page);

  // ---- snapshots ----
  bool has_snapshot(const PageName& name) const { return snapshots_.contains(name); }
  // Its pages, as they were given, each with one user more.
  std::vector<PageRef> find_snapshot(const PageName& name);
  void keep_snapshot(const PageName& name, std::vector<PageRef> pages);

  // ---- the disk ----
  bool has_on_disk(const PageName& name) const { return disk_ && disk_->has(name); }
  bool has_snapshot_on_disk(const PageName& name) const { return disk_ && disk_->has(of_snapshot(name)); }
  // Fills pages, each of one user, and names them. → how many of the first it was; the others are as they were, but for
  // their bytes.
  size_t load(std::span<const PageName> names, PagePool& pool, std::span<int32_t> pages);
  // Fills the pages of a snapshot, each of one user; false, and no snapshot kept, where the disk does not have it.
  bool load_snapshot(const PageName& name, const std::vector<PageRef>& pages);
  // Copies the page and the snapshot of this name to the disk, soon.
  void save(const PageName& name);

  // ---- forgetting ----
  // Nobody finds the pages and snapshots of this owner any more, here or on the disk. Sequences that use some go on
  // with them, and leave nothing behind: they were opened before. Waits for a page that is being written.
  void forget(const PageName::Owner& owner);
  // How often that has happened to the owner.
  int64_t n_forgotten(const PageName::Owner& owner) const;

  uint64_t unused_bytes() const { return unused_bytes_; }  // of pages without users
  DiskCache* disk() const { return disk_.get(); }          // may be null
  int64_t n_evicted() const { return n_evicted_; }         // pages and snapshots

 private:
  struct Entry {
    PageName name;
    std::vector<PageRef> pages;  // one, or a snapshot's
  };
  using Entries = std::list<Entry>;
  using Index = std::unordered_map<PageName, Entries::iterator, PageNameHash>;
  struct PageState {
    int n_users = 0, n_entries = 0;
    std::optional<Entries::iterator> entry = {};  // that names it
  };

  PageState& state(const PagePool& pool, int32_t page);
  void use(const PagePool& pool, int32_t page);
  static PageName of_snapshot(const PageName& name);
  bool is_page(Entries::iterator entry) const;
  PageName name_of_file(Entries::iterator entry) const;
  bool is_being_written(Entries::iterator entry) const;
  static DiskCache::Page on_disk(const PageName& name, std::span<const PageRef> pages);
  void erase(Index& index, Entries::iterator entry);
  void forget_snapshots(const PagePool& pool, int32_t page);

  std::shared_ptr<KvCache> kv_;
  const bool sharing_;
  std::unordered_map<const PagePool*, std::vector<PageState>> states_;
  Entries used_, unused_;  // snapshots, and pages without users, are unused; in the order of their last use
  Index pages_, snapshots_;
  uint64_t unused_bytes_ = 0;
  int64_t n_evicted_ = 0;
  std::map<PageName::Owner, int64_t> forgotten_;
  const std::unique_ptr<DiskCache> disk_;  // ends first: it reads the pages
};

}  // namespace loam

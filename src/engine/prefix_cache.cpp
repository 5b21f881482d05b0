#include "engine/prefix_cache.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace loam {

PrefixCache::PageState& PrefixCache::state(const PagePool& pool, int32_t page) {
  std::vector<PageState>& states = states_[&pool];
  if (static_cast<size_t>(page) >= states.size()) states.resize(static_cast<size_t>(page) + 1);
  return states[static_cast<size_t>(page)];
}

bool PrefixCache::is_page(Entries::iterator entry) const {
  const auto named = pages_.find(entry->name);
  return named != pages_.end() && named->second == entry;
}

PageName PrefixCache::name_of_file(Entries::iterator entry) const {
  return is_page(entry) ? entry->name : of_snapshot(entry->name);
}

bool PrefixCache::is_being_written(Entries::iterator entry) const {
  return disk_ && disk_->is_writing(name_of_file(entry));
}

bool PrefixCache::make_room(uint64_t bytes) {
  if (kv_->free_bytes() + unused_bytes_ < bytes) return false;
  while (kv_->free_bytes() < bytes) {
    auto oldest = unused_.begin();
    if (std::next(oldest) != unused_.end() && is_being_written(oldest)) ++oldest;  // nobody waits for the disk
    erase(is_page(oldest) ? pages_ : snapshots_, oldest);
    ++n_evicted_;
  }
  return true;
}

int32_t PrefixCache::take(PagePool& pool) {
  const int32_t page = kv_->take(pool);
  state(pool, page) = {.n_users = 1};
  return page;
}

void PrefixCache::use(const PagePool& pool, int32_t page) {
  PageState& s = state(pool, page);
  if (s.n_users++ > 0) return;
  unused_bytes_ -= pool.page_bytes();
  if (s.entry) used_.splice(used_.end(), unused_, *s.entry);
}

void PrefixCache::give(PagePool& pool, int32_t page) {
  PageState& s = state(pool, page);
  LOAM_CHECK(s.n_users > 0);
  if (--s.n_users > 0) return;
  if (s.n_entries == 0) return pool.give(page);
  unused_bytes_ += pool.page_bytes();
  if (s.entry) unused_.splice(unused_.end(), used_, *s.entry);
}

bool PrefixCache::own(PagePool& pool, int32_t& page) {
  if (const PageState& s = state(pool, page); s.n_users == 1 && s.n_entries == 0) return true;
  if (make_room(pool.page_bytes())) {
    const int32_t copy = take(pool);
    std::ranges::copy(pool.bytes(page), pool.bytes(copy).begin());
    give(pool, page);
    page = copy;
    return true;
  }
  PageState& s = state(pool, page);
  if (s.n_users > 1) return false;
  if (s.entry) erase(pages_, *s.entry);
  forget_snapshots(pool, page);
  return true;
}

int32_t PrefixCache::find(const PageName& name) {
  const PageRef& found = pages_.at(name)->pages.front();
  use(*found.pool, found.page);
  return found.page;
}

int32_t PrefixCache::keep(const PageName& name, PagePool& pool, int32_t page) {
  if (!sharing_) return page;
  if (has(name)) {
    const int32_t known = find(name);
    give(pool, page);
    return known;
  }
  PageState& s = state(pool, page);
  LOAM_CHECK(s.n_users > 0 && !s.entry);
  s.entry = used_.insert(used_.end(), {.name = name, .pages = {{&pool, page}}});
  ++s.n_entries;
  pages_.emplace(name, *s.entry);
  return page;
}

std::vector<PrefixCache::PageRef> PrefixCache::find_snapshot(const PageName& name) {
  const auto entry = snapshots_.at(name);
  unused_.splice(unused_.end(), unused_, entry);
  for (const auto& [pool, page] : entry->pages) use(*pool, page);
  return entry->pages;
}

void PrefixCache::keep_snapshot(const PageName& name, std::vector<PageRef> pages) {
  if (!sharing_ || has_snapshot(name)) return;
  for (const auto& [pool, page] : pages) ++state(*pool, page).n_entries;
  const auto entry = unused_.insert(unused_.end(), {.name = name, .pages = std::move(pages)});
  snapshots_.emplace(name, entry);
}

// A snapshot's file has the name of its page, and of a token that no vocabulary has.
PageName PrefixCache::of_snapshot(const PageName& name) {
  constexpr Token kNone = -1;
  return name.next({&kNone, 1});
}

DiskCache::Page PrefixCache::on_disk(const PageName& name, std::span<const PageRef> pages) {
  DiskCache::Page file{.name = name};
  for (const auto& [pool, page] : pages) file.parts.push_back(pool->bytes(page));
  return file;
}

size_t PrefixCache::load(std::span<const PageName> names, PagePool& pool, std::span<int32_t> pages) {
  std::vector<DiskCache::Page> files;
  for (size_t i = 0; i < names.size(); ++i) {
    const PageRef page{&pool, pages[i]};
    files.push_back(on_disk(names[i], {&page, 1}));
  }
  const size_t n = disk_->read(files);
  for (size_t i = 0; i < n; ++i) pages[i] = keep(names[i], pool, pages[i]);
  return n;
}

bool PrefixCache::load_snapshot(const PageName& name, const std::vector<PageRef>& pages) {
  const DiskCache::Page file = on_disk(of_snapshot(name), pages);
  if (disk_->read({&file, 1}) == 0) return false;
  keep_snapshot(name, pages);
  return true;
}

void PrefixCache::save(const PageName& name) {
  if (!disk_) return;
  for (const Index* index : {&pages_, &snapshots_})
    if (const auto found = index->find(name); found != index->end()) {
      const Entries::iterator entry = found->second;
      disk_->save(on_disk(name_of_file(entry), entry->pages));
    }
}

void PrefixCache::erase(Index& index, Entries::iterator entry) {
  if (disk_) disk_->forget(name_of_file(entry));
  bool used = false;
  for (const auto& [pool, page] : entry->pages) {
    PageState& s = state(*pool, page);
    if (s.entry == entry) s.entry.reset();
    used = s.n_users > 0;
    if (--s.n_entries > 0 || used) continue;
    unused_bytes_ -= pool->page_bytes();
    pool->give(page);
  }
  index.erase(entry->name);
  (used && &index == &pages_ ? used_ : unused_).erase(entry);
}

void PrefixCache::forget(const PageName::Owner& owner) {
  ++forgotten_[owner];
  for (Index* index : {&snapshots_, &pages_})
    for (auto next = index->begin(); next != index->end();)
      if (const auto entry = next++->second; entry->name.owner() == owner) erase(*index, entry);
  if (disk_) disk_->forget_all(owner);
}

int64_t PrefixCache::n_forgotten(const PageName::Owner& owner) const {
  const auto found = forgotten_.find(owner);
  return found != forgotten_.end() ? found->second : 0;
}

void PrefixCache::forget_snapshots(const PagePool& pool, int32_t page) {
  for (auto next = snapshots_.begin(); next != snapshots_.end();) {
    const auto entry = next++->second;
    const auto is_it = [&](const PageRef& kept) { return kept.pool == &pool && kept.page == page; };
    if (std::ranges::any_of(entry->pages, is_it)) erase(snapshots_, entry);
  }
}

}  // namespace loam

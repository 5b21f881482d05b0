#include "engine/fair_queue.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/error.h"

namespace loam {

int FairQueue::count(const std::string& user) const {
  return static_cast<int>(std::ranges::count_if(entries_, [&](const Entry& e) { return e.request.user == user; }));
}

void FairQueue::add(const Request& request) {
  LOAM_CHECK(request.weight > 0 && std::abs(request.priority) <= kMostPriority);
  Entry entry{.request = request,
              .weight = request.weight * std::pow(4.0, request.priority),
              .arrival = n_arrived_++,
              .unread = request.n_prompt};
  const auto n = 1 + std::ranges::count_if(
                         entries_, [&](const Entry& e) { return e.request.user == request.user && e.unread > 0; });
  entry.stamp = virtual_time_ + static_cast<double>(request.n_prompt * n) / entry.weight;
  entries_.push_back(std::move(entry));
  User& user = users_[request.user];
  user.asked = std::max(user.asked, count(request.user));
  user.weight = request.weight;
}

void FairQueue::remove(int64_t id) {
  std::erase_if(entries_, [&](const Entry& e) { return e.request.id == id; });
}

// More than so many places are not for him while others count.
double FairQueue::fair_places(const Entry& entry) const {
  if (users_.size() < 2) return INT32_MAX;
  double most = 0;
  for (const auto& [name, user] : users_)
    if (name != entry.request.user) most = std::max(most, user.asked / user.weight);
  return std::max(1.0, most * entry.request.weight);
}

// Of those that may run, the one whose user has the fewest places for his weight; null where there is none.
FairQueue::Entry* FairQueue::next_to_admit() {
  std::map<std::string_view, int> places;
  for (const Entry& e : entries_) places[e.request.user] += e.runs;
  const auto n_running = std::ranges::count_if(entries_, &Entry::runs);
  const int extra = std::max(1, places_ / 4);
  Entry* best = nullptr;
  std::tuple<double, double, int64_t> least;
  for (Entry& e : entries_) {
    if (e.runs) continue;
    const int held = places[e.request.user];
    if (n_running >= places_ + (held == 0 ? extra : 0) || held >= fair_places(e)) continue;
    const std::tuple order(held / e.request.weight, e.stamp, e.arrival);
    if (!best || order < least) best = &e, least = order;
  }
  return best;
}

void FairQueue::admit() {
  while (Entry* entry = next_to_admit()) entry->runs = true;
}

std::vector<int64_t> FairQueue::order() const {
  std::vector<const Entry*> running;
  for (const Entry& e : entries_)
    if (e.runs) running.push_back(&e);
  std::ranges::sort(running, {}, [](const Entry* e) { return std::pair(e->stamp, e->arrival); });
  std::vector<int64_t> ids;
  for (const Entry* e : running) ids.push_back(e->request.id);
  return ids;
}

// Of the users who have something to read, each with the weight of his request that has most.
double FairQueue::weight_of_readers() const {
  std::map<std::string, double> weights;
  for (const Entry& e : entries_)
    if (e.runs && e.unread > 0) weights[e.request.user] = std::max(weights[e.request.user], e.weight);
  double total = 0;
  for (const auto& [_, weight] : weights) total += weight;
  return total;
}

void FairQueue::read(int64_t id, int64_t n, int64_t n_left) {
  const auto entry = std::ranges::find(entries_, id, [](const Entry& e) { return e.request.id; });
  if (entry == entries_.end() || entry->unread == 0) return;
  virtual_time_ += static_cast<double>(n) / weight_of_readers();
  entry->unread = std::min(entry->unread, n_left);
}

void FairQueue::passed(double seconds) {
  for (auto it = users_.begin(); it != users_.end();) {
    auto& [name, user] = *it;
    user.left -= seconds;
    if (user.left <= 0) user = {.asked = count(name), .weight = user.weight};
    it = user.asked == 0 ? users_.erase(it) : std::next(it);
  }
}

}  // namespace loam

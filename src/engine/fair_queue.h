// FairQueue: who runs, and whose prompt is read first, so that users get their shares however much one of them asks
// for.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace loam {

// Prompts: weighted fair queueing (Demers, Keshav and Shenker, SIGCOMM 1989). The virtual time V advances by the tokens
// read over the weights of the users who have some to read. A request is stamped, when it comes, with the V at which it
// would be read if all users were served at once in proportion to their weights, and each one's requests side by side:
// V + length · n / weight for the n-th unread one of a user. The lowest stamp is read first. So a short prompt passes a
// long one, and the long one is never later than in fair turns.
//
// Places to run: a free one goes to the user who has the fewest for his weight, and among his requests to the lowest
// stamp. While there are others, or have been a moment ago, nobody gets more than the one of them who asks for most;
// and beyond the bound on places there are a few for users who have none.
//
// A step of priority is a factor of 4 in the weight that a stamp is made with, so that lower ones wait longer, but not
// for ever.
class FairQueue {
 public:
  static constexpr int kMostPriority = 4;
  static constexpr double kMoment = 2;  // seconds of steps for which a user counts after his last request

  struct Request {
    int64_t id = 0;
    std::string user = {};
    double weight = 1;     // > 0
    int priority = 0;      // −kMostPriority to kMostPriority
    int64_t n_prompt = 0;  // tokens to read
  };

  // `places`: most requests that run at once, 0: no bound.
  explicit FairQueue(int places) : places_(places > 0 ? places : INT32_MAX / 2) {}

  void add(const Request& request);
  void remove(int64_t id);                           // nothing where it is not there
  void admit();                                      // gives free places to those who wait
  std::vector<int64_t> order() const;                // of those that run, the first to be read first
  void read(int64_t id, int64_t n, int64_t n_left);  // n tokens of its prompt were read
  void passed(double seconds);                       // a step took so long

 private:
  struct Entry {
    Request request;
    double weight = 1;  // with the priority
    double stamp = 0;
    int64_t arrival = 0;
    int64_t unread = 0;
    bool runs = false;
  };
  struct User {
    int asked = 0;  // the most requests at a time, of late
    double weight = 1;
    double left = kMoment;
  };

  int count(const std::string& user) const;
  double weight_of_readers() const;
  double fair_places(const Entry& entry) const;
  Entry* next_to_admit();

  const int places_;
  double virtual_time_ = 0;
  int64_t n_arrived_ = 0;
  std::vector<Entry> entries_;
  std::map<std::string, User> users_;  // those who count
};

}  // namespace loam

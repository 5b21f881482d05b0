// TurnStore: the turns of one user, append-only, in the database that everything derived from them stands in too.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory/store/database.h"
#include "memory/turn.h"

namespace loam {

// Something worked out from turns, which can be dropped and made again. Called within the transaction that stores or
// erases the turns, so that the two never disagree; its tables are its own.
class DerivedIndex {
 public:
  virtual ~DerivedIndex() = default;
  virtual std::string_view name() const = 0;
  virtual void add(const Turn& turn) = 0;
  virtual void remove(std::span<const TurnId> turns) = 0;  // after the turns are gone
  virtual void clear() = 0;                                // before every turn is added again
};

class TurnStore {
 public:
  // Makes its tables where they are missing. Error(io).
  explicit TurnStore(Database& database);

  // Indexes are kept in step from now on; they must outlive the store. One that is new to this database, or whose
  // `version` is another than it was, is made from all turns first.
  void attach(DerivedIndex& index, int version);

  // On the disk when it returns. → the turn's id; the id of the earlier turn where `key` was there already, in this
  // namespace and with the same role. Error(invalid) for text that is not UTF-8.
  TurnId add(const NewTurn& turn);
  // As one transaction.
  std::vector<TurnId> add(std::span<const NewTurn> turns);

  // Stores turns of an earlier export as they were, `seen` included; each keeps its id unless one as high was given
  // here before. A turn that is here already, as a whole or by its key, is left out. → how many were stored.
  int64_t restore(std::span<const Turn> turns);

  std::optional<Turn> find(TurnId id);
  std::vector<Turn> find(std::span<const TurnId> ids);  // in the order asked for; those that are not there are left out
  // Turns behind `after` in the order of their ids, until `visit` returns false. Empty names mean all.
  void for_each(std::string_view space, std::string_view session, const std::function<bool(const Turn&)>& visit,
                TurnId after = 0);
  // The n turns of a session before (after) one, the nearest first.
  std::vector<Turn> before(const Turn& turn, int n);
  std::vector<Turn> after(const Turn& turn, int n);

  struct Session {
    std::string space, session;
    int64_t n_turns;
    UnixTime first, last;
  };
  std::vector<Session> sessions(std::string_view space);  // the latest first
  std::vector<std::string> spaces();
  int64_t size();
  TurnId latest_id();  // the highest that was ever given; 0 before the first
  // Grows with whatever may give those work who look at turns while nobody asks: until then there is none.
  int64_t n_changes() const { return n_changes_; }

  // Erases the turns and all that was derived from them: no byte of them is left in the database's files when it
  // returns. → how many there were.
  int64_t erase(std::span<const TurnId> ids);
  // Makes every derived index again; `progress` is told turns done and in all, and stops it by returning false.
  void rebuild(const std::function<bool(int64_t, int64_t)>& progress = {});

  Database& database() { return database_; }

 private:
  TurnId insert(const NewTurn& turn);
  std::optional<TurnId> find_key(const NewTurn& turn);
  bool holds(const Turn& turn);  // whether one without a key is there as a whole
  void store(Turn& turn);        // with its id, where that is not 0; sets it

  Database& database_;
  std::vector<DerivedIndex*> indexes_;
  std::atomic<int64_t> n_changes_ = 0;
};

}  // namespace loam

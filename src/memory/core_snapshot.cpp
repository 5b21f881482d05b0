#include "memory/core_snapshot.h"

namespace loam {

CoreSnapshot::CoreSnapshot(Database& database) : database_(database) {
  Transaction transaction(database_);
  database_.run(
      "CREATE TABLE IF NOT EXISTS core_snapshot ("
      "  space TEXT NOT NULL, session TEXT NOT NULL, core TEXT NOT NULL, PRIMARY KEY (space, session)) WITHOUT ROWID");
  transaction.commit();
}

void CoreSnapshot::clear() {
  Transaction transaction(database_);
  database_.run("DELETE FROM core_snapshot");
  transaction.commit();
}

std::optional<std::string> CoreSnapshot::find(std::string_view space, std::string_view session) {
  const Reading reading(database_);
  Statement row = database_.prepare("SELECT core FROM core_snapshot WHERE space = ?1 AND session = ?2");
  row.bind(1, space).bind(2, session);
  if (!row.step()) return std::nullopt;
  return std::string(row.text(0));
}

void CoreSnapshot::keep(std::string_view space, std::string_view session, std::string_view core) {
  Transaction transaction(database_);
  database_.prepare("INSERT OR REPLACE INTO core_snapshot VALUES (?1, ?2, ?3)")
      .bind(1, space)
      .bind(2, session)
      .bind(3, core)
      .run();
  transaction.commit();
}

}  // namespace loam

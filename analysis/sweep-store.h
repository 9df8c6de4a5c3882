// Results of sweeps: SQLite databases.
#pragma once

#include "analysis/pure/reported-sweep.h"
#include "analysis/pure/run-row.h"
#include "analysis/pure/sweep-plan.h"
#include "analysis/sqlite.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace etcdlab
{

/// A file that no other process has locked so; made, empty, if it is missing.
class FileLock
{
  public:
    /// @throws ScenarioError if it stays locked for two seconds, DatabaseError if it cannot be opened
    explicit FileLock(const std::filesystem::path& path);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

  private:
    int m_file;
};

/**
 * The results of a sweep in a file: the table `runs`, a row for each run that has ended, by point and replication, and the
 * table `sweep`, which says of what.
 *
 * A row is there, whole, as soon as Put returns, even if the process is killed; people may read the file meanwhile. Results
 * of another version, scenario or plan are refused.
 */
class SweepStore
{
  public:
    /**
     * Open the file, or make it.
     *
     * @param scenario what all points are made of, as a text
     * @throws ScenarioError if it holds something else, or another process writes to it
     * @throws DatabaseError
     */
    SweepStore(const std::filesystem::path& path,
               const SweepPlan& plan,
               const std::string& scenario);

    void Put(const RunRow& row);

    /// Forget the runs that are not ok.
    void ForgetFailed();

    /// All rows, by point and replication: one query, a pass over the file.
    std::vector<RunRow> Rows() const;

  private:
    void Make(const SweepPlan& plan) const;
    void CheckOrigin(const std::filesystem::path& path,
                     const SweepPlan& plan,
                     const std::string& scenario) const;

    FileLock m_lock; //!< goes last: closing any handle of a file ends SQLite's own locks on it
    Database m_database;
    std::size_t m_parameters;
    std::size_t m_metrics;
    std::vector<std::vector<nlohmann::json>> m_cells; //!< the parameters' by point
    std::unique_ptr<Statement> m_put;
};

/// Open the file of a sweep, to read it.
/// @throws ScenarioError, if the file is not there or is no sweep's
Database OpenSweep(const std::filesystem::path& path);

/// The points of a sweep for a report; only those that have runs. @throws as OpenSweep
ReportedSweep ReadReportedSweep(const std::filesystem::path& path);

/// The table `runs` as CSV (RFC 4180), by point and replication.
std::string SweepCsv(const Database& sweep);

} // namespace etcdlab

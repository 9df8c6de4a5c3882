#include "analysis/sweep-merge.h"

#include "analysis/sweep-store.h"
#include "helper/scenario/read-scenario.h"

#include <map>

namespace etcdlab
{

namespace
{

using Json = nlohmann::json;
namespace fs = std::filesystem;

/// A row by column.
using Row = std::map<std::string, Json>;

Row
ReadRow(const Statement& query)
{
    Row row;
    for (int i = 0; i < query.Columns(); ++i)
    {
        row[query.Name(i)] = query.Value(i);
    }
    return row;
}

std::map<std::string, std::string>
OriginOf(const Database& database)
{
    std::map<std::string, std::string> origin;
    auto query = database.Prepare("SELECT key, value FROM sweep");
    while (query.Step())
    {
        origin[query.Value(0)] = query.Value(1);
    }
    return origin;
}

/// How long a run took, and from where it was started, is not the run's.
Row
WhatCounts(Row row)
{
    row.erase("wall_s");
    row.erase("command");
    return row;
}

bool
IsMachines(const Row& row)
{
    const auto status = row.at("status").get<std::string>();
    return status == "timeout" || status == "memory" || status == "crashed";
}

class Merger
{
  public:
    Merger(const fs::path& path, const Database& out)
        : m_path(path),
          m_out(out),
          m_find(out.Prepare("SELECT * FROM runs WHERE point = ? AND replication = ?")),
          m_put(out.Prepare("INSERT OR REPLACE INTO runs VALUES (?" + Places(m_find.Columns() - 1) +
                            ")"))
    {
    }

    std::uint64_t Add(const fs::path& part)
    {
        const auto database = OpenSweep(part);
        const auto mine = OriginOf(m_out);
        for (const auto& [key, value] : OriginOf(database))
        {
            if (!mine.contains(key) || mine.at(key) != value)
            {
                throw ScenarioError(part.string() + ": expected the sweep of " + m_path.string() +
                                    ", found one of another " + key + ": nothing has been merged");
            }
        }
        std::uint64_t added = 0;
        auto rows = database.Prepare("SELECT * FROM runs");
        while (rows.Step())
        {
            added += Add(part, ReadRow(rows)) ? 1 : 0;
        }
        return added;
    }

  private:
    static std::string Places(int further)
    {
        std::string places;
        for (int i = 0; i < further; ++i)
        {
            places += ", ?";
        }
        return places;
    }

    bool Add(const fs::path& part, const Row& row)
    {
        m_find.Bind({row.at("point"), row.at("replication")});
        if (m_find.Step())
        {
            const auto there = ReadRow(m_find);
            const bool better = row.at("status") == "ok" && IsMachines(there);
            const bool worse = IsMachines(row) && (there.at("status") == "ok" || IsMachines(there));
            if (!better && !worse && WhatCounts(there) != WhatCounts(row))
            {
                throw ScenarioError(part.string() + ": its row of point " + row.at("point").dump() +
                                    ", replication " + row.at("replication").dump() + " (" +
                                    row.at("status").get<std::string>() + ") is not that of " +
                                    m_path.string() + " (" + there.at("status").get<std::string>() +
                                    "): nothing has been merged");
            }
            if (!better)
            {
                return false;
            }
        }
        std::vector<Json> values;
        for (int i = 0; i < m_find.Columns(); ++i)
        {
            values.push_back(row.at(m_find.Name(i)));
        }
        m_put.Bind(values).Step();
        return true;
    }

    const fs::path& m_path;
    const Database& m_out;
    Statement m_find;
    Statement m_put;
};

/// The tables, as the part has them, and what its rows depend on.
void
MakeLike(const Database& out, const fs::path& part)
{
    const auto source = OpenSweep(part);
    auto schema = source.Prepare("SELECT sql FROM sqlite_master WHERE type = 'table'");
    while (schema.Step())
    {
        out.Execute(schema.Value(0).get<std::string>());
    }
    auto put = out.Prepare("INSERT INTO sweep VALUES (?, ?)");
    for (const auto& [key, value] : OriginOf(source))
    {
        put.Bind({key, value}).Step();
    }
}

} // namespace

std::uint64_t
MergeSweeps(const fs::path& out, const std::vector<fs::path>& parts)
{
    for (const auto& part : parts)
    {
        OpenSweep(part);
    }
    const bool fresh = !fs::exists(out);
    if (!fresh)
    {
        OpenSweep(out);
    }
    else if (out.has_parent_path())
    {
        fs::create_directories(out.parent_path());
    }
    try
    {
        const Database database(out, Database::Mode::WRITE);
        database.Execute("BEGIN IMMEDIATE"); // what is not committed is gone
        if (fresh)
        {
            MakeLike(database, parts.front());
        }
        std::uint64_t added = 0;
        Merger merger(out, database);
        for (const auto& part : parts)
        {
            added += merger.Add(part);
        }
        database.Execute("COMMIT");
        return added;
    }
    catch (...)
    {
        std::error_code ignored;
        fresh&& fs::remove(out, ignored);
        throw;
    }
}

} // namespace etcdlab

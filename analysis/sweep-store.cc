#include "analysis/sweep-store.h"

#include "helper/scenario/read-scenario.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace etcdlab
{

namespace
{

using Json = nlohmann::json;
namespace fs = std::filesystem;

/// The columns of runs ahead of and behind the parameters and metrics.
const std::vector<std::string> FIRST = {"point", "replication", "seed"};
const std::vector<std::string> LAST = {
    "status", "message", "command", "wall_s", "version", "scenario"};

std::vector<std::string>
Columns(const SweepPlan& plan)
{
    auto columns = FIRST;
    for (const auto& parameter : plan.parameters)
    {
        columns.push_back(parameter.column);
    }
    for (const auto& metric : plan.metrics)
    {
        columns.push_back(metric.name);
    }
    columns.insert(columns.end(), LAST.begin(), LAST.end());
    return columns;
}

Json
MetricsJson(const SweepPlan& plan)
{
    Json json = Json::object();
    for (const auto& metric : plan.metrics)
    {
        json[metric.name] = metric.pointer;
    }
    return json;
}

/// For whoever shows them: the others tell these.
Json
DerivedColumns(const SweepPlan& plan)
{
    Json columns = Json::array();
    for (const auto& parameter : plan.parameters)
    {
        if (parameter.derived)
        {
            columns.push_back(parameter.column);
        }
    }
    return columns;
}

/// What a sweep's rows depend on, and what is wrong if it differs.
struct Origin
{
    const char* key;
    std::string value;
    std::string complaint;
};

std::vector<Origin>
OriginsOf(const SweepPlan& plan, const std::string& scenario)
{
    return {
        {"version", ETCDLAB_VERSION, "were made by another version of etcdlab"},
        {"scenario",
         HashOf(scenario),
         "are of another scenario: " + plan.scenario.string() + " or what it extends has changed"},
        {"design",
         plan.design,
         "are of another plan: its axes, settings, expressions or seeds have changed"},
        {"metrics", MetricsJson(plan).dump(), "have other metrics"}};
}

[[noreturn]] void
RefuseToMix(const fs::path& path, const std::string& complaint)
{
    throw ScenarioError(path.string() + ": its results " + complaint +
                        ", and are not mixed with this sweep's: expected another --out");
}

std::string
OriginValue(const Database& database, const std::string& key)
{
    auto query = database.Prepare("SELECT value FROM sweep WHERE key = ?");
    query.Bind({key});
    return query.Step() ? query.Value(0).get<std::string>() : "";
}

/// @throws ScenarioError if it is a file of some other kind
void
CheckIsDatabase(const Database& database, const fs::path& path)
{
    try
    {
        database.Prepare("SELECT count(*) FROM sqlite_master").Step();
    }
    catch (const DatabaseError&)
    {
        throw ScenarioError(path.string() + ": expected the results of a sweep, found no database");
    }
}

const fs::path&
WithDirectory(const fs::path& path)
{
    if (path.has_parent_path())
    {
        fs::create_directories(path.parent_path());
    }
    return path;
}

} // namespace

FileLock::FileLock(const fs::path& path)
    : m_file(::open(path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0666))
{
    if (m_file < 0)
    {
        throw DatabaseError(path.string() +
                            ": cannot be opened: " + std::generic_category().message(errno));
    }
    // Whoever was killed may take a moment to be gone, with the runs it started.
    for (int tries = 0; ::flock(m_file, LOCK_EX | LOCK_NB) != 0; ++tries)
    {
        if (tries == 20)
        {
            ::close(m_file);
            throw ScenarioError(path.string() + ": another sweep is writing to it");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
}

FileLock::~FileLock()
{
    ::close(m_file);
}

SweepStore::SweepStore(const fs::path& path, const SweepPlan& plan, const std::string& scenario)
    : m_lock(WithDirectory(path)),
      m_database(path, Database::Mode::WRITE),
      m_parameters(plan.parameters.size()),
      m_metrics(plan.metrics.size())
{
    CheckIsDatabase(m_database, path);
    // With synchronous = NORMAL a row survives the end of the process at once, that of the machine after a checkpoint.
    m_database.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    auto tables = m_database.Prepare("SELECT count(*) FROM sqlite_master");
    tables.Step();
    if (tables.Value(0) == 0)
    {
        m_database.Execute("BEGIN IMMEDIATE");
        Make(plan);
        auto put = m_database.Prepare("INSERT INTO sweep VALUES (?, ?)");
        put.Bind({"derived", DerivedColumns(plan).dump()}).Step();
        for (const auto& origin : OriginsOf(plan, scenario))
        {
            put.Bind({origin.key, origin.value}).Step();
        }
        m_database.Execute("COMMIT");
    }
    else
    {
        tables.Step();
        CheckOrigin(path, plan, scenario);
    }
    for (const auto& point : plan.points)
    {
        m_cells.emplace_back();
        for (const auto& value : point.values)
        {
            m_cells.back().push_back(value ? CellOf(*value) : Json());
        }
    }
    std::string places = "?";
    for (std::size_t i = 1; i < Columns(plan).size(); ++i)
    {
        places += ", ?";
    }
    m_put = std::make_unique<Statement>(
        m_database.Prepare("INSERT OR REPLACE INTO runs VALUES (" + places + ")"));
}

void
SweepStore::Make(const SweepPlan& plan) const
{
    // Columns of parameters and metrics have no type: SQLite keeps each value as it comes.
    std::string columns;
    for (const auto& name : Columns(plan))
    {
        columns += SqlName(name) +
                   (name == "point" || name == "replication" ? " INTEGER NOT NULL, " : ", ");
    }
    m_database.Execute("CREATE TABLE sweep (key TEXT PRIMARY KEY, value TEXT NOT NULL)");
    m_database.Execute("CREATE TABLE runs (" + columns +
                       "PRIMARY KEY (point, replication)) WITHOUT ROWID");
}

void
SweepStore::CheckOrigin(const fs::path& path,
                        const SweepPlan& plan,
                        const std::string& scenario) const
{
    auto table =
        m_database.Prepare("SELECT count(*) FROM sqlite_master WHERE name IN ('sweep', 'runs')");
    table.Step();
    if (table.Value(0) != 2)
    {
        throw ScenarioError(path.string() +
                            ": expected the results of a sweep, found another database");
    }
    for (const auto& origin : OriginsOf(plan, scenario))
    {
        if (OriginValue(m_database, origin.key) != origin.value)
        {
            RefuseToMix(path, origin.complaint);
        }
    }
}

void
SweepStore::Put(const RunRow& row)
{
    std::vector<Json> values = {row.key.point, row.key.replication, row.seed};
    const auto& cells = m_cells[row.key.point];
    values.insert(values.end(), cells.begin(), cells.end());
    values.insert(values.end(), row.metrics.begin(), row.metrics.end());
    values.resize(FIRST.size() + m_parameters + m_metrics);
    for (const Json& last : {Json(row.status),
                             Json(row.message),
                             Json(row.command),
                             Json(row.wall),
                             Json(ETCDLAB_VERSION),
                             Json(row.scenario)})
    {
        values.push_back(last);
    }
    m_put->Bind(values).Step();
}

void
SweepStore::ForgetFailed()
{
    m_database.Execute("DELETE FROM runs WHERE status <> 'ok'");
}

std::vector<RunRow>
SweepStore::Rows() const
{
    std::vector<RunRow> rows;
    auto query = m_database.Prepare("SELECT * FROM runs ORDER BY point, replication");
    const int metrics = static_cast<int>(FIRST.size() + m_parameters);
    const int last = metrics + static_cast<int>(m_metrics);
    while (query.Step())
    {
        auto& row = rows.emplace_back();
        row.key = {query.Value(0).get<std::size_t>(), query.Value(1).get<std::uint64_t>()};
        row.seed = query.Value(2).get<std::uint64_t>();
        for (int i = metrics; i < last; ++i)
        {
            row.metrics.push_back(query.Value(i));
        }
        row.status = query.Value(last).get<std::string>();
        row.message = query.Value(last + 1).get<std::string>();
        row.command = query.Value(last + 2).get<std::string>();
        row.wall = query.Value(last + 3).get<double>();
        row.scenario = query.Value(last + 5).get<std::string>();
    }
    return rows;
}

Database
OpenSweep(const fs::path& path)
{
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored))
    {
        throw ScenarioError(path.string() +
                            ": expected the results of a sweep, found no such file");
    }
    Database database(path, Database::Mode::READ);
    try
    {
        database.Prepare("SELECT point, replication, status, wall_s FROM runs");
        database.Prepare("SELECT key, value FROM sweep");
    }
    catch (const DatabaseError& error)
    {
        throw ScenarioError(path.string() +
                            ": expected the results of a sweep, found none: " + error.what());
    }
    return database;
}

namespace
{

/// RFC 4180 section 2, rules 5 to 7.
std::string
CsvField(const Json& value)
{
    const auto text = value.is_null()     ? ""
                      : value.is_string() ? value.get<std::string>()
                                          : value.dump();
    if (text.find_first_of(",\"\r\n") == std::string::npos)
    {
        return text;
    }
    return SqlName(text); // doubles quotation marks and encloses in them, as SQL does
}

} // namespace

namespace
{

/// What the table sweep says under a key, as JSON. @throws Json::exception
Json
OriginJson(const Database& database, const std::string& key)
{
    return Json::parse(OriginValue(database, key));
}

/// @throws Json::exception if a cell is not what this program writes
ReportedSweep
ReadPoints(const Database& database, const fs::path& path)
{
    const auto metrics = OriginJson(database, "metrics");
    const auto derived = OriginJson(database, "derived");
    auto query = database.Prepare("SELECT * FROM runs ORDER BY point, replication");
    ReportedSweep sweep;
    sweep.name = path.stem().string();
    const auto first = static_cast<int>(FIRST.size());
    const int last = query.Columns() - static_cast<int>(LAST.size());
    for (int i = first; i < last; ++i)
    {
        (metrics.contains(query.Name(i)) ? sweep.metrics : sweep.parameters)
            .push_back(query.Name(i));
        if (std::find(derived.begin(), derived.end(), query.Name(i)) != derived.end())
        {
            sweep.derived.insert(static_cast<std::size_t>(i - first));
        }
    }
    const int firstMetric = first + static_cast<int>(sweep.parameters.size());
    std::map<std::pair<std::string, std::string>, std::pair<std::size_t, std::string>> failures;
    Json at;
    while (query.Step())
    {
        if (sweep.points.empty() || query.Value(0) != at)
        {
            at = query.Value(0);
            auto& point = sweep.points.emplace_back();
            for (int i = first; i < firstMetric; ++i)
            {
                point.values.push_back(query.Value(i));
            }
            point.metrics.resize(sweep.metrics.size());
        }
        auto& point = sweep.points.back();
        const auto status = query.Value(last).get<std::string>();
        if (status != "ok")
        {
            ++point.failed;
            auto& [count, command] =
                failures
                    .try_emplace({status, query.Value(last + 1).get<std::string>()},
                                 0,
                                 query.Value(last + 2).get<std::string>())
                    .first->second;
            ++count;
            continue;
        }
        ++point.ok;
        for (int i = firstMetric; i < last; ++i)
        {
            if (const auto value = query.Value(i); value.is_number())
            {
                point.metrics[static_cast<std::size_t>(i - firstMetric)].push_back(
                    value.get<double>());
            }
        }
    }
    for (const auto& [kind, found] : failures)
    {
        sweep.failures.push_back(
            {std::to_string(found.first), kind.first, kind.second, found.second});
    }
    return sweep;
}

} // namespace

ReportedSweep
ReadReportedSweep(const fs::path& path)
{
    const auto database = OpenSweep(path);
    try
    {
        return ReadPoints(database, path);
    }
    catch (const Json::exception& error)
    {
        throw ScenarioError(
            path.string() +
            ": expected the results of a sweep, found what no sweep writes: " + error.what());
    }
}

std::string
SweepCsv(const Database& sweep)
{
    auto query = sweep.Prepare("SELECT * FROM runs ORDER BY point, replication");
    std::string text;
    const auto add = [&](int column, const std::string& field) {
        text += field + (column + 1 < query.Columns() ? "," : "\n");
    };
    for (int i = 0; i < query.Columns(); ++i)
    {
        add(i, query.Name(i));
    }
    while (query.Step())
    {
        for (int i = 0; i < query.Columns(); ++i)
        {
            add(i, CsvField(query.Value(i)));
        }
    }
    return text;
}

} // namespace etcdlab

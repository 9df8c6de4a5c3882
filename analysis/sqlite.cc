#include "analysis/sqlite.h"

#include <sqlite3.h>

namespace etcdlab
{

namespace
{

[[noreturn]] void
Fail(sqlite3* database)
{
    const char* file = sqlite3_db_filename(database, "main");
    throw DatabaseError(std::string(file != nullptr ? file : "a database") + ": " +
                        sqlite3_errmsg(database));
}

} // namespace

Statement::Statement(sqlite3* database, const std::string& sql)
{
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
    {
        Fail(database);
    }
    m_statement.reset(statement);
}

Statement&
Statement::Bind(const std::vector<nlohmann::json>& values)
{
    auto* const statement = m_statement.get();
    sqlite3_reset(statement);
    m_texts.assign(values.size(), "");
    for (std::size_t i = 0; i < values.size(); ++i)
    {
        const auto& value = values[i];
        const int number = static_cast<int>(i) + 1;
        int error = SQLITE_OK;
        if (value.is_null())
        {
            error = sqlite3_bind_null(statement, number);
        }
        else if (value.is_boolean())
        {
            error = sqlite3_bind_int(statement, number, value.get<bool>() ? 1 : 0);
        }
        else if (value.is_number_integer())
        {
            error = sqlite3_bind_int64(statement, number, value.get<std::int64_t>());
        }
        else if (value.is_number())
        {
            error = sqlite3_bind_double(statement, number, value.get<double>());
        }
        else
        {
            m_texts[i] = value.is_string() ? value.get<std::string>() : value.dump();
            error = sqlite3_bind_text(
                statement, number, m_texts[i].data(), static_cast<int>(m_texts[i].size()), nullptr);
        }
        if (error != SQLITE_OK)
        {
            Fail(sqlite3_db_handle(statement));
        }
    }
    return *this;
}

bool
Statement::Step()
{
    switch (sqlite3_step(m_statement.get()))
    {
    case SQLITE_ROW:
        return true;
    case SQLITE_DONE:
        sqlite3_reset(m_statement.get());
        return false;
    default:
        Fail(sqlite3_db_handle(m_statement.get()));
    }
}

int
Statement::Columns() const
{
    return sqlite3_column_count(m_statement.get());
}

std::string
Statement::Name(int column) const
{
    return sqlite3_column_name(m_statement.get(), column);
}

nlohmann::json
Statement::Value(int column) const
{
    auto* const statement = m_statement.get();
    switch (sqlite3_column_type(statement, column))
    {
    case SQLITE_NULL:
        return nullptr;
    case SQLITE_INTEGER:
        return static_cast<std::int64_t>(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
        return sqlite3_column_double(statement, column);
    default: {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
        return std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
    }
    }
}

void
Statement::Finalize::operator()(sqlite3_stmt* statement) const
{
    sqlite3_finalize(statement);
}

Database::Database(const std::filesystem::path& path, Mode mode)
{
    sqlite3* database = nullptr;
    const int flags =
        mode == Mode::READ ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const int error = sqlite3_open_v2(path.c_str(), &database, flags, nullptr);
    m_database.reset(database);
    if (error != SQLITE_OK)
    {
        throw DatabaseError(path.string() + ": " + sqlite3_errmsg(database));
    }
    sqlite3_busy_timeout(database, 10'000);
    if (mode == Mode::READ)
    {
        Execute("PRAGMA query_only = 1");
    }
}

Statement
Database::Prepare(const std::string& sql) const
{
    return {m_database.get(), sql};
}

void
Database::Execute(const std::string& sql) const
{
    if (sqlite3_exec(m_database.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    {
        Fail(m_database.get());
    }
}

std::uint64_t
Database::Changes() const
{
    return static_cast<std::uint64_t>(sqlite3_changes(m_database.get()));
}

void
Database::Close::operator()(sqlite3* database) const
{
    sqlite3_close_v2(database);
}

std::string
SqlName(const std::string& name)
{
    std::string quoted = "\"";
    for (const char c : name)
    {
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    }
    return quoted + "\"";
}

} // namespace etcdlab

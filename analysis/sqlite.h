// A little C++ around SQLite's C interface: databases and statements that close themselves and throw.
#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace etcdlab
{

/// What SQLite says, with the file's name.
class DatabaseError : public std::runtime_error
{
  public:
    using std::runtime_error::runtime_error;
};

/// A statement, to be run once or more often.
class Statement
{
  public:
    Statement(sqlite3* database, const std::string& sql);

    /// Give the parameters' values: null, numbers, truths (as 0 and 1) and texts.
    Statement& Bind(const std::vector<nlohmann::json>& values);

    /// The next row; false if there is none. A statement that has come to its end can be bound and run again.
    bool Step();

    int Columns() const;
    std::string Name(int column) const;
    nlohmann::json Value(int column) const;

  private:
    struct Finalize
    {
        void operator()(sqlite3_stmt* statement) const;
    };

    std::unique_ptr<sqlite3_stmt, Finalize> m_statement;
    std::vector<std::string> m_texts; //!< that are bound
};

class Database
{
  public:
    enum class Mode
    {
        READ,  //!< a file that is there
        WRITE, //!< made if it is missing
    };

    Database(const std::filesystem::path& path, Mode mode);

    Statement Prepare(const std::string& sql) const;
    void Execute(const std::string& sql) const;

    /// Rows changed by the last statement.
    std::uint64_t Changes() const;

  private:
    struct Close
    {
        void operator()(sqlite3* database) const;
    };

    std::unique_ptr<sqlite3, Close> m_database;
};

/// A name as SQL takes any: in double quotes.
std::string SqlName(const std::string& name);

} // namespace etcdlab

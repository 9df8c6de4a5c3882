// What is thrown when a result file cannot be written or read.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

namespace etcdlab
{

/// A result file that could not be written or read; says which and why.
class ResultError : public std::runtime_error
{
  public:
    ResultError(const std::filesystem::path& path, const std::string& reason)
        : std::runtime_error(path.string() + ": " + reason),
          m_path(path)
    {
    }

    const std::filesystem::path& Path() const
    {
        return m_path;
    }

  private:
    std::filesystem::path m_path;
};

} // namespace etcdlab

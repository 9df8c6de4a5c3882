// Files of tests: a directory of a test's own, and what stands in a file.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace etcdlab
{

/// All of a file; empty if it cannot be read.
inline std::string
Contents(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Made empty, and gone with everything in it when this goes out of scope.
class TemporaryDirectory
{
  public:
    TemporaryDirectory()
    {
        // mkdtemp wants six letters X to put others in their place.
        auto pattern =
            (std::filesystem::temp_directory_path() / "etcdlab-").string() + std::string(6, 'X');
        if (mkdtemp(pattern.data()) == nullptr)
        {
            throw std::runtime_error("cannot make a directory like " + pattern);
        }
        m_path = pattern;
    }

    ~TemporaryDirectory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }

    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    const std::filesystem::path& Path() const
    {
        return m_path;
    }

  private:
    std::filesystem::path m_path;
};

} // namespace etcdlab

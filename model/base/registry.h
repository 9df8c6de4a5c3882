// Policies are registered under the name that scenarios use. To add one: one file that defines the class
// and a constant beside it that
// is initialised by Add.
#pragma once

#include "model/base/nearest.h"

#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

namespace etcdlab
{

/**
 * The known implementations of an interface, by name.
 *
 * @tparam Interface what the factories make (owned by a unique_ptr)
 * @tparam Args what the factories need
 */
template <class Interface, class... Args>
class Registry
{
  public:
    using Factory = std::function<std::unique_ptr<Interface>(Args...)>;

    struct Entry
    {
        std::string summary; //!< one line for `etcdlab list`
        Factory make;
    };

    /// All entries, ordered by name.
    static const std::map<std::string, Entry>& All()
    {
        return Entries();
    }

    /// @throws std::invalid_argument naming the nearest known name if `name` is not registered
    static std::unique_ptr<Interface> Make(const std::string& name, Args... args)
    {
        const auto found = Entries().find(name);
        if (found == Entries().end())
        {
            throw std::invalid_argument(UnknownName(name, Names()));
        }
        return found->second.make(std::forward<Args>(args)...);
    }

    static std::vector<std::string> Names()
    {
        std::vector<std::string> names;
        for (const auto& [name, entry] : Entries())
        {
            names.push_back(name);
        }
        return names;
    }

    static bool Add(std::string name, std::string summary, Factory make)
    {
        return Entries()
            .emplace(std::move(name), Entry{std::move(summary), std::move(make)})
            .second;
    }

  private:
    static std::map<std::string, Entry>& Entries()
    {
        static std::map<std::string, Entry> entries;
        return entries;
    }
};

} // namespace etcdlab

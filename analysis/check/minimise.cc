#include "analysis/check/minimise.h"

#include <algorithm>
#include <functional>

namespace etcdlab::check
{

namespace
{

/// An operation, or what is left of it.
struct Part
{
    Operation operation;
    std::size_t index = 0;

    /// Answered, so that there is something to take away.
    bool IsFirm() const
    {
        return operation.outcome == Outcome::OK;
    }

    bool Wrote() const
    {
        return Changed(operation) || (operation.kind == Kind::DELETE && operation.deleted < 0);
    }
};

using Parts = std::vector<Part>;

class Minimiser
{
  public:
    Minimiser(const std::vector<Operation>& operations,
              const std::optional<Found>& initial,
              const SearchOptions& options)
        : m_initial(initial),
          m_options(options)
    {
        for (const auto& o : operations)
        {
            m_parts.push_back({o, m_parts.size()});
            m_outcomes.push_back(o.outcome);
        }
    }

    std::vector<std::size_t> Run()
    {
        ForgetVersions();
        const auto violates = [this](const Parts& parts) { return Is(Verdict::VIOLATION, parts); };
        Reduce(violates, [](const Part& part) { return part.IsFirm() && !part.Wrote(); });
        Reduce(violates, [](const Part& part) { return part.IsFirm(); });
        Reduce([this](const Parts& parts) { return ShowsTheSame(parts); },
               [](const Part& part) { return !part.IsFirm(); });
        std::vector<std::size_t> indices;
        for (const auto& part : m_parts)
        {
            indices.push_back(part.index);
        }
        return indices;
    }

  private:
    bool Is(Verdict verdict, const Parts& parts) const
    {
        std::vector<Operation> operations;
        for (const auto& part : parts)
        {
            operations.push_back(part.operation);
        }
        return SearchKey(operations, m_initial, m_options).verdict == verdict;
    }

    void ForgetVersions()
    {
        auto parts = m_parts;
        for (auto& part : parts)
        {
            for (auto& found : part.operation.found)
            {
                found.version = 0;
            }
        }
        m_parts = Is(Verdict::VIOLATION, parts) ? parts : m_parts;
    }

    /// Without [from, to), as far as that is allowed: of firm parts an unanswered write may remain.
    static Parts Without(const Parts& parts, std::size_t from, std::size_t to)
    {
        Parts rest;
        for (std::size_t i = 0; i < parts.size(); ++i)
        {
            if (i < from || i >= to)
            {
                rest.push_back(parts[i]);
            }
            else if (parts[i].IsFirm() && parts[i].Wrote())
            {
                rest.push_back(parts[i]);
                rest.back().operation.outcome = Outcome::AMBIGUOUS;
            }
        }
        return rest;
    }

    /// As they were given.
    Parts Restored(Parts parts) const
    {
        for (auto& part : parts)
        {
            part.operation.outcome = m_outcomes[part.index];
        }
        return parts;
    }

    /// Each firm part is needed, as before; reads even if writes keep their answers.
    bool ShowsTheSame(const Parts& parts) const
    {
        for (std::size_t i = 0; i < parts.size(); ++i)
        {
            const auto rest = parts[i].IsFirm() ? Without(parts, i, i + 1) : Parts{};
            const bool needed = Is(Verdict::OK, parts[i].Wrote() ? rest : Restored(rest));
            if (parts[i].IsFirm() && !needed)
            {
                return false;
            }
        }
        return Is(Verdict::VIOLATION, parts);
    }

    /// Take parts away while `good` holds: halves first, then ever smaller pieces, at last one by one
    /// until none can go.
    void Reduce(const std::function<bool(const Parts&)>& good,
                const std::function<bool(const Part&)>& mayGo)
    {
        const auto wrong = [&](const Part& part) { return !mayGo(part); };
        bool again = true;
        for (auto size = std::max<std::size_t>(m_parts.size() / 2, 1); again; size = (size + 1) / 2)
        {
            // The parts that may go are put together at the end, to be cut in pieces.
            const auto middle = std::stable_partition(m_parts.begin(), m_parts.end(), wrong);
            auto from = static_cast<std::size_t>(middle - m_parts.begin());
            bool gone = false;
            while (from < m_parts.size())
            {
                const auto to = std::min(from + size, m_parts.size());
                auto rest = Without(m_parts, from, to);
                if (good(rest))
                {
                    gone = true;
                    from = to - (m_parts.size() - rest.size());
                    m_parts = std::move(rest);
                }
                else
                {
                    from = to;
                }
            }
            again = size > 1 || gone;
        }
        std::sort(m_parts.begin(), m_parts.end(), [](const Part& a, const Part& b) {
            return a.index < b.index;
        });
    }

    Parts m_parts;
    std::vector<Outcome> m_outcomes; //!< as given
    const std::optional<Found>& m_initial;
    SearchOptions m_options;
};

} // namespace

std::vector<std::size_t>
Minimise(const std::vector<Operation>& operations,
         const std::optional<Found>& initial,
         const SearchOptions& options)
{
    return Minimiser(operations, initial, options).Run();
}

} // namespace etcdlab::check

#include "analysis/pure/shard.h"

#include "helper/scenario/document.h"

#include <charconv>
#include <optional>
#include <stdexcept>

namespace etcdlab
{

namespace
{

std::optional<std::uint64_t>
Whole(std::string_view text)
{
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool good =
        error == std::errc() && end == text.data() + text.size() && number <= 1'000'000;
    return good ? std::optional(number) : std::nullopt;
}

/// Where an engine says which of how many a process is.
struct Source
{
    const char* number;
    const char* first;  //!< the variable with the first task's number; nullptr: see base
    const char* count;  //!< nullptr if there is none
    std::uint64_t base; //!< the first task's number
};

constexpr Source SOURCES[] = {
    {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_COUNT", 0},
    {"JOB_COMPLETION_INDEX", nullptr, nullptr, 0},
    {"OMPI_COMM_WORLD_RANK", nullptr, "OMPI_COMM_WORLD_SIZE", 0},
    {"PMI_RANK", nullptr, "PMI_SIZE", 0},
    {"SLURM_PROCID", nullptr, "SLURM_NTASKS", 0},
    {"PARALLEL_SEQ", nullptr, nullptr, 1},
};

std::uint64_t
Variable(const Environment& environment, const char* name)
{
    const char* text = environment(name);
    const auto number = text != nullptr ? Whole(text) : std::nullopt;
    if (!number)
    {
        throw std::invalid_argument(
            std::string("expected a whole number in the environment variable ") + name +
            ", found " + (text != nullptr ? Quoted(text) : "none"));
    }
    return *number;
}

Shard
FromEnvironment(std::optional<std::uint64_t> count, const Environment& environment)
{
    for (const auto& source : SOURCES)
    {
        if (environment(source.number) == nullptr)
        {
            continue;
        }
        const auto first =
            source.first != nullptr ? Variable(environment, source.first) : source.base;
        const auto number = Variable(environment, source.number);
        if (!count && source.count == nullptr)
        {
            throw std::invalid_argument(
                std::string("expected --shard auto/COUNT: ") + source.number +
                " says which shard this is, and nothing how many there are");
        }
        const auto all = count ? *count : Variable(environment, source.count);
        if (number < first || number - first >= all)
        {
            throw std::invalid_argument(
                std::string("expected ") + source.number + " to be from " + std::to_string(first) +
                " to " + std::to_string(first + all - 1) + ", found " + std::to_string(number));
        }
        return {number - first, all};
    }
    std::string known;
    for (const auto& source : SOURCES)
    {
        known += (known.empty() ? "" : ", ") + std::string(source.number);
    }
    throw std::invalid_argument(
        "expected one of these environment variables to say which shard this is: " + known);
}

} // namespace

Shard
ParseShard(std::string_view text, const Environment& environment)
{
    const auto slash = text.find('/');
    const auto number = text.substr(0, slash);
    const auto count =
        slash == std::string_view::npos ? std::nullopt : Whole(text.substr(slash + 1));
    const bool wellFormed =
        slash == std::string_view::npos ? number == "auto" : count && *count > 0;
    if (wellFormed && number == "auto")
    {
        return FromEnvironment(count, environment);
    }
    const auto which = Whole(number);
    if (!wellFormed || !which || *which < 1 || *which > *count)
    {
        throw std::invalid_argument("expected a shard, as 3/16 or auto or auto/16, found " +
                                    Quoted(text));
    }
    return {*which - 1, *count};
}

std::string
ShardText(Shard shard)
{
    return std::to_string(shard.number + 1) + "/" + std::to_string(shard.count);
}

} // namespace etcdlab

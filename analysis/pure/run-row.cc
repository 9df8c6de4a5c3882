#include "analysis/pure/run-row.h"

#include "helper/scenario/document.h"

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>

#include <stdexcept>

namespace etcdlab
{

namespace
{

using Json = nlohmann::json;

Json
TakeMetric(const SweepMetric& metric, const Json& summary)
{
    const Json* here = &summary;
    for (const auto& key : Keys(metric.pointer))
    {
        if (here->is_array())
        {
            const auto pointer = Json::json_pointer("/" + key);
            here = here->contains(pointer) ? &here->at(pointer) : nullptr;
        }
        else if (here->is_object() && here->contains(key))
        {
            here = &here->at(key);
        }
        else
        {
            std::vector<std::string> known;
            for (const auto& [name, value] : here->items())
            {
                known.push_back(name);
            }
            throw std::runtime_error(
                "summary.json has no " + metric.pointer + ": " +
                (here->is_object() ? Unknown("key", key, known) : "found " + Found(*here)));
        }
        if (here == nullptr)
        {
            throw std::runtime_error("summary.json has no " + metric.pointer +
                                     ": the list is shorter");
        }
    }
    if (here->is_structured() || here->is_null())
    {
        throw std::runtime_error("expected a number or a text in summary.json at " +
                                 metric.pointer + ", found " + Found(*here));
    }
    return *here;
}

} // namespace

std::optional<double>
RuleMetric(const SweepPlan& plan, const RunRow& row)
{
    for (std::size_t i = 0; plan.until && row.status == "ok" && i < plan.metrics.size(); ++i)
    {
        if (plan.metrics[i].name == plan.until->metric && row.metrics[i].is_number())
        {
            return row.metrics[i].get<double>();
        }
    }
    return {};
}

std::vector<Json>
TakeMetrics(const std::vector<SweepMetric>& metrics, const Json& summary)
{
    std::vector<Json> values;
    for (const auto& metric : metrics)
    {
        values.push_back(TakeMetric(metric, summary));
    }
    return values;
}

std::string
ShellWord(const std::string& text)
{
    static const std::string PLAIN =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=,:%+@";
    if (!text.empty() && text.find_first_not_of(PLAIN) == std::string::npos)
    {
        return text;
    }
    std::string word = "'";
    for (const char c : text)
    {
        word += c == '\'' ? "'\\''" : std::string(1, c);
    }
    return word + "'";
}

std::string
HashOf(const std::string& text)
{
    static const boost::uuids::name_generator_sha1 generator(boost::uuids::ns::oid());
    return to_string(generator(text));
}

} // namespace etcdlab

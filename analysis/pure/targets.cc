#include "analysis/pure/targets.h"

#include "analysis/pure/text.h"

#include <nlohmann/json.hpp>

namespace etcdlab
{

std::string
TargetsJson(const std::vector<TargetStatus>& targets)
{
    auto all = nlohmann::ordered_json::array();
    for (const auto& status : targets)
    {
        const bool scraped = status.health != TargetHealth::UNKNOWN;
        nlohmann::ordered_json target;
        target["endpoint"] = status.target.Url();
        target["state"] = NameOf(status.health);
        target["labels"] = {{"instance", status.target.instance}, {"job", status.target.job}};
        target["last_scrape"] = nullptr;
        target["scrape_duration"] = nullptr;
        if (scraped)
        {
            target["last_scrape"] = ToSeconds(status.lastScrape);
            target["scrape_duration"] = ToSeconds(status.lastDuration);
        }
        target["error"] = status.lastError;
        all.push_back(std::move(target));
    }
    return all.dump(2) + "\n";
}

std::string
TargetsTable(const std::vector<TargetStatus>& targets)
{
    constexpr std::size_t LEFT_COLUMNS = 3;
    std::vector<std::vector<std::string>> rows = {
        {"endpoint", "state", "labels", "last scrape", "duration", "error"}};
    for (const auto& status : targets)
    {
        const bool scraped = status.health != TargetHealth::UNKNOWN;
        rows.push_back(
            {status.target.Url(),
             NameOf(status.health),
             status.target.Labels(),
             scraped ? FixedNumber(ToSeconds(status.lastScrape), 3) + " s" : "never",
             scraped ? FixedNumber(1000 * ToSeconds(status.lastDuration), 1) + " ms" : "-",
             status.lastError.empty() ? "-" : status.lastError});
    }
    return AlignedColumns(rows, LEFT_COLUMNS);
}

} // namespace etcdlab

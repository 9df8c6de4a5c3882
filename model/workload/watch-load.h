// The watches that a client of the workload keeps open.
#pragma once

#include "model/workload/watch-news.h"
#include "model/workload/watcher.h"

#include <ns3/event-id.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace etcdlab
{

/**
 * A number of watches of the same keys, each on a stream of its own, asked for as kube-apiserver does: with the
 * values before and requiring a leader. One that was ended because there was no leader is asked for again after a
 * second, from where it stopped: a stand-in for the list and watch that an API server would make.
 */
class WatchLoad
{
  public:
    using NewsHandler = std::function<void(const WatchNews&)>;

    /// @param channel must outlive this, or Stop be called before
    WatchLoad(GrpcChannel& channel, std::uint64_t count, std::string key, std::string rangeEnd);

    void OnNews(NewsHandler handler);

    void Start();
    void Stop();

    /// True once each watch has been created.
    bool IsReady() const;

  private:
    struct Watch
    {
        std::unique_ptr<Watcher> watcher;
        bool created = false;
        ns3::EventId restart;
    };

    void Add(GrpcChannel& channel, std::uint64_t number, const WatchCreateRequest& request);
    void Receive(std::uint64_t number, const WatchResponse& response, const std::string& member);
    void Ended(std::uint64_t number, const std::string& error);
    void Tell(WatchNews news);

    std::vector<Watch> m_watches;
    NewsHandler m_news;
};

} // namespace etcdlab

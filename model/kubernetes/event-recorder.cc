#include "model/kubernetes/event-recorder.h"

#include <algorithm>
#include <array>

namespace etcdlab::kube
{

namespace
{

using namespace std::chrono_literals;

// apimachinery watch/mux.go: DropIfChannelFull; tools/record/event.go: maxQueuedEvents
constexpr std::size_t MAX_QUEUED = 1000;
// events_cache.go: maxLruCacheEntries, defaultSpamBurst, defaultSpamQPS
constexpr std::size_t MAX_KNOWN = 4096;
constexpr double SPAM_BURST = 25;
constexpr double SPAM_SECONDS = 300;
// event.go: maxTriesPerEvent, defaultSleepDuration
constexpr int MAX_TRIES = 12;
constexpr Duration TRY_AGAIN = 10s;
// of a series' count and last time
constexpr std::uint32_t REPEAT_BYTES = 70;

/// The suffix of an event's name: 16 hexadecimal digits, in Kubernetes the time.
std::string
Suffix(std::uint64_t count)
{
    constexpr std::string_view DIGITS = "0123456789abcdef";
    std::string suffix(16, '0');
    auto number = static_cast<std::uint64_t>(Now().count()) * 1000 + count % 1000;
    for (auto digit = suffix.rbegin(); digit != suffix.rend(); ++digit, number >>= 4U)
    {
        *digit = DIGITS[number & 15U];
    }
    return suffix;
}

} // namespace

EventRecorder::EventRecorder(ApiClient& client, double rate, int burst)
    : m_client(client),
      m_bucket(rate, burst)
{
}

bool
EventRecorder::Allowed(const Object& about)
{
    auto& source = m_sources[about.uid];
    const auto passed = Milliseconds(Now() - source.last) / 1000;
    source.tokens = std::min(SPAM_BURST, source.tokens + passed / SPAM_SECONDS);
    source.last = Now();
    if (source.tokens < 1)
    {
        return false;
    }
    source.tokens -= 1;
    return true;
}

void
EventRecorder::Record(const Object& about,
                      const std::string& reason,
                      const std::string& message,
                      std::uint32_t bytes)
{
    if (m_queue.size() >= MAX_QUEUED || !Allowed(about))
    {
        return;
    }
    Object event;
    event.type = &m_client.Types().Get("events");
    event.key = {about.key.nameSpace.empty() ? "default" : about.key.nameSpace,
                 about.key.name + "." + Suffix(++m_count)};
    event.bytes = bytes;
    const auto says = EtcdKey(*about.type, about.key) + " " + reason + " " + message;
    const auto known = m_known.find(says);
    const bool repeats = known != m_known.end();
    if (repeats)
    {
        event.key = known->second;
    }
    else
    {
        m_known.emplace(says, event.key);
        m_order.push_back(says);
        if (m_order.size() > MAX_KNOWN)
        {
            m_known.erase(m_order.front());
            m_order.pop_front();
        }
    }
    m_queue.push_back({std::move(event), repeats});
    if (!m_writing)
    {
        m_writing = true;
        m_tasks.Start(Write());
    }
}

Task<>
EventRecorder::Write()
{
    while (!m_queue.empty())
    {
        Event event = std::move(m_queue.front());
        m_queue.pop_front();
        for (int tries = 0; tries < MAX_TRIES; ++tries)
        {
            co_await Sleep(m_bucket.Take());
            ApiResult result;
            if (event.repeats)
            {
                const ApiClient::Mutation count = [](const Object& current) {
                    auto next = current;
                    auto& content = std::get<OpaqueBody>(next.body).content;
                    next.bytes += content == 0 ? REPEAT_BYTES : 0;
                    ++content;
                    return std::optional(next);
                };
                result = co_await Patch(m_client, *event.object.type, event.object.key, count);
                event.repeats = result.status != 404;
                if (!event.repeats)
                {
                    continue; // it has expired
                }
            }
            else
            {
                result = co_await Create(m_client, event.object);
            }
            if (result.status != 0)
            {
                break; // the API server has said what it thinks of it
            }
            co_await Sleep(TRY_AGAIN);
        }
    }
    m_writing = false;
}

} // namespace etcdlab::kube

// Waiting for conditions: by polling, or by list and watch.
#include "model/kubernetes/pure/profile-objects.h"
#include "model/kubernetes/step-runner.h"

namespace etcdlab::kube
{

namespace
{

/// What a watch has brought, and who waits for it.
struct News
{
    std::deque<WatchEvent> events;
    bool ended = false;
    std::function<void(const bool&)> waiting;

    /// Wakes the waiter after the handler that found something has returned: it may end the watch.
    void Wake()
    {
        if (waiting)
        {
            ns3::Simulator::ScheduleNow([done = std::exchange(waiting, nullptr)] { done(true); });
        }
    }
};

WatchHandlers
HandlersFor(const std::shared_ptr<News>& news)
{
    return {[news](const WatchEvent& event) {
                news->events.push_back(event);
                news->Wake();
            },
            [news](const std::string&) {
                news->ended = true;
                news->Wake();
            }};
}

const std::vector<std::string> OK = {"ok"};

} // namespace

Task<>
StepRunner::Wait(const StepConfig& step, ScopePtr scope)
{
    const auto targets = TargetsOf(step, *scope);
    if (step.poll)
    {
        auto task = Poll(step, targets, scope);
        co_await task;
        co_return;
    }
    for (const auto* target : targets)
    {
        if (m_error.empty())
        {
            auto task = Watch(step, *target, scope);
            co_await task;
        }
    }
}

/// helm pkg/kube/wait.go: all of them again from the first one on, until each is ready.
Task<>
StepRunner::Poll(const StepConfig& step, Targets targets, ScopePtr scope)
{
    const auto deadline = Now() + step.timeout;
    StepConfig get = step;
    get.verb = "get";
    const std::vector<std::string> accept = {"ok", "NotFound"};
    while (m_error.empty())
    {
        bool all = true;
        for (std::size_t i = 0; i < targets.size() && all && m_error.empty(); ++i)
        {
            co_await Sleep(step.think);
            const auto* type = TypeOf(targets[i]->resource);
            if (type == nullptr)
            {
                co_return;
            }
            auto request = Request("get",
                                   NameOf(*targets[i], *scope),
                                   accept,
                                   Sender(get, *targets[i], *type, *scope));
            const ApiResult result = co_await request;
            all = Meets(step.until, result.object.get());
        }
        if (all)
        {
            co_return;
        }
        if (Now() + *step.poll > deadline)
        {
            Fail("timed out waiting until " + step.until);
            co_return;
        }
        co_await Sleep(*step.poll);
    }
}

/// client-go tools/watch/until.go: list from the watch cache, then watch from there; again when the watch ends.
Task<>
StepRunner::Watch(const StepConfig& step, const ObjectConfig& object, ScopePtr scope)
{
    const auto* type = TypeOf(object.resource);
    if (type == nullptr)
    {
        co_return;
    }
    auto& client = *m_setting.client;
    const auto key = KeyOf(object, type->namespaced, scope->variables);
    const auto news = std::make_shared<News>();
    const auto deadline = Now() + step.timeout;
    const Alarm alarm{ns3::Simulator::Schedule(ToTime(step.timeout), [news] { news->Wake(); })};
    while (m_error.empty())
    {
        auto request =
            Request("list", object.resource, OK, [&client, type, key](ApiClient::Done done) {
                client.List(*type, key.nameSpace, ReadFrom::WATCH_CACHE, std::move(done));
            });
        const ApiResult list = co_await request;
        if (!list.Ok())
        {
            co_return;
        }
        ObjectPtr current;
        for (const auto& item : list.items)
        {
            current = item->key == key ? item : current;
        }
        *news = {};
        const auto watch = client.Watch(*type, key.nameSpace, list.revision, HandlersFor(news));
        while (!Meets(step.until, current.get()) && !news->ended)
        {
            if (Now() >= deadline || (current && IsHopeless(step.until, *current)))
            {
                Fail(NameOf(object, *scope) +
                     (Now() >= deadline ? ": timed out waiting until " : ": never ") + step.until);
                co_return;
            }
            if (news->events.empty())
            {
                Later<bool> woken(
                    [news](Later<bool>::Callback done) { news->waiting = std::move(done); });
                co_await woken;
                continue;
            }
            const auto event = news->events.front();
            news->events.pop_front();
            if (event.object->key == key)
            {
                current = event.type == WatchEventType::DELETED ? nullptr : event.object;
            }
        }
        if (Meets(step.until, current.get()))
        {
            co_return;
        }
    }
}

} // namespace etcdlab::kube

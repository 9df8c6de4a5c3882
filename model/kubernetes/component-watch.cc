#include "model/kubernetes/component-watch.h"

#include "model/base/clock.h"

#include <algorithm>
#include <utility>

namespace etcdlab::kube
{

struct ComponentWatch::State : std::enable_shared_from_this<ComponentWatch::State>
{
    State(ApiServer& apiServer,
          const ResourceType& resourceType,
          std::string space,
          Duration delay,
          WatchHandlers told)
        : server(apiServer),
          type(resourceType),
          nameSpace(std::move(space)),
          latency(delay),
          handlers(std::move(told))
    {
    }

    /// At the server.
    void Begin(Revision after)
    {
        auto* registry = server.RegistryOf(type);
        if (registry == nullptr || registry->Storage().GetCacher() == nullptr)
        {
            End(registry == nullptr ? "NotFound" : "MethodNotAllowed");
            return;
        }
        auto* from = registry->Storage().GetCacher();
        from->WhenReady([self = weak_from_this(), from, after] {
            if (const auto state = self.lock())
            {
                state->Subscribe(*from, after);
            }
        });
    }

    void Subscribe(Cacher& from, Revision after)
    {
        Cacher::Subscriber subscriber;
        subscriber.nameSpace = nameSpace;
        subscriber.deliver = [this](const WatchEvent& event) { Deliver(event); };
        subscriber.end = [this](const std::string& reason) {
            cacher = nullptr;
            End(reason);
        };
        number = from.Subscribe(after, std::move(subscriber));
        if (number == 0)
        {
            End("Expired");
            return;
        }
        cacher = &from;
    }

    void Deliver(const WatchEvent& event)
    {
        Later(server.Spend(server.Setup().config.apiServer.watchEventCpu, "watch event"),
              [event](State& state) { state.handlers.event(event); });
    }

    void End(const std::string& reason)
    {
        Later(Now(), [reason](State& state) {
            const auto ended = state.handlers.ended;
            if (ended)
            {
                ended(reason);
            }
        });
    }

    /// At the component, not before what was sent earlier.
    void Later(Duration sent, std::function<void(State&)> what)
    {
        arrives = std::max(arrives, sent + latency);
        ns3::Simulator::Schedule(ToTime(arrives - Now()),
                                 [self = weak_from_this(), what = std::move(what)] {
                                     if (const auto state = self.lock())
                                     {
                                         what(*state);
                                     }
                                 });
    }

    ApiServer& server;
    const ResourceType& type;
    std::string nameSpace;
    Duration latency;
    WatchHandlers handlers;
    Cacher* cacher = nullptr; //!< null unless subscribed
    std::uint64_t number = 0;
    Duration arrives{0}; //!< what was sent last
};

ComponentWatch::ComponentWatch(ApiServer& server,
                               const ResourceType& type,
                               std::string nameSpace,
                               Duration latency,
                               WatchHandlers handlers)
    : m_state(
          std::make_shared<State>(server, type, std::move(nameSpace), latency, std::move(handlers)))
{
}

ComponentWatch::~ComponentWatch()
{
    if (m_state->cacher != nullptr)
    {
        m_state->cacher->Unsubscribe(m_state->number);
    }
}

void
ComponentWatch::Start(Revision after)
{
    ns3::Simulator::Schedule(ToTime(m_state->latency),
                             [self = std::weak_ptr<State>(m_state), after] {
                                 if (const auto state = self.lock())
                                 {
                                     state->Begin(after);
                                 }
                             });
}

} // namespace etcdlab::kube

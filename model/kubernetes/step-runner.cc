#include "model/kubernetes/step-runner.h"

#include "model/kubernetes/pure/profile-objects.h"

#include <algorithm>

namespace etcdlab::kube
{

Later<bool>
SharedLocks::Acquire(const std::string& name)
{
    return Later<bool>([this, name](Later<bool>::Callback done) {
        auto& lock = m_locks[name];
        if (std::exchange(lock.held, true))
        {
            lock.waiting.push_back(std::move(done));
            return;
        }
        ns3::Simulator::ScheduleNow([done] { done(true); });
    });
}

void
SharedLocks::Release(const std::string& name)
{
    auto& lock = m_locks.at(name);
    if (lock.waiting.empty())
    {
        lock.held = false;
        return;
    }
    const auto next = std::move(lock.waiting.front());
    lock.waiting.pop_front();
    ns3::Simulator::ScheduleNow([next] { next(true); });
}

StepRunner::StepRunner(StepSetting setting, RequestHandler handler)
    : m_setting(std::move(setting)),
      m_handler(std::move(handler))
{
}

void
StepRunner::Fail(const std::string& error)
{
    if (m_error.empty())
    {
        m_error = error;
    }
}

std::string
StepRunner::NameOf(const ObjectConfig& object, const Scope& scope) const
{
    return object.resource + "/" + Expand(object.name, scope.variables);
}

const ResourceType*
StepRunner::TypeOf(const std::string& resource)
{
    const auto* type = m_setting.client->Types().Find(resource);
    if (type == nullptr)
    {
        Fail("no matches for \"" + resource + "\": it is not defined (yet)");
    }
    return type;
}

StepRunner::Targets
StepRunner::TargetsOf(const StepConfig& step, const Scope& scope) const
{
    if (step.objects.empty())
    {
        return {scope.current};
    }
    Targets targets;
    for (const auto& object : m_setting.profile->objects.at(step.objects))
    {
        if (step.which == "all" || m_created.contains(NameOf(object, scope)))
        {
            targets.push_back(&object);
        }
    }
    return targets;
}

// ---- tasks that are waited for together

void
StepRunner::Start(const std::shared_ptr<Join>& join, Task<> task)
{
    ++join->open;
    m_tasks.Start(Joined(join, std::move(task)));
}

Task<>
StepRunner::Joined(std::shared_ptr<Join> join, Task<> task)
{
    co_await task;
    if (--join->open == 0 && join->done)
    {
        // Later, so that this task has ended when its waiter goes on.
        ns3::Simulator::ScheduleNow([done = std::move(join->done)] { done(true); });
    }
}

Task<>
StepRunner::AllOf(std::shared_ptr<Join> join)
{
    if (join->open > 0)
    {
        Later<bool> all([join](Later<bool>::Callback done) { join->done = std::move(done); });
        co_await all;
    }
}

// ---- steps. What is awaited has a name: GCC 12 destroys arguments twice that are made within a co_await.

Task<>
StepRunner::Run(const std::vector<StepConfig>& steps, bool parallel, const ObjectConfig* current)
{
    auto scope = std::make_shared<Scope>();
    scope->variables = m_setting.variables;
    scope->current = current;
    return RunAll(steps, parallel, std::move(scope));
}

Task<>
StepRunner::RunAll(const std::vector<StepConfig>& steps, bool parallel, ScopePtr scope)
{
    auto join = std::make_shared<Join>();
    for (const auto& step : steps)
    {
        if (!m_error.empty())
        {
            break;
        }
        if (parallel)
        {
            Start(join, RunStep(step, scope));
        }
        else
        {
            auto task = RunStep(step, scope);
            co_await task;
        }
    }
    auto all = AllOf(join);
    co_await all;
}

Task<>
StepRunner::RunStep(const StepConfig& step, ScopePtr scope)
{
    if (step.verb == "think")
    {
        co_await Sleep(step.time);
    }
    else if (step.verb == "node")
    {
        m_setting.power(Expand(step.node, scope->variables), step.power == "on");
    }
    else
    {
        auto task = step.verb == "repeat"     ? Repeat(step, scope)
                    : step.verb == "lock"     ? UnderLock(step, scope)
                    : step.verb == "list"     ? ListStep(step, scope)
                    : step.verb == "wait"     ? Wait(step, scope)
                    : step.verb == "serial"   ? RunAll(step.steps, false, scope)
                    : step.verb == "parallel" ? RunAll(step.steps, true, scope)
                                              : OnObjects(step, scope);
        co_await task;
    }
}

Task<>
StepRunner::Repeat(const StepConfig& step, ScopePtr scope)
{
    auto join = std::make_shared<Join>();
    for (std::uint64_t i = 0; i < step.times && m_error.empty(); ++i)
    {
        auto inner = std::make_shared<Scope>(*scope);
        inner->variables[step.counter] = std::to_string(i);
        if (!step.every)
        {
            auto task = RunAll(step.steps, false, inner);
            co_await task;
            continue;
        }
        Start(join, RunAll(step.steps, false, inner));
        if (i + 1 < step.times)
        {
            co_await Sleep(*step.every);
        }
    }
    auto all = AllOf(join);
    co_await all;
}

Task<>
StepRunner::UnderLock(const StepConfig& step, ScopePtr scope)
{
    const auto name = Expand(step.lock, scope->variables);
    auto acquired = m_setting.locks->Acquire(name);
    co_await acquired;
    auto task = RunAll(step.steps, false, scope);
    co_await task;
    m_setting.locks->Release(name);
}

Task<>
StepRunner::OnObjects(const StepConfig& step, ScopePtr scope)
{
    const auto targets = TargetsOf(step, *scope);
    if (step.mode == "serial")
    {
        for (const auto* target : targets)
        {
            if (!m_error.empty())
            {
                break;
            }
            auto task = OnObject(step, *target, scope, step.think);
            co_await task;
        }
        co_return;
    }
    // helm pkg/kube/client.go:batchPerform: objects of one kind at once, and then those of the next.
    for (std::size_t begin = 0; begin < targets.size() && m_error.empty();)
    {
        auto end = targets.size();
        if (step.mode == "batches")
        {
            end = begin;
            while (end < targets.size() && targets[end]->resource == targets[begin]->resource)
            {
                ++end;
            }
        }
        const auto first = targets.begin();
        auto batch = AtOnce(step,
                            Targets(first + static_cast<std::ptrdiff_t>(begin),
                                    first + static_cast<std::ptrdiff_t>(end)),
                            scope);
        co_await batch;
        begin = end;
    }
}

Task<>
StepRunner::AtOnce(const StepConfig& step, Targets targets, ScopePtr scope)
{
    auto join = std::make_shared<Join>();
    auto after = step.think;
    for (const auto* target : targets)
    {
        Start(join, OnObject(step, *target, scope, after));
        after += step.think;
    }
    auto all = AllOf(join);
    co_await all;
}

Task<>
StepRunner::OnObject(const StepConfig& step,
                     const ObjectConfig& object,
                     ScopePtr scope,
                     Duration after)
{
    co_await Sleep(after);
    const auto* type = TypeOf(object.resource);
    if (type == nullptr)
    {
        co_return;
    }
    const auto name = NameOf(object, *scope);
    auto request = Request(step.verb, name, step.accept, Sender(step, object, *type, *scope));
    const ApiResult result = co_await request;
    if (result.Ok() && step.verb == "create")
    {
        m_created.insert(name);
    }
    if (result.Ok() && result.object)
    {
        m_read[name] = result.object;
    }
}

std::function<void(ApiClient::Done)>
StepRunner::Sender(const StepConfig& step,
                   const ObjectConfig& object,
                   const ResourceType& type,
                   const Scope& scope)
{
    auto& client = *m_setting.client;
    const auto key = KeyOf(object, type.namespaced, scope.variables);
    if (step.verb == "get")
    {
        const auto from = step.from == "etcd" ? ReadFrom::ETCD : ReadFrom::WATCH_CACHE;
        return [&client, &type, key, from](ApiClient::Done done) {
            client.Get(type, key, from, std::move(done));
        };
    }
    if (step.verb == "delete")
    {
        return [&client, &type, key](ApiClient::Done done) {
            client.Delete(type, key, {}, std::move(done));
        };
    }
    auto made = MakeObject(object, type, *m_setting.profile, scope.variables, ++m_content);
    if (step.verb == "create")
    {
        return [&client, made](ApiClient::Done done) { client.Create(made, std::move(done)); };
    }
    const auto read = m_read.find(NameOf(object, scope));
    if (step.conditional && read != m_read.end())
    {
        const auto body = made.body;
        made = *read->second;
        if (std::holds_alternative<OpaqueBody>(body))
        {
            made.body = body;
        }
    }
    made.bytes = static_cast<std::uint32_t>(step.bytes.value_or(ByteSize{made.bytes}).bytes);
    return [&client, made](ApiClient::Done done) { client.Update(made, std::move(done)); };
}

Task<>
StepRunner::ListStep(const StepConfig& step, ScopePtr scope)
{
    co_await Sleep(step.think);
    const auto* type = TypeOf(step.resource);
    if (type == nullptr)
    {
        co_return;
    }
    auto& client = *m_setting.client;
    const auto nameSpace = Expand(step.nameSpace, scope->variables);
    const auto from = step.from == "etcd" ? ReadFrom::ETCD : ReadFrom::WATCH_CACHE;
    auto request = Request(
        "list", step.resource, step.accept, [&client, type, nameSpace, from](ApiClient::Done done) {
            client.List(*type, nameSpace, from, std::move(done));
        });
    co_await request;
}

Task<ApiResult>
StepRunner::Request(std::string verb,
                    std::string resource,
                    std::vector<std::string> accept,
                    std::function<void(ApiClient::Done)> send)
{
    const auto retry = m_setting.profile->retry;
    for (bool again = false;; again = true)
    {
        const auto start = Now();
        Later<ApiResult> answer(send);
        const ApiResult result = co_await answer;
        const auto outcome = result.Ok() ? std::string("ok") : result.reason;
        bool accepted = std::find(accept.begin(), accept.end(), outcome) != accept.end();
        // What was not answered may have been done.
        accepted = accepted || (again && ((verb == "create" && outcome == "AlreadyExists") ||
                                          (verb == "delete" && outcome == "NotFound")));
        const bool unanswered = result.status == 0 || result.status >= 500;
        const bool retried = unanswered && retry > Duration(0);
        m_handler({verb,
                   resource.substr(0, resource.find('/')),
                   result.status,
                   accepted,
                   retried,
                   start,
                   Now()});
        if (!retried)
        {
            if (!accepted)
            {
                const auto what = !outcome.empty()     ? outcome
                                  : result.status == 0 ? "no answer"
                                                       : "";
                Fail(verb + " " + resource + ": " + std::to_string(result.status) + " " + what);
            }
            co_return result;
        }
        co_await Sleep(retry);
    }
}

} // namespace etcdlab::kube

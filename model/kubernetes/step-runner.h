// Runs a profile's steps against an API server.
#pragma once

#include "model/kubernetes/api-client.h"
#include "model/kubernetes/pure/profile.h"
#include "model/kubernetes/task.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace etcdlab::kube
{

/// An event that does not happen any more if nobody is there to see it.
struct Alarm
{
    ns3::EventId event;

    ~Alarm()
    {
        event.Cancel();
    }
};

/// Locks that all releases share, by name; whoever asks first gets it first.
class SharedLocks
{
  public:
    Later<bool> Acquire(const std::string& name);
    void Release(const std::string& name);

  private:
    struct Lock
    {
        bool held = false;
        std::deque<std::function<void(const bool&)>> waiting;
    };

    std::map<std::string, Lock> m_locks;
};

/// Switches a node on or off.
using NodePower = std::function<void(const std::string& node, bool on)>;

/// What a runner needs; what is pointed to must live longer than it.
struct StepSetting
{
    ApiClient* client = nullptr;
    const Profile* profile = nullptr;
    Variables variables;          //!< VariablesOf the release
    SharedLocks* locks = nullptr; //!< may be null if no step has a lock
    NodePower power;              //!< may be empty if no step switches nodes
};

/// One request that has ended.
struct StepRequest
{
    std::string verb;
    std::string resource;
    int status = 0;
    bool accepted = false;
    bool retried = false; //!< is made again, since the API server could not answer it
    Duration start{0};
    Duration end{0};
};

/**
 * Runs steps until one fails: then nothing new is begun and Error says what happened. What is running when the
 * runner goes is forgotten.
 */
class StepRunner
{
  public:
    using RequestHandler = std::function<void(const StepRequest&)>;

    StepRunner(StepSetting setting, RequestHandler handler);

    /// Run steps, one after the other or all at once. @param current the object that steps without objects act on
    Task<> Run(const std::vector<StepConfig>& steps, bool parallel, const ObjectConfig* current);

    /// `phase`'s error in one line; empty while nothing has gone wrong.
    const std::string& Error() const
    {
        return m_error;
    }

  private:
    using Targets = std::vector<const ObjectConfig*>;

    /// Where a step stands: what its texts mean, what it acts on.
    struct Scope
    {
        Variables variables;
        const ObjectConfig* current = nullptr;
    };

    using ScopePtr = std::shared_ptr<const Scope>;

    /// Tasks that somebody waits for together.
    struct Join
    {
        std::size_t open = 0;
        std::function<void(const bool&)> done;
    };

    Task<> RunAll(const std::vector<StepConfig>& steps, bool parallel, ScopePtr scope);
    Task<> RunStep(const StepConfig& step, ScopePtr scope);
    Task<> Repeat(const StepConfig& step, ScopePtr scope);
    Task<> UnderLock(const StepConfig& step, ScopePtr scope);
    Task<> OnObjects(const StepConfig& step, ScopePtr scope);
    Task<> AtOnce(const StepConfig& step, Targets targets, ScopePtr scope);
    Task<> OnObject(const StepConfig& step,
                    const ObjectConfig& object,
                    ScopePtr scope,
                    Duration after);
    Task<> ListStep(const StepConfig& step, ScopePtr scope);
    Task<> Wait(const StepConfig& step, ScopePtr scope);
    Task<> Poll(const StepConfig& step, Targets targets, ScopePtr scope);
    Task<> Watch(const StepConfig& step, const ObjectConfig& object, ScopePtr scope);

    /// One request, made again if the profile says so. @return its last result
    Task<ApiResult> Request(std::string verb,
                            std::string resource,
                            std::vector<std::string> accept,
                            std::function<void(ApiClient::Done)> send);

    void Start(const std::shared_ptr<Join>& join, Task<> task);
    static Task<> Joined(std::shared_ptr<Join> join, Task<> task);
    Task<> AllOf(std::shared_ptr<Join> join);

    Targets TargetsOf(const StepConfig& step, const Scope& scope) const;
    std::function<void(ApiClient::Done)> Sender(const StepConfig& step,
                                                const ObjectConfig& object,
                                                const ResourceType& type,
                                                const Scope& scope);
    const ResourceType* TypeOf(const std::string& resource);
    std::string NameOf(const ObjectConfig& object, const Scope& scope) const;
    void Fail(const std::string& error);

    StepSetting m_setting;
    RequestHandler m_handler;
    std::string m_error;
    std::uint64_t m_content = 0;
    std::set<std::string> m_created;         //!< "resource/name" of what this run has created
    std::map<std::string, ObjectPtr> m_read; //!< last versions that were read, likewise
    Tasks m_tasks;                           //!< last: they end first
};

} // namespace etcdlab::kube

// pkg/controller/job/job_controller.go of Kubernetes 1.20; parallelism 1
#include "model/kubernetes/controller.h"

#include <algorithm>

namespace etcdlab::kube
{

namespace
{

using namespace std::chrono_literals;

// DefaultJobBackOff, MaxJobBackOff
constexpr Duration FIRST_JOB_BACKOFF = 10s;
constexpr Duration LONGEST_JOB_BACKOFF = 360s;
// statusUpdateRetries
constexpr int UPDATE_RETRIES = 3;

class JobController : public Controller
{
  public:
    explicit JobController(ControllerContext& context)
        : m_client(context.makeClient("job-controller")),
          m_events(*m_client),
          m_names(context.names),
          m_jobs(context.informers.For("jobs")),
          m_pods(context.informers.For("pods")),
          m_queue(
              5,
              [this](ObjectKey key) { return Sync(std::move(key)); },
              FIRST_JOB_BACKOFF,
              LONGEST_JOB_BACKOFF)
    {
        m_jobs.AddHandlers(
            {[this](const ObjectPtr& job) { m_queue.Add(job->key); },
             [this](const ObjectPtr&, const ObjectPtr& job) { m_queue.Add(job->key); },
             [this](const ObjectPtr& job) { m_queue.Add(job->key); }});
        m_pods.AddHandlers(
            {[this](const ObjectPtr& pod) { PodAdded(*pod); },
             [this](const ObjectPtr&, const ObjectPtr& pod) { PodChanged(*pod, false); },
             [this](const ObjectPtr& pod) { PodChanged(*pod, true); }});
    }

    void Start() override
    {
        m_queue.Start();
    }

  private:
    void PodAdded(const Object& pod)
    {
        if (const auto job = ControllerIn(m_jobs, pod))
        {
            m_expected.CreationObserved(job->key);
            m_queue.Add(job->key);
        }
    }

    /// enqueueController: after a failure the back-off holds.
    void PodChanged(const Object& pod, bool deleted)
    {
        const auto job = ControllerIn(m_jobs, pod);
        if (!job)
        {
            return;
        }
        if (deleted)
        {
            m_expected.DeletionObserved(job->key);
        }
        const int failures = m_queue.Failures(job->key);
        const bool failed = PodOf(pod).status.phase == PodPhase::FAILED;
        m_queue.AddAfter(job->key,
                         failed && failures > 0 ? m_queue.BackOff(failures - 1) : Duration(0));
    }

    Task<SyncResult> Sync(ObjectKey key)
    {
        const auto job = m_jobs.Get(key);
        if (!job || WorkloadOf(*job).status.complete)
        {
            m_expected.Forget(key);
            co_return SyncResult::DONE;
        }
        const auto& body = WorkloadOf(*job);
        const auto pods = m_pods.ControlledBy(job->uid);
        const auto count = [&pods](PodPhase phase) {
            return static_cast<int>(
                std::count_if(pods.begin(), pods.end(), [phase](const ObjectPtr& pod) {
                    return PodOf(*pod).status.phase == phase;
                }));
        };
        auto status = body.status;
        status.replicas = static_cast<int>(ActivePods(pods).size());
        status.succeeded = count(PodPhase::SUCCEEDED);
        status.failed = count(PodPhase::FAILED);
        const bool newFailure = status.failed > body.status.failed;
        status.complete = status.succeeded >= body.replicas || status.failed > body.backoffLimit;
        const bool backsOff = newFailure || InBackOff(key);
        if (!status.complete && !backsOff && m_expected.Satisfied(key) && !job->deletionTimestamp &&
            status.replicas == 0)
        {
            const int created = co_await StartPod(job);
            status.replicas += created;
        }
        if (status.complete)
        {
            m_events.Record(*job, status.succeeded > 0 ? "Completed" : "BackoffLimitExceeded");
        }
        const SyncResult updated = co_await UpdateStatus(job, status);
        if (newFailure)
        {
            m_until[key] = Now() + m_queue.BackOff(m_queue.Failures(key));
            co_return SyncResult::AGAIN;
        }
        // Only success makes it forget failures.
        co_return updated == SyncResult::DONE&& status.succeeded == 0 ? SyncResult::KEEP : updated;
    }

    bool InBackOff(const ObjectKey& key) const
    {
        const auto found = m_until.find(key);
        return found != m_until.end() && Now() < found->second;
    }

    Task<int> StartPod(ObjectPtr job)
    {
        std::vector<Object> pods{MakePod(m_client->Types(), *job)};
        pods.front().key.name = job->key.name + "-" + m_names.Suffix();
        m_expected.Expect(job->key, 1, 0);
        const int created = co_await CreateSlowly(*m_client, m_events, job, std::move(pods));
        if (created == 0)
        {
            m_expected.CreationObserved(job->key);
        }
        co_return created;
    }

    /// updateJobStatus: it reads the job first, each time.
    Task<SyncResult> UpdateStatus(ObjectPtr job, WorkloadStatus status)
    {
        status.observedGeneration = 1; // jobs have none; it stands for startTime
        if (WorkloadOf(*job).status == status)
        {
            co_return SyncResult::DONE;
        }
        for (int i = 0; i <= UPDATE_RETRIES; ++i)
        {
            const ApiResult read = co_await Get(*m_client, *job->type, job->key, ReadFrom::ETCD);
            if (!read.Ok())
            {
                co_return read.status == 404 ? SyncResult::DONE : SyncResult::AGAIN;
            }
            const ApiResult updated = co_await Update(*m_client, WithStatus(*read.object, status));
            if (updated.Ok())
            {
                co_return SyncResult::DONE;
            }
        }
        co_return SyncResult::AGAIN;
    }

    std::unique_ptr<ApiClient> m_client;
    EventRecorder m_events;
    NameSource& m_names;
    Informer& m_jobs;
    Informer& m_pods;
    Expectations m_expected;
    std::map<ObjectKey, Duration> m_until; //!< back-offs end
    WorkQueue<ObjectKey> m_queue;
};

} // namespace

ControllerPtr
MakeJobController(ControllerContext& context)
{
    return std::make_unique<JobController>(context);
}

} // namespace etcdlab::kube

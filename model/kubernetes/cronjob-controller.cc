// pkg/controller/cronjob/cronjob_controller.go of Kubernetes 1.20: it lists jobs and cron jobs every 10 s
#include "model/kubernetes/controller.h"

namespace etcdlab::kube
{

namespace
{

class CronJobController : public Controller
{
  public:
    explicit CronJobController(ControllerContext& context)
        : m_client(context.makeClient("cronjob-controller"))
    {
    }

    void Start() override
    {
        m_tasks.Start(Poll());
    }

  private:
    Task<> Poll()
    {
        const std::string everywhere;
        while (true)
        {
            co_await List(*m_client, m_client->Types().Get("jobs"), everywhere, ReadFrom::ETCD);
            co_await List(*m_client, m_client->Types().Get("cronjobs"), everywhere, ReadFrom::ETCD);
            co_await Sleep(std::chrono::seconds(10));
        }
    }

    std::unique_ptr<ApiClient> m_client;
    Tasks m_tasks;
};

} // namespace

ControllerPtr
MakeCronJobController(ControllerContext& context)
{
    return std::make_unique<CronJobController>(context);
}

} // namespace etcdlab::kube

// The member closes its client connections, hands over leadership if it has it, and exits.
#include "model/fault/fault-type.h"

namespace etcdlab
{

namespace
{

class GracefulStopFault : public TargetFault
{
  public:
    GracefulStopFault()
        : TargetFault(false)
    {
    }

  private:
    Undo StrikeOne(const FaultConfig&, const std::string& process, FaultSite& site) const override
    {
        return site.StopGracefully(process);
    }
};

const bool gracefulStopRegistered = FaultRegistry::Add(
    "graceful-stop",
    "SIGTERM of a member: it hands over leadership and exits; with `for` it starts again",
    [] { return std::make_unique<GracefulStopFault>(); });

} // namespace

} // namespace etcdlab

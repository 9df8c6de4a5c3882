// The process stands still; its connections stay, and what arrives waits for it.
#include "model/fault/fault-type.h"

namespace etcdlab
{

namespace
{

class PauseFault : public TargetFault
{
  public:
    PauseFault()
        : TargetFault(false)
    {
    }

  private:
    Undo StrikeOne(const FaultConfig&, const std::string& process, FaultSite& site) const override
    {
        return site.Pause(process);
    }
};

const bool pauseRegistered =
    FaultRegistry::Add("pause", "SIGSTOP of a member: it does nothing until it goes on", [] {
        return std::make_unique<PauseFault>();
    });

} // namespace

} // namespace etcdlab

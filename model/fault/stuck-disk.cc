// What is being written, and what is written meanwhile, completes only after the disk has recovered.
#include "model/fault/fault-type.h"

namespace etcdlab
{

namespace
{

class StuckDiskFault : public TargetFault
{
  public:
    StuckDiskFault()
        : TargetFault(false)
    {
    }

  private:
    Undo StrikeOne(const FaultConfig&, const std::string& process, FaultSite& site) const override
    {
        return site.StickDisk(process);
    }
};

const bool stuckDiskRegistered =
    FaultRegistry::Add("stuck-disk", "no write of a member's disk completes", [] {
        return std::make_unique<StuckDiskFault>();
    });

} // namespace

} // namespace etcdlab

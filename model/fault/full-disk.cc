// Each write to the log fails (ENOSPC), which etcd does not survive.
#include "model/fault/fault-type.h"

namespace etcdlab
{

namespace
{

class FullDiskFault : public TargetFault
{
  public:
    FullDiskFault()
        : TargetFault(false)
    {
    }

  private:
    Undo StrikeOne(const FaultConfig&, const std::string& process, FaultSite& site) const override
    {
        return site.FillDisk(process);
    }
};

const bool fullDiskRegistered =
    FaultRegistry::Add("full-disk",
                       "a member's log finds no room: the member dies, and again if it is started",
                       [] { return std::make_unique<FullDiskFault>(); });

} // namespace

} // namespace etcdlab

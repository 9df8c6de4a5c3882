// How many pods are in which phase, whenever that changes: what "kubectl get pods" would say.
#pragma once

#include "model/kubernetes/informer.h"
#include "model/kubernetes/pure/pod-counts.h"

#include <array>
#include <vector>

namespace etcdlab::kube
{

DisplayPhase PhaseOf(const Object& pod);

/// Counts the pods that an informer knows; a row for each time something changed.
class PodPhaseRecord
{
  public:
    explicit PodPhaseRecord(Informer& pods);

    const std::vector<PodCounts>& Rows() const
    {
        return m_rows;
    }

    int Now(DisplayPhase phase) const
    {
        return m_now[static_cast<std::size_t>(phase)];
    }

  private:
    void Add(DisplayPhase phase, int count);
    void Note();

    std::array<int, DISPLAY_PHASES.size()> m_now{};
    std::vector<PodCounts> m_rows;
};

} // namespace etcdlab::kube

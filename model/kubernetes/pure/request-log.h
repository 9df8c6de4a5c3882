// What an API server asked etcd, and what it was asked: as lists of records.
#pragma once

#include "model/base/units.h"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace etcdlab::kube
{

/// One request to etcd. The names point to text that outlives the log's owner's use of them (see RequestLog).
struct EtcdRequest
{
    Duration start{0};    //!< when the API server called
    Duration end{0};      //!< when the answer had come
    std::string_view rpc; //!< "Range", "Txn", "LeaseGrant", "Status", "Compact"
    std::string_view
        kind; //!< "Range-get", "Range-list", "Range-count", "Txn-create", "Txn-update", "Txn-delete" …
    std::string_view resource;       //!< as in the key, behind /registry/
    std::string_view origin;         //!< which component's need it was
    std::string_view member;         //!< that answered
    std::string_view outcome;        //!< "ok" or the error
    std::uint32_t requestBytes = 0;  //!< protobuf
    std::uint32_t responseBytes = 0; //!< protobuf; 0 if there was no answer
    std::int64_t count = 0;          //!< keys in the answer; of a count: counted ones
};

/// One request of a component.
struct ApiRequest
{
    Duration start{0}; //!< when the component called
    Duration end{0};   //!< when it had the answer
    std::string_view component;
    std::string_view verb; //!< GET, LIST, POST, PUT, PATCH, DELETE
    std::string_view resource;
    std::string nameSpace;
    std::string name;
    int status = 0;                 //!< HTTP
    std::uint32_t requestBytes = 0; //!< of the object that was sent, as stored
};

/// The records of one API server, in the order in which requests ended.
class RequestLog
{
  public:
    RequestLog() = default;
    RequestLog(const RequestLog&) = delete;
    RequestLog& operator=(const RequestLog&) = delete;

    /// The same text, kept as long as the program runs: records of a run outlive its world.
    static std::string_view Name(std::string_view text);

    void Add(EtcdRequest request);
    void Add(ApiRequest request);

    /// Forget what has been recorded, as when measuring begins.
    void Clear();

    const std::vector<EtcdRequest>& EtcdRequests() const
    {
        return m_etcd;
    }

    const std::vector<ApiRequest>& ApiRequests() const
    {
        return m_api;
    }

    /// Requests to etcd that have ended, those forgotten included.
    std::uint64_t Ended() const
    {
        return m_ended;
    }

  private:
    std::vector<EtcdRequest> m_etcd;
    std::vector<ApiRequest> m_api;
    std::uint64_t m_ended = 0;
};

/**
 * etcd-requests.csv: the columns of the measured log that the model is held against, and three more:
 *
 *     t_s,rpc,operation,resource,origin,request_bytes,response_bytes,response_count,latency_ms,member,outcome
 *
 * by start; seconds counted from `begin`.
 */
std::string EtcdRequestsText(std::vector<EtcdRequest> requests, Duration begin);

/// api-requests.csv: component,start_s,duration_s,status,verb,resource,namespace,name,request_bytes
std::string ApiRequestsText(std::vector<ApiRequest> requests, Duration begin);

} // namespace etcdlab::kube

#include "model/base/clock.h"
#include "test/kubernetes/fake-api.h"

#include <gtest/gtest.h>

namespace etcdlab::kube
{
namespace
{

using namespace std::chrono_literals;

class FakeApiTest : public ::testing::Test
{
  protected:
    ~FakeApiTest() override
    {
        ns3::Simulator::Destroy();
    }

    /// Run everything; @return what the last request took
    Duration Run()
    {
        const auto start = Now();
        ns3::Simulator::Run();
        return m_answered - start;
    }

    ApiClient::Done Answered()
    {
        return [this](const ApiResult& result) {
            m_answered = Now();
            m_result = result;
        };
    }

    FakeApi m_api{100ms};
    std::unique_ptr<ApiClient> m_client = m_api.MakeClient("a");
    const ResourceType& m_type = m_api.Types().Get("configmaps");
    Duration m_answered{0};
    ApiResult m_result;
};

TEST_F(FakeApiTest, CreateIsOneWriteAndASecondOneAReadMore)
{
    m_client->Create(m_api.Make("configmaps", {"default", "a"}), Answered());
    EXPECT_EQ(Run(), 100ms);
    EXPECT_EQ(m_result.status, 201);
    m_client->Create(m_api.Make("configmaps", {"default", "a"}), Answered());
    EXPECT_EQ(Run(), 200ms);
    EXPECT_EQ(m_result.reason, "AlreadyExists");
    EXPECT_EQ(m_api.Writes("a"), 2);
    EXPECT_EQ(m_api.Reads("a"), 1);
}

TEST_F(FakeApiTest, UpdateIsOneWriteNoChangeAndConflictOneRead)
{
    m_client->Create(m_api.Make("configmaps", {"default", "a"}), Answered());
    Run();
    auto object = *m_result.object;
    object.bytes = 2000;
    m_client->Update(object, Answered());
    EXPECT_EQ(Run(), 100ms);
    EXPECT_TRUE(m_result.Ok());
    EXPECT_EQ(m_api.Reads("a"), 0);
    m_client->Update(object, Answered()); // of the version before
    EXPECT_EQ(Run(), 100ms);
    EXPECT_EQ(m_result.reason, "Conflict");
    m_client->Patch(
        m_type, object.key, [](const Object&) { return std::nullopt; }, Answered());
    EXPECT_EQ(Run(), 100ms);
    EXPECT_TRUE(m_result.Ok());
    EXPECT_EQ(m_api.Writes("a"), 2);
    EXPECT_EQ(m_api.Reads("a"), 2);
}

TEST_F(FakeApiTest, DeleteIsTwoReadsAndAWrite)
{
    m_client->Create(m_api.Make("configmaps", {"default", "a"}), Answered());
    Run();
    m_client->Delete(m_type, {"default", "a"}, {}, Answered());
    EXPECT_EQ(Run(), 300ms);
    EXPECT_EQ(m_api.Find("configmaps", {"default", "a"}), nullptr);
    m_client->Delete(m_type, {"default", "a"}, {}, Answered());
    EXPECT_EQ(Run(), 100ms);
    EXPECT_EQ(m_result.status, 404);
    EXPECT_EQ(m_api.Reads("a"), 3);
}

TEST_F(FakeApiTest, WatchHearsOfAWriteBeforeTheWriterDoes)
{
    std::string order;
    const auto watch = m_client->Watch(
        m_type,
        "",
        1,
        {[&](const WatchEvent& event) { order += event.object->key.name + " at " + Format(Now()); },
         [](const std::string&) {}});
    m_client->Create(m_api.Make("configmaps", {"default", "a"}),
                     [&](const ApiResult&) { order += ", answer"; });
    ns3::Simulator::Run();
    EXPECT_EQ(order, "a at 100ms, answer");
}

} // namespace
} // namespace etcdlab::kube

#include "model/kubernetes/pure/object.h"

#include <gtest/gtest.h>

namespace etcdlab::kube
{
namespace
{

TEST(Object, KeyInEtcdIsPrefixNamespaceName)
{
    const ResourceTypes types;
    EXPECT_EQ(EtcdKey(types.Get("services"), {"default", "web"}),
              "/registry/services/specs/default/web");
    EXPECT_EQ(EtcdKey(types.Get("nodes"), {"", "worker1"}), "/registry/minions/worker1");
}

TEST(Object, EmptySelectorSelectsNothing)
{
    EXPECT_FALSE(Selects({}, {{"app", "web"}}));
    EXPECT_TRUE(Selects({{"app", "web"}}, {{"app", "web"}, {"tier", "front"}}));
    EXPECT_FALSE(Selects({{"app", "web"}, {"tier", "back"}}, {{"app", "web"}, {"tier", "front"}}));
}

TEST(ObjectTable, GivesBackWhatItEncodedAtTheRevisionItWasRead)
{
    const ResourceTypes types;
    ObjectTable table;
    auto object = std::make_shared<Object>();
    object->type = &types.Get("pods");
    object->key = {"default", "a"};
    object->bytes = 2700;
    const auto value = table.Encode(object);
    EXPECT_EQ(value.bytes, 2700U);
    const auto read = table.Decode({"/registry/pods/default/a", value, 7, 9, 2, 0});
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(read->resourceVersion, 9);
    EXPECT_TRUE(SameContent(*read, *object));
    EXPECT_EQ(table.Decode({"k", {10, 4711}, 1, 1, 1, 0}), nullptr);
    table.Forget(value);
    EXPECT_EQ(table.Size(), 0U);
}

TEST(ResourceTypes, UnknownOneIsRefusedAndCustomOnesAreAddedOnce)
{
    ResourceTypes types;
    EXPECT_EQ(types.Find("prometheuses"), nullptr);
    EXPECT_THROW(types.Get("prometheuses"), std::out_of_range);
    const auto& added = types.Add({"prometheuses",
                                   "monitoring.coreos.com",
                                   "Prometheus",
                                   "/registry/monitoring.coreos.com/prometheuses/",
                                   true,
                                   true,
                                   true,
                                   1});
    EXPECT_EQ(&types.Add(added), &added);
    EXPECT_TRUE(types.Get("prometheuses").custom);
}

} // namespace
} // namespace etcdlab::kube

// The tests as ns-3's test.py sees them, where etcdlab is a module of an ns-3 tree: a suite for each folder of test/.
#include <ns3/test.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace
{

/// ns-3 wants names that a file could have.
std::string
AsName(std::string name)
{
    std::replace(name.begin(), name.end(), '/', '-');
    return name;
}

/// Passes GoogleTest's failures on to ns-3.
class FailureCollector : public testing::EmptyTestEventListener
{
  public:
    std::string failures;

  private:
    void OnTestPartResult(const testing::TestPartResult& result) override
    {
        if (result.failed())
        {
            failures += std::string(result.file_name() ? result.file_name() : "unknown file") +
                        ":" + std::to_string(result.line_number()) + ": " + result.summary() + "\n";
        }
    }
};

/// A test of GoogleTest's.
class Case : public ns3::TestCase
{
  public:
    explicit Case(const std::string& name)
        : ns3::TestCase(AsName(name)),
          m_name(name)
    {
    }

  private:
    void DoRun() override
    {
        auto& listeners = testing::UnitTest::GetInstance()->listeners();
        delete listeners.Release(listeners.default_result_printer());
        FailureCollector collector;
        listeners.Append(&collector);
        testing::GTEST_FLAG(filter) = m_name;
        const auto failed = RUN_ALL_TESTS();
        listeners.Release(&collector);
        NS_TEST_EXPECT_MSG_EQ(failed, 0, collector.failures);
    }

    std::string m_name;
};

/// ns-3 3.42 has moved QUICK into an enumeration of its own.
template <class TestCase>
constexpr auto
Quick()
{
    if constexpr (requires { TestCase::Duration::QUICK; })
    {
        return TestCase::Duration::QUICK;
    }
    else
    {
        return TestCase::QUICK;
    }
}

/// The tests whose files are in a folder. They are known once the program has started.
class Suite : public ns3::TestSuite
{
  public:
    explicit Suite(const std::string& folder)
        : ns3::TestSuite("etcdlab-" + AsName(folder), Type::UNIT),
          m_folder("/test/" + folder + "/")
    {
    }

  private:
    void DoSetup() override
    {
        testing::InitGoogleTest();
        const auto& all = *testing::UnitTest::GetInstance();
        for (int i = 0; i < all.total_test_suite_count(); ++i)
        {
            const auto& suite = *all.GetTestSuite(i);
            for (int j = 0; j < suite.total_test_count(); ++j)
            {
                const auto& test = *suite.GetTestInfo(j);
                const std::string file = test.file();
                const auto at = file.find(m_folder);
                if (at != std::string::npos &&
                    file.find('/', at + m_folder.size()) == std::string::npos)
                {
                    AddTestCase(new Case(std::string(suite.name()) + "." + test.name()),
                                Quick<ns3::TestCase>());
                }
            }
        }
    }

    std::string m_folder;
};

/// ETCDLAB_TEST_FOLDERS: their names, separated by blanks.
std::vector<std::unique_ptr<Suite>>
MakeSuites()
{
    std::vector<std::unique_ptr<Suite>> suites;
    std::istringstream folders(ETCDLAB_TEST_FOLDERS);
    for (std::string folder; folders >> folder;)
    {
        suites.push_back(std::make_unique<Suite>(folder));
    }
    return suites;
}

const auto SUITES = MakeSuites();

} // namespace

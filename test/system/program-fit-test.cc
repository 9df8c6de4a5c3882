// etcdlab fit as people use it.
#include "test/system/program-fixture.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

namespace
{

using etcdlab::Contents;

using Program = etcdlab::ProgramFixture;

TEST_F(Program, FitFindsDelaysAndProxyCost)
{
    // Without disks and processors a put's mean is proportional to the delays: 450 ms at a factor of 1, so 351 ms at
    // 351 / 450 = 0.78.
    const auto run = Run("fit SCENARIOS/plans/fit-request-latency.json");
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_NE(run.out.find("\nFitted: --set delay_factor=0.7"), std::string::npos) << run.out;
    const auto figure = [&](const std::string& name) {
        return nlohmann::json::parse(Contents(m_directory / "results" / name /
                                              "summary.json"))["latency_ms"]["put"]["all"]["mean"]
            .get<double>();
    };
    EXPECT_NEAR(figure("baseline"), 351, 0.351);
    EXPECT_NEAR(figure("optimised"), 276, 0.276);
    const auto scenario =
        nlohmann::json::parse(Contents(m_directory / "results" / "optimised" / "scenario.json"));
    EXPECT_NEAR(scenario["delay_factor"].get<double>(), 0.78, 0.0008);
}

TEST_F(Program, FitRefusesAPlanThatIsNotThereOrNamesUnknownSettings)
{
    EXPECT_EQ(Run("fit none.json").code, 2);
    std::ofstream(m_directory / "plan.json")
        << R"({"steps": [{"scenario": ")" << ETCDLAB_SOURCE_DIR
        << R"(/scenarios/lan.json", "vary": "delay_faktor", "from": 1, "to": 2, "metric": "/x", "target": 1}]})";
    const auto run = Run("fit plan.json");
    EXPECT_EQ(run.code, 2);
    EXPECT_NE(run.err.find("did you mean \"delay_factor\"?"), std::string::npos) << run.err;
}

} // namespace

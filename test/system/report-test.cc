// Reports in a real browser: Debian's chromium, headless.
#include "test/system/program-fixture.h"

#include <nlohmann/json.hpp>

#include <fstream>
#include <regex>

namespace etcdlab
{
namespace
{

/// Looks at a page from within, as its last script, and leaves what it saw in the page.
constexpr const char* PROBE = R"(
<script>
const saw = { scripts: document.scripts.length, undrawn: [], silent: [] };
for (const figure of document.querySelectorAll("figure.chart")) {
  const canvas = figure.querySelector("canvas");
  const chart = Chart.getChart(canvas);
  const pixels = () => {
    const copy = document.createElement("canvas");
    copy.width = canvas.width;
    copy.height = canvas.height;
    const context = copy.getContext("2d", { willReadFrequently: true });
    context.drawImage(canvas, 0, 0);
    return context.getImageData(0, 0, copy.width, copy.height).data;
  };
  const title = figure.querySelector("figcaption").textContent;
  const with_marks = pixels();
  chart.data.datasets.forEach((_, i) => chart.hide(i));
  const without = pixels();
  chart.data.datasets.forEach((_, i) => chart.show(i));
  if (!(figure.dataset.marks > 0) || with_marks.every((value, i) => value === without[i])) saw.undrawn.push(title);
  if (!(canvas.getAttribute("aria-label").length > title.length + 10)) saw.silent.push(title);
}
saw.charts = document.querySelectorAll("figure.chart").length;
saw.drawn = Number(document.documentElement.dataset.drawn);
const figure =
  [...document.querySelectorAll("figure.chart")].find((f) => Chart.getChart(f.querySelector("canvas")).options.indexAxis === "x");
const span = () => { const { min, max } = Chart.getChart(figure.querySelector("canvas")).scales.x; return max - min; };
const all = span();
figure.dispatchEvent(new KeyboardEvent("keydown", { key: "+" }));
saw.zoomed = span() / all;
figure.dispatchEvent(new KeyboardEvent("keydown", { key: "0" }));
saw.unzoomed = span() / all;
const table = document.querySelector("#points-table table");
if (table) {
  const shown = () => table.tBodies[0].rows.length + " of " + table.caption.textContent;
  const type = (label, text) => {
    const input = table.querySelector(`input[aria-label="filter ${label}"]`);
    input.value = text;
    input.dispatchEvent(new Event("input"));
  };
  saw.points = [shown()];
  type("leader", "e2");
  saw.points.push(shown());
  type("place", ">0.45");
  saw.points.push(shown());
  table.tHead.rows[0].cells[0].querySelector("button").click();
  saw.first = table.tBodies[0].rows[0].cells[0].textContent;
}
saw.figures = [...document.querySelectorAll("td.number")].map((cell) => cell.textContent);
saw.ready = Math.round(performance.now());
document.body.innerHTML = "<pre></pre>";
document.querySelector("pre").textContent = "SAW" + JSON.stringify(saw) + "END";
</script>
)";

class ReportInBrowser : public ProgramFixture
{
  protected:
    /// Opens a report; whatever its console says is a failure. @return what PROBE saw
    nlohmann::json Open(const std::string& file)
    {
        const auto page = m_directory / "probed.html";
        std::ofstream(page) << Contents(m_directory / file) << PROBE;
        const auto code =
            Shell("HOME=$PWD timeout 120 chromium --headless --no-sandbox --disable-gpu "
                  "--disable-dev-shm-usage "
                  "--user-data-dir=$PWD/chromium --enable-logging=stderr --v=0 --dump-dom file://" +
                  page.string() + " >dom 2>log");
        EXPECT_EQ(code, 0) << Contents(m_directory / "log");
        EXPECT_EQ(Contents(m_directory / "log").find("CONSOLE"), std::string::npos)
            << Contents(m_directory / "log");
        const auto dom = Contents(m_directory / "dom");
        std::smatch match;
        if (!std::regex_search(dom, match, std::regex("SAW(.*)END")))
        {
            ADD_FAILURE() << "the probe did not come to its end: " << dom.substr(0, 2000);
            return {};
        }
        return nlohmann::json::parse(match[1].str());
    }

    void ExpectWhole(const nlohmann::json& saw)
    {
        EXPECT_EQ(saw["undrawn"], nlohmann::json::array());
        EXPECT_EQ(saw["silent"], nlohmann::json::array());
        EXPECT_EQ(saw["drawn"], saw["charts"]);
        EXPECT_NEAR(saw["zoomed"], 0.5, 1e-9);
        EXPECT_NEAR(saw["unzoomed"], 1, 1e-9);
    }
};

TEST_F(ReportInBrowser, ShowsARunsFiguresAndDrawsAllItsCharts)
{
    ASSERT_EQ(Run("run SCENARIOS/baseline.json --out baseline").code, 0);
    ASSERT_EQ(Run("report baseline --ladder slowest").code, 0);
    const auto saw = Open("report.html");
    ExpectWhole(saw);
    EXPECT_NE(Contents(m_directory / "report.html").find("through e1: 710.031 ms</title>"),
              std::string::npos)
        << "the ladder's";
    EXPECT_EQ(saw["charts"], 4); // hops, requests, traffic, distribution
    const auto summary = nlohmann::json::parse(Contents(m_directory / "baseline/summary.json"));
    const std::vector<std::string> figures = saw["figures"];
    const auto shown = [&figures](const nlohmann::json& figure) {
        return std::find(figures.begin(), figures.end(), figure.dump()) != figures.end();
    };
    for (const auto& [member, statistics] : summary["latency_ms"]["put"].items())
    {
        for (const auto& [name, figure] : statistics.items())
        {
            EXPECT_TRUE(shown(figure)) << member << " " << name << " " << figure;
        }
    }
    EXPECT_TRUE(shown(summary["throughput_per_s"]));
}

TEST_F(ReportInBrowser, ShowsWhatPrometheusSaw)
{
    ASSERT_EQ(Run("run SCENARIOS/monitoring.json --out monitoring").code, 0);
    ASSERT_EQ(Run("report monitoring").code, 0);
    ExpectWhole(Open("report.html"));
    const auto page = Contents(m_directory / "report.html");
    EXPECT_NE(page.find("Prometheus' targets at the end"), std::string::npos);
    EXPECT_NE(page.find("\"label\":\"crash leader\""), std::string::npos);
}

TEST_F(ReportInBrowser, ShowsASweep)
{
    ASSERT_EQ(Run("sweep SCENARIOS/plans/leader-or-proxy.json --out sweep.db").code, 0);
    ASSERT_EQ(Run("report sweep.db").code, 0);
    const auto saw = Open("report.html");
    ExpectWhole(saw);
    EXPECT_EQ(saw["charts"], 4); // lines and shares, of the mean and the 99th percentile
    // 9 places, 3 leaders, 2 routes; with e2, 18; of these those from 0.5 on, 10. Sorted by point again, from the last.
    EXPECT_EQ(saw["points"],
              (nlohmann::json{
                  "54 of 54 of 54 points", "18 of 18 of 54 points", "10 of 10 of 54 points"}));
    EXPECT_EQ(saw["first"], "51");
    const auto page = Contents(m_directory / "report.html");
    EXPECT_NE(page.find("put_mean_ms, route=leader proxy</caption>"), std::string::npos);

    EXPECT_EQ(Run("report sweep.db --ladder first").err,
              "--ladder: expected results of runs, found a sweep\n");
    const auto two = Run("report sweep.db sweep.db");
    EXPECT_EQ(two.code, 2);
    EXPECT_EQ(two.err,
              "a report is of one sweep, or of runs: found 2 results, with a sweep among them\n");
}

TEST_F(ReportInBrowser, AScenarioNamedScriptDoesNothing)
{
    const std::string name = "<script>document.title='struck'"; // a name has no slash
    Write("evil.json",
          nlohmann::json{{"extends", ETCDLAB_SOURCE_DIR "/scenarios/lan.json"},
                         {"name", name},
                         {"description", name + "</script>"},
                         {"workload", {{"count", 20}}}}
              .dump());
    const auto run = Run("run evil.json --out evil");
    ASSERT_EQ(run.code, 0) << run.err;
    ASSERT_EQ(Run("report evil").code, 0);
    const auto saw = Open("report.html");
    ExpectWhole(saw);
    EXPECT_EQ(saw["scripts"], 4); // data, Chart.js, ours, the probe
}

} // namespace
} // namespace etcdlab

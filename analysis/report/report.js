// Draws a report's charts with Chart.js from the data that the page holds (analysis/pure/chart.h: ChartJson).
"use strict";
(() => {
  const specs = JSON.parse(document.getElementById("charts").textContent);
  const COLORS = 8;
  const drawn = [];

  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // Shaded spans and lines behind the marks, and what a drag has chosen so far.
  const bands = {
    id: "bands",
    beforeDatasetsDraw(chart) {
      const { ctx, chartArea: area, scales } = chart;
      ctx.save();
      ctx.font = "12px system-ui, sans-serif";
      chart.etcdlab.bands.forEach((band, i) => {
        const at = (value) => Math.min(Math.max(scales.x.getPixelForValue(value), area.left), area.right);
        const from = at(band.from), to = at(band.to);
        if (band.to < scales.x.min || band.from > scales.x.max) return;
        ctx.fillStyle = css("--band");
        ctx.fillRect(from, area.top, Math.max(to - from, 1.5), area.bottom - area.top);
        ctx.fillStyle = css("--soft");
        ctx.fillText(band.label, from + 4, area.top + 12 + 14 * (i % 4));
      });
      ctx.restore();
    },
    // Intervals, over the marks.
    afterDatasetsDraw(chart) {
      const { ctx, scales } = chart;
      for (const meta of chart.getSortedVisibleDatasetMetas()) {
        const halves = chart.etcdlab.halves[meta.index];
        if (!halves) continue;
        ctx.save();
        const { left, top, right, bottom } = chart.chartArea;
        ctx.rect(left, top, right - left, bottom - top);
        ctx.clip();
        ctx.strokeStyle = meta.dataset.options.borderColor;
        meta.data.forEach((mark, i) => {
          const { y } = chart.data.datasets[meta.index].data[i];
          ctx.beginPath();
          for (const end of [-halves[i], halves[i]]) ctx.lineTo(mark.x, scales.y.getPixelForValue(y + end));
          ctx.stroke();
        });
        ctx.restore();
      }
    },
    afterDraw(chart) {
      const { drag } = chart.etcdlab;
      if (!drag) return;
      const { ctx, chartArea: area } = chart;
      ctx.save();
      ctx.fillStyle = css("--band");
      ctx.fillRect(Math.min(drag.from, drag.to), area.top, Math.abs(drag.to - drag.from), area.bottom - area.top);
      ctx.restore();
    },
  };

  const dataset = (spec, series, number) => {
    const color = css("--c" + (number % COLORS));
    const common = { label: series.name, borderColor: color, backgroundColor: color };
    if (spec.kind === "stacks") {
      const data = spec.categories.map(() => null);
      for (const [category, value] of series.points) data[category] = value;
      return { ...common, data };
    }
    const data = series.points.map(([x, y]) => ({ x, y }));
    if (spec.kind === "points") return { ...common, data, pointRadius: 2.5, pointHoverRadius: 5 };
    const few = data.length <= 60 && spec.kind === "lines";
    return { ...common, data, borderWidth: 2, pointRadius: few ? 3 : 0, pointHitRadius: 6, stepped: spec.kind !== "lines",
             fill: spec.kind === "areas" ? (number === 0 ? "origin" : "-1") : false };
  };

  const axis = (title, more) => ({
    title: { display: title !== "", text: title, color: css("--soft") },
    ticks: { color: css("--soft") }, grid: { color: css("--line") }, ...more });

  const options = (spec) => {
    const stacks = spec.kind === "stacks";
    const ends = spec.series.flatMap(({ points, half_widths }) => (half_widths || []).flatMap((half, i) => [points[i][1] - half, points[i][1] + half]));
    const room = ends.length > 0 ? { suggestedMin: Math.min(...ends), suggestedMax: Math.max(...ends) } : {};
    return {
      animation: false, maintainAspectRatio: false, normalized: !stacks, parsing: stacks ? undefined : false,
      indexAxis: stacks ? "y" : "x",
      interaction: { mode: stacks ? "nearest" : "nearest", intersect: spec.kind === "points" || stacks, axis: "xy" },
      scales: {
        x: axis(spec.x, stacks ? { stacked: true } : { type: "linear" }),
        y: axis(spec.y, stacks ? { stacked: true, grid: { display: false } } : { beginAtZero: true, stacked: spec.kind === "areas", ...room }) },
      plugins: { legend: { display: spec.series.length > 1, position: "bottom", labels: { color: css("--ink"), boxWidth: 12 } } },
    };
  };

  const zoom = (chart, min, max) => {
    const { x } = chart.options.scales;
    x.min = min;
    x.max = max;
    chart.update();
  };

  // Drag, keys and double click; a stack has categories and is not zoomed.
  const control = (figure, canvas, spec, current) => {
    if (spec.kind === "stacks") return;
    const place = (event) => event.clientX - canvas.getBoundingClientRect().left;
    canvas.addEventListener("pointerdown", (event) => {
      current().etcdlab.drag = { from: place(event), to: place(event) };
    });
    canvas.addEventListener("pointermove", (event) => {
      const chart = current();
      if (!chart.etcdlab.drag) return;
      chart.etcdlab.drag.to = place(event);
      chart.draw();
    });
    window.addEventListener("pointerup", () => {
      const chart = current();
      const { drag } = chart.etcdlab;
      if (!drag) return;
      chart.etcdlab.drag = null;
      const [from, to] = [drag.from, drag.to].sort((a, b) => a - b).map((pixel) => chart.scales.x.getValueForPixel(pixel));
      if (Math.abs(drag.to - drag.from) > 5) zoom(chart, from, to);
      else chart.draw();
    });
    canvas.addEventListener("dblclick", () => zoom(current(), undefined, undefined));
    figure.addEventListener("keydown", (event) => {
      const chart = current();
      const { min, max } = chart.scales.x;
      const span = max - min;
      const to = { "+": [min + span / 4, max - span / 4], "-": [min - span / 2, max + span / 2],
                   ArrowLeft: [min - span / 5, max - span / 5], ArrowRight: [min + span / 5, max + span / 5],
                   0: [undefined, undefined], Escape: [undefined, undefined] }[event.key];
      if (!to || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      zoom(chart, ...to);
    });
  };

  const draw = (number) => {
    const spec = specs[number];
    const figure = document.querySelector(`[data-chart="${number}"]`);
    const canvas = figure.querySelector("canvas");
    if (drawn[number]) drawn[number].destroy();
    else control(figure, canvas, spec, () => drawn[number]);
    const type = { points: "scatter", stacks: "bar" }[spec.kind] || "line";
    const ours = { id: "ours", beforeInit(chart) { chart.etcdlab = { bands: spec.bands, halves: spec.series.map((series) => series.half_widths), drag: null }; } };
    drawn[number] = new Chart(canvas, {
      type, options: options(spec), plugins: [ours, bands],
      data: { labels: spec.kind === "stacks" ? spec.categories : undefined,
              datasets: spec.series.map((series, i) => dataset(spec, series, i)) } });
    figure.dataset.marks = drawn[number].getSortedVisibleDatasetMetas().reduce((sum, meta) => sum + meta.data.length, 0);
  };

  const drawAll = () => specs.forEach((_, number) => draw(number));
  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  // Paper is light.
  window.addEventListener("beforeprint", () => { document.documentElement.dataset.print = ""; drawAll(); });
  window.addEventListener("afterprint", () => { delete document.documentElement.dataset.print; drawAll(); });

  // A sweep's points: sorted, filtered, and as many of them as anyone looks at.
  const points = document.getElementById("points");
  if (points) {
    const MOST = 200;
    const { columns, rows } = JSON.parse(points.textContent);
    const table = document.createElement("table");
    const [head, body] = [table.createTHead(), table.createTBody()];
    const caption = table.createCaption();
    const names = head.insertRow(), filters = head.insertRow();
    let order = { column: 0, down: false };
    const accepts = (filter) => {
      const [, operator, number] = /^\s*([<>]=?|=)?\s*(-?[\d.]+)?\s*$/.exec(filter) || [];
      if (filter.trim() === "") return () => true;
      if (operator && number !== undefined) {
        const limit = Number(number);
        return (value) => typeof value === "number" &&
          { "<": value < limit, "<=": value <= limit, ">": value > limit, ">=": value >= limit, "=": value === limit }[operator];
      }
      return (value) => String(value ?? "").toLowerCase().includes(filter.trim().toLowerCase());
    };
    const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a ?? "").localeCompare(String(b ?? ""));
    const show = () => {
      const wanted = [...filters.querySelectorAll("input")].map((input) => accepts(input.value));
      const found = rows.filter((row) => row.every((value, i) => wanted[i](value)));
      found.sort((a, b) => compare(a[order.column], b[order.column]) * (order.down ? -1 : 1));
      body.replaceChildren();
      for (const row of found.slice(0, MOST)) {
        const line = body.insertRow();
        for (const value of row) {
          const cell = line.insertCell();
          cell.textContent = value ?? "-";
          if (typeof value === "number") cell.className = "number";
        }
      }
      caption.textContent = found.length > MOST ? `${MOST} of ${found.length} points that pass, of ${rows.length}` : `${found.length} of ${rows.length} points`;
      [...names.cells].forEach((cell, i) => {
        cell.setAttribute("aria-sort", i !== order.column ? "none" : order.down ? "descending" : "ascending");
      });
    };
    columns.forEach((name, i) => {
      const cell = document.createElement("th");
      const button = document.createElement("button");
      button.textContent = name;
      button.addEventListener("click", () => {
        order = { column: i, down: order.column === i && !order.down };
        show();
      });
      cell.append(button);
      names.append(cell);
      const input = document.createElement("input");
      input.setAttribute("aria-label", `filter ${name}`);
      input.addEventListener("input", show);
      filters.insertCell().append(input);
    });
    show();
    document.getElementById("points-table").append(table);
  }

  // A copied table goes into a spreadsheet cell by cell.
  for (const table of document.querySelectorAll("table")) {
    const button = document.createElement("button");
    button.textContent = "Copy table";
    button.addEventListener("click", () => {
      getSelection().selectAllChildren(table);
      document.execCommand("copy");
      button.textContent = "Copied";
    });
    table.parentElement.after(button);
  }
  document.documentElement.dataset.drawn = drawn.length;
})();

// Convergence: a chart for each group of lines that share an axis.

import uPlot from "uplot";
import { element } from "./elements.js";
import { theme } from "./theme.js";

const HEIGHT = 220;

// 0.001 as 1e-3; uPlot writes small ones as 0.
function numberText(value) {
  if (value === null || value === undefined) return "";
  const size = Math.abs(value);
  if (value === 0 || (size >= 0.001 && size < 1e5)) return String(Number(value.toPrecision(3)));
  return value.toExponential(2).replace(/\.?0+e/, "e").replace("e+", "e");
}

// Series with places of their own on one row of places.
function aligned(series) {
  const places = [...new Set(series.flatMap((s) => s.x))].sort((a, b) => a - b);
  const index = new Map(places.map((x, k) => [x, k]));
  const rows = series.map((s) => {
    const values = new Array(places.length).fill(null);
    s.x.forEach((x, k) => (values[index.get(x)] = s.y[k]));
    return values;
  });
  return [places, ...rows];
}

// With its last value, where it goes on to the end: an error of 0 is on no logarithmic axis.
function labelOf(series, track) {
  const last = Math.max(...track.series.map((s) => s.x.at(-1)));
  return series.dashed || series.x.at(-1) < last ? series.name : `${series.name}, ends at ${numberText(series.y.at(-1))}`;
}

function options(track, width) {
  const colours = theme();
  const axis = { stroke: colours.faint, grid: { stroke: colours.grid, width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
  // Powers of ten, so many apart that at most seven are in a chart; two at least.
  const powers = (u, axis, low, high) => {
    const first = Math.floor(Math.log10(low) + 1e-9), last = Math.ceil(Math.log10(high) - 1e-9);
    const step = Math.max(1, Math.ceil((last - first) / 7)), places = [];
    for (let k = first; k <= last; k += step) places.push(10 ** k);
    return places;
  };
  return {
    width,
    height: HEIGHT,
    scales: { x: { time: false }, y: track.logarithmic ? { distr: 3 } : {} },
    axes: [
      { ...axis, size: 38, gap: 8 },
      { ...axis, size: 62, values: (u, splits) => splits.map(numberText), ...(track.logarithmic ? { splits: powers, filter: (u, splits) => splits } : {}) },
    ],
    cursor: { drag: { x: true, y: false } },
    legend: { live: true },
    series: [
      { label: "iteration" },
      ...track.series.map((s) => ({
        label: labelOf(s, track), stroke: colours[s.role] || s.stroke, width: 1.75, spanGaps: true, points: { show: s.x.length < 40, size: 4 },
        dash: s.dashed ? [5, 4] : undefined, value: (u, v) => numberText(v),
      })),
    ],
  };
}

// The lines of one axis, as long as the page lives; show() puts others in their place.
export class Chart {
  constructor(name) {
    this.name = name;
    this.place = element("div", { role: "img" });
    this.axis = element("p", { class: "axis" });
    new ResizeObserver(() => {
      const width = Math.max(200, this.place.clientWidth);
      if (this.plot && this.plot.width !== width) this.plot.setSize({ width, height: HEIGHT });
    }).observe(this.place);
    const draw = () => this.track && this.draw();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    addEventListener("themechange", draw);
  }
  show(track) {
    this.track = track;
    this.axis.textContent = `${track.axis}, against iterations`;
    this.place.setAttribute("aria-label", `${this.name}: ${track.axis} against iterations; ${track.words}`);
    this.draw();
  }
  draw() {
    this.plot?.destroy();
    this.plot = new uPlot(options(this.track, Math.max(200, this.place.clientWidth)), aligned(this.track.series), this.place);
  }
}

export function addCharts(root, runs) {
  for (const run of runs) {
    const box = element("figure", { class: "chart" }, element("figcaption", {}, element("strong", {}, run.name), element("span", {}, run.remark)));
    root.append(box);
    for (const track of run.tracks) {
      const chart = new Chart(run.name);
      box.append(chart.axis, chart.place);
      chart.show(track);
    }
  }
}

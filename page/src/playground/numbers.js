// What the solvers report, as words, a table and a command.

import { element } from "../elements.js";

// Of about six digits, as the command line writes them.
export function number(value) {
  if (value === null || value === undefined) return "\u2013";
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-3 && size < 1e6)) return String(Number(value.toPrecision(6)));
  return value.toExponential(2).replace(/\.?0+e/, "e").replace("e+", "e");
}
export function duration(seconds) {
  return seconds < 1 ? `${Math.max(1, Math.round(1000 * seconds))} ms` : `${seconds.toFixed(1)} s`;
}

const root = (cost) => (cost === null ? null : Math.sqrt(2 * cost));
const ROWS = [
  ["distance, root of 2 \u00d7 cost", (r) => number(root(r.value_linear))],
  ["cost, E|x \u2212 y|\u00b2 / 2", (r) => number(r.value_linear)],
  ["value, cost + \u03b5 KL", (r) => number(r.value)],
  ["dual value", (r) => number(r.dual_value)],
  ["gap: at most so far from the best", (r) => number(r.duality_gap)],
  ["error of the source's marginal", (r) => number(r.marginal_error_source)],
  ["error of the target's marginal", (r) => number(r.marginal_error_target)],
  ["entropy of the plan, 0 to 1", (r) => number(r.plan_entropy)],
  ["iterations, pivots", (r) => String(r.iterations)],
  ["seconds in this page", (r) => number(r.seconds)],
  ["stopped", (r) => r.stop_reason.replace("_", " ")],
];

// reports: {sinkhorn, exact}, null where there is none yet.
export function fillTable(table, reports) {
  const names = Object.keys(reports);
  const head = element("tr", {}, element("th", { scope: "col" }, "measure"), ...names.map((name) => element("th", { scope: "col" }, name)));
  const rows = ROWS.map(([word, text]) =>
    element("tr", {}, element("th", { scope: "row" }, word), ...names.map((name) => element("td", {}, reports[name] ? text(reports[name]) : "\u2026"))));
  table.replaceChildren(element("thead", {}, head), element("tbody", {}, ...rows));
}

export function verdictOf(report) {
  if (report.stop_reason !== "converged") return `${report.solver} stopped at its limit (${report.stop_reason.replace("_", " ")})`;
  return `${report.solver} converged in ${duration(report.seconds)}, at most ${number(report.duality_gap)} above the least value`.replaceAll("-", "\u2011");
}

// Toys by their names, else the files that the page saves.
export function commandOf({ source, target, n, seed, epsilon }, solver) {
  const toys = [source, target].every((pad) => pad.kind === "toy");
  const clouds = toys ? `${source.name} ${target.name} --samples ${n}` : "source.csv target.csv";
  const noise = solver === "exact" ? "--solver exact" : `--epsilon ${epsilon}`;
  return `otbridge transport ${clouds} --seed ${seed} ${noise} -o moved.csv --report report.html`;
}

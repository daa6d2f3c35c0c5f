// Answers as what the view draws: panels, and the lines of convergence.

export const TIMES = 41; // of the bridge
export const FEW = 2500; // entries of a plan that are all drawn
const LINES = 300; // of larger plans, a draw each

const CLASSES = 7; // of starting points by their colour, as in pictures

// Ranks along the first principal axis, in classes of one size.
export function classesOf(points) {
  const n = points.length / 2, mean = [0, 0];
  for (let i = 0; i < points.length; ++i) mean[i % 2] += points[i] / n;
  let xx = 0, yy = 0, xy = 0;
  for (let i = 0; i < n; ++i) {
    const x = points[2 * i] - mean[0], y = points[2 * i + 1] - mean[1];
    (xx += x * x), (yy += y * y), (xy += x * y);
  }
  const angle = 0.5 * Math.atan2(2 * xy, xx - yy);
  const along = Array.from({ length: n }, (_, i) => Math.cos(angle) * points[2 * i] + Math.sin(angle) * points[2 * i + 1]);
  const order = along.map((_, i) => i).sort((i, j) => along[i] - along[j]);
  const classes = new Uint8Array(n);
  order.forEach((i, rank) => (classes[i] = Math.floor((rank * CLASSES) / n)));
  return classes;
}

// The square around some clouds with a margin: {low, size}.
export function windowOf(clouds, margin) {
  const low = [Infinity, Infinity], high = [-Infinity, -Infinity];
  for (const points of clouds) {
    for (let i = 0; i < points.length; ++i) {
      low[i % 2] = Math.min(low[i % 2], points[i]);
      high[i % 2] = Math.max(high[i % 2], points[i]);
    }
  }
  if (!(low[0] <= high[0])) return { low: [-6, -6], size: 12 };
  const size = (1 + 2 * margin) * Math.max(high[0] - low[0], high[1] - low[1], 1e-9 * Math.abs(high[0]), 1e-9);
  return { low: low.map((l, c) => (l + high[c] - size) / 2), size };
}

// How far the bridge goes, all but 1% of it, in half sides of the square of its clouds; 1 where it stays within.
export function reachOf(paths, { low, high }) {
  const step = 2 * Math.max(1, Math.floor(paths.length / 2 / 8000)), far = [];
  for (let k = 0; k + 1 < paths.length; k += step) {
    far.push(Math.max(...[0, 1].map((c) => Math.abs(2 * paths[k + c] - low[c] - high[c]) / (high[c] - low[c]))));
  }
  far.sort((a, b) => a - b);
  return Math.max(1, far[Math.floor(0.99 * (far.length - 1))]);
}

function flowsOf({ flows, partners }) {
  if (flows) {
    const count = flows.length / 3, column = (c) => Array.from({ length: count }, (_, k) => flows[3 * k + c]);
    const mass = column(2), most = Math.max(...mass), kept = mass.map((_, k) => k).filter((k) => mass[k] > 0.02 * most);
    // The heaviest last, on top.
    kept.sort((a, b) => mass[a] - mass[b]);
    return { from: kept.map((k) => flows[3 * k]), to: kept.map((k) => flows[3 * k + 1]), share: kept.map((k) => mass[k] / most) };
  }
  const step = Math.max(1, partners.length / LINES), from = [];
  for (let k = 0; k < partners.length; k += step) from.push(Math.floor(k));
  return { from, to: from.map((i) => partners[i]), share: from.map(() => 0.6) };
}

export function panelOf(name, remarks, answer) {
  return { name, remarks, choice: -1, paths: answer.paths, moved: answer.map, flows: flowsOf(answer) };
}
// In the place of an answer that is not there yet: nothing is drawn.
export function emptyPanel(name, remark, n) {
  const paths = new Float64Array(2 * n * TIMES).fill(NaN);
  return { name, remarks: [remark], choice: -1, paths, moved: paths.slice(0, 2 * n), flows: null };
}

// What View takes, of two clouds and their panels.
export function viewOf({ x, y }, panels) {
  const { low, size } = windowOf([x, y], 0.04), n = x.length / 2, m = y.length / 2;
  return {
    dimension: 2, names: ["x0", "x1"], low, high: low.map((l) => l + size), uneven: false, colour: null,
    clouds: [{ role: "target", total: m, points: y, sizes: null }, { role: "source", total: n, points: x, sizes: null }],
    count: n, total: n, backward: false, rows: Array.from({ length: n }, (_, i) => i), ids: null, sizes: null, classes: classesOf(x),
    times: Array.from({ length: TIMES }, (_, k) => k / (TIMES - 1)), moved: "conditional mean",
    flows: n * m <= FEW ? "the plan's mass" : `the plan, ${Math.min(n, LINES)} draws`, choices: [], panels,
  };
}

// Sinkhorn's errors, or the gap of exact transport, as far as they are known.
export function trackOf(solver, records, tolerance) {
  const series = (name, role, key) => {
    const known = records.filter((record) => record[key] > 0);
    return { name, role, x: known.map((record) => record.iteration), y: known.map((record) => record[key]) };
  };
  const all = solver === "exact" ? [series("gap (cost)", "moved", "gap")] : [series("source error", "source", "source"), series("target error", "target", "target")];
  const lines = all.filter((one) => one.x.length > 0);
  if (lines.length === 0) return null;
  const words = lines.map((one) => `${one.name} last ${one.y.at(-1).toPrecision(3)}`).join(", ");
  if (tolerance) {
    const places = lines.flatMap((one) => one.x);
    lines.push({ name: `tolerance ${tolerance.toExponential()}`, stroke: "#7f7f7f", dashed: true, x: [Math.min(...places), Math.max(...places)], y: [tolerance, tolerance] });
  }
  return { axis: solver === "exact" ? "gap" : "error", logarithmic: true, words, series: lines };
}

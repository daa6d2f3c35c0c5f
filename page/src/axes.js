// Axes: round ticks on the plane, a box in space.

import { timeToWorld } from "./data.js";

// At most about `most` round numbers of [low, high], and how to write them.
export function ticks(low, high, most) {
  const rough = (high - low) / Math.max(1, most);
  if (!(rough > 0) || !isFinite(rough)) return { values: [], text: String };
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((m) => m * power >= rough * (1 - 1e-9));
  const values = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; ++k) values.push(k * step);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const largest = Math.max(Math.abs(low), Math.abs(high));
  const text = (value) =>
    largest >= 1e6 || digits > 5 ? (Math.abs(value) < step / 2 ? "0" : value.toPrecision(3).replace(/\.?0+(e|$)/, "$1")) : value.toFixed(digits);
  return { values, text };
}

const FONT = "12px system-ui, sans-serif";

// Room for labels; the data stand in what is left.
export function areaOf(space, width, height, measure) {
  if (space.dimension === 3) return { left: 0, top: 0, width, height };
  let label = 26;
  if (space.dimension === 2) {
    const { values, text } = ticks(space.low[1], space.high[1], 5);
    for (const value of values) label = Math.max(label, measure(text(value)));
  }
  const left = Math.ceil(label) + 12;
  return { left, top: 26, width: width - left - 10, height: height - 26 - 40 };
}

export function measurer(context) {
  return (text) => {
    context.font = FONT;
    return context.measureText(text).width;
  };
}

function clipped(context, name, room) {
  let words = name;
  while (words.length > 2 && context.measureText(words).width > room) words = words.slice(0, -2) + "\u2026";
  return words;
}

export function drawPlane(context, space, camera, area, colours) {
  context.font = FONT;
  context.lineWidth = 1;
  const bottom = area.top + area.height, right = area.left + area.width;
  const range = (c, from, to) => [from, to].map((pixel) => space.fromWorld(c, camera.unproject(c, pixel, area)));
  // Pixels of a value of the data.
  const place = (c, value) => {
    const out = [0, 0, 0];
    const point = [0, 0, 0];
    point[c] = space.toWorld(c, value);
    camera.project(point, 1, area, out);
    return Math.round(out[c]) + 0.5;
  };
  context.strokeStyle = colours.grid;
  context.fillStyle = colours.faint;
  context.textAlign = "center";
  context.textBaseline = "top";
  const across = ticks(...range(0, area.left, right), area.width / 70);
  for (const value of across.values) {
    const x = place(0, value);
    context.beginPath();
    context.moveTo(x, area.top);
    context.lineTo(x, bottom);
    context.stroke();
    context.fillText(across.text(value), x, bottom + 5);
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  const line = space.dimension === 1;
  const up = line ? { values: [0, 0.5, 1], text: String } : ticks(...range(1, bottom, area.top), area.height / 55);
  for (const value of up.values) {
    let y = 0;
    if (line) {
      const out = [0, 0, 0];
      camera.project([0, timeToWorld(value), 0], 1, area, out);
      y = Math.round(out[1]) + 0.5;
    } else {
      y = place(1, value);
    }
    context.beginPath();
    context.moveTo(area.left, y);
    context.lineTo(right, y);
    context.stroke();
    context.fillText(up.text(value), area.left - 6, y);
  }
  context.fillStyle = colours.ink;
  context.textAlign = "center";
  context.textBaseline = "bottom";
  context.fillText(clipped(context, space.names[0], area.width), area.left + area.width / 2, bottom + 38);
  context.textAlign = "left";
  context.fillText(clipped(context, line ? "time" : space.names[1], area.width), 4, area.top - 7);
}

// The edges of the box; of x and y those of the floor nearest to the eye, of z the leftmost, are
// named and numbered.
export function drawBox(context, space, camera, area, colours) {
  const corner = (k) => [0, 1, 2].map((c) => ((k >> c) & 1 ? 1 : -1) * space.reach[c]);
  const points = Float32Array.from([0, 1, 2, 3, 4, 5, 6, 7].flatMap(corner));
  const out = new Float32Array(24);
  camera.project(points, 8, area, out);
  const at = (k) => ({ x: out[3 * k], y: out[3 * k + 1], depth: out[3 * k + 2] });
  context.strokeStyle = colours.grid;
  context.lineWidth = 1;
  context.beginPath();
  for (let k = 0; k < 8; ++k) {
    for (let c = 0; c < 3; ++c) {
      if ((k >> c) & 1) continue;
      const from = at(k), to = at(k | (1 << c));
      context.moveTo(from.x, from.y);
      context.lineTo(to.x, to.y);
    }
  }
  context.stroke();
  let lowest = 0;
  for (let k = 1; k < 8; ++k) if (at(k).y > at(lowest).y) lowest = k;
  context.font = FONT;
  context.textBaseline = "middle";
  const centre = [0, 1, 2, 3, 4, 5, 6, 7].reduce((sum, k) => [sum[0] + at(k).x / 8, sum[1] + at(k).y / 8], [0, 0]);
  const label = (from, to, c) => {
    // Outwards from the middle of the box, across the edge.
    const mx = (from.x + to.x) / 2, my = (from.y + to.y) / 2;
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    if (length < 60) return;
    let nx = -(to.y - from.y) / length, ny = (to.x - from.x) / length;
    if (nx * (mx - centre[0]) + ny * (my - centre[1]) < 0) (nx = -nx), (ny = -ny);
    context.textAlign = nx > 0.4 ? "left" : nx < -0.4 ? "right" : "center";
    const { values, text } = ticks(space.low[c], space.high[c], Math.min(4, length / 60));
    context.fillStyle = colours.faint;
    context.strokeStyle = colours.faint;
    for (const value of values) {
      const share = (space.toWorld(c, value) + space.reach[c]) / (2 * space.reach[c] || 1);
      const [a, b] = from.sign < 0 ? [from, to] : [to, from];
      // Along the edge in space; perspective moves a tick by less than a label is high.
      const x = a.x + share * (b.x - a.x), y = a.y + share * (b.y - a.y);
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(x + 4 * nx, y + 4 * ny);
      context.stroke();
      context.fillText(text(value), x + 8 * nx, y + 11 * ny);
    }
    context.fillStyle = colours.ink;
    const away = context.textAlign === "center" ? 28 : 38;
    context.fillText(clipped(context, space.names[c], 110), mx + away * nx, my + away * ny);
  };
  const edge = (k, c) => {
    const from = { ...at(k), sign: (k >> c) & 1 ? 1 : -1 };
    return [from, at(k ^ (1 << c)), c];
  };
  label(...edge(lowest, 0));
  label(...edge(lowest, 1));
  // The upright edge that stands furthest to the left.
  let leftmost = 0;
  for (let k = 1; k < 4; ++k) if (at(k).x + at(k | 4).x < at(leftmost).x + at(leftmost | 4).x) leftmost = k;
  label(...edge(leftmost, 2));
}

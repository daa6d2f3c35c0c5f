// What the page was written with: one JSON block, arrays of numbers in base64.

export function readData() {
  return JSON.parse(document.getElementById("data").textContent);
}

function bytesOf(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; ++i) bytes[i] = letters.charCodeAt(i);
  return bytes;
}
// Of the page's text, or as they are where another script has made them.
export const bytes = (data) => (typeof data === "string" ? bytesOf(data) : data);

// Little-endian pairs of bytes.
function wholeNumbers(text) {
  const bytes = bytesOf(text);
  const numbers = new Uint16Array(bytes.length / 2);
  for (let i = 0; i < numbers.length; ++i) numbers[i] = bytes[2 * i] | (bytes[2 * i + 1] << 8);
  return numbers;
}

const STEPS = 65534; // of the box, from its lowest to its highest coordinate
const HIDDEN = 65535; // a point that is not shown

// The box of the data and the world that it is drawn in: [-1, 1] along its longest side. Points are
// triples of floats there; those that are not shown are NaN.
export class Space {
  constructor(view) {
    this.dimension = view.dimension;
    this.names = view.names;
    this.low = view.low;
    this.high = view.high;
    this.colour = view.colour;
    const side = view.low.map((low, c) => view.high[c] - low);
    // Coordinates that spread too differently have a scale each.
    const longest = Math.max(...side);
    this.half = side.map((s) => (view.uneven ? s : longest) / 2 || 0.5);
    // Of the world: where the box ends.
    this.reach = [0, 1, 2].map((c) => (c < this.dimension ? side[c] / 2 / this.half[c] : 0));
  }
  toWorld(c, value) {
    return (value - (this.low[c] + this.high[c]) / 2) / this.half[c];
  }
  fromWorld(c, world) {
    return (this.low[c] + this.high[c]) / 2 + world * this.half[c];
  }
  // Of coordinates in rows.
  place(values) {
    const d = this.dimension, points = new Float32Array((3 * values.length) / d);
    for (let i = 0; i * d < values.length; ++i) {
      for (let c = 0; c < d; ++c) points[3 * i + c] = this.toWorld(c, values[d * i + c]);
    }
    return points;
  }
  // On a line the second coordinate is time, downwards; `time` of each row's slice.
  decode(text, rowsPerSlice = Infinity, times = [0]) {
    if (typeof text !== "string") return this.place(text);
    const numbers = wholeNumbers(text), d = this.dimension;
    const rows = numbers.length / d;
    const points = new Float32Array(3 * rows);
    const step = this.reach.map((reach) => (2 * reach) / STEPS);
    for (let i = 0; i < rows; ++i) {
      for (let c = 0; c < d; ++c) {
        const q = numbers[d * i + c];
        points[3 * i + c] = q === HIDDEN ? NaN : q * step[c] - this.reach[c];
      }
      if (d === 1) points[3 * i + 1] = timeToWorld(times[Math.min(Math.floor(i / rowsPerSlice), times.length - 1)]);
    }
    return points;
  }
  // The coordinates of a row, as text of about four digits.
  text(points, row) {
    const digits = this.half.slice(0, this.dimension).map((half) => Math.max(0, 3 - Math.floor(Math.log10(half || 1))));
    const words = digits.map((n, c) => this.fromWorld(c, points[3 * row + c]).toFixed(Math.min(n, 12)));
    return `(${words.join(", ")})`;
  }
}

// Room above for the density of the first time.
export const timeToWorld = (t) => 0.5 - 1.4 * t;

// Between two slices of all paths of a panel, at time t: from where it is, in which slice.
export function sliceAt(times, t) {
  let k = 0;
  while (k + 2 < times.length && times[k + 1] <= t) ++k;
  const span = times[k + 1] - times[k];
  return { k, share: span > 0 ? Math.min(1, Math.max(0, (t - times[k]) / span)) : 0 };
}

export function between(paths, count, times, t, out) {
  if (times.length < 2) {
    out.set(paths.subarray(0, 3 * count));
    return;
  }
  const { k, share } = sliceAt(times, t);
  const a = 3 * count * k, b = a + 3 * count;
  for (let i = 0; i < 3 * count; ++i) out[i] = paths[a + i] + share * (paths[b + i] - paths[a + i]);
}

// Densities of clouds on a line, drawn as ridges on the axis of time.

const BINS = 240;

// Heights over even places of [low, high] by a Gaussian kernel (Silverman 1986, section 3.4.2).
export function density(points, count, low, high) {
  const values = [];
  for (let i = 0; i < count; ++i) if (isFinite(points[3 * i])) values.push(points[3 * i]);
  const heights = new Float64Array(BINS);
  if (values.length === 0) return heights;
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
  values.sort((a, b) => a - b);
  const quartiles = (values[Math.floor(0.75 * values.length)] - values[Math.floor(0.25 * values.length)]) / 1.34;
  const step = (high - low) / BINS;
  const width = Math.max(0.9 * Math.min(spread, quartiles || spread) * values.length ** -0.2, step);
  const counts = new Float64Array(BINS);
  for (const v of values) {
    const bin = Math.floor((v - low) / step);
    if (bin >= 0 && bin < BINS) ++counts[bin];
  }
  const reach = Math.ceil((3 * width) / step);
  const scale = 1 / (values.length * width * Math.sqrt(2 * Math.PI));
  for (let d = -reach; d <= reach; ++d) {
    const weight = scale * Math.exp(-0.5 * ((d * step) / width) ** 2);
    for (let b = Math.max(0, -d); b < Math.min(BINS, BINS - d); ++b) heights[b + d] += weight * counts[b];
  }
  return heights;
}

// Upwards from the line at pixel `foot`; across(world) is a pixel.
export function drawRidge(context, heights, low, high, across, foot, scale, colour, alpha) {
  const x = (b) => across(low + ((b + 0.5) * (high - low)) / BINS);
  context.beginPath();
  context.moveTo(x(0), foot);
  for (let b = 0; b < BINS; ++b) context.lineTo(x(b), foot - scale * heights[b]);
  context.lineTo(x(BINS - 1), foot);
  context.globalAlpha = alpha;
  context.fillStyle = colour;
  context.fill();
  context.globalAlpha = 1;
  context.lineWidth = 1.5;
  context.strokeStyle = colour;
  context.stroke();
}

// Discs and thin lines, drawn by hand into the pixels of a canvas: as quick for 70000 points as the
// page needs, on any machine, with WebGL or without, and the same pixels on all.

const OFFSETS = 4; // places of a disc's centre within a pixel, along each side

// Coverage of the pixels around a disc, for each place of its centre; 0 to 256.
function sprites(radius) {
  const reach = Math.ceil(radius + 0.5), side = 2 * reach + 1;
  const all = [];
  for (let oy = 0; oy < OFFSETS; ++oy) {
    for (let ox = 0; ox < OFFSETS; ++ox) {
      const cover = new Uint16Array(side * side);
      const cx = reach + (ox + 0.5) / OFFSETS - 0.5, cy = reach + (oy + 0.5) / OFFSETS - 0.5;
      for (let y = 0; y < side; ++y) {
        for (let x = 0; x < side; ++x) {
          const edge = radius + 0.5 - Math.hypot(x - cx, y - cy);
          cover[side * y + x] = Math.round(256 * Math.min(1, Math.max(0, edge)));
        }
      }
      all.push(cover);
    }
  }
  return { reach, side, all };
}

export class Raster {
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.image = new ImageData(width, height);
    this.pixels = this.image.data; // opaque from the first frame on
    this.sprites = new Map();
    this.clip(0, 0, width, height);
  }
  // Nothing is drawn outside of this rectangle.
  clip(left, top, right, bottom) {
    this.left = Math.max(0, left);
    this.top = Math.max(0, top);
    this.right = Math.min(this.width, right);
    this.bottom = Math.min(this.height, bottom);
  }
  copy(base) {
    this.pixels.set(base.data);
  }
  spritesOf(radius) {
    const key = Math.max(2, Math.round(4 * radius)); // quarters of a pixel
    let found = this.sprites.get(key);
    if (!found) this.sprites.set(key, (found = sprites(key / 4)));
    return found;
  }
  // colour: 0xRRGGBB; alpha: 0 to 256.
  disc(x, y, sprite, colour, alpha) {
    const { reach, side, all } = sprite;
    const left = Math.floor(x), top = Math.floor(y);
    if (!(left - reach >= this.left && top - reach >= this.top && left + reach < this.right && top + reach < this.bottom)) return;
    const cover = all[OFFSETS * Math.floor(OFFSETS * (y - top)) + Math.floor(OFFSETS * (x - left))];
    const r = colour >> 16, g = (colour >> 8) & 255, b = colour & 255, pixels = this.pixels;
    let k = 0;
    for (let row = 0; row < side; ++row) {
      let at = 4 * ((top - reach + row) * this.width + left - reach);
      for (let column = 0; column < side; ++column, at += 4) {
        const a = cover[k++] * alpha;
        if (a === 0) continue;
        pixels[at] += ((r - pixels[at]) * a) >> 16;
        pixels[at + 1] += ((g - pixels[at + 1]) * a) >> 16;
        pixels[at + 2] += ((b - pixels[at + 2]) * a) >> 16;
      }
    }
  }
  dot(x, y, colour, a) {
    if (!(x >= this.left && y >= this.top && x < this.right && y < this.bottom)) return;
    const at = 4 * (y * this.width + x), pixels = this.pixels;
    pixels[at] += (((colour >> 16) - pixels[at]) * a) >> 8;
    pixels[at + 1] += ((((colour >> 8) & 255) - pixels[at + 1]) * a) >> 8;
    pixels[at + 2] += (((colour & 255) - pixels[at + 2]) * a) >> 8;
  }
  // One pixel wide, smooth: two pixels share each step along the longer side (Wu 1991).
  line(x0, y0, x1, y1, colour, alpha) {
    if (!(Math.abs(x0) + Math.abs(y0) + Math.abs(x1) + Math.abs(y1) < 1e5)) return;
    const dx = x1 - x0, dy = y1 - y0;
    const steps = Math.max(1, Math.ceil(Math.max(Math.abs(dx), Math.abs(dy))));
    const steep = Math.abs(dy) > Math.abs(dx);
    for (let k = 0; k < steps; ++k) {
      const x = x0 + (dx * k) / steps, y = y0 + (dy * k) / steps;
      if (steep) {
        const left = Math.floor(x), share = x - left, row = Math.round(y);
        this.dot(left, row, colour, alpha * (1 - share));
        this.dot(left + 1, row, colour, alpha * share);
      } else {
        const top = Math.floor(y), share = y - top, column = Math.round(x);
        this.dot(column, top, colour, alpha * (1 - share));
        this.dot(column, top + 1, colour, alpha * share);
      }
    }
  }
}

// Rows of projected triples in the order of their depth, far first: a counting sort.
export function depthOrder(projected, count, out) {
  const BUCKETS = 2048;
  const ends = new Uint32Array(BUCKETS + 1);
  const bucket = (i) => Math.max(0, Math.min(BUCKETS - 1, (projected[3 * i + 2] * BUCKETS) | 0));
  for (let i = 0; i < count; ++i) ++ends[bucket(i) + 1];
  for (let b = 0; b < BUCKETS; ++b) ends[b + 1] += ends[b];
  for (let i = 0; i < count; ++i) out[ends[bucket(i)]++] = i;
}

// One camera for all panels: what is turned in one is turned in all.

const DEGREE = Math.PI / 180;
const DISTANCE = 6; // from the eye to the centre, in half sides of the box

export class Camera {
  constructor(space) {
    this.space = space;
    this.solid = space.dimension === 3;
    this.reset();
  }
  reset() {
    this.zoom = 1;
    this.panX = this.panY = 0;
    // x to the right and forwards, y to the back, z up.
    this.azimuth = -60 * DEGREE;
    this.elevation = 25 * DEGREE;
    if (this.solid) this.fit = this.extent();
  }
  // How far the box reaches from the middle of its picture, as it is first seen.
  extent() {
    const corners = Float32Array.from([0, 1, 2, 3, 4, 5, 6, 7].flatMap((k) => this.space.reach.map((reach, c) => ((k >> c) & 1 ? reach : -reach))));
    const out = new Float32Array(24);
    this.fit = { x: 1, y: 1, up: 0 };
    this.project(corners, 8, { left: 0, top: 0, width: 0, height: 0, scale: 1 }, out);
    const range = (c) => {
      const values = [0, 1, 2, 3, 4, 5, 6, 7].map((k) => out[3 * k + c]);
      return [Math.min(...values), Math.max(...values)];
    };
    const [left, right] = range(0), [top, bottom] = range(1);
    return { x: (right - left) / 2, y: (bottom - top) / 2, up: (bottom + top) / 2 };
  }
  // area: where the data may stand, {left, top, width, height} in pixels.
  scales(area) {
    const { reach, dimension } = this.space;
    if (this.solid) {
      const s = Math.min((0.5 * area.width - 0.1 * area.width) / this.fit.x, (0.5 * area.height - 0.09 * area.height) / this.fit.y);
      return [s * this.zoom, s * this.zoom];
    }
    const margin = 0.96 / 2;
    const x = (margin * area.width) / (reach[0] || 1);
    if (dimension === 1) return [x * this.zoom, area.height / 2];
    const y = (margin * area.height) / (reach[1] || 1);
    const s = Math.min(x, y);
    return [s * this.zoom, s * this.zoom];
  }
  // Triples of the world to (x, y) in pixels and depth, 0 far to 1 near.
  project(points, count, area, out) {
    const [sx, sy] = area.scale ? [area.scale, area.scale] : this.scales(area);
    const cx = area.left + area.width / 2 + this.panX * area.width;
    const cy = area.top + area.height / 2 + this.panY * area.height - (this.solid ? sy * this.fit.up : 0);
    if (!this.solid) {
      for (let i = 0; i < 3 * count; i += 3) {
        out[i] = cx + sx * points[i];
        out[i + 1] = cy - sy * points[i + 1];
        out[i + 2] = 1;
      }
      return;
    }
    const ca = Math.cos(this.azimuth), sa = Math.sin(this.azimuth);
    const ce = Math.cos(this.elevation), se = Math.sin(this.elevation);
    const reach = Math.hypot(...this.space.reach);
    for (let i = 0; i < 3 * count; i += 3) {
      const x = points[i], y = points[i + 1], z = points[i + 2];
      const right = -sa * x + ca * y;
      const up = -se * ca * x - se * sa * y + ce * z;
      const near = ce * ca * x + ce * sa * y + se * z;
      const far = DISTANCE / (DISTANCE - near);
      out[i] = cx + sx * far * right;
      out[i + 1] = cy - sy * far * up;
      out[i + 2] = 0.5 + (0.5 * near) / reach;
    }
  }
  // On the plane: the coordinate at a pixel.
  unproject(c, pixel, area) {
    const [sx, sy] = this.scales(area);
    return c === 0 ? (pixel - area.left - area.width / 2 - this.panX * area.width) / sx
                   : -(pixel - area.top - area.height / 2 - this.panY * area.height) / sy;
  }
  drag(dx, dy, area) {
    if (this.solid) {
      this.azimuth -= (dx / area.width) * 3;
      this.elevation = Math.max(-89 * DEGREE, Math.min(89 * DEGREE, this.elevation + (dy / area.height) * 3));
    } else {
      this.panX += dx / area.width;
      if (this.space.dimension > 1) this.panY += dy / area.height;
    }
  }
  // About the middle of the panel.
  enlarge(factor) {
    const zoom = Math.max(0.5, Math.min(40, this.zoom * factor));
    this.panX *= zoom / this.zoom;
    if (this.space.dimension > 1) this.panY *= zoom / this.zoom;
    this.zoom = zoom;
  }
}

// A panel: one plan's answer, drawn into one canvas.

import { areaOf, drawBox, drawPlane, measurer } from "./axes.js";
import { between, sliceAt, timeToWorld } from "./data.js";
import { depthOrder, Raster } from "./raster.js";
import { density, drawRidge } from "./ridge.js";
import { mixed, numberOf } from "./theme.js";

const TRAILS = 120; // paths drawn of all
const MAP_LINES = 300; // more are a grey area
const LEVELS = 24; // of depth

const radiusOf = (count) =>
  count <= 30 ? 5 : count <= 250 ? 3 : count <= 1000 ? 2.3 : count <= 5000 ? 1.7 : count <= 20000 ? 1.2 : 0.9;

// Even rows of all.
function someRows(count, most) {
  const step = Math.max(1, count / most), rows = [];
  for (let k = 0; k < count; k += step) rows.push(Math.floor(k));
  return rows;
}

export class Panel {
  // view: what all panels share (view.js); data: this one's {paths, moved}.
  constructor(view, data, canvas) {
    this.view = view;
    this.data = data;
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { willReadFrequently: true });
    const count = view.count;
    this.now = new Float32Array(3 * count);
    this.trails = someRows(count, TRAILS);
    this.lines = someRows(count, MAP_LINES);
  }

  // The layers of points that are shown, back to front: {points, count, paint, radius, alpha}; of the
  // bridge at the time that is shown.
  layers(moving) {
    const { clouds, shown, count, colours, size, start, ownColours, pixelRatio } = this.view;
    const list = [];
    // Smaller panels have smaller points.
    const room = Math.max(0.6, Math.min(1.15, Math.sqrt(this.canvas.clientWidth / 620)));
    const radius = (n, factor) => radiusOf(n) * factor * size * pixelRatio * room;
    for (const cloud of clouds) {
      if (moving || !shown[cloud.role]) continue;
      list.push({
        points: cloud.points, count: cloud.count, sizes: cloud.sizes,
        paint: ownColours ? cloud.colours : numberOf(colours[cloud.role]),
        radius: radius(cloud.count, cloud.role === "target" ? 1.25 : 1),
        alpha: ownColours ? 230 : cloud.count > 20000 ? 95 : 110,
      });
    }
    if (!moving && shown.moved && this.data.moved) {
      list.push({ points: this.data.moved, count, paint: ownColours ? this.movedColours() : numberOf(colours.means), radius: radius(count, 0.9), alpha: 220 });
    }
    if (moving !== false && shown.bridge) {
      const paint = ownColours ? this.bridgeColours() : this.view.byStart ? start.map((k) => colours.start[k]) : numberOf(colours.moved);
      list.push({ points: this.now, count, sizes: this.view.sizes, paint, radius: radius(count, 1), alpha: 225 });
    }
    return list;
  }
  movedColours() {
    return this.view.coloursOf(this.data.moved, this.view.count);
  }
  bridgeColours() {
    return this.view.coloursOf(this.now, this.view.count);
  }

  fit() {
    const { canvas, view } = this, ratio = view.pixelRatio;
    const width = Math.max(120, Math.round(canvas.clientWidth * ratio)), height = Math.max(120, Math.round(canvas.clientHeight * ratio));
    if (!this.raster || canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      this.raster = new Raster(width, height);
      this.key = "";
    }
    // In CSS pixels, in which axes are drawn.
    this.area = areaOf(view.space, width / ratio, height / ratio, measurer(this.context));
    const r = (x) => Math.round(x * ratio);
    this.pixels = { left: r(this.area.left), top: r(this.area.top), width: r(this.area.width), height: r(this.area.height) };
    this.raster.clip(this.pixels.left, this.pixels.top, this.pixels.left + this.pixels.width, this.pixels.top + this.pixels.height);
  }

  draw() {
    const { view, context } = this;
    this.fit();
    const solid = view.space.dimension === 3;
    if (this.key !== view.stillKey()) {
      this.key = view.stillKey();
      this.drawStill(solid);
    }
    this.raster.copy(this.still);
    between(this.data.paths, view.count, view.times, view.time, this.now);
    // A wide row of a line: the time is that of the slider.
    if (view.space.dimension === 1) for (let i = 0; i < view.count; ++i) this.now[3 * i + 1] = timeToWorld(view.time);
    if (view.shown.trails) this.drawTrails();
    if (solid) this.drawSolid(this.layers());
    else this.drawFlat(this.layers(true));
    context.putImageData(this.raster.image, 0, 0);
    context.save();
    context.scale(view.pixelRatio, view.pixelRatio);
    if (view.space.dimension === 1) this.drawRidgeNow();
    this.drawChosen();
    context.restore();
  }

  // What stays while time runs.
  drawStill(solid) {
    const { view, context, raster } = this, { colours, space, camera } = view;
    context.save();
    context.scale(view.pixelRatio, view.pixelRatio);
    context.fillStyle = colours.ground;
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    if (solid) drawBox(context, space, camera, this.area, colours);
    else drawPlane(context, space, camera, this.area, colours);
    if (space.dimension === 1) this.drawRidges();
    context.restore();
    this.still = context.getImageData(0, 0, this.canvas.width, this.canvas.height);
    raster.copy(this.still);
    if (view.shown.flows && this.data.flows) this.drawFlows();
    if (!solid) this.drawFlat(this.layers(false));
    if (view.shown.lines && this.data.moved) this.drawLines();
    this.still.data.set(raster.pixels);
  }

  project(points, count) {
    const out = new Float32Array(3 * count);
    this.view.camera.project(points, count, this.pixels, out);
    return out;
  }

  drawFlat(layers) {
    for (const layer of layers) {
      const places = this.project(layer.points, layer.count), { paint, sizes } = layer;
      const sprite = this.raster.spritesOf(layer.radius);
      for (let i = 0; i < layer.count; ++i) {
        const disc = sizes ? this.raster.spritesOf((layer.radius * 1.6 * sizes[i]) / 255) : sprite;
        this.raster.disc(places[3 * i], places[3 * i + 1], disc, typeof paint === "number" ? paint : paint[i], layer.alpha);
      }
    }
  }

  // All layers in the order of depth; far points are smaller and nearer to the ground in colour.
  drawSolid(layers) {
    const total = layers.reduce((sum, layer) => sum + layer.count, 0);
    const all = new Float32Array(3 * total), of = new Uint8Array(total), order = new Uint32Array(total);
    let begin = 0;
    for (const [k, layer] of layers.entries()) {
      this.view.camera.project(layer.points, layer.count, this.pixels, all.subarray(3 * begin));
      of.fill(k, begin, begin + layer.count);
      layer.begin = begin;
      layer.shades = new Map();
      layer.discs = Array.from({ length: LEVELS }, (_, level) => this.raster.spritesOf(layer.radius * (0.75 + (0.6 * level) / LEVELS)));
      begin += layer.count;
    }
    depthOrder(all, total, order);
    const ground = numberOf(this.view.colours.ground);
    for (let k = 0; k < total; ++k) {
      const i = order[k];
      // While it moves too many points are thinned, evenly.
      if (i % this.view.thin !== 0) continue;
      const layer = layers[of[i]], { paint, shades } = layer;
      const level = Math.max(0, Math.min(LEVELS - 1, (all[3 * i + 2] * LEVELS) | 0));
      const colour = typeof paint === "number" ? paint : paint[i - layer.begin];
      const key = colour * 32 + level;
      let shade = shades.get(key);
      if (shade === undefined) shades.set(key, (shade = mixed(colour, ground, 0.55 * (1 - level / (LEVELS - 1)))));
      this.raster.disc(all[3 * i], all[3 * i + 1], layer.discs[level], shade, layer.alpha);
    }
  }

  // The way of some points up to the time that is shown.
  drawTrails() {
    const { view } = this, { times, count, colours } = view;
    if (times.length < 2) return;
    const { k, share } = sliceAt(times, view.time);
    const way = new Float32Array(3 * (k + 2));
    for (const row of this.trails) {
      for (let slice = 0; slice <= k; ++slice) {
        for (let c = 0; c < 3; ++c) way[3 * slice + c] = this.data.paths[3 * (count * slice + row) + c];
      }
      for (let c = 0; c < 3; ++c) way[3 * (k + 1) + c] = this.now[3 * row + c];
      const places = this.project(way, k + (share > 0 || k === 0 ? 2 : 1));
      const colour = view.ownColours ? numberOf(colours.line) : view.byStart ? colours.start[view.start[row]] : numberOf(colours.line);
      for (let s = 1; 3 * s < places.length; ++s) {
        this.raster.line(places[3 * s - 3], places[3 * s - 2], places[3 * s], places[3 * s + 1], colour, 150);
      }
    }
  }

  // The slice of the paths that the starting points are: the last one going backward.
  starts() {
    const { data, count, times } = this.view, slice = data.backward ? times.length - 1 : 0;
    return this.data.paths.subarray(3 * count * slice, 3 * count * (slice + 1));
  }
  // From where points start to where the plan moves them.
  drawLines() {
    const from = this.project(this.starts(), this.view.count), to = this.project(this.data.moved, this.view.count);
    const colour = numberOf(this.view.colours.line);
    for (const row of this.lines) this.raster.line(from[3 * row], from[3 * row + 1], to[3 * row], to[3 * row + 1], colour, 110);
  }

  // Mass on its way from point to point of the two clouds, darker where it is more.
  drawFlows() {
    const { clouds, colours, byStart, start } = this.view, { from, to, share } = this.data.flows;
    const [target, source] = clouds.map((cloud) => this.project(cloud.points, cloud.count));
    for (let k = 0; k < from.length; ++k) {
      const i = 3 * from[k], j = 3 * to[k];
      const colour = byStart ? colours.start[start[from[k]]] : numberOf(colours.line);
      this.raster.line(source[i], source[i + 1], target[j], target[j + 1], colour, 15 + 170 * share[k]);
    }
  }

  // Of a line: the densities of both ends on the lines of time 0 and 1.
  ridgeOptions() {
    const { camera, space } = this.view, out = [0, 0, 0];
    const across = (x) => {
      camera.project([x, 0, 0], 1, this.area, out);
      return out[0];
    };
    const foot = (t) => {
      camera.project([0, timeToWorld(t), 0], 1, this.area, out);
      return out[1];
    };
    return { across, foot, low: -1.05 * space.reach[0], high: 1.05 * space.reach[0] };
  }
  drawRidges() {
    const { clouds, shown, colours } = this.view, { across, foot, low, high } = this.ridgeOptions();
    const curves = clouds.map((cloud) => density(cloud.points, cloud.count, low, high));
    const highest = Math.max(...curves.map((curve) => Math.max(...curve))) || 1;
    this.ridgeScale = (0.2 * this.area.height) / highest;
    clouds.forEach((cloud, k) => {
      if (shown[cloud.role]) drawRidge(this.context, curves[k], low, high, across, foot(cloud.role === "source" ? 0 : 1), this.ridgeScale, colours[cloud.role], 0.25);
    });
  }
  drawRidgeNow() {
    if (!this.view.shown.bridge) return;
    const { across, foot, low, high } = this.ridgeOptions();
    const heights = density(this.now, this.view.count, low, high);
    drawRidge(this.context, heights, low, high, across, foot(this.view.time), Math.min(this.ridgeScale, (0.3 * this.area.height) / Math.max(...heights)), this.view.colours.moved, 0.3);
  }

  // The point under the pointer: its whole way, where it is, and where the plan moves it.
  drawChosen() {
    const { view, context } = this, row = view.chosen;
    if (row < 0) return;
    const { times, count, colours, camera } = view;
    const way = new Float32Array(3 * times.length);
    times.forEach((_, k) => way.set(this.data.paths.subarray(3 * (count * k + row), 3 * (count * k + row) + 3), 3 * k));
    const out = new Float32Array(way.length);
    camera.project(way, times.length, this.area, out);
    context.strokeStyle = colours.ink;
    context.lineWidth = 1.6;
    context.lineJoin = "round";
    context.beginPath();
    for (let k = 0; k < times.length; ++k) context.lineTo(out[3 * k], out[3 * k + 1]);
    context.stroke();
    const mark = (points, fill) => {
      const place = [0, 0, 0];
      camera.project(points, 1, this.area, place);
      context.beginPath();
      context.arc(place[0], place[1], 5, 0, 2 * Math.PI);
      context.fillStyle = fill;
      context.fill();
      context.stroke();
    };
    mark(this.starts().subarray(3 * row, 3 * row + 3), view.data.backward ? colours.target : colours.source);
    if (this.data.moved && view.shown.moved) mark(this.data.moved.subarray(3 * row, 3 * row + 3), colours.means);
    mark(this.now.subarray(3 * row, 3 * row + 3), colours.moved);
  }

  // The row nearest to a place in CSS pixels, no further than a finger is wide; -1: none.
  rowAt(x, y) {
    const places = new Float32Array(3 * this.view.count);
    this.view.camera.project(this.now, this.view.count, this.area, places);
    let best = -1, nearest = 18 * 18;
    for (let i = 0; i < this.view.count; ++i) {
      const distance = (places[3 * i] - x) ** 2 + (places[3 * i + 1] - y) ** 2;
      if (distance < nearest) (nearest = distance), (best = i);
    }
    return best;
  }
}

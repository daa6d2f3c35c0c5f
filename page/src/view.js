// The view: panels that share their axes, their camera, the time and the layers that are shown.

import { Camera } from "./camera.js";
import { bytes, Space } from "./data.js";
import { addControls } from "./controls.js";
import { element } from "./elements.js";
import { Panel } from "./panel.js";
import { theme } from "./theme.js";

const captionOf = (data) => [element("strong", {}, data.name), ...data.remarks.map((remark) => element("span", {}, remark))];

export class View {
  constructor(root, data) {
    this.data = data;
    this.space = new Space(data);
    this.camera = new Camera(this.space);
    this.times = data.times;
    this.count = data.count;
    this.start = Array.from(bytes(data.classes));
    this.sizes = data.sizes ? bytes(data.sizes) : null;
    this.ownColours = Boolean(data.colour);
    this.clouds = data.clouds.map((cloud) => {
      const points = this.space.decode(cloud.points, Infinity, [cloud.role === "source" ? 0 : 1]);
      const count = points.length / 3;
      return { ...cloud, points, count, sizes: cloud.sizes ? bytes(cloud.sizes) : null, colours: this.ownColours ? this.coloursOf(points, count) : null };
    });
    this.shown = { source: true, target: true, bridge: true, trails: !this.ownColours && data.times.length > 1 && this.space.dimension < 4, moved: false, lines: false, flows: false };
    this.byStart = true;
    this.size = 1;
    this.choice = 0;
    this.time = data.times.length > 1 ? data.times[0] + 0.5 * (data.times.at(-1) - data.times[0]) : 0;
    this.chosen = -1;
    this.wholeSeconds = 0;
    this.seconds = 5; // of Play, from the first time to the last
    this.colours = theme();
    this.build(root);
  }

  // 0xRRGGBB of points whose coordinates are red, green and blue.
  coloursOf(points, count) {
    const share = (i, c) => Math.max(0, Math.min(255, Math.round((255 * this.space.fromWorld(c, points[3 * i + c])) / this.data.colour)));
    return Array.from({ length: count }, (_, i) => (share(i, 0) << 16) | (share(i, 1) << 8) | share(i, 2));
  }

  build(root) {
    this.grid = element("div", { class: "panels" });
    this.status = element("p", { class: "status", "aria-live": "polite" });
    root.append(this.grid);
    addControls(this, root);
    root.append(this.status);
    this.panels = this.data.panels.map((data) => this.addPanel(data));
    this.choose(0);
    const refresh = () => {
      this.colours = theme();
      this.redraw();
    };
    this.ending = new AbortController();
    const { signal } = this.ending;
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", refresh, { signal });
    addEventListener("themechange", refresh, { signal });
    const resized = new ResizeObserver(() => this.redraw());
    resized.observe(this.grid);
    signal.addEventListener("abort", () => resized.disconnect());
    this.draw();
  }
  // Another one takes its place.
  close() {
    this.ending.abort();
  }

  addPanel(data) {
    const canvas = element("canvas", { tabindex: 0, role: "img", "aria-label": this.describe(data), "aria-describedby": "keys" });
    const figure = element("figure", { class: "panel" }, element("figcaption", {}, ...captionOf(data)), canvas);
    this.grid.append(figure);
    const panel = new Panel(this, this.decoded(data), canvas);
    panel.figure = figure;
    panel.choice = data.choice;
    this.listen(panel);
    return panel;
  }
  decoded(data) {
    return {
      paths: this.space.decode(data.paths, this.count, this.times),
      moved: data.moved ? this.space.decode(data.moved, Infinity, [1]) : null,
      flows: data.flows ?? null,
    };
  }
  // Another answer to the same clouds in the place of the k-th panel's.
  replace(k, data) {
    const panel = this.panels[k];
    this.data.panels[k] = data;
    panel.data = this.decoded(data);
    panel.key = "";
    panel.figure.querySelector("figcaption").replaceChildren(...captionOf(data));
    panel.canvas.setAttribute("aria-label", this.describe(data));
    this.redraw();
  }
  describe(data) {
    const { names, clouds, count } = this.data;
    const sizes = clouds.map((cloud) => `${cloud.total} points of the ${cloud.role}`).join(" and ");
    return `${data.name}: ${sizes}, ${count} points on their way, axes ${names.join(", ")}. ${data.remarks.join(", ")}`;
  }

  // Of several choices, as epsilons, the panels of one.
  choose(choice) {
    this.choice = choice;
    const present = this.panels.filter((panel) => panel.choice === choice || panel.choice < 0);
    for (const panel of this.panels) panel.figure.hidden = !present.includes(panel);
    this.grid.style.setProperty("--columns", Math.min(present.length, present.length === 4 ? 2 : 3));
    this.grid.classList.toggle("single", present.length === 1);
    const { reach, dimension } = this.space;
    const ratio = dimension === 2 ? Math.max(0.55, Math.min(1.05, reach[1] / (reach[0] || 1))) : dimension === 3 ? 0.85 : 0.75;
    this.grid.style.setProperty("--aspect", 1 / ratio);
    this.redraw();
  }

  // What the parts depend on that stay while time runs.
  stillKey() {
    const { camera, shown, size, pixelRatio, colours } = this;
    return JSON.stringify([camera.zoom, camera.panX, camera.panY, camera.azimuth, camera.elevation, shown, size, pixelRatio, colours.ground]);
  }

  setTime(time) {
    this.time = Math.min(this.times.at(-1), Math.max(this.times[0], time));
    this.onTime?.(this.time);
    this.redraw();
  }

  redraw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }
  draw() {
    this.pixelRatio = Math.min(2, devicePixelRatio || 1);
    const begin = performance.now();
    // Moving pictures take every second point, or fewer, where all of them take too long; a picture at rest has all.
    const quick = 0.04;
    this.thin = this.moving && this.space.dimension === 3 ? Math.min(8, Math.max(1, Math.ceil(this.wholeSeconds / quick))) : 1;
    for (const panel of this.panels) if (!panel.figure.hidden && panel.canvas.clientWidth > 0) panel.draw();
    this.drawSeconds = (performance.now() - begin) / 1000;
    if (this.thin === 1) this.wholeSeconds = this.drawSeconds;
    clearTimeout(this.rest);
    if (this.thin > 1) {
      this.rest = setTimeout(() => {
        this.moving = false;
        this.redraw();
      }, 200);
    }
    this.moving = false;
    this.showChosen();
  }

  showChosen() {
    const row = this.chosen;
    if (row === this.toldRow && this.time === this.toldTime) return;
    (this.toldRow = row), (this.toldTime = this.time);
    if (row < 0) {
      this.status.textContent = this.status.dataset.hint;
      return;
    }
    const present = this.panels.filter((panel) => !panel.figure.hidden);
    const name = this.data.ids ? this.data.ids[row] : `point ${this.data.rows[row]}`;
    const places = present.map((panel) => {
      const now = this.space.text(panel.now, row);
      const mean = panel.data.moved ? `, ${this.data.moved} ${this.space.text(panel.data.moved, row)}` : "";
      return `${present.length > 1 ? panel.figure.querySelector("strong").textContent + " " : ""}${now}${mean}`;
    });
    this.status.textContent = `${name}: starts at ${this.space.text(present[0].starts(), row)}; at t ${this.time.toFixed(2)}: ${places.join("; ")}`;
  }

  listen(panel) {
    const { canvas } = panel, held = new Map();
    let moved = false;
    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    const pick = (event) => {
      const row = panel.rowAt(...place(event));
      if (row !== this.chosen) (this.chosen = row), this.redraw();
    };
    canvas.addEventListener("pointerdown", (event) => {
      held.set(event.pointerId, [event.clientX, event.clientY]);
      canvas.setPointerCapture(event.pointerId);
      moved = false;
    });
    canvas.addEventListener("pointermove", (event) => {
      const from = held.get(event.pointerId);
      if (!from) {
        if (event.pointerType === "mouse") pick(event);
        return;
      }
      const to = [event.clientX, event.clientY];
      if (held.size === 2) {
        const other = [...held].find(([id]) => id !== event.pointerId)[1];
        const length = (p) => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
        this.camera.enlarge(length(to) / length(from));
      } else {
        this.camera.drag(to[0] - from[0], to[1] - from[1], panel.area);
        this.moving = true;
      }
      if (Math.hypot(to[0] - from[0], to[1] - from[1]) > 1) moved = true;
      held.set(event.pointerId, to);
      this.redraw();
    });
    const release = (event) => {
      if (held.delete(event.pointerId) && !moved) pick(event);
    };
    canvas.addEventListener("pointerup", release);
    canvas.addEventListener("pointercancel", (event) => held.delete(event.pointerId));
    canvas.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse" && held.size === 0 && this.chosen >= 0) (this.chosen = -1), this.redraw();
    });
    // With a modifier, as on maps: else the page scrolls.
    canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey) return;
      event.preventDefault();
      this.camera.enlarge(Math.exp(-event.deltaY / 300));
      this.redraw();
    }, { passive: false });
    canvas.addEventListener("dblclick", () => this.resetCamera());
    canvas.addEventListener("keydown", (event) => this.press(event, panel));
  }

  press(event, panel) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = 30, shifts = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (shifts[event.key]) this.camera.drag(...shifts[event.key], panel.area);
    else if (event.key === "+" || event.key === "=") this.camera.enlarge(1.25);
    else if (event.key === "-") this.camera.enlarge(0.8);
    else if (event.key === "0") this.camera.reset();
    else if (event.key === " ") this.togglePlay?.();
    else if (event.key === "n" || event.key === "p") this.chosen = (this.chosen + (event.key === "n" ? 1 : this.count - 1) + this.count) % this.count;
    else if (event.key === "Escape") this.chosen = -1;
    else return;
    event.preventDefault();
    this.redraw();
  }
  resetCamera() {
    this.camera.reset();
    this.redraw();
  }
}

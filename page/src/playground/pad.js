// A pad: one of the two clouds, chosen, drawn by hand or read from a file.

import { element } from "../elements.js";
import { Raster } from "../raster.js";
import { numberOf, theme } from "../theme.js";
import { MOST, csvOf, readCsv } from "./csv.js";

const SPRAY = 0.015; // deviation of drawn points around the pen, in sides of the pad
const EACH = 2; // points for each place that the pen is seen at
const SPLASH = 12; // points for a key
const STEP = 0.04; // of the pen by an arrow key, in sides

const HAND = "drawn by hand", FILE = "a file";

// Box and Muller's pairs: what is drawn by hand needs no seed, its points are kept.
const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());

export class Pad {
  // toys: names; draw(name): the points of a toy; changed(chosen): the cloud has other points, or is another one; say(words):
  // what went wrong.
  constructor(root, { side, toys, toy, draw, changed, say }) {
    Object.assign(this, { side, draw, changed, say, kind: "toy", name: toy, points: new Float64Array(), note: "", window: { low: [-6, -6], size: 12 } });
    this.pen = [0.5, 0.5];
    const option = (value, word) => element("option", { value }, word);
    this.choice = element("select", { "aria-label": `${side} cloud` }, option(HAND, HAND), ...toys.map((name) => option(name, name)));
    this.choice.value = toy;
    this.choice.addEventListener("change", () => (this.choice.value === HAND ? this.beginDrawing() : this.take("toy", this.choice.value)));
    this.canvas = element("canvas", { class: "pad", tabindex: 0, role: "img" });
    this.context = this.canvas.getContext("2d", { willReadFrequently: true });
    this.pencil = element("button", { type: "button", "aria-pressed": "false", onclick: () => this.beginDrawing() }, "Draw");
    const file = element("input", { type: "file", accept: ".csv,.txt,text/csv", class: "hidden-text", "aria-label": `a CSV file as the ${side}` });
    file.addEventListener("change", () => {
      if (file.files[0]) this.read(file.files[0]);
      file.value = "";
    });
    const save = element("button", { type: "button", onclick: () => this.save() }, "Save");
    save.title = `download ${side}.csv`;
    this.count = element("span", { class: "count" });
    this.box = element("fieldset", { class: `cloud ${side}` },
      element("legend", {}, element("i", { class: `swatch ${side}`, "aria-hidden": "true" }), side === "source" ? "Source" : "Target", this.count),
      this.choice, this.canvas, element("div", { class: "bar" }, this.pencil, element("label", { class: "button" }, file, "CSV\u2026"), save));
    root.append(this.box);
    this.listen();
    new ResizeObserver(() => this.paint()).observe(this.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.paint());
    addEventListener("themechange", () => this.paint());
  }
  get size() {
    return this.points.length / 2;
  }

  // A toy again, as number of points and seed have changed.
  refresh() {
    if (this.kind === "toy") this.points = this.draw(this.name);
  }
  take(kind, name, points, note = "") {
    Object.assign(this, { kind, name, note });
    if (points) this.points = points;
    this.refresh();
    this.pencil.setAttribute("aria-pressed", String(kind === HAND));
    this.pencil.textContent = kind === HAND ? "Clear" : "Draw";
    this.canvas.classList.toggle("pen", kind === HAND);
    const known = [...this.choice.options].some((one) => one.value === name);
    if (!known) {
      this.choice.querySelector("[data-file]")?.remove();
      this.choice.append(element("option", { value: name, "data-file": true }, name));
    }
    this.choice.value = name;
    this.changed(true);
  }
  beginDrawing() {
    this.take(HAND, HAND, new Float64Array());
  }
  async read(file) {
    try {
      const { points, note } = readCsv(file.name, await file.text());
      this.take(FILE, file.name, points, note ? `${file.name}: ${note}` : "");
    } catch (error) {
      this.say(error.message);
    }
  }
  save() {
    const address = URL.createObjectURL(new Blob([csvOf(this.points)], { type: "text/csv" }));
    element("a", { href: address, download: `${this.side}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  // Points around a place of the pad, given in sides from its upper left corner.
  add(place, count) {
    const room = Math.min(count, MOST - this.size);
    if (room <= 0) return this.say(`${this.side}: ${MOST} points are as many as this page takes`);
    const { low, size } = this.window, grown = new Float64Array(this.points.length + 2 * room);
    grown.set(this.points);
    for (let k = 0; k < room; ++k) {
      grown[this.points.length + 2 * k] = low[0] + size * (place[0] + SPRAY * normal());
      grown[this.points.length + 2 * k + 1] = low[1] + size * (1 - place[1] + SPRAY * normal());
    }
    this.points = grown;
    this.paint();
    this.changed(false);
  }
  listen() {
    const { canvas } = this;
    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    };
    let held = false;
    canvas.addEventListener("pointerdown", (event) => {
      if (this.kind !== HAND) return;
      held = true;
      canvas.setPointerCapture(event.pointerId);
      this.add(place(event), SPLASH / 2);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!held) return;
      for (const one of event.getCoalescedEvents?.() ?? [event]) this.add(place(one), EACH);
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (held = false));
    canvas.addEventListener("keydown", (event) => {
      const shift = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
      if (this.kind !== HAND || (!shift && event.key !== " " && event.key !== "Enter")) return;
      event.preventDefault();
      if (!shift) return this.add(this.pen, SPLASH);
      this.pen = this.pen.map((c, k) => Math.min(1, Math.max(0, c + shift[k])));
      this.paint();
    });
    for (const end of ["focus", "blur"]) canvas.addEventListener(end, () => this.paint());
    this.box.addEventListener("dragover", (event) => event.preventDefault());
    this.box.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files[0]) this.read(event.dataTransfer.files[0]);
    });
  }

  paint() {
    const { canvas, context, points } = this, ratio = Math.min(2, devicePixelRatio || 1);
    const side = Math.round(canvas.clientWidth * ratio), colours = theme();
    this.count.textContent = `${this.size} point${this.size === 1 ? "" : "s"}`;
    canvas.setAttribute("aria-label", `${this.side}: ${this.name}, ${this.size} points.` +
      (this.kind === HAND ? " Draw here, or move the pen by arrow keys and put points by space." : ""));
    if (side === 0) return;
    if (canvas.width !== side) {
      canvas.width = canvas.height = side;
      this.raster = new Raster(side, side);
    }
    context.fillStyle = colours.ground;
    context.fillRect(0, 0, side, side);
    this.raster.copy(context.getImageData(0, 0, side, side));
    const { low, size } = this.window, disc = this.raster.spritesOf((this.size > 400 ? 1.3 : 2) * ratio), colour = numberOf(colours[this.side]);
    for (let i = 0; i < points.length; i += 2) {
      this.raster.disc((side * (points[i] - low[0])) / size, side * (1 - (points[i + 1] - low[1]) / size), disc, colour, 190);
    }
    context.putImageData(this.raster.image, 0, 0);
    if (this.kind !== HAND) return;
    context.fillStyle = colours.faint;
    context.textAlign = "center";
    context.font = `${13 * ratio}px system-ui, sans-serif`;
    if (this.size === 0) context.fillText("draw here", side / 2, side / 2 - 14 * ratio);
    if (document.activeElement !== canvas) return;
    context.strokeStyle = colours.ink;
    context.strokeRect(side * this.pen[0] - 5 * ratio, side * this.pen[1] - 5 * ratio, 10 * ratio, 10 * ratio);
  }
}

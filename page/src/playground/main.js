// The playground: two clouds, a noise level, and the answers of two solvers, which run in workers.

import { addButtons } from "../buttons.js";
import { Chart } from "../charts.js";
import { element } from "../elements.js";
import { View } from "../view.js";
import { emptyPanel, FEW, panelOf, reachOf, TIMES, trackOf, viewOf, windowOf } from "./answers.js";
import { MOST } from "./csv.js";
import { Library } from "./library.js";
import { commandOf, duration, fillTable, number, verdictOf } from "./numbers.js";
import { Pad } from "./pad.js";
import { Solver } from "./solver.js";

const PAUSE = 150; // milliseconds between questions while a cloud changes
const LAYERS = { plan: ["source", "target", "flows"], map: ["source", "target", "moved", "lines"], bridge: ["source", "target", "bridge", "trails"] };

const at = (id) => document.getElementById(id);
const say = (words) => (at("problem").textContent = words);
const rounded = (value, digits) => Number(value.toPrecision(digits));

async function moduleOf(text) {
  const packed = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  const bytes = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  return WebAssembly.compile(bytes);
}

class Playground {
  constructor(module, library) {
    this.library = library;
    this.records = { sinkhorn: [], exact: [] };
    this.reports = { sinkhorn: null, exact: null };
    this.layers = "bridge";
    this.tolerance = 1e-6; // Sinkhorn's own
    const script = URL.createObjectURL(new Blob([at("worker").textContent], { type: "text/javascript" }));
    this.solvers = Object.fromEntries(["sinkhorn", "exact"].map((name) => [name, new Solver(script, module, (message, question) => this.hear(name, message, question))]));
    const toys = library.toys();
    const pad = (side, toy) =>
      new Pad(at("pads"), { side, toys, toy, say, changed: (chosen) => this.later(chosen), draw: (name) => library.draw(name, side, this.seed, this.n) });
    this.source = pad("source", "moons@torchcfm");
    this.target = pad("target", "8gaussians@torchcfm");
    this.addCharts();
    this.listen();
    this.refresh();
    this.later(true);
  }
  get n() {
    return rounded(10 ** Number(at("points").value), 2);
  }
  get seed() {
    return Math.min(2 ** 32, Math.max(0, Math.floor(Number(at("seed").value)) || 0));
  }
  get relative() {
    return rounded(10 ** Number(at("epsilon").value), 2);
  }

  addCharts() {
    this.charts = {};
    for (const [name, words] of [["sinkhorn", "both marginals' errors, while it runs"], ["exact", ""]]) {
      const chart = new Chart(name);
      chart.remark = element("span", {}, words);
      at("charts").append(element("figure", { class: "chart" }, element("figcaption", {}, element("strong", {}, name), chart.remark), chart.axis, chart.place));
      this.charts[name] = chart;
    }
  }
  listen() {
    at("epsilon").addEventListener("input", () => this.changeEpsilon());
    for (const id of ["points", "seed"]) {
      at(id).addEventListener("input", () => {
        this.refresh();
        this.later();
      });
    }
    at("again").addEventListener("click", () => {
      at("seed").value = this.seed + 1;
      this.refresh();
      this.later();
    });
    // A file that misses the pads replaces no page.
    for (const kind of ["dragover", "drop"]) document.addEventListener(kind, (event) => event.preventDefault());
    for (const radio of document.querySelectorAll("input[name=shown]")) {
      radio.addEventListener("change", () => {
        this.layers = radio.value;
        this.showLayers();
      });
    }
  }
  refresh() {
    for (const pad of [this.source, this.target]) pad.refresh();
  }
  showLayers(names = LAYERS[this.layers]) {
    this.view?.show(names);
    at("view").classList.toggle("still", this.layers !== "bridge");
    this.fit();
  }
  // Noise carries paths beyond the clouds: seen from further off, unless the visitor has chosen a place.
  fit() {
    const camera = this.view?.camera;
    if (!camera || camera.panX !== 0 || camera.panY !== 0 || ![1, this.zoom].includes(camera.zoom)) return;
    camera.zoom = this.zoom = this.layers === "bridge" ? 1 / (this.reach ?? 1) : 1;
    this.view.redraw();
  }

  // While a cloud is drawn, or a slider is held. chosen: a cloud is another one; else the ground does not move under the pen.
  later(chosen = false) {
    const { source, target } = this;
    if (chosen) source.window = target.window = windowOf([source.points, target.points], source.size && target.size ? 0.06 : 0.15);
    at("pointcount").textContent = this.n;
    for (const pad of [source, target]) pad.paint();
    this.pause ??= setTimeout(() => {
      this.pause = null;
      this.changeClouds();
    }, PAUSE);
  }
  changeClouds() {
    const { source, target, library } = this;
    // Answers that are on their way are of other clouds, and numbers that are there too.
    this.clouds = null;
    this.unit = 0;
    for (const name of ["sinkhorn", "exact"]) {
      this.reports[name] = null;
      this.charts[name].place.classList.add("old");
    }
    this.waitingExact = null;
    fillTable(at("numbers"), this.reports);
    const missing = [source, target].find((pad) => pad.size === 0);
    if (missing) return this.without(`The ${missing.side} has no points yet: draw some, or choose a cloud.`);
    const clouds = { x: source.points, y: target.points }, unit = library.unit(clouds.x, clouds.y);
    if (unit === 0) return this.without("All points of both clouds are in one place: there is nothing to move.");
    say("");
    this.clouds = clouds;
    this.unit = unit;
    this.changeEpsilon();
    this.ask("exact");
  }
  // There is no answer, and this is why.
  without(words) {
    at("headline").textContent = "\u2026";
    at("view").classList.add("old");
    for (const id of ["notes", "absolute", "command"]) at(id).replaceChildren();
    say(words);
  }
  changeEpsilon() {
    const relative = this.relative;
    at("relative").textContent = String(relative);
    at("epsilon").setAttribute("aria-valuetext", `${relative} of the mean cost`);
    if (!(this.unit > 0)) return; // said already
    this.epsilon = rounded(relative * this.unit, 4);
    at("absolute").textContent = number(this.epsilon);
    at("command").textContent = ["sinkhorn", "exact"].map((name) => commandOf(this, name)).join("\n");
    this.ask("sinkhorn");
  }
  ask(solver) {
    const { clouds, epsilon, tolerance, seed } = this;
    this.solvers[solver].ask({ solver, ...clouds, clouds, epsilon, tolerance, seed, times: TIMES, few: FEW });
  }

  hear(solver, message, question) {
    if (question.clouds !== this.clouds) return; // which are no longer there
    if (message.asked) this.records[solver] = [];
    else if (message.progress) this.records[solver].push(message.progress);
    else if (message.refused) this.refuse(solver, message.refused);
    else this.show(solver, message, question);
    if (!message.refused) this.showRun(solver);
  }
  refuse(solver, words) {
    this.reports[solver] = null;
    fillTable(at("numbers"), this.reports);
    const why = `${solver}: ${words}`;
    if (Object.values(this.reports).some(Boolean)) say(why);
    else this.without(why);
  }
  // Records come faster than pictures are drawn.
  showRun(solver) {
    if (this.drawing?.[solver]) return;
    (this.drawing ??= {})[solver] = true;
    requestAnimationFrame(() => {
      this.drawing[solver] = false;
      const track = trackOf(solver, this.records[solver], solver === "sinkhorn" ? this.tolerance : 0), chart = this.charts[solver];
      if (!track) return;
      // One look at the gap, when all is done, is no curve.
      const curve = track.series.some((one) => new Set(one.x).size > 1);
      if (solver === "exact") chart.remark.textContent = curve ? "the gap, while it runs" : `its gap was looked at once, in the end: ${number(track.series[0].y.at(-1))}`;
      chart.axis.hidden = chart.place.hidden = !curve;
      if (curve) chart.show(track);
      chart.place.classList.remove("old");
    });
  }
  show(solver, { answer, wall }, question) {
    if (solver === "exact" && this.shownClouds !== question.clouds) {
      this.waitingExact = [{ answer, wall }, question];
      return;
    }
    this.reports[solver] = answer.report;
    this.wall = { ...this.wall, [solver]: wall };
    const remarks = solver === "exact" ? ["no noise"] : [`\u03b5 ${number(question.epsilon)}`];
    const panel = panelOf(solver, [...remarks, duration(answer.report.seconds)], answer);
    if (this.shownClouds === question.clouds) {
      this.view.replace(solver === "exact" ? 1 : 0, panel);
    } else {
      this.newView(question, panel);
      if (this.waitingExact) this.show("exact", ...this.waitingExact);
    }
    at("view").classList.remove("old");
    if (solver === "sinkhorn") this.reach = reachOf(answer.paths, this.view.data);
    this.fit();
    fillTable(at("numbers"), this.reports);
    at("headline").textContent = this.reports.sinkhorn ? verdictOf(this.reports.sinkhorn) : "\u2026";
    const notes = [...new Set([this.source.note, this.target.note, ...Object.values(this.reports).flatMap((report) => report?.notes ?? [])].filter(Boolean))];
    at("notes").replaceChildren(...notes.map((note) => element("li", {}, note)));
    this.answered = (this.answered ?? 0) + 1;
  }
  newView(question, panel) {
    const before = this.view;
    before?.close();
    at("view").replaceChildren();
    this.view = new View(at("view"), viewOf(question.clouds, [panel, emptyPanel("exact", "\u2026", question.x.length / 2)]));
    at("view").closest("section").view = this.view; // for those who look at it by a console
    this.shownClouds = question.clouds;
    if (before) {
      Object.assign(this.view, { size: before.size, byStart: before.byStart });
      this.view.setTime(before.time);
    }
    this.showLayers(before && Object.keys(before.shown).filter((key) => before.shown[key]));
  }
}

async function start() {
  addButtons();
  try {
    const module = await moduleOf(at("module").textContent);
    document.documentElement.classList.add("live-view", "live-charts");
    window.playground = new Playground(module, await Library.of(module));
  } catch (error) {
    document.documentElement.classList.remove("live-view", "live-charts");
    say(`This browser cannot run the solvers (${error.message}). They need WebAssembly with vectors: a browser of 2023 or newer.`);
  }
}
at("points").max = Math.log10(MOST);
start();

// The page that is read without scripts becomes one that moves. What fails leaves the drawings.

import { addButtons } from "./buttons.js";
import { addCharts } from "./charts.js";
import { readData } from "./data.js";
import { View } from "./view.js";

const data = readData();
const page = document.documentElement;

const view = document.getElementById("view");
if (view && data.view) {
  const made = new View(view, data.view);
  page.classList.add("live-view");
  made.redraw();
  view.closest("section").view = made; // for those who look at it by a console
}

const charts = document.getElementById("charts");
if (charts && data.runs.length > 0) {
  page.classList.add("live-charts");
  addCharts(charts, data.runs);
}

addButtons();

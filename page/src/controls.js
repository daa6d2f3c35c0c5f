// Play, the slider of time, layers, colours and sizes.

import { element } from "./elements.js";

function addTime(view, root) {
  const first = view.times[0], last = view.times.at(-1);
  const button = element("button", { type: "button", class: "play" }, "Play");
  const slider = element("input", { type: "range", min: first, max: last, step: (last - first) / 1000, "aria-label": "time" });
  const shown = element("output", {});
  const loop = element("input", { type: "checkbox" });
  root.append(element("div", { class: "bar time" }, button, slider, shown, element("label", {}, loop, "loop")));
  view.onTime = (time) => {
    slider.value = time;
    slider.setAttribute("aria-valuetext", `time ${time.toFixed(2)}`);
    shown.textContent = `t = ${time.toFixed(2)}`;
  };
  view.onTime(view.time);
  slider.addEventListener("input", () => {
    stop();
    view.setTime(Number(slider.value));
  });

  let playing = false, before = null;
  function stop() {
    playing = false;
    button.textContent = "Play";
    button.setAttribute("aria-pressed", "false");
  }
  function step(now) {
    if (!playing) return;
    // A frame's time stamp may lie before the moment that the button was pressed.
    // Where pictures take long the film is slower, and leaves nothing out.
    const passed = before === null ? 0 : Math.min(0.15, Math.max(0, now - before) / 1000);
    before = now;
    const time = view.time + (passed * (last - first)) / view.seconds;
    view.moving = time < last;
    if (time >= last && loop.checked) view.setTime(first);
    else view.setTime(time);
    if (time >= last && !loop.checked) stop();
    else requestAnimationFrame(step);
  }
  view.togglePlay = () => {
    if (playing) return stop();
    playing = true;
    before = null;
    button.textContent = "Pause";
    button.setAttribute("aria-pressed", "true");
    if (view.time >= last - 1e-9) view.setTime(first);
    requestAnimationFrame(step);
  };
  button.addEventListener("click", view.togglePlay);
}

// What "shown of all" says of a cloud.
const counted = (name, shown, total) => (shown < total ? `${name}, ${shown} of ${total}` : `${name}, ${total}`);

function layersOf(view) {
  const { data, clouds, times } = view, layers = [];
  for (const cloud of [...clouds].reverse()) layers.push([cloud.role, counted(cloud.role, cloud.count, cloud.total), `swatch ${cloud.role}`]);
  if (times.length > 1) layers.push(["bridge", counted("on their way", data.count, data.total), "swatch moved"], ["trails", "their paths", "swatch dash"]);
  else layers.push(["bridge", counted("points", data.count, data.total), "swatch moved"]);
  if (data.flows) layers.push(["flows", data.flows, "swatch dash"]);
  if (data.panels.some((panel) => panel.moved)) layers.push(["moved", data.moved, "swatch means"], ["lines", "lines to it", "swatch dash"]);
  return layers;
}

function toggle(label, swatch, checked, change) {
  const box = element("input", { type: "checkbox", checked });
  box.addEventListener("change", () => change(box.checked));
  return element("label", {}, box, ...(swatch ? [element("i", { class: swatch, "aria-hidden": "true" })] : []), label);
}

export function addControls(view, root) {
  if (view.times.length > 1) addTime(view, root);
  const { data } = view;
  if (data.choices.length > 1) {
    const choices = data.choices.map((name, k) => {
      const radio = element("input", { type: "radio", name: "choice", checked: k === 0 });
      radio.addEventListener("change", () => view.choose(k));
      return element("label", {}, radio, name);
    });
    root.append(element("fieldset", { class: "bar choices" }, element("legend", {}, "shown"), ...choices));
  }
  const keys = layersOf(view);
  const layers = keys.map(([key, label, swatch]) =>
    toggle(label, view.ownColours ? "" : swatch, view.shown[key], (on) => {
      view.shown[key] = on;
      view.redraw();
    }));
  // Sets of layers by a name.
  view.show = (names) => {
    keys.forEach(([key], k) => (layers[k].querySelector("input").checked = view.shown[key] = names.includes(key)));
    view.redraw();
  };
  const size = element("input", { type: "range", min: 0.5, max: 3, step: 0.1, value: 1, "aria-label": "size of points" });
  size.addEventListener("input", () => {
    view.size = Number(size.value);
    view.redraw();
  });
  const more = [element("label", { class: "size" }, "size", size)];
  if (!view.ownColours && view.space.dimension > 1) {
    more.push(toggle("colour by start", "swatch ramp", view.byStart, (on) => {
      view.byStart = on;
      view.redraw();
    }));
  }
  more.push(element("button", { type: "button", onclick: () => view.resetCamera() }, "Reset view"));
  root.append(element("div", { class: "bar layers", role: "group", "aria-label": "layers" }, ...layers, ...more));
  const turn = view.space.dimension === 3 ? "turn" : "move";
  root.append(element("p", { id: "keys", class: "hidden-text" },
    `Arrow keys ${turn} the view, plus and minus enlarge it, 0 resets it, space plays, n and p step through the points.`));
  view.status.dataset.hint = `Drag to ${turn}, Ctrl + wheel or two fingers to enlarge; point at a dot to follow it.`;
}

// Opens report pages in Chromium, as a reader would, and fails where one does not answer: play, slider, layers, no
// message on the console, no request. Each page three times, since what depends on the clock fails now and then.
//
// usage: node browser.mjs [--shots FOLDER] PAGE.html...
import { mkdirSync } from "node:fs";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { browserPath, chromium } from "./chromium.mjs";

const RUNS = 3;
const SIZES = { desktop: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } };

const words = process.argv.slice(2);
const at = words.indexOf("--shots");
const shots = at >= 0 ? words.splice(at, 2)[1] : null;
if (shots) mkdirSync(shots, { recursive: true });

let failures = 0;
function check(page, holds, what) {
  if (holds) return;
  ++failures;
  console.error(`${page}: ${what}`);
}

// The pixels of the first panel, as one number, and how many of them are not the ground.
const look = (page) =>
  page.evaluate(() => {
    const canvas = document.querySelector("#view .panel:not([hidden]) canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0, marked = 0;
    for (let k = 0; k < data.length; k += 4) {
      sum = (sum * 31 + data[k] * 65536 + data[k + 1] * 256 + data[k + 2]) % 4294967291;
      if (data[k] !== data[0] || data[k + 1] !== data[1] || data[k + 2] !== data[2]) ++marked;
    }
    return { sum, share: (4 * marked) / data.length };
  });
// Frames are drawn when the browser is ready for them.
const settle = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

async function opened(browser, file, options, name) {
  const context = await browser.newContext({ offline: true, ...options });
  const page = await context.newPage();
  page.on("pageerror", (error) => check(name, false, `error: ${error.message}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) check(name, false, `console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (!/^(file|data):/.test(request.url())) check(name, false, `request: ${request.url()}`);
  });
  await page.goto(pathToFileURL(resolve(file)).href);
  return { context, page };
}

// Empty, or what sticks out to the right.
const tooWide = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth ? "" :
  [...document.querySelectorAll("main *, header *")].filter((one) => one.getBoundingClientRect().right > innerWidth && !one.closest(".scroll"))
    .map((one) => `${one.tagName}.${one.className}`).slice(0, 4).join(" ") || "something");

// The view answers: it moves, layers come and go, the camera turns, a dot tells its way.
async function exercise(page, name) {
  const play = page.locator("button.play");
  if ((await play.count()) > 0) {
    await page.evaluate(() => (document.getElementById("view").closest("section").view.seconds = 1));
    const slider = page.locator('input[aria-label="time"]');
    await slider.focus();
    await page.keyboard.press("Home");
    await settle(page);
    const start = await look(page);
    await page.keyboard.press("End");
    await settle(page);
    const end = await look(page);
    check(name, start.sum !== end.sum, "the slider moves nothing");
    check(name, (await page.locator(".time output").textContent()) === "t = 1.00", "the slider does not end at t = 1");
    const played = await page.evaluate(() => new Promise((done) => {
      const view = document.getElementById("view").closest("section").view, button = document.querySelector("button.play");
      const times = [], tell = view.onTime;
      view.onTime = (time) => {
        tell(time);
        times.push(time);
      };
      button.click();
      const word = button.textContent;
      const wait = () => (button.textContent === "Play" ? done({ word, times }) : requestAnimationFrame(wait));
      requestAnimationFrame(wait);
    }));
    check(name, played.word === "Pause", "Play does not begin");
    check(name, played.times.length > 4 && played.times.at(-1) === 1 && played.times.every((time, k) => k === 0 || time >= played.times[k - 1]),
      `Play goes through ${played.times.length} times`);
    await settle(page);
    check(name, (await look(page)).sum === end.sum, "Play does not end where the slider ends");
  }
  const full = await look(page);
  check(name, full.share > 0.002, "the view is empty");
  for (const box of await page.locator(".layers input[type=checkbox]").all()) {
    const before = await look(page);
    await box.click();
    await settle(page);
    check(name, (await look(page)).sum !== before.sum, `layer ${await box.evaluate((b) => b.parentElement.textContent)} changes nothing`);
    await box.click();
    await settle(page);
  }
  check(name, (await look(page)).sum === full.sum, "layers do not come back as they were");
  const canvas = page.locator("#view .panel:not([hidden]) canvas").first();
  await canvas.focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("n");
  await settle(page);
  check(name, (await look(page)).sum !== full.sum, "arrow keys turn nothing");
  check(name, /starts at \(.*\); at t /.test(await page.locator(".status").textContent()), "no point tells its way");
  await page.keyboard.press("Escape");
  await page.locator("text=Reset view").click();
  await settle(page);
  check(name, (await look(page)).sum === full.sum, "the view is not reset");
  for (const radio of await page.locator(".choices input").all()) {
    await radio.click();
    await settle(page);
    check(name, (await look(page)).share > 0.002, "a choice shows nothing");
  }
}

async function visit(browser, file, run) {
  const name = basename(file);
  const { context, page } = await opened(browser, file, { viewport: SIZES.desktop }, name);
  check(name, (await page.locator(".headline").textContent()).length > 10, "no verdict");
  check(name, !(await tooWide(page)), "wider than the window");
  if (shots && run === 0) await page.screenshot({ path: `${shots}/${name}.desktop.png`, fullPage: true });
  if ((await page.locator("#view").count()) > 0) {
    check(name, (await page.locator("#view canvas").count()) > 0, "no view");
    await exercise(page, name);
  }
  check(name, (await page.evaluate(() => [...document.querySelectorAll("button, input, canvas, img")].filter((one) =>
    !one.hidden && !(one.textContent || one.ariaLabel || one.alt || one.closest("label, [role=img]"))).length)) === 0, "a control has no name");
  await context.close();
}

// Narrow, dark, on paper, without scripts, without WebGL: the page answers.
async function elsewhere(browser, file) {
  const name = basename(file);
  const phone = await opened(browser, file, { viewport: SIZES.phone, deviceScaleFactor: 2, colorScheme: "dark", hasTouch: true }, name);
  let wide = await tooWide(phone.page);
  check(name, !wide, `wider than a phone: ${wide}`);
  if (shots) await phone.page.screenshot({ path: `${shots}/${name}.phone.png`, fullPage: true });
  await phone.page.setViewportSize({ width: 320, height: 640 });
  await settle(phone.page);
  wide = await tooWide(phone.page);
  check(name, !wide, `wider than 320 pixels: ${wide}`);
  await phone.context.close();

  const still = await opened(browser, file, { viewport: SIZES.desktop, javaScriptEnabled: false }, name);
  const drawings = await still.page.locator(".drawing img").all();
  const needed = (await still.page.locator("#view").count()) > 0 ? 1 : 0;
  check(name, drawings.length >= needed, "no drawing without scripts");
  for (const drawing of drawings) check(name, await drawing.isVisible(), "a drawing is hidden without scripts");
  if (shots) await still.page.screenshot({ path: `${shots}/${name}.noscript.png`, fullPage: true });
  await still.context.close();

  if (shots) {
    const paper = await opened(browser, file, { viewport: { width: 794, height: 1123 } }, name);
    await paper.page.emulateMedia({ media: "print" });
    await paper.page.screenshot({ path: `${shots}/${name}.print.png`, fullPage: true });
    await paper.context.close();
  }
}

const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox", "--disable-3d-apis"] });
// Two at a time: pages wait for frames more than for processors.
const queue = [...words];
const visits = async () => {
  for (let file = queue.shift(); file; file = queue.shift()) {
    for (let run = 0; run < RUNS; ++run) await visit(browser, file, run);
    await elsewhere(browser, file);
  }
};
await Promise.all([visits(), visits()]);
await browser.close();
if (words.length === 0) check("browser.mjs", false, "no page was named");
if (failures === 0) console.log(`${words.length} pages, ${RUNS} times each: clean`);
process.exitCode = failures > 0 ? 1 : 0;

// What tests of pages have in common: a page opened as a reader would, and a view that answers.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

export const SIZES = { desktop: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } };

export let failures = 0;
export function check(page, holds, what) {
  if (holds) return;
  ++failures;
  console.error(`${page}: ${what}`);
}

// The pixels of the first panel, as one number, and how many of them are not the ground.
export const look = (page) =>
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
export const settle = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

export async function opened(browser, file, options, name) {
  const context = await browser.newContext({ offline: true, ...options });
  const page = await context.newPage();
  page.on("pageerror", (error) => check(name, false, `error: ${error.message}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) check(name, false, `console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) check(name, false, `request: ${request.url()}`);
  });
  await page.goto(pathToFileURL(resolve(file)).href);
  return { context, page };
}

// Empty, or what sticks out to the right.
export const tooWide = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth ? "" :
  [...document.querySelectorAll("main *, header *")].filter((one) => one.getBoundingClientRect().right > innerWidth && !one.closest(".scroll"))
    .map((one) => `${one.tagName}.${one.className}`).slice(0, 4).join(" ") || "something");

// How many controls say nothing to those who do not see them.
export const unnamed = (page) =>
  page.evaluate(() => [...document.querySelectorAll("button, input, select, canvas, img")].filter((one) =>
    !one.hidden && !(one.textContent || one.ariaLabel || one.alt || one.labels?.length || one.closest("[role=img]"))).length);

// The view answers: it moves, layers come and go, the camera turns, a dot tells its way.
export async function exercise(page, name) {
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

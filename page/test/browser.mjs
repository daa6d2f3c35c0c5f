// Opens report pages in Chromium, as a reader would, and fails where one does not answer: play, slider, layers, no
// message on the console, no request. PAGE_RUNS=3 visits each page three times, since what depends on the clock fails now and then.
//
// usage: node browser.mjs [--shots FOLDER] PAGE.html...
import { mkdirSync } from "node:fs";
import { basename } from "node:path";
import { browserPath, chromium } from "./chromium.mjs";
import { check, exercise, failures, opened, settle, SIZES, tooWide, unnamed } from "./reader.mjs";

const RUNS = Number(process.env.PAGE_RUNS ?? 1);

const words = process.argv.slice(2);
const at = words.indexOf("--shots");
const shots = at >= 0 ? words.splice(at, 2)[1] : null;
if (shots) mkdirSync(shots, { recursive: true });

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
  check(name, (await unnamed(page)) === 0, "a control has no name");
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
if (failures === 0) console.log(`${words.length} pages, ${RUNS} time(s) each: clean`);
process.exitCode = failures > 0 ? 1 : 0;

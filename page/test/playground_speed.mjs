// How long answers of the playground take, from the slider to the picture: both solvers on 2000 points of each cloud, then
// Sinkhorn for thirteen noises. usage: node page/test/playground_speed.mjs [POINTS [SOURCE TARGET]]
import { browserPath, chromium } from "./chromium.mjs";

const points = Number(process.argv[2] ?? 2000), toys = process.argv.slice(3, 5);
const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox", "--disable-3d-apis"] });
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
await page.goto(new URL("../../docs/playground.html", import.meta.url).href);
const wait = () => page.waitForFunction(() => {
  const { playground } = window;
  return playground?.reports.sinkhorn?.epsilon === playground?.epsilon && playground.reports.exact && playground.shownClouds === playground.clouds;
}, null, { timeout: 120000, polling: "raf" });
const slide = (id, value) => page.evaluate(({ id, value }) => {
  const input = document.getElementById(id);
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}, { id, value });
const ms = (seconds) => Math.round(1000 * seconds);

await wait();
for (const [k, toy] of toys.entries()) await page.locator(`.cloud.${["source", "target"][k]} select`).selectOption(toy);
await slide("points", Math.log10(points));
await page.waitForFunction((n) => window.playground.clouds.x.length === 2 * n, points);
await wait();
const first = await page.evaluate(() => window.playground.wall);
console.log(`${points} points: sinkhorn ${ms(first.sinkhorn)} ms, exact ${ms(first.exact)} ms`);
const lines = [];
for (const value of [0, -0.2, -0.4, -0.6, -0.8, -1, -1.2, -1.4, -1.6, -1.8, -2, -2.3, -2.5]) {
  const begin = Date.now();
  await slide("epsilon", value);
  await wait();
  const { relative, wall } = await page.evaluate(() => ({ relative: window.playground.relative, wall: window.playground.wall.sinkhorn }));
  lines.push(`${relative}: ${ms(wall)} (${Date.now() - begin} with its picture)`);
}
console.log(`milliseconds by relative noise: ${lines.join(", ")}`);
await browser.close();

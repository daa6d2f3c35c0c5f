// Opens docs/playground.html in Chromium, as a visitor would: clouds are chosen, drawn and read from files, the noise is
// dragged, and what the page says is held against the command line's answers to the files that it saves. PAGE_RUNS times, once if not given.
//
// usage: node playground.mjs OTBRIDGE PAGE.html [SHOTS]
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { browserPath, chromium } from "./chromium.mjs";
import { check, exercise, failures, look, opened, settle, SIZES, tooWide, unnamed } from "./reader.mjs";

const RUNS = Number(process.env.PAGE_RUNS ?? 1);
const TIGHT = 1e-12, DIGITS = 1e-9; // a tolerance under which nothing is left but rounding; what that may come to
const [otbridge, file, shots] = process.argv.slice(2);
if (shots) mkdirSync(shots, { recursive: true });
const shoot = (page, name, run = 0, fullPage = true) => shots && run === 0 && page.screenshot({ path: `${shots}/playground.${name}.png`, fullPage });

const run = (...words) => execFileSync(otbridge, [...words, "--quiet", "--threads", "1"], { encoding: "utf8" });

// Until both solvers have answered what was asked last.
const answers = async (page) => {
  await page.waitForFunction(() => {
    const { playground } = window;
    return !playground?.pause && playground?.reports.sinkhorn && playground.reports.exact && playground.shownClouds === playground.clouds &&
      playground.reports.sinkhorn.epsilon === playground.epsilon && Object.values(playground.solvers).every((one) => !one.running);
  }, null, { timeout: 30000 });
  await settle(page);
  return page.evaluate(() => window.playground.reports);
};
// A range as a hand on the keyboard leaves it.
const slide = (page, id, value) => page.locator(`#${id}`).evaluate((input, to) => {
  input.value = to;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}, value);

async function saved(page, side) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator(`.cloud.${side} button`, { hasText: "Save" }).click()]);
  const path = `${side}.csv`;
  await download.saveAs(path);
  return path;
}
const rows = (text) => text.trim().split("\n").slice(1).map((line) => line.split(",").map(Number));
const furthest = (ours, theirs) => ours.reduce((most, value, k) => Math.max(most, Math.abs(value - theirs[k])), ours.length === theirs.length ? 0 : Infinity);

// Two runs of one solver on one problem: each value is above the least one by its own gap at most.
function agree(name, page, program, bound = page.duality_gap + program.duality_gap) {
  for (const field of ["value", "value_linear", "dual_value"]) {
    const off = Math.abs(page[field] - program[field]);
    // Costs of the linear part are not what the gap bounds; they differ by about as much.
    check(name, off <= bound * (field === "value_linear" ? 3 : 1) + 1e-12, `${field} of ${page.solver} is ${page[field]}, the command line's is ${program[field]}`);
  }
  check(name, page.stop_reason === program.stop_reason, `${page.solver} stopped: ${page.stop_reason}, by the command line ${program.stop_reason}`);
}

// The numbers, the map and the paths of the page against the program's: as they are, and with both of them driven on until
// no digit is the tolerance's.
async function compare(page, name) {
  const loose = await answers(page);
  const clouds = [await saved(page, "source"), await saved(page, "target")];
  const [epsilon, seed] = (await page.evaluate(() => [window.playground.epsilon, window.playground.seed])).map(String);
  const problem = (solver) => [...clouds, "--epsilon", epsilon, "--seed", seed, "--solver", solver];
  const program = (solver, ...more) => JSON.parse(run("transport", ...problem(solver), ...more, "--json", "-o", "moved.csv"));
  agree(name, loose.sinkhorn, program("sinkhorn"));
  const shown = await page.locator("#numbers tbody tr").nth(2).locator("td").allTextContents();
  const values = [loose.sinkhorn.value, loose.exact.value];
  check(name, shown.every((text, k) => Math.abs(Number(text) - values[k]) < 1e-5 * Math.abs(values[k])), `the table says ${shown}, not ${values}`);

  await page.evaluate((tolerance) => {
    window.playground.tolerance = tolerance;
    window.playground.reports.sinkhorn = null;
    window.playground.ask("sinkhorn");
  }, TIGHT);
  const reports = await answers(page);
  for (const solver of ["sinkhorn", "exact"]) {
    const tight = solver === "sinkhorn" ? ["--set", `tolerance=${TIGHT}`] : [];
    agree(name, reports[solver], program(solver, ...tight), DIGITS);
    const panel = await page.evaluate((k) => {
      const { paths, moved } = window.playground.view.data.panels[k];
      return { paths: [...paths], moved: [...moved] };
    }, solver === "exact" ? 1 : 0);
    const far = furthest(panel.moved, rows(readFileSync("moved.csv", "utf8")).flat());
    check(name, far < DIGITS, `${solver}: conditional means are ${far} from the command line's`);
    run("interpolate", ...problem(solver), ...tight, "--frames", "41", "-o", "frame_%02d.csv");
    const frames = Array.from({ length: 41 }, (_, k) => rows(readFileSync(`frame_${String(k).padStart(2, "0")}.csv`, "utf8")).flat());
    const off = furthest(panel.paths, frames.flat());
    check(name, off < DIGITS, `${solver}: the bridge is ${off} from the command line's`);
  }
  await page.evaluate(() => (window.playground.tolerance = 1e-6));
}

async function visit(browser, run_) {
  const name = `playground, run ${run_ + 1}`;
  const { context, page } = await opened(browser, file, { viewport: SIZES.desktop, acceptDownloads: true }, name);
  const first = await answers(page);
  check(name, first.sinkhorn.stop_reason === "converged" && first.exact.stop_reason === "converged", "the first answers have not converged");
  check(name, first.sinkhorn.value > first.exact.value, "noise costs nothing");
  check(name, !(await tooWide(page)), "wider than the window");
  check(name, (await unnamed(page)) === 0, "a control has no name");
  check(name, (await page.locator("#charts canvas").count()) >= 1 && /gap/.test(await page.locator("#charts").textContent()), "no chart of the convergence");
  await shoot(page, "desktop", run_);
  await exercise(page, name);

  // The command of the page draws the same clouds by their names.
  await page.locator('input[value="bridge"]').check();
  await page.locator(".cloud.target select").selectOption("25gaussians@wgan-gp");
  await page.locator("#again").click();
  await compare(page, name);
  const words = (await page.locator("#command").textContent()).split("\n")[0].split(" ").slice(1);
  check(name, words.includes("--samples"), "toys are not named in the command");
  agree(name, await page.evaluate(() => window.playground.reports.sinkhorn), JSON.parse(run(...words, "--set", `tolerance=${TIGHT}`, "--json")), DIGITS);

  // Dragged, the newest noise wins, and the exact answer stays.
  const before = await page.evaluate(() => ({ answered: window.playground.answered, exact: window.playground.reports.exact.seconds }));
  const box = await page.locator("#epsilon").boundingBox();
  await page.mouse.move(box.x + 0.3 * box.width, box.y + box.height / 2);
  await page.mouse.down();
  for (let k = 0; k <= 40; ++k) {
    await page.mouse.move(box.x + (0.3 + 0.01 * k) * box.width, box.y + box.height / 2);
    if (k === 20) await shoot(page, "mid-drag", run_, false);
  }
  await page.mouse.up();
  const dragged = await answers(page);
  const after = await page.evaluate(() => ({ answered: window.playground.answered, exact: window.playground.reports.exact.seconds, relative: window.playground.relative }));
  check(name, after.exact === before.exact, "the exact solver ran again for another noise");
  check(name, after.answered > before.answered && after.relative > 0.2, `dragging gave ${after.answered - before.answered} answers, noise ${after.relative}`);
  check(name, dragged.sinkhorn.plan_entropy > 0.1, "more noise does not blur the plan");

  // An answer that nobody waits for any more is given up, with its worker: of 20000 points it would take a minute.
  const replaced = await page.evaluate(() => new Promise((done) => {
    const { playground } = window, solver = playground.solvers.sinkhorn;
    const [x, y] = ["source", "target"].map((side) => playground.library.draw("moons@torchcfm", side, 0, 20000));
    solver.ask({ solver: "sinkhorn", x, y, clouds: null, epsilon: 1e-3, tolerance: 1e-300, seed: 0, times: 41, few: 0 });
    const { worker } = solver;
    playground.reports.sinkhorn = null;
    playground.changeEpsilon();
    const wait = () => (playground.reports.sinkhorn ? done(solver.worker !== worker) : setTimeout(wait, 20));
    wait();
  }));
  check(name, replaced, "an answer that nobody waits for was waited for");

  // Drawn by hand, by pointer and by keys.
  await page.locator(".cloud.source select").selectOption("drawn by hand");
  await page.waitForFunction(() => /no points yet/.test(document.getElementById("problem").textContent));
  // No numbers stand beside that, nor come of the cloud that was there before.
  await slide(page, "epsilon", -1);
  check(name, (await page.locator("#headline").textContent()) === "\u2026", "there is a verdict on no cloud");
  check(name, await page.evaluate(() => !window.playground.reports.sinkhorn && !window.playground.reports.exact && !window.playground.solvers.sinkhorn.running),
    "there are numbers of a cloud that is gone");
  await slide(page, "points", 2);
  const pad = await page.locator(".cloud.source canvas").boundingBox();
  await page.mouse.move(pad.x + 20, pad.y + 20);
  await page.mouse.down();
  for (let k = 0; k <= 30; ++k) await page.mouse.move(pad.x + 20 + 3 * k, pad.y + 60 + 40 * Math.sin(k / 4));
  await page.mouse.up();
  const drawn = await page.evaluate(() => window.playground.source.size);
  check(name, drawn > 20, `the pen drew ${drawn} points`);
  await page.locator(".cloud.source canvas").focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Space");
  check(name, (await page.evaluate(() => window.playground.source.size)) === drawn + 12, "space puts no points");
  await compare(page, name);
  check(name, /source\.csv target\.csv/.test(await page.locator("#command").textContent()), "the command does not name the files");
  await page.locator('input[value="map"]').check();
  await settle(page);
  await shoot(page, "drawn-map", run_);

  // Files: few points, whose plan is drawn whole; and what is refused.
  writeFileSync("few.csv", "a,b\n0,0\n1,0\n0.5,1\n0,2\n");
  writeFileSync("bad.csv", "0,0\n1,zwei\n");
  await page.locator(".cloud.source input[type=file]").setInputFiles("bad.csv");
  await page.waitForFunction(() => document.getElementById("problem").textContent !== "");
  check(name, (await page.locator("#problem").textContent()) === 'bad.csv, line 2: "zwei" must be a finite number', "a bad file is not told");
  await page.locator(".cloud.source input[type=file]").setInputFiles("few.csv");
  await page.waitForFunction(() => window.playground.clouds?.x.length === 8);
  await slide(page, "points", 1);
  await slide(page, "epsilon", -2);
  await page.locator('input[value="plan"]').check();
  await compare(page, name);
  check(name, (await page.evaluate(() => window.playground.view.data.panels[1].flows.from.length)) >= 10, "not all flows of a small plan are there");
  check(name, (await look(page)).share > 0.002, "the plan of few points is not drawn");
  await shoot(page, "few-plan", run_);

  // Points in one place leave nothing to solve; the page says so, and goes on with others.
  writeFileSync("one.csv", "1,1\n1,1\n");
  for (const side of ["source", "target"]) await page.locator(`.cloud.${side} input[type=file]`).setInputFiles("one.csv");
  await page.waitForFunction(() => /one place/.test(document.getElementById("problem").textContent));
  await page.locator(".cloud.target select").selectOption("8gaussians@torchcfm");
  await answers(page);
  check(name, (await page.locator("#problem").textContent()) === "", "what was wrong is still said");
  await context.close();
}

async function elsewhere(browser) {
  const phone = await opened(browser, file, { viewport: SIZES.phone, deviceScaleFactor: 2, colorScheme: "dark", hasTouch: true }, "playground on a phone");
  await answers(phone.page);
  await shoot(phone.page, "phone");
  for (const width of [360, 320]) {
    await phone.page.setViewportSize({ width, height: 640 });
    await settle(phone.page);
    const wide = await tooWide(phone.page);
    check("playground", !wide, `wider than ${width} pixels: ${wide}`);
  }
  await phone.context.close();

  const still = await opened(browser, file, { viewport: SIZES.desktop, javaScriptEnabled: false }, "playground without scripts");
  check("playground", await still.page.locator("#still img").isVisible(), "nothing is shown without scripts");
  await shoot(still.page, "noscript");
  await still.context.close();

  const old = await browser.newContext({ offline: true });
  await old.addInitScript(() => delete window.WebAssembly);
  const page = await old.newPage();
  await page.goto(new URL(`file://${file}`).href);
  await page.waitForFunction(() => /cannot run the solvers/.test(document.getElementById("problem").textContent));
  check("playground", await page.locator("#still img").isVisible(), "nothing is shown without WebAssembly");
  await old.close();
}

const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox", "--disable-3d-apis"] });
for (let k = 0; k < RUNS; ++k) await visit(browser, k);
await elsewhere(browser);
await browser.close();
if (failures === 0) console.log(`the playground, ${RUNS} time(s): clean, and the command line's numbers`);
process.exitCode = failures > 0 ? 1 : 0;

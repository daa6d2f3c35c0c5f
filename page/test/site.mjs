// Opens every page of a built site in Chromium, as it lies on the disk: no message on the console, nothing asked of any
// network, every picture there, no markup as text, no page wider than a phone, and every link within the site leads to a
// page and a place that are there.
//
// usage: node site.mjs FOLDER [--shots FOLDER]
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { browserPath, chromium } from "./chromium.mjs";
import { check, failures, opened, SIZES, tooWide } from "./reader.mjs";

const words = process.argv.slice(2);
const at = words.indexOf("--shots");
const shots = at >= 0 ? words.splice(at, 2)[1] : null;
if (shots) mkdirSync(shots, { recursive: true });
const root = resolve(words[0]);

// In the browser: ids, where links lead, pictures that are not there, and markup that was not read.
async function contents() {
  for (const image of document.images) image.loading = "eager"; // those below the window too
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
  const words = document.querySelector("article")?.cloneNode(true);
  for (const code of words?.querySelectorAll("pre, code, dt.sig, script, style") ?? []) code.remove();
  return {
    ids: [...document.querySelectorAll("[id]")].map((element) => element.id),
    links: [...document.querySelectorAll("a[href]")].map((link) => link.href),
    blank: [...document.images].filter((image) => image.naturalWidth === 0).map((image) => image.src),
    markup: /.{0,20}(\]\(|\*\*\w[^*\n]*\w\*\*|``|:\w+:`|\{\w+\}`).{0,20}/.exec(words?.textContent ?? "")?.[0],
  };
}

const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
const pages = new Map();
for (const name of readdirSync(root, { recursive: true }).sort()) {
  if (!name.endsWith(".html") || name.startsWith("_static")) continue;
  const { context, page } = await opened(browser, join(root, name), { viewport: SIZES.desktop }, name);
  const found = await page.evaluate(contents);
  pages.set(join(root, name), found);
  check(name, found.blank.length === 0, `pictures are missing: ${found.blank.map((source) => source.slice(0, 200))}`);
  check(name, !found.markup, `markup as text: ${found.markup}`);
  if (shots) await page.screenshot({ path: join(shots, `${name.replaceAll("/", ".")}.png`), fullPage: true });
  await page.setViewportSize(SIZES.phone);
  const wide = await tooWide(page);
  check(name, !wide, `wider than a phone: ${wide}`);
  await context.close();
}
await browser.close();

for (const [file, { links }] of pages) {
  const name = relative(root, file);
  for (const link of links) {
    if (!link.startsWith("file:")) continue;
    const url = new URL(link), place = decodeURIComponent(url.hash.slice(1));
    url.hash = url.search = "";
    const target = fileURLToPath(url);
    check(name, existsSync(target) && statSync(target).isFile(), `a dead link: ${relative(root, target)}`);
    check(name, !place || !pages.has(target) || pages.get(target).ids.includes(place), `no such place: ${relative(root, target)}#${place}`);
  }
}
if (failures > 0) process.exit(1);
console.log(`${pages.size} pages opened`);

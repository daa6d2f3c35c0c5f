// Bundles src/ into bundle/page.js and bundle/page.css, which the C++ build puts into the program, and src/playground into
// docs/playground.html, whole. With --check it changes nothing, and fails where the committed files are not what the
// sources make.
//
// usage: node build.mjs [--check] [--module PLAYGROUND.wasm]
// Without --module the playground keeps the solvers that it has; with --check they are compared.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { build } from "esbuild";

const file = (name) => new URL(name, import.meta.url);
const textOf = (name) => readFile(file(name), "utf8");

// A licence asks to stand in every copy, which a page is.
const licence = (await textOf("node_modules/uplot/LICENSE")).trim();

const options = {
  bundle: true,
  minify: true,
  write: false,
  charset: "ascii",
  legalComments: "inline",
  target: ["chrome100", "firefox100", "safari15"],
  logLevel: "warning",
  absWorkingDir: import.meta.dirname,
};

async function bundled(entry, more = {}) {
  const result = await build({ ...options, entryPoints: [entry], ...(entry.endsWith(".js") ? { format: "iife", ...more } : {}) });
  const text = result.outputFiles[0].text;
  // It stands between <script> and </script>.
  if (/<\/(script|style)|<!--/i.test(text)) throw new Error(`${entry}: would end its own element`);
  return text;
}
const withPlots = { banner: { js: `/*! uPlot: ${licence} */` } };

// As a content policy names what it allows.
const allowed = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const PLAYGROUND = "../docs/playground.html";
const packedModule = async () => (existsSync(file(PLAYGROUND)) ? (await textOf(PLAYGROUND)).match(/id="module">([^<]*)</)[1] : null);

async function playground(packed) {
  const parts = {
    module: packed,
    style: await bundled("src/playground/playground.css"),
    script: await bundled("src/playground/main.js", withPlots),
    worker: await bundled("src/playground/worker.js"),
    still: (await readFile(file("src/playground/still.svg"))).toString("base64"),
    version: (await textOf("../CMakeLists.txt")).match(/project\(otbridge VERSION ([\d.]+)/)[1],
  };
  // The solvers are compiled within the page, its workers are made of its own text; nothing else runs, nothing is fetched.
  parts.policy = `default-src 'none'; img-src data:; style-src ${allowed(parts.style)}; script-src ${allowed(parts.script)} 'wasm-unsafe-eval'; worker-src blob:; base-uri 'none'; form-action 'none'`;
  return (await textOf("src/playground/playground.html")).replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name]);
}

const check = process.argv.includes("--check");
const at = process.argv.indexOf("--module");
const fresh = at >= 0 ? await readFile(process.argv[at + 1]) : null;
let packed = await packedModule();
const same = fresh && packed && gunzipSync(Buffer.from(packed, "base64")).equals(fresh);
if (check && fresh && !same) {
  console.error("the solvers of docs/playground.html are not what src/ and wasm/ make: run make wasm");
  process.exitCode = 1;
}
if (!check && fresh && !same) packed = gzipSync(fresh, { level: 9 }).toString("base64");

const outputs = [["bundle/page.js", await bundled("src/main.js", withPlots)], ["bundle/page.css", await bundled("src/page.css")]];
if (packed) outputs.push([PLAYGROUND, await playground(packed)]);
for (const [name, text] of outputs) {
  if (!check) {
    await writeFile(file(name), text);
    console.log(`${name}: ${text.length} bytes`);
  } else if ((await textOf(name)) !== text) {
    console.error(`${name} is not what src/ makes: run make page`);
    process.exitCode = 1;
  }
}

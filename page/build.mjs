// Bundles src/ into bundle/page.js and bundle/page.css, which the C++ build puts into the program.
// With --check it changes nothing, and fails where the committed files are not what the sources make.
import { readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

// A licence asks to stand in every copy, which a report page is.
const licence = (await readFile(new URL("node_modules/uplot/LICENSE", import.meta.url), "utf8")).trim();

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

async function bundled(entry) {
  const result = await build({ ...options, entryPoints: [entry], ...(entry.endsWith(".js") ? { format: "iife", banner: { js: `/*! uPlot: ${licence} */` } } : {}) });
  const text = result.outputFiles[0].text;
  // It stands between <script> and </script>.
  if (/<\/(script|style)|<!--/i.test(text)) throw new Error(`${entry}: would end its own element`);
  return text;
}

const check = process.argv.includes("--check");
for (const [entry, file] of [["src/main.js", "bundle/page.js"], ["src/page.css", "bundle/page.css"]]) {
  const text = await bundled(entry);
  const path = new URL(file, import.meta.url);
  if (!check) {
    await writeFile(path, text);
    console.log(`${file}: ${text.length} bytes`);
  } else if ((await readFile(path, "utf8")) !== text) {
    console.error(`${file} is not what src/ makes: run make page`);
    process.exitCode = 1;
  }
}

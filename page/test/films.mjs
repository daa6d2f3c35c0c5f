// Films as Chromium decodes them: those of GIF and of PNG are the same pictures for the same times, and as many as they should.
// usage: node films.mjs FILM.gif FILM.png PICTURES
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { browserPath, chromium } from "./chromium.mjs";

const [gif, png, pictures] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
const page = await browser.newPage();
await page.goto(pathToFileURL(resolve("plane.html")).href);
const decoded = (file, type) => page.evaluate(async ({ text, type }) => {
  const data = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const decoder = new ImageDecoder({ data, type, preferAnimation: true });
  await decoder.tracks.ready;
  await decoder.completed;
  const frames = [];
  for (let k = 0; k < decoder.tracks.selectedTrack.frameCount; ++k) {
    const { image } = await decoder.decode({ frameIndex: k });
    const canvas = new OffscreenCanvas(image.displayWidth, image.displayHeight);
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const { data: pixels } = context.getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0, clear = 0;
    for (let i = 0; i < pixels.length; i += 4) {
      sum = (sum * 31 + pixels[i] * 65536 + pixels[i + 1] * 256 + pixels[i + 2]) % 4294967291;
      if (pixels[i + 3] < 255) ++clear;
    }
    frames.push({ sum, clear, size: [canvas.width, canvas.height], milliseconds: image.duration / 1000 });
    image.close();
  }
  return { frames, repeats: decoder.tracks.selectedTrack.repetitionCount };
}, { text: readFileSync(file).toString("base64"), type });

const films = [await decoded(gif, "image/gif"), await decoded(png, "image/png")];
await browser.close();
const faults = [];
for (const [k, film] of films.entries()) {
  const name = [gif, png][k];
  // The first one stands alone before what they have in common.
  if (film.frames.length !== Number(pictures) + 1) faults.push(`${name}: ${film.frames.length} frames`);
  if (film.repeats !== Infinity) faults.push(`${name}: repeated ${film.repeats} times`);
  if (film.frames.some((frame) => frame.clear > 0)) faults.push(`${name}: shines through`);
  if (new Set(film.frames.map((frame) => frame.sum)).size !== film.frames.length) faults.push(`${name}: a picture stands twice`);
}
films[0].frames.forEach((frame, k) => {
  if (JSON.stringify(frame) !== JSON.stringify(films[1].frames[k])) faults.push(`picture ${k}: ${JSON.stringify(frame)} of GIF, ${JSON.stringify(films[1].frames[k])} of PNG`);
});
for (const fault of faults.slice(0, 5)) console.error(fault);
if (faults.length === 0) console.log(`${films[0].frames.length} frames, the same in both films`);
process.exitCode = faults.length > 0 ? 1 : 0;

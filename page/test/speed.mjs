// How long pictures of a report page take: turns its view twelve times. usage: node speed.mjs PAGE.html
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { browserPath, chromium } from "./chromium.mjs";

const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox", "--disable-3d-apis"] });
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
await page.goto(pathToFileURL(resolve(process.argv[2])).href);
const milliseconds = await page.evaluate(() => {
  const view = document.getElementById("view").closest("section").view;
  return Array.from({ length: 12 }, () => {
    view.camera.azimuth += 0.1;
    view.moving = false;
    view.draw();
    return Math.round(1000 * view.drawSeconds);
  });
});
await browser.close();
console.log(`milliseconds: ${milliseconds.join(" ")}`);

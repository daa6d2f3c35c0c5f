// The browser that tests use: CHROMIUM, or one in the usual places. Without it, or without playwright-core, the test is skipped.
import { existsSync } from "node:fs";

const places = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
export const browserPath = places.find((place) => place && existsSync(place));
export let chromium;
try {
  ({ chromium } = await import("playwright-core"));
} catch {
  // Installed by npm in page/node_modules.
}
if (!browserPath || !chromium) {
  console.log(`skipped: no ${browserPath ? "playwright-core" : "Chromium"} (make page-tools installs it)`);
  process.exit(0);
}

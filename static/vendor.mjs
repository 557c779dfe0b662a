// Copies what pages use out of node_modules into vendor/, once `npm ci` has run.
//
// vendor/htmx/htmx.min.js
// vendor/uplot/*                 draws the rate of a batch: 50 KB without dependencies, where chart libraries bring 200 and more
// vendor/icons.svg               a sprite of the icons named in icons.txt
// vendor/icons/*.svg             single icons of CSS masks: cards of the canvas, where a thousand <use> would be slow
// vendor/VERSIONS                where each came from

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const vendor = join(here, "vendor");

function version(name) {
  return JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8")).version;
}

function symbol(name) {
  const file = join(modules, "@tabler/icons/icons/outline", `${name}.svg`);
  if (!existsSync(file)) throw new Error(`icons.txt names "${name}", which Tabler does not have.`);
  const inner = readFileSync(file, "utf8").replace(/<!--[\s\S]*?-->/g, "").match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1];
  return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s*\n\s*/g, "")}</symbol>`;
}

rmSync(vendor, { recursive: true, force: true });
for (const folder of ["htmx", "uplot", "swagger-ui"]) mkdirSync(join(vendor, folder), { recursive: true });
copyFileSync(join(modules, "htmx.org/dist/htmx.min.js"), join(vendor, "htmx/htmx.min.js"));
for (const name of ["uPlot.iife.min.js", "uPlot.min.css"]) copyFileSync(join(modules, "uplot/dist", name), join(vendor, "uplot", name));
for (const name of ["swagger-ui-bundle.js", "swagger-ui.css"]) copyFileSync(join(modules, "swagger-ui-dist", name), join(vendor, "swagger-ui", name));

const names = readFileSync(join(here, "icons.txt"), "utf8").split("\n").map((line) => line.trim()).filter(Boolean);
const style = 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"';
const sprite = `<svg xmlns="http://www.w3.org/2000/svg" ${style}>${[...new Set(names)].map(symbol).join("\n")}</svg>\n`;
writeFileSync(join(vendor, "icons.svg"), sprite);

mkdirSync(join(vendor, "icons"));
for (const name of new Set(names)) {
  copyFileSync(join(modules, "@tabler/icons/icons/outline", `${name}.svg`), join(vendor, "icons", `${name}.svg`));
}

const parts = ["htmx.org", "@tabler/core", "@tabler/icons", "uplot", "swagger-ui-dist"];
writeFileSync(join(vendor, "VERSIONS"), parts.map((name) => `${name} ${version(name)}\n`).join(""));
console.log(`vendor/: ${parts.map((name) => `${name} ${version(name)}`).join(", ")}, ${names.length} icons`);

// Writes vendor/tabler/tabler.min.css: what pages use of Tabler, a tenth of it, so that a browser finds the style of a thousand cards
// soon. In a cascade layer, so that our own rules win without !important.
//
// A class counts as used when a template, a script or the web's code has its name, or puts it together of a beginning and something more.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PurgeCSS } from "purgecss";

const here = dirname(fileURLToPath(import.meta.url));
const TABLER = join(here, "node_modules/@tabler/core/dist/css/tabler.min.css");
/** The beginning of a class that is put together: "btn-{{ kind }}", `toast-${level}`, "form-" ~ name. */
const BEGINNING = /([a-z][\w-]*-)(?=\{\{|\$\{|\{[a-z]|["'] ?[~+])/g;


function filesOf(folder, ending) {
  return readdirSync(join(here, folder), { recursive: true }).filter((name) => name.endsWith(ending)).map((name) => join(here, folder, name));
}

const content = [...filesOf("../templates", ".html"), ...filesOf("js", ".js"), ...filesOf("../flowbuilder/web", ".py")];
const beginnings = new Set(content.flatMap((file) => [...readFileSync(file, "utf8").matchAll(BEGINNING)].map(([, begin]) => begin)));
// Our own sheets are read for the variables of Tabler that they use; what is left of them is not taken.
const [{ css }] = await new PurgeCSS().purge({
  content, css: [TABLER, ...filesOf("css", ".css")], variables: true, keyframes: true, fontFace: true,
  safelist: [...beginnings].map((begin) => new RegExp(`^${begin}`)),
});
const clean = css.replace(/^@charset[^;]*;/, "").replace(/\/\*# sourceMappingURL=.*?\*\//, "");
mkdirSync(join(here, "vendor/tabler"), { recursive: true });
writeFileSync(join(here, "vendor/tabler/tabler.min.css"), `@layer tabler{${clean}}`);
console.log(`vendor/tabler/tabler.min.css: ${Math.round(clean.length / 1024)} KB`);

// Joins the modules of each page of flows into one file, since a browser asks for thirty of them one round after another.
//
// vendor/canvas/{editor,outline_editor,view}.js   of js/canvas/* and js/outbound/*, with source maps beside them

import { build } from "esbuild";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

await build({
  entryPoints: ["editor", "outline_editor", "view"].map((name) => join(here, "js/canvas", `${name}.js`)),
  outdir: join(here, "vendor/canvas"),
  bundle: true,
  minify: true,
  format: "esm",
  sourcemap: "linked",
  target: "es2022",
  logLevel: "error",
});

// Bundles the runtime and the page into `dist/`, or into another directory. `dist/` is part of the repository: so
// building the compiler needs no Node. `crates/vera-targets/tests/browser_sources.rs`
// says when it is stale.

import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync, mkdirSync } from "node:fs";
import * as esbuild from "esbuild";

const inputs = readdirSync("src").sort().map((name) => `src/${name}`).concat("package-lock.json", "build.mjs");
const hash = createHash("sha256");
for (const name of inputs) hash.update(name).update("\0").update(readFileSync(name)).update("\0");

const common = { bundle: true, minify: true, legalComments: "none", write: false, target: "es2022" };
const text = async (options) => (await esbuild.build({ ...common, ...options })).outputFiles[0].text;

const out = process.argv[2] ?? "dist";
mkdirSync(out, { recursive: true });
const runtime = await text({ entryPoints: ["src/runtime.ts"], format: "esm", external: ["node:*"] });
writeFileSync(`${out}/runtime.mjs`, runtime);
writeFileSync(`${out}/page.js`, await text({ entryPoints: ["src/page.ts"], format: "iife", globalName: "veraPage" }));
writeFileSync(`${out}/page.css`, await text({ entryPoints: ["node_modules/@xterm/xterm/css/xterm.css"] }));
writeFileSync(`${out}/sources.sha256`, `${hash.digest("hex")}\n`);

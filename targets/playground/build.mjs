// Bundles the site: `node build.mjs OUT EXAMPLES` puts page, workers and styles beside the
// modules of the compiler, which `cargo xtask playground` has built, and prints what each
// file costs its visitors.

import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import * as esbuild from "esbuild";

const [out, examples] = process.argv.slice(2);
if (out === undefined || examples === undefined) throw new Error("usage: node build.mjs OUT EXAMPLES");

const common = { bundle: true, minify: true, legalComments: "none", target: "es2022", logLevel: "warning" };
const module = { ...common, format: "esm" };
await esbuild.build({ ...module, entryPoints: ["src/page/main.ts"], outfile: join(out, "page.js") });
await esbuild.build({ ...module, entryPoints: ["src/page/compiler.worker.ts"], outfile: join(out, "compiler.js") });
await esbuild.build({ ...module, entryPoints: ["src/page/program.worker.ts"], outfile: join(out, "program.js") });
await esbuild.build({ ...module, entryPoints: ["src/page/replay.worker.ts"], outfile: join(out, "replay.js") });
await esbuild.build({ ...common, format: "iife", define: { global: "globalThis" }, entryPoints: ["src/page/z3.worker.ts"], outfile: join(out, "z3.js") });
await esbuild.build({ ...common, entryPoints: ["src/style.css"], outfile: join(out, "style.css") });
copyFileSync("src/index.html", join(out, "index.html"));
copyFileSync("../browser/dist/runtime.mjs", join(out, "runtime.mjs"));
mkdirSync(join(out, "z3"), { recursive: true });
for (const name of ["z3-built.js", "z3-built.wasm"]) copyFileSync(`node_modules/z3-solver/build/${name}`, join(out, "z3", name));

const sources = readdirSync(examples).filter((name) => name.endsWith(".vera")).sort();
const list = sources.map((name) => ({ name: basename(name, ".vera"), text: readFileSync(join(examples, name), "utf8") }));
writeFileSync(join(out, "examples.json"), JSON.stringify(list));

// What a first visitor waits for, what is fetched afterwards, and what only some ask for.
const FIRST = ["index.html", "style.css", "page.js", "compiler.js", "compiler.wasm"];
const LATER = ["examples.json", "explanations.json", "text.wasm", "runtime-core.wasm", "runtime-markup.wasm", "runtime.mjs", "program.js", "replay.js", "z3.js"];
const files = [...FIRST, ...LATER];
const hash = createHash("sha256");
for (const name of files) hash.update(name).update("\0").update(readFileSync(join(out, name))).update("\0");
const define = { VERSION: JSON.stringify(hash.digest("hex").slice(0, 16)), FILES: JSON.stringify(["./", ...files]) };
await esbuild.build({ ...common, format: "iife", define, entryPoints: ["src/page/service.ts"], outfile: join(out, "service.js") });

const cost = (name) => {
  const bytes = readFileSync(join(out, name));
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return brotliCompressSync(bytes, { params }).length;
};
const sum = (names) => names.reduce((total, name) => {
  const size = cost(name);
  console.log(`${String(statSync(join(out, name)).size).padStart(9)} ${String(size).padStart(9)}  ${name}`);
  return total + size;
}, 0);
console.log("    bytes    brotli");
const first = sum(FIRST);
const all = first + sum(LATER);
console.log(`first load ${first} of 900000, in all without Z3 ${all} of 1600000`);
if (first > 900_000 || all > 1_600_000) process.exitCode = 1;

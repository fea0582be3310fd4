// The npm package: `node npm.mjs OUT VERSION` puts the command line beside the modules of the
// compiler, which `cargo xtask npm` has built.

import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as esbuild from "esbuild";

const [out, version] = process.argv.slice(2);
if (out === undefined || version === undefined) throw new Error("usage: node npm.mjs OUT VERSION");

await esbuild.build({
  bundle: true, minify: true, legalComments: "none", target: "es2022", logLevel: "warning",
  format: "esm", platform: "node", entryPoints: ["src/node/cli.ts"], outfile: join(out, "vera.mjs"),
});
copyFileSync("../browser/dist/runtime.mjs", join(out, "runtime.mjs"));
for (const name of ["LICENSE-APACHE", "LICENSE-MIT"]) copyFileSync(join("../..", name), join(out, name));
copyFileSync("src/node/README.md", join(out, "README.md"));
writeFileSync(join(out, "package.json"), `${JSON.stringify({
  // A placeholder until an owner registers a name.
  name: "vera-wasm-cli",
  version,
  description: "The compiler of the Vera language as WebAssembly: check, verify, fmt, compile, run",
  license: "MIT OR Apache-2.0",
  type: "module",
  bin: { vera: "vera.mjs" },
  engines: { node: ">=20" },
  peerDependencies: { "z3-solver": ">=4.13" },
  peerDependenciesMeta: { "z3-solver": { optional: true } },
}, null, 2)}\n`);

// node bench.mjs binary_trees.wasm [depth]
// Binary trees on the runtime's collector and on the engine's own, in one run.
import { readFileSync } from "node:fs";

const module = new WebAssembly.Module(readFileSync(process.argv[2]));
const depth = Number(process.argv[3] ?? 18);
const vera = new Proxy({}, { get: (_, name) => () => { if (name === "trap") throw new Error("trap"); return 0; } });
const fresh = () => new WebAssembly.Instance(module, { vera }).exports;

const build = (d) => (d === 0 ? { l: null, r: null } : { l: build(d - 1), r: build(d - 1) });
const check = (t) => (t.l === null ? 1 : 1 + check(t.l) + check(t.r));
function binaryTrees(depth) {
  let total = check(build(depth + 1));
  const long = build(depth);
  for (let d = 4; d <= depth; d += 4) for (let i = 0; i < 2 ** (depth - d + 4); i++) total += check(build(d));
  return total + check(long);
}

function best(name, run) {
  let least = Infinity, result;
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    result = run();
    least = Math.min(least, performance.now() - start);
  }
  console.log(`${name.padEnd(28)} ${least.toFixed(1).padStart(8)} ms   ${result}`);
  return least;
}

let used;
const ours = best(`vera-rt, depth ${depth}`, () => { const e = fresh(); const r = e.binary_trees(depth); used = e.high_water(); return r; });
console.log(`  blocks at most ${Number(used) / 2 ** 20} MiB`);
const theirs = best(`V8 objects, depth ${depth}`, () => binaryTrees(depth));
console.log(`  ratio ${(ours / theirs).toFixed(2)}`);
for (const n of [1_000_000, 2_000_000]) {
  best(`append ${n} boxes`, () => { const e = fresh(); const r = e.append(n); used = e.high_water(); return r; });
  console.log(`  blocks at most ${Number(used) / 2 ** 20} MiB`);
}

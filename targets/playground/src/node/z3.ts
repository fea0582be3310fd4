// Z3 from npm's `z3-solver`, where it is installed beside this package.

import { createRequire } from "node:module";
import type { Solver } from "../compiler/prove.ts";
import { type LowLevel, solve, version } from "../compiler/z3.ts";

interface Z3Module {
  init(): Promise<{ Z3: LowLevel; em: { PThread: { terminateAllThreads(): void } } }>;
}

/** The solver; `undefined` where the package is not there. */
export async function z3(): Promise<(Solver & { end(): Promise<void> }) | undefined> {
  const found = [`${process.cwd()}/`, import.meta.url].flatMap((from) => {
    try { return [createRequire(from)("z3-solver") as Z3Module]; } catch { return []; }
  });
  const [module] = found;
  if (module === undefined) return undefined;
  const { Z3, em } = await module.init();
  return { name: version(Z3), solve: (question) => solve(Z3, question), end: async () => em.PThread.terminateAllThreads() };
}

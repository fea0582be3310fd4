// Z3's thread. Its library is a script that makes threads of its own, for which the page
// must be isolated from other origins.

import { init } from "z3-solver/build/low-level";
import type { Question, Solved } from "../compiler/prove.ts";
import { type LowLevel, solve, version } from "../compiler/z3.ts";

export type FromZ3 = { ready: string } | { solved: Solved } | { failed: string };

const scope = globalThis as unknown as {
  onmessage: unknown;
  postMessage(said: FromZ3): void;
  importScripts(url: string): void;
  initZ3(overrides: object): Promise<unknown>;
};

const beside = (name: string): string => new URL(`z3/${name}`, location.href).href;

async function load(): Promise<LowLevel> {
  scope.importScripts(beside("z3-built.js"));
  const { Z3 } = await init(scope.initZ3 as never, { locateFile: beside, mainScriptUrlOrBlob: beside("z3-built.js") });
  return Z3 as unknown as LowLevel;
}

const z3 = load();
z3.then(
  (z3) => scope.postMessage({ ready: version(z3) }),
  (error: unknown) => scope.postMessage({ failed: String(error) }),
);

scope.onmessage = async ({ data }: { data: Question }) => {
  try {
    scope.postMessage({ solved: await solve(await z3, data) });
  } catch (error) {
    scope.postMessage({ failed: String(error) });
  }
};

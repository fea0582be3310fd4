// Counterexamples are run, as the native command has them run: what a run does not break is
// no error. The compiler says which calls (`crates/vera-web/src/editor/runs.rs`).

import type { Answer } from "./module.ts";
import type { Made, Model, Order } from "./play.ts";

/** A call that the prover asks about. */
export interface Call {
  run: number;
  /** Where the function begins in the text. */
  function: number;
  inputs: { slot: string; value: Model }[];
}

/** How a call ended; `null` where it cannot be made, or does not end. */
export interface Ran {
  run: number;
  end:
    | { kind: "returned"; text: string }
    | { kind: "exited"; code: string }
    | { kind: "unmet" }
    | { kind: "trapped"; trap: string; message: string; places: [number, number, number][] }
    | null;
}

/** Runs a module's calls, each apart from the others. */
export type Play = (order: Order) => Promise<Made[]>;

/** Compiles the functions that are asked about, and calls them. */
export async function replay(ask: (method: string, params: object) => Promise<Answer>, play: Play, program: object, calls: readonly Call[]): Promise<Ran[]> {
  const { document, bytes } = await ask("replay", { ...program, functions: [...new Set(calls.map((call) => call.function))] });
  const functions = document["functions"] as Order["functions"];
  if (functions.length === 0) return calls.map(({ run }) => ({ run, end: null }));
  const made = await play({ module: bytes, functions, exports: document["calls"] as Order["exports"], calls });
  const traces = made.map((one) => (one?.kind === "trapped" ? one.offsets : []));
  const places = (await ask("places", { offsets: traces })).document["places"] as [number, number, number][][];
  return calls.map(({ run }, at): Ran => {
    const one = made[at] ?? null;
    if (one?.kind !== "trapped") return { run, end: one };
    return { run, end: { kind: "trapped", trap: one.trap, message: one.message, places: places[at] ?? [] } };
  });
}

// The thread of counterexamples: calls of private and public functions alike, each in an
// instance of its own, with little fuel.

import { type Description, type Func, type TypeRef, compound, describe } from "../../../browser/src/description.ts";
import { Run, PLAIN } from "../../../browser/src/run.ts";
import { VeraExit, classify } from "../../../browser/src/traps.ts";
import type { Value } from "../../../browser/src/values.ts";
import { Blocking } from "../../../browser/src/waits.ts";
import { World } from "../../../browser/src/world.ts";
import { literal } from "./literal.ts";
import type { Call } from "./replay.ts";

/** A value as the prover knows it. */
export type Model =
  | { int: string } | { bool: boolean } | { float: string } | { text: string }
  | { constructor: number; fields: Model[] } | { elements: Model[] };

export interface Order {
  module: Uint8Array<ArrayBuffer>;
  /** What can be called: where it begins, the names of its parameters, and its state cells. */
  functions: { name: string; start: number; slots: string[]; cells: number }[];
  exports: Func[];
  calls: readonly Call[];
}

/** How a call ended; frames are offsets in the module. `null` where it was not made. */
export type Made =
  | { kind: "returned"; text: string }
  | { kind: "exited"; code: string }
  | { kind: "unmet" }
  | { kind: "trapped"; trap: string; message: string; offsets: number[] }
  | null;

/** The work that a call may do, in calls and turns of loops. */
const FUEL = 2_000_000;

/** So many frames are worth a look. */
const FRAMES = 64;

/** What says of no program anything: this machine ended it, or it goes too deep or too long. */
const UNDECIDED = ["time_limit", "memory_limit", "heap_exhausted", "fuel_exhausted", "stack_exhausted", "host_error", "unknown"];

/** A value that is no argument: the prover knows more values than the program. */
class NoValue extends Error {}

/** Makes the calls one after the other; `told` hears each end. */
export async function play(order: Order, told: (made: Made) => void): Promise<void> {
  (Error as { stackTraceLimit?: number }).stackTraceLimit = FRAMES;
  const module = await WebAssembly.compile(order.module);
  const description = describe(module);
  for (const call of order.calls) told(made(module, description, order, call));
}

function made(module: WebAssembly.Module, description: Description, order: Order, call: Call): Made {
  const known = order.functions.find(({ start }) => start === call.function);
  const func = order.exports.find(({ name }) => name === known?.name);
  if (known === undefined || func === undefined) return null;
  const world = new World({ stdin: "", fuel: FUEL });
  let run: Run | undefined;
  try {
    const args = known.slots.map((slot, at) => argument(description, func.params[at] as TypeRef, call.inputs.find((input) => input.slot === slot)?.value));
    run = new Run({ module, description }, world, new Blocking(world), PLAIN);
    return { kind: "returned", text: literal(description, func.result, run.call(func, args) as Value) };
  } catch (error) {
    if (error instanceof NoValue) return null;
    const ended = classify(error);
    if (ended instanceof VeraExit) return { kind: "exited", code: String(ended.code) };
    if (UNDECIDED.includes(ended.kind)) return null;
    if (run === undefined || !run.admitted || run.cellsStarted < known.cells) return { kind: "unmet" };
    const offsets = frames(ended);
    // Some engines do not tell where wasm was; then nobody knows which check failed.
    return offsets.length === 0 ? null : { kind: "trapped", trap: ended.kind, message: ended.message.split("\n")[0] ?? "", offsets };
  }
}

/** Where in the module each frame was, innermost first, as V8 and SpiderMonkey write it. */
function frames(error: Error): number[] {
  const { stack } = error.cause instanceof Error ? error.cause : error;
  return [...(stack ?? "").matchAll(/wasm-function\[\d+\]:0x([0-9a-f]+)/g)].map(([, offset]) => parseInt(offset as string, 16));
}

/** The argument that a value of the prover's is. */
function argument(d: Description, ty: TypeRef, model: Model | undefined): unknown {
  if (ty === "Unit") return undefined;
  if (model === undefined) throw new NoValue();
  if ("int" in model) return BigInt(model.int);
  if ("bool" in model) return model.bool;
  if ("text" in model) return model.text;
  if ("float" in model) return new Float64Array(new BigUint64Array([BigInt(model.float)]).buffer)[0];
  const type = typeof ty === "object" ? undefined : compound(d, ty);
  if ("elements" in model) {
    if (type?.kind !== "array") throw new NoValue();
    return model.elements.map((element) => argument(d, type.element, element));
  }
  if (type?.kind === "tuple") return type.parts.map((part, at) => argument(d, part, model.fields[at]));
  const made = type?.kind === "data" || type?.kind === "enum" ? type.constructors[model.constructor] : undefined;
  if (made === undefined || made.fields.length !== model.fields.length) throw new NoValue();
  return { tag: made.name, fields: made.fields.map((field, at) => argument(d, field, model.fields[at])) };
}

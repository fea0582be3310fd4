// How a program ends other than by returning.

import { type TrapKind, TRAPS, kindOfCode } from "./generated.ts";
import { Broken } from "./values.ts";

/** The program ended abnormally. */
export class VeraTrap extends Error {
  override readonly name = "VeraTrap";
  /** What to change; empty where the message says it already. */
  readonly fix: string;
  constructor(readonly kind: TrapKind, message?: string, options?: ErrorOptions) {
    super(message ?? TRAPS[kind].message, options);
    this.fix = TRAPS[kind].fix;
  }
}

/** The program called `IO.exit`. */
export class VeraExit extends Error {
  override readonly name = "VeraExit";
  constructor(readonly code: bigint) { super(`the program exits with ${code}`); }
}

/** The trap with this code of the ABI. */
export function trapOf(code: number, message: string): VeraTrap {
  const kind = kindOfCode(code);
  return new VeraTrap(kind, message === "" ? undefined : message);
}

/** A host operation failed in a way the program cannot observe. */
export function hostError(message: string): VeraTrap { return new VeraTrap("host_error", message); }

// Engines give their own traps no codes. These are the words of V8, SpiderMonkey and
// JavaScriptCore.
const ENGINE: [RegExp, TrapKind][] = [
  [/(divide|division|remainder) by zero/i, "divide_by_zero"],
  [/divide result unrepresentable|integer overflow|signed integer overflow/i, "overflow"],
  [/float unrepresentable|integer overflow during conversion|invalid conversion to integer|out of bounds trunc/i, "float_conversion"],
  [/unreachable/i, "unreachable"],
  [/out of bounds|signature mismatch|null function|indirect call/i, "out_of_bounds"],
  [/call stack|stack overflow|too much recursion/i, "stack_exhausted"],
];

/** What ended a call, as a trap or an exit. */
export function classify(error: unknown): VeraTrap | VeraExit {
  if (error instanceof VeraTrap || error instanceof VeraExit) return error;
  if (error instanceof Broken) return hostError(error.message);
  const message = error instanceof Error ? error.message : String(error);
  const isEngines = error instanceof WebAssembly.RuntimeError || error instanceof RangeError
    || (error instanceof Error && error.name === "InternalError");
  const found = isEngines ? ENGINE.find(([words]) => words.test(message)) : undefined;
  // The engine's error knows where it was.
  return found === undefined ? new VeraTrap("unknown", message, { cause: error }) : new VeraTrap(found[1], undefined, { cause: error });
}

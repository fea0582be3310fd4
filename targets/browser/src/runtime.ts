// The runtime of compiled programs in browsers and Node: `runtime.mjs`.
//
// Where to start reading: `instance` (what a page calls), `run` (one call, and what a
// program imports), `operations` (what its effects do), `values` (how values cross),
// `waits` and `bridge` (how it waits).

import { Instance, type Source, VeraExit, VeraTrap } from "./instance.ts";
import { isNode, obey, type Order, WORKER } from "./bridge.ts";
import type { Value } from "./values.ts";
import type { Options } from "./world.ts";

export { fetchHandler } from "./adapter.ts";
export { Instance, VeraExit, VeraTrap };

/** A program of its own. */
export function instantiate(source: Source = beside(), options: Options = {}): Promise<Instance> {
  return Instance.create(source, options);
}

// The functions below speak of one program for each loaded runtime.

let current: Promise<Instance> | undefined;
let ready: Instance | undefined;

/** Loads the program; a second call does nothing. */
export async function init(source: Source = beside(), options: Options = {}): Promise<void> {
  current ??= Instance.create(source, options);
  try {
    ready = await current;
  } catch (error) {
    current = undefined;
    throw error;
  }
}

export default init;

/** {@link init} with a module's bytes. */
export function initFromBytes(bytes: BufferSource, options: Options = {}): Promise<void> { return init(bytes, options); }

function beside(): URL { return new URL("./module.wasm", import.meta.url); }

function instance(): Instance {
  if (ready === undefined) throw new Error("Runtime not initialized — call init() first");
  return ready;
}

export const call = (name: string, ...args: unknown[]): Value => instance().call(name, ...args);
export const callAsync = async (name: string, ...args: unknown[]): Promise<Value> => await instance().callAsync(name, ...args);
export const input = (text: string): void => instance().input(text);
export const endInput = (): void => instance().endInput();
export const getStdout = (): string => instance().getStdout();
export const clearStdout = (): void => instance().clearStdout();
export const getStderr = (): string => instance().getStderr();
export const clearStderr = (): void => instance().clearStderr();
export const getExitCode = (): number | null => instance().getExitCode();
export const getState = (): Record<string, Value> => instance().getState();
export const resetState = (): void => instance().resetState();
export const getExports = (): string[] => instance().getExports();
export const getSignature = (name: string): { params: string[]; result: string } => instance().getSignature(name);
export const getFiles = (): Record<string, Uint8Array> => instance().getFiles();
export const reset = (): void => instance().reset();

// A worker that another runtime started.
if (isNode()) {
  const { isMainThread, parentPort, workerData } = await import("node:worker_threads");
  if (!isMainThread && workerData === WORKER) parentPort?.once("message", (order: Order) => obey(order, (said) => parentPort.postMessage(said)));
} else if (typeof document === "undefined" && (globalThis as { name?: string }).name === WORKER) {
  const worker = globalThis as unknown as { onmessage: unknown; postMessage(said: unknown): void };
  worker.onmessage = ({ data }: { data: Order }) => obey(data, (said) => worker.postMessage(said));
}

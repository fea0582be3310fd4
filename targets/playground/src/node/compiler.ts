// The compiler under Node, in a thread: only that can have a deep stack.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Worker, parentPort } from "node:worker_threads";
import { type Answer, Compiler, type Source, resolve, runtimeFile } from "../compiler/module.ts";

/** What a thread is for. */
export const COMPILER = "vera-compiler";

/** Programs nest deep, in MB. */
const STACK = 200;

/** Modules: `text` shows modules, `compiler` does the rest. */
type Part = "compiler" | "text";
type AskPart = (method: string, params?: unknown, bytes?: Uint8Array) => Promise<Answer>;

export interface Compilers { compiler: AskPart; text: AskPart; end(): Promise<void> }

interface Asked { id: number; part: Part; method: string; params: unknown; bytes?: Uint8Array }
type Said = { id: number; answer: Answer } | { id: number; failed: string };

export function start(): Compilers {
  const worker = new Worker(new URL(import.meta.url), { workerData: COMPILER, resourceLimits: { stackSizeMb: STACK } });
  const waiting = new Map<number, { done: (answer: Answer) => void; failed: (error: Error) => void }>();
  let last = 0;
  worker.on("message", (said: Said) => {
    const asked = waiting.get(said.id);
    waiting.delete(said.id);
    if ("failed" in said) asked?.failed(new Error(said.failed));
    else if (said.answer.document.error !== undefined) asked?.failed(new Error(said.answer.document.error.message));
    else asked?.done(said.answer);
  });
  worker.on("error", (error) => {
    for (const asked of waiting.values()) asked.failed(error);
    waiting.clear();
  });
  const asking = (part: Part): AskPart => (method, params = {}, bytes) => new Promise((done, failed) => {
    const id = ++last;
    waiting.set(id, { done, failed });
    worker.postMessage({ id, part, method, params, ...(bytes === undefined ? {} : { bytes }) } satisfies Asked);
  });
  return { compiler: asking("compiler"), text: asking("text"), end: async () => void (await worker.terminate()) };
}

const beside = (name: string): URL => new URL(name, import.meta.url);

const source: Source = {
  file: async (path) => await readFile(path, "utf8").catch(() => null),
  runtime: async (name) => await readFile(beside(runtimeFile(name))),
};

/** Answers in this thread. */
export function serve(): void {
  const parts = new Map<Part, Compiler>();
  const part = (name: Part): Compiler => {
    const known = parts.get(name);
    if (known !== undefined) return known;
    const made = new Compiler(new WebAssembly.Module(readFileSync(beside(`${name}.wasm`))));
    if (name === "compiler") made.ask("enter", { directory: process.cwd() });
    parts.set(name, made);
    return made;
  };
  let before: Promise<unknown> = Promise.resolve();
  parentPort?.on("message", (asked: Asked) => {
    before = before.then(async () => {
      const { id, method, params, bytes } = asked;
      try {
        parentPort?.postMessage({ id, answer: await resolve(part(asked.part), source, method, params, bytes) });
      } catch (error) {
        parentPort?.postMessage({ id, failed: error instanceof Error ? error.message : String(error) });
      }
    });
  });
}

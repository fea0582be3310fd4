// Which prover there is: the compiler's own simplifier, and Z3 once it was asked for.

import { type Question, type Solved, type Solver, prove } from "../compiler/prove.ts";
import { type Client, FILE, URI } from "./client.ts";
import type { Document } from "../compiler/module.ts";
import type { Made, Order } from "../compiler/play.ts";
import { replay } from "../compiler/replay.ts";
import type { FromZ3 } from "./z3.worker.ts";

/** Whether this page may have Z3, which needs memory that threads share. */
export function canHaveZ3(): boolean {
  return globalThis.crossOriginIsolated === true && typeof SharedArrayBuffer === "function";
}

class Z3 implements Solver {
  private waiting: { done: (solved: Solved) => void; failed: (error: Error) => void } | undefined;

  private constructor(readonly name: string, private readonly worker: Worker) {
    worker.onmessage = ({ data }: MessageEvent<FromZ3>) => {
      if ("solved" in data) this.waiting?.done(data.solved);
      else if ("failed" in data) this.waiting?.failed(new Error(data.failed));
    };
  }

  static load(): Promise<Z3> {
    const worker = new Worker(new URL("z3.js", document.baseURI), { name: "z3" });
    return new Promise((done, failed) => {
      worker.onerror = (event) => failed(new Error(event.message || "Z3 cannot be loaded"));
      worker.onmessage = ({ data }: MessageEvent<FromZ3>) => {
        if ("ready" in data) done(new Z3(data.ready, worker));
        else if ("failed" in data) failed(new Error(data.failed));
      };
    });
  }

  solve(question: Question): Promise<Solved> {
    return new Promise((done, failed) => {
      this.waiting = { done, failed };
      this.worker.postMessage(question);
    });
  }
}

/** How long all calls of a proof's round may take, in milliseconds. */
const PATIENCE = 10_000;

/** Makes calls in a thread; those that were not made in time have no end. */
function play(order: Order): Promise<Made[]> {
  const worker = new Worker(new URL("replay.js", document.baseURI), { type: "module", name: "replay" });
  const made: Made[] = [];
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      worker.terminate();
      done(made);
    };
    const timer = setTimeout(end, PATIENCE);
    worker.onerror = end;
    worker.onmessage = ({ data }: MessageEvent<Made | "done">) => {
      if (data === "done") end();
      else made.push(data);
    };
    worker.postMessage(order);
  });
}

let z3: Promise<Z3> | undefined;

let before: Promise<unknown> = Promise.resolve();

/**
 * A proof of the text that the compiler has. Without Z3, what the simplifier proves; what is
 * refuted is run, as `codegen` compiles it. One at a time: the compiler keeps one list of
 * questions.
 */
export function proof(client: Client, codegen: Client, text: string, withZ3: boolean, told: (answered: number) => void): Promise<Document> {
  const proved = before.then(() => proofNow(client, codegen, text, withZ3, told));
  before = proved.catch(() => {});
  return proved;
}

async function proofNow(client: Client, codegen: Client, text: string, withZ3: boolean, told: (answered: number) => void): Promise<Document> {
  const solver = withZ3 ? await (z3 ??= Z3.load()).catch((error: unknown) => { z3 = undefined; throw error; }) : undefined;
  const ask = (method: string, params: unknown) => client.ask(method, params);
  const compile = (method: string, params: object) => codegen.answer(method, params);
  const document = await prove(ask, "prove", { uri: URI }, solver, (calls) => replay(compile, play, { file: FILE, text }, calls), told);
  document["prover"] = prover(solver, document["answered"] as number);
  return document;
}

/** Who proved it, for people. */
function prover(solver: Solver | undefined, answered: number): string {
  if (solver === undefined) return "Prover: the built-in simplifier alone";
  if (answered === 0) return `Prover: the built-in simplifier; ${solver.name} was not needed`;
  return `Prover: the built-in simplifier, and ${solver.name} for ${answered} ${answered === 1 ? "query" : "queries"}`;
}

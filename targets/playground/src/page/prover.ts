// Which prover there is: the compiler's own simplifier, and Z3 once it was asked for.

import { type Question, type Solved, type Solver, prove } from "../compiler/prove.ts";
import { type Client, URI } from "./client.ts";
import type { Document } from "../compiler/module.ts";
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

let z3: Promise<Z3> | undefined;

let before: Promise<unknown> = Promise.resolve();

/**
 * A proof of the text that the compiler has. Without Z3, what the simplifier proves. One at
 * a time: the compiler keeps one list of questions.
 */
export function proof(client: Client, withZ3: boolean, told: (answered: number) => void): Promise<Document> {
  const proved = before.then(() => proofNow(client, withZ3, told));
  before = proved.catch(() => {});
  return proved;
}

async function proofNow(client: Client, withZ3: boolean, told: (answered: number) => void): Promise<Document> {
  const solver = withZ3 ? await (z3 ??= Z3.load()).catch((error: unknown) => { z3 = undefined; throw error; }) : undefined;
  const document = await prove((method, params) => client.ask(method, params), "prove", { uri: URI }, solver, told);
  document["prover"] = prover(solver, document["answered"] as number);
  return document;
}

/** Who proved it, for people. */
function prover(solver: Solver | undefined, answered: number): string {
  if (solver === undefined) return "Prover: the built-in simplifier alone";
  if (answered === 0) return `Prover: the built-in simplifier; ${solver.name} was not needed`;
  return `Prover: the built-in simplifier, and ${solver.name} for ${answered} ${answered === 1 ? "query" : "queries"}`;
}

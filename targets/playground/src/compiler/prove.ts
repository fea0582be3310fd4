// Proofs with a solver and with runs: questions are answered, calls are made, and the proof is
// made again, until it asks nothing new.

import type { Document } from "./module.ts";
import type { Call, Ran } from "./replay.ts";

/** A script that only a solver decides, as `solver.rs` writes it. */
export interface Question {
  question: number;
  text: string;
  assertions: number;
  /** Whether a model is wanted. */
  model: boolean;
  /** Ways to ask, in order until one decides. */
  attempts: { tactic: string | null; rlimit: number }[];
  patience_ms: number;
}

export interface Solved {
  question: number;
  outcome: "sat" | "unsat" | "unknown";
  model: string;
  /** The clock decided. */
  interrupted: boolean;
}

export interface Solver {
  /** With its version, for people. */
  name: string;
  solve(question: Question): Promise<Solved>;
}

/** Asks for a document; the same every time but for what was handed in between. */
export type Ask = (method: string, params: unknown) => Promise<Document>;

/** Makes calls that decide what is refuted. */
export type Runs = (calls: readonly Call[]) => Promise<Ran[]>;

/**
 * Proves by a method that has `questions` and `runs` in its answer.
 *
 * @param told how many questions are answered, after each
 */
export async function prove(
  ask: Ask,
  method: "prove" | "verify",
  params: object,
  solver: Solver | undefined,
  runs: Runs,
  told: (answered: number) => void = () => {},
): Promise<Document> {
  let answered = 0;
  const put = async (method: string, params: unknown): Promise<void> => {
    const { error } = await ask(method, params);
    if (error !== undefined) throw new Error(error.message);
  };
  for (;;) {
    const document = await ask(method, { ...params, solver: solver?.name ?? null, runs: true });
    const questions = (document["questions"] ?? []) as Question[];
    const calls = (document["runs"] ?? []) as Call[];
    if (solver !== undefined && questions.length > 0) {
      for (const question of questions) {
        await put("solved", await solver.solve(question));
        told(++answered);
      }
    } else if (calls.length > 0) {
      for (const ran of await runs(calls)) await put("ran", ran);
    } else {
      return document;
    }
  }
}

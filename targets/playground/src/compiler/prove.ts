// Proofs with a solver: questions are answered and the proof is made again, until it asks
// nothing new.

import type { Document } from "./module.ts";

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

/**
 * Proves by a method that has `questions` in its answer.
 *
 * @param told how many questions are answered, after each
 */
export async function prove(
  ask: Ask,
  method: "prove" | "verify",
  params: object,
  solver: Solver | undefined,
  told: (answered: number) => void = () => {},
): Promise<Document> {
  let answered = 0;
  for (;;) {
    const document = await ask(method, { ...params, solver: solver?.name ?? null });
    const questions = (document["questions"] ?? []) as Question[];
    if (solver === undefined || questions.length === 0) return document;
    for (const question of questions) {
      const { error } = await ask("solved", await solver.solve(question));
      if (error !== undefined) throw new Error(error.message);
      told(++answered);
    }
  }
}

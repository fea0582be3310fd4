// Z3, as npm's `z3-solver` has it, asked as `crates/vera-verify/src/solver/z3.rs` asks the
// library: each script in a context of its own, the core first, then the portfolio.

import type { Question, Solved } from "./prove.ts";

/** The few functions used of its lower interface; handles are numbers. */
export interface LowLevel {
  get_full_version(): string;
  mk_config(): unknown;
  del_config(config: unknown): void;
  mk_context_rc(config: unknown): unknown;
  del_context(context: unknown): void;
  mk_string_symbol(context: unknown, name: string): unknown;
  mk_params(context: unknown): unknown;
  params_inc_ref(context: unknown, params: unknown): void;
  params_dec_ref(context: unknown, params: unknown): void;
  params_set_uint(context: unknown, params: unknown, name: unknown, value: number): void;
  mk_tactic(context: unknown, name: string): unknown;
  tactic_inc_ref(context: unknown, tactic: unknown): void;
  tactic_dec_ref(context: unknown, tactic: unknown): void;
  mk_solver(context: unknown): unknown;
  mk_solver_from_tactic(context: unknown, tactic: unknown): unknown;
  solver_inc_ref(context: unknown, solver: unknown): void;
  solver_dec_ref(context: unknown, solver: unknown): void;
  solver_set_params(context: unknown, solver: unknown, params: unknown): void;
  solver_from_string(context: unknown, solver: unknown, text: string): void;
  solver_check(context: unknown, solver: unknown): Promise<number>;
  solver_get_model(context: unknown, solver: unknown): unknown;
  model_inc_ref(context: unknown, model: unknown): void;
  model_dec_ref(context: unknown, model: unknown): void;
  model_to_string(context: unknown, model: unknown): string;
  interrupt(context: unknown): void;
}

const SATISFIABLE = 1;
const UNSATISFIABLE = -1;

/** `Z3 5.2.0`. */
export function version(z3: LowLevel): string {
  return z3.get_full_version().split(" - ")[0]?.trim() ?? "Z3";
}

export async function solve(z3: LowLevel, question: Question): Promise<Solved> {
  const config = z3.mk_config();
  const context = z3.mk_context_rc(config);
  z3.del_config(config);
  const end = performance.now() + question.patience_ms;
  try {
    let interrupted = false;
    for (const attempt of question.attempts) {
      const found = await tried(z3, context, question, attempt, end - performance.now());
      interrupted ||= found.interrupted;
      if (found.outcome !== "unknown") return { ...found, interrupted };
    }
    return { question: question.question, outcome: "unknown", model: "", interrupted };
  } finally {
    z3.del_context(context);
  }
}

async function tried(z3: LowLevel, context: unknown, question: Question, attempt: Question["attempts"][number], within: number): Promise<Solved> {
  const solver = made(z3, context, attempt.tactic);
  z3.solver_inc_ref(context, solver);
  let interrupted = within <= 0;
  const timer = setTimeout(() => {
    interrupted = true;
    z3.interrupt(context);
  }, Math.max(within, 0));
  try {
    set(z3, context, solver, [["random_seed", 0], ["rlimit", attempt.rlimit]]);
    z3.solver_from_string(context, solver, question.text);
    const outcome = await z3.solver_check(context, solver);
    const model = outcome === SATISFIABLE && question.model ? printed(z3, context, solver) : "";
    const said = outcome === SATISFIABLE ? "sat" : outcome === UNSATISFIABLE ? "unsat" : "unknown";
    return { question: question.question, outcome: said, model, interrupted };
  } catch {
    // It refuses the script; whoever asked has the next attempt, or none.
    return { question: question.question, outcome: "unknown", model: "", interrupted };
  } finally {
    clearTimeout(timer);
    z3.solver_dec_ref(context, solver);
  }
}

function made(z3: LowLevel, context: unknown, tactic: string | null): unknown {
  if (tactic === null) return z3.mk_solver(context);
  const made = z3.mk_tactic(context, tactic);
  z3.tactic_inc_ref(context, made);
  const solver = z3.mk_solver_from_tactic(context, made);
  z3.tactic_dec_ref(context, made);
  return solver;
}

function set(z3: LowLevel, context: unknown, solver: unknown, values: [string, number][]): void {
  const params = z3.mk_params(context);
  z3.params_inc_ref(context, params);
  for (const [name, value] of values) z3.params_set_uint(context, params, z3.mk_string_symbol(context, name), value);
  z3.solver_set_params(context, solver, params);
  z3.params_dec_ref(context, params);
}

function printed(z3: LowLevel, context: unknown, solver: unknown): string {
  const model = z3.solver_get_model(context, solver);
  z3.model_inc_ref(context, model);
  const text = z3.model_to_string(context, model);
  z3.model_dec_ref(context, model);
  return text;
}

//! A solver elsewhere: scripts that have no answer yet are questions for whoever asked.
//!
//! A proof is made as often as questions come up, each time with the answers to those
//! before: it is a function of the answers, so the last time, which asks nothing new, is
//! the proof.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use vera_verify::solver::{Answer, Limits, Missing, Outcome, Reply, Script, Solver, Strategy};

#[derive(Default)]
pub struct Elsewhere {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The solver's name and version; `None` where the caller has none.
    name: Option<String>,
    replies: HashMap<Query, Reply>,
    /// By number, of this proof.
    open: BTreeMap<u64, (Query, Limits)>,
    /// How many scripts of this proof had their answers from the solver.
    answered: usize,
    last: u64,
}

/// A script under a limit of steps.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Query {
    script: Script,
    timeout_ms: u32,
}

impl Elsewhere {
    fn state(&self) -> MutexGuard<'_, State> {
        // No holder can leave it half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a proof, with the solver that the caller has. What another one answered is
    /// forgotten.
    pub fn begin(&self, name: Option<&str>) {
        let mut state = self.state();
        if state.name.as_deref() != name {
            state.name = name.map(str::to_owned);
            state.replies.clear();
        }
        state.open.clear();
        state.answered = 0;
    }

    /// What is left to ask: the text, the attempts in order until one decides, and what to
    /// answer with.
    pub fn questions(&self) -> Value {
        let state = self.state();
        let question = |(number, (query, limits)): (&u64, &(Query, Limits))| {
            let attempts = limits.attempts().map(|attempt| {
                let tactic = match attempt.strategy {
                    Strategy::Core => Some("smt"),
                    Strategy::Portfolio => None,
                };
                json!({ "tactic": tactic, "rlimit": attempt.steps })
            });
            json!({
                "question": number,
                "text": query.script.text,
                "assertions": query.script.assertions,
                "model": query.script.values > 0,
                "attempts": attempts,
                "patience_ms": u64::try_from(limits.patience.as_millis()).unwrap_or(u64::MAX),
            })
        };
        state.open.iter().map(question).collect()
    }

    /// Whether the caller has a solver.
    pub fn is_there(&self) -> bool {
        self.state().name.is_some()
    }

    /// How many scripts of the proof the solver answered.
    pub fn answered(&self) -> usize {
        self.state().answered
    }

    /// Takes an answer: what the solver found, and its model as it prints it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn answer(&self, params: &Value) -> Result<(), String> {
        let mut state = self.state();
        let number = params["question"].as_u64().ok_or("'question' must be a number")?;
        let Some((query, _)) = state.open.remove(&number) else {
            return Err(format!("question {number} is not open"));
        };
        let outcome = match params["outcome"].as_str() {
            Some("unsat") => Outcome::Unsatisfiable,
            Some("sat") => Outcome::Satisfiable,
            Some("unknown") => Outcome::Unknown,
            _ => return Err("'outcome' must be \"sat\", \"unsat\" or \"unknown\"".to_owned()),
        };
        let model = params["model"].as_str().unwrap_or_default();
        let answer = Answer::new(outcome, model, &query.script);
        let interrupted = params["interrupted"] == json!(true);
        state.replies.insert(query, Reply { answer, interrupted });
        Ok(())
    }
}

impl Solver for Elsewhere {
    fn version(&self) -> String {
        self.state().name.clone().unwrap_or_default()
    }

    fn check(&self, script: &Script, limits: &Limits) -> Reply {
        let mut state = self.state();
        if state.name.is_none() {
            return Reply::NONE;
        }
        let query = Query { script: script.clone(), timeout_ms: limits.timeout_ms };
        if let Some(reply) = state.replies.get(&query).cloned() {
            state.answered += 1;
            return reply;
        }
        if state.open.values().all(|(open, _)| *open != query) {
            state.last += 1;
            let number = state.last;
            state.open.insert(number, (query, limits.clone()));
        }
        Reply::NONE
    }

    fn missing(&self) -> Option<Missing> {
        let none = self.state().name.is_none();
        none.then(|| Missing {
            what: "Z3 is not loaded".to_owned(),
            reason: "so far the built-in simplifier works alone".to_owned(),
            fix: "Have Z3 loaded: in the playground by \u{201c}Prove with Z3\u{201d}, under Node by `npm install z3-solver`."
                .to_owned(),
        })
    }
}

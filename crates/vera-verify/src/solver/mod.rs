//! Asking a solver. A query is SMT-LIB 2 text, so that every backend sees the same
//! problem, a dump shows exactly what was asked, and a result can be stored under
//! a hash of it.

mod literal;
mod model;
mod observed;
mod smt;
mod z3;

pub use model::Value;
pub(crate) use observed::Observed;
use smt::value_name;
pub use smt::{Problem, Script};
pub use z3::{Z3, library, version};

/// What a solver says about a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// No model exists.
    Unsatisfiable,
    /// A model exists: the assignments of the script's value constants, in the
    /// solver's notation.
    Satisfiable(Vec<(String, String)>),
    /// No answer within the time limit.
    Unknown,
}

/// A decision procedure for scripts.
pub trait Solver {
    fn check(&mut self, script: &Script) -> Answer;
}

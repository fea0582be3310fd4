//! Execution decides: counterexamples that can be run are run.
//!
//! The prover knows some values only in part, so a model it finds may be one of what
//! it does not know rather than of the program. Running the function on the model's
//! inputs tells which. The crate itself runs nothing; whoever calls it may.

use vera_abi::trap::TrapKind;
use vera_diagnostics::FileSpan;

use crate::SlotValue;

/// A call to be made.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// The declaration of the function to call.
    pub function: FileSpan,
    /// Values of its parameters, by the names clauses give them.
    pub inputs: &'q [SlotValue],
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With a result, as text.
    Returned(String),
    Exited(i64),
    /// The inputs do not meet the precondition or the parameters' types.
    Unmet,
    Trapped {
        kind: TrapKind,
        /// What the frames executed, innermost first.
        places: Vec<FileSpan>,
        /// The first line of the message.
        message: String,
    },
}

/// A call that failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Values of the parameters, by the names clauses give them.
    pub inputs: Vec<SlotValue>,
    pub end: End,
}

/// Makes calls. What it yields must be a function of the program and the question: no
/// clock, nothing random.
pub trait Execution: Sync {
    /// These functions may be asked about soon; called while the prover is at work.
    fn prepare(&self, functions: &[FileSpan]);

    /// The end of each call, `None` for one that cannot be made.
    fn run(&self, questions: &[Question<'_>]) -> Vec<Option<End>>;

    /// Ways in which each of these functions fails on some inputs that it admits, small
    /// ones first; none where it cannot be called, or none were found.
    fn try_out(&self, functions: &[FileSpan]) -> Vec<Vec<Failure>>;
}

/// Makes none.
pub struct NoExecution;

impl Execution for NoExecution {
    fn prepare(&self, _: &[FileSpan]) {}

    fn run(&self, questions: &[Question<'_>]) -> Vec<Option<End>> {
        vec![None; questions.len()]
    }

    fn try_out(&self, functions: &[FileSpan]) -> Vec<Vec<Failure>> {
        vec![Vec::new(); functions.len()]
    }
}

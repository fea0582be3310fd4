//! From obligations to verdicts.
//!
//! [`discharge`] asks, in parallel, what holds; [`unfold`] asks again with the
//! definitions of callees; [`interpret`] reads the language's
//! verdict off each answer; [`confirm`] has counterexamples run; [`premises`] and [`disclosed`] withdraw proofs that rest
//! on premises without a model or on facts this run refuted; [`merge`] joins the
//! instances of generic functions.

mod collections;
mod confirm;
mod counterexample;
mod discharge;
mod disclosed;
mod explained;
mod folds;
mod hypotheses;
mod induction;
mod instances;
mod interpret;
mod merge;
mod parts;
mod premises;
mod proposals;
mod sequences;
mod total;
mod unfold;
mod unknowns;
mod written;

use vera_check::typed::FnId;
use vera_diagnostics::{Code, FileSpan};

use crate::execution::End;
use crate::obligations::{About, Check, Ground, Kind, Recursive, Why};

pub(crate) use confirm::{confirm, try_out};
pub(crate) use counterexample::Counterexample;
pub use counterexample::SlotValue;
pub(crate) use discharge::{AT_ONCE, Context, Finding, discharge, simple};
pub(crate) use disclosed::disclose;
pub(crate) use explained::explain;
pub(crate) use induction::withdraw;
pub(crate) use interpret::interpret;
pub(crate) use merge::merge;
pub(crate) use parts::divide;
pub(crate) use premises::{Premises, check_premises};
pub(crate) use proposals::propose;
pub(crate) use unfold::{is_open, unfold};
pub(crate) use unknowns::result_slot;

/// The outcome of an obligation (language reference, chapter 08.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Status {
    /// Proved for all inputs.
    Verified,
    /// Not settled; checked at run time.
    Tier3,
    /// No answer within the budget; checked at run time.
    Timeout,
    /// Not settled and not checked, or a proof withdrawn.
    Tier3Unguarded,
    /// Refuted.
    Violated,
}

impl Status {
    /// The name in machine-readable output.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Verified => "verified",
            Status::Tier3 => "tier3",
            Status::Timeout => "timeout",
            Status::Tier3Unguarded => "tier3_unguarded",
            Status::Violated => "violated",
        }
    }

    /// How bad it is; instances of a generic function merge to the worst.
    fn severity(self) -> u8 {
        match self {
            Status::Verified => 0,
            Status::Tier3 | Status::Timeout => 1,
            Status::Tier3Unguarded => 2,
            Status::Violated => 3,
        }
    }
}

/// What keeps an open obligation from being settled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Gap {
    /// A value without a model, or nothing in particular.
    Model,
    /// How far recursive functions go on.
    Induction,
    /// All it calls was looked into.
    Search,
}

/// A counterexample that was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The call, as the source would write it.
    pub call: String,
    pub end: End,
    /// The run ended in the failure of the obligation.
    pub breaks: bool,
}

/// Facts that a proof uses, by what teaches them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Premise {
    pub why: Why,
    pub ground: Ground,
}

/// A clause that would prove what is open.
#[derive(Clone, Debug)]
pub(crate) enum Proposal {
    /// Of the function itself.
    Precondition(String),
    /// Of a function that it calls.
    Postcondition { function: FnId, clause: String },
}

/// A settled obligation of one unit.
#[derive(Clone, Debug)]
pub(crate) struct Settled {
    pub kind: Kind,
    pub status: Status,
    pub code: Option<Code>,
    pub at: FileSpan,
    pub check: Check,
    pub text: String,
    pub phase: u32,
    pub about: About,
    pub counterexample: Counterexample,
    /// A state exists, as far as the prover knows, that fails; `certain` when every
    /// reachable one does.
    pub refuted: bool,
    pub certain: bool,
    /// It stands in code that runs at another time.
    pub deferred: bool,
    /// The solver gave no answer within its budget.
    pub exhausted: bool,
    /// The run of the counterexample.
    pub tried: Option<Tried>,
    /// What is not understood, in words, of an obligation that is refuted and no error.
    pub unknowns: Vec<String>,
    /// Of a conjunction that is not proved: the parts that are, and those that are not.
    pub parts: Option<(Vec<String>, Vec<String>)>,
    /// Of a measure: calls that are not known to make it smaller.
    pub calls: Vec<Recursive>,
    /// What a proof would take.
    pub gap: Gap,
    /// Recorded when proved.
    pub listed: bool,
    /// What a proof uses, where that was asked for, and there is something to prove.
    pub premises: Option<Vec<Premise>>,
    /// What would prove it.
    pub proposal: Option<Proposal>,
    /// What a withdrawn proof rested on.
    pub reason: Option<&'static str>,
    /// Names of the generic instances it stands for.
    pub instances: Vec<String>,
}

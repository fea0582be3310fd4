//! From obligations to verdicts.
//!
//! [`discharge`] asks, in parallel, what holds; [`interpret`] reads the language's
//! verdict off each answer; [`premises`] and [`disclosed`] withdraw proofs that rest
//! on premises without a model or on facts this run refuted; [`merge`] joins the
//! instances of generic functions.

mod counterexample;
mod discharge;
mod disclosed;
mod induction;
mod interpret;
mod merge;
mod premises;

use vera_diagnostics::{Code, FileSpan};

use crate::obligations::{About, Check, Kind};

pub use counterexample::SlotValue;
pub(crate) use counterexample::{Counterexample, counterexample};
pub(crate) use discharge::{Context, discharge};
pub(crate) use disclosed::disclose;
pub(crate) use induction::withdraw;
pub(crate) use interpret::interpret;
pub(crate) use merge::merge;
pub(crate) use premises::{Premises, check_premises};

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
    /// Recorded when proved.
    pub listed: bool,
    /// What a withdrawn proof rested on.
    pub reason: Option<&'static str>,
    /// Names of the generic instances it stands for.
    pub instances: Vec<String>,
}

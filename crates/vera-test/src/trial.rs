//! One trial: a call in a fresh instance, and what its end means.

use std::collections::HashMap;
use std::time::Duration;

use vera_abi::interface::{CALL, HostTy, Interface};
use vera_abi::trap::TrapKind;
use vera_check::typed::FnId;
use vera_diagnostics::FileSpan;
use vera_host::{Admission, Host, HostError, Io, Module, Outcome, RunOptions, Trap};

use crate::generate::Parameter;
use crate::shape::Shapes;
use crate::value::Value;

/// How long one trial may take.
const TIME: Duration = Duration::from_secs(10);

/// How long a trial may take whose running out of it is no failure.
const SHORT_TIME: Duration = Duration::from_secs(1);

/// How much memory a trial may use, in bytes.
const MEMORY: u64 = 256 << 20;

/// How a trial failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// A contract was violated.
    Fail,
    /// The function ended in another trap, or not at all.
    Error,
    /// A contract that is proved was violated.
    Refuted,
    /// Whether what was violated is proved, cannot be told.
    Unattributed,
}

impl Status {
    /// The name in machine-readable output.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Fail => "fail",
            Status::Error => "error",
            Status::Refuted => "refuted",
            Status::Unattributed => "unattributed",
        }
    }
}

/// The end of a trial.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// The function returned, exited, or threw an exception that it declares.
    Pass,
    /// The input does not meet the precondition.
    Rejected,
    /// Zero is no value of the cell with this number in the row, so there is no call.
    NoStart(usize),
    Failed(Trap),
}

/// What two failures have in common when they are the same: the trap and, where that
/// is known, its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Signature {
    kind: TrapKind,
    at: Option<FileSpan>,
}

impl Signature {
    pub fn of(trap: &Trap) -> Signature {
        Signature { kind: trap.kind, at: trap.frames.first().and_then(|f| f.at) }
    }
}

/// Runs functions of one compiled program.
pub(crate) struct Runner {
    pub host: Host,
    pub module: Module,
    pub seed: u64,
    /// Those that can be called.
    pub functions: Vec<FnId>,
    pub interface: Interface,
    /// The types of the results of all exports.
    pub results: HashMap<String, HostTy>,
}

/// How a function is called.
#[derive(Clone, Copy)]
pub(crate) struct Call<'c> {
    pub function: &'c str,
    pub shapes: &'c Shapes,
    pub parameters: &'c [Parameter],
    /// How many state cells its row has.
    pub cells: usize,
}

impl Runner {
    /// Calls the exported function with the input.
    pub fn attempt(&self, call: Call<'_>, input: &[Value]) -> Result<Verdict, HostError> {
        self.run(call, input, TIME)
    }

    /// Calls it with an input that may be too large; `None` when that is so: work,
    /// memory and depth of a function may well grow with its arguments.
    pub fn attempt_far(
        &self,
        call: Call<'_>,
        input: &[Value],
    ) -> Result<Option<Verdict>, HostError> {
        let verdict = self.run(call, input, SHORT_TIME)?;
        let too_large = matches!(&verdict, Verdict::Failed(trap)
            if is_exhausting(trap) || trap.kind == TrapKind::StackExhausted);
        Ok((!too_large).then_some(verdict))
    }

    /// The failure of a call that takes little time, if it is one.
    pub fn fails(&self, call: Call<'_>, input: &[Value]) -> Option<Trap> {
        match self.run(call, input, SHORT_TIME) {
            Ok(Verdict::Failed(trap)) => Some(trap),
            Ok(Verdict::Pass | Verdict::Rejected | Verdict::NoStart(_)) | Err(_) => None,
        }
    }

    /// How a call ends that does so much work at most, and whether it began: the input
    /// met the precondition.
    pub fn ends(
        &self,
        call: Call<'_>,
        input: &[Value],
        fuel: u64,
    ) -> Result<(Outcome, bool), HostError> {
        let (outcome, admission) = self.call(call, input, TIME, Some(fuel))?;
        Ok((outcome, admission.admitted && admission.cells_started >= call.cells))
    }

    /// A result of the function as an expression.
    pub fn literal(&self, call: Call<'_>, value: &vera_host::Value) -> String {
        let result = self.results.get(&entry(call));
        result.map_or_else(String::new, |ty| vera_values::literal(&self.interface, ty, value))
    }

    fn run(&self, call: Call<'_>, input: &[Value], time: Duration) -> Result<Verdict, HostError> {
        let (outcome, admission) = self.call(call, input, time, None)?;
        Ok(match outcome {
            Outcome::Returned(_) | Outcome::Exited(_) => Verdict::Pass,
            Outcome::Trapped(trap) => match trap.kind {
                // The type system lets out only what the function declares.
                TrapKind::UncaughtException => Verdict::Pass,
                TrapKind::TimeLimit => Verdict::Failed(out_of_time(trap, time)),
                _ if admission.cells_started < call.cells => {
                    Verdict::NoStart(admission.cells_started)
                }
                _ if !admission.admitted => Verdict::Rejected,
                _ => Verdict::Failed(trap),
            },
        })
    }

    /// Calls an export with these arguments; also what became of them.
    fn call(
        &self,
        call: Call<'_>,
        input: &[Value],
        time: Duration,
        fuel: Option<u64>,
    ) -> Result<(Outcome, Admission), HostError> {
        let args = input.iter().zip(call.parameters);
        let args = args.map(|(value, p)| value.supplied(call.shapes, p.shape)).collect();
        let mut io = Io::sandboxed(self.seed);
        let options = RunOptions {
            timeout: Some(time),
            max_memory: Some(MEMORY),
            fuel,
            ..RunOptions::default()
        };
        let run = self.host.run(&self.module, &entry(call), args, &mut io, &options)?;
        Ok((run.outcome, run.admission))
    }
}

/// The export that makes the call.
fn entry(call: Call<'_>) -> String {
    format!("{}{CALL}", call.function)
}

/// Whether a failure used up what a trial may use: others would take as long, so one
/// such failure is enough, and it is not made smaller.
pub(crate) fn is_exhausting(trap: &Trap) -> bool {
    matches!(trap.kind, TrapKind::TimeLimit | TrapKind::MemoryLimit | TrapKind::HeapExhausted)
}

fn out_of_time(trap: Trap, time: Duration) -> Trap {
    let message = format!("The call did not end within {} s", time.as_secs());
    Trap { message, ..trap }
}

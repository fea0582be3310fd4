//! One test run: verify, compile, and test function by function.

use std::time::{Duration, Instant};

use vera_abi::trap::TrapKind;
use vera_check::typed::{ClauseKind, ExprKind, Function, Program};
use vera_diagnostics::{Diagnostic, Sources};
use vera_host::{HostError, Limits, Trap};
use vera_verify::Precondition;

use crate::classify::{self, Decision, Plan};
use crate::constants::Constants;
use crate::diagnostics::{self, Trust};
use crate::distrust::{Attribution, Evidence};
use crate::generate::{Ended, Generator, Parameter, Tried};
use crate::models::to_model;
use crate::random::{Random, Source};
use crate::report::{Argument, Category, Failure, FunctionReport, Report, Trials};
use crate::shape::{Shape, Shapes};
use crate::trial::{Call, Runner, Signature, Status, Verdict, is_exhausting};
use crate::value::Value;
use crate::{Options, Replay, Subject, Told, Tools, compile, shrink};

/// So many ways to fail are told apart for a function.
const MAX_FAILURES: usize = 5;

/// So many of them become diagnostics.
const MAX_DIAGNOSTICS: usize = 3;

/// What trials are compiled for.
const TRIALS: Limits = Limits { fuel: false, time: true, brief: false, pool: None };

/// Integers of middle size reach at least so far from 0.
const MIN_REACH: i64 = 1_000;

/// How long failing inputs of one function are made smaller.
const SHRINK_TIME: Duration = Duration::from_secs(5);

pub(crate) fn run(
    program: &Program,
    sources: &Sources,
    options: &Options,
    (tools, told): (&Tools<'_>, &Told<'_>),
    shapes: &Shapes,
    subjects: &[Subject],
) -> Result<Report, HostError> {
    let prover = vera_verify::Options { timeout_ms: options.timeout_ms, ..Default::default() };
    let replay = Replay::new(program, sources, tools, false);
    let (cache, progress) = (tools.proofs, told.proofs);
    let means = vera_verify::Means { cache, progress, execution: &replay, ..Default::default() };
    let verification = vera_verify::verify_with(program, sources, &prover, &means);
    let decide = |s| classify::decide(program, &verification, s, options.distrust);
    let decisions: Vec<Decision> = subjects.iter().map(decide).collect();
    let running: Vec<&Subject> = subjects
        .iter()
        .zip(&decisions)
        .filter(|(_, decision)| decision.plan == Plan::Run)
        .map(|(subject, _)| subject)
        .collect();
    let ids: Vec<_> = running.iter().map(|s| s.id).collect();
    let mut preconditions = vera_verify::preconditions(program, sources, &ids).into_iter();
    let (mut runner, mut checks) = (None, Vec::new());
    if !running.is_empty() {
        runner = compile::runner(program, sources, &ids, options.seed, tools, TRIALS)?;
        if let Some(runner) = runner.as_ref().filter(|_| options.distrust) {
            checks = compile::checks(program, sources, &runner.functions);
        }
    }
    let session = Session {
        program,
        sources,
        options,
        tools,
        shapes,
        runner,
        evidence: Evidence { verification: &verification, checks },
    };
    let mut functions = Vec::new();
    let mut diagnostics: Vec<Diagnostic> =
        verification.diagnostics.iter().filter(|d| d.is_error()).cloned().collect();
    for (at, (subject, decision)) in subjects.iter().zip(decisions).enumerate() {
        told.trials.settled(at, subjects.len());
        let report = match decision.plan.clone() {
            Plan::Run => {
                let precondition = preconditions.next().expect("one for each that runs");
                session.function(subject, &decision, precondition, &mut diagnostics)?
            }
            Plan::List(category, reason) => {
                if options.distrust && decision.proved {
                    diagnostics.push(diagnostics::no_inputs(subject, why(&reason)));
                }
                listed(subject, &decision, category, reason)
            }
        };
        functions.push(report);
    }
    let failed: Vec<&Subject> = subjects
        .iter()
        .zip(&functions)
        .filter(|(_, f)| f.refuted.is_some())
        .map(|(s, _)| s)
        .collect();
    let unlisted_errors = classify::unlisted_errors(program, &verification, &failed);
    Ok(Report { distrust: options.distrust, functions, diagnostics, unlisted_errors })
}

/// The reason without what comes before every such reason.
fn why(reason: &str) -> &str {
    reason.strip_prefix("Tier 1, not exercised: ").unwrap_or(reason)
}

fn listed(
    subject: &Subject,
    decision: &Decision,
    category: Category,
    reason: String,
) -> FunctionReport {
    FunctionReport {
        name: subject.name.clone(),
        category,
        reason,
        proved: decision.proved,
        refuted: decision.refuted,
        trials: Trials::default(),
        failures: Vec::new(),
        unchecked: Vec::new(),
    }
}

struct Session<'s> {
    program: &'s Program,
    sources: &'s Sources,
    options: &'s Options,
    tools: &'s Tools<'s>,
    shapes: &'s Shapes,
    /// `None` when no function to run compiles.
    runner: Option<Runner>,
    evidence: Evidence<'s>,
}

/// A way to fail that trials found.
struct Found {
    signature: Signature,
    status: Status,
    input: Vec<Value>,
    trap: Trap,
}

/// What trying a function on inputs showed.
struct Tries {
    trials: Trials,
    found: Vec<Found>,
    ended: Ended,
    /// The number of the state cell that kept the function from being called.
    no_start: Option<usize>,
}

impl Session<'_> {
    /// Tests one function.
    fn function(
        &self,
        subject: &Subject,
        decision: &Decision,
        mut precondition: Precondition,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<FunctionReport, HostError> {
        let proved = decision.proved;
        let unable = |why: &str| {
            let (category, reason) = classify::unable(decision.refuted, proved, why);
            listed(subject, decision, category, reason)
        };
        let Some(runner) = self.runner.as_ref().filter(|r| r.functions.contains(&subject.id))
        else {
            if proved {
                diagnostics.push(diagnostics::nothing_to_test(subject, "compilation errors"));
            }
            return Ok(unable("compilation errors"));
        };
        if proved && !self.evidence.can_fail(subject) {
            let why = "no runtime check that a trial could fail";
            diagnostics.push(diagnostics::nothing_to_test(subject, why));
            return Ok(unable(why));
        }
        let parameters = self.parameters(subject, &precondition);
        let call = Call {
            function: &subject.name,
            shapes: self.shapes,
            parameters: &parameters,
            cells: subject.cells.len(),
        };
        let Tries { trials, found, ended, no_start } =
            self.trials(runner, call, subject, &mut precondition)?;
        if trials.run == 0 {
            let why = match no_start {
                Some(cell) => classify::no_start(&subject.cells[cell]),
                None => self.no_inputs(subject, &precondition, ended),
            };
            if proved || (no_start.is_none() && ended != Ended::Exhausted) {
                diagnostics.push(diagnostics::no_inputs(subject, &why));
            }
            return Ok(unable(&why));
        }
        let failures = self.failures(runner, call, &mut precondition, found);
        self.report_failures(subject, &failures, &mut precondition, diagnostics);
        let category = if trials.refuting > 0 { Category::Refuted } else { Category::Tested };
        Ok(FunctionReport {
            name: subject.name.clone(),
            category,
            reason: reason(decision, trials),
            proved,
            refuted: decision.refuted,
            trials,
            failures: failures.into_iter().map(|(failure, _)| failure).collect(),
            unchecked: if proved { self.evidence.unchecked(subject) } else { Vec::new() },
        })
    }

    /// The parameters with the integers that the precondition leaves them.
    fn parameters(&self, subject: &Subject, precondition: &Precondition) -> Vec<Parameter> {
        let mut out = subject.parameters.clone().unwrap_or_default();
        for (i, parameter) in out.iter_mut().enumerate() {
            if matches!(self.shapes[parameter.shape], Shape::Int(..)) {
                parameter.range = parameter.range.within(precondition.range(i));
            }
        }
        out
    }

    /// Runs trials until there are enough, or one does not end.
    fn trials(
        &self,
        runner: &Runner,
        call: Call<'_>,
        subject: &Subject,
        precondition: &mut Precondition,
    ) -> Result<Tries, HostError> {
        let mut trials = Trials::default();
        let mut found: Vec<Found> = Vec::new();
        let (mut broken, mut no_start) = (None, None);
        let constants = Constants::of(self.program, subject.id);
        let random = Random::new(self.options.seed, &subject.name);
        let reach = i64::try_from(self.options.trials.saturating_mul(4)).unwrap_or(i64::MAX);
        let reach = reach.max(MIN_REACH);
        let mut generator = Generator {
            parameters: call.parameters,
            precondition,
            source: Source { shapes: self.shapes, random, constants, reach, drawn: Vec::new() },
            cache: self.tools.proofs,
            wanted: self.options.trials,
            asks: true,
        };
        let ended = generator.run(&mut |input, far| {
            let verdict = if far {
                runner.attempt_far(call, input)
            } else {
                runner.attempt(call, input).map(Some)
            };
            match verdict {
                Err(error) => {
                    broken = Some(error);
                    Tried::Stop
                }
                Ok(None) => Tried::TooLarge,
                Ok(Some(Verdict::Rejected)) => Tried::Rejected,
                Ok(Some(Verdict::NoStart(cell))) => {
                    no_start = Some(cell);
                    Tried::Stop
                }
                Ok(Some(Verdict::Pass)) => {
                    trials.run += 1;
                    trials.passed += 1;
                    Tried::Admitted
                }
                Ok(Some(Verdict::Failed(trap))) => {
                    let last = is_exhausting(&trap);
                    self.count(&mut trials, &mut found, input, trap);
                    if last { Tried::Stop } else { Tried::Admitted }
                }
            }
        });
        match broken {
            Some(error) => Err(error),
            None => Ok(Tries { trials, found, ended, no_start }),
        }
    }

    fn count(&self, trials: &mut Trials, found: &mut Vec<Found>, input: &[Value], trap: Trap) {
        let signature = Signature::of(&trap);
        trials.run += 1;
        trials.failed += 1;
        let known = found.iter().find(|f| f.signature == signature).map(|f| f.status);
        let status = known.unwrap_or_else(|| self.attribution(&trap).status);
        match status {
            Status::Refuted => trials.refuting += 1,
            Status::Unattributed => trials.unattributed += 1,
            Status::Fail | Status::Error => {}
        }
        if known.is_none() && found.len() < MAX_FAILURES {
            found.push(Found { signature, status, input: input.to_vec(), trap });
        }
    }

    fn attribution(&self, trap: &Trap) -> Attribution {
        let ordinary = match trap.kind {
            TrapKind::ContractViolation => Status::Fail,
            _ => Status::Error,
        };
        if self.options.distrust {
            self.evidence.attribute(trap, ordinary)
        } else {
            Attribution { status: ordinary, text: String::new(), refutes: Vec::new() }
        }
    }

    /// Why no input was found.
    fn no_inputs(&self, subject: &Subject, precondition: &Precondition, ended: Ended) -> String {
        if ended == Ended::Exhausted {
            return "precondition is unsatisfiable (no valid inputs)".to_owned();
        }
        let clauses = match precondition.untranslated.as_slice() {
            [] => stated(self.program.function(subject.id)),
            untranslated => untranslated.to_vec(),
        };
        if clauses.is_empty() {
            return "cannot generate inputs satisfying the parameters' types".to_owned();
        }
        format!("cannot generate inputs satisfying `{}`", clauses.join("`, `"))
    }

    /// The failures with the smallest inputs, as reported and as values.
    fn failures(
        &self,
        runner: &Runner,
        call: Call<'_>,
        precondition: &mut Precondition,
        found: Vec<Found>,
    ) -> Vec<(Failure, Vec<Value>)> {
        let deadline = Instant::now() + SHRINK_TIME;
        let mut out = Vec::new();
        for found in found {
            let (input, trap) = shrunk(runner, call, precondition, found, deadline);
            let Attribution { status, text, refutes } = self.attribution(&trap);
            let shown = input.iter().zip(call.parameters);
            let shown = shown.filter(|(value, _)| **value != Value::Unit);
            let arguments = shown.map(|(value, parameter)| Argument {
                label: parameter.label.clone(),
                text: value.shown(call.shapes, parameter.shape),
                json: value.json(call.shapes, parameter.shape),
            });
            let failure = Failure {
                arguments: arguments.collect(),
                status,
                place: self.place(&trap),
                message: trap.message,
                trap_kind: trap.kind.name(),
                attribution: self.options.distrust.then_some(text),
                refutes,
            };
            out.push((failure, input));
        }
        out
    }

    /// `t.vera:12:5 in 'g'`
    fn place(&self, trap: &Trap) -> Option<String> {
        let frame = trap.frames.first()?;
        // The prelude has no file.
        let at = frame.at.filter(|at| (at.file.0 as usize) < self.sources.len())?;
        let file = self.sources.get(at.file);
        let place = file.line_col(at.span.start);
        Some(format!("{}:{}:{} in '{}'", file.name(), place.line, place.column, frame.func))
    }

    fn report_failures(
        &self,
        subject: &Subject,
        failures: &[(Failure, Vec<Value>)],
        precondition: &mut Precondition,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        for (failure, input) in failures.iter().take(MAX_DIAGNOSTICS) {
            match failure.refutes.first() {
                None => diagnostics.push(diagnostics::violation(subject, failure)),
                Some(proof) => {
                    let trust = if proof.function == subject.name {
                        self.trust(precondition, input)
                    } else {
                        Vec::new()
                    };
                    diagnostics.push(diagnostics::refuted(failure, proof, &trust));
                }
            }
        }
    }

    /// What the function's proofs take on trust, and whether an input satisfies it.
    fn trust(&self, precondition: &mut Precondition, input: &[Value]) -> Vec<Trust> {
        let models: Vec<_> = input
            .iter()
            .enumerate()
            .map(|(i, v)| to_model(v, precondition.sort(i), precondition.sorts()))
            .collect();
        let mut out = Vec::new();
        for i in 0..precondition.assumptions.len() {
            let holds = precondition.holds(i, &models);
            let assumption = &precondition.assumptions[i];
            let file = self.sources.get(assumption.at.file);
            let line = file.line_col(assumption.at.span.start).line;
            out.push(Trust { text: assumption.text.clone(), line, holds });
        }
        out
    }
}

/// The smallest input found that fails in the same way, with how it fails.
fn shrunk(
    runner: &Runner,
    call: Call<'_>,
    precondition: &mut Precondition,
    found: Found,
    deadline: Instant,
) -> (Vec<Value>, Trap) {
    let Found { signature, input, mut trap, .. } = found;
    if is_exhausting(&trap) {
        return (input, trap);
    }
    let shapes: Vec<_> = call.parameters.iter().map(|p| p.shape).collect();
    let input = shrink::shrink(call.shapes, &shapes, input, &mut |candidate| {
        if Instant::now() > deadline {
            return false;
        }
        let sorts = precondition.sorts();
        let models: Vec<_> = candidate
            .iter()
            .enumerate()
            .map(|(i, v)| to_model(v, precondition.sort(i), sorts))
            .collect();
        if precondition.admits(&models) == Some(false) {
            return false;
        }
        match runner.fails(call, candidate) {
            Some(smaller) if Signature::of(&smaller) == signature => {
                trap = smaller;
                true
            }
            Some(_) | None => false,
        }
    });
    (input, trap)
}

fn reason(decision: &Decision, trials: Trials) -> String {
    let proved = decision.proved;
    if let Some(code) = decision.refuted {
        return format!("verification error ({})", code.as_str());
    }
    let plural = if trials.run == 1 { "" } else { "s" };
    if trials.refuting > 0 {
        format!("{} of {} trial{plural} contradict the Tier 1 proof", trials.refuting, trials.run)
    } else if !proved {
        "Tier 3 contract (runtime check)".to_owned()
    } else if trials.unattributed > 0 {
        "Tier 1, a trial trapped and whether it contradicts the proof cannot be told".to_owned()
    } else {
        format!("Tier 1, the proof held under {} trial{plural}", trials.run)
    }
}

/// The `requires` clauses that demand something.
fn stated(function: &Function) -> Vec<String> {
    let clauses = function.clauses.iter().filter(|c| match c.kind {
        ClauseKind::Requires(e) => !matches!(function.body[e].kind, ExprKind::Bool(true)),
        ClauseKind::Ensures(_) | ClauseKind::Decreases(_) => false,
    });
    clauses.map(|c| c.text.clone()).collect()
}

//! What really happens on a counterexample: the function is called with the
//! prover's values.
//!
//! An end is a function of the program and the inputs (work is limited in the
//! engine's own units), so it is stored beside the prover's answers.

use std::sync::OnceLock;

use sha2::{Digest, Sha256};
use vera_abi::trap::TrapKind;
use vera_check::typed::{EffectInst, FnId, Program};
use vera_diagnostics::{FileId, FileSpan, Sources, Span};
use vera_host::{Limits, Outcome};
use vera_verify::execution::{End, Execution, Failure, Question};
use vera_verify::{Precondition, SlotValue};

use crate::constants::Constants;
use crate::generate::{Generator, Tried};
use crate::models::{from_model, to_model};
use crate::random::{Random, Source};
use crate::shape::{Shape, ShapeId, Shapes};
use crate::shrink::shrink;
use crate::trial::{Call, Runner};
use crate::value::Value;
use crate::{Subject, Tools, compile, subject};

/// The work a call may do, in the engine's units.
const FUEL: u64 = 20_000_000;

/// What one trial may do.
const TRIAL_FUEL: u64 = 2_000_000;

/// So many inputs are tried of a function that the prover does not settle; and in vain,
/// if its precondition admits few.
const TRIALS: usize = 300;
const MOST_ATTEMPTS: usize = 3_000;

/// After so many calls that do not end, or ways to fail, no more are tried.
const MOST_ENDLESS: usize = 5;
const MOST_FAILURES: usize = 8;

/// How far from 0 the integers of trials are that are neither small nor anything at all.
const REACH: i64 = 1_000;

/// Runs counterexamples for the prover.
pub struct Replay<'t> {
    program: &'t Program,
    sources: &'t Sources,
    tools: &'t Tools<'t>,
    tries: bool,
    /// What was compiled ahead of the questions.
    ready: OnceLock<Runner>,
}

impl<'t> Replay<'t> {
    /// `tries`: functions are tried on inputs of one's own making, too.
    pub fn new(
        program: &'t Program,
        sources: &'t Sources,
        tools: &'t Tools<'t>,
        tries: bool,
    ) -> Replay<'t> {
        Replay { program, sources, tools, tries, ready: OnceLock::new() }
    }
}

impl Execution for Replay<'_> {
    fn prepare(&self, functions: &[FileSpan]) {
        let mut types = self.program.types.clone();
        let mut shapes = Shapes::new(vera_verify::refinement_bounds(self.program, self.sources));
        let mut ids: Vec<FnId> = Vec::new();
        for id in functions.iter().filter_map(|f| declared(self.program, *f)) {
            if subject(self.program, &mut types, &mut shapes, id).parameters.is_ok() {
                ids.push(id);
            }
        }
        // Who asked before, has the answers.
        let key = format!("{:x}", self.program_key().chain_update("ready").finalize());
        if ids.is_empty() || self.tools.proofs.get(&key).is_some() {
            return;
        }
        self.tools.proofs.put(&key, NO_FAILURE);
        if let Some(runner) = self.compiled(&ids) {
            _ = self.ready.set(runner);
        }
    }

    fn run(&self, questions: &[Question<'_>]) -> Vec<Option<End>> {
        if questions.is_empty() {
            return Vec::new();
        }
        let text = self.program_key();
        let keys: Vec<String> = questions.iter().map(|q| key(&text, q)).collect();
        let mut ends: Vec<Option<Option<End>>> = keys
            .iter()
            .map(|key| self.tools.proofs.get(key).and_then(|stored| decode(&stored)))
            .collect();
        let open: Vec<usize> = (0..questions.len()).filter(|i| ends[*i].is_none()).collect();
        if !open.is_empty() {
            let asked: Vec<Question<'_>> = open.iter().map(|i| questions[*i]).collect();
            for (i, end) in open.into_iter().zip(self.calls(&asked)) {
                // What the machine decided, another may decide otherwise.
                if let Answer::Settled(end) = &end {
                    self.tools.proofs.put(&keys[i], &encode(end.as_ref()));
                }
                ends[i] = Some(end.known());
            }
        }
        ends.into_iter().map(Option::flatten).collect()
    }

    fn try_out(&self, functions: &[FileSpan]) -> Vec<Vec<Failure>> {
        let mut all = vec![Vec::new(); functions.len()];
        if !self.tries {
            return all;
        }
        let program = self.program_key();
        let keys: Vec<String> = functions.iter().map(|f| tried_key(&program, *f)).collect();
        // What passed is remembered; a failure is an error, which somebody repairs.
        let open: Vec<usize> =
            (0..functions.len()).filter(|i| self.tools.proofs.get(&keys[*i]).is_none()).collect();
        let asked: Vec<FileSpan> = open.iter().map(|i| functions[*i]).collect();
        for (i, failures) in open.into_iter().zip(self.trials(&asked)) {
            if failures.is_empty() {
                self.tools.proofs.put(&keys[i], NO_FAILURE);
            }
            all[i] = failures;
        }
        all
    }
}

/// What came of a question.
enum Answer {
    /// The same on every machine; `None` for a call that cannot be made.
    Settled(Option<End>),
    /// Time or memory of this machine ended it.
    Undecided,
}

impl Answer {
    fn known(self) -> Option<End> {
        match self {
            Answer::Settled(end) => end,
            Answer::Undecided => None,
        }
    }
}

impl Replay<'_> {
    /// Everything that decides what a call does, but for the call.
    fn program_key(&self) -> Sha256 {
        let mut hash = Sha256::new();
        hash.update("run ");
        hash.update(&self.tools.build);
        hash.update(FUEL.to_le_bytes());
        for (_, file) in self.sources.iter() {
            hash.update((file.name().len() as u64).to_le_bytes());
            hash.update(file.name());
            hash.update((file.text().len() as u64).to_le_bytes());
            hash.update(file.text());
        }
        hash
    }

    fn compiled(&self, functions: &[FnId]) -> Option<Runner> {
        let limits = Limits { fuel: true, time: true, brief: true, pool: None };
        compile::runner(self.program, self.sources, functions, 0, self.tools, limits).ok().flatten()
    }

    /// Does something with functions that can be called: what is ready, if it has them.
    fn with_runner<T>(&self, functions: &[FnId], work: impl FnOnce(Option<&Runner>) -> T) -> T {
        let has = |runner: &&Runner| functions.iter().all(|f| runner.functions.contains(f));
        if functions.is_empty() {
            return work(None);
        }
        match self.ready.get().filter(has) {
            Some(runner) => work(Some(runner)),
            None => work(self.compiled(functions).as_ref()),
        }
    }

    /// Compiles what is asked about, once, and calls it.
    fn calls(&self, questions: &[Question<'_>]) -> Vec<Answer> {
        let mut types = self.program.types.clone();
        let mut shapes = Shapes::new(vera_verify::refinement_bounds(self.program, self.sources));
        let calls: Vec<Option<(Subject, Vec<Value>)>> =
            questions.iter().map(|q| call(self.program, &mut types, &mut shapes, q)).collect();
        let mut functions: Vec<FnId> = calls.iter().flatten().map(|(s, _)| s.id).collect();
        functions.sort();
        functions.dedup();
        let answer = |runner: Option<&Runner>, call: Option<(Subject, Vec<Value>)>| {
            let (Some((subject, input)), Some(runner)) = (call, runner) else {
                return Answer::Settled(None);
            };
            let Ok(parameters) = &subject.parameters else { return Answer::Settled(None) };
            let cells = subject.cells.len();
            let call = Call { function: &subject.name, shapes: &shapes, parameters, cells };
            match runner.ends(call, &input, FUEL) {
                Ok((outcome, admitted)) => {
                    end(outcome, admitted, |value| runner.literal(call, value))
                }
                Err(_) => Answer::Undecided,
            }
        };
        self.with_runner(&functions, |runner| {
            calls.into_iter().map(|call| answer(runner, call)).collect()
        })
    }
}

impl Replay<'_> {
    /// The failures that trials of each function show.
    fn trials(&self, functions: &[FileSpan]) -> Vec<Vec<Failure>> {
        let mut types = self.program.types.clone();
        let mut shapes = Shapes::new(vera_verify::refinement_bounds(self.program, self.sources));
        let mut subjects: Vec<Option<Subject>> = functions
            .iter()
            .map(|f| declared(self.program, *f))
            .map(|id| id.map(|id| subject(self.program, &mut types, &mut shapes, id)))
            .collect();
        subjects.iter_mut().for_each(|s| _ = s.take_if(|s| s.parameters.is_err()));
        let ids: Vec<FnId> = subjects.iter().flatten().map(|s| s.id).collect();
        let mut out = vec![Vec::new(); functions.len()];
        if ids.is_empty() {
            return out;
        }
        let mut preconditions =
            vera_verify::preconditions(self.program, self.sources, &ids).into_iter();
        self.with_runner(&ids, |runner| {
            let Some(runner) = runner else { return };
            for (failures, subject) in out.iter_mut().zip(&subjects) {
                let Some(subject) = subject else { continue };
                let Some(mut precondition) = preconditions.next() else { break };
                *failures = self.trials_of(runner, &shapes, subject, &mut precondition);
            }
        });
        out
    }

    /// Different ways in which a function fails on inputs that it admits.
    fn trials_of(
        &self,
        runner: &Runner,
        shapes: &Shapes,
        subject: &Subject,
        precondition: &mut Precondition,
    ) -> Vec<Failure> {
        let Ok(parameters) = &subject.parameters else { return Vec::new() };
        let call = Call { function: &subject.name, shapes, parameters, cells: subject.cells.len() };
        let mut found: Vec<(Vec<Value>, End)> = Vec::new();
        let (mut attempts, mut endless) = (0, 0);
        let mut generator = Generator {
            parameters,
            precondition,
            source: Source {
                shapes,
                random: Random::new(0, &subject.name),
                constants: Constants::of(self.program, subject.id),
                reach: REACH,
                drawn: Vec::new(),
            },
            cache: self.tools.proofs,
            wanted: TRIALS,
            asks: false,
        };
        generator.run(&mut |input, _| {
            attempts += 1;
            if attempts > MOST_ATTEMPTS || endless > MOST_ENDLESS || found.len() >= MOST_FAILURES {
                return Tried::Stop;
            }
            let Ok((outcome, admitted)) = runner.ends(call, input, TRIAL_FUEL) else {
                return Tried::Stop;
            };
            match end(outcome, admitted, |value| runner.literal(call, value)) {
                Answer::Settled(Some(End::Unmet)) => Tried::Rejected,
                Answer::Settled(Some(end @ End::Trapped { .. })) => {
                    if !found.iter().any(|(_, known)| is_alike(known, &end)) {
                        found.push((input.to_vec(), end));
                    }
                    Tried::Admitted
                }
                Answer::Settled(Some(End::Returned(_) | End::Exited(_))) => Tried::Admitted,
                Answer::Settled(None) | Answer::Undecided => {
                    endless += 1;
                    Tried::TooLarge
                }
            }
        });
        let ends = |input: &[Value]| match runner.ends(call, input, TRIAL_FUEL) {
            Ok((outcome, admitted)) => end(outcome, admitted, |v| runner.literal(call, v)),
            Err(_) => Answer::Undecided,
        };
        let parts: Vec<ShapeId> = parameters.iter().map(|p| p.shape).collect();
        let mut out = Vec::new();
        for (input, mut end) in found {
            let input = shrink(shapes, &parts, input, &mut |smaller| match ends(smaller).known() {
                Some(other) if is_alike(&end, &other) => {
                    end = other;
                    true
                }
                Some(_) | None => false,
            });
            let slot = |(i, value): (usize, &Value)| SlotValue {
                slot: parameters[i].label.clone(),
                text: value.literal(shapes, parameters[i].shape),
                value: to_model(value, precondition.sort(i), precondition.sorts()),
            };
            let inputs = input.iter().enumerate().map(slot).collect();
            out.push(Failure { inputs, end });
        }
        out
    }
}

/// Whether two calls failed in one way.
fn is_alike(a: &End, b: &End) -> bool {
    match (a, b) {
        (End::Trapped { kind: a, places: at, .. }, End::Trapped { kind: b, places: bt, .. }) => {
            a == b && at.first() == bt.first()
        }
        _ => false,
    }
}

/// How a call ended, in the prover's terms.
fn end(outcome: Outcome, admitted: bool, literal: impl Fn(&vera_host::Value) -> String) -> Answer {
    Answer::Settled(Some(match outcome {
        Outcome::Returned(value) => End::Returned(literal(&value)),
        Outcome::Exited(code) => End::Exited(code),
        Outcome::Trapped(trap) => match trap.kind {
            TrapKind::TimeLimit | TrapKind::MemoryLimit | TrapKind::HeapExhausted => {
                return Answer::Undecided;
            }
            TrapKind::FuelExhausted | TrapKind::StackExhausted => return Answer::Settled(None),
            _ if !admitted => End::Unmet,
            kind => End::Trapped {
                kind,
                places: trap.frames.iter().filter_map(|f| f.at).collect(),
                message: trap.message.lines().next().unwrap_or_default().to_owned(),
            },
        },
    }))
}

/// The function and its arguments, if it can be called with nothing around it and the
/// values give all of them.
fn call(
    program: &Program,
    types: &mut vera_check::types::Types,
    shapes: &mut Shapes,
    question: &Question<'_>,
) -> Option<(Subject, Vec<Value>)> {
    let subject = subject(program, types, shapes, declared(program, question.function)?);
    let mut input = Vec::new();
    for parameter in subject.parameters.as_ref().ok()? {
        if matches!(shapes[parameter.shape], Shape::Unit) {
            input.push(Value::Unit);
            continue;
        }
        let known = question.inputs.iter().find(|v| v.slot == parameter.label)?;
        input.push(from_model(shapes, &known.value, parameter.shape, &mut |_| None)?);
    }
    Some((subject, input))
}

/// The function of a declaration, if it can be called with nothing around it.
fn declared(program: &Program, at: FileSpan) -> Option<FnId> {
    let of = |id: &&FnId| {
        let function = program.function(**id);
        let file = program.modules[function.module.index()].file;
        at == FileSpan { file, span: function.span }
            && function.type_params.is_empty()
            && function.effects.iter().all(|effect| stays_inside(program, effect))
    };
    program.entry_fns.iter().find(of).copied()
}

/// Whether an effect touches nothing outside of the program.
fn stays_inside(program: &Program, effect: &EffectInst) -> bool {
    let declared = &program.effects[effect.effect.index()];
    declared.module.is_none() && matches!(declared.name.as_str(), "Exn" | "State" | "Diverge")
}

fn key(program: &Sha256, question: &Question<'_>) -> String {
    let mut hash = program.clone();
    let Span { start, end } = question.function.span;
    hash.update(format!("{} {start} {end}", question.function.file.0));
    for input in question.inputs {
        hash.update(format!("\n{} {:?}", input.slot, input.value));
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A name for the trials of a function.
fn tried_key(program: &Sha256, function: FileSpan) -> String {
    let mut hash = program.clone();
    let Span { start, end } = function.span;
    hash.update(format!("tried {TRIALS} {TRIAL_FUEL} {} {start} {end}", function.file.0));
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the store keeps of trials that all passed.
const NO_FAILURE: &str = "no failure";

/// An end as the store keeps it.
fn encode(end: Option<&End>) -> String {
    match end {
        None => "none".to_owned(),
        Some(End::Returned(value)) => format!("returned\n{value}"),
        Some(End::Exited(code)) => format!("exited\n{code}"),
        Some(End::Unmet) => "unmet".to_owned(),
        Some(End::Trapped { kind, places, message }) => {
            let mut out = format!("trapped\n{}\n{message}", *kind as i32);
            for FileSpan { file, span } in places {
                out.push_str(&format!("\n{} {} {}", file.0, span.start, span.end));
            }
            out
        }
    }
}

/// Reads what [`encode`] wrote; anything else is not stored.
fn decode(text: &str) -> Option<Option<End>> {
    let (word, rest) = text.split_once('\n').unwrap_or((text, ""));
    Some(match word {
        "none" => None,
        "returned" => Some(End::Returned(rest.to_owned())),
        "exited" => Some(End::Exited(rest.parse().ok()?)),
        "unmet" => Some(End::Unmet),
        "trapped" => {
            let mut lines = rest.split('\n');
            let kind = TrapKind::from_code(lines.next()?.parse().ok()?)?;
            let message = lines.next()?.to_owned();
            let place = |line: &str| {
                let mut numbers = line.split(' ').map(|n| n.parse::<u32>().ok());
                let (file, start, end) = (numbers.next()??, numbers.next()??, numbers.next()??);
                Some(FileSpan { file: FileId(file), span: Span { start, end } })
            };
            Some(End::Trapped { kind, places: lines.map(place).collect::<Option<_>>()?, message })
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_survive_the_store() {
        let place = FileSpan { file: FileId(1), span: Span { start: 3, end: 9 } };
        let trapped = End::Trapped {
            kind: TrapKind::DivideByZero,
            places: vec![place, place],
            message: "Integer division by zero".to_owned(),
        };
        for end in [
            None,
            Some(End::Returned("[1,\n2]".to_owned())),
            Some(End::Exited(-3)),
            Some(End::Unmet),
            Some(trapped),
        ] {
            assert_eq!(decode(&encode(end.as_ref())), Some(end));
        }
        assert_eq!(decode("trapped\n3"), None);
        assert_eq!(decode(""), None);
    }
}

//! What really happens on a counterexample: the function is called with the
//! prover's values.
//!
//! An end is a function of the program and the inputs (work is limited in the
//! engine's own units), so it is stored beside the prover's answers.

use sha2::{Digest, Sha256};
use vera_abi::trap::TrapKind;
use vera_check::typed::{EffectInst, FnId, Program};
use vera_diagnostics::{FileId, FileSpan, Sources, Span};
use vera_host::{Limits, Outcome};
use vera_verify::execution::{End, Execution, Question};

use crate::models::from_model;
use crate::shape::{Shape, Shapes};
use crate::trial::Call;
use crate::value::Value;
use crate::{Subject, Tools, compile, subject};

/// The work a call may do, in the engine's units.
const FUEL: u64 = 20_000_000;

/// Runs counterexamples for the prover.
pub struct Replay<'t> {
    pub program: &'t Program,
    pub sources: &'t Sources,
    pub tools: &'t Tools<'t>,
}

impl Execution for Replay<'_> {
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

    /// Compiles what is asked about, once, and calls it.
    fn calls(&self, questions: &[Question<'_>]) -> Vec<Answer> {
        let mut types = self.program.types.clone();
        let mut shapes = Shapes::new(vera_verify::refinement_bounds(self.program, self.sources));
        let calls: Vec<Option<(Subject, Vec<Value>)>> =
            questions.iter().map(|q| call(self.program, &mut types, &mut shapes, q)).collect();
        let mut functions: Vec<FnId> = calls.iter().flatten().map(|(s, _)| s.id).collect();
        functions.sort();
        functions.dedup();
        let limits = Limits { fuel: true, time: true, brief: true };
        let mut program = self.program.clone();
        let mut runner = None;
        if !functions.is_empty() {
            let (sources, tools) = (self.sources, self.tools);
            let made = compile::runner(&mut program, sources, &functions, 0, tools, limits);
            runner = made.ok().flatten();
        }
        let answer = |call: Option<(Subject, Vec<Value>)>| {
            let (Some((subject, input)), Some(runner)) = (call, &runner) else {
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
        calls.into_iter().map(answer).collect()
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
    let of = |id: &&FnId| {
        let function = program.function(**id);
        let file = program.modules[function.module.index()].file;
        question.function == FileSpan { file, span: function.span }
            && function.type_params.is_empty()
            && function.effects.iter().all(|effect| stays_inside(program, effect))
    };
    let id = program.entry_fns.iter().find(of)?;
    let subject = subject(program, types, shapes, *id);
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

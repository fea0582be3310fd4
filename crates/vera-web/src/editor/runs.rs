//! Calls elsewhere: a refutation is decided by a run, which whoever asked for the proof makes.
//!
//! As with a solver's scripts ([`crate::solver`]), a proof is made again with what the runs
//! showed, until it asks for no new one.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use vera_abi::trap::TrapKind;
use vera_diagnostics::{FileId, FileSpan, Sources, Span};
use vera_verify::execution::{End, Execution, Failure, Question};
use vera_verify::solver::Value as Model;

#[derive(Default)]
pub struct Runs {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Whether the caller makes calls.
    offered: bool,
    /// The texts that the ends are about.
    texts: Vec<(String, String)>,
    /// `None` of calls that cannot be made.
    ends: HashMap<String, Option<End>>,
    /// By number, of this proof: what the call is known by, and what is to be called.
    open: BTreeMap<u64, (String, Value)>,
    last: u64,
}

impl Runs {
    fn state(&self) -> MutexGuard<'_, State> {
        // No holder can leave it half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a proof, for a caller that makes calls or does not.
    pub fn begin(&self, offered: bool) {
        let mut state = self.state();
        state.offered = offered;
        state.open.clear();
    }

    /// What runs of these texts show.
    pub fn of(&self, sources: &Sources) -> Remote<'_> {
        let text = |(_, file): (FileId, &vera_diagnostics::SourceFile)| {
            (file.name().to_owned(), file.text().to_owned())
        };
        let texts: Vec<(String, String)> = sources.iter().map(text).collect();
        let mut state = self.state();
        if state.texts != texts {
            state.texts = texts;
            state.ends.clear();
        }
        Remote { runs: self }
    }

    /// The calls to make, once a solver has said all it is asked.
    pub fn open(&self, questions: &Value) -> Value {
        if questions.as_array().is_some_and(|questions| !questions.is_empty()) {
            return json!([]);
        }
        let state = self.state();
        let run = |(number, (_, call)): (&u64, &(String, Value))| {
            let mut run = call.clone();
            run["run"] = (*number).into();
            run
        };
        state.open.iter().map(run).collect()
    }

    /// Takes the end of a call; `null` for one that cannot be made.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn answer(&self, params: &Value) -> Result<(), String> {
        let mut state = self.state();
        let number = params["run"].as_u64().ok_or("'run' must be a number")?;
        if !state.open.contains_key(&number) {
            return Err(format!("run {number} is not open"));
        }
        let end = match &params["end"] {
            Value::Null => None,
            end => Some(read(end).ok_or("'end' says of no call how it ended")?),
        };
        if let Some((key, _)) = state.open.remove(&number) {
            state.ends.insert(key, end);
        }
        Ok(())
    }
}

/// What runs of some texts show.
pub struct Remote<'r> {
    runs: &'r Runs,
}

impl Execution for Remote<'_> {
    fn prepare(&self, _: &[FileSpan]) {}

    fn run(&self, questions: &[Question<'_>]) -> Vec<Option<End>> {
        let mut state = self.runs.state();
        questions.iter().map(|question| state.end(question)).collect()
    }

    /// None: trials need what the native command has at hand.
    fn try_out(&self, functions: &[FileSpan]) -> Vec<Vec<Failure>> {
        vec![Vec::new(); functions.len()]
    }
}

impl State {
    /// The end of a call, where it is known; else it is asked for.
    fn end(&mut self, question: &Question<'_>) -> Option<End> {
        if !self.offered || question.function.file != FileId(0) {
            return None;
        }
        let mut inputs = Vec::new();
        for input in question.inputs {
            inputs.push(json!({ "slot": input.slot, "value": model(&input.value)? }));
        }
        let call = json!({ "function": question.function.span.start, "inputs": inputs });
        let key = call.to_string();
        if let Some(end) = self.ends.get(&key) {
            return end.clone();
        }
        if self.open.values().all(|(open, _)| *open != key) {
            self.last += 1;
            self.open.insert(self.last, (key, call));
        }
        None
    }
}

/// A value as the prover knows it, as JSON; `None` where it does not know all of it.
fn model(value: &Model) -> Option<Value> {
    let all = |values: &[Model]| values.iter().map(model).collect::<Option<Vec<Value>>>();
    Some(match value {
        Model::Int(n) => json!({ "int": n.to_string() }),
        Model::Bool(b) => json!({ "bool": b }),
        // The bits: JSON knows neither infinities nor what is no number.
        Model::Float(x) => json!({ "float": x.to_bits().to_string() }),
        Model::String(text) => json!({ "text": text }),
        Model::Data { ctor, fields, .. } => json!({ "constructor": ctor, "fields": all(fields)? }),
        Model::Array { elements, more: false } => json!({ "elements": all(elements)? }),
        Model::Array { more: true, .. } | Model::Opaque => return None,
    })
}

/// How a call ended.
fn read(end: &Value) -> Option<End> {
    Some(match end["kind"].as_str()? {
        "returned" => End::Returned(end["text"].as_str()?.to_owned()),
        "exited" => End::Exited(end["code"].as_str()?.parse().ok()?),
        "unmet" => End::Unmet,
        "trapped" => {
            let name = end["trap"].as_str()?;
            let kind = TrapKind::ALL.iter().copied().find(|kind| kind.name() == name)?;
            let places = end["places"].as_array()?.iter().map(place).collect::<Option<_>>()?;
            End::Trapped { kind, places, message: end["message"].as_str()?.to_owned() }
        }
        _ => return None,
    })
}

/// `[file, start, end]`
fn place(value: &Value) -> Option<FileSpan> {
    let number = |at: usize| value[at].as_u64().and_then(|n| u32::try_from(n).ok());
    let span = Span { start: number(1)?, end: number(2)? };
    Some(FileSpan { file: FileId(number(0)?), span })
}

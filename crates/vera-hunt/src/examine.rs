//! One program through the whole tool: everything that must agree about it.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use vera_check::Checked;
use vera_check::typed::{FnId, Program};
use vera_diagnostics::{Code, Sources};
use vera_host::{CacheDir, Host, HostError, Limits};
use vera_verify::{Cache, Verification};

use crate::files::Files;
use crate::inputs::Inputs;
use crate::interpret::{self, End, Run, Value};
use crate::{formatted, observations, proofs, runs};

/// What a finding contradicts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Oracle {
    /// A panic anywhere.
    Panic,
    /// A well-typed program is accepted, by the checker and by the compiler.
    Accepted,
    /// However it is compiled, the program does what the interpreter does.
    Runs,
    /// What is called proved holds.
    Proved,
    /// Every failed check has a record.
    Recorded,
    /// What is called refuted fails with the values given.
    Refuted,
    /// What the prover took on trust it says.
    Trusted,
    /// The formatted program is the same program.
    Formatted,
}

impl Oracle {
    pub fn name(self) -> &'static str {
        match self {
            Oracle::Panic => "panic",
            Oracle::Accepted => "accepted",
            Oracle::Runs => "runs",
            Oracle::Proved => "proved",
            Oracle::Recorded => "recorded",
            Oracle::Refuted => "refuted",
            Oracle::Trusted => "trusted",
            Oracle::Formatted => "formatted",
        }
    }
}

/// A contradiction.
#[derive(Clone, Debug)]
pub struct Finding {
    pub oracle: Oracle,
    /// What two reports of one fault have in common.
    pub kind: String,
    pub details: String,
}

impl Finding {
    pub fn new(oracle: Oracle, kind: impl Into<String>, details: impl Into<String>) -> Finding {
        Finding { oracle, kind: kind.into(), details: details.into() }
    }

    /// Whether the other is likely the same fault.
    pub fn is_like(&self, other: &Finding) -> bool {
        self.oracle == other.oracle && self.kind == other.kind
    }
}

/// How `main` ended in a program that shows nothing wrong.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Ending {
    Value,
    Trap(&'static str),
    TooLong,
    /// The language does not admit it although it is well typed.
    Refused,
}

/// What was looked at.
#[derive(Clone, Copy, Default, Debug)]
pub struct Looked {
    /// Calls the interpreter made.
    pub calls: u64,
    /// Calls the compiled program made.
    pub compiled: u64,
    /// Records of the prover, and those called proved.
    pub records: u64,
    pub proved: u64,
    pub refuted: u64,
}

impl Looked {
    pub fn add(&mut self, other: Looked) {
        self.calls += other.calls;
        self.compiled += other.compiled;
        self.records += other.records;
        self.proved += other.proved;
        self.refuted += other.refuted;
    }
}

/// One program.
pub struct Examined {
    pub ending: Ending,
    pub looked: Looked,
}

/// The most a query may take, in milliseconds: what is not proved quickly is not
/// proved, for a search.
const QUERY_MS: u32 = 60;

/// Of so many programs one is proved again in its canonical form.
const FORMATTED: u64 = 8;

/// Calls of each function.
const CALLS: usize = 10;

/// What examining needs, shared by all programs.
pub struct Examiner {
    pub(crate) host: Host,
    answers: Answers,
}

/// Answers of the solver within one program: it is proved more than once.
#[derive(Default)]
struct Answers(Mutex<HashMap<String, String>>);

impl Cache for Answers {
    fn get(&self, key: &str) -> Option<String> {
        self.0.lock().expect("no panic with the lock").get(key).cloned()
    }

    fn put(&self, key: &str, value: &str) {
        self.0.lock().expect("no panic with the lock").insert(key.into(), value.into());
    }
}

/// A run of the interpreter, with what it was given.
pub(crate) struct Observed<'p> {
    pub function: FnId,
    pub args: Vec<Value<'p>>,
    pub run: Run<'p>,
}

/// A program with what the stages made of it.
pub(crate) struct Subject {
    pub sources: Sources,
    pub program: Arc<Program>,
}

/// Parses and checks; `None`: the language does not admit it.
pub(crate) fn subject(files: &Files) -> Result<Option<Subject>, Finding> {
    let Checked { sources, diagnostics, program, .. } =
        vera_check::check(files.entry(), &mut &*files);
    if let Some(program) = program {
        return Ok(Some(Subject { sources, program }));
    }
    let mut errors = diagnostics.iter().filter(|d| d.is_error());
    // Endless instances, and contracts that lead back to themselves.
    if errors.clone().all(|e| matches!(e.code, Some(Code::E340 | Code::E138))) {
        return Ok(None);
    }
    let first = errors.next().map_or(String::new(), |e| format!("{:?}", e.code));
    let texts: Vec<String> = diagnostics
        .iter()
        .filter(|d| d.is_error())
        .map(|e| vera_diagnostics::render_text(e, &sources))
        .collect();
    Err(Finding::new(Oracle::Accepted, format!("refused {first}"), texts.join("\n")))
}

impl Examiner {
    /// # Errors
    /// When the engine cannot start.
    pub fn new() -> Result<Examiner, HostError> {
        let limits = Limits { time: true, ..Limits::default() };
        let host = Host::with_limits(&CacheDir::Off, limits)?;
        Ok(Examiner { host, answers: Answers::default() })
    }

    /// Everything that must agree about the program of this number; `proofs`: also what
    /// needs the prover, which takes most of the time. The finding comes with the text
    /// that shows it, which may be the program's with clauses added.
    ///
    /// Must run on a stack of [`interpret::STACK`] bytes.
    pub fn examine(
        &self,
        text: &str,
        seed: u64,
        proofs: bool,
    ) -> Result<Examined, (Finding, String)> {
        let plain = caught(|| self.plain(text, seed));
        let (examined, with_claims) = plain.map_err(|finding| (finding, text.to_owned()))?;
        let Some(claims) = with_claims.filter(|_| proofs) else { return Ok(examined) };
        match caught(|| self.proofs(&claims, seed)) {
            Ok(looked) => {
                let mut examined = examined;
                examined.looked.add(looked);
                Ok(examined)
            }
            Err(finding) => Err((finding, claims)),
        }
    }

    /// Whether the text shows a finding like this one.
    pub fn confirm(&self, text: &str, seed: u64, wanted: &Finding) -> Option<Finding> {
        let found = caught(|| match wanted.oracle {
            Oracle::Panic => {
                self.plain(text, seed)?;
                self.proofs(text, seed).map(drop)
            }
            Oracle::Accepted | Oracle::Runs => self.plain(text, seed).map(drop),
            Oracle::Proved
            | Oracle::Recorded
            | Oracle::Refuted
            | Oracle::Trusted
            | Oracle::Formatted => self.proofs(text, seed).map(drop),
        });
        // Compiling without proved checks is looked at together with the proofs.
        let found = match found {
            Ok(()) if wanted.oracle == Oracle::Runs => caught(|| self.proofs(text, seed).map(drop)),
            other => other,
        };
        found.err().filter(|f| f.is_like(wanted))
    }

    /// What concerns running it; and the program with claims about what was seen.
    fn plain(&self, text: &str, seed: u64) -> Result<(Examined, Option<String>), Finding> {
        let files = Files::new(text);
        let mut looked = Looked::default();
        let Some(subject) = subject(&files)? else {
            return Ok((Examined { ending: Ending::Refused, looked }, None));
        };
        let observed = observe(&subject.program, seed);
        looked.calls += observed.len() as u64;
        let ending = ending(&subject.program, &observed);
        if ending == Ending::TooLong {
            return Ok((Examined { ending, looked }, None));
        }
        let claims = observations::with_claims(text, &subject, &observed);
        let builds = [runs::Build::Standard, runs::Build::NothingDeleted];
        looked.compiled += runs::compare(self, &subject, &observed, &builds)?;
        Ok((Examined { ending, looked }, Some(claims)))
    }

    /// What concerns proofs.
    fn proofs(&self, text: &str, seed: u64) -> Result<Looked, Finding> {
        self.answers.0.lock().expect("no panic with the lock").clear();
        let files = Files::new(text);
        let Some(subject) = subject(&files)? else { return Ok(Looked::default()) };
        let verification = self.verify(&subject);
        let observed = observe(&subject.program, seed);
        let mut looked = proofs::judge(&subject, &verification, &observed, seed)?;
        looked.calls += observed.len() as u64;
        let unproved = runs::Build::Unproved(&verification);
        looked.compiled += runs::compare(self, &subject, &observed, &[unproved])?;
        // The solver is asked again where it had no answer in time.
        let whole = seed.is_multiple_of(FORMATTED);
        formatted::compare(self, &files, whole.then_some(&verification))?;
        Ok(looked)
    }

    pub(crate) fn verify(&self, subject: &Subject) -> Verification {
        let options = vera_verify::Options { timeout_ms: QUERY_MS, ..Default::default() };
        vera_verify::verify(&subject.program, &subject.sources, &options, &self.answers)
    }
}

/// The program with claims about what its runs show, as it is given to the prover;
/// `None` where it is not admitted. Must run on a stack of [`interpret::STACK`] bytes.
pub fn with_claims(text: &str, seed: u64) -> Option<String> {
    let subject = subject(&Files::new(text)).ok()??;
    Some(observations::with_claims(text, &subject, &observe(&subject.program, seed)))
}

/// Calls every function of the entry file that arguments can be made for.
fn observe(program: &Program, seed: u64) -> Vec<Observed<'_>> {
    let mut out = Vec::new();
    for id in &program.entry_fns {
        if !runs::is_callable(program, *id) {
            continue;
        }
        for (i, args) in Inputs::of(program, *id, seed, CALLS).into_iter().enumerate() {
            let run = interpret::call(program, *id, args.clone(), seed + i as u64);
            if !matches!(run.end, End::Unmet) {
                out.push(Observed { function: *id, args, run });
            }
        }
    }
    out
}

fn ending(program: &Program, observed: &[Observed<'_>]) -> Ending {
    let main = interpret::function(program, "main");
    let run = observed.iter().find(|o| Some(o.function) == main);
    match run.map(|o| &o.run.end) {
        Some(End::Trapped(failure)) => Ending::Trap(failure.kind.name()),
        Some(End::TooLong) => Ending::TooLong,
        Some(End::Thrown) => Ending::Trap("an exception"),
        Some(End::Returned(_) | End::Unmet) | None => Ending::Value,
    }
}

/// A panic is a finding too.
fn caught<T>(f: impl FnOnce() -> Result<T, Finding>) -> Result<T, Finding> {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        let words = words.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
        let words = words.unwrap_or_default();
        let kind: String = words.chars().take_while(|c| *c != ':' && *c != '\n').collect();
        Err(Finding::new(Oracle::Panic, kind, words))
    })
}

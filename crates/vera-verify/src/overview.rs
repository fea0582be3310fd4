//! What was asked for and what became of it, by function: proved, checked at run
//! time, refuted; what may overflow; and what was taken on trust.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};
use vera_check::typed::{ClauseKind, ExprKind, FnId, Program};
use vera_diagnostics::{Code, Diagnostic, FileId, FileSpan};

use crate::obligations::Kind;
use crate::{Record, Status, Verification, declaration};

/// How the verification of one function ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// All of it is proved.
    Proved,
    /// Something is left to checks at run time.
    Runtime,
    /// Something is refuted, or neither proved nor checked.
    Failed,
}

impl Proof {
    /// The words for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Proof::Proved => "proved",
            Proof::Runtime => "checked at run time",
            Proof::Failed => "not proved",
        }
    }
}

/// A function with how its verification ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionProof {
    /// Its declaration.
    pub at: FileSpan,
    pub name: String,
    pub proof: Proof,
    /// What it leaves to the run time, by kind of obligation.
    pub kinds: BTreeMap<&'static str, usize>,
}

/// How the functions of a verification ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// Each function, in the order of its first record.
    pub functions: Vec<FunctionProof>,
    /// Functions of which everything is proved.
    pub proved: usize,
    /// Functions that leave checks to the run time.
    pub runtime: usize,
    /// Functions with an obligation that is refuted, or neither proved nor checked.
    pub failed: usize,
    /// What is left to the run time, by kind of obligation.
    pub kinds: BTreeMap<&'static str, usize>,
    /// Clauses that are literally `true`.
    pub trivial: usize,
    /// Operations that may overflow, by function, in source order.
    pub overflow: Vec<(String, usize)>,
    /// Functions whose contracts were relied on and not verified here.
    pub trusted: Vec<String>,
}

impl Overview {
    /// `elsewhere`: files whose functions are verified by themselves.
    pub fn new(program: &Program, verification: &Verification, elsewhere: &[FileId]) -> Overview {
        let trusted = trusted(program, verification, elsewhere);
        let mut out = Overview { trusted, ..Overview::default() };
        for record in &verification.records {
            out.trivial += usize::from(is_trivial(record));
            let rank = match record.status {
                Status::Verified => Proof::Proved,
                Status::Tier3 | Status::Timeout => Proof::Runtime,
                Status::Tier3Unguarded | Status::Violated => Proof::Failed,
            };
            if rank == Proof::Runtime {
                *out.kinds.entry(record.kind.as_str()).or_default() += 1;
            }
            if rank == Proof::Runtime && record.kind == Kind::IntOverflow {
                match out.overflow.iter_mut().find(|(name, _)| *name == record.function) {
                    Some((_, count)) => *count += 1,
                    None => out.overflow.push((record.function.clone(), 1)),
                }
            }
            let Some(function) = record.declaration else { continue };
            let known = out.functions.iter().position(|f| f.at == function);
            let known = known.unwrap_or_else(|| {
                out.functions.push(FunctionProof {
                    at: function,
                    name: record.function.clone(),
                    proof: rank,
                    kinds: BTreeMap::new(),
                });
                out.functions.len() - 1
            });
            let entry = &mut out.functions[known];
            entry.proof = rank.max(entry.proof);
            if rank == Proof::Runtime {
                *entry.kinds.entry(record.kind.as_str()).or_default() += 1;
            }
        }
        for function in &out.functions {
            match function.proof {
                Proof::Proved => out.proved += 1,
                Proof::Runtime => out.runtime += 1,
                Proof::Failed => out.failed += 1,
            }
        }
        out
    }

    /// How the function declared at a place ended.
    pub fn of(&self, declaration: FileSpan) -> Option<Proof> {
        self.functions.iter().find(|f| f.at == declaration).map(|f| f.proof)
    }

    /// The worst of how the functions inside a place ended: one with its helpers.
    pub fn within(&self, place: FileSpan) -> Option<Proof> {
        let inside = |at: &FileSpan| {
            at.file == place.file
                && place.span.start <= at.span.start
                && at.span.end <= place.span.end
        };
        self.functions.iter().filter(|f| inside(&f.at)).map(|f| f.proof).max()
    }

    /// The lines of success about it.
    pub fn lines(&self) -> Vec<String> {
        let total = self.proved + self.runtime + self.failed;
        let mut parts = Vec::new();
        if self.proved > 0 {
            parts.push(format!("{} proved", self.proved));
        }
        if self.runtime > 0 {
            let kinds = counted(&self.kinds);
            parts.push(format!("{} checked at run time ({kinds})", self.runtime));
        }
        if self.failed > 0 {
            parts.push(format!("{} with proofs withdrawn", self.failed));
        }
        let plural = if total == 1 { "" } else { "s" };
        let mut line = format!("{total} function{plural}: {}", parts.join(", "));
        match self.trivial {
            0 => {}
            1 => line.push_str("; 1 clause is `true`"),
            n => line.push_str(&format!("; {n} clauses are `true`")),
        }
        let mut out = Vec::new();
        out.extend((total > 0).then_some(line));
        if !self.overflow.is_empty() {
            let functions: Vec<String> =
                self.overflow.iter().map(|(name, count)| format!("{name} ×{count}")).collect();
            out.push(format!("Overflow: checked at run time in {}", functions.join(", ")));
        }
        if !self.trusted.is_empty() {
            out.push(format!("Trusted: contracts not verified here: {}", self.trusted.join(", ")));
        }
        out
    }

    pub fn json(&self) -> Value {
        let overflow: serde_json::Map<String, Value> =
            self.overflow.iter().map(|(name, count)| (name.clone(), (*count).into())).collect();
        json!({
            "functions": self.proved + self.runtime + self.failed,
            "proved": self.proved,
            "runtime": self.runtime,
            "failed": self.failed,
            "runtime_kinds": self.kinds,
            "trivial_clauses": self.trivial,
            "overflow": overflow,
            "trusted": self.trusted,
        })
    }
}

/// `nat_sub ×2, requires ×1`
pub fn counted(kinds: &BTreeMap<&'static str, usize>) -> String {
    let kinds: Vec<String> = kinds.iter().map(|(kind, n)| format!("{kind} ×{n}")).collect();
    kinds.join(", ")
}

fn is_trivial(record: &Record) -> bool {
    matches!(record.kind, Kind::Requires | Kind::Ensures) && record.text == "true"
}

/// Imported functions with contracts that the functions verified here call, as
/// `f (lib.clock)`. The prelude is part of the tool.
fn trusted(program: &Program, verification: &Verification, elsewhere: &[FileId]) -> Vec<String> {
    let verified: HashSet<FileSpan> =
        verification.records.iter().filter_map(|r| r.declaration).collect();
    let mut out: Vec<String> = Vec::new();
    for (i, function) in program.fns.iter().enumerate() {
        if !verified.contains(&declaration(program, FnId(i as u32))) {
            continue;
        }
        for expr in &function.body.exprs {
            let ExprKind::Call { callee, .. } = &expr.kind else { continue };
            let called = program.function(*callee);
            let module = &program.modules[called.module.index()];
            let says = |kind: &ClauseKind| match kind {
                ClauseKind::Ensures(e) | ClauseKind::Requires(e) => {
                    !matches!(called.body[*e].kind, ExprKind::Bool(true))
                }
                ClauseKind::Decreases(_) => true,
            };
            if module.prelude
                || elsewhere.contains(&module.file)
                || verified.contains(&declaration(program, *callee))
                || !called.clauses.iter().any(|c| says(&c.kind))
            {
                continue;
            }
            let name = match module.path.as_str() {
                "" => called.name.to_string(),
                path => format!("{} ({path})", called.name),
            };
            if !out.contains(&name) {
                out.push(name);
            }
        }
    }
    out.sort();
    out
}

/// Makes every report on an obligation that is left to the run time an error, and
/// with `overflow` those on what may overflow, too.
pub fn make_strict(verification: &mut Verification, overflow: bool) {
    for report in &mut verification.diagnostics {
        if report.tier == Some(3) {
            report.severity = vera_diagnostics::Severity::Error;
        }
    }
    if !overflow {
        return;
    }
    for record in &verification.records {
        let open = matches!(record.status, Status::Tier3 | Status::Timeout);
        if record.kind == Kind::IntOverflow && open {
            verification.diagnostics.push(may_overflow(record));
        }
    }
}

fn may_overflow(record: &Record) -> Diagnostic {
    let mut report = Diagnostic::error(
        Code::W012,
        record.at,
        format!(
            "Cannot statically verify that `{}` in '{}' fits into 64 bits. It will be checked at runtime.",
            record.text, record.function
        ),
    )
    .rationale("Nothing in force here bounds the operands.")
    .fix("Bound the operands with `requires` or refinements.")
    .spec("Chapter 8, Section 8.2 \"Obligations\"");
    report.tier = Some(3);
    report
}

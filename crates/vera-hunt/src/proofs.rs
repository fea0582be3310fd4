//! What is called proved holds, what is called refuted fails, and every check that
//! fails has a record.

use vera_abi::trap::TrapKind;
use vera_check::typed::{Body, ExprId, ExprKind, FnId, Program};
use vera_diagnostics::{Code, FileSpan};
use vera_verify::{EmittedCheck, Kind, Record, SlotValue, Status, Verification, answers};

use crate::examine::{Finding, Looked, Observed, Oracle, Subject};
use crate::interpret::{self, End, Failure, Value};
use crate::models;

/// Compares the records with runs.
pub(crate) fn judge(
    subject: &Subject,
    verification: &Verification,
    observed: &[Observed<'_>],
    seed: u64,
) -> Result<Looked, Finding> {
    let mut looked = Looked { records: verification.records.len() as u64, ..Looked::default() };
    for record in &verification.records {
        looked.proved += u64::from(record.status == Status::Verified);
    }
    trusted(subject, verification)?;
    for seen in observed {
        if let End::Trapped(failure) = &seen.run.end
            && !seen.run.misled
        {
            broken(subject, verification, seen, failure)?;
        }
    }
    for record in &verification.records {
        if record.status == Status::Violated {
            looked.refuted += u64::from(refuted(subject, verification, record, observed, seed)?);
        }
    }
    Ok(looked)
}

/// Every `assume` is reported.
fn trusted(subject: &Subject, verification: &Verification) -> Result<(), Finding> {
    let program = &subject.program;
    let functions = program.fns.iter().map(|f| (f.module, &f.body));
    let refinements = program.refinements.iter().map(|r| (r.module, &r.body));
    for (module, body) in functions.chain(refinements).filter(|(m, _)| m.index() == 0) {
        for e in body.exprs.iter().filter(|e| matches!(e.kind, ExprKind::Assume(_))) {
            let at = FileSpan { file: program.modules[module.index()].file, span: e.span };
            let told = |d: &vera_diagnostics::Diagnostic| {
                d.code == Some(Code::W003) && d.location.is_some_and(|l| overlap(l, at))
            };
            if !verification.diagnostics.iter().any(told) {
                let text = subject.sources.one_line(at);
                return Err(Finding::new(Oracle::Trusted, "an assumption is not reported", text));
            }
        }
    }
    Ok(())
}

fn overlap(a: FileSpan, b: FileSpan) -> bool {
    a.file == b.file && a.span.start < b.span.end && b.span.start < a.span.end
}

/// A check that failed is neither proved nor unknown to the prover.
fn broken(
    subject: &Subject,
    verification: &Verification,
    seen: &Observed<'_>,
    failure: &Failure,
) -> Result<(), Finding> {
    let Some(at) = failure.at else { return Ok(()) };
    let entry = subject.program.modules[0].file;
    if at.file != entry || failure.call.is_some_and(|call| call.file != entry) {
        return Ok(());
    }
    let about = about(subject, verification, failure);
    let describe = || {
        let place = failure.call.unwrap_or(at);
        let line = subject.sources.get(place.file).line_col(place.span.start);
        let name = &subject.program.function(seen.function).name;
        let args: Vec<String> =
            seen.args.iter().map(|a| models::text(&subject.program, a)).collect();
        let records: Vec<String> = about.iter().map(|r| described(r)).collect();
        format!(
            "{name}({}) fails with {} at {}:{} `{}`\n records: {}",
            args.join(", "),
            failure.kind.name(),
            line.line,
            line.column,
            subject.sources.one_line(place),
            records.join("; "),
        )
    };
    if about.is_empty() {
        if failure.call.is_some() && failure.kind == TrapKind::ContractViolation {
            // Only what is not proved is listed for the callee's own clauses.
            return Err(Finding::new(Oracle::Proved, "call_pre", describe()));
        }
        let warned = verification.diagnostics.iter().any(|d| d.code == Some(Code::W004));
        if warned {
            return Ok(());
        }
        return Err(Finding::new(Oracle::Recorded, failure.kind.name(), describe()));
    }
    if about.iter().all(|r| r.status == Status::Verified) {
        let kind = about[0].kind.as_str();
        return Err(Finding::new(Oracle::Proved, kind, describe()));
    }
    Ok(())
}

/// The records of the check that failed.
fn about<'v>(
    subject: &Subject,
    verification: &'v Verification,
    failure: &Failure,
) -> Vec<&'v Record> {
    let Some(at) = failure.at else { return Vec::new() };
    match failure.call {
        Some(call) => at_call(verification, call),
        None if failure.indirect => {
            // No one place in the code checks it.
            let places = places(&subject.program, at);
            let narrows = |r: &Record| matches!(r.kind, Kind::NatBind | Kind::RefineBind);
            let here = |r: &Record| r.at.file == at.file && places.contains(&r.at.span.start);
            verification.records.iter().filter(|r| narrows(r) && here(r)).collect()
        }
        None => {
            let check = EmittedCheck { kind: failure.kind, at };
            let places = places(&subject.program, at);
            let here = |r: &Record| r.check_at.is_some_and(|c| places.contains(&c.span.start));
            // A measure that is published for closures is compared at many places.
            let measure = |r: &Record| {
                let measure = r.kind == Kind::Decreases && r.check_at.is_none();
                measure && failure.kind == TrapKind::ContractViolation && r.at == at
            };
            let stands = |r: &&Record| answers(&check, r) && here(r) || measure(r);
            verification.records.iter().filter(stands).collect()
        }
    }
}

/// Where the records of a check at a place begin: there, or at the expressions whose
/// value is the value of the one there.
fn places(program: &Program, at: FileSpan) -> Vec<u32> {
    // A pattern that binds begins with its `@`, the record with the slot after it.
    let mut out = vec![at.span.start, at.span.start + 1];
    let functions = program.fns.iter().map(|f| (f.module, &f.body));
    let refinements = program.refinements.iter().map(|r| (r.module, &r.body));
    for (module, body) in functions.chain(refinements) {
        if program.modules[module.index()].file == at.file {
            let here = |(_, e): &(usize, &vera_check::typed::Expr)| e.span == at.span;
            for (i, _) in body.exprs.iter().enumerate().filter(here) {
                tails(body, ExprId(i as u32), &mut out);
            }
        }
    }
    out
}

fn tails(body: &Body, e: ExprId, out: &mut Vec<u32>) {
    out.push(body[e].span.start);
    match &body[e].kind {
        ExprKind::Block { result, .. } => tails(body, *result, out),
        ExprKind::If { then, otherwise, .. } => {
            tails(body, *then, out);
            tails(body, *otherwise, out);
        }
        ExprKind::Match { arms, .. } => arms.iter().for_each(|a| tails(body, a.body, out)),
        ExprKind::Narrow { value, .. } => tails(body, *value, out),
        ExprKind::Handle(handle) => {
            tails(body, handle.body, out);
            handle.clauses.iter().for_each(|c| tails(body, c.body, out));
        }
        _ => {}
    }
}

/// What is owed to the callee at a call.
fn at_call(verification: &Verification, call: FileSpan) -> Vec<&Record> {
    let owed = |r: &&Record| {
        let kind = matches!(r.kind, Kind::CallPre | Kind::NatBind | Kind::RefineBind);
        let inside = r.at.file == call.file
            && call.span.start <= r.at.span.start
            && r.at.span.end <= call.span.end;
        kind && inside
    };
    verification.records.iter().filter(owed).collect()
}

pub(crate) fn described(record: &Record) -> String {
    format!("{} {} `{}`", record.kind.as_str(), record.status.as_str(), record.text)
}

/// Whether another function is known not to keep its postcondition.
fn breaks_a_promise(verification: &Verification, record: &Record) -> bool {
    let broken = |r: &Record| r.kind == Kind::Ensures && r.status == Status::Violated;
    verification.records.iter().any(|r| broken(r) && r.function != record.function)
}

/// Runs a refuted function with the prover's values; whether there were any. What the
/// prover calls an error must fail.
fn refuted(
    subject: &Subject,
    verification: &Verification,
    record: &Record,
    observed: &[Observed<'_>],
    seed: u64,
) -> Result<bool, Finding> {
    let program = &subject.program;
    let fails = |o: &Observed<'_>| match &o.run.end {
        End::Trapped(f) => about(subject, verification, f).iter().any(|r| r.at == record.at),
        _ => false,
    };
    if observed.iter().any(fails) {
        return Ok(true);
    }
    let reported = verification
        .diagnostics
        .iter()
        .any(|d| d.is_error() && d.code == record.code && d.location == Some(record.at));
    if !reported {
        return Ok(false);
    }
    let Some((id, args)) = call(subject, record) else { return Ok(false) };
    if is_elsewhere(program, id, record.at) {
        return Ok(false);
    }
    let run = interpret::call(program, id, args.clone(), seed);
    let why = match run.end {
        End::Trapped(_) | End::TooLong => return Ok(true),
        End::Returned(_) => "returns",
        End::Thrown => "throws",
        // A premise may call what breaks its own promise, which proofs take on trust.
        End::Unmet if breaks_a_promise(verification, record) => return Ok(true),
        End::Unmet => "does not admit the values",
    };
    let args: Vec<String> = args.iter().map(|a| models::text(program, a)).collect();
    Err(Finding::new(
        Oracle::Refuted,
        record.kind.as_str(),
        format!("{} with ({}): the function {why}", described(record), args.join(", ")),
    ))
}

/// Whether a place of a function is in code that a call need not reach: a closure, or a
/// clause of a handler. What always fails there is refuted all the same.
fn is_elsewhere(program: &Program, id: FnId, at: FileSpan) -> bool {
    let body = &program.function(id).body;
    let within = |e: ExprId| {
        let span = body[e].span;
        span.start <= at.span.start && at.span.end <= span.end
    };
    body.exprs.iter().any(|e| match &e.kind {
        ExprKind::Closure { body, .. } => within(*body),
        ExprKind::Handle(handle) => {
            handle.clauses.iter().any(|c| within(c.body) || c.update.is_some_and(within))
        }
        _ => false,
    })
}

/// The function a record belongs to, with the prover's values, if they are complete.
fn call<'p>(subject: &'p Subject, record: &Record) -> Option<(FnId, Vec<Value<'p>>)> {
    let program: &Program = &subject.program;
    let id = program.entry_fns.iter().copied().find(|id| {
        let function = program.function(*id);
        let file = program.modules[function.module.index()].file;
        record.declaration == Some(FileSpan { file, span: function.span })
            && function.type_params.is_empty()
            && function.effects.is_empty()
    })?;
    let function = program.function(id);
    let slots: Vec<&str> =
        function.params.iter().map(|p| function.body[*p].slot.as_str()).collect();
    let mut args = Vec::new();
    for (i, param) in function.params.iter().enumerate() {
        let index = slots[i + 1..].iter().filter(|later| **later == slots[i]).count();
        let label = format!("@{}.{index}", slots[i]);
        let known: Option<&SlotValue> = record.inputs.iter().find(|v| v.slot == label);
        args.push(models::value(program, function.body[*param].ty, known.map(|v| &v.value))?);
    }
    Some((id, args))
}

//! What runs showed, as claims of the program.
//!
//! A function that yielded `r` for the arguments `a` satisfies `a ==> result == r`, so
//! the prover must not refute it; and it breaks `a ==> result != r` and `result != r`,
//! so the prover must not prove these. Any fact of the prover's that is wrong where a
//! run went shows itself so.

use vera_check::typed::{
    ClauseKind, EffectInst, ExprKind, FnId, Function, Local, LocalId, Program, Stmt,
};
use vera_check::types::{Ty, TyKind};

use crate::examine::{Observed, Subject};
use crate::files::Files;
use crate::interpret::{End, Value};
use crate::models;

/// The solver is slow at comparing texts that are longer.
const LONGEST: usize = 8;

/// The program with claims added.
pub(crate) fn with_claims(text: &str, subject: &Subject, observed: &[Observed<'_>]) -> String {
    let program = &subject.program;
    let mut inserts: Vec<(usize, String)> = Vec::new();
    for id in &program.entry_fns {
        let function = program.function(*id);
        let last = function.clauses.iter().rfind(|c| !matches!(c.kind, ClauseKind::Decreases(_)));
        let Some(last) = last else { continue };
        let called = is_called(program, *id);
        let runs: Vec<&Observed<'_>> = observed.iter().filter(|o| o.function == *id).collect();
        let runs = unusual(program, &runs);
        // A claim inside the body, or about the result.
        let inside = (!called && function.name_span.start.is_multiple_of(2))
            .then(|| runs.iter().find_map(|o| inside(subject, function, o)))
            .flatten();
        if let Some(claim) = inside {
            inserts.push(claim);
            continue;
        }
        let mut claims: Vec<String> =
            runs.into_iter().find_map(|o| claims(subject, function, o, called)).unwrap_or_default();
        claims.sort();
        claims.dedup();
        let claims: String = claims.iter().map(|c| format!("\n  ensures({c})")).collect();
        inserts.push((last.span.end as usize, claims));
    }
    inserts.sort();
    let entry = Files::new(text).named()[0].1.len();
    let mut out = text.to_owned();
    for (at, claims) in inserts.into_iter().rev().filter(|(at, _)| *at <= entry) {
        out.insert_str(at, &claims);
    }
    out
}

/// That something bound in the body is not what it was in this run: an assertion, and
/// where it goes.
fn inside(
    subject: &Subject,
    function: &Function,
    observed: &Observed<'_>,
) -> Option<(usize, String)> {
    let program = &subject.program;
    let chance = |e: &EffectInst| program.effects[e.effect.index()].name == "Random";
    if observed.run.misled || function.effects.iter().any(chance) {
        return None;
    }
    let lets = &observed.run.lets;
    let once = |local: LocalId| lets.iter().filter(|(l, _)| *l == local).count() == 1;
    // Any of them, the same in every run of the search.
    let first = function.name_span.start as usize % lets.len().max(1);
    let (before, after) = lets.split_at(first);
    let lets_in_turn = after.iter().chain(before).filter(|(local, _)| once(*local));
    lets_in_turn.into_iter().find_map(|(local, value)| {
        let bound = function.body.exprs.iter().find_map(|e| {
            let ExprKind::Block { stmts, .. } = &e.kind else { return None };
            stmts.iter().find_map(|s| match s {
                Stmt::Let { local: l, value } if l == local => Some(*value),
                _ => None,
            })
        })?;
        let Local { slot, ty, .. } = &function.body[*local];
        let same = equals(program, &format!("@{slot}.0"), *ty, value)?;
        let file = program.modules[function.module.index()].file;
        let from = function.body[bound].span.end as usize;
        let end = subject.sources.get(file).text()[from..].find(';')?;
        Some((from + end + 1, format!(" assert(!({same}));")))
    })
}

/// The runs, those first whose result is the rarest.
fn unusual<'o, 'p>(program: &Program, runs: &[&'o Observed<'p>]) -> Vec<&'o Observed<'p>> {
    let result = |o: &Observed<'_>| match &o.run.end {
        End::Returned(value) => models::text(program, value),
        End::Trapped(_) | End::Thrown | End::Unmet | End::TooLong => String::new(),
    };
    let results: Vec<String> = runs.iter().map(|o| result(o)).collect();
    let count = |i: usize| results.iter().filter(|r| **r == results[i]).count();
    let mut order: Vec<usize> = (0..runs.len()).collect();
    order.sort_by_key(|i| count(*i));
    order.into_iter().map(|i| runs[i]).collect()
}

/// Whether some code of the program calls the function: what it promises there must be
/// true.
fn is_called(program: &Program, id: FnId) -> bool {
    let calls = |e: &vera_check::typed::Expr| matches!(e.kind, vera_check::typed::ExprKind::Call { callee, .. } if callee == id);
    program.fns.iter().any(|f| f.body.exprs.iter().any(calls))
        || program.refinements.iter().any(|r| r.body.exprs.iter().any(calls))
}

fn claims(
    subject: &Subject,
    function: &Function,
    observed: &Observed<'_>,
    called: bool,
) -> Option<Vec<String>> {
    let End::Returned(value) = &observed.run.end else { return None };
    // Cells and chance have a say in the result.
    let pure = function.effects.iter().all(|e| {
        let name = &subject.program.effects[e.effect.index()].name;
        name == "IO" || name == "Diverge"
    });
    if !pure || observed.run.misled {
        return None;
    }
    let program = &subject.program;
    let result = format!("@{}.result", written_result(subject, function)?);
    let same = equals(program, &result, function.ret, value)?;
    let under = args(program, function, &observed.args).map(|args| match args.is_empty() {
        true => String::new(),
        false => format!("({}) ==> ", args.join(" && ")),
    });
    let mut out = Vec::new();
    if let Some(under) = &under {
        out.push(format!("{under}({same})"));
    }
    if !called {
        // That no arguments have the result is easier to prove, if facts are wrong.
        let under = under.filter(|_| !function.name_span.start.is_multiple_of(3));
        out.push(format!("{}!({same})", under.unwrap_or_default()));
    }
    Some(out)
}

fn args(program: &Program, function: &Function, args: &[Value<'_>]) -> Option<Vec<String>> {
    let slots: Vec<&str> =
        function.params.iter().map(|p| function.body[*p].slot.as_str()).collect();
    let mut out = Vec::new();
    for (i, (param, arg)) in function.params.iter().zip(args).enumerate() {
        let ty = function.body[*param].ty;
        if matches!(program.types.base_kind(ty), TyKind::Unit) {
            continue;
        }
        let index = slots[i + 1..].iter().filter(|later| **later == slots[i]).count();
        out.push(equals(program, &format!("@{}.{index}", slots[i]), ty, arg)?);
    }
    Some(out)
}

/// The result's type as the signature writes it, if that is no more than a name with
/// arguments.
fn written_result(subject: &Subject, function: &Function) -> Option<String> {
    let file = subject.program.modules[function.module.index()].file;
    let text = subject.sources.get(file).text();
    let from = function.name_span.start as usize;
    let head = text[from..function.span.end as usize].split("\n  requires").next()?;
    let (_, ret) = head.rsplit_once("-> @")?;
    Some(ret.trim_end().strip_suffix(')')?.to_owned())
}

/// That an expression has a value; `None` where that cannot be said.
fn equals(program: &Program, place: &str, ty: Ty, value: &Value<'_>) -> Option<String> {
    Some(match (program.types.base_kind(ty), value) {
        (TyKind::Float64, Value::Float(x)) if x.is_nan() => format!("float_is_nan({place})"),
        (TyKind::Byte, Value::Byte(b)) => format!("byte_to_int({place}) == {b}"),
        (TyKind::Array(item), Value::Array(items)) if items.len() <= 4 => {
            let mut parts = vec![format!("array_length({place}) == {}", items.len())];
            for (i, value) in items.iter().enumerate() {
                parts.push(equals(program, &format!("{place}[{i}]"), *item, value)?);
            }
            parts.join(" && ")
        }
        (TyKind::Data(..), Value::Data(data, ctor, fields)) if fields.is_empty() => {
            let name = &program.data(*data).ctors[*ctor as usize].name;
            format!("(match {place} {{ {name} -> true, _ -> false }})")
        }
        (TyKind::Data(..), Value::Data(data, ctor, fields)) => {
            let [Value::Int(n)] = &fields[..] else { return None };
            let name = &program.data(*data).ctors[*ctor as usize].name;
            let prelude = matches!(name.as_str(), "Some" | "Ok");
            let TyKind::Data(_, args) = program.types.base_kind(ty) else { return None };
            if !prelude || args.first() != Some(&Ty::INT) {
                return None;
            }
            format!("(match {place} {{ {name}(@Int) -> @Int.0 == {n}, _ -> false }})")
        }
        (_, Value::Str(bytes)) if bytes.len() > LONGEST => return None,
        _ => format!("{place} == {}", models::scalar(value)?),
    })
}

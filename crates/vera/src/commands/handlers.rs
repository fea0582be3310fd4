//! `vera run --replay FILE --as-handler`: a recording as handlers, to be put into a
//! program's own tests.

use std::fmt::Write;

use vera_abi::interface::{Export, HostOp, HostTy, Interface};
use vera_host::Value;
use vera_host::tape::Player;
use vera_syntax::ast::Decl;

use crate::input::Entry;

/// An operation of a handled effect, with its answers: which one of the effect's
/// operations each was, and what it was.
struct Answered<'i> {
    op: &'i HostOp,
    answers: Vec<(usize, Value)>,
}

/// Operations that keep their meaning: they show, or end the program.
fn is_left(op: &HostOp) -> bool {
    op.effect == "IO" && matches!(op.name.as_str(), "print" | "stderr" | "exit")
}

/// The text of functions that answer as the recording does, and of one that makes the
/// recorded call inside handlers that ask them.
///
/// # Errors
/// The message to show.
pub(super) fn text(
    entry: &Entry,
    export: &Export,
    function: &str,
    arguments: &[Value],
    interface: &Interface,
    player: &Player,
) -> Result<String, String> {
    let mut effects: Vec<(&str, usize, Vec<Answered<'_>>)> = Vec::new();
    for answer in player.answers(interface) {
        let (op, value) = answer?;
        if is_left(op) {
            continue;
        }
        let at = effects.iter().position(|(effect, ..)| *effect == op.effect);
        let at = at.unwrap_or_else(|| {
            effects.push((&op.effect, 0, Vec::new()));
            effects.len() - 1
        });
        let (_, count, ops) = &mut effects[at];
        match ops.iter_mut().find(|a| a.op.name == op.name) {
            Some(known) => known.answers.push((*count, value)),
            None => ops.push(Answered { op, answers: vec![(*count, value)] }),
        }
        *count += 1;
    }
    let mut out = String::new();
    for answered in effects.iter().flat_map(|(_, _, ops)| ops) {
        answers(&mut out, interface, answered);
    }
    let row = row(entry, function, |name| {
        effects.iter().any(|(effect, _, ops)| *effect == name && !ops.is_empty()) && name != "IO"
    });
    let arguments = export.params.iter().zip(arguments);
    let arguments: Vec<String> =
        arguments.map(|(ty, value)| vera_values::literal(interface, ty, value)).collect();
    let mut body = format!("{function}({})", arguments.join(", "));
    if export.params.is_empty() {
        body = format!("{function}()");
    }
    for (effect, _, ops) in effects.iter().rev() {
        let clauses: Vec<String> = ops.iter().map(|a| clause(interface, a)).collect();
        let clauses = clauses.join(",\n");
        body = format!("handle[{effect}](@Nat = 0) {{\n{clauses}\n}} in {{\n{body}\n}}");
    }
    let ret = interface.name(&export.result);
    _ = write!(
        out,
        "public fn replayed_{function}(@Unit -> @{ret})\n  requires(true)\n  ensures(true)\n  effects({row})\n{{\n{body}\n}}\n"
    );
    let parsed = vera_syntax::parse(&out);
    if parsed.errors.is_empty() {
        Ok(vera_fmt::format(&out, &parsed))
    } else {
        Err("the recording cannot be written as handlers".to_owned())
    }
}

/// The name of the function with an operation's answers.
fn name(op: &HostOp) -> String {
    format!("recorded_{}_{}", op.effect.to_ascii_lowercase(), op.name)
}

fn answers(out: &mut String, interface: &Interface, answered: &Answered<'_>) {
    let (op, ret) = (answered.op, interface.name(&answered.op.result));
    let Some(((_, last), others)) = answered.answers.split_last() else { return };
    if op.result == HostTy::Unit {
        return;
    }
    let literal = |value| vera_values::literal(interface, &op.result, value);
    let mut arms: Vec<String> =
        others.iter().map(|(count, value)| format!("{count} -> {}", literal(value))).collect();
    arms.push(format!("_ -> {}", literal(last)));
    _ = write!(
        out,
        "private fn {}(@Nat -> @{ret})\n  requires(true)\n  ensures(true)\n  effects(pure)\n{{\nmatch @Nat.0 {{\n{}\n}}\n}}\n\n",
        name(op),
        arms.join(",\n")
    );
}

fn clause(interface: &Interface, answered: &Answered<'_>) -> String {
    let op = answered.op;
    let params = op.params.iter().filter(|ty| **ty != HostTy::Unit);
    let params: Vec<String> = params.map(|ty| format!("@{}", interface.name(ty))).collect();
    let params = if params.is_empty() { "@Unit".to_owned() } else { params.join(", ") };
    let answer = match op.result {
        HostTy::Unit => "()".to_owned(),
        _ => format!("{}(@Nat.0)", name(op)),
    };
    format!("{}({params}) -> {{ resume({answer}) }} with @Nat = @Nat.0 + 1", op.name)
}

/// The row of the function, as written, without the effects that are handled.
fn row(entry: &Entry, function: &str, is_handled: impl Fn(&str) -> bool) -> String {
    let text = entry.source.text();
    let parsed = vera_syntax::parse(text);
    let declared = parsed.program.decls.iter().find_map(|d| match &d.decl {
        Decl::Fn(f) if f.name.text == function => Some(&f.effects.effects),
        Decl::Fn(_) | Decl::Data(_) | Decl::Alias(_) | Decl::Effect(_) | Decl::Ability(_) => None,
    });
    let left: Vec<&str> = declared
        .into_iter()
        .flatten()
        .filter(|e| !is_handled(e.name.text.as_str()))
        .map(|e| &text[e.span.start as usize..e.span.end as usize])
        .collect();
    if left.is_empty() { "pure".to_owned() } else { format!("<{}>", left.join(", ")) }
}

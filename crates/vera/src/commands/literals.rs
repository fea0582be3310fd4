//! Arguments of compound types: `vera run f.vera -- '[1, 2, 3]'`.
//!
//! A word for an array, a tuple or a data type is a Vera literal. It is compiled
//! as such: the program gets one more function, which calls the wanted one with
//! all arguments written out.

use vera_diagnostics::SourceFile;
use vera_host::Value;
use vera_mir::ir::{Export, HostTy};
use vera_syntax::ast::{Decl, ExprId, ExprKind, FnDecl, InterpolPart, Nodes, TypeId, UnaryOp};
use vera_syntax::print;

use crate::input::Entry;
use crate::values;

/// The function that calls the wanted one.
const CALLER: &str = "call_with_arguments";

/// A program with a function that makes the call.
pub(super) struct WithCall {
    pub entry: Entry,
    /// Name of that function.
    pub function: String,
}

/// Adds the function; `words` are the arguments of `export`, one for each
/// parameter that takes one.
///
/// # Errors
/// The message to show, for a word that is no value of its parameter.
pub(super) fn with_call(
    entry: &Entry,
    export: &Export,
    words: &[String],
) -> Result<WithCall, String> {
    let text = entry.source.text();
    let parsed = vera_syntax::parse(text);
    let nodes = &parsed.program.nodes;
    let functions = || {
        parsed.program.decls.iter().filter_map(|d| match &d.decl {
            Decl::Fn(f) => Some(f),
            Decl::Data(_) | Decl::Alias(_) | Decl::Effect(_) | Decl::Ability(_) => None,
        })
    };
    let Some(wanted) = functions().find(|f| f.name.text == export.name) else {
        return Err(format!("Function '{}' not found in exports.", export.name));
    };
    let mut function = CALLER.to_owned();
    while functions().any(|f| f.name.text == function) {
        function.push('_');
    }
    let mut words = words.iter();
    let mut arguments = Vec::new();
    for (i, ty) in export.params.iter().enumerate() {
        if *ty == HostTy::Unit {
            arguments.push("()".to_owned());
            continue;
        }
        let word = words.next().expect("one word for each parameter that takes one");
        arguments.push(argument(word, ty, i, export)?);
    }
    let call = format!("{}({})", export.name, arguments.join(", "));
    let text = format!("{text}\n\n{}", caller(text, nodes, wanted, &function, &call));
    let source = SourceFile::new(entry.source.name(), &text);
    let entry = Entry {
        word: entry.word.clone(),
        source,
        raw: entry.raw.clone(),
        dir: entry.dir.clone(),
        stem: entry.stem.clone(),
    };
    Ok(WithCall { entry, function })
}

fn caller(text: &str, nodes: &Nodes, wanted: &FnDecl, name: &str, call: &str) -> String {
    let effects: Vec<&str> = wanted
        .effects
        .effects
        .iter()
        .map(|e| &text[e.span.start as usize..e.span.end as usize])
        .collect();
    let row = match effects.as_slice() {
        [] => "pure".to_owned(),
        effects => format!("<{}>", effects.join(", ")),
    };
    let ret = written(text, nodes, wanted.ret);
    format!(
        "public fn {name}(@Unit -> @{ret})\n  requires(true)\n  ensures(true)\n  effects({row})\n{{\n  {call}\n}}\n"
    )
}

/// The source text of a type, without the sigil.
fn written<'t>(text: &'t str, nodes: &Nodes, ty: TypeId) -> &'t str {
    let span = nodes[ty].span;
    text[span.start as usize..span.end as usize].trim_start_matches('@')
}

/// The source text of one argument.
fn argument(word: &str, ty: &HostTy, index: usize, export: &Export) -> Result<String, String> {
    let HostTy::Other(shown, _) = ty else {
        return values::parse(word, ty).map(|value| literal(&value));
    };
    let refused = || {
        format!(
            "parameter {} of '{}' has type {shown}, which cannot be given on the command line",
            index + 1,
            export.name
        )
    };
    if ["Map<", "Set<", "fn(", "Future<"].iter().any(|p| shown.starts_with(p)) || shown == "Decimal"
    {
        return Err(refused());
    }
    if is_literal(word) {
        Ok(word.to_owned())
    } else {
        Err(invalid(
            word,
            shown,
            "expected a literal such as `[1, 2]`, `Some(4)` or `Tuple(1, true)`",
        ))
    }
}

/// The message for a word that is no value of a type.
pub(super) fn invalid(word: &str, ty: &str, why: &str) -> String {
    format!("Argument '{word}' is not valid for parameter type @{ty}: {why}")
}

/// A scalar as source text.
fn literal(value: &Value) -> String {
    match value {
        Value::Unit | Value::Other(_) => "()".to_owned(),
        Value::Int(n) => n.to_string(),
        Value::Byte(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Float64(x) => print::float_value(*x),
        Value::String(bytes) => print::string_value(&String::from_utf8_lossy(bytes)),
    }
}

/// Whether a word is one literal expression, and nothing else.
fn is_literal(word: &str) -> bool {
    let text = format!(
        "private fn f(@Unit -> @Unit)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{{\n  {word}\n}}\n"
    );
    let parsed = vera_syntax::parse(&text);
    let [only] = parsed.program.decls.as_slice() else { return false };
    match &only.decl {
        Decl::Fn(f) if parsed.errors.is_empty() && f.body.stmts.is_empty() => {
            f.helpers.is_empty() && is_literal_expr(&parsed.program.nodes, f.body.result)
        }
        Decl::Fn(_) | Decl::Data(_) | Decl::Alias(_) | Decl::Effect(_) | Decl::Ability(_) => false,
    }
}

fn is_literal_expr(nodes: &Nodes, e: ExprId) -> bool {
    let all = |es: &[ExprId]| es.iter().all(|e| is_literal_expr(nodes, *e));
    match &nodes[e].kind {
        ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Str(_)
        | ExprKind::Bool(_)
        | ExprKind::Unit
        | ExprKind::Ctor { .. } => true,
        ExprKind::Array(items) => all(items),
        ExprKind::CtorCall { args, .. } => all(args),
        ExprKind::Unary { op: UnaryOp::Neg, operand } => match &nodes[*operand].kind {
            ExprKind::Int(_) | ExprKind::Float(_) => true,
            ExprKind::Call { name, args, .. } => name.text == "infinity" && args.is_empty(),
            _ => false,
        },
        // The calls with which results are written that have no literal.
        ExprKind::Call { name, args, .. } => match name.text.as_str() {
            "nan" | "infinity" | "map_new" | "set_new" => args.is_empty(),
            "map_insert" | "set_add" => all(args),
            _ => false,
        },
        ExprKind::Interpolated(parts) => parts.iter().all(|part| match part {
            InterpolPart::Text(_) => true,
            InterpolPart::Expr(e) => is_byte(nodes, *e),
        }),
        ExprKind::Unary { op: UnaryOp::Not, .. }
        | ExprKind::Hole
        | ExprKind::Slot { .. }
        | ExprKind::Result { .. }
        | ExprKind::Binary { .. }
        | ExprKind::Index { .. }
        | ExprKind::OpCall { .. }
        | ExprKind::ModuleCall { .. }
        | ExprKind::Old(_)
        | ExprKind::New(_)
        | ExprKind::Assert(_)
        | ExprKind::Assume(_)
        | ExprKind::If { .. }
        | ExprKind::Match { .. }
        | ExprKind::Block(_)
        | ExprKind::Closure(_)
        | ExprKind::Quantifier { .. }
        | ExprKind::Handle(_)
        | ExprKind::Error => false,
    }
}

/// Whether an expression is a byte that is no part of a character, as results write it.
fn is_byte(nodes: &Nodes, e: ExprId) -> bool {
    match &nodes[e].kind {
        ExprKind::Call { name, args, .. } => match args.as_slice() {
            [code] => {
                name.text == "string_from_char_code"
                    && matches!(nodes[*code].kind, ExprKind::Int(_))
            }
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_literals_are_values() {
        for word in [
            "[1, 2]",
            "Some(-4)",
            "Tuple(1, [true], \"a\")",
            "None",
            "-1.5",
            "[nan(), -infinity()]",
            "[map_new() |> map_insert(1, set_new() |> set_add(2))]",
            "[\"a\\(string_from_char_code(200))\"]",
        ] {
            assert!(is_literal(word), "{word}");
        }
        for word in ["f(1)", "1 + 1", "@Int.0", "1 } fn", "let @Int = 1; 2", "", "\"\\(1)\""] {
            assert!(!is_literal(word), "{word}");
        }
    }
}

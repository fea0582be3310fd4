//! `vera builtins`, `vera effects`, `vera errors`.

use std::process::ExitCode;

use serde_json::{Value, json};
use vera_builtins::Function;
use vera_diagnostics::Code;

use crate::output;

/// All functions, or what one is and does.
pub(super) fn builtins(name: Option<&str>, json: bool) -> ExitCode {
    let item = |f: &Function| json!({ "name": f.name, "module": "core", "kind": "function", "since": f.since });
    let Some(name) = name else {
        let items: Vec<Value> = vera_builtins::FUNCTIONS.iter().map(item).collect();
        return print(json, "vera-builtins/1", items, &["name", "module", "kind"]);
    };
    let Some(function) = vera_builtins::function(name) else {
        output::eprint(&format!(
            "No built-in function is called `{name}`; `vera builtins` lists them.\n"
        ));
        return ExitCode::FAILURE;
    };
    if json {
        let mut item = item(function);
        item["signature"] = function.signature.into();
        item["doc"] = function.doc.into();
        let example = function.example;
        item["example"] = json!({ "call": example.call, "shown": example.shown });
        return print(json, "vera-builtins/1", vec![item], &[]);
    }
    let Function { name, signature, doc, example, .. } = function;
    let example = format!("{} shows as {}", example.call, example.shown);
    output::print(&format!("{name} {signature}\n\n  {doc}\n  {example}\n"));
    ExitCode::SUCCESS
}

pub(super) fn effects(json: bool) -> ExitCode {
    let effects = vera_builtins::EFFECTS.iter().map(|e| {
        let ops: Vec<&str> = e.ops.iter().map(|op| op.name).collect();
        json!({
            "name": e.name, "kind": "effect", "type_params": e.type_params, "ops": ops,
            "since": e.since,
        })
    });
    let abilities = vera_builtins::ABILITIES.iter().map(|a| {
        json!({
            "name": a.name, "kind": "ability", "type_params": a.type_params, "ops": [a.op],
            "since": a.since,
        })
    });
    let items = effects.chain(abilities).collect();
    print(json, "vera-effects/1", items, &["name", "kind", "ops"])
}

pub(super) fn errors(json: bool) -> ExitCode {
    let items = Code::ALL
        .iter()
        .map(|c| {
            json!({
                "code": c.as_str(), "phase": c.phase().as_str(), "title": c.title(),
                "since": c.since(),
            })
        })
        .collect();
    print(json, "vera-errors/1", items, &["code", "phase", "title"])
}

fn print(json: bool, schema: &str, items: Vec<Value>, columns: &[&str]) -> ExitCode {
    if json {
        output::print_json(&json!({ "schema": schema, "items": items }));
    } else {
        output::print(&table(&items, columns));
    }
    ExitCode::SUCCESS
}

/// Left-aligned columns, two spaces apart.
fn table(items: &[Value], columns: &[&str]) -> String {
    let cell = |item: &Value, column: &str| match &item[column] {
        Value::Array(parts) => {
            let parts: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
            parts.join(", ")
        }
        other => other.as_str().unwrap_or_default().to_owned(),
    };
    let width = |column: &str| {
        items.iter().map(|item| cell(item, column).chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = columns.iter().map(|c| width(c)).collect();
    let mut out = String::new();
    for item in items {
        let mut line = String::new();
        for (column, width) in columns.iter().zip(&widths) {
            line.push_str(&format!("{:width$}  ", cell(item, column)));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

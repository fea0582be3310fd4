//! `vera check`.

use std::process::ExitCode;

use serde_json::{Value, json};
use vera_check::slots::{self, Environment};

use super::inputs::{Found, each};
use super::{checked, unreadable, watch};
use crate::cli::Check;
use crate::input::Entry;
use crate::output;

pub(super) fn check(args: &Check) -> ExitCode {
    let unreadable = |file: &str, text: &str| {
        let mut document = unreadable(file, text);
        if args.explain_slots {
            document["slot_environments"] = json!([]);
        }
        document
    };
    watch::again(args.watch, &args.inputs, || {
        each(&args.inputs, args.json.on, unreadable, |entry| check_file(entry, args))
    })
}

fn check_file(entry: &Entry, args: &Check) -> Found {
    let checked = checked(entry);
    let environments = match &checked.program {
        Some(program) if args.explain_slots => slots::environments(program),
        _ => Vec::new(),
    };
    let ok = !checked.has_errors();
    if args.json.on {
        let mut envelope = output::envelope(&entry.word, &checked.diagnostics, &checked.sources);
        if args.explain_slots {
            envelope["slot_environments"] = environments.iter().flat_map(json_tables).collect();
        }
        return Found { ok, json: Some(envelope) };
    }
    output::print_diagnostics(&checked.diagnostics, &checked.sources);
    if checked.program.is_some() {
        let mut text = String::new();
        if !args.quiet {
            text.push_str(&output::success(&entry.word));
        }
        if args.explain_slots {
            text.push_str(&slots::render(&environments));
        }
        output::print(&text);
    }
    Found::text(ok)
}

/// The tables of a function and, after it, of its helpers.
fn json_tables(environment: &Environment) -> Vec<Value> {
    let slots: Vec<Value> = environment
        .slots
        .iter()
        .map(|s| json!({ "slot": s.reference(), "type": s.slot, "parameter": s.parameter }))
        .collect();
    let mut out = vec![json!({ "function": environment.path, "slots": slots })];
    out.extend(environment.helpers.iter().flat_map(json_tables));
    out
}

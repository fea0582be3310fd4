//! `vera context`: a project in few words, for the prompt of a model.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::ExitCode;

use serde_json::{Value, json};
use vera_check::typed::{ExprKind, FnId, Program};
use vera_diagnostics::{FileId, FileSpan};
use vera_session::{ItemKind, interface};
use vera_verify::{Overview, Proof};

use super::{checked, inputs, refuse_words, verify};
use crate::cli::Context;
use crate::input::{self, Entry};
use crate::output;

/// A token is about so many bytes of code.
const BYTES_PER_TOKEN: usize = 4;

/// A declaration, as short as it can be said.
struct Item {
    file: usize,
    name: String,
    kind: &'static str,
    text: String,
    proof: Option<&'static str>,
    calls: Vec<String>,
    /// How many functions of the project call it.
    uses: usize,
}

pub(super) fn context(args: &Context) -> ExitCode {
    let json = args.json.on;
    match items(args) {
        Ok((files, mut items)) => {
            let left_out = cut(&mut items, args.budget);
            if json {
                output::print_json(&document(&files, &items, &left_out));
            } else {
                output::print(&markdown(&files, &items, &left_out));
            }
            ExitCode::SUCCESS
        }
        Err(why) => refuse_words(json, &why, false),
    }
}

/// Every declaration of every file that others can use.
fn items(args: &Context) -> Result<(Vec<String>, Vec<Item>), String> {
    let mut files = Vec::new();
    let mut items = Vec::new();
    let mut calls: BTreeMap<String, usize> = BTreeMap::new();
    let words = inputs::words(&args.inputs)?;
    if words.is_empty() {
        return Err("no file is given, and no project has an entry point".to_owned());
    }
    for word in words {
        for word in inputs::files(&word)? {
            let entry = input::read(&word).map_err(|error| error.text())?;
            let found = of_file(&entry, files.len());
            for callee in found.iter().flat_map(|item| &item.calls) {
                *calls.entry(callee.clone()).or_default() += 1;
            }
            items.extend(found);
            files.push(word);
        }
    }
    for item in &mut items {
        item.uses = calls.get(&item.name).copied().unwrap_or(0);
    }
    Ok((files, items))
}

fn of_file(entry: &Entry, file: usize) -> Vec<Item> {
    let text = entry.source.text();
    let parsed = vera_syntax::parse(text);
    let checked = checked(entry);
    let overview = checked.program.as_ref().map(|p| verify::overview(p, &checked.sources));
    let program = checked.typed();
    let of_interface = interface(text, &parsed).items.into_iter();
    let shown = of_interface.filter(|item| item.public || item.kind != ItemKind::Function);
    shown
        .map(|item| {
            let function = program.and_then(|program| function(program, &item.name));
            let is_function = item.kind == ItemKind::Function;
            let calls = match (program, function) {
                (Some(program), Some(id)) if is_function => callees(program, id),
                _ => Vec::new(),
            };
            let proof = overview.as_ref().filter(|_| is_function).map(|o| proof(o, &item));
            Item {
                file,
                kind: item.kind.as_str(),
                text: squeezed(&item.text),
                name: item.name,
                proof: proof.map(Proof::as_str),
                calls,
                uses: 0,
            }
        })
        .collect()
}

fn function(program: &Program, name: &str) -> Option<FnId> {
    program.entry_fns.iter().copied().find(|id| program.function(*id).name == *name)
}

/// The functions of the project that a function calls, each once.
fn callees(program: &Program, id: FnId) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for expr in &program.function(id).body.exprs {
        let ExprKind::Call { callee, .. } = expr.kind else { continue };
        let callee = program.function(callee);
        let name = callee.name.to_string();
        if !program.is_prelude(callee.module) && !out.contains(&name) {
            out.push(name);
        }
    }
    out
}

fn proof(overview: &Overview, item: &vera_session::Item) -> Proof {
    let place = FileSpan { file: FileId(0), span: item.span };
    overview.within(place).unwrap_or(Proof::Proved)
}

/// A declaration on one line, without clauses that say nothing.
fn squeezed(text: &str) -> String {
    let lines = text.lines().map(str::trim);
    let says =
        |line: &&str| !["requires(true)", "ensures(true)", "effects(pure)", ""].contains(line);
    lines.filter(says).collect::<Vec<_>>().join(" ")
}

/// Leaves out what is used least until the rest is within the budget; yields what went.
fn cut(items: &mut Vec<Item>, budget: Option<usize>) -> Vec<String> {
    let Some(budget) = budget else { return Vec::new() };
    let size =
        |item: &Item| item.text.len() + item.calls.iter().map(|c| c.len() + 2).sum::<usize>() + 8;
    let mut left_out = Vec::new();
    while items.iter().map(size).sum::<usize>() > budget * BYTES_PER_TOKEN {
        // Of those used alike the last goes first.
        let least = items.iter().enumerate().min_by_key(|(i, item)| (item.uses, items.len() - i));
        let Some((least, _)) = least else { break };
        left_out.push(items.remove(least).name);
    }
    left_out.reverse();
    left_out
}

fn markdown(files: &[String], items: &[Item], left_out: &[String]) -> String {
    let mut out = String::new();
    for (file, word) in files.iter().enumerate() {
        let mut of_file = items.iter().filter(|item| item.file == file).peekable();
        if of_file.peek().is_none() {
            continue;
        }
        _ = writeln!(out, "## {word}");
        for item in of_file {
            _ = write!(out, "- `{}`", item.text);
            if let Some(proof) = item.proof.filter(|proof| *proof != Proof::Proved.as_str()) {
                _ = write!(out, " ({proof})");
            }
            if !item.calls.is_empty() {
                _ = write!(out, " → {}", item.calls.join(", "));
            }
            out.push('\n');
        }
    }
    if !left_out.is_empty() {
        _ = writeln!(out, "Left out: {}", left_out.join(", "));
    }
    out
}

fn document(files: &[String], items: &[Item], left_out: &[String]) -> Value {
    let modules = files.iter().enumerate().map(|(file, word)| {
        let of_file = items.iter().filter(|item| item.file == file).map(|item| {
            json!({
                "name": item.name, "kind": item.kind, "text": item.text, "proof": item.proof,
                "calls": item.calls, "uses": item.uses,
            })
        });
        json!({ "file": word, "items": of_file.collect::<Vec<_>>() })
    });
    json!({ "schema": "vera-context/1", "files": modules.collect::<Vec<_>>(), "left_out": left_out })
}

//! After any rewriting every reference names what it named: over all conformance programs
//! that check, compared through what the checker resolves, not through texts.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use lsp_types::Uri;
use vera_check::typed::{
    Body, ClauseKind, ExprId, ExprKind, FnId, LocalId, ModuleId, Pattern, PatternKind, Program,
    Stmt,
};
use vera_diagnostics::Span;
use vera_session::{Files, ReadError};

use super::*;
use crate::uris;

struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> Result<String, ReadError> {
        std::fs::read_to_string(path).map_err(|_| ReadError::Missing)
    }

    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn identity(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }

    fn sources(&self, _: &Path, _: bool) -> Vec<PathBuf> {
        Vec::new()
    }
}

/// A function as the checker sees it, without anything that depends on how its bindings are
/// counted: they are numbered as they are met.
struct Meaning<'p> {
    program: &'p Program,
    body: &'p Body,
    numbers: HashMap<LocalId, usize>,
    /// How many bindings were met.
    bindings: usize,
    /// Parameters of functions in the order to compare: by function, which is which.
    orders: &'p HashMap<FnId, Vec<Option<usize>>>,
    /// A binding whose value stands for it.
    bound: Option<(LocalId, ExprId)>,
    out: String,
}

fn meaning(
    program: &Program,
    id: FnId,
    orders: &HashMap<FnId, Vec<Option<usize>>>,
    bound: Option<Span>,
) -> String {
    let f = program.function(id);
    let mut numbers = HashMap::new();
    let order = orders.get(&id);
    for (i, local) in f.params.iter().enumerate() {
        let number = order.map_or(Some(i), |order| order[i]);
        numbers.insert(*local, number.unwrap_or(1000 + i));
    }
    let bound = bound.and_then(|span| {
        f.body.exprs.iter().find_map(|e| match &e.kind {
            ExprKind::Block { stmts, .. } => stmts.iter().find_map(|stmt| match stmt {
                Stmt::Let { local, value } if f.body[*local].span == span => Some((*local, *value)),
                _ => None,
            }),
            _ => None,
        })
    });
    let mut meaning =
        Meaning { program, body: &f.body, numbers, bindings: 0, orders, bound, out: String::new() };
    for clause in &f.clauses {
        match &clause.kind {
            ClauseKind::Requires(e) | ClauseKind::Ensures(e) => meaning.expr(*e),
            ClauseKind::Decreases(es) => es.iter().for_each(|e| meaning.expr(*e)),
        }
    }
    meaning.expr(f.result);
    meaning.out
}

impl Meaning<'_> {
    fn binds(&mut self, local: LocalId) {
        // From 2000 on, apart from parameters.
        self.numbers.insert(local, 2000 + self.bindings);
        self.bindings += 1;
    }

    fn pattern(&mut self, pattern: &Pattern) {
        match &pattern.kind {
            PatternKind::Bind(local) => self.binds(*local),
            PatternKind::Ctor { args, .. } | PatternKind::Tuple(args) => {
                args.iter().for_each(|arg| self.pattern(arg));
            }
            PatternKind::Wildcard
            | PatternKind::Int(_)
            | PatternKind::Str(_)
            | PatternKind::Bool(_) => {}
        }
    }

    fn expr(&mut self, e: ExprId) {
        let kind = &self.body[e].kind;
        match kind {
            ExprKind::Local(local) => match self.bound {
                Some((bound, value)) if bound == *local => return self.expr(value),
                _ => _ = write!(self.out, "(local {:?})", self.numbers.get(local)),
            },
            // Which of them there are depends on types, which stay.
            ExprKind::Narrow { value, .. } => return self.expr(*value),
            ExprKind::Call { callee, args, .. } => {
                _ = write!(self.out, "(call {}", self.program.function(*callee).name);
                match self.orders.get(callee) {
                    Some(order) => {
                        let mut args: Vec<(usize, ExprId)> =
                            order.iter().zip(args).filter_map(|(o, a)| Some(((*o)?, *a))).collect();
                        args.sort_by_key(|(o, _)| *o);
                        args.into_iter().for_each(|(_, arg)| self.expr(arg));
                    }
                    None => args.iter().for_each(|arg| self.expr(*arg)),
                }
            }
            ExprKind::Closure { params, body } => {
                params.iter().for_each(|param| self.binds(*param));
                self.out.push_str("(closure");
                self.expr(*body);
            }
            ExprKind::Match { scrutinee, arms } => {
                self.out.push_str("(match");
                self.expr(*scrutinee);
                for arm in arms {
                    self.pattern(&arm.pattern);
                    self.expr(arm.body);
                }
            }
            ExprKind::Block { stmts, result } => {
                let transparent = |stmt: &&Stmt| !matches!((stmt, self.bound), (Stmt::Let { local, .. }, Some((bound, _))) if *local == bound);
                let stmts: Vec<&Stmt> = stmts.iter().filter(transparent).collect();
                if stmts.is_empty() {
                    return self.expr(*result);
                }
                self.out.push_str("(block");
                for stmt in stmts {
                    self.expr(stmt.value());
                    match stmt {
                        Stmt::Let { local, .. } => self.binds(*local),
                        Stmt::Destructure { pattern, .. } => self.pattern(pattern),
                        Stmt::Expr(_) => {}
                    }
                }
                self.expr(*result);
            }
            ExprKind::Handle(handle) => {
                self.out.push_str("(handle");
                if let Some((_, init)) = handle.state {
                    self.expr(init);
                }
                for clause in &handle.clauses {
                    clause.params.iter().chain(&clause.state).for_each(|local| self.binds(*local));
                    self.expr(clause.body);
                    clause.update.iter().for_each(|update| self.expr(*update));
                }
                self.expr(handle.body);
            }
            kind => {
                let head = format!("{kind:?}");
                let head: String = head.chars().take_while(char::is_ascii_alphanumeric).collect();
                _ = write!(self.out, "({head}");
                match kind {
                    ExprKind::Int(_)
                    | ExprKind::Str(_)
                    | ExprKind::Bool(_)
                    | ExprKind::Float(_) => {
                        _ = write!(self.out, "{kind:?}");
                    }
                    _ => {}
                }
                let mut children = Vec::new();
                kind.for_each_child(|child| children.push(child));
                children.into_iter().for_each(|child| self.expr(child));
            }
        }
        self.out.push(')');
    }
}

/// The programs of the suite that check.
fn programs() -> Vec<(PathBuf, Document)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance");
    let dir = dir.canonicalize().expect("the suite is there");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(dir)
        .expect("it can be read")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|e| e == "vera"))
        .collect();
    paths.sort();
    let open = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).ok()?;
        let document = document(&path, text);
        document.checked.program.is_some().then_some((path, document))
    };
    paths.into_iter().filter_map(open).collect()
}

fn document(path: &Path, text: String) -> Document {
    let uri = uris::uri(path).unwrap_or_else(|| Uri::from_str("untitled:x").expect("a URI"));
    Document::new(&Disk, uri, 0, text)
}

fn own_functions(program: &Program) -> Vec<FnId> {
    let own = program.fns.iter().enumerate().filter(|(_, f)| f.module == ModuleId(0));
    own.map(|(i, _)| FnId(i as u32)).collect()
}

fn name(program: &Program, id: FnId) -> String {
    let around = std::iter::successors(Some(id), |f| program.function(*f).parent);
    let mut names: Vec<&str> = around.map(|f| program.function(f).name.as_str()).collect();
    names.reverse();
    names.join(".")
}

fn kept(from: usize) -> Parameter {
    Parameter { from: Some(from), ty: None, argument: None }
}

/// What the functions mean, by name.
fn meanings(
    document: &Document,
    changed: Option<(&str, &[Option<usize>])>,
    bound: Option<Span>,
) -> Option<Vec<(String, String)>> {
    let program = document.checked.program.as_ref()?;
    let mut orders = HashMap::new();
    if let Some((path, order)) = changed {
        orders.insert(function_named(document, path)?, order.to_vec());
    }
    let all = own_functions(program).into_iter();
    Some(all.map(|id| (name(program, id), meaning(program, id, &orders, bound))).collect())
}

/// Programs nest deeper than the stack of a test's thread.
fn on_a_large_stack(test: fn()) {
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(test);
    thread.expect("a thread starts").join().expect("the test passes");
}

#[test]
fn parameters_change_places() {
    on_a_large_stack(change_parameters);
}

fn change_parameters() {
    let (mut changes, mut calls) = (0, 0);
    for (path, old) in programs() {
        let program = old.checked.program.as_ref().expect("it checks");
        let before = meanings(&old, None, None).expect("it checks");
        // One of each program, which is called if there is one.
        let all = own_functions(program);
        let is_called = |id: &&FnId| {
            let calls = format!("(call {}", program.function(**id).name);
            before.iter().any(|(_, meaning)| meaning.contains(&calls))
        };
        let chosen = all.iter().find(is_called).or(all.last()).copied();
        if let Some(id) = chosen {
            let count = program.function(id).params.len();
            let fn_name = name(program, id);
            // Turned around, with a new one in the middle.
            let mut parameters: Vec<Parameter> = (0..count).rev().map(kept).collect();
            let new = Parameter { from: None, ty: Some("Int".into()), argument: Some("7".into()) };
            parameters.insert(count / 2, new);
            let text = match changed_signature(&Disk, &old, id, &parameters) {
                Ok(text) => text,
                Err(why) => {
                    assert!(why.contains("have effects"), "{}: {fn_name}: {why}", path.display());
                    continue;
                }
            };
            let new = document(&path, text.clone());
            let order: Vec<Option<usize>> = parameters.iter().map(|p| p.from).collect();
            let after = meanings(&new, Some((&fn_name, &order)), None);
            // The entry point, say, takes what it takes.
            let Some(after) = after else { continue };
            assert_eq!(before, after, "{}: {fn_name}\n{text}", path.display());
            changes += 1;
            calls += before.iter().filter(|(_, m)| m.contains(&format!("(call {fn_name}"))).count();
        }
    }
    println!("{changes} signatures, {calls} callers");
    assert!(changes > 700 && calls > 100, "{changes} {calls}");
}

#[test]
fn expressions_are_bound_and_written_out_again() {
    on_a_large_stack(bind_and_inline);
}

fn bind_and_inline() {
    let (mut bound, mut back) = (0, 0);
    for (path, old) in programs() {
        let before = meanings(&old, None, None).expect("it checks");
        let text = old.checked.sources.get(ENTRY).text().to_owned();
        let spans: Vec<Span> = old.checked.trees[0].nodes.exprs().map(|e| e.span).collect();
        // Some of each program.
        for span in spans.iter().skip(spans.len() % 5).step_by(9).take(1) {
            let Some(changed) = extracted(&Disk, &old, *span) else { continue };
            let new = document(&path, changed.clone());
            // The `let` that was not there is near the first difference.
            let same = text.bytes().zip(changed.bytes()).take_while(|(a, b)| a == b).count();
            let types = new.checked.trees[0].nodes.types().map(|ty| ty.span);
            let mut candidates: Vec<Span> = types.collect();
            candidates.sort_by_key(|span| (span.start as usize).abs_diff(same));
            let equal = candidates
                .iter()
                .take(12)
                .find(|span| meanings(&new, None, Some(**span)).as_ref() == Some(&before));
            let place = equal.unwrap_or_else(|| {
                panic!(
                    "{}: {:?}\n{changed}",
                    path.display(),
                    &text[span.start as usize..span.end as usize]
                )
            });
            bound += 1;
            if let Some(again) = inlined(&Disk, &new, place.start) {
                let again = document(&path, again);
                assert_eq!(
                    meanings(&again, None, None).as_ref(),
                    Some(&before),
                    "{}",
                    path.display()
                );
                back += 1;
            }
        }
    }
    println!("{bound} bound, {back} written out again");
    assert!(bound > 300 && back > 250, "{bound} {back}");
}

//! Which values a `match` leaves uncovered: the usefulness algorithm on pattern
//! matrices (Maranget, "Warnings for pattern matching", 2007).
//!
//! The rows of a matrix are kept as a tree that branches by what they test, column by
//! column, so an algorithm goes from a matrix to the rows for one constructor without
//! looking at the others.

use std::collections::HashMap;

use smol_str::SmolStr;

use crate::typed::{DataId, Pattern, PatternKind, Program};
use crate::types::{Ty, TyKind};

/// Rows of patterns, by their first column.
#[derive(Default)]
pub(crate) struct Rows {
    /// A row of catch-alls only ends here, so that what is left need not be taken
    /// apart.
    full: bool,
    /// Rows that test the first column and go on with the patterns of its fields.
    apart: HashMap<Test, Rows>,
    /// Rows that test the first column and ignore its fields, if it has any.
    whole: HashMap<Test, Rows>,
    /// Rows whose first column is a catch-all.
    open: Option<Box<Rows>>,
}

/// What a pattern asks of the value at its place alone.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Test {
    Ctor(DataId, u32),
    Tuple,
    Bool(bool),
    Int(i64),
    Str(SmolStr),
}

impl Test {
    /// The test of a pattern and the patterns below it; `None` for a catch-all.
    fn of(pattern: &Pattern) -> Option<(Test, &[Pattern])> {
        match &pattern.kind {
            PatternKind::Wildcard | PatternKind::Bind(_) => None,
            PatternKind::Ctor { data, ctor, args } => Some((Test::Ctor(*data, *ctor), args)),
            PatternKind::Tuple(args) => Some((Test::Tuple, args)),
            PatternKind::Bool(value) => Some((Test::Bool(*value), &[])),
            PatternKind::Int(value) => Some((Test::Int(*value), &[])),
            PatternKind::Str(text) => Some((Test::Str(text.clone()), &[])),
        }
    }

    /// The types of the fields that a value of the type has if it passes the test;
    /// `None` if no value of the type does.
    fn fields(&self, program: &mut Program, ty: Ty) -> Option<Vec<Ty>> {
        match (self, program.types.value_kind(ty).clone()) {
            (Test::Ctor(data, ctor), TyKind::Data(id, args)) if *data == id => {
                let fields = program.data(id).ctors.get(*ctor as usize)?.fields.clone();
                Some(fields.iter().map(|f| program.types.subst(*f, &args)).collect())
            }
            (Test::Tuple, TyKind::Tuple(parts)) => Some(parts),
            (Test::Ctor(..) | Test::Tuple, _) => None,
            (Test::Bool(_) | Test::Int(_) | Test::Str(_), _) => Some(Vec::new()),
        }
    }
}

impl Rows {
    pub fn of(patterns: &[&Pattern]) -> Rows {
        let mut rows = Rows::default();
        patterns.iter().for_each(|pattern| rows.insert(pattern));
        rows
    }

    /// Adds a row of one column.
    pub fn insert(&mut self, pattern: &Pattern) {
        // The columns to come, the next one last, and how many of them test.
        let mut columns = vec![pattern];
        let count = |patterns: &[Pattern]| patterns.iter().filter(|p| !is_catch_all(p)).count();
        let mut tests = count(std::slice::from_ref(pattern));
        let mut rows = self;
        while let Some(first) = columns.pop().filter(|_| tests > 0) {
            rows = match Test::of(first) {
                None => rows.open.get_or_insert_default(),
                Some((test, args)) => {
                    tests = tests - 1 + count(args);
                    columns.extend(args.iter().rev());
                    let by_test = if args.is_empty() { &mut rows.whole } else { &mut rows.apart };
                    by_test.entry(test).or_default()
                }
            };
        }
        rows.full = true;
    }

    /// Whether some value of the type matches the pattern and no row.
    pub fn leave(&self, program: &mut Program, pattern: &Pattern, ty: Ty) -> bool {
        useful(program, &[Place::of(self)], &[pattern], &[ty])
    }

    /// Shapes of the values of a type that no row matches, sorted. At the top level a
    /// constructor no row mentions is listed by name alone.
    pub fn missing(&self, program: &mut Program, ty: Ty) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        if self.full {
            return found;
        }
        for ctor in constructors(program, ty) {
            let rows = step(&[Place::of(self)], &ctor.test, ctor.fields.len());
            if rows.is_empty() {
                found.push(ctor.name.clone());
                continue;
            }
            for witness in uncovered(program, &rows, &ctor.fields) {
                found.push(ctor.show(&witness));
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

/// A matrix is the rows below a few places in the tree, each behind so many columns of
/// catch-alls. Places have rows below them.
#[derive(Clone, Copy)]
struct Place<'r> {
    rows: &'r Rows,
    skipped: usize,
}

impl<'r> Place<'r> {
    fn of(rows: &'r Rows) -> Place<'r> {
        Place { rows, skipped: 0 }
    }

    fn tests(&self) -> bool {
        self.skipped == 0 && !(self.rows.apart.is_empty() && self.rows.whole.is_empty())
    }

    fn mentions(&self, test: &Test) -> bool {
        self.skipped == 0
            && (self.rows.apart.contains_key(test) || self.rows.whole.contains_key(test))
    }
}

/// The rows that can match a value that passes the test, with its fields in front.
fn step<'r>(at: &[Place<'r>], test: &Test, fields: usize) -> Vec<Place<'r>> {
    let mut out = Vec::new();
    for Place { rows, skipped } in at.iter().copied() {
        if skipped > 0 {
            out.push(Place { rows, skipped: skipped - 1 + fields });
            continue;
        }
        out.extend(rows.apart.get(test).map(Place::of));
        let ignoring = rows.whole.get(test).into_iter().chain(rows.open.as_deref());
        out.extend(ignoring.map(|rows| Place { rows, skipped: fields }));
    }
    out
}

/// The rows that begin with a catch-all, without it.
fn untested<'r>(at: &[Place<'r>]) -> Vec<Place<'r>> {
    let behind = |place: &Place<'r>| match place.skipped.checked_sub(1) {
        Some(skipped) => Some(Place { rows: place.rows, skipped }),
        None => place.rows.open.as_deref().map(Place::of),
    };
    at.iter().filter_map(behind).collect()
}

/// Whether one of the rows matches every value.
fn covers_all(at: &[Place<'_>]) -> bool {
    at.iter().any(|place| place.rows.full)
}

/// A way to build a value of a type, as far as patterns can tell.
struct Shape {
    name: String,
    fields: Vec<Ty>,
    test: Test,
}

impl Shape {
    fn show(&self, fields: &[String]) -> String {
        if fields.is_empty() {
            self.name.clone()
        } else {
            format!("{}({})", self.name, fields.join(", "))
        }
    }
}

/// The constructors of a type, or none when only a catch-all covers it.
fn constructors(program: &mut Program, ty: Ty) -> Vec<Shape> {
    match program.types.value_kind(ty).clone() {
        TyKind::Data(id, args) => {
            let ctors: Vec<(String, Vec<Ty>)> = program
                .data(id)
                .ctors
                .iter()
                .map(|c| (c.name.to_string(), c.fields.clone()))
                .collect();
            ctors
                .into_iter()
                .enumerate()
                .map(|(i, (name, fields))| Shape {
                    name,
                    fields: fields.iter().map(|f| program.types.subst(*f, &args)).collect(),
                    test: Test::Ctor(id, i as u32),
                })
                .collect()
        }
        TyKind::Tuple(parts) => {
            vec![Shape { name: "Tuple".to_owned(), fields: parts, test: Test::Tuple }]
        }
        TyKind::Bool => [true, false]
            .into_iter()
            .map(|b| Shape { name: b.to_string(), fields: Vec::new(), test: Test::Bool(b) })
            .collect(),
        _ => Vec::new(),
    }
}

fn is_catch_all(pattern: &Pattern) -> bool {
    matches!(pattern.kind, PatternKind::Wildcard | PatternKind::Bind(_))
}

/// A pattern that matches everything, for fields a pattern does not mention.
static ANY: Pattern = Pattern {
    kind: PatternKind::Wildcard,
    ty: Ty::UNKNOWN,
    span: vera_diagnostics::Span { start: 0, end: 0 },
};

/// So many witnesses are enough: rows that test several columns leave exponentially
/// many shapes.
const WITNESSES: usize = 100;

/// Witnesses, one text for each column, of values no row matches; at most
/// [`WITNESSES`].
fn uncovered(program: &mut Program, at: &[Place<'_>], tys: &[Ty]) -> Vec<Vec<String>> {
    if covers_all(at) {
        return Vec::new();
    }
    let Some((first, rest)) = tys.split_first() else { return vec![Vec::new()] };
    let shapes = shapes_to_tell(program, at, *first);
    if shapes.is_empty() {
        return prefix("_", uncovered(program, &untested(at), rest));
    }
    let mut found = Vec::new();
    for shape in shapes {
        let rows = step(at, &shape.test, shape.fields.len());
        let mut columns = shape.fields.clone();
        columns.extend(rest);
        for mut witness in uncovered(program, &rows, &columns) {
            let tail = witness.split_off(shape.fields.len());
            let mut row = vec![shape.show(&witness)];
            row.extend(tail);
            found.push(row);
        }
        if found.len() >= WITNESSES {
            found.truncate(WITNESSES);
            break;
        }
    }
    found
}

/// The constructors of the first column's type, or none if no row tests that column.
fn shapes_to_tell(program: &mut Program, at: &[Place<'_>], ty: Ty) -> Vec<Shape> {
    if at.iter().any(Place::tests) { constructors(program, ty) } else { Vec::new() }
}

/// Whether some value matches `q` but none of the rows, which are as wide.
fn useful(program: &mut Program, at: &[Place<'_>], q: &[&Pattern], tys: &[Ty]) -> bool {
    if covers_all(at) {
        return false;
    }
    let (Some((first, rest)), Some((ty, rest_tys))) = (q.split_first(), tys.split_first()) else {
        return true;
    };
    let with = |program: &mut Program, test: &Test, args: &[Pattern], fields: &[Ty]| {
        let rows = step(at, test, fields.len());
        // A bare name of a constructor with fields ignores them.
        let mut q: Vec<&Pattern> = if args.len() == fields.len() {
            args.iter().collect()
        } else {
            vec![&ANY; fields.len()]
        };
        q.extend(rest);
        let columns: Vec<Ty> = fields.iter().chain(rest_tys).copied().collect();
        useful(program, &rows, &q, &columns)
    };
    if let Some((test, args)) = Test::of(first) {
        return match test.fields(program, *ty) {
            Some(fields) => with(program, &test, args, &fields),
            None => false,
        };
    }
    let shapes = shapes_to_tell(program, at, *ty);
    let mentioned = |shape: &Shape| at.iter().any(|place| place.mentions(&shape.test));
    if shapes.is_empty() || !shapes.iter().all(mentioned) {
        return useful(program, &untested(at), rest, rest_tys);
    }
    shapes.iter().any(|shape| with(program, &shape.test, &[], &shape.fields))
}

fn prefix(first: &str, rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    rows.into_iter()
        .map(|mut row| {
            row.insert(0, first.to_owned());
            row
        })
        .collect()
}

//! Which values a `match` leaves uncovered: the usefulness algorithm on pattern
//! matrices (Maranget, "Warnings for pattern matching", 2007).

use crate::typed::{DataId, Pattern, PatternKind, Program};
use crate::types::{Ty, TyKind};

/// Shapes of uncovered values, sorted; empty when the patterns are exhaustive.
/// At the top level a constructor no pattern mentions is listed by name alone.
pub(crate) fn missing(program: &mut Program, ty: Ty, patterns: &[&Pattern]) -> Vec<String> {
    let rows: Vec<Vec<&Pattern>> = patterns.iter().map(|p| vec![*p]).collect();
    let mut found: Vec<String> = Vec::new();
    for ctor in constructors(program, ty) {
        let mentioned = patterns.iter().any(|p| head_is(p, &ctor));
        let specialised = specialise(&rows, &ctor);
        if !mentioned && specialised.is_empty() {
            found.push(ctor.name.clone());
            continue;
        }
        for witness in uncovered(program, &specialised, &ctor.fields) {
            found.push(ctor.show(&witness));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// A way to build a value of a type, as far as patterns can tell.
struct Shape {
    name: String,
    fields: Vec<Ty>,
    head: Head,
}

enum Head {
    Ctor(DataId, u32),
    Tuple,
    Bool(bool),
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
                    head: Head::Ctor(id, i as u32),
                })
                .collect()
        }
        TyKind::Tuple(parts) => {
            vec![Shape { name: "Tuple".to_owned(), fields: parts, head: Head::Tuple }]
        }
        TyKind::Bool => [true, false]
            .into_iter()
            .map(|b| Shape { name: b.to_string(), fields: Vec::new(), head: Head::Bool(b) })
            .collect(),
        _ => Vec::new(),
    }
}

fn head_is(pattern: &Pattern, shape: &Shape) -> bool {
    match (&pattern.kind, &shape.head) {
        (PatternKind::Ctor { data, ctor, .. }, Head::Ctor(d, c)) => data == d && ctor == c,
        (PatternKind::Tuple(_), Head::Tuple) => true,
        (PatternKind::Bool(value), Head::Bool(b)) => value == b,
        _ => false,
    }
}

fn is_catch_all(pattern: &Pattern) -> bool {
    matches!(pattern.kind, PatternKind::Wildcard | PatternKind::Bind(_))
}

/// Whether one of the rows matches every value, so that the columns need not be
/// taken apart.
fn covers_all(rows: &[Vec<&Pattern>]) -> bool {
    rows.iter().any(|row| row.iter().all(|p| is_catch_all(p)))
}

/// A pattern that matches everything, for fields a pattern does not mention.
static ANY: Pattern = Pattern {
    kind: PatternKind::Wildcard,
    ty: Ty::UNKNOWN,
    span: vera_diagnostics::Span { start: 0, end: 0 },
};

/// The rows that can match a value of this shape, with its fields in front.
fn specialise<'p>(rows: &[Vec<&'p Pattern>], shape: &Shape) -> Vec<Vec<&'p Pattern>> {
    let mut out = Vec::new();
    for row in rows {
        let (first, rest) = row.split_first().expect("a row has a column for each type");
        let mut fields: Vec<&'p Pattern> = if is_catch_all(first) {
            vec![&ANY; shape.fields.len()]
        } else if head_is(first, shape) {
            match &first.kind {
                PatternKind::Ctor { args, .. } | PatternKind::Tuple(args)
                    if args.len() == shape.fields.len() =>
                {
                    args.iter().collect()
                }
                // A bare name of a constructor with fields ignores them.
                _ => vec![&ANY; shape.fields.len()],
            }
        } else {
            continue;
        };
        fields.extend(rest);
        out.push(fields);
    }
    out
}

/// So many witnesses are enough: rows that test several columns leave exponentially
/// many shapes.
const WITNESSES: usize = 100;

/// Witnesses, one text for each column, of values no row matches; at most
/// [`WITNESSES`].
fn uncovered(program: &mut Program, rows: &[Vec<&Pattern>], tys: &[Ty]) -> Vec<Vec<String>> {
    let Some((first, rest)) = tys.split_first() else {
        return if rows.is_empty() { vec![Vec::new()] } else { Vec::new() };
    };
    if covers_all(rows) {
        return Vec::new();
    }
    let no_test = rows.iter().all(|row| is_catch_all(row[0]));
    let shapes = if no_test { Vec::new() } else { constructors(program, *first) };
    if shapes.is_empty() {
        let default: Vec<Vec<&Pattern>> =
            rows.iter().filter(|r| is_catch_all(r[0])).map(|r| r[1..].to_vec()).collect();
        return prefix("_", uncovered(program, &default, rest));
    }
    let mut found = Vec::new();
    for shape in shapes {
        let specialised = specialise(rows, &shape);
        let mut columns = shape.fields.clone();
        columns.extend(rest);
        for mut witness in uncovered(program, &specialised, &columns) {
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

/// Whether some value matches `q` but none of the rows, which are as wide.
pub(crate) fn useful(
    program: &mut Program,
    rows: &[Vec<&Pattern>],
    q: &[&Pattern],
    tys: &[Ty],
) -> bool {
    let (Some((first, rest)), Some((ty, rest_tys))) = (q.split_first(), tys.split_first()) else {
        return rows.is_empty();
    };
    if covers_all(rows) {
        return false;
    }
    if is_literal(first) {
        let same: Vec<Vec<&Pattern>> = rows
            .iter()
            .filter(|r| is_catch_all(r[0]) || same_literal(r[0], first))
            .map(|r| r[1..].to_vec())
            .collect();
        return useful(program, &same, rest, rest_tys);
    }
    let shapes = constructors(program, *ty);
    let mentioned = |shape: &Shape| rows.iter().any(|row| head_is(row[0], shape));
    if is_catch_all(first) && (shapes.is_empty() || !shapes.iter().all(mentioned)) {
        let default: Vec<Vec<&Pattern>> =
            rows.iter().filter(|r| is_catch_all(r[0])).map(|r| r[1..].to_vec()).collect();
        return useful(program, &default, rest, rest_tys);
    }
    shapes.iter().any(|shape| {
        if !is_catch_all(first) && !head_is(first, shape) {
            return false;
        }
        let specialised = specialise(rows, shape);
        let Some(q) = specialise(&[q.to_vec()], shape).pop() else { return false };
        let mut columns = shape.fields.clone();
        columns.extend(rest_tys);
        useful(program, &specialised, &q, &columns)
    })
}

fn is_literal(pattern: &Pattern) -> bool {
    matches!(pattern.kind, PatternKind::Int(_) | PatternKind::Str(_))
}

fn same_literal(a: &Pattern, b: &Pattern) -> bool {
    match (&a.kind, &b.kind) {
        (PatternKind::Int(x), PatternKind::Int(y)) => x == y,
        (PatternKind::Str(x), PatternKind::Str(y)) => x == y,
        _ => false,
    }
}

fn prefix(first: &str, rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    rows.into_iter()
        .map(|mut row| {
            row.insert(0, first.to_owned());
            row
        })
        .collect()
}

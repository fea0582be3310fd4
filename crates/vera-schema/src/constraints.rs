//! Predicates as keywords of schemas.
//!
//! A predicate is taken apart into its conjuncts. One that compares a value, or its
//! length, with a literal becomes a keyword of the value's schema.

use serde_json::{Value as Json, json};
use vera_builtins::BuiltinId;
use vera_check::typed::{BinaryOp, Body, ExprId, ExprKind, Program, UnaryOp};

/// The number of a value whose schema is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Subject(pub usize);

/// What a comparison is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Measured {
    /// The value itself.
    Value,
    /// How many elements it has.
    Elements,
    /// How many entries it has.
    Entries,
    /// How many bytes it has, as a text.
    Bytes,
    /// How many characters.
    Characters,
}

/// Adds what a predicate says to the schemas of its subjects. Whether they say all of it.
pub(crate) fn constrain(
    program: &Program,
    body: &Body,
    predicate: ExprId,
    subject: &dyn Fn(ExprId) -> Option<Subject>,
    schemas: &mut [Json],
) -> bool {
    let reader = Reader { program, body, subject };
    reader.constrain(predicate, schemas)
}

/// Reads predicates of one body.
struct Reader<'a> {
    program: &'a Program,
    body: &'a Body,
    subject: &'a dyn Fn(ExprId) -> Option<Subject>,
}

impl Reader<'_> {
    /// Conjunctions take no stack: they may be long.
    fn constrain(&self, predicate: ExprId, schemas: &mut [Json]) -> bool {
        let (mut work, mut all) = (vec![predicate], true);
        while let Some(e) = work.pop() {
            match &self.body[e].kind {
                ExprKind::Bool(true) => {}
                ExprKind::Binary { op: BinaryOp::And, left, right } => work.extend([*right, *left]),
                ExprKind::Binary { op: BinaryOp::Or, .. } => all &= self.one_of(e, schemas),
                ExprKind::Binary { op, left, right } => {
                    all &= self.comparison(*op, *left, *right, schemas);
                }
                _ => all = false,
            }
        }
        all
    }

    /// `x == 1 || x == 2` is an enumeration.
    fn one_of(&self, disjunction: ExprId, schemas: &mut [Json]) -> bool {
        let (mut work, mut subject, mut values) = (vec![disjunction], None, Vec::new());
        while let Some(e) = work.pop() {
            let ExprKind::Binary { op, left, right } = &self.body[e].kind else { return false };
            if *op == BinaryOp::Or {
                work.extend([*right, *left]);
                continue;
            }
            let Some((of, Measured::Value)) = self.measured(*left) else { return false };
            let (BinaryOp::Eq, Some(value)) = (op, self.literal(*right)) else { return false };
            if *subject.get_or_insert(of) != of {
                return false;
            }
            values.push(value);
        }
        let Some(Subject(at)) = subject else { return false };
        let Some(schema) = open(&mut schemas[at]) else { return false };
        let free = schema.get("enum").is_none();
        if free {
            schema["enum"] = values.into();
        }
        free
    }

    fn comparison(&self, op: BinaryOp, left: ExprId, right: ExprId, schemas: &mut [Json]) -> bool {
        if let (Some((subject, measured)), Some(value)) = (self.measured(left), self.literal(right))
        {
            return keyword(&mut schemas[subject.0], measured, op, value);
        }
        if let (Some(value), Some((subject, measured))) = (self.literal(left), self.measured(right))
        {
            let op = match op {
                BinaryOp::Lt => BinaryOp::Gt,
                BinaryOp::Le => BinaryOp::Ge,
                BinaryOp::Gt => BinaryOp::Lt,
                BinaryOp::Ge => BinaryOp::Le,
                other => other,
            };
            return keyword(&mut schemas[subject.0], measured, op, value);
        }
        false
    }

    fn measured(&self, e: ExprId) -> Option<(Subject, Measured)> {
        let e = self.bare(e);
        if let Some(subject) = (self.subject)(e) {
            return Some((subject, Measured::Value));
        }
        let (measured, argument) = match &self.body[e].kind {
            ExprKind::Builtin { function, args, .. } => {
                let measured = match function {
                    BuiltinId::ArrayLength | BuiltinId::SetSize => Measured::Elements,
                    BuiltinId::MapSize => Measured::Entries,
                    BuiltinId::StringLength => Measured::Bytes,
                    _ => return None,
                };
                (measured, *args.first()?)
            }
            ExprKind::Call { callee, args, .. } => {
                let function = self.program.function(*callee);
                let is_library = self.program.is_prelude(function.module);
                if !is_library || function.name != "string_codepoint_length" {
                    return None;
                }
                (Measured::Characters, *args.first()?)
            }
            _ => return None,
        };
        Some(((self.subject)(self.bare(argument))?, measured))
    }

    /// An expression without the checks around it.
    fn bare(&self, mut e: ExprId) -> ExprId {
        while let ExprKind::Narrow { value, .. } = &self.body[e].kind {
            e = *value;
        }
        e
    }

    fn literal(&self, e: ExprId) -> Option<Json> {
        let e = self.bare(e);
        Some(match &self.body[e].kind {
            ExprKind::Int(n) => json!(n),
            ExprKind::Float(x) if x.is_finite() => json!(x),
            ExprKind::Str(text) => json!(text.as_str()),
            ExprKind::Bool(b) => json!(b),
            ExprKind::Unary { op: UnaryOp::Neg, operand } => {
                match &self.body[self.bare(*operand)].kind {
                    ExprKind::Int(n) => json!(n.checked_neg()?),
                    ExprKind::Float(x) if x.is_finite() => json!(-x),
                    _ => return None,
                }
            }
            ExprKind::Construct { data, ctor, args } if args.is_empty() => {
                json!(self.program.data(*data).ctors[*ctor as usize].name.as_str())
            }
            _ => return None,
        })
    }
}

/// The part of a schema that keywords about numbers belong to; `None` where the schema
/// only refers to another one.
fn open(schema: &mut Json) -> Option<&mut Json> {
    if schema.get("$ref").is_some() {
        return None;
    }
    Some(schema)
}

/// Adds a comparison with a literal; whether the schema says all of it.
fn keyword(schema: &mut Json, measured: Measured, op: BinaryOp, literal: Json) -> bool {
    let Some(schema) = open(schema) else { return false };
    match measured {
        Measured::Value => of_value(schema, op, literal),
        Measured::Elements => of_length(schema, op, &literal, "minItems", "maxItems"),
        // Maps whose keys are no texts are arrays.
        Measured::Entries if schema["type"] == "array" => {
            of_length(schema, op, &literal, "minItems", "maxItems")
        }
        Measured::Entries => of_length(schema, op, &literal, "minProperties", "maxProperties"),
        Measured::Characters => of_length(schema, op, &literal, "minLength", "maxLength"),
        Measured::Bytes => of_bytes(schema, op, &literal),
    }
}

fn of_value(schema: &mut Json, op: BinaryOp, literal: Json) -> bool {
    let integer = literal.is_i64();
    // Floats are numbers, or the names of what is none.
    let floats = schema.get("anyOf").is_some();
    match op {
        BinaryOp::Eq if schema.get("const").is_none() => {
            schema["const"] = literal;
            true
        }
        BinaryOp::Ne if schema.get("not").is_none() && !floats => {
            schema["not"] = json!({ "const": literal });
            true
        }
        BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge if floats => {
            // No comparison with NaN holds, and the infinite ones remain for the
            // description.
            let number = &mut schema["anyOf"][0];
            let key = match op {
                BinaryOp::Lt => "exclusiveMaximum",
                BinaryOp::Le => "maximum",
                BinaryOp::Gt => "exclusiveMinimum",
                _ => "minimum",
            };
            tighten(number, key, literal, matches!(op, BinaryOp::Gt | BinaryOp::Ge));
            let infinite = match op {
                BinaryOp::Lt | BinaryOp::Le => "-Infinity",
                _ => "Infinity",
            };
            if let Some(names) = schema["anyOf"][1]["enum"].as_array_mut() {
                names.retain(|name| name == infinite);
            }
            true
        }
        BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge if integer => {
            let Some((least, bound)) = bound(op, &literal) else { return false };
            let key = if least { "minimum" } else { "maximum" };
            tighten(schema, key, bound.into(), least);
            true
        }
        _ => false,
    }
}

/// The inclusive bound that a comparison of integers is, and whether it is the least.
fn bound(op: BinaryOp, literal: &Json) -> Option<(bool, i64)> {
    let n = literal.as_i64()?;
    Some(match op {
        BinaryOp::Ge => (true, n),
        BinaryOp::Gt => (true, n.checked_add(1)?),
        BinaryOp::Le => (false, n),
        BinaryOp::Lt => (false, n.checked_sub(1)?),
        _ => return None,
    })
}

fn of_length(schema: &mut Json, op: BinaryOp, literal: &Json, min: &str, max: &str) -> bool {
    let Some(n) = literal.as_i64() else { return false };
    match (op, bound(op, literal)) {
        (BinaryOp::Eq, _) if n >= 0 => {
            tighten(schema, min, n.into(), true);
            tighten(schema, max, n.into(), false);
            true
        }
        // `> 0`, in other words.
        (BinaryOp::Ne, _) if n == 0 => {
            tighten(schema, min, 1.into(), true);
            true
        }
        (_, Some((true, least))) => {
            tighten(schema, min, least.max(0).into(), true);
            true
        }
        (_, Some((false, most))) if most >= 0 => {
            tighten(schema, max, most.into(), false);
            true
        }
        _ => false,
    }
}

/// Schemas count characters, of one to four bytes each.
fn of_bytes(schema: &mut Json, op: BinaryOp, literal: &Json) -> bool {
    let Some(n) = literal.as_i64().filter(|n| *n >= 0) else { return false };
    match (op, bound(op, literal)) {
        (BinaryOp::Ne, _) if n == 0 => {
            tighten(schema, "minLength", 1.into(), true);
            true
        }
        (BinaryOp::Eq, _) => {
            tighten(schema, "minLength", quarter(n).into(), true);
            tighten(schema, "maxLength", n.into(), false);
            n == 0
        }
        (_, Some((true, least))) => {
            tighten(schema, "minLength", quarter(least).max(0).into(), true);
            least <= 1
        }
        (_, Some((false, most))) if most >= 0 => {
            tighten(schema, "maxLength", most.into(), false);
            most == 0
        }
        _ => false,
    }
}

/// So many characters hold so many bytes at the most.
fn quarter(bytes: i64) -> i64 {
    bytes / 4 + i64::from(bytes % 4 > 0)
}

/// Sets a bound, unless a tighter one is there.
fn tighten(schema: &mut Json, key: &str, bound: Json, least: bool) {
    let above = |a: &Json, b: &Json| match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => a > b,
        _ => a.as_f64() > b.as_f64(),
    };
    let tighter = match schema.get(key) {
        Some(known) if least => above(&bound, known),
        Some(known) => above(known, &bound),
        None => true,
    };
    if tighter {
        schema[key] = bound;
    }
}

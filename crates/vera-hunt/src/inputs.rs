//! Arguments for functions: boundary values first, then random ones.

use std::sync::Arc;

use vera_check::typed::{Body, ExprKind, FnId, Program};
use vera_check::types::{Ty, TyKind};

use crate::generate::Choices;
use crate::interpret::Value;

/// How deep values nest.
const DEPTH: usize = 8;

const TEXTS: &[&[u8]] = &[
    b"",
    b"a",
    b"b",
    b"12",
    b"-3",
    b"a,b",
    b" x ",
    "é".as_bytes(),
    b"\xc3",
    b"\xa9",
    "日本".as_bytes(),
    b"\xe6\x97",
    "🍎".as_bytes(),
    b"\xf0\x9f",
    "aé".as_bytes(),
    "ab\0".as_bytes(),
    b"Abc",
];

const FLOATS: [f64; 12] = [
    0.0,
    -0.0,
    1.0,
    -1.5,
    0.1,
    1e300,
    -1e300,
    5e-324,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    9_007_199_254_740_993.0,
];

/// What type parameters stand for, themselves in an outer scope.
#[derive(Clone, Copy)]
struct Scope<'a> {
    args: &'a [Ty],
    outer: Option<&'a Scope<'a>>,
}

/// Makes arguments for the functions of one program.
pub struct Inputs<'p> {
    program: &'p Program,
    rng: Choices,
    /// Numbers worth trying for this function: its literals and their neighbours.
    numbers: Vec<i64>,
}

impl<'p> Inputs<'p> {
    /// `count` lists of arguments; none when some parameter has no values that can be
    /// made. They depend on the function and the seed alone.
    pub fn of(program: &'p Program, id: FnId, seed: u64, count: usize) -> Vec<Vec<Value<'p>>> {
        let function = program.function(id);
        if !function.type_params.is_empty() {
            return Vec::new();
        }
        let name = function.name.bytes().fold(seed, |a, b| a.wrapping_mul(31) + u64::from(b));
        let numbers = numbers(&function.body);
        let mut this = Inputs { program, rng: Choices::new(name | 1), numbers };
        let mut out = Vec::new();
        for _ in 0..if function.params.is_empty() { 1 } else { count } {
            let mut args = Vec::new();
            for param in &function.params {
                match this.value(function.body[*param].ty, Scope { args: &[], outer: None }, DEPTH)
                {
                    Some(value) => args.push(value),
                    None => return Vec::new(),
                }
            }
            out.push(args);
        }
        out
    }

    fn int(&mut self) -> i64 {
        match self.rng.below(10) {
            0..4 if !self.numbers.is_empty() => self.rng.pick(&self.numbers),
            0..7 => self.rng.below(12) as i64 - 4,
            7 => self.rng.below(400) as i64 - 200,
            8 => self.rng.pick(&[
                i64::MIN,
                i64::MIN + 1,
                i64::MAX,
                i64::MAX - 1,
                1 << 32,
                -(1 << 31),
            ]),
            _ => self.rng.below(usize::MAX) as i64,
        }
    }

    fn value(&mut self, ty: Ty, scope: Scope<'_>, depth: usize) -> Option<Value<'p>> {
        let program = self.program;
        let d = depth.saturating_sub(1);
        Some(match program.types.kind(ty) {
            TyKind::Int => Value::Int(self.int()),
            TyKind::Nat => Value::Int(self.int().checked_abs().unwrap_or(i64::MAX)),
            TyKind::Byte => Value::Byte(self.int() as u8),
            TyKind::Bool => Value::Bool(self.rng.chance(50)),
            TyKind::Float64 => Value::Float(match self.rng.chance(50) {
                true if self.rng.chance(35) => f64::NAN,
                true => self.rng.pick(&FLOATS),
                false => (self.rng.below(400) as f64 - 200.0) / 8.0,
            }),
            TyKind::String => Value::Str(self.rng.pick(TEXTS).into()),
            TyKind::Unit => Value::Unit,
            TyKind::Array(item) => Value::Array(self.several(*item, scope, depth)?.into()),
            TyKind::Set(item) => {
                let keys = distinct(self.several(*item, scope, depth)?);
                Value::Map(Arc::new(keys.into_iter().map(|k| (k, Value::Unit)).collect()))
            }
            TyKind::Map(key, of) => {
                let mut entries = Vec::new();
                for key in distinct(self.several(*key, scope, depth)?) {
                    entries.push((key, self.value(*of, scope, d)?));
                }
                Value::Map(Arc::new(entries))
            }
            TyKind::Tuple(parts) => {
                let parts: Option<Vec<_>> =
                    parts.iter().map(|t| self.value(*t, scope, d)).collect();
                Value::Tuple(parts?.into())
            }
            TyKind::Data(data, args) => {
                let ctors = &program.data(*data).ctors;
                // The first constructor of a recursive type ends the recursion.
                let ctor = match depth {
                    0 => 0,
                    // `Some`, `Cons` and their like.
                    _ if self.rng.chance(50) => ctors.len() - 1,
                    _ => self.rng.below(ctors.len()),
                };
                let inner = Scope { args, outer: Some(&scope) };
                let fields: Option<Vec<_>> =
                    ctors[ctor].fields.iter().map(|t| self.value(*t, inner, d)).collect();
                Value::Data(*data, ctor as u32, fields?.into())
            }
            TyKind::Refined(base, ..) => self.value(*base, scope, depth)?,
            TyKind::Param(i, _) => self.value(scope.args[*i as usize], *scope.outer?, depth)?,
            TyKind::Never
            | TyKind::Decimal
            | TyKind::Future(_)
            | TyKind::Fn { .. }
            | TyKind::Meta(_)
            | TyKind::Undeclared(_)
            | TyKind::Unknown => return None,
        })
    }

    fn several(&mut self, ty: Ty, scope: Scope<'_>, depth: usize) -> Option<Vec<Value<'p>>> {
        let count = if depth == 0 { 0 } else { self.rng.below(4) };
        (0..count).map(|_| self.value(ty, scope, depth.saturating_sub(2))).collect()
    }
}

fn distinct<'p>(values: Vec<Value<'p>>) -> Vec<Value<'p>> {
    let mut out: Vec<Value<'p>> = Vec::new();
    for value in values {
        if !out.iter().any(|v| v.equals(&value)) {
            out.push(value);
        }
    }
    out
}

/// The integer literals of a body, and their neighbours.
fn numbers(body: &Body) -> Vec<i64> {
    let mut out = Vec::new();
    for expr in &body.exprs {
        if let ExprKind::Int(n) = expr.kind {
            out.extend([n, n.saturating_add(1), n.saturating_sub(1), n.saturating_neg()]);
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

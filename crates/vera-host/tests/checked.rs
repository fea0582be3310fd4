//! Checked arithmetic against a plain model.

mod common;

use common::{HOST, compile};
use vera_abi::trap::TrapKind;
use vera_host::{Io, Outcome, RunOptions, Value};

const INTERESTING: &[i64] = &[
    0,
    1,
    -1,
    2,
    -2,
    3,
    -3,
    7,
    10,
    -10,
    1 << 31,
    (1 << 31) - 1,
    -(1 << 31),
    -(1 << 31) - 1,
    1 << 32,
    3_037_000_499,
    3_037_000_500,
    -3_037_000_500,
    1 << 62,
    -(1 << 62),
    i64::MAX,
    i64::MAX - 1,
    i64::MAX / 2,
    i64::MIN,
    i64::MIN + 1,
    i64::MIN / 2,
    i64::MIN / 3,
];

type Model = fn(i64, i64) -> Result<i64, TrapKind>;

const OPS: &[(&str, Model)] = &[
    ("add_checked", |a, b| a.checked_add(b).ok_or(TrapKind::Overflow)),
    ("sub_checked", |a, b| a.checked_sub(b).ok_or(TrapKind::Overflow)),
    ("mul_checked", |a, b| a.checked_mul(b).ok_or(TrapKind::Overflow)),
    ("div_checked", |a, b| match b {
        0 => Err(TrapKind::DivideByZero),
        _ => a.checked_div(b).ok_or(TrapKind::Overflow),
    }),
    ("rem_checked", |a, b| match b {
        0 => Err(TrapKind::DivideByZero),
        _ => Ok(a.wrapping_rem(b)),
    }),
];

fn check(module: &vera_host::Module, entry: &str, args: &[i64], expected: Result<i64, TrapKind>) {
    let values: Vec<Value> = args.iter().copied().map(Value::Int).collect();
    let run = HOST.run(module, entry, values, &mut Io::null(), &RunOptions::default());
    let found = match run.expect("a run").outcome {
        Outcome::Returned(Value::Int(n)) => Ok(n),
        Outcome::Trapped(trap) => Err(trap.kind),
        other => panic!("{other:?}"),
    };
    assert_eq!(found, expected, "{entry} {args:?}");
}

#[test]
fn variables() {
    for (op, model) in OPS {
        let module = compile(&format!(
            r#"
export "{op}" f0 (int, int) -> int
fn f0 "{op}" src0 (v0: i64, v1: i64) -> i64 {{
  v2: i64 = {op} v0, v1
  return v2
}}"#
        ));
        let module = HOST.load(&module).expect("valid");
        for a in INTERESTING {
            for b in INTERESTING {
                check(&module, op, &[*a, *b], model(*a, *b));
            }
        }
    }
}

#[test]
fn constants() {
    for (op, model) in OPS {
        for c in INTERESTING {
            let module = compile(&format!(
                r#"
export "right" f0 (int) -> int
export "left" f1 (int) -> int
fn f0 "right" src0 (v0: i64) -> i64 {{
  v1: i64 = const {c}
  v2: i64 = {op} v0, v1
  return v2
}}
fn f1 "left" src0 (v0: i64) -> i64 {{
  v1: i64 = const {c}
  v2: i64 = {op} v1, v0
  return v2
}}"#
            ));
            let module = HOST.load(&module).expect("valid");
            for a in INTERESTING {
                check(&module, "right", &[*a], model(*a, *c));
                check(&module, "left", &[*a], model(*c, *a));
            }
        }
    }
}

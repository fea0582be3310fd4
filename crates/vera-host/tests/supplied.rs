//! Arguments and results that cross in parts.

mod common;

use common::{HOST, compile};
use vera_abi::trap::TrapKind;
use vera_host::{Io, Outcome, RunOptions, Value};

/// Takes an integer, a float and a text; admits what is positive; yields the text.
const PROGRAM: &str = r#"
export "f" f0 in_parts (int, float64, string) -> string
fn f0 "f" src0 () {
  v0: i64 = call_host take_word()
  v1: f64 = call_host take_float()
  call_host take_bytes()
  v2: ref = call_rt vera_string_from_host()
  v3: i64 = const 0
  v4: i32 = gt_i64 v0, v3
  guard v4, contract_violation
  call_host arguments_admitted()
  v5: i32 = seq_data v2
  v6: i32 = seq_len v2
  call_host put_bytes(v5, v6)
  return
}
"#;

fn run(number: i64, text: &str) -> (Outcome, bool) {
    let module = HOST.load(&compile(PROGRAM)).expect("a valid module");
    let args = vec![Value::Int(number), Value::Float64(1.5), Value::text(text)];
    let run = HOST.run(&module, "f", args, &mut Io::sandboxed(0), &RunOptions::default());
    let run = run.expect("a run");
    (run.outcome, run.admission.admitted)
}

#[test]
fn parts_are_taken_in_order() {
    assert_eq!(run(7, "é"), (Outcome::Returned(Value::text("é")), true));
}

#[test]
fn what_is_not_admitted_is_known() {
    let (outcome, admitted) = run(0, "");
    let Outcome::Trapped(trap) = outcome else { panic!("{outcome:?}") };
    assert_eq!((trap.kind, admitted), (TrapKind::ContractViolation, false));
}

#[test]
fn values_of_other_types_are_no_arguments() {
    let module = HOST.load(&compile(PROGRAM)).expect("a valid module");
    for args in [vec![], vec![Value::Float64(1.0), Value::Float64(1.0), Value::text("")]] {
        let run = HOST.run(&module, "f", args, &mut Io::null(), &RunOptions::default());
        assert!(run.is_err());
    }
}

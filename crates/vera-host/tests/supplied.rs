//! Arguments that the host supplies.

mod common;

use common::run_with;
use vera_abi::trap::TrapKind;
use vera_host::{Argument, Io, Outcome, RunOptions, Supplied, Value};

/// Takes an integer, a float and a text; admits what is positive; yields the text.
const PROGRAM: &str = r#"
export "f" f0 (unit) -> string
fn f0 "f" src0 () -> ref {
  v0: i64 = call_host argument_word()
  v1: f64 = call_host argument_float()
  call_host argument_text()
  v2: ref = call_rt vera_string_from_host()
  v3: i64 = const 0
  v4: i32 = gt_i64 v0, v3
  guard v4, contract_violation
  call_host arguments_admitted()
  return v2
}
"#;

fn run(parts: Vec<Argument>) -> (Outcome, bool) {
    let mut io = Io::sandboxed(0);
    io.supplied = Supplied::new(parts);
    let run = run_with(PROGRAM, "f", &[], &mut io, &RunOptions::default());
    (run.outcome, io.supplied.admitted)
}

#[test]
fn parts_are_taken_in_order() {
    let text = "é".to_owned();
    let parts = vec![Argument::Word(7), Argument::Float(1.5), Argument::Text(text.clone())];
    assert_eq!(run(parts), (Outcome::Returned(Value::String(text.into())), true));
}

#[test]
fn what_is_not_admitted_is_known() {
    let parts = vec![Argument::Word(0), Argument::Float(1.5), Argument::Text(String::new())];
    let (outcome, admitted) = run(parts);
    let Outcome::Trapped(trap) = outcome else { panic!("{outcome:?}") };
    assert_eq!((trap.kind, admitted), (TrapKind::ContractViolation, false));
}

#[test]
fn parts_of_another_type_end_the_program() {
    for parts in [vec![], vec![Argument::Float(1.0)], vec![Argument::Word(1), Argument::Word(1)]] {
        let (outcome, admitted) = run(parts);
        let Outcome::Trapped(trap) = outcome else { panic!("{outcome:?}") };
        assert_eq!((trap.kind, admitted), (TrapKind::HostError, false));
    }
}

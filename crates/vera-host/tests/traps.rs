//! How programs end abnormally, and what is reported.

mod common;

use common::{int, run_with, sources, trapped};
use vera_abi::trap::TrapKind;
use vera_host::{Io, Outcome, RunOptions, Value, report};

/// `outer` on lines 1-5 calls `middle`, which is inlined into it at line 3, and
/// `middle` on lines 11-12 calls `inner` on line 21, which fails at column 4.
const FRAMES: &str = r#"
src0 = "outer" 0:0..50
src1 = "middle" 0:100..120
src2 = "inner" 0:200..210
loc0 = 0:20..24 src0
loc1 = 0:111..114 src1 inlined loc0
loc2 = 0:203..205 src2
s0 = string "a"
export "outer" f0 (int) -> int
export "fail" f2 (unit) -> unit
export "runtime" f3 (int) -> int
fn f0 "outer" src0 (v0: i64) -> i64 {
  v1: i64 = call f1(v0) !loc1
  v2: i64 = add_i64 v1, v0
  return v2
}
fn f1 "inner" src2 (v0: i64) -> i64 {
  v1: i64 = const 100
  v2: i64 = div_checked v1, v0 !loc2
  v3: i64 = mul_checked v2, v0 !loc2
  v4: i64 = add_checked v3, v0 !loc2
  v5: i64 = const 0
  v6: i32 = ge_i64 v4, v5
  guard v6, contract_violation "Postcondition violation in inner(@Int -> @Int)\n  ensures(@Int.result >= 0) failed" !loc2
  return v4
}
fn f2 "fail" src0 () {
  trap nat_guard !loc0
}
fn f3 "runtime" src0 (v0: i64) -> i64 {
  v1: ref = static s0
  v2: ref = call_rt vera_string_repeat(v1, v0) !loc0
  v3: i32 = seq_len v2
  v4: i64 = i32_to_i64 v3
  return v4
}
"#;

#[test]
fn a_trap_names_inlined_functions_and_lines() {
    let trap = trapped(FRAMES, "outer", &[0]);
    assert_eq!(trap.kind, TrapKind::DivideByZero);
    let text = report::render_trap_text(&trap, &sources());
    let expected = "Error: Integer division by zero
Source backtrace:
  in inner  (test.vera:21) at test.vera:21:4
  in middle  (test.vera:11-12) at test.vera:12:2
  in outer  (test.vera:1-5) at test.vera:3:1
Fix:
  ";
    assert!(text.starts_with(expected), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 76), "{text}");
    let json = report::trap_json(&trap, &sources());
    assert_eq!(json["trap_kind"], "divide_by_zero");
    let frame = serde_json::json!({
        "func": "inner", "file": "test.vera", "line_start": 21, "line_end": 21,
        "is_builtin": false, "line": 21, "column": 4,
    });
    assert_eq!(json["frames"][0], frame);
    assert_eq!(json["frames"][1]["line"], 12);
    assert_eq!(json["frames"][2]["line"], 3);
    assert_eq!(json["frames"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_trap_has_its_own_text_or_the_standard_one() {
    let trap = trapped(FRAMES, "outer", &[-1000]);
    assert_eq!(trap.kind, TrapKind::ContractViolation);
    assert!(trap.message.ends_with("\n  ensures(@Int.result >= 0) failed"));
    let text = report::render_trap_text(&trap, &sources());
    assert!(!text.contains("Fix:"));
    let trap = trapped(FRAMES, "outer", &[i64::MIN]);
    assert_eq!(trap.kind, TrapKind::ContractViolation);
    let trap = trapped(FRAMES, "fail", &[]);
    assert_eq!(trap.message, "Negative value bound into a @Nat slot");
    assert_eq!(trap.frames.len(), 1);
}

#[test]
fn frames_of_the_runtime_are_counted() {
    let trap = trapped(FRAMES, "runtime", &[i64::MAX]);
    assert_eq!(trap.kind, TrapKind::HeapExhausted);
    assert!(trap.suppressed > 0);
    assert_eq!(trap.frames[0].func, "outer");
    let text = report::render_trap_text(&trap, &sources());
    assert!(text.contains("runtime-helper frame(s) above first user code)"), "{text}");
}

/// `1 + depth(n - 1)`, plainly and with a reference kept across the call.
const DEEP: &str = r#"
src0 = "deep" 0:0..9
layout0 = tag 1 size 16 refs []
export "deep" f0 (int) -> int
export "holding" f1 (int) -> int
fn f0 "deep" src0 (v0: i64) -> i64 {
  v1: i64 = const 0
  v2: i32 = eq_i64 v0, v1
  v3: i64 = if v2 {
    yield v1
  } else {
    v4: i64 = const 1
    v5: i64 = sub_checked v0, v4
    v6: i64 = call f0(v5)
    v7: i64 = add_checked v6, v4
    yield v7
  }
  return v3
}
fn f1 "holding" src0 (v0: i64) -> i64 {
  v1: i64 = const 0
  v2: i32 = eq_i64 v0, v1
  v3: i64 = if v2 {
    yield v1
  } else {
    v4: i64 = const 1
    v8: ref = make_object layout0 (8 i64 v4)
    v5: i64 = sub_checked v0, v4
    v6: i64 = call f1(v5)
    v9: i64 = load i64 v8+8
    v7: i64 = add_checked v6, v9
    yield v7
  }
  return v3
}
"#;

#[test]
fn deep_recursion_works() {
    assert_eq!(int(DEEP, "deep", &[500_000]), 500_000);
    let args = [Value::Int(500_000)];
    let run = run_with(DEEP, "holding", &args, &mut Io::null(), &RunOptions::default());
    assert_eq!(run.outcome, Outcome::Returned(Value::Int(500_000)));
}

#[test]
fn endless_recursion_is_stack_exhaustion() {
    let args = [Value::Int(-1)];
    for entry in ["deep", "holding"] {
        let run = run_with(DEEP, entry, &args, &mut Io::null(), &RunOptions::default());
        let Outcome::Trapped(trap) = run.outcome else { panic!("{:?}", run.outcome) };
        assert_eq!(trap.kind, TrapKind::StackExhausted);
        assert_eq!(trap.frames.len(), 20);
    }
}

#[test]
fn memory_can_be_limited() {
    let text = r#"
s0 = string "0123456789"
export "main" f0 (int) -> int
fn f0 "main" src0 (v0: i64) -> i64 {
  v1: ref = static s0
  v2: ref = call_rt vera_string_repeat(v1, v0)
  v3: i32 = seq_len v2
  v4: i64 = i32_to_i64 v3
  return v4
}
"#;
    let options = RunOptions { max_memory: Some(256 << 20), ..RunOptions::default() };
    let small = run_with(text, "main", &[Value::Int(1_000_000)], &mut Io::null(), &options);
    assert_eq!(small.outcome, Outcome::Returned(Value::Int(10_000_000)));
    let large = run_with(text, "main", &[Value::Int(50_000_000)], &mut Io::null(), &options);
    let Outcome::Trapped(trap) = large.outcome else { panic!("{:?}", large.outcome) };
    assert_eq!(trap.kind, TrapKind::MemoryLimit);
}

#[test]
fn arguments_must_fit() {
    use common::{HOST, compile};
    use vera_host::HostError;
    let module = HOST.load(&compile(DEEP)).expect("valid");
    let try_run = |entry: &str, args: &[Value]| {
        HOST.run(&module, entry, args.to_vec(), &mut Io::null(), &RunOptions::default())
    };
    assert!(matches!(try_run("deep", &[]), Err(HostError::Arguments(_))));
    assert!(matches!(try_run("deep", &[Value::Bool(true)]), Err(HostError::Arguments(_))));
    assert!(matches!(try_run("deeper", &[]), Err(HostError::NoExport(_))));
}

/// An object with a number and a reference, and code that takes it for what `body` says.
fn confused(body: &str) -> String {
    format!(
        "src0 = \"f\" 0:0..9
loc0 = 0:0..0 src0
layout0 = tag 1 size 24 refs [16]
s0 = string \"abc\"
export \"f\" f0 (int) -> int

fn f0 \"f\" src0 (v0: i64) -> i64 collects {{
  v1: ref = static s0
  v2: ref = make_object layout0 (8 i64 v0, 16 ref v1)
  {body}
}}
"
    )
}

#[test]
fn a_confused_reference_is_not_followed() {
    let wide = "v3: i64 = load i64 v2+8 return v3";
    assert_eq!(int(&confused(wide), "f", &[7]), 7);
    for body in [
        // A number as a reference, and the other way round.
        "v3: ref = load ref v2+8 v4: i32 = seq_len v3 v5: i64 = i32_to_i64 v4 return v5",
        "v3: i64 = load i64 v2+16 return v3",
        // A string as an object, an object as a string.
        "v3: i64 = load i64 v1+8 return v3",
        "v3: i32 = seq_len v2 v4: i64 = i32_to_i64 v3 return v4",
        "v3: i32 = tag v1 v4: i64 = i32_to_i64 v3 return v4",
        // A constructor without fields.
        "v3: ref = immediate 3 v4: i64 = load i64 v3+8 return v4",
    ] {
        let trap = trapped(&confused(body), "f", &[1]);
        assert_eq!(trap.kind, TrapKind::OutOfBounds, "{body}");
        assert!(trap.message.starts_with("A reference does not lead to"), "{body}");
    }
}

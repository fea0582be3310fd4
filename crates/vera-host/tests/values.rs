//! Arithmetic, control, objects, closures, strings and arrays: exact results.

mod common;

use common::{int, returned, run_with};
use vera_host::{Io, Outcome, RunOptions, Value};

#[test]
fn fib() {
    assert_eq!(int(include_str!("programs/fib.mir"), "fib", &[20]), 6765);
}

#[test]
fn binary_trees() {
    // 2^(10+1)-1 for the long-lived tree, and 16 * 2^(10-d) trees of depths 4 and 8.
    let expected = 2047 + 16 * 64 * 31 + 16 * 4 * 511;
    assert_eq!(int(include_str!("programs/tree.mir"), "main", &[10]), expected);
}

const LIST: &str = r#"
layout0 = tag 1 size 24 refs [16]
export "main" f0 (int) -> int
export "twice" f3 (int) -> int
fn f0 "main" src0 (v0: i64) -> i64 {
  v1: ref = immediate 0
  v2: ref = call f1(v0, v1)
  v3: i64 = const 0
  v4: i64 = call f2(v2, v3)
  return v4
}
fn f1 "build" src0 (v0: i64, v1: ref) -> ref {
  v2: i64 = const 0
  v3: i32 = eq_i64 v0, v2
  if v3 {
    return v1
  } else {
    yield
  }
  v4: ref = make_object layout0 (8 i64 v0, 16 ref v1)
  v5: i64 = const 1
  v6: i64 = sub_checked v0, v5
  tail_call f1(v6, v4)
}
fn f2 "sum" src0 (v0: ref, v1: i64) -> i64 {
  v2: i32 = tag v0
  v3: i64 = switch v2 case {
    yield v1
  } case {
    v4: i64 = load i64 v0+8
    v5: i64 = add_checked v1, v4
    v6: ref = load ref v0+16
    tail_call f2(v6, v5)
  } default {
    unreachable
  }
  return v3
}
fn f3 "twice" src0 (v0: i64) -> i64 {
  v1: ref = immediate 0
  v2: ref = call f1(v0, v1)
  v3: ref = call f1(v0, v1)
  v4: ref = call f1(v0, v2)
  v5: i64 = const 0
  v6: i64 = call f2(v3, v5)
  v7: i64 = call f2(v4, v6)
  return v7
}
"#;

#[test]
fn a_list_is_built_and_summed_by_tail_calls() {
    assert_eq!(int(LIST, "main", &[1000]), 500_500);
}

#[test]
fn lists_that_share_a_tail_survive() {
    assert_eq!(int(LIST, "twice", &[100]), 5050 * 3);
}

#[test]
fn a_million_cells() {
    let args = [Value::Int(1_000_000)];
    let run = run_with(LIST, "main", &args, &mut Io::null(), &RunOptions::default());
    assert_eq!(run.outcome, Outcome::Returned(Value::Int(500_000_500_000)));
    let high_water = run.heap_high_water.expect("test hooks");
    assert!((24_000_000..200_000_000).contains(&high_water), "{high_water}");
}

const CLOSURES: &str = r#"
layout0 = tag 0 size 24 refs [12]
layout1 = tag 0 size 24 refs []
s0 = closure f3
export "main" f0 (int) -> int
fn f0 "main" src0 (v0: i64) -> i64 {
  v1: ref = make_closure layout1 f1 (16 i64 v0)
  v2: ref = make_closure layout0 f2 (12 ref v1, 16 i64 v0)
  v3: ref = static s0
  v4: i64 = call f4(v2, v0)
  v5: i64 = call f4(v3, v4)
  v6: i64 = call_closure v3(v5) -> i64
  return v6
}
fn f1 "add" src0 (v0: ref, v1: i64) -> i64 indirect {
  v2: i64 = load i64 v0+16
  v3: i64 = add_checked v1, v2
  return v3
}
fn f2 "twice" src0 (v0: ref, v1: i64) -> i64 indirect {
  v2: ref = load ref v0+12
  v3: i64 = call_closure v2(v1) -> i64
  tail_call_closure v2(v3) -> i64
}
fn f3 "negate" src0 (v0: ref, v1: i64) -> i64 indirect {
  v2: i64 = const 0
  v3: i64 = sub_checked v2, v1
  return v3
}
fn f4 "apply" src0 (v0: ref, v1: i64) -> i64 {
  v2: i64 = call_closure v0(v1) -> i64
  return v2
}
"#;

#[test]
fn closures_capture_and_call() {
    assert_eq!(int(CLOSURES, "main", &[7]), 21);
}

const STRINGS: &str = r#"
s0 = string "héllo"
s1 = string " "
export "greet" f0 (string, unit, string) -> string
export "repeat" f1 (string, int) -> string
export "length" f2 (string) -> nat
fn f0 "greet" src0 (v0: ref, v1: ref) -> ref {
  v2: ref = static s0
  v3: ref = static s1
  v4: ref = call_rt vera_string_concat(v2, v3)
  v5: ref = call_rt vera_string_concat(v4, v0)
  v6: ref = call_rt vera_string_concat(v5, v3)
  v7: ref = call_rt vera_string_concat(v6, v1)
  return v7
}
fn f1 "repeat" src0 (v0: ref, v1: i64) -> ref {
  v2: ref = call_rt vera_string_repeat(v0, v1)
  return v2
}
fn f2 "length" src0 (v0: ref) -> i64 {
  v1: i32 = seq_len v0
  v2: i64 = i32_to_i64 v1
  return v2
}
"#;

fn string(text: &str) -> Value {
    Value::String(text.as_bytes().to_vec())
}

#[test]
fn strings_go_in_and_out() {
    let result = returned(STRINGS, "greet", &[string("wörld"), string("")]);
    assert_eq!(result, string("héllo wörld "));
    assert_eq!(returned(STRINGS, "length", &[string("wörld")]), Value::Int(6));
    let result = returned(STRINGS, "repeat", &[string("ab"), Value::Int(3)]);
    assert_eq!(result, string("ababab"));
}

#[test]
fn large_strings_need_many_pages_at_once() {
    for size in [65_531, 65_535, 65_536, 65_537, 10_000_000] {
        let args = [string("x"), Value::Int(size)];
        let run = run_with(STRINGS, "repeat", &args, &mut Io::null(), &RunOptions::default());
        match run.outcome {
            Outcome::Returned(Value::String(text)) => assert_eq!(text.len() as i64, size),
            other => panic!("{other:?}"),
        }
    }
}

/// `[[0, …, n-1], [0, …, n-1], …]`, filled element by element, then summed.
const ARRAYS: &str = r#"
export "main" f0 (int) -> int
fn f0 "main" src0 (v0: i64) -> i64 {
  v1: i32 = i64_to_i32 v0
  v2: i32 = const 4
  v3: i32 = const 1
  v4: ref = call_rt vera_seq_new(v1, v2, v3)
  v5: i32 = seq_data v4
  v6: i32 = const 0
  loop l0 (v7: i32) = (v6) {
    v8: i32 = ge_u32 v7, v1
    if v8 {
      yield
    } else {
      v9: i64 = const 0
      v10: ref = call_rt vera_array_range(v9, v0)
      set_element ref v5, v7, v10
      v11: i32 = add_i32 v7, v3
      continue l0 v11
    }
    yield
  }
  seq_finish v4
  v12: i64 = const 0
  v13: i64 = loop l1 (v14: i32, v15: i64) = (v6, v12) {
    v16: i32 = ge_u32 v14, v1
    v17: i64 = if v16 {
      yield v15
    } else {
      v18: ref = element ref v5, v14
      v19: i32 = seq_data v18
      v20: i64 = element i64 v19, v14
      v21: i64 = add_checked v15, v20
      v22: i32 = add_i32 v14, v3
      continue l1 v22, v21
    }
    yield v17
  }
  return v13
}
"#;

#[test]
fn an_array_under_construction_keeps_its_elements() {
    assert_eq!(int(ARRAYS, "main", &[300]), 299 * 300 / 2);
}

/// Objects with more references than one header word covers.
#[test]
fn wide_objects_are_traced() {
    let count = 40;
    let mut text = String::from("layout0 = tag 2 size 168 refs [");
    let offsets: Vec<String> = (0..count).map(|i| (8 + 4 * i).to_string()).collect();
    text.push_str(&offsets.join(", "));
    text.push_str("]\nlayout1 = tag 1 size 16 refs []\n");
    text.push_str("export \"main\" f0 (unit) -> int\nfn f0 \"main\" src0 () -> i64 {\n");
    for i in 0..count {
        text.push_str(&format!("  v{i}: i64 = const {i}\n"));
        text.push_str(&format!("  v{}: ref = make_object layout1 (8 i64 v{i})\n", 100 + i));
    }
    let fields: Vec<String> =
        (0..count).map(|i| format!("{} ref v{}", 8 + 4 * i, 100 + i)).collect();
    text.push_str(&format!("  v200: ref = make_object layout0 ({})\n", fields.join(", ")));
    text.push_str("  v201: ref = make_object layout1 (8 i64 v0)\n  v300: i64 = const 0\n");
    for i in 0..count {
        text.push_str(&format!("  v{}: ref = load ref v200+{}\n", 400 + i, 8 + 4 * i));
        text.push_str(&format!("  v{}: i64 = load i64 v{}+8\n", 500 + i, 400 + i));
        text.push_str(&format!("  v{}: i64 = add_checked v{}, v{}\n", 301 + i, 300 + i, 500 + i));
    }
    text.push_str("  v600: i64 = load i64 v201+8\n");
    text.push_str(&format!("  v601: i64 = add_checked v600, v{}\n", 300 + count));
    text.push_str("  return v601\n}\n");
    assert_eq!(int(&text, "main", &[]), 39 * 40 / 2);
}

/// Roots that come and go in branches and loops, many at a time.
const CHURN: &str = r#"
layout0 = tag 1 size 24 refs [16]
export "main" f0 (int) -> int
fn f0 "main" src0 (v0: i64) -> i64 {
  v1: i64 = const 0
  v2: i64 = const 1
  v3: ref = immediate 0
  v90: ref = make_object layout0 (8 i64 v0, 16 ref v3)
  v4: i64, v5: ref = loop l0 (v6: i64, v7: ref, v8: ref) = (v1, v3, v90) {
    v9: i32 = ge_i64 v6, v0
    if v9 {
      yield
    } else {
      v10: ref = make_object layout0 (8 i64 v6, 16 ref v7)
      v11: i64 = const 3
      v12: i64 = rem_checked v6, v11
      v13: i32 = i64_to_i32 v12
      v14: ref, v15: ref = switch v13 case {
        v16: ref = make_object layout0 (8 i64 v2, 16 ref v8)
        v17: ref = make_object layout0 (8 i64 v6, 16 ref v10)
        yield v16, v17
      } case {
        v18: ref = call f1(v10, v6)
        yield v8, v18
      } default {
        v19: ref = make_object layout0 (8 i64 v2, 16 ref v3)
        v20: ref = make_object layout0 (8 i64 v2, 16 ref v19)
        v21: ref = make_object layout0 (8 i64 v1, 16 ref v8)
        yield v21, v10
      }
      v22: ref = make_object layout0 (8 i64 v1, 16 ref v14)
      v23: i64 = add_checked v6, v2
      continue l0 v23, v15, v22
    }
    v24: i64 = call f2(v7, v1)
    v25: i64 = call f2(v8, v24)
    yield v25, v90
  }
  v26: i64 = load i64 v5+8
  v27: i64 = add_checked v4, v26
  return v27
}
fn f1 "push" src0 (v0: ref, v1: i64) -> ref {
  v2: ref = make_object layout0 (8 i64 v1, 16 ref v0)
  v3: ref = make_object layout0 (8 i64 v1, 16 ref v2)
  return v3
}
fn f2 "sum" src0 (v0: ref, v1: i64) -> i64 {
  v2: i32 = is_immediate v0
  v3: i64 = if v2 {
    yield v1
  } else {
    v4: i64 = load i64 v0+8
    v5: i64 = add_checked v1, v4
    v6: ref = load ref v0+16
    tail_call f2(v6, v5)
  }
  return v3
}
"#;

#[test]
fn roots_come_and_go() {
    // Each i is pushed once; again for i % 3 == 0; twice more for i % 3 == 1.
    let n = 200;
    let list: i64 = (0..n).map(|i| i * [2, 3, 1][i as usize % 3]).sum();
    let ones = (0..n).filter(|i| i % 3 == 0).count() as i64;
    assert_eq!(int(CHURN, "main", &[n]), list + ones + n + n);
}

#[test]
fn switches_with_values() {
    let text = r#"
export "main" f0 (int) -> int
fn f0 "main" src0 (v0: i64) -> i64 {
  v1: i32 = i64_to_i32 v0
  v2: i64, v3: i32 = switch v1 case {
    v4: i64 = const 10
    v5: i32 = const 1
    yield v4, v5
  } case {
    v6: i64 = const 20
    return v6
  } case {
    v7: i64 = const 30
    v8: i32 = const 3
    yield v7, v8
  } default {
    v9: i64 = const 40
    v10: i32 = const 4
    yield v9, v10
  }
  v11: i64 = i32_to_i64 v3
  v12: i64 = add_checked v2, v11
  return v12
}
"#;
    let results: Vec<i64> = [0, 1, 2, 3, -1].iter().map(|n| int(text, "main", &[*n])).collect();
    assert_eq!(results, [11, 20, 33, 44, 44]);
}

/// Allocations whose fast path stores no roots, followed by a call that
/// collects: the call has to store them.
#[test]
fn what_a_slow_path_would_have_stored_is_stored_by_the_next_call() {
    let text = r#"
layout0 = tag 1 size 24 refs [16]
export "main" f0 (int) -> int
fn f0 "main" src0 (v0: i64) -> i64 {
  v1: ref = immediate 0
  v2: ref = make_object layout0 (8 i64 v0, 16 ref v1)
  v3: ref = make_object layout0 (8 i64 v0, 16 ref v1)
  v4: i64 = const 300000
  v5: i64 = call f1(v4, v1)
  v6: ref = make_object layout0 (8 i64 v5, 16 ref v1)
  v7: i64 = call f1(v4, v6)
  v8: i64 = load i64 v2+8
  v9: i64 = load i64 v3+8
  v10: i64 = load i64 v6+8
  v11: i64 = add_checked v8, v9
  v12: i64 = add_checked v11, v10
  return v12
}
fn f1 "churn" src0 (v0: i64, v1: ref) -> i64 {
  v2: i64 = const 0
  v3: i32 = eq_i64 v0, v2
  v4: i64 = const 1
  if v3 {
    return v4
  } else {
    yield
  }
  v5: ref = immediate 0
  v6: ref = make_object layout0 (8 i64 v2, 16 ref v5)
  v7: i64 = sub_i64 v0, v4
  tail_call f1(v7, v6)
}
"#;
    let args = [Value::Int(20)];
    let run = run_with(text, "main", &args, &mut Io::null(), &RunOptions::default());
    assert_eq!(run.outcome, Outcome::Returned(Value::Int(41)));
    assert!(run.heap_high_water.is_some_and(|bytes| bytes < 10_000_000), "nothing was collected");
}

/// More numbers and texts that are alive at once than a function may have locals.
#[test]
fn more_live_values_than_locals() {
    use std::fmt::Write as _;
    let count = 8_000;
    let mut text = String::from(
        "s0 = string \"a text\"\nexport \"main\" f0 (int) -> int\n\
         fn f0 \"main\" src0 (v0: i64) -> i64 collects {\n  v1: ref = static s0\n",
    );
    let mut next = 2;
    let (mut number, mut string) = (0, 1);
    let (mut numbers, mut strings) = (Vec::new(), Vec::new());
    for i in 0..count {
        if i % 100 == 50 {
            _ = writeln!(text, "  v{next}: ref = call_rt vera_string_concat(v{string}, v1)");
            string = next;
            strings.push(next);
        } else {
            _ = writeln!(text, "  v{next}: i64 = add_i64 v{number}, v0");
            number = next;
            numbers.push(next);
        }
        next += 1;
    }
    let mut sum = 0;
    for value in numbers.iter().rev() {
        _ = writeln!(text, "  v{next}: i64 = xor_i64 v{sum}, v{value}");
        sum = next;
        next += 1;
    }
    for value in &strings {
        let (len, wide) = (next, next + 1);
        _ = writeln!(text, "  v{len}: i32 = seq_len v{value}");
        _ = writeln!(text, "  v{wide}: i64 = i32_to_i64 v{len}");
        _ = writeln!(text, "  v{}: i64 = add_i64 v{sum}, v{wide}", next + 2);
        sum = next + 2;
        next += 3;
    }
    _ = writeln!(text, "  return v{sum}\n}}");
    let expected = (1..=numbers.len() as i64).map(|i| 3 * i + 3).fold(3, |sum, n| sum ^ n)
        + (2..=strings.len() as i64 + 1).map(|n| 6 * n).sum::<i64>();
    assert_eq!(int(&text, "main", &[3]), expected);
}

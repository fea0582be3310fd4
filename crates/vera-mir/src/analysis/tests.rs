use super::annotate;
use crate::ir::Program;
use crate::{parse, verify};

/// Parses, annotates and verifies a program.
fn annotated(text: &str) -> Program {
    let mut program = parse::program(text).expect("well-formed test program");
    annotate(&mut program);
    verify::verify(&program).expect("valid test program");
    program
}

/// The annotated program must print as `text`, annotations included.
fn check(text: &str) {
    let stripped: String = text
        .lines()
        .map(|line| line.split(" [v").next().unwrap_or_default().to_owned() + "\n")
        .map(|line| line.replace(" collects", "").replace(" recursive", ""))
        .collect();
    let printed = annotated(&stripped).to_string();
    assert_eq!(printed.trim(), text.trim(), "\n{printed}");
}

#[test]
fn argument_used_after_a_call_is_a_root() {
    check(
        r#"fn f0 "grow" src0 (v0: ref, v1: ref) -> ref collects {
  v2: ref = call_rt vera_string_concat(v0, v1) [v0]
  v3: ref = call_rt vera_string_concat(v2, v0)
  return v3
}"#,
    );
}

#[test]
fn operands_of_an_allocation_are_roots() {
    check(
        r#"layout0 = tag 1 size 16 refs [12]

fn f0 "cons" src0 (v0: i32, v1: ref) -> ref collects {
  v2: ref = immediate 3
  v3: ref = make_object layout0 (8 i32 v0, 12 ref v1) [v1]
  v4: ref = make_object layout0 (8 i32 v0, 12 ref v2)
  return v4
}"#,
    );
}

#[test]
fn branches_add_up() {
    check(
        r#"fn f0 "f" src0 (v0: i32, v1: ref, v2: ref) -> ref collects {
  v3: ref = call_rt vera_string_concat(v1, v1) [v1, v2]
  v4: ref = if v0 {
    v5: ref = call_rt vera_string_concat(v3, v3) [v1]
    v6: ref = call_rt vera_string_concat(v5, v1)
    yield v6
  } else {
    yield v2
  }
  return v4
}"#,
    );
}

#[test]
fn a_loop_keeps_what_the_next_iteration_uses() {
    check(
        r#"fn f0 "f" src0 (v0: i32, v1: ref, v2: ref) -> ref collects {
  v3: ref = block l0 {
    v4: ref = loop l1 (v5: ref) = (v1) {
      v6: ref = call_rt vera_string_concat(v2, v5) [v2]
      v7: ref = call_rt vera_string_concat(v6, v6) [v2, v6]
      if v0 {
        break l0 v6
      } else {
        yield
      }
      continue l1 v7
    }
    yield v4
  }
  return v3
}"#,
    );
}

#[test]
fn an_inner_loop_keeps_what_the_outer_one_uses() {
    check(
        r#"fn f0 "f" src0 (v0: i32, v1: ref, v2: ref) collects {
  loop l0 () = () {
    v3: ref = call_rt vera_string_concat(v1, v1) [v1, v2]
    block l1 {
      loop l2 () = () {
        v4: ref = call_rt vera_string_concat(v2, v2) [v1, v2]
        if v0 {
          break l1
        } else {
          yield
        }
        continue l2
      }
      yield
    }
    continue l0
  }
  return
}"#,
    );
}

#[test]
fn a_loop_that_never_returns_outward_keeps_less() {
    check(
        r#"fn f0 "f" src0 (v0: i32, v1: ref, v2: ref) collects {
  loop l0 () = () {
    v3: ref = call_rt vera_string_concat(v1, v1) [v1, v2]
    if v0 {
      loop l1 () = () {
        v4: ref = call_rt vera_string_concat(v2, v2) [v2]
        continue l1
      }
      yield
    } else {
      yield
    }
    continue l0
  }
  return
}"#,
    );
}

#[test]
fn an_element_address_keeps_its_sequence() {
    check(
        r#"s0 = string "x"

fn f0 "f" src0 (v0: ref, v1: i32) -> i64 collects {
  v2: i32 = seq_data v0
  v3: ref = static s0
  v4: ref = call_rt vera_string_concat(v3, v3) [v0]
  v5: i64 = element i64 v2, v1
  return v5
}"#,
    );
}

#[test]
fn recursion_through_closures_is_seen() {
    let program = annotated(
        r#"
s0 = closure f1
fn f0 "apply" src0 (v0: ref) -> i64 { v1: i64 = call_closure v0() -> i64 return v1 }
fn f1 "code" src0 (v0: ref) -> i64 indirect {
  v1: ref = static s0
  v2: i64 = call f0(v1)
  return v2
}
fn f2 "main" src0 () -> i64 {
  v0: ref = static s0
  v1: i64 = call f0(v0)
  v2: i64 = call f3(v1)
  return v2
}
fn f3 "pure" src0 (v0: i64) -> i64 { tail_call f3(v0) }
"#,
    );
    let facts: Vec<_> = program.funcs.iter().map(|f| (f.collects, f.recursive)).collect();
    assert_eq!(facts, [(true, true), (true, true), (true, false), (false, true)]);
}

#[test]
fn breaches_are_found() {
    let bad = [
        ("fn f0 \"f\" src0 () -> i64 { return v0 }", "v0 is not visible"),
        ("fn f0 \"f\" src0 (v0: i32) -> i64 { return v0 }", "has types"),
        ("fn f0 \"f\" src0 (v0: i32) { v1: i64 = add_i64 v0, v0 return }", "operands are"),
        ("fn f0 \"f\" src0 (v0: i32) { break l0 }", "not in scope"),
        ("fn f0 \"f\" src0 (v0: i32) { block l0 { continue l0 } return }", "continues a block"),
        (
            "fn f0 \"f\" src0 (v0: i32) -> i64 { tail_call f1(v0) } fn f1 \"g\" src0 (v0: i32) { return }",
            "returns other types",
        ),
        (
            "fn f0 \"f\" src0 (v0: i32) { if v0 { v1: i32 = const 1 yield } else { yield } v2: i32 = not v1 return }",
            "v1 is not visible",
        ),
        ("s0 = closure f0 fn f0 \"f\" src0 (v0: ref) { return }", "not marked indirect"),
    ];
    for (text, expected) in bad {
        let program = parse::program(text).expect("well-formed");
        let errors = verify::verify(&program).expect_err(text);
        assert!(errors.contains(expected), "{text}: {errors}");
    }
}

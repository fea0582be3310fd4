use super::program;

/// Every operation and terminator, printed as it was written.
const ALL: &str = r#"src0 = "main" 0:0..120
src1 = "anon_1" 1:5..9
loc0 = 0:0..0 src0
loc1 = 0:10..20 src1 inlined loc2
loc2 = 1:6..7 src0
layout0 = tag 1 size 24 refs [16]
layout1 = tag 0 size 24 refs []
layout2 = tag 0 size 16 refs [] mutable
s0 = string "a\"b\n\x00\xff"
s1 = empty_array
s2 = closure f1
s3 = array i64 [1, 18446744073709551615]
s4 = strings ["a", ""]
s5 = object layout0 (8 i64 const -5, 16 ref static s0)
export "main" f0 (int, unit, string, "fn(Int -> Int) effects(pure)", compound 3, enum 0, decimal) -> bool

fn f0 "main" src0 (v0: i64, v1: ref, v2: ref) -> i32 collects recursive {
  v3: i64 = const -9223372036854775808
  v4: f64 = const -0.0
  v5: i32 = const 7
  v6: ref = immediate 3
  v7: ref = static s0
  v8: i64 = f64_to_i64 v4 !loc1
  v9: i64 = add_i64 v3, v8
  v10: i64 = mul_checked v9, v0 !loc2
  guard v5, nat_guard "own text" !loc1
  guard v5, overflow
  claim v5 true, v5 false, l0, proof
  v11: ref = make_object layout0 (8 i64 v10, 16 ref v7) [v1, v2]
  v12: ref = make_closure layout1 f1 (12 i32 v5) [v11]
  v13: i64 = load i64 v11+8
  v14: i32 = tag v11
  v15: i32 = is_immediate v11
  v16: i32 = seq_len v1
  v17: i32 = seq_data v1
  v18: i32 = element u8 v17, v14
  set_element i32 v17, v14, v18
  seq_finish v1
  v19: i64 = call_closure v12(v0) -> i64 [v12, v1]
  call_host print(v17, v16)
  v20: ref = call_rt vera_string_concat(v1, v7)
  v21: i32 = if v5 {
    yield v14
  } else {
    trap contract_violation "no" !loc1
  }
  v22: i64, v23: ref = switch v21 case {
    yield v0, v1
  } case {
    unreachable
  } default {
    tail_call f0(v0, v1, v2) !loc2
  }
  v24: i64 = block l0 {
    v25: i64 = loop l1 (v26: i64, v27: ref) = (v0, v6) {
      if v5 {
        break l0 v26
      } else {
        yield
      }
      continue l1 v26, v27
    }
    yield v25
  }
  v28: i32 = call f0(v24, v1, v2)
  return v28
}

fn f1 "anon_1" src1 (v0: ref, v1: i64) -> i64 indirect collects {
  tail_call_closure v0(v1) -> i64
}
"#;

#[test]
fn what_is_printed_is_read_back() {
    let printed = program(ALL).expect("well-formed").to_string();
    assert_eq!(printed, ALL, "\n{printed}");
}

#[test]
fn errors_name_the_line() {
    let error = program("src0 = \"f\" 0:0..1\nfn f0 \"f\" src0 () {\n  v0: i64 = frob v1\n}");
    assert_eq!(error.err().as_deref().map(|e| &e[..7]), Some("line 3:"));
    assert!(program("fn f0 \"f\" src0 () { v0 = const 1 return }").is_err());
    assert!(program("fn f0 \"unterminated").is_err());
}

//! What the emitted code looks like, and what a module carries.

use std::time::Instant;

use vera_abi::layout::FIRST_ADDRESS;
use wasmparser::{ExternalKind, Parser, Payload, TypeRef};

use crate::{Artifact, EmitOptions, emit};

fn compile(text: &str) -> Artifact {
    let mut program = vera_mir::parse::program(text).expect("well-formed test program");
    vera_mir::analysis::annotate(&mut program);
    emit(&program, &EmitOptions::default())
}

fn wat(artifact: &Artifact) -> String {
    wasmprinter::print_bytes(&artifact.wasm).expect("a valid module")
}

/// The instructions of one function, indented as they nest.
fn code(text: &str, func: &str) -> String {
    let wat = wat(&compile(text));
    let start = wat.find(&format!("(func ${func} ")).expect("the function is in the module");
    let lines = wat[start..].lines().skip(1);
    let body: Vec<&str> = lines
        .take_while(|line| *line != "  )")
        .filter(|line| !line.trim_start().starts_with("(local "))
        .map(|line| line.strip_prefix("    ").unwrap_or(line))
        .collect();
    body.join("\n").replace(";; label = @", "@")
}

#[track_caller]
fn check(text: &str, func: &str, expected: &str) {
    let found = code(text, func);
    assert_eq!(found.trim(), expected.trim(), "\n{found}\n");
}

struct Parts {
    imports: Vec<String>,
    exports: Vec<String>,
    funcs: usize,
    memory: bool,
    data: usize,
}

fn parts(artifact: &Artifact) -> Parts {
    let mut parts = Parts { imports: vec![], exports: vec![], funcs: 0, memory: false, data: 0 };
    for payload in Parser::new(0).parse_all(&artifact.wasm) {
        match payload.expect("a valid module") {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import.expect("valid");
                    assert!(matches!(import.ty, TypeRef::Func(_)));
                    parts.imports.push(format!("{}.{}", import.module, import.name));
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export.expect("valid");
                    assert!(matches!(export.kind, ExternalKind::Func | ExternalKind::Memory));
                    parts.exports.push(export.name.to_owned());
                }
            }
            Payload::FunctionSection(funcs) => parts.funcs = funcs.count() as usize,
            Payload::MemorySection(_) => parts.memory = true,
            Payload::DataSection(data) => parts.data = data.count() as usize,
            _ => {}
        }
    }
    parts
}

#[test]
fn operands_stay_on_the_stack() {
    check(
        r#"
export "f" f0 (int, int) -> int
fn f0 "f" src0 (v0: i64, v1: i64) -> i64 {
  v2: i64 = add_i64 v0, v1
  v3: i64 = call f1(v2)
  v4: i64 = const 2
  v5: i64 = call f1(v4)
  v6: i64 = mul_i64 v3, v5
  return v6
}
fn f1 "g" src0 (v0: i64) -> i64 { return v0 }
"#,
        "f",
        "
local.get 0
local.get 1
i64.add
call $g
i64.const 2
call $g
i64.mul",
    );
}

#[test]
fn a_choice_between_values_has_no_branch() {
    check(
        r#"
export "max" f0 (int, int) -> int
fn f0 "max" src0 (v0: i64, v1: i64) -> i64 {
  v2: i32 = gt_i64 v0, v1
  v3: i64 = if v2 {
    yield v0
  } else {
    yield v1
  }
  return v3
}
"#,
        "max",
        r#"
local.get 0
local.get 1
local.get 0
local.get 1
i64.gt_s
select
"#,
    );
}

#[test]
fn effects_keep_their_order() {
    check(
        r#"
export "f" f0 (int) -> int
fn f0 "f" src0 (v0: i64) -> i64 {
  v1: i64 = call f1(v0)
  v2: i64 = call f1(v0)
  v3: i64 = sub_i64 v2, v1
  return v3
}
fn f1 "g" src0 (v0: i64) -> i64 { return v0 }
"#,
        "f",
        "
local.get 0
call $g
local.set 1
local.get 0
call $g
local.get 1
i64.sub",
    );
}

#[test]
fn a_tail_call_of_itself_is_a_loop() {
    check(
        r#"
export "f" f0 (int, int) -> int
fn f0 "f" src0 (v0: i64, v1: i64) -> i64 {
  v2: i64 = const 0
  v3: i32 = eq_i64 v0, v2
  v4: i64 = if v3 {
    yield v1
  } else {
    v5: i64 = const 1
    v6: i64 = sub_i64 v0, v5
    v7: i64 = add_i64 v1, v0
    tail_call f0(v6, v7)
  }
  return v4
}
"#,
        "f",
        "
loop (result i64) @1
  local.get 0
  i64.const 0
  i64.eq
  if (result i64) @2
    local.get 1
  else
    local.get 0
    i64.const 1
    i64.sub
    local.get 1
    local.get 0
    i64.add
    local.set 1
    local.set 0
    br 1 (;@1;)
  end
end",
    );
}

#[test]
fn a_root_is_stored_before_the_call_and_only_once() {
    check(
        r#"
export "f" f0 (string) -> int
fn f0 "f" src0 (v0: ref) -> i64 {
  v1: ref = call_rt vera_string_concat(v0, v0)
  v2: ref = call_rt vera_string_concat(v1, v0)
  v3: ref = call_rt vera_string_concat(v2, v0)
  v4: i32 = seq_len v3
  v5: i64 = i32_to_i64 v4
  return v5
}
"#,
        "f",
        "
local.get 0
local.get 0
local.get 1
local.get 0
i32.store
local.get 1
i32.const 4
i32.add
call $vera_string_concat
local.get 0
local.get 1
i32.const 4
i32.add
call $vera_string_concat
local.get 0
local.get 1
call $vera_string_concat
i32.load offset=12
i64.extend_i32_u",
    );
}

#[test]
fn roots_of_a_loop_are_stored_before_it() {
    let code = code(
        r#"
export "f" f0 (string) -> int
fn f0 "f" src0 (v0: ref) -> i64 {
  v1: i64 = const 0
  v2: i64 = loop l0 (v3: i64) = (v1) {
    v4: ref = call_rt vera_string_concat(v0, v0)
    v5: i32 = seq_len v4
    v6: i64 = i32_to_i64 v5
    v7: i32 = gt_i64 v3, v6
    v8: i64 = if v7 {
      yield v6
    } else {
      v9: i64 = add_i64 v3, v6
      continue l0 v9
    }
    yield v8
  }
  return v2
}
"#,
        "f",
    );
    let (before, inside) = code.split_once("loop").expect("a loop");
    assert_eq!(before.matches("i32.store").count(), 1, "{code}");
    assert_eq!(inside.matches("i32.store").count(), 0, "{code}");
}

#[test]
fn a_pure_program_imports_nothing() {
    let artifact = compile(
        r#"
export "f" f0 (int, bool) -> float64
fn f0 "f" src0 (v0: i64, v1: i32) -> f64 {
  v2: i64 = const 2
  v3: i64 = div_checked v0, v2
  v4: f64 = i64_to_f64 v3
  return v4
}
fn f1 "unused" src0 (v0: i64) -> i64 {
  v1: i64 = add_checked v0, v0
  return v1
}
"#,
    );
    let parts = parts(&artifact);
    assert_eq!(parts.imports, [""; 0]);
    assert_eq!(parts.exports, ["f"]);
    assert_eq!(parts.funcs, 1);
    assert!(!parts.memory);
}

#[test]
fn printing_a_literal_needs_no_runtime() {
    let artifact = compile(
        r#"
s0 = string "Hello, world!"
export "main" f0 (unit) -> unit
fn f0 "main" src0 () {
  v0: ref = static s0
  v1: i32 = seq_data v0
  v2: i32 = seq_len v0
  call_host print(v1, v2)
  return
}
"#,
    );
    let parts = parts(&artifact);
    assert_eq!(parts.imports, ["vera.print"]);
    assert_eq!(parts.exports, ["vera.memory", "main"]);
    assert_eq!((parts.funcs, parts.data), (1, 1));
    assert!(artifact.wasm.len() < 200, "{} bytes", artifact.wasm.len());
}

#[test]
fn only_what_is_needed_of_the_runtime_comes_along() {
    let program = |body: &str| {
        compile(&format!(
            "s0 = string \"x\"\nexport \"main\" f0 (int) -> int\n\
             fn f0 \"main\" src0 (v0: i64) -> i64 {{\n{body}\n  return v0\n}}"
        ))
    };
    let few = program("v1: ref = static s0\n v2: i32 = call_rt vera_string_eq(v1, v1)");
    let concat = program("v1: ref = static s0\n v2: ref = call_rt vera_string_concat(v1, v1)");
    let sort = program(
        "v1: ref = static s0\n v2: i32 = const 0\n v3: ref = call_rt vera_array_sort_int(v1, v2)",
    );
    assert!(concat.wasm.len() < 16_000, "{} bytes", concat.wasm.len());
    assert!(few.wasm.len() <= concat.wasm.len());
    assert!(concat.wasm.len() < sort.wasm.len());
    assert_eq!(parts(&concat).imports, ["vera.trap"]);
}

#[test]
fn equal_programs_give_equal_bytes() {
    let text = include_str!("../../vera-host/tests/programs/tree.mir");
    assert_eq!(compile(text).wasm, compile(text).wasm);
}

#[test]
fn equal_strings_are_one_object() {
    let text = |second: &str| {
        format!(
            "s0 = string \"a long string to see\"\ns1 = string \"{second}\"\n\
             export \"f\" f0 (unit) -> bool\nfn f0 \"f\" src0 () -> i32 {{\n\
             v0: ref = static s0\n v1: ref = static s1\n v2: i32 = eq_ref v0, v1\n return v2\n}}"
        )
    };
    let same = wat(&compile(&text("a long string to see")));
    let other = wat(&compile(&text("another string")));
    assert_eq!(same.matches(&format!("i32.const {FIRST_ADDRESS}")).count(), 3);
    assert_eq!(other.matches(&format!("i32.const {FIRST_ADDRESS}")).count(), 2);
}

#[test]
fn time_and_space_are_linear_in_the_number_of_functions() {
    let program = |count: usize| {
        let mut text = String::from("layout0 = tag 1 size 24 refs [16]\n");
        text.push_str("export \"f\" f0 (int) -> int\n");
        for i in 0..count {
            let next = (i + 1) % count;
            text.push_str(&format!(
                r#"fn f{i} "f{i}" src0 (v0: i64) -> i64 {{
  v1: ref = immediate 0
  v2: ref = make_object layout0 (8 i64 v0, 16 ref v1)
  v3: ref = make_object layout0 (8 i64 v0, 16 ref v2)
  v4: i64 = add_checked v0, v0
  v5: i64 = call f{next}(v4)
  v6: i64 = load i64 v3+8
  v7: i64 = mul_checked v5, v6
  return v7
}}
"#
            ));
        }
        let mut program = vera_mir::parse::program(&text).expect("well-formed");
        vera_mir::analysis::annotate(&mut program);
        program
    };
    let time = |count| {
        let program = program(count);
        let start = Instant::now();
        let bytes = crate::module::build(&program, &EmitOptions::default()).wasm.len();
        (start.elapsed().as_secs_f64(), bytes)
    };
    let (small_time, small) = time(1_000);
    let (large_time, large) = time(10_000);
    assert!(large < small * 11, "{small} and {large} bytes");
    // Generous: other tests run at the same time.
    assert!(large_time < small_time * 40.0 + 0.5, "{small_time} s and {large_time} s");
}

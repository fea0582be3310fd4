//! Values of every type cross between program and host unchanged, whatever the collector
//! does meanwhile and however deeply they nest.

use vera_abi::interface::{CALL, HostTy, Interface};
use vera_abi::runtime::GcMode;
use vera_check::NoModules;
use vera_diagnostics::SourceFile;
use vera_host::{CacheDir, Host, Io, Module, Outcome, RunOptions, Value};
use vera_mir::lower::Options;
use vera_wasm::EmitOptions;

struct Program {
    host: Host,
    module: Module,
    interface: Interface,
    params: Vec<HostTy>,
}

impl Program {
    fn new(text: &str) -> Program {
        let checked = vera_check::check(SourceFile::new("t.vera", text), &mut NoModules);
        let program = checked.program.expect("a well-typed program");
        let options = Options { calls: true, ..Options::default() };
        let mir = vera_mir::lower::lower(&program, &checked.sources, &options)
            .unwrap_or_else(|errors| panic!("{errors:?}"));
        let options = EmitOptions { check_references: true, ..EmitOptions::default() };
        let artifact = vera_wasm::build(mir, Default::default(), &options);
        let host = Host::new(&CacheDir::Off).expect("an engine");
        let module = host.load(&artifact).expect("a valid module");
        let call = artifact.exports.iter().find(|e| e.in_parts).expect("a call in parts");
        let params = call.params.clone();
        Program { host, module, interface: artifact.interface, params }
    }

    fn call(&self, value: Value, gc: GcMode) -> Outcome {
        let options = RunOptions { gc, ..RunOptions::default() };
        let name = format!("same{CALL}");
        self.host
            .run(&self.module, &name, vec![value], &mut Io::null(), &options)
            .expect("a run")
            .outcome
    }
}

/// A function that returns what it is given.
fn same(decls: &str, ty: &str) -> Program {
    Program::new(&format!(
        "{decls}\npublic fn same(@{ty} -> @{ty})\n  requires(true)\n  ensures(true)\n  effects(pure)\n{{\n  @{ty}.0\n}}\n"
    ))
}

#[test]
fn values_of_every_type_come_back_as_they_went() {
    let shape = "private data Shape {\n  Nothing,\n  Circle(Float64, Colour),\n  Named(String, Array<Shape>, Unit)\n}\nprivate data Colour {\n  Red,\n  Green\n}";
    for (decls, ty, literals) in [
        ("", "Array<Int>", &["[]", "[1, -2, 9223372036854775807]"][..]),
        ("", "Array<Byte>", &["[]", "[0, 255]"]),
        ("", "Array<Bool>", &["[true, false]"]),
        ("", "Array<Float64>", &["[1.5, -0.0, infinity()]"]),
        ("", "Array<String>", &["[\"\", \"é\\n\"]"]),
        ("", "Array<Array<Array<Int>>>", &["[[], [[1], []], [[2, 3], [4]]]"]),
        ("", "Tuple<Int, String, Tuple<Bool, Byte>>", &["Tuple(1, \"a\", Tuple(true, 7))"]),
        ("", "Option<Option<String>>", &["None", "Some(None)", "Some(Some(\"x\"))"]),
        ("", "Result<Array<Byte>, Decimal>", &["Ok([1])", "Err(12.50)", "Err(-3)"]),
        ("", "Decimal", &["0.1", "-123456789012345678901234567890.5"]),
        ("", "Ordering", &["Less", "Greater"]),
        ("", "Array<Ordering>", &["[Less, Greater, Equal]"]),
        ("", "Set<Ordering>", &["set_new()", "set_new() |> set_add(Greater) |> set_add(Less)"]),
        ("", "Set<Byte>", &["set_new() |> set_add(9) |> set_add(1)"]),
        (
            "",
            "Map<Tuple<Int, String>, Map<Byte, Option<Float64>>>",
            &[
                "map_new() |> map_insert(Tuple(1, \"k\"), map_new() |> map_insert(2, Some(0.5)) |> map_insert(1, None)) |> map_insert(Tuple(0, \"\"), map_new())",
            ],
        ),
        (
            "",
            "Json",
            &[
                "JObject(map_new() |> map_insert(\"a\", JArray([JNull, JNumber(1.0), JBool(true)])) |> map_insert(\"b\", JObject(map_new())))",
            ],
        ),
        (
            shape,
            "Array<Shape>",
            &["[Nothing, Circle(1.5, Green), Named(\"n\", [Nothing, Named(\"\", [], ())], ())]"],
        ),
    ] {
        let program = same(decls, ty);
        for literal in literals {
            for gc in [GcMode::Normal, GcMode::Eager, GcMode::Young] {
                let value = vera_values::parse(&program.interface, &program.params[0], literal)
                    .unwrap_or_else(|why| panic!("{why}"));
                match program.call(value, gc) {
                    Outcome::Returned(back) => {
                        let shown =
                            vera_values::literal(&program.interface, &program.params[0], &back);
                        assert_eq!(shown, *literal, "{ty} {gc:?}");
                    }
                    other => panic!("{ty} {literal} {gc:?}: {other:?}"),
                }
            }
        }
    }
}

/// Lists and trees of a million nodes.
#[test]
fn depth_has_no_limit() {
    let list = "private data List {\n  Nil,\n  Cons(Int, List)\n}";
    let program = same(list, "List");
    let cells =
        |n: i64| (0..n).fold(Value::data(0, []), |tail, n| Value::data(1, [Value::Int(n), tail]));
    let outcome = program.call(cells(1_000_000), GcMode::Normal);
    assert!(outcome == Outcome::Returned(cells(1_000_000)));

    let nest = "private data Nest {\n  Nest(Array<Nest>)\n}";
    let program = same(nest, "Nest");
    let nested = |n: i64| {
        let innermost = Value::data(0, [Value::Array([].into())]);
        (0..n).fold(innermost, |inner, _| Value::data(0, [Value::Array([inner].into())]))
    };
    let outcome = program.call(nested(200_000), GcMode::Normal);
    assert!(outcome == Outcome::Returned(nested(200_000)));
}

#[test]
fn what_is_no_value_of_the_type_is_refused() {
    let program = same("", "Option<Nat>");
    let negative = Value::data(1, [Value::Int(-1)]);
    let run = program.host.run(
        &program.module,
        &format!("same{CALL}"),
        vec![negative],
        &mut Io::null(),
        &RunOptions::default(),
    );
    assert_eq!(run.expect_err("no value").to_string(), "the value is none of type Nat");
}

/// Refinements are checked by the program, wherever they stand in a value.
#[test]
fn refinements_are_checked_where_values_come_in() {
    let program = same("type Small = { @Int | @Int.0 < 10 };", "Array<Small>");
    let small = |n| Value::Array([Value::Int(n)].into());
    assert_eq!(program.call(small(9), GcMode::Normal), Outcome::Returned(small(9)));
    let Outcome::Trapped(trap) = program.call(small(10), GcMode::Normal) else {
        panic!("10 is not small")
    };
    assert_eq!(trap.kind, vera_abi::trap::TrapKind::ContractViolation);
}

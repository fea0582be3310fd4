//! A module in hosts that know nothing of Vera but `vera compile --interface` wrote: one
//! in Rust over plain wasmtime, one in Python over the package of that name.

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::desk::Desk;
use common::tools;
use serde_json::{Value as Json, json};
use wasmtime::{Caller, Engine, Linker, Memory, Module, Store, Val};

/// The program that other hosts call, and its interface.
fn compiled() -> Desk {
    let desk = Desk::new().with("api.vera", include_str!("browser/api.vera"));
    assert_eq!(desk.run("compile --interface -o api.wasm api.vera").code, Some(0));
    desk
}

#[derive(Clone, Debug)]
enum Part {
    Word(i64),
    Float(f64),
    Bytes(Vec<u8>),
}

#[derive(Default)]
struct Wire {
    to: std::collections::VecDeque<Part>,
    from: std::collections::VecDeque<Part>,
    pending: Vec<u8>,
    ended: Option<String>,
}

/// A module and what its sidecar says.
struct Program {
    store: Store<Wire>,
    instance: wasmtime::Instance,
    interface: Json,
}

fn memory(caller: &mut Caller<'_, Wire>) -> Memory {
    caller.get_export("vera.memory").and_then(wasmtime::Extern::into_memory).expect("a memory")
}

fn bytes(caller: &mut Caller<'_, Wire>, at: i32, length: i32) -> Vec<u8> {
    let memory = memory(caller);
    memory.data(&caller)[at as usize..(at + length) as usize].to_vec()
}

impl Program {
    fn new(desk: &Desk) -> Program {
        let engine = Engine::default();
        let module = Module::from_file(&engine, desk.path("api.wasm")).expect("a module");
        let text = std::fs::read_to_string(desk.path("api.interface.json")).expect("the sidecar");
        let mut linker: Linker<Wire> = Linker::new(&engine);
        type C<'a> = Caller<'a, Wire>;
        let linked = [
            linker
                .func_wrap("vera", "put_word", |mut c: C<'_>, word: i64| {
                    c.data_mut().from.push_back(Part::Word(word));
                })
                .is_ok(),
            linker
                .func_wrap("vera", "put_float", |mut c: C<'_>, float: f64| {
                    c.data_mut().from.push_back(Part::Float(float));
                })
                .is_ok(),
            linker
                .func_wrap("vera", "put_bytes", |mut c: C<'_>, at: i32, length: i32| {
                    let part = Part::Bytes(bytes(&mut c, at, length));
                    c.data_mut().from.push_back(part);
                })
                .is_ok(),
            linker
                .func_wrap("vera", "take_word", |mut c: C<'_>| match c.data_mut().to.pop_front() {
                    Some(Part::Word(word)) => word,
                    other => panic!("not a word: {other:?}"),
                })
                .is_ok(),
            linker
                .func_wrap("vera", "take_float", |mut c: C<'_>| match c.data_mut().to.pop_front() {
                    Some(Part::Float(float)) => float,
                    other => panic!("not a float: {other:?}"),
                })
                .is_ok(),
            linker
                .func_wrap("vera", "take_bytes", |mut c: C<'_>| {
                    match c.data_mut().to.pop_front() {
                        Some(Part::Bytes(bytes)) => c.data_mut().pending = bytes,
                        other => panic!("not bytes: {other:?}"),
                    };
                })
                .is_ok(),
            linker
                .func_wrap("vera", "result_len", |c: C<'_>| c.data().pending.len() as i32)
                .is_ok(),
            linker
                .func_wrap("vera", "result_copy", |mut c: C<'_>, at: i32| {
                    let pending = std::mem::take(&mut c.data_mut().pending);
                    memory(&mut c).write(&mut c, at as usize, &pending).expect("room");
                })
                .is_ok(),
            linker
                .func_wrap("vera", "trap", |mut c: C<'_>, _: i32, at: i32, length: i32| {
                    let text = bytes(&mut c, at, length);
                    c.data_mut().ended = Some(String::from_utf8_lossy(&text).into_owned());
                    Err::<(), _>(wasmtime::Error::msg("trap"))
                })
                .is_ok(),
            linker.func_wrap("vera", "hash_key", || 42_i64).is_ok(),
            linker.func_wrap("vera", "arguments_admitted", || ()).is_ok(),
        ];
        assert!(linked.into_iter().all(|ok| ok));
        // What is left belongs to effects of which nothing is called here.
        linker.define_unknown_imports_as_traps(&module).expect("traps");
        let mut store = Store::new(&engine, Wire::default());
        let instance = linker.instantiate(&mut store, &module).expect("an instance");
        let interface = serde_json::from_str(&text).expect("JSON");
        Program { store, instance, interface }
    }

    fn function(&self, name: &str) -> Json {
        let functions = self.interface["functions"].as_array().expect("functions");
        functions.iter().find(|f| f["name"] == name).expect("the function").clone()
    }

    /// Calls a function whose arguments cross in parts; the text of the trap is the error.
    fn in_parts(&mut self, name: &str, parts: &[Part]) -> Result<Vec<Part>, String> {
        let function = self.function(name);
        assert_eq!(function["in_parts"], true);
        self.store.data_mut().to.extend(parts.iter().cloned());
        let export = function["export"].as_str().expect("an export");
        let func = self.instance.get_func(&mut self.store, export).expect("exported");
        let called = func.call(&mut self.store, &[], &mut []);
        let wire = self.store.data_mut();
        assert!(wire.to.is_empty(), "the program took all it was given");
        called.map_err(|_| wire.ended.take().unwrap_or_default())?;
        Ok(wire.from.drain(..).collect())
    }

    /// The number of a type, by its name.
    fn ty(&self, name: &str) -> i64 {
        let types = self.interface["types"].as_array().expect("types");
        types.iter().position(|t| t["name"] == name).expect("the type") as i64
    }
}

#[test]
fn in_rust_by_the_sidecar_alone() {
    let desk = compiled();
    let mut program = Program::new(&desk);

    let add = program.function("add");
    assert_eq!(
        add,
        json!({"name": "add", "params": ["Int", "Int"], "result": "Int", "export": "add", "in_parts": false})
    );
    let func = program.instance.get_func(&mut program.store, "add").expect("exported");
    let mut results = [Val::I64(0)];
    let called = func.call(&mut program.store, &[Val::I64(2), Val::I64(40)], &mut results);
    assert!(called.is_ok() && results[0].unwrap_i64() == 42);

    // A text goes where `vera.alloc` says, and comes back as address and length.
    let alloc = program.instance.get_func(&mut program.store, "vera.alloc").expect("exported");
    let mut at = [Val::I32(0)];
    alloc.call(&mut program.store, &[Val::I32(3)], &mut at).expect("room");
    let memory = program.instance.get_memory(&mut program.store, "vera.memory").expect("a memory");
    memory.write(&mut program.store, at[0].unwrap_i32() as usize, b"Ada").expect("room");
    let greet = program.instance.get_func(&mut program.store, "greet").expect("exported");
    let mut text = [Val::I32(0), Val::I32(0)];
    greet.call(&mut program.store, &[at[0], Val::I32(3)], &mut text).expect("a result");
    let (start, length) = (text[0].unwrap_i32() as usize, text[1].unwrap_i32() as usize);
    assert_eq!(&memory.data(&program.store)[start..start + length], b"hello Ada");

    // `[Some(5), None]`: three nodes, the array last.
    let (option, array) = (program.ty("Option<Int>") << 32, program.ty("Array<Option<Int>>") << 32);
    let given = [
        Part::Word(3),
        Part::Word(option | 1),
        Part::Word(5),
        Part::Word(option),
        Part::Word(array | 2),
    ];
    let back = program.in_parts("same", &given).expect("a result");
    // The program writes the array first: two elements, `Some` with 5, `None`.
    let words: Vec<i64> =
        back.iter().map(|p| if let Part::Word(w) = p { *w } else { -1 }).collect();
    assert_eq!(words, [2, 1, 5, 0]);

    let named = Part::Bytes(b"x".to_vec());
    let (shape, shapes) = (program.ty("Shape") << 32, program.ty("Array<Shape>") << 32);
    // `Named("x", [Circle(1.5, Green)])`
    let given = [
        Part::Word(3),
        Part::Word(shape | 1),
        Part::Float(1.5),
        Part::Word(1),
        Part::Word(shapes | 1),
        Part::Word(shape | 2),
        named,
    ];
    let back = program.in_parts("shape", &given).expect("a result");
    assert_eq!(
        format!("{back:?}"),
        "[Word(2), Bytes([120]), Word(1), Word(1), Float(1.5), Word(1)]"
    );
}

#[test]
fn in_python_by_the_sidecar_alone() {
    let script: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/embedding/host.py");
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", tools().join("wasmtime"));
    let works = python.args(["-c", "import wasmtime"]).output();
    if !works.is_ok_and(|o| o.status.success()) {
        println!("skipped: no Python with the package `wasmtime`");
        return;
    }
    let desk = compiled();
    let output = Command::new("python3")
        .env("PYTHONPATH", tools().join("wasmtime"))
        .arg(script)
        .args([desk.path("api.wasm"), desk.path("api.interface.json")])
        .output()
        .expect("Python runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        said,
        "add: 42\n\
         greet: hello Ada\n\
         same: [{'tag': 'Some', 'fields': [5]}, {'tag': 'None', 'fields': []}]\n\
         shape: {'tag': 'Named', 'fields': ['x', [{'tag': 'Circle', 'fields': [1.5, {'tag': 'Green', 'fields': []}]}]]}\n\
         counts: ({'a': 1, 'new': 7}, [3, 5], '3')\n\
         half: Precondition violation in half(@Nat, @Nat -> @Nat)\n\
         \x20 requires(@Nat.0 > 0) failed\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

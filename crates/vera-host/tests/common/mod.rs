//! Runs programs given in MIR's text form.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::sync::LazyLock;

use vera_abi::runtime::GcMode;
use vera_diagnostics::{SourceFile, Sources};
use vera_host::{CacheDir, Host, Io, Outcome, Run, RunOptions, Trap, Value};
use vera_wasm::{Artifact, EmitOptions};

pub static HOST: LazyLock<Host> =
    LazyLock::new(|| Host::new(&CacheDir::Off).expect("the engine supports this machine"));

pub fn compile(text: &str) -> Artifact {
    let mut program = vera_mir::parse::program(text).expect("well-formed test program");
    vera_mir::analysis::annotate(&mut program);
    vera_wasm::emit(
        &program,
        &EmitOptions { test_hooks: true, check_references: true, ..EmitOptions::default() },
    )
}

pub fn run_with(text: &str, entry: &str, args: &[Value], io: &mut Io, options: &RunOptions) -> Run {
    let module = HOST.load(&compile(text)).expect("a valid module");
    HOST.run(&module, entry, args.to_vec(), io, options).expect("a run")
}

/// Runs the program twice, the second time with a collection at every
/// allocation; both must end in the same way.
pub fn run(text: &str, entry: &str, args: &[Value]) -> Outcome {
    let normal = run_with(text, entry, args, &mut Io::null(), &RunOptions::default()).outcome;
    let eager = RunOptions { gc: GcMode::Eager, ..RunOptions::default() };
    let eager = run_with(text, entry, args, &mut Io::null(), &eager).outcome;
    assert_eq!(normal, eager, "eager collection changes the outcome");
    normal
}

pub fn returned(text: &str, entry: &str, args: &[Value]) -> Value {
    match run(text, entry, args) {
        Outcome::Returned(value) => value,
        other => panic!("{other:?}"),
    }
}

pub fn int(text: &str, entry: &str, args: &[i64]) -> i64 {
    let args: Vec<Value> = args.iter().copied().map(Value::Int).collect();
    match returned(text, entry, &args) {
        Value::Int(n) => n,
        other => panic!("{other:?}"),
    }
}

pub fn trapped(text: &str, entry: &str, args: &[i64]) -> Trap {
    let args: Vec<Value> = args.iter().copied().map(Value::Int).collect();
    match run(text, entry, &args) {
        Outcome::Trapped(trap) => trap,
        other => panic!("{other:?}"),
    }
}

/// One file whose lines are all nine bytes long, so that span 10·l..10·l+4 is
/// at the start of line l+1.
pub fn sources() -> Sources {
    let mut sources = Sources::default();
    sources.add(SourceFile::new("test.vera", &"123456789\n".repeat(40)));
    sources
}

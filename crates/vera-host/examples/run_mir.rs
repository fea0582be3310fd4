//! Compiles and runs a program in MIR's text form; for measurements.
//!
//! `run_mir FILE ENTRY [INT…]`; with `VERA_EMIT=FILE` the module is written too.

use std::time::Instant;

use vera_abi::runtime::GcMode;
use vera_diagnostics::Sources;
use vera_host::{CacheDir, Host, Io, Outcome, RunOptions, Value, report};

fn main() {
    let start = Instant::now();
    let mut args = std::env::args().skip(1);
    let file = args.next().expect("a file");
    let entry = args.next().expect("an entry");
    let args: Vec<Value> = args.map(|a| Value::Int(a.parse().expect("an integer"))).collect();
    let text = std::fs::read_to_string(file).expect("a readable file");
    let mut program = vera_mir::parse::program(&text).expect("well-formed MIR");
    vera_mir::analysis::annotate(&mut program);
    let parsed = start.elapsed();
    let artifact = vera_wasm::emit(&program, &vera_wasm::EmitOptions::default());
    if let Ok(path) = std::env::var("VERA_EMIT") {
        std::fs::write(path, &artifact.wasm).expect("a writable file");
    }
    let emitted = start.elapsed();
    let host = Host::new(&CacheDir::Default).expect("an engine");
    let started = start.elapsed();
    let module = host.load(&artifact).expect("a valid module");
    let loaded = start.elapsed();
    let mut io = Io::streaming(Vec::new());
    let eager = std::env::var_os("VERA_EAGER_GC").is_some();
    let gc = if eager { GcMode::Eager } else { GcMode::Normal };
    let options = RunOptions { gc, ..RunOptions::default() };
    let run = host.run(&module, &entry, args, &mut io, &options).expect("a run");
    let ended = start.elapsed();
    match run.outcome {
        Outcome::Returned(value) => println!("{value:?}"),
        Outcome::Exited(code) => println!("exit {code}"),
        Outcome::Trapped(trap) => {
            eprint!("{}", report::render_trap_text(&trap, &Sources::default()));
        }
    }
    eprintln!(
        "{} bytes; parse {parsed:?}, emit {:?}, engine {:?}, load {:?}, run {:?}",
        artifact.wasm.len(),
        emitted - parsed,
        started - emitted,
        loaded - started,
        ended - loaded
    );
}

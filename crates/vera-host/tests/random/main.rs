//! Random programs: what the compiled module does must be what a plain
//! interpreter of the representation does, with a collection at every allocation
//! too.
//!
//! `VERA_RANDOM_PROGRAMS=n` runs n programs instead of the usual number,
//! `VERA_RANDOM_SEED=n` starts with another one.

mod generate;
mod interpret;

use std::panic::{AssertUnwindSafe, catch_unwind};

use vera_abi::runtime::GcMode;
use vera_host::{CacheDir, Host, Io, Outcome, RunOptions, Value};
use vera_mir::ir::Program;
use vera_wasm::EmitOptions;

const PROGRAMS: u64 = 60;

/// How a run ends, as far as both sides can tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    Value(i64),
    Trap(vera_abi::trap::TrapKind),
}

fn compiled(host: &Host, program: &Program, entry: &str, input: i64, gc: GcMode) -> End {
    let artifact = vera_wasm::emit(program, &EmitOptions::default());
    let module = host.load(&artifact).expect("a valid module");
    let options = RunOptions { gc, ..RunOptions::default() };
    let run = host.run(&module, entry, vec![Value::Int(input)], &mut Io::null(), &options);
    match run.expect("a run").outcome {
        Outcome::Returned(Value::Int(n)) => End::Value(n),
        Outcome::Trapped(trap) => End::Trap(trap.kind),
        other => panic!("{other:?}"),
    }
}

#[test]
fn compiled_code_does_what_the_representation_says() {
    let number = |name| std::env::var(name).ok().and_then(|v| v.parse().ok());
    let first: u64 = number("VERA_RANDOM_SEED").unwrap_or(1);
    let count: u64 = number("VERA_RANDOM_PROGRAMS").unwrap_or(PROGRAMS);
    let host = Host::new(&CacheDir::Off).expect("an engine");
    let mut values = 0;
    for seed in first..first + count {
        let mut program = generate::program(seed);
        vera_mir::analysis::annotate(&mut program);
        for input in [3, -5] {
            let Some(once) = interpret::run(&program, input) else { continue };
            let many = match once {
                End::Value(n) => End::Value(generate::mixed(n)),
                End::Trap(kind) => End::Trap(kind),
            };
            values += u64::from(matches!(once, End::Value(_)));
            let ways = [
                ("main", GcMode::Normal, once),
                ("main", GcMode::Eager, once),
                ("main", GcMode::Young, once),
                ("many", GcMode::Normal, many),
            ];
            for (entry, mode, expected) in ways {
                let run = || compiled(&host, &program, entry, input, mode);
                let found = catch_unwind(AssertUnwindSafe(run));
                if !matches!(found, Ok(end) if end == expected) {
                    let file = std::env::temp_dir().join(format!("vera-random-{seed}.mir"));
                    std::fs::write(&file, program.to_string()).expect("a writable file");
                    let file = file.display();
                    panic!(
                        "seed {seed}, {entry}({input}), {mode:?}: \
                         {found:?}, not {expected:?}; see {file}"
                    );
                }
            }
        }
    }
    assert!(values >= count / 4, "only {values} of {count} programs come to an end");
}

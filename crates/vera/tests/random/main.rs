//! Random programs through the whole compiler: what a compiled program prints,
//! or the kind of trap it ends with, must be what a plain interpreter of the
//! typed program finds, with a collection at every allocation too.
//!
//! `VERA_RANDOM_PROGRAMS=n` runs n programs instead of the usual number,
//! `VERA_RANDOM_SEED=n` starts with another one, `VERA_RANDOM_KEEP_GOING=1`
//! reports every difference instead of the first.

mod generate;
mod interpret;
mod reduce;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use vera_abi::trap::TrapKind;
use vera_check::typed::Program;
use vera_check::{Checked, NoModules};
use vera_diagnostics::{SourceFile, Sources};
use vera_host::{CacheDir, Host, Io, Limits, Module, Outcome, RunOptions, Value};
use vera_mir::passes::Optimise;
use vera_wasm::EmitOptions;

const PROGRAMS: u64 = 150;
/// A compiled program that runs longer than this never ends: the interpreter of the
/// same program took fewer steps.
const LONGEST: Duration = Duration::from_secs(20);

/// What a run yields.
#[derive(Debug, PartialEq)]
struct End {
    printed: String,
    /// The text of the result, or why there is none.
    result: Result<String, TrapKind>,
}

/// What one program showed.
enum Verdict {
    Agreed(End),
    /// It takes too long for a test.
    Skipped,
    /// What is wrong.
    Wrong(String),
}

fn compile(
    host: &Host,
    program: &mut Program,
    sources: &Sources,
    delete_checks: bool,
) -> Result<Module, String> {
    let lowered = vera_mir::lower::lower(program, sources, &Default::default());
    let mut mir = lowered.map_err(|errors| {
        let texts: Vec<&str> = errors.iter().map(|e| e.description.as_str()).collect();
        format!("lowering refuses it: {}", texts.join("; "))
    })?;
    vera_mir::passes::optimise(&mut mir, Optimise { delete_checks, verify: true });
    vera_mir::analysis::annotate(&mut mir);
    let checked = EmitOptions { check_references: true, ..EmitOptions::default() };
    let artifact = vera_wasm::emit(&mir, &checked);
    host.load(&artifact).map_err(|error| format!("the module is invalid: {error}"))
}

fn compiled(host: &Host, module: &Module, eager_gc: bool) -> Result<End, String> {
    let timeout = Some(LONGEST);
    let options = RunOptions { eager_gc, timeout, ..RunOptions::default() };
    let mut io = Io::null();
    let run = host.run(module, "main", &[], &mut io, &options);
    let result = match run.map_err(|error| error.to_string())?.outcome {
        Outcome::Returned(Value::String(text)) => Ok(String::from_utf8_lossy(&text).into_owned()),
        Outcome::Trapped(trap) => Err(trap.kind),
        other => return Err(format!("{other:?}")),
    };
    Ok(End { printed: io.captured_stdout(), result })
}

/// A panic is wrong too.
fn examine(host: &Host, text: &str) -> Verdict {
    let examined = catch_unwind(AssertUnwindSafe(|| compare(host, text)));
    examined.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map_or("", String::as_str);
        Verdict::Wrong(format!("a panic: {words}"))
    })
}

fn compare(host: &Host, text: &str) -> Verdict {
    let Checked { sources, diagnostics, program } =
        vera_check::check(SourceFile::new("random.vera", text), &mut NoModules);
    let Some(mut program) = program else {
        let errors = diagnostics.iter().filter(|d| d.is_error());
        let texts: Vec<String> =
            errors.map(|e| format!("{:?} {}", e.code, e.description)).collect();
        return Verdict::Wrong(format!("the checker refuses it: {}", texts.join("; ")));
    };
    let Some(expected) = interpret::run(&program) else { return Verdict::Skipped };
    let expected = End {
        printed: expected.printed,
        result: expected.result.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    };
    for delete_checks in [true, false] {
        let module = match compile(host, &mut program, &sources, delete_checks) {
            Ok(module) => module,
            Err(why) => return Verdict::Wrong(why),
        };
        // What was deleted is independent of when memory is reclaimed.
        for eager in [Some(false), delete_checks.then_some(true)].into_iter().flatten() {
            match compiled(host, &module, eager) {
                Ok(found) if found == expected => {}
                found => {
                    return Verdict::Wrong(format!(
                        "checks deleted {delete_checks}, eager {eager}:\n found    {found:?}\n expected {expected:?}"
                    ));
                }
            }
        }
    }
    Verdict::Agreed(expected)
}

fn run_programs(first: u64, count: u64, keep_going: bool) {
    let limits = Limits { time: true, ..Limits::default() };
    let host = Host::with_limits(&CacheDir::Off, limits).expect("an engine");
    // How many programs end in which way.
    let mut ends: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in first..first + count {
        let text = generate::program(seed);
        let end = match examine(&host, &text) {
            Verdict::Agreed(End { result: Ok(_), .. }) => "a value",
            Verdict::Agreed(End { result: Err(kind), .. }) => kind.name(),
            Verdict::Skipped => "too long",
            Verdict::Wrong(why) => {
                report_fault(&host, seed, text, why, keep_going);
                "wrong"
            }
        };
        *ends.entry(end).or_default() += 1;
        if (seed - first + 1).is_multiple_of(500) {
            println!("after {}: {ends:?}", seed - first + 1);
        }
    }
    println!("{ends:?}");
    let number = |end| ends.get(end).copied().unwrap_or(0);
    assert_eq!(number("wrong"), 0, "programs that are wrong");
    assert!(number("a value") >= count / 2, "too few programs come to an end: {ends:?}");
}

fn report_fault(host: &Host, seed: u64, text: String, why: String, keep_going: bool) {
    let kind = fault_kind(&why).to_owned();
    let (text, why) = reduce::reduce(text, why, |text| match examine(host, text) {
        Verdict::Wrong(why) => (fault_kind(&why) == kind).then_some(why),
        Verdict::Agreed(_) | Verdict::Skipped => None,
    });
    let file = std::env::temp_dir().join(format!("vera-random-{seed}.vera"));
    std::fs::write(&file, &text).expect("a writable file");
    let fault = format!("seed {seed}: {why}\n see {}", file.display());
    assert!(keep_going, "{fault}\n{text}");
    println!("{fault}");
}

/// What two reports of one fault have in common: the words before the details, or
/// the checker's first report.
fn fault_kind(why: &str) -> &str {
    let refused = why.starts_with("the checker");
    why.split(if refused { ';' } else { ':' }).next().unwrap_or(why)
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|v| v.parse().ok())
}

#[test]
fn compiled_programs_do_what_the_language_says() {
    let first = number("VERA_RANDOM_SEED").unwrap_or(1);
    let count = number("VERA_RANDOM_PROGRAMS").unwrap_or(PROGRAMS);
    run_programs(first, count, number("VERA_RANDOM_KEEP_GOING").is_some());
}

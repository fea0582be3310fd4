//! Each pass on programs in text form: `tests/passes/<pass>/*.mir` holds what the file is
//! about, a program, a line `=>`, and what the pass makes of it. `VERA_UPDATE=1` writes the
//! latter.

use std::path::{Path, PathBuf};

use vera_abi::trap::TrapKind;

use super::*;
use crate::{analysis, parse, verify};

/// Between a program and what becomes of it.
const BECOMES: &str = "\n=>\n\n";

/// How passes run in the compiler.
const PASS: Pass = Pass { deletes: true, claims: true };

/// A pass, on a whole program.
type Run = fn(&mut Program);

const PASSES: &[(&str, Run)] = &[
    ("bounds", |program| each(program, |program, id| _ = bounds::run(program, id, PASS))),
    ("constants", constants::run),
    ("dead", |program| each(program, dead::run)),
    ("elide", |program| elide::run(program, &|kind, _| kind == TrapKind::ContractViolation)),
    ("first_round", |program| first_round::run(program, PASS)),
    ("hoist", hoist::run),
    ("own", own::run),
    #[cfg(feature = "patterns")]
    ("patterns", patterns::run),
    ("peel", |program| _ = peel::run(program)),
    ("prune", prune::run),
    ("ranges", |program| _ = ranges::run(program)),
    ("reuse", reuse::run),
    ("simplify", |program| each(program, |program, id| simplify::run(program, id, PASS))),
    ("unbox", |program| _ = unbox::run(program)),
];

fn each(program: &mut Program, run: impl Fn(&mut Program, FuncId)) {
    for id in callees_first(program) {
        run(program, id);
    }
}

/// What a pass makes of a program. Both are programs that the verifier accepts.
///
/// # Errors
/// What is wrong with one of them.
fn result(run: Run, text: &str) -> Result<String, String> {
    let mut program = parse::program(text)?;
    verify::verify(&program).map_err(|faults| format!("the program is wrong:\n{faults}"))?;
    analysis::annotate_calls(&mut program);
    run(&mut program);
    for id in (0..program.funcs.len() as u32).map(FuncId) {
        verify::claims::settle(&mut program, id)
            .map_err(|faults| format!("a claim does not hold:\n{faults}"))?;
    }
    verify::verify(&program).map_err(|faults| format!("the pass broke it:\n{faults}"))?;
    // What the analysis says is no work of the pass.
    let plain = |line: &str| line.replace(" collects", "").replace(" recursive", "");
    Ok(program.to_string().trim().lines().map(|line| plain(line) + "\n").collect())
}

fn check(file: &Path, run: Run) {
    let text = std::fs::read_to_string(file).expect("the file can be read");
    let (before, expected) = text.split_once(BECOMES).unwrap_or((&text, ""));
    let program = before.trim_start_matches(|c| c != '\n');
    let found = result(run, program).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
    if std::env::var_os("VERA_UPDATE").is_some() {
        let text = format!("{}\n{BECOMES}{found}", before.trim_end());
        std::fs::write(file, text).expect("the file can be written");
    } else {
        assert_eq!(found, expected, "{}:\n{found}", file.display());
    }
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let read = std::fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    let mut out: Vec<PathBuf> = read.map(|entry| entry.expect("it can be read").path()).collect();
    out.sort();
    out
}

#[test]
fn every_pass_makes_of_its_programs_what_they_say() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/passes");
    for (name, run) in PASSES {
        let files = entries(&dir.join(name));
        assert!(!files.is_empty(), "no program for the pass {name}");
        files.iter().for_each(|file| check(file, *run));
    }
    // A directory that no pass reads would test nothing.
    let read = |dir: &PathBuf| PASSES.iter().any(|(name, _)| dir.ends_with(name));
    assert!(!cfg!(feature = "patterns") || entries(&dir).iter().all(read));
}

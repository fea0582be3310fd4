//! Behind every run-time check of a module stands an obligation: what the prover does
//! not state, it can neither prove nor report.

mod common;

use common::{in_parallel, programs, root};
use std::path::Path;

use vera_check::{Checked, NoModules};
use vera_diagnostics::SourceFile;
use vera_verify::{EmittedCheck, Module};

#[test]
fn every_check_of_the_suite_has_an_obligation() {
    let mut all = programs(&root().join("tests/conformance"));
    all.extend(programs(&root().join("examples")));
    let mut failures = Vec::new();
    let mut checks = 0;
    for (path, found) in all.iter().zip(in_parallel(&all, |path| on_a_large_stack(path))) {
        let (count, open) = found;
        checks += count;
        failures.extend(open.into_iter().map(|text| format!("{}: {text}", path.display())));
    }
    assert!(checks > 5_000, "only {checks} checks were looked at");
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

/// Programs nest deep.
fn on_a_large_stack(path: &Path) -> (usize, Vec<String>) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(256 << 20);
        let worker = thread.spawn_scoped(scope, || examine(path)).expect("a thread");
        worker.join().unwrap_or_else(|_| (0, vec!["a panic".to_owned()]))
    })
}

/// How many checks a program holds, and those that nothing accounts for. Programs with
/// imports are left out, and those that do not compile.
fn examine(path: &Path) -> (usize, Vec<String>) {
    let Ok(text) = std::fs::read_to_string(path) else { return (0, Vec::new()) };
    let entry = SourceFile::new("t.vera", &text);
    let Checked { sources, program: Some(program), .. } = vera_check::check(entry, &mut NoModules)
    else {
        return (0, Vec::new());
    };
    let options =
        vera_mir::lower::Options { private_functions: true, ..vera_mir::lower::Options::default() };
    let Ok(mir) = vera_mir::lower::lower(&program, &sources, &options) else {
        return (0, Vec::new());
    };
    let found = vera_mir::checks::checks(&mir).checks;
    let checks = found.iter().map(|c| EmittedCheck { kind: c.kind, at: c.at });
    let module = Module { checks: checks.collect(), functions: Vec::new() };
    let open = vera_verify::unaccounted(&program, &sources, &module);
    let shown = open.into_iter().map(|check| {
        let place = sources.get(check.at.file).line_col(check.at.span.start);
        format!("{}:{} {}", place.line, place.column, check.kind.name())
    });
    (found.len(), shown.collect())
}

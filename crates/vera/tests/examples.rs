//! Every program under `examples` is canonical, checks without a word, has no
//! refuted obligation, and prints what stands in its `.expected` file, with the usual
//! and with the eager collector.

mod common;

use common::{difference, in_parallel, programs, root, vera};
use std::path::{Path, PathBuf};

#[test]
fn examples() {
    let dir = root().join("examples");
    let all = programs(&dir);
    // A directory is one example: its `main.vera` and the modules it imports.
    let mut mains: Vec<PathBuf> = all.clone();
    let mut sources = all;
    for entry in std::fs::read_dir(&dir).expect("examples").map(|e| e.expect("entry").path()) {
        if entry.is_dir() {
            let inside = programs(&entry);
            mains.extend(inside.iter().filter(|p| p.ends_with("main.vera")).cloned());
            sources.extend(inside);
        }
    }
    assert!(mains.len() >= 10, "only {} examples found", mains.len());

    let mut failures: Vec<String> = Vec::new();
    for (path, failure) in sources.iter().zip(in_parallel(&sources, |path| canonical(path))) {
        failures.extend(failure.err().map(|text| format!("{}: {text}", path.display())));
    }
    for (path, failure) in mains.iter().zip(in_parallel(&mains, |path| prints(path))) {
        failures.extend(failure.err().map(|text| format!("{}: {text}", path.display())));
    }
    assert!(failures.is_empty(), "{} failures\n\n{}", failures.len(), failures.join("\n\n"));
}

fn canonical(path: &Path) -> Result<(), String> {
    let outcome = vera([Path::new("fmt"), Path::new("--check"), path]).run();
    outcome.clean()?;
    if outcome.code != Some(0) { Err(format!("not canonical: {}", outcome.stderr)) } else { Ok(()) }
}

fn prints(path: &Path) -> Result<(), String> {
    let expected = path.with_extension("expected");
    let expected = std::fs::read_to_string(&expected)
        .map_err(|error| format!("{}: {error}", expected.display()))?;
    let check = vera([Path::new("check"), path]).run();
    check.clean()?;
    if check.code != Some(0) || !check.stderr.is_empty() {
        return Err(format!("check: {}", check.stderr));
    }
    // What is not proved is checked at run time; nothing is refuted.
    let verify = vera([Path::new("verify"), path]).run();
    verify.clean()?;
    if verify.code != Some(0) {
        return Err(format!("verify: {}", verify.stderr));
    }
    for eager in ["0", "1"] {
        let run = vera([Path::new("run"), path]).env("VERA_EAGER_GC", eager).run();
        run.clean()?;
        if run.code != Some(0) || !run.stderr.is_empty() {
            return Err(format!("run (eager {eager}): exit {:?}\n{}", run.code, run.stderr));
        }
        if let Some(text) = difference(&format!("stdout (eager {eager})"), &expected, &run.stdout) {
            return Err(text);
        }
    }
    Ok(())
}

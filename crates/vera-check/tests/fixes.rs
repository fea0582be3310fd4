//! Every repair that a report offers mends what it is about: applied to the programs of
//! the conformance suite that draw reports.

use std::path::Path;

use vera_check::{Checked, NoModules};
use vera_diagnostics::{Code, Diagnostic, Fix, SourceFile, apply};

fn check(text: &str) -> Checked {
    vera_check::check(SourceFile::new("t.vera", text), &mut NoModules)
}

/// How many reports say the same.
fn alike(reports: &[Diagnostic], report: &Diagnostic) -> usize {
    let same = |r: &&Diagnostic| r.code == report.code && r.description == report.description;
    reports.iter().filter(same).count()
}

fn syntax_errors(reports: &[Diagnostic]) -> usize {
    let is_syntax = |r: &&Diagnostic| r.code.is_some_and(|c: Code| c.as_str() < "E100");
    reports.iter().filter(is_syntax).count()
}

/// What is wrong with a repair of a report of a program.
fn fault(text: &str, before: &Checked, report: &Diagnostic, fix: &Fix) -> Option<String> {
    let at = report.location?;
    let (mended, applied) = apply(text, at.file, [fix]);
    if applied.len() != 1 {
        return Some("it cannot be applied".to_owned());
    }
    let after = check(&mended);
    let gone = alike(&after.diagnostics, report) < alike(&before.diagnostics, report);
    // Behind a syntax error others may stand that were not seen.
    let worse = report.code.is_some_and(|c| c.as_str() >= "E100")
        && syntax_errors(&after.diagnostics) > syntax_errors(&before.diagnostics);
    (!gone || worse).then(|| {
        let left: Vec<&str> = after.diagnostics.iter().map(|d| d.description.as_str()).collect();
        format!("afterwards: {left:?}\n{mended}")
    })
}

#[test]
fn repairs_mend() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance");
    let mut paths: Vec<_> = std::fs::read_dir(dir)
        .expect("the conformance suite")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "vera"))
        .collect();
    paths.sort();
    let (mut tried, mut faults) = (std::collections::BTreeMap::new(), Vec::new());
    for path in paths {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        if !text.contains("-- codes:") || text.len() > 20_000 {
            continue;
        }
        let before = check(&text);
        for report in &before.diagnostics {
            for fix in &report.fixes {
                let code = report.code.map_or("uncoded", |code| code.as_str());
                *tried.entry(code).or_insert(0) += 1;
                if let Some(fault) = fault(&text, &before, report, fix) {
                    let name = path.file_name().unwrap_or_default().display();
                    faults.push(format!("{name}: {code} `{}`: {fault}", fix.title));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    assert!(tried.len() >= 19, "repairs of few codes were tried: {tried:?}");
}

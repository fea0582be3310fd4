//! `vera verify`.

use std::process::ExitCode;

use vera_diagnostics::{Diagnostic, Severity, Sources};
use vera_verify::{Cache, DEFAULT_TIMEOUT_MS, NoCache, Options, Verification};

use super::checked;
use crate::arguments::Arguments;
use crate::input::Entry;
use crate::output;
use crate::proofs::Proofs;

/// The variable that gives the budget when no flag does.
const BUDGET: &str = "VERA_Z3_TIMEOUT_MS";

/// The budget of a query in milliseconds: the flag's, else the variable's.
///
/// # Errors
/// What is wrong with the one that is given.
pub(super) fn budget(args: &Arguments) -> Result<u32, String> {
    match &args.timeout {
        Some(Some(value)) => milliseconds("--timeout-ms", value),
        Some(None) => Err("--timeout-ms: missing value".to_owned()),
        None => match std::env::var_os(BUDGET) {
            Some(value) => milliseconds(BUDGET, &value.to_string_lossy()),
            None => Ok(DEFAULT_TIMEOUT_MS),
        },
    }
}

fn milliseconds(source: &str, value: &str) -> Result<u32, String> {
    let number = value.trim().parse::<i128>().ok();
    match number {
        // Larger budgets than the solver can count are the largest it can.
        Some(n) if n > 0 => Ok(u32::try_from(n).unwrap_or(u32::MAX)),
        _ => {
            let shown = number.map_or_else(|| format!("'{value}'"), |n| n.to_string());
            Err(format!(
                "{source}: expected a positive integer number of milliseconds, got {shown}"
            ))
        }
    }
}

pub(super) fn verify(entry: &Entry, args: &Arguments) -> ExitCode {
    let timeout_ms = budget(args).unwrap_or(DEFAULT_TIMEOUT_MS);
    let checked = checked(entry);
    let Some(program) = &checked.program else {
        if args.json {
            let envelope = output::envelope(&entry.word, &checked.diagnostics, &checked.sources);
            output::print_json(&envelope);
        } else {
            output::print_diagnostics(&checked.diagnostics, &checked.sources);
        }
        return ExitCode::FAILURE;
    };
    if let Some(dir) = &args.dump_smt
        && let Err(error) = dump(dir, vera_verify::scripts(program, &checked.sources))
    {
        output::error(&format!("--dump-smt: cannot write to {dir}: {error}"));
        return ExitCode::FAILURE;
    }
    let options = Options { timeout_ms };
    let proofs = if args.no_cache { None } else { Proofs::open() };
    let cache: &dyn Cache = match &proofs {
        Some(proofs) => proofs,
        None => &NoCache,
    };
    let verification = vera_verify::verify(program, &checked.sources, &options, cache);
    if let Some(proofs) = &proofs {
        proofs.trim();
    }
    let mut diagnostics = checked.diagnostics;
    diagnostics.extend(verification.diagnostics.iter().cloned());
    print(entry, args, &checked.sources, &verification, &diagnostics)
}

fn print(
    entry: &Entry,
    args: &Arguments,
    sources: &Sources,
    verification: &Verification,
    diagnostics: &[Diagnostic],
) -> ExitCode {
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    if args.json {
        let mut envelope = output::envelope(&entry.word, diagnostics, sources);
        vera_verify::to_json(verification, sources, &mut envelope);
        output::print_json(&envelope);
    } else {
        output::print_severity(diagnostics, sources, Severity::Warning);
        output::print_severity(diagnostics, sources, Severity::Error);
        if !failed && !args.quiet {
            let summary = vera_verify::summary_line(&verification.summary());
            output::print(&format!("OK: {}\n{summary}\n", entry.word));
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Writes the files of a dump, the directory included.
fn dump(dir: &str, files: Vec<(String, String)>) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    for (name, text) in files {
        std::fs::write(std::path::Path::new(dir).join(name), text)?;
    }
    Ok(())
}

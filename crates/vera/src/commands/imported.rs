//! Modules that a program imports, verified beside it: what `vera verify` says of a
//! program rests on their contracts.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use vera_diagnostics::{Diagnostic, FileId, SourceFile, Sources};
use vera_session::{Files, Modules, Project, project_of};
use vera_verify::{NoProgress, Overview, Verification};

use super::inputs;
use super::verify::{Settings, make_strict, proved};
use crate::cli::Inputs;
use crate::files::disk;
use crate::input::Entry;
use crate::output;

/// A module with its proofs.
pub(super) struct VerifiedModule {
    /// Its file in the program that imports it.
    pub file: FileId,
    name: String,
    pub diagnostics: Vec<Diagnostic>,
    pub sources: Sources,
    verification: Verification,
    overview: Overview,
}

impl VerifiedModule {
    pub fn ok(&self) -> bool {
        !self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// What a success says of it.
    pub fn line(&self) -> String {
        let summary = vera_verify::summary_line(&self.verification.summary());
        format!("Module {}: {}", self.name, summary.trim_start_matches("Verification: "))
    }

    pub fn json(&self) -> Value {
        let mut document = output::envelope(&self.name, &self.diagnostics, &self.sources);
        vera_verify::to_json(&self.verification, &self.sources, &mut document);
        document["overview"] = self.overview.json();
        document
    }

    /// Shows its reports.
    pub fn print(&self) {
        output::print_diagnostics(&self.diagnostics, &self.sources);
    }
}

/// The files that are verified as entries anyway.
pub(super) fn identities(inputs: &Inputs) -> HashSet<PathBuf> {
    let words = inputs::words(inputs).unwrap_or_default();
    let words = words.iter().filter_map(|word| inputs::files(word).ok()).flatten();
    words.map(|word| disk().identity(Path::new(&word))).collect()
}

/// The modules of the same project that a program consists of beside its entry file, each
/// verified as if it were one. Those that cannot be are reported with the program.
pub(super) fn modules(
    entry: &Entry,
    sources: &Sources,
    settings: &Settings,
    entries: &HashSet<PathBuf>,
) -> Vec<VerifiedModule> {
    let own = project(&entry.dir);
    let mut out = Vec::new();
    for (file, source) in sources.iter() {
        let path = Path::new(source.name());
        let dir = path.parent().unwrap_or(Path::new(""));
        if file == FileId(0)
            || !path.is_file()
            || entries.contains(&disk().identity(path))
            || project(dir).map(|p| p.dir) != own.as_ref().map(|p| p.dir.clone())
        {
            continue;
        }
        let source = SourceFile::new(source.name(), source.text());
        let name = source.name().to_owned();
        let mut modules = Modules::of_module(disk(), dir, &entry.dir);
        let checked = vera_check::check(source, &mut modules);
        let Some(program) = checked.program else { continue };
        let mut verification = proved(&program, &checked.sources, settings, None, &NoProgress);
        make_strict(&mut verification, settings);
        let overview = Overview::new(&program, &verification, &[]);
        let mut diagnostics = checked.diagnostics;
        diagnostics.extend(verification.diagnostics.iter().cloned());
        let sources = checked.sources;
        out.push(VerifiedModule { file, name, diagnostics, sources, verification, overview });
    }
    out
}

/// The project of a directory, without regard to which name leads there.
fn project(dir: &Path) -> Option<Project> {
    let mut project = project_of(disk(), dir).ok().flatten()?;
    project.dir = disk().identity(&project.dir);
    Some(project)
}

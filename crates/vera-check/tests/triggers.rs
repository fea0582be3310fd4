//! The examples of diagnostic codes in `docs/diagnostics`, as far as checking raises
//! them, with the report as the user reads it and as tools read it.
//!
//! `<code>_<n>.vera` must draw `<code>`. A file of several modules separates them by
//! lines `--- <name>.vera`; the first is the entry.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use smol_str::SmolStr;
use vera_check::{Loaded, Loader, Lookup, ModuleText};
use vera_diagnostics::{Code, Phase, SourceFile};

struct Texts(HashMap<String, String>);

impl Loader for Texts {
    fn load(&mut self, _: Option<&str>, segments: &[SmolStr]) -> Lookup {
        let path = format!("{}.vera", segments.join("/"));
        match self.0.get(&path) {
            Some(text) => {
                let module = Arc::new(ModuleText::new(&path, text));
                Lookup::Found(Loaded { key: path, module })
            }
            None => Lookup::Missing,
        }
    }
}

fn split(text: &str) -> (String, Texts) {
    let mut files: Vec<(String, String)> = vec![("main.vera".to_owned(), String::new())];
    for line in text.lines() {
        match line.strip_prefix("--- ") {
            Some("main.vera") => {}
            Some(name) => files.push((name.to_owned(), String::new())),
            None => {
                let (_, text) = files.last_mut().expect("the entry comes first");
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    let entry = files[0].1.clone();
    (entry, Texts(files.into_iter().collect()))
}

/// Whether an example is of a code that checking raises.
fn is_of_checking(name: &str) -> bool {
    let code = name.split('_').next().and_then(Code::of);
    code.is_some_and(|code| match code.phase() {
        Phase::Parse => matches!(code, Code::E011 | Code::E012 | Code::E013),
        Phase::Typecheck => true,
        Phase::Warning => matches!(code, Code::W001 | Code::W002 | Code::W013),
        Phase::Verify | Phase::Codegen | Phase::Test => false,
    })
}

#[test]
fn every_code_is_raised_by_its_program() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/diagnostics");
    let mut names: Vec<String> = std::fs::read_dir(dir.clone())
        .expect("the triggers are there")
        .map(|e| e.expect("a directory entry").file_name().to_string_lossy().into_owned())
        .filter(|n| n.ends_with(".vera") && is_of_checking(n))
        .collect();
    names.sort();
    let mut missing = Vec::new();
    for name in names {
        let stem = name.trim_end_matches(".vera");
        let text = std::fs::read_to_string(dir.join(&name)).expect("a trigger is text");
        let (entry, mut modules) = split(&text);
        let checked = vera_check::check(SourceFile::new("main.vera", &entry), &mut modules);
        let code = stem.split('_').next().expect("the name starts with the code");
        if !checked.diagnostics.iter().any(|d| d.code.is_some_and(|c| c.as_str() == code)) {
            missing.push(stem.to_owned());
        }
        let mut report = String::new();
        for diagnostic in &checked.diagnostics {
            report.push_str(&vera_diagnostics::render_text(diagnostic, &checked.sources));
        }
        report.push_str("\n======== JSON\n");
        for diagnostic in &checked.diagnostics {
            let json = vera_diagnostics::to_json(diagnostic, &checked.sources);
            report.push_str(&vera_diagnostics::json_text(&json));
        }
        insta::with_settings!({ snapshot_path => "triggers/snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(stem, report);
        });
    }
    assert!(missing.is_empty(), "not raised: {missing:?}");
}

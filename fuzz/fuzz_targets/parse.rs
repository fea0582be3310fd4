//! Any text parses to a sound tree and sound errors.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vera_diagnostics::{SourceFile, Sources, render_text, to_json};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut sources = Sources::default();
    let file = sources.add(SourceFile::new("fuzz.vera", &text));
    let parsed = vera_syntax::parse(sources.get(file).text());
    for error in &parsed.errors {
        let diagnostic = error.to_diagnostic(file);
        render_text(&diagnostic, &sources);
        to_json(&diagnostic, &sources);
    }
    vera_syntax::dump_text(&parsed.program, sources.get(file));
    vera_syntax::ast_json(&parsed.program, sources.get(file));
});

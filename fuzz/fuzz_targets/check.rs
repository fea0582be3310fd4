//! Any text is judged without a panic, and every report can be rendered.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vera_check::NoModules;
use vera_diagnostics::{SourceFile, render_text, to_json};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let checked = vera_check::check(SourceFile::new("fuzz.vera", &text), &mut NoModules);
    for diagnostic in &checked.diagnostics {
        render_text(diagnostic, &checked.sources);
        to_json(diagnostic, &checked.sources);
    }
});

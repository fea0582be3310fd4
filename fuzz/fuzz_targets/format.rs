//! Canonical text parses, keeps all comments and is its own canonical text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vera_diagnostics::SourceFile;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let file = SourceFile::new("fuzz.vera", &text);
    let parsed = vera_syntax::parse(file.text());
    if !parsed.errors.is_empty() {
        return;
    }
    if let Err(violation) = vera_fmt::format_checked(file.text(), &parsed) {
        panic!("{violation}");
    }
});

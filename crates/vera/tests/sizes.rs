//! What parts of the library add to a module, within what was set for each. The programs
//! are in `benches/sizes/`; `cargo xtask bench sizes` prints the figures.

mod common;

use common::{TempDir, root, vera};

fn size(name: &str) -> u64 {
    let out = TempDir::new("sizes");
    let module = out.path().join("out.wasm");
    let program = root().join(format!("benches/sizes/{name}.vera"));
    let program = program.to_string_lossy();
    let compiled = vera(["compile", &program, "-o", &module.to_string_lossy()]).run();
    assert_eq!(compiled.code, Some(0), "{}", compiled.stderr);
    std::fs::metadata(&module).expect("the module is there").len()
}

#[test]
fn the_library_adds_no_more_than_was_set() {
    let none = size("none");
    assert!(none < 20_000, "{none}");
    for (name, most) in [
        ("json", 60_000),
        ("regex_find", 40_000),
        // With groups of a template.
        ("regex", 43_500),
        ("decimal", 90_000),
        ("markdown", 280_000),
        ("html", 600_000),
    ] {
        let added = size(name) - none;
        assert!(added <= most, "{name}: {added} bytes");
    }
    // Whoever has no pattern pays for none of the others.
    assert!(size("regex_text") > size("regex") + 10_000);
}

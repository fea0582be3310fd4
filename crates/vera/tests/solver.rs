//! Z3's library: who loads it, and what is said where there is none.

mod common;

use common::desk::{Desk, function};

/// A postcondition that takes a solver.
fn program() -> String {
    let body = "@Int.0 * @Int.0 - 2 * @Int.0 * @Int.1 + @Int.1 * @Int.1";
    function("f", "@Int, @Int", "@Int", "pure", body)
        .replace("ensures(true)", "ensures(@Int.result >= 0)")
        .replace("requires(true)", "requires(@Int.0 < 9 && @Int.0 > 0 && @Int.1 > 0 && @Int.1 < 9)")
        + &function("main", "@Unit", "@Int", "pure", "f(3, 5)")
}

fn desk() -> Desk {
    Desk::new().with("app.vera", program())
}

#[test]
fn without_the_library_proofs_say_so_and_all_else_works() {
    let desk = desk().env("VERA_Z3", "/nowhere/libz3.so");
    desk.says("check app.vera", 0, "OK: app.vera\n", "");
    desk.says("run app.vera", 0, "4\n", "");
    let report = desk.json("verify --json app.vera", 1);
    assert_eq!(report["ok"], false);
    assert_eq!(report["warnings"], serde_json::json!([]));
    let first = &report["diagnostics"][0];
    assert_eq!(first["error_code"], "E542");
    let text = first["description"].as_str().unwrap_or_default();
    assert!(text.contains("VERA_Z3 names /nowhere/libz3.so: "), "{text}");
    let version = desk.run("version").stdout;
    assert!(version.contains("no solver (VERA_Z3 names /nowhere/libz3.so"), "{version}");
}

#[test]
fn what_needs_no_solver_is_proved_without_one() {
    let simple = function("one", "@Unit", "@Int", "pure", "1")
        .replace("ensures(true)", "ensures(@Int.result == 1)");
    let desk = desk().with("one.vera", simple).env("VERA_Z3", "/nowhere/libz3.so");
    let report = desk.json("verify --json one.vera", 0);
    assert_eq!(
        (&report["ok"], &report["verification"]["tier1_verified"]),
        (&true.into(), &2.into())
    );
}

#[test]
fn a_file_that_is_no_library_is_refused_by_its_name() {
    let desk = desk().with("libz3.so", "not a library");
    let file = desk.path("libz3.so");
    let desk = desk.env("VERA_Z3", file);
    let report = desk.json("verify --json app.vera", 1);
    assert_eq!(report["diagnostics"][0]["error_code"], "E542");
}

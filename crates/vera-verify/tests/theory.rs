//! The facts about library functions: every function of `tests/theory` is proved to be
//! true. That the library keeps them is tested where programs run.

mod common;

use std::path::Path;

use common::{line, verify};

fn proved(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/theory").join(name);
    let text = std::fs::read_to_string(&path).expect("the file is there");
    let (verification, _) = verify(&text);
    let open: Vec<String> = verification
        .records
        .iter()
        .filter(|record| !line(record).ends_with(" verified"))
        .map(|record| format!("{}: {}", record.function, line(record)))
        .collect();
    assert_eq!(open, Vec::<String>::new(), "{name}");
    assert!(verification.records.len() > 30, "{name}");
}

#[test]
fn arrays() {
    proved("arrays.vera");
}

#[test]
fn maps() {
    proved("maps.vera");
}

#[test]
fn texts() {
    proved("texts.vera");
}

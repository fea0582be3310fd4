//! `vera fmt` of a directory.

mod common;

use common::{TempDir, vera};

const CANONICAL: &str = "\
public fn f(@Unit -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  1
}
";

/// One line that becomes 300.
fn long_line() -> String {
    let lets: String = (0..300).map(|i| format!("let @Int={i};")).collect();
    format!(
        "public fn main(@Unit->@Int) requires(true) ensures(true) effects(pure) {{{lets}@Int.0}}\n"
    )
}

/// Runs a shell line in which `$VERA` is the tool, and files can have 1 KiB at most.
#[cfg(unix)]
fn with_little_room(dir: &TempDir, line: &str) -> std::process::Output {
    std::process::Command::new("bash")
        .args(["-c", &format!("ulimit -f 1; {line}")])
        .env("VERA", env!("CARGO_BIN_EXE_vera"))
        .env("VERA_CACHE_DIR", dir.path().join("cache"))
        .current_dir(dir.path())
        .output()
        .expect("a shell")
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_stays_as_it_was() {
    let dir = TempDir::new("fmt-full");
    dir.file("a.vera", long_line());
    let outcome = with_little_room(&dir, "\"$VERA\" fmt --write a.vera");
    let stderr = String::from_utf8_lossy(&outcome.stderr).into_owned();
    assert!(stderr.starts_with("Error: cannot write a.vera: File too large"), "{stderr}");
    assert_eq!(outcome.status.code(), Some(1));
    assert_eq!(std::fs::read_to_string(dir.path().join("a.vera")).unwrap(), long_line());
    let files = std::fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(files, 1, "nothing is left beside it");
}

#[cfg(unix)]
#[test]
fn a_module_that_cannot_be_written_leaves_the_old_one() {
    let dir = TempDir::new("compile-full");
    let names: String = (0..40)
        .map(|i| CANONICAL.replace(" f(", &format!(" a_name_of_some_length_{i}(")))
        .collect();
    dir.file("a.vera", names);
    dir.file("a.wasm", "old");
    let outcome = with_little_room(&dir, "\"$VERA\" compile a.vera");
    assert_eq!(outcome.status.code(), Some(1), "{outcome:?}");
    assert_eq!(std::fs::read_to_string(dir.path().join("a.wasm")).unwrap(), "old");
}

#[cfg(unix)]
#[test]
fn a_file_keeps_its_rights_and_a_link_its_target() {
    use std::os::unix::fs::PermissionsExt;
    let dir = project();
    let target = dir.path().join("sub/b.vera");
    std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("sub/b.vera", dir.path().join("link.vera")).unwrap();
    let outcome = vera(["fmt", "--write", "link.vera"]).dir(dir.path()).run();
    assert_eq!(outcome.stdout, "Formatted: link.vera\n");
    assert!(std::fs::symlink_metadata(dir.path().join("link.vera")).unwrap().is_symlink());
    assert_eq!(std::fs::read_to_string(&target).unwrap(), CANONICAL);
    assert_eq!(std::fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o640);
}

#[cfg(unix)]
#[test]
fn a_module_can_be_written_to_what_is_no_file() {
    let dir = TempDir::new("compile-pipe");
    dir.file("a.vera", CANONICAL);
    let outcome = vera(["compile", "a.vera", "-o", "/dev/null"]).dir(dir.path()).run();
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
}

fn project() -> TempDir {
    let dir = TempDir::new("fmt");
    dir.file("a.vera", CANONICAL);
    dir.file("sub/b.vera", CANONICAL.replace("  1\n", "1\n"));
    dir.file("sub/note.txt", "not a program");
    dir.file(".hidden/c.vera", "not a program");
    dir
}

#[test]
fn every_file_below_is_checked_and_reported_in_order() {
    let dir = project();
    let outcome = vera(["fmt", "--check", "."]).dir(dir.path()).run();
    assert_eq!(outcome.stdout, "OK: ./a.vera\n");
    assert_eq!(outcome.stderr, "Would reformat: ./sub/b.vera\n");
    assert_eq!(outcome.code, Some(1));
}

#[test]
fn every_file_below_is_written() {
    let dir = project();
    let outcome = vera(["fmt", "--write", "."]).dir(dir.path()).run();
    assert_eq!(outcome.stdout, "Formatted: ./a.vera\nFormatted: ./sub/b.vera\n");
    assert_eq!(outcome.code, Some(0));
    let text = std::fs::read_to_string(dir.path().join("sub/b.vera")).unwrap();
    assert_eq!(text, CANONICAL);
}

#[test]
fn a_broken_file_is_left_alone_and_the_others_are_written() {
    let dir = project();
    dir.file("broken.vera", "fn");
    let outcome = vera(["fmt", "--write", "."]).dir(dir.path()).run();
    assert!(outcome.stderr.contains("broken.vera, line 1"), "{}", outcome.stderr);
    assert_eq!(outcome.stdout, "Formatted: ./a.vera\nFormatted: ./sub/b.vera\n");
    assert_eq!(outcome.code, Some(1));
    assert_eq!(std::fs::read_to_string(dir.path().join("broken.vera")).unwrap(), "fn");
}

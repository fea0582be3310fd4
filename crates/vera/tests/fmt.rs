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

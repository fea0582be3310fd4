//! `vera run --allow-dir`: a program touches the files of these directories only.

mod common;

use common::{Outcome, TempDir, vera};

/// Reads the first file that it is given and writes the second.
const PROGRAM: &str = "\
private fn said(@Result<Unit, String> -> @String)
  requires(true)
  ensures(true)
  effects(pure)
{
  match @Result<Unit, String>.0 {
    Ok(_) -> \"written\",
    Err(@String) -> @String.0
  }
}

public fn main(@Unit -> @Unit)
  requires(true)
  ensures(true)
  effects(<IO>)
{
  let @Array<String> = IO.args(());
  match IO.read_file(@Array<String>.0[0]) {
    Ok(@String) -> IO.print(@String.0),
    Err(@String) -> IO.print(@String.0)
  };
  IO.print(\"\\n\");
  IO.print(said(IO.write_file(@Array<String>.0[1], \"new\")));
  match IO.read_bytes(@Array<String>.0[0]) {
    Ok(@Array<Byte>) -> IO.print(\" \\(array_length(@Array<Byte>.0))\"),
    Err(_) -> IO.print(\" refused\")
  }
}
";

fn desk() -> TempDir {
    let dir = TempDir::new("allow-dir");
    dir.file("files.vera", PROGRAM);
    for inner in ["in", "in/deep", "out"] {
        std::fs::create_dir(dir.path().join(inner)).expect("a directory");
    }
    dir.file("in/a", "a");
    dir.file("in/deep/b", "bb");
    dir.file("out/c", "ccc");
    dir
}

fn run(dir: &TempDir, flags: &[&str], read: &str, written: &str) -> Outcome {
    let words = [&["run", "files.vera"], flags, &["--", read, written]].concat();
    vera(words).dir(dir.path()).run()
}

#[track_caller]
fn says(dir: &TempDir, flags: &[&str], files: [&str; 2], text: &str) {
    let outcome = run(dir, flags, files[0], files[1]);
    assert_eq!(
        (outcome.code, outcome.stdout.as_str(), outcome.stderr.as_str()),
        (Some(0), text, "")
    );
}

#[test]
fn files_elsewhere_are_refused() {
    let dir = desk();
    let only = ["--allow-dir", "in"];
    says(&dir, &[], ["out/c", "out/new"], "ccc\nwritten 3\n");
    says(&dir, &only, ["in/a", "in/new"], "a\nwritten 1\n");
    says(&dir, &only, ["./in/../in/deep/b", "in/deep/new"], "bb\nwritten 2\n");
    says(
        &dir,
        &only,
        ["out/c", "out/no"],
        "permission denied: out/c\npermission denied: out/no refused\n",
    );
    says(
        &dir,
        &only,
        ["in/../out/c", "in/none/../../out/no"],
        "permission denied: in/../out/c\npermission denied: in/none/../../out/no refused\n",
    );
    // What the directory may hold but does not.
    says(
        &dir,
        &only,
        ["in/none/x", "in/none/x"],
        "not found: in/none/x\nnot found: in/none/x refused\n",
    );
    says(
        &dir,
        &["--allow-dir", "in", "--allow-dir", "out"],
        ["out/c", "in/two"],
        "ccc\nwritten 3\n",
    );
    assert!(!dir.path().join("out/no").exists());
}

#[cfg(unix)]
#[test]
fn links_are_followed_first() {
    let dir = desk();
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, dir.path().join(name)).expect("a link");
    };
    link("../out/c", "in/c");
    link("../out/made", "in/made");
    link("in", "there");
    says(
        &dir,
        &["--allow-dir", "in"],
        ["in/c", "in/made"],
        "permission denied: in/c\npermission denied: in/made refused\n",
    );
    says(&dir, &["--allow-dir", "there"], ["in/a", "there/new"], "a\nwritten 1\n");
    assert!(!dir.path().join("out/made").exists());
}

#[test]
fn the_flag_is_checked() {
    let dir = desk();
    for name in ["none", "in/a", ""] {
        let outcome = run(&dir, &["--allow-dir", name], "in/a", "in/new");
        assert_eq!(outcome.code, Some(1));
        let text = format!("Error: --allow-dir: expected a directory, got '{name}'\n");
        assert_eq!(outcome.stderr, text);
    }
    let outcome = vera(["run", "files.vera", "--allow-dir"]).dir(dir.path()).run();
    assert_eq!(outcome.stderr, "Error: --allow-dir: missing value\n");
    let outcome = vera(["check", "--allow-dir", "in", "files.vera"]).dir(dir.path()).run();
    let text =
        "Error: --allow-dir is only accepted by `vera run` and `vera serve`, not `vera check`.\n";
    assert_eq!(outcome.stderr, text);
}

//! What `--sandbox` and the `--allow-…` flags leave a program, beyond files, requests,
//! databases and language models, whose own tests say it of them.

mod common;

use common::{TempDir, vera};

const PROGRAM: &str = "\
private fn seen(@String -> @String)
  requires(true)
  ensures(true)
  effects(<IO>)
{
  match IO.get_env(@String.0) {
    Some(@String) -> @String.0,
    None -> \"none\"
  }
}

public fn main(@Unit -> @Unit)
  requires(true)
  ensures(true)
  effects(<IO>)
{
  IO.print(\"\\(seen(\"FIRST\")) \\(seen(\"SECOND\")) \\(IO.exists(\"p.vera\"))\");
  match IO.temp_file(()) {
    Ok(_) -> IO.print(\" made\"),
    Err(@String) -> IO.print(if string_starts_with(@String.0, \"permission denied: \") then { \" denied\" } else { @String.0 })
  };
  match IO.list_dir(\".\") {
    Ok(@Array<String>) -> IO.print(\" \\(array_length(@Array<String>.0))\"),
    Err(@String) -> IO.print(\" \\(@String.0)\")
  }
}
";

fn run(flags: &[&str]) -> (Option<i32>, String, String) {
    let dir = TempDir::new("permissions");
    dir.file("p.vera", PROGRAM);
    let words = [&["run"], flags, &["p.vera"]].concat();
    let outcome = vera(words).env("FIRST", "1").env("SECOND", "2").dir(dir.path()).run();
    (outcome.code, outcome.stdout, outcome.stderr)
}

#[test]
fn each_kind_is_limited_by_its_own_flags() {
    for (flags, said) in [
        (&[][..], "1 2 true made 1"),
        (&["--sandbox"], "none none false denied permission denied: ."),
        (&["--sandbox", "--allow-env", "FIRST"], "1 none false denied permission denied: ."),
        (&["--allow-env", "SECOND"], "none 2 true made 1"),
        (&["--sandbox", "--allow-dir", "."], "none none true denied 1"),
    ] {
        assert_eq!(run(flags), (Some(0), format!("{said}\n"), String::new()), "{flags:?}");
    }
}

#[test]
fn flags_that_name_nothing_are_refused() {
    for (flags, told) in [
        (["--allow-net", "http://h"], "--allow-net: expected HOST or HOST:PORT, got 'http://h'"),
        (["--allow-net", ""], "--allow-net: expected HOST or HOST:PORT, got ''"),
        (["--allow-db", ""], "--allow-db: expected the path of a database, got ''"),
        (["--allow-env", ""], "--allow-env: expected the name of a variable, got ''"),
    ] {
        assert_eq!(run(&flags), (Some(1), String::new(), format!("Error: {told}\n")));
    }
    let outcome = vera(["check", "--sandbox", "p.vera"]).run();
    assert_eq!(
        outcome.stderr,
        "Error: --sandbox is only accepted by `vera run` and `vera serve`, not `vera check`.\n"
    );
    let outcome = vera(["verify", "--replay", "d", "p.vera"]).run();
    assert_eq!(
        outcome.stderr,
        "Error: --replay is only accepted by `vera test` and `vera run`, not `vera verify`.\n"
    );
    let outcome = vera(["run", "--as-handler", "p.vera"]).run();
    assert_eq!(outcome.stderr, "Error: --as-handler needs the recording: --replay FILE.\n");
}

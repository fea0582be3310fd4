//! What a person at a terminal sees: colours, and a line for each function. The layout is
//! that of pipes and files.

mod common;

use std::path::Path;
use std::process::Command;

use common::{TempDir, vera};

const SOUND: &str = "\
public fn half(@Nat, @Nat -> @Nat)
  requires(@Nat.0 > 0)
  ensures(@Nat.result <= @Nat.1)
  effects(pure)
{
  @Nat.1 / @Nat.0
}

public fn bump(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  @Int.0 + 1
}
";

const BROKEN: &str = "\
public fn half(@Nat, @Nat -> @Nat)
  requires(true)
  ensures(true)
  effects(pure)
{
  @Nat.1 / @Nat.0
}
";

const RED: &str = "\x1b[1m\x1b[31m";
const YELLOW: &str = "\x1b[1m\x1b[33m";
const GREEN: &str = "\x1b[1m\x1b[32m";
const CYAN: &str = "\x1b[1m\x1b[36m";
const END: &str = "\x1b[0m";

/// What the tool writes to a terminal (`script` of util-linux makes one).
fn at_a_terminal(dir: &Path, words: &str, environment: &[(&str, &str)]) -> String {
    let line = format!("{} {words}", env!("CARGO_BIN_EXE_vera"));
    let mut script = Command::new("script");
    script.args(["--quiet", "--command", &line, "/dev/null"]).current_dir(dir);
    // All that `anstream` asks: continuous integration counts as a terminal with colours.
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI"] {
        script.env_remove(name);
    }
    script.env("TERM", "xterm");
    script.env("VERA_CACHE_DIR", dir.join("cache")).envs(environment.iter().copied());
    let output = script.output().expect("util-linux is there");
    String::from_utf8(output.stdout).expect("UTF-8").replace("\r\n", "\n")
}

#[test]
fn reports_are_coloured_on_terminals_only() {
    let dir = TempDir::new("terminal");
    dir.file("f.vera", BROKEN);
    let piped = vera(["verify", "f.vera"]).dir(dir.path()).run().stderr;
    assert!(!piped.contains('\x1b') && piped.starts_with("[E526] Error at f.vera"), "{piped}");
    let shown = at_a_terminal(dir.path(), "verify f.vera", &[]);
    assert!(
        shown.starts_with(&format!("{RED}[E526] Error{END} at f.vera, line 6, column 3:\n")),
        "{shown:?}"
    );
    assert!(shown.contains(&format!("\n      {RED}^{END}\n")), "{shown:?}");
    assert!(shown.contains(&format!("\n  {CYAN}Fix:{END}\n")), "{shown:?}");
    assert!(shown.ends_with(&format!("\n  half  {RED}not proved{END}\n")), "{shown:?}");
    for (words, environment) in [
        ("check --color never f.vera", &[][..]),
        ("check f.vera", &[("NO_COLOR", "1")][..]),
        ("check f.vera", &[("TERM", "dumb")][..]),
    ] {
        assert_eq!(at_a_terminal(dir.path(), words, environment), "OK: f.vera\n", "{words}");
    }
    // A flag says more than the environment.
    let words = "check --color=always f.vera";
    let shown = at_a_terminal(dir.path(), words, &[("NO_COLOR", "1")]);
    assert_eq!(shown, format!("{GREEN}OK:{END} f.vera\n"));
}

#[test]
fn colours_can_be_asked_for() {
    let dir = TempDir::new("terminal");
    dir.file("f.vera", BROKEN);
    let plain = vera(["verify", "f.vera"]).dir(dir.path()).run();
    let coloured = vera(["verify", "f.vera", "--color=always"]).dir(dir.path()).run();
    let mut stripped = coloured.stderr.clone();
    for style in [RED, YELLOW, GREEN, CYAN, END] {
        stripped = stripped.replace(style, "");
    }
    assert_eq!((stripped, coloured.stdout), (plain.stderr.clone(), plain.stdout));
    assert_ne!(coloured.stderr, plain.stderr);
    // Documents are none of it.
    let words = ["verify", "--json", "f.vera"];
    let document = vera(words).dir(dir.path()).run().stdout;
    let same = vera([&words[..], &["--color", "always"]].concat()).dir(dir.path()).run().stdout;
    assert_eq!(document, same);
    let refused = vera(["check", "none.vera", "--color=always"]).dir(dir.path()).run();
    assert_eq!(refused.stderr, format!("{RED}Error:{END} file not found: none.vera\n"));
    let tested = vera(["test", "f.vera", "--color=always"]).dir(dir.path()).run();
    assert!(tested.stdout.contains(&format!("{RED}FAILED {END} (")), "{}", tested.stdout);
    let words = ["run", "f.vera", "--fn", "half", "--color=always", "--", "1", "0"];
    let trapped = vera(words).dir(dir.path()).run();
    let head = format!("{RED}Error:{END} Integer division by zero\n  @Nat.1 = 1\n  @Nat.0 = 0\n");
    assert!(trapped.stderr.starts_with(&head), "{}", trapped.stderr);
}

#[test]
fn a_proof_has_a_line_for_each_function() {
    let dir = TempDir::new("terminal");
    dir.file("f.vera", SOUND);
    let shown = at_a_terminal(dir.path(), "verify f.vera", &[]);
    let table = format!(
        "  half  {GREEN}proved{END}\n  bump  {YELLOW}checked at run time{END} (int_overflow ×1)\n"
    );
    assert!(shown.contains(&table), "{shown}");
    let quiet = at_a_terminal(dir.path(), "verify --quiet f.vera", &[]);
    assert_eq!(quiet, "");
    let piped = vera(["verify", "f.vera", "--color=always"]).dir(dir.path()).run().stdout;
    assert!(!piped.contains("  half"), "{piped}");
}

//! A directory with programs, and what the tool says there.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Outcome, TempDir, Vera, vera};

pub const CALC: &str = "\
public fn half(@Nat, @Nat -> @Nat)
  requires(@Nat.0 > 0)
  ensures(true)
  effects(pure)
{
  @Nat.1 / @Nat.0
}

public fn bump(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  step(@Int.0)
}
where {
  fn step(@Int -> @Int)
    requires(true)
    effects(pure)
  {
    @Int.0 + 1
  }
}

private fn hidden(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  @Int.0
}

public forall<T> fn same(@T -> @T)
  requires(true)
  ensures(true)
  effects(pure)
{
  @T.0
}
";

/// Ill-typed, but it parses.
pub const BAD: &str = "\
private fn f(@Int -> @Int)
  requires(true)
  effects(pure)
{
  @Int.1
}
";

/// A program whose `main` has this result, row and body.
pub fn main_fn(result: &str, row: &str, body: &str) -> String {
    function("main", "@Unit", result, row, body)
}

pub fn function(name: &str, parameters: &str, result: &str, row: &str, body: &str) -> String {
    format!(
        "public fn {name}({parameters} -> {result})\n  requires(true)\n  ensures(true)\n  \
         effects({row})\n{{\n  {body}\n}}\n"
    )
}

/// A directory with `calc.vera` and `bad.vera`, where the tool runs.
pub struct Desk(TempDir, Vec<(String, String)>);

impl Desk {
    pub fn new() -> Desk {
        let dir = TempDir::new("cli");
        dir.file("calc.vera", CALC);
        dir.file("bad.vera", BAD);
        Desk(dir, Vec::new())
    }

    pub fn with(self, name: &str, contents: impl AsRef<[u8]>) -> Desk {
        self.0.file(name, contents);
        self
    }

    /// With a variable of the environment.
    pub fn env(mut self, name: &str, value: impl AsRef<Path>) -> Desk {
        self.1.push((name.to_owned(), value.as_ref().display().to_string()));
        self
    }

    pub fn tool(&self, line: &str) -> Vera {
        let tool = vera(line.split_whitespace()).dir(self.0.path());
        self.1.iter().fold(tool, |tool, (name, value)| tool.env(name, value))
    }

    pub fn run(&self, line: &str) -> Outcome {
        let outcome = self.tool(line).run();
        outcome.clean().unwrap_or_else(|error| panic!("vera {line}: {error}"));
        outcome
    }

    pub fn place(&self) -> &Path {
        self.0.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Exit code, standard output and standard error, exactly.
    #[track_caller]
    pub fn says(&self, line: &str, code: i32, stdout: &str, stderr: &str) {
        let outcome = self.run(line);
        assert_eq!(
            (outcome.code, outcome.stdout.as_str(), outcome.stderr.as_str()),
            (Some(code), stdout, stderr),
            "vera {line}"
        );
    }

    /// Refused with exactly this line on standard error.
    #[track_caller]
    pub fn refuses(&self, line: &str, message: &str) {
        self.says(line, 1, "", &format!("Error: {message}\n"));
    }

    /// Refused with an error that starts with this line.
    #[track_caller]
    pub fn refuses_first(&self, line: &str, message: &str) {
        let outcome = self.run(line);
        assert_eq!(outcome.code, Some(1), "vera {line}\n{}", outcome.stderr);
        assert_eq!(outcome.stdout, "", "vera {line}");
        assert_eq!(
            outcome.stderr.lines().next(),
            Some(&*format!("Error: {message}")),
            "vera {line}"
        );
    }

    #[track_caller]
    pub fn json(&self, line: &str, code: i32) -> Value {
        let outcome = self.run(line);
        assert_eq!(outcome.code, Some(code), "vera {line}\n{}", outcome.stdout);
        assert!(outcome.stdout.ends_with("}\n"), "vera {line}: {}", outcome.stdout);
        assert!(outcome.stdout.is_ascii(), "vera {line}: not escaped");
        outcome.json()
    }
}

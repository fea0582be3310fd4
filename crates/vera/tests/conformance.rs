//! Runs `tests/conformance`: one small program per rule of the language, each with
//! its expectation in its first lines. The format of those lines is documented in
//! `tests/conformance/README.md`; [`Header`] reads it.

mod common;

use common::header::{Header, Stage, number, push_line};
use common::{Outcome, difference, in_parallel, programs, root, vera};
use serde_json::Value;
use std::path::Path;

#[test]
fn conformance() {
    let files = programs(&root().join("tests/conformance"));
    assert!(files.len() >= 100, "only {} programs found", files.len());
    let results = in_parallel(&files, |path| {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string());
        let header = text.and_then(|text| Header::parse(&text));
        header.and_then(|header| verdict(path, &header))
    });

    let mut failures = Vec::new();
    let mut known = Vec::new();
    for (path, result) in files.iter().zip(results) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match result {
            Ok(None) => {}
            Ok(Some(reason)) => known.push(format!("{name}: {reason}")),
            Err(text) => failures.push(format!("{name}: {text}")),
        }
    }
    println!("{} programs, {} known failures", files.len(), known.len());
    for line in &known {
        println!("  known: {line}");
    }
    assert!(
        failures.is_empty(),
        "{} of {} programs fail\n\n{}",
        failures.len(),
        files.len(),
        failures.join("\n\n")
    );
}

/// `Ok(Some(reason))` for an expected failure.
fn verdict(path: &Path, header: &Header) -> Result<Option<String>, String> {
    match (examine(path, header), &header.known) {
        (Ok(()), None) => Ok(None),
        (Ok(()), Some(_)) => Err("passes now: remove the `-- known:` line".to_owned()),
        (Err(_), Some(reason)) => Ok(Some(reason.clone())),
        (Err(text), None) => Err(text),
    }
}

/// How a program is compiled and run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Plain,
    /// A collection at every allocation.
    Eager,
    /// No check or branch taken away by the optimiser, and a young collection at every
    /// allocation.
    Kept,
    /// The same without the collections, for programs that make too much for them.
    KeptPlain,
}

impl Mode {
    fn name(self) -> &'static str {
        match self {
            Mode::Plain => "run",
            Mode::Eager => "eager run",
            Mode::Kept => "run with all checks and young collections",
            Mode::KeptPlain => "run with all checks",
        }
    }

    fn environment(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Mode::Plain => &[],
            Mode::Eager => &[("VERA_EAGER_GC", "1")],
            Mode::Kept => &[("VERA_KEEP_CHECKS", "1"), ("VERA_EAGER_GC", "young")],
            Mode::KeptPlain => &[("VERA_KEEP_CHECKS", "1")],
        }
    }
}

impl Header {
    fn run_flags<'a>(&'a self, path: &'a str, args: &'a [String], json: bool) -> Vec<&'a str> {
        let mut words = vec!["run", path];
        words.extend(json.then_some("--json"));
        if let Some(function) = &self.function {
            words.extend(["--fn", function]);
        }
        if let Some(limit) = &self.max_memory {
            words.extend(["--max-memory", limit]);
        }
        if !args.is_empty() {
            words.push("--");
            words.extend(args.iter().map(String::as_str));
        }
        words
    }
}

fn examine(path: &Path, header: &Header) -> Result<(), String> {
    let file = path.to_str().ok_or("a path that is not text")?;
    formatted(file, header)?;
    checked(file, header)?;
    proved(file, header)?;
    tested(file, header, false)?;
    if header.eager {
        tested(file, header, true)?;
    }
    match header.stage {
        Stage::None | Stage::Parse => Ok(()),
        Stage::Check => compile_refused(file, header),
        Stage::Run => {
            run(file, header, Mode::Plain)?;
            if !header.eager {
                return run(file, header, Mode::KeptPlain);
            }
            run(file, header, Mode::Kept)?;
            run(file, header, Mode::Eager)
        }
    }
}

/// A program that parses is its own canonical form; one that does not is left alone.
fn formatted(file: &str, header: &Header) -> Result<(), String> {
    let fmt = vera(["fmt", file]).run();
    fmt.clean()?;
    let parses = header.stage >= Stage::Parse;
    if (fmt.code == Some(0)) != parses {
        return Err(format!("fmt: exit {:?}\n{}", fmt.code, fmt.stderr));
    }
    if !parses || header.layout_free {
        return Ok(());
    }
    let source = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    fail(difference("not canonical", &source, &fmt.stdout))
}

/// `vera check --json` reports exactly the codes of the header.
fn checked(file: &str, header: &Header) -> Result<(), String> {
    let check = vera(["check", "--json", file]).run();
    check.clean()?;
    reported("check", &check, file, &header.codes)?;
    let accepted = header.stage >= Stage::Check;
    if (check.code == Some(0)) != accepted {
        return Err(format!("check: exit {:?}\n{}", check.code, check.stdout));
    }
    Ok(())
}

/// `vera verify --json` reports exactly the codes of the header, if it names any, or
/// the one word `clean`.
fn proved(file: &str, header: &Header) -> Result<(), String> {
    let Some(expected) = &header.proof else { return Ok(()) };
    let expected: &[String] = if expected == &["clean"] { &[] } else { expected };
    let verify = vera(["verify", "--json", file]).run();
    verify.clean()?;
    reported("verify", &verify, file, expected)
}

/// `vera test` reports exactly the lines of the header about functions, if it has any.
fn tested(file: &str, header: &Header, eager: bool) -> Result<(), String> {
    let Some(expected) = &header.tested else { return Ok(()) };
    let tool = vera(["test", file]);
    let tool = if eager { tool.env("VERA_EAGER_GC", "1") } else { tool };
    let test = tool.run();
    test.clean()?;
    let mut found = String::new();
    for line in test.stdout.lines().skip(3).take_while(|line| !line.is_empty()) {
        // `  name .... VERDICT`; what follows a verdict stands further to the right.
        let line = match line.split_once(" .") {
            Some((name, rest)) if line.starts_with("  ") && !line.starts_with("   ") => {
                format!("{name}:{}", rest.trim_start_matches('.'))
            }
            _ => line.to_owned(),
        };
        push_line(&mut found, line.trim());
    }
    fail(difference(if eager { "eager test" } else { "test" }, expected, &found))
}

fn compile_refused(file: &str, header: &Header) -> Result<(), String> {
    let compile = vera(["compile", "--json", file]).run();
    compile.clean()?;
    reported("compile", &compile, file, &header.compile_codes)?;
    if compile.code != Some(1) {
        return Err(format!("compile: exit {:?}\n{}", compile.code, compile.stdout));
    }
    Ok(())
}

fn reported(what: &str, outcome: &Outcome, file: &str, expected: &[String]) -> Result<(), String> {
    let envelope: Value = serde_json::from_str(&outcome.stdout)
        .map_err(|error| format!("{what}: not JSON ({error}): {}", outcome.stdout))?;
    let mut found = Vec::new();
    for list in ["diagnostics", "warnings"] {
        for diagnostic in envelope[list].as_array().map_or(&[][..], Vec::as_slice) {
            found.push(place(diagnostic, file));
        }
    }
    found.sort();
    fail(difference(what, &expected.join(" "), &found.join(" ")))
}

/// `E130@6:15`, or `E121@lib/shapes.vera:4:3` in an imported file.
fn place(diagnostic: &Value, file: &str) -> String {
    let code = diagnostic["error_code"].as_str().unwrap_or("none");
    let at = &diagnostic["location"];
    let directory = Path::new(file).parent().unwrap_or(Path::new(""));
    let inside = match at["file"].as_str() {
        Some(other) if other != file => {
            let short = Path::new(other).strip_prefix(directory).unwrap_or(Path::new(other));
            format!("{}:", short.display())
        }
        _ => String::new(),
    };
    format!("{code}@{inside}{}:{}", at["line"], at["column"])
}

/// Runs the program in text mode and, where a trap is expected, once more for its kind.
fn run(file: &str, header: &Header, how: Mode) -> Result<(), String> {
    let (mode, eager) = (how.name(), matches!(how, Mode::Eager | Mode::Kept));
    let args = header.eager_args.as_ref().filter(|_| eager).unwrap_or(&header.args);
    let stdout = header.eager_stdout.as_ref().filter(|_| eager).unwrap_or(&header.stdout);
    let start = |json: bool| {
        let tool = vera(header.run_flags(file, args, json)).stdin(header.stdin.as_str());
        let tool = how.environment().iter().fold(tool, |tool, (name, value)| tool.env(name, value));
        let tool =
            if header.high_water.is_some() { tool.env("VERA_TEST_HOOKS", "1") } else { tool };
        tool.run()
    };

    let text = start(false);
    text.clean().map_err(|error| format!("{mode}: {error}"))?;
    let exit = header.exit.unwrap_or(i32::from(header.trap.is_some()));
    if text.code != Some(exit) {
        return Err(format!("{mode}: exit {:?}, expected {exit}\n{}", text.code, text.stderr));
    }
    fail(difference(&format!("{mode}: stdout"), stdout, &text.stdout))?;
    match (&header.stderr, &header.trap) {
        (Some(expected), None) => {
            fail(difference(&format!("{mode}: stderr"), expected, &text.stderr))?;
        }
        (None, None) if header.high_water.is_none() => {
            fail(difference(&format!("{mode}: stderr"), "", &text.stderr))?;
        }
        _ => {}
    }
    if let Some(bound) = header.high_water.filter(|_| how == Mode::Plain) {
        let prefix = "heap high water: ";
        let line = text.stderr.lines().find_map(|line| line.strip_prefix(prefix));
        let used: u64 = number(line.ok_or_else(|| format!("{mode}: no `{prefix}` line"))?)?;
        if used > bound {
            return Err(format!("{mode}: {used} bytes of heap, more than {bound}"));
        }
    }
    let Some(kind) = &header.trap else { return Ok(()) };

    let json = start(true);
    json.clean().map_err(|error| format!("{mode} --json: {error}"))?;
    let envelope: Value = serde_json::from_str(&json.stdout)
        .map_err(|error| format!("{mode}: not JSON ({error}): {}", json.stdout))?;
    let trap = &envelope["diagnostics"][0];
    let actual = trap["trap_kind"].as_str().unwrap_or("none");
    fail(difference(&format!("{mode}: trap"), kind, actual))?;
    if let Some(message) = &header.message {
        let actual = trap["description"].as_str().unwrap_or_default();
        fail(difference(&format!("{mode}: trap message"), message.trim_end_matches('\n'), actual))?;
    }
    Ok(())
}

fn fail(text: Option<String>) -> Result<(), String> {
    text.map_or(Ok(()), Err)
}

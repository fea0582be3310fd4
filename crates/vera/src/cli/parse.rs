//! Words to a command, and refusals in the words that scripts know (language reference,
//! chapter 15.2): `clap` reads, what it finds wrong is said here.

use std::collections::HashSet;
use std::ffi::OsString;

use clap::FromArgMatches;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use super::usage::{options, plain};
use super::{Bundle, Cli, ColorWhen, Command, Compile, TargetName, World, command, usage};

/// What was asked for, where it is no command to run.
#[derive(Debug)]
pub(crate) enum Parsed {
    Command(Command, ColorWhen),
    /// A text to show, which was asked for.
    Help(String),
    /// A text to show, because nothing that can be done was asked for.
    Usage(String),
    Refused(Refusal),
}

/// Why a command line is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub text: String,
    /// Whether the JSON form carries a 0/0 location.
    pub located: bool,
}

impl Refusal {
    fn new(text: impl Into<String>) -> Refusal {
        Refusal { text: text.into(), located: false }
    }

    fn located(text: impl Into<String>) -> Refusal {
        Refusal { text: text.into(), located: true }
    }
}

/// Other names of `version`.
const VERSION: [&str; 2] = ["--version", "-V"];

/// Reads the words of a command line; they exclude the program's name.
pub(crate) fn parse(words: Vec<OsString>) -> Parsed {
    let mut words: Vec<String> =
        words.into_iter().map(|word| word.to_string_lossy().into_owned()).collect();
    match words.first_mut() {
        None => return Parsed::Usage(usage()),
        Some(first) if VERSION.contains(&first.as_str()) => "version".clone_into(first),
        Some(_) => {}
    }
    command_first(&mut words);
    if matches!(words[0].as_str(), "help" | "--help" | "-h") && words.len() == 1 {
        return Parsed::Help(usage());
    }
    let name = words[0].clone();
    let grammar = plain();
    let Some(of_command) = grammar.find_subcommand(&name) else {
        return unknown_command(&words);
    };
    let program = match (name.as_str(), words.iter().position(|word| word == "--")) {
        ("run", Some(at)) => {
            let mut program = words.split_off(at);
            program.remove(0);
            Some(program)
        }
        _ => None,
    };
    let words = first_of_each(&grammar, of_command, words);
    let words = std::iter::once("vera".to_owned()).chain(words);
    let read = grammar.try_get_matches_from(words);
    match read.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => accept(cli, program),
        Err(error) => refuse(&command(), &name, &error),
    }
}

/// `--color` may stand before the command, too.
fn command_first(words: &mut [String]) {
    let before = match words[0].as_str() {
        "--color" => 2,
        word if word.starts_with("--color=") => 1,
        _ => 0,
    };
    if let Some(words) = words.get_mut(..=before) {
        words.rotate_left(before);
    }
}

/// Of flags given more than once the first counts, unless each does.
fn first_of_each(
    grammar: &clap::Command,
    command: &clap::Command,
    words: Vec<String>,
) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        if word == "--" {
            out.push(word);
            out.extend(words);
            break;
        }
        let (name, value) = match word.split_once('=') {
            Some((name, _)) => (name, true),
            None => (word.as_str(), false),
        };
        let known =
            options(command).chain(options(grammar)).find(|arg| match name.strip_prefix("--") {
                Some(long) => arg.get_long() == Some(long),
                None => name.strip_prefix('-').is_some_and(|short| {
                    arg.get_short().is_some_and(|c| short.chars().eq(std::iter::once(c)))
                }),
            });
        let Some(arg) = known else {
            out.push(word);
            continue;
        };
        let each = matches!(arg.get_action(), clap::ArgAction::Append);
        let first = seen.insert(arg.get_id().clone()) || each;
        let takes = arg.get_action().takes_values() && !value && !arg.is_require_equals_set();
        let value = if takes { words.next() } else { None };
        if first {
            out.push(word);
            out.extend(value);
        }
    }
    out
}

/// What the grammar does not say of a command that is read.
fn accept(Cli { mut command, color }: Cli, words: Option<Vec<String>>) -> Parsed {
    let target = match &mut command {
        Command::Run(run) => {
            run.arguments = words;
            Some(&run.target)
        }
        Command::Compile(compile) => Some(&compile.target),
        _ => None,
    };
    if let Some(target) = target
        && target.world == Some(World::Server)
        && target.target != TargetName::WasiP2
    {
        return Parsed::Refused(Refusal::located(
            "--world server requires --target wasi-p2 (a world belongs to a component)",
        ));
    }
    if let Command::Compile(compile) = &command
        && let Some(text) = misplaced(compile)
    {
        return Parsed::Refused(Refusal::located(&text));
    }
    Parsed::Command(command, color)
}

/// Why flags of a bundle do not fit.
fn misplaced(compile: &Compile) -> Option<String> {
    if compile.interface && compile.target.target == TargetName::WasiP2 {
        return Some(
            "--interface describes core modules; a component holds its own interface".to_owned(),
        );
    }
    let Bundle { no_html, bundle, base_url } = &compile.bundle;
    let flag = match (no_html, bundle, base_url) {
        (true, _, _) => "--no-html",
        (false, Some(_), _) => "--bundle",
        (false, None, Some(_)) => "--base-url",
        (false, None, None) => return None,
    };
    if compile.target.target != TargetName::Browser {
        return Some(format!("{flag} requires --target browser"));
    }
    match (no_html, bundle, base_url) {
        (true, Some(_), _) => {
            Some("--bundle single is a page, and --no-html leaves it out".to_owned())
        }
        (false, Some(_), Some(_)) => {
            Some("--bundle single holds what --base-url would lead to".to_owned())
        }
        _ => None,
    }
}

fn unknown_command(words: &[String]) -> Parsed {
    let tried = plain().try_get_matches_from(["vera", &words[0]]);
    let near = match tried.as_ref().map_err(|error| error.get(ContextKind::SuggestedSubcommand)) {
        Err(Some(ContextValue::String(near))) => Some(near),
        Err(Some(ContextValue::Strings(near))) => near.first(),
        _ => None,
    };
    let mut text = String::new();
    if words.len() > 1 || near.is_some() {
        text.push_str(&format!("Unknown command: {}\n", words[0]));
    }
    if let Some(near) = near {
        text.push_str(&format!("Did you mean `vera {near}`?\n"));
    }
    Parsed::Usage(text + &usage())
}

/// What is wrong with the words of a command.
fn refuse(grammar: &clap::Command, name: &str, error: &Error) -> Parsed {
    let word = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => word.clone(),
        Some(ContextValue::Strings(words)) => words.join(", "),
        _ => String::new(),
    };
    // `--fn <NAME>` is `--fn`.
    let subject = word(ContextKind::InvalidArg);
    let flag = subject.split([' ', '=']).next().unwrap_or_default().trim_end_matches('[');
    let refused = |text: String| Parsed::Refused(Refusal::new(text));
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Parsed::Help(error.render().to_string())
        }
        ErrorKind::MissingRequiredArgument if subject.starts_with('-') => {
            refused(missing_partner(name, &subject))
        }
        ErrorKind::MissingRequiredArgument => Parsed::Usage(usage()),
        ErrorKind::ValueValidation => {
            let text = std::error::Error::source(error).map(ToString::to_string);
            refused(text.unwrap_or_else(|| error.to_string()))
        }
        ErrorKind::InvalidValue if word(ContextKind::InvalidValue).is_empty() => {
            refused(format!("{flag}: missing value"))
        }
        ErrorKind::InvalidValue => {
            let values = match error.get(ContextKind::ValidValue) {
                Some(ContextValue::Strings(values)) => one_of(values),
                _ => String::new(),
            };
            let given = word(ContextKind::InvalidValue);
            let text = format!("Invalid {flag} value: {given} (expected {values})");
            let located = matches!(flag, "--target" | "--world");
            Parsed::Refused(Refusal { text, located })
        }
        ErrorKind::ArgumentConflict => {
            let others = word(ContextKind::PriorArg);
            let other = others.split(' ').next().unwrap_or_default().to_owned();
            let mut both = [flag, other.as_str()];
            both.sort_by_key(|flag| {
                let mut own = grammar.find_subcommand(name).into_iter().flat_map(options);
                own.position(|arg| arg.get_long() == flag.strip_prefix("--"))
            });
            refused(format!("`vera {name}` takes {} or {}, not both.", both[0], both[1]))
        }
        ErrorKind::UnknownArgument => {
            let near = word(ContextKind::SuggestedArg);
            refused(unknown(grammar, name, flag, near.split(' ').next().unwrap_or_default()))
        }
        _ => refused(error.to_string()),
    }
}

/// `'a', 'b', or 'c'`.
fn one_of(values: &[String]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("'{value}'")).collect();
    match &quoted[..] {
        [] => String::new(),
        [one] => one.clone(),
        [one, other] => format!("{one} or {other}"),
        [others @ .., last] => format!("{}, or {last}", others.join(", ")),
    }
}

/// A flag that needs another one, which is missing.
fn missing_partner(name: &str, missing: &str) -> String {
    match (name, missing.split(' ').next().unwrap_or_default()) {
        ("run", "--replay") => "--as-handler needs the recording: --replay FILE.".to_owned(),
        ("serve", _) => "--tls-cert and --tls-key go together".to_owned(),
        (_, missing) => format!("`vera {name}` needs {missing}."),
    }
}

/// A word that the command does not take; `near` is a flag that is meant, or empty.
fn unknown(grammar: &clap::Command, name: &str, word: &str, near: &str) -> String {
    if !word.starts_with('-') || is_number(word) {
        let mut text = format!("unexpected argument: {word}");
        if name == "run" {
            text.push_str(" (arguments of the program stand after `--`: vera run <file> -- ");
            text.push_str(&format!("{word})"));
        }
        return text;
    }
    let is = |arg: &clap::Arg| arg.get_long().is_some_and(|long| word == format!("--{long}"));
    let owners: Vec<&str> = grammar
        .get_subcommands()
        .filter(|command| options(command).any(is))
        .map(clap::Command::get_name)
        .collect();
    if let [others @ .., last] = &owners[..] {
        let mut list: String = others.iter().map(|owner| format!("`vera {owner}`, ")).collect();
        if let Some(list_without_comma) = list.strip_suffix(", ") {
            list = format!("{list_without_comma} and ");
        }
        let more = match word {
            "--timeout-ms" => {
                " Set VERA_Z3_TIMEOUT_MS to give the prover of other commands a budget."
            }
            _ => "",
        };
        return format!("{word} is only accepted by {list}`vera {last}`, not `vera {name}`.{more}");
    }
    match near {
        "" => format!("unknown option: {word}"),
        near => format!("unknown option: {word} (did you mean {near}?)"),
    }
}

fn is_number(word: &str) -> bool {
    word.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Parsed {
        parse(line.split_whitespace().map(OsString::from).collect())
    }

    fn refusal(line: &str) -> String {
        match parsed(line) {
            Parsed::Refused(refusal) => refusal.text,
            other => panic!("vera {line}: {other:?}"),
        }
    }

    #[test]
    fn the_grammar_is_well_formed() {
        command().debug_assert();
    }

    #[test]
    fn flags_stand_on_either_side_of_the_file_and_the_first_wins() {
        let Parsed::Command(Command::Run(run), ColorWhen::Auto) =
            parsed("run --fn a f.vera --json --fn b -- --json -1")
        else {
            panic!("not a run")
        };
        assert_eq!(run.program.file.as_deref(), Some("f.vera"));
        assert_eq!(run.function.as_deref(), Some("a"));
        assert!(run.json.on);
        assert_eq!(run.arguments.unwrap(), ["--json", "-1"]);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (line, text) in [
            ("check --bogus f.vera", "unknown option: --bogus"),
            ("check --jsn f.vera", "unknown option: --jsn (did you mean --json?)"),
            ("compile a.vera b.vera", "unexpected argument: b.vera"),
            (
                "run f.vera --fn g 3",
                "unexpected argument: 3 (arguments of the program stand after `--`: vera run <file> -- 3)",
            ),
            (
                "run f.vera --distrust",
                "--distrust is only accepted by `vera test`, not `vera run`.",
            ),
            (
                "check --no-cache f.vera",
                "--no-cache is only accepted by `vera verify` and `vera test`, not `vera check`.",
            ),
            (
                "compile f.vera --target x",
                "Invalid --target value: x (expected 'wasm', 'browser', or 'wasi-p2')",
            ),
            ("run --world x f.vera", "Invalid --world value: x (expected 'cli' or 'server')"),
            ("run f.vera --checks no", "Invalid --checks value: no (expected 'all' or 'unproved')"),
            ("verify f.vera --timeout-ms", "--timeout-ms: missing value"),
            ("run f.vera --fn", "--fn: missing value"),
            (
                "verify f.vera --timeout-ms -5",
                "--timeout-ms: expected a positive integer number of milliseconds, got -5",
            ),
            (
                "verify f.vera --no-reconcile --reconcile",
                "`vera verify` takes --reconcile or --no-reconcile, not both.",
            ),
            ("run f.vera --as-handler", "--as-handler needs the recording: --replay FILE."),
            ("serve f.vera --tls-key k", "--tls-cert and --tls-key go together"),
            ("serve f.vera --port x", "--port requires an integer"),
            ("test f.vera --seed -1", "Invalid --seed value: -1"),
        ] {
            assert_eq!(refusal(line), text, "vera {line}");
        }
    }

    #[test]
    fn colours_may_stand_anywhere() {
        for line in [
            "--color never check f.vera",
            "--color=never check f.vera",
            "check --color never f.vera --color always",
            "check f.vera --color=never",
        ] {
            let Parsed::Command(Command::Check(check), color) = parsed(line) else {
                panic!("vera {line}: not a check")
            };
            assert_eq!(
                (&check.inputs.files[..], color),
                (&["f.vera".into()][..], ColorWhen::Never)
            );
        }
        let refused = refusal("check f.vera --color blue");
        assert_eq!(refused, "Invalid --color value: blue (expected 'auto', 'always', or 'never')");
        assert!(matches!(parsed("--color"), Parsed::Usage(_)));
        assert!(matches!(parsed("--color always"), Parsed::Usage(_)));
    }

    #[test]
    fn a_dash_is_a_file() {
        let Parsed::Command(Command::Check(check), _) = parsed("check -") else {
            panic!("not a check")
        };
        assert_eq!(check.inputs.files, ["-"]);
    }
}

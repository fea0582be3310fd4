//! The command line's own grammar (language reference, chapter 15.2): flags
//! before or after the file, the first occurrence of a flag wins, everything
//! after `--` belongs to the program.

use std::ffi::OsString;

/// What was asked for.
#[derive(Debug, Default, Clone)]
pub(crate) struct Arguments {
    pub file: Option<String>,
    pub json: bool,
    pub quiet: bool,
    pub explain_slots: bool,
    pub write: bool,
    pub check: bool,
    pub dry_run: bool,
    pub wat: bool,
    pub help: bool,
    pub function: Option<String>,
    pub output: Option<String>,
    pub target: Option<String>,
    pub world: Option<String>,
    pub port: Option<String>,
    pub trials: Option<String>,
    pub seed: Option<String>,
    pub host: Option<String>,
    /// `None`: no `--` was given.
    pub program: Option<Vec<String>>,
    /// Flags only one command accepts, as written.
    pub exclusive: Vec<String>,
    pub timeout: Option<Option<String>>,
    pub no_cache: bool,
    pub dump_smt: Option<String>,
    /// Limits of a run, as written.
    pub fuel: Option<String>,
    pub max_memory: Option<String>,
    pub run_timeout: Option<String>,
    /// Where a recording of the run goes.
    pub record: Option<String>,
    /// The recording that answers the run, or the directory of recordings to test.
    pub replay: Option<String>,
    /// Print the recording as handlers.
    pub as_handler: bool,
    /// Flags that were given and only runs take.
    pub of_runs: Vec<String>,
    /// What a run may reach, as written.
    pub allowed: Allowed,
    /// Undecided obligations are errors; `all`: those of overflow, too.
    pub strict: Option<String>,
    /// Which run-time checks to compile, as written.
    pub checks: Option<String>,
    pub serve: ServeArguments,
}

/// What flags allow a run to reach. Of a kind that no flag names, everything is allowed,
/// and nothing under `--sandbox`.
#[derive(Debug, Default, Clone)]
pub(crate) struct Allowed {
    pub dirs: Vec<String>,
    pub net: Vec<String>,
    pub db: Vec<String>,
    pub env: Vec<String>,
    pub inference: bool,
    pub sandbox: bool,
}

/// What `serve` alone is told, as written.
#[derive(Debug, Default, Clone)]
pub(crate) struct ServeArguments {
    pub workers: Option<String>,
    pub max_requests: Option<String>,
    pub max_body: Option<String>,
    pub max_head: Option<String>,
    pub production: bool,
    pub precondition_status: Option<String>,
    pub watch: bool,
    pub verify: bool,
    pub tls_cert: Option<String>,
    pub tls_key: Option<String>,
}

/// Flags of `serve` alone.
const SERVE: &[&str] = &[
    "--workers",
    "--max-requests",
    "--max-body",
    "--max-head",
    "--production",
    "--precondition-status",
    "--watch",
    "--verify",
    "--tls-cert",
    "--tls-key",
];

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

/// Reads the words after the command. What was read is there beside a refusal
/// too, so that it can be shown in the form asked for.
pub(crate) fn parse(command: &str, words: Vec<OsString>) -> (Arguments, Option<Refusal>) {
    let mut out = Arguments::default();
    let mut unknown = None;
    let mut words = words.into_iter().map(|w| w.to_string_lossy().into_owned());
    while let Some(word) = words.next() {
        if SERVE.contains(&word.as_str()) {
            out.exclusive.push(word.clone());
        }
        let slot = match word.as_str() {
            "--" => {
                out.program = Some(words.by_ref().collect());
                break;
            }
            "--json" => flag(&mut out.json),
            "--quiet" => flag(&mut out.quiet),
            "--explain-slots" => flag(&mut out.explain_slots),
            "--write" => flag(&mut out.write),
            "--check" => flag(&mut out.check),
            "--dry-run" => flag(&mut out.dry_run),
            "--wat" => flag(&mut out.wat),
            "--help" | "-h" => flag(&mut out.help),
            "--distrust" | "--reconcile" | "--no-reconcile" => {
                out.exclusive.push(word);
                None
            }
            strict if strict == "--strict" || strict.starts_with("--strict=") => {
                out.exclusive.push("--strict".to_owned());
                let what = strict.strip_prefix("--strict=").unwrap_or_default();
                out.strict.get_or_insert(what.to_owned());
                None
            }
            "--no-cache" => {
                out.exclusive.push(word);
                flag(&mut out.no_cache)
            }
            "--dump-smt" => {
                out.exclusive.push(word);
                Some(&mut out.dump_smt)
            }
            "--timeout-ms" => {
                let value = words.next();
                out.timeout.get_or_insert(value);
                None
            }
            // Without a name these must not be as if they were not there.
            "--allow-dir" => allow(&mut out, |a| &mut a.dirs, word, words.next()),
            "--allow-net" => allow(&mut out, |a| &mut a.net, word, words.next()),
            "--allow-db" => allow(&mut out, |a| &mut a.db, word, words.next()),
            "--allow-env" => allow(&mut out, |a| &mut a.env, word, words.next()),
            "--allow-inference" => {
                out.of_runs.push(word);
                flag(&mut out.allowed.inference)
            }
            "--sandbox" => {
                out.of_runs.push(word);
                flag(&mut out.allowed.sandbox)
            }
            "--record" => {
                out.of_runs.push(word);
                Some(&mut out.record)
            }
            "--replay" => Some(&mut out.replay),
            "--as-handler" => {
                out.of_runs.push(word);
                flag(&mut out.as_handler)
            }
            "--fuel" => Some(&mut out.fuel),
            "--max-memory" => Some(&mut out.max_memory),
            "--timeout" => Some(&mut out.run_timeout),
            "--checks" => Some(&mut out.checks),
            "--fn" => Some(&mut out.function),
            "-o" => Some(&mut out.output),
            "--target" => Some(&mut out.target),
            "--world" => Some(&mut out.world),
            "--workers" => Some(&mut out.serve.workers),
            "--max-requests" => Some(&mut out.serve.max_requests),
            "--max-body" => Some(&mut out.serve.max_body),
            "--max-head" => Some(&mut out.serve.max_head),
            "--production" => flag(&mut out.serve.production),
            "--precondition-status" => Some(&mut out.serve.precondition_status),
            "--watch" => flag(&mut out.serve.watch),
            "--verify" => flag(&mut out.serve.verify),
            "--tls-cert" => Some(&mut out.serve.tls_cert),
            "--tls-key" => Some(&mut out.serve.tls_key),
            "--port" => Some(&mut out.port),
            "--host" => Some(&mut out.host),
            "--trials" => Some(&mut out.trials),
            "--seed" => Some(&mut out.seed),
            flag if flag.len() > 1 && flag.starts_with('-') => {
                unknown.get_or_insert(format!("unknown option: {flag}"));
                None
            }
            _ if out.file.is_none() => {
                out.file = Some(word);
                None
            }
            _ => {
                unknown.get_or_insert(format!("unexpected argument: {word}"));
                None
            }
        };
        if let Some(slot) = slot
            && let Some(value) = words.next()
        {
            slot.get_or_insert(value);
        }
    }
    let refusal = refusal(command, &out).or(unknown.map(Refusal::new));
    (out, refusal)
}

/// One more of what a run may reach.
fn allow(
    out: &mut Arguments,
    kind: fn(&mut Allowed) -> &mut Vec<String>,
    flag: String,
    name: Option<String>,
) -> Option<&'static mut Option<String>> {
    kind(&mut out.allowed).push(name.unwrap_or_default());
    out.of_runs.push(flag);
    None
}

fn flag(set: &mut bool) -> Option<&mut Option<String>> {
    *set = true;
    None
}

/// Combinations that are refused whatever the file.
fn refusal(command: &str, args: &Arguments) -> Option<Refusal> {
    let only = |flag: &str, owner: &str, more: &str| {
        Some(Refusal::new(format!(
            "{flag} is only accepted by `vera {owner}`, not `vera {command}`.{more}"
        )))
    };
    if args.timeout.is_some() && command != "verify" {
        let more = " Set VERA_Z3_TIMEOUT_MS to give the prover of other commands a budget.";
        return only("--timeout-ms", "verify", more);
    }
    for (flag, value) in [
        ("--fuel", &args.fuel),
        ("--max-memory", &args.max_memory),
        ("--timeout", &args.run_timeout),
    ] {
        let shared = command == "serve" && flag != "--fuel";
        if value.is_some() && command != "run" && !shared {
            return only(flag, "run", "");
        }
    }
    let reaches = |flag: &str| flag.starts_with("--allow-") || flag == "--sandbox";
    if let Some(flag) = args.of_runs.iter().find(|flag| command != "serve" || !reaches(flag))
        && command != "run"
    {
        return only(flag, "run", "");
    }
    if args.replay.is_some() && !["run", "test"].contains(&command) {
        return only("--replay", "run` and `vera test", "");
    }
    if args.as_handler && args.replay.is_none() {
        return Some(Refusal::new("--as-handler needs the recording: --replay FILE."));
    }
    if args.record.is_some() && args.replay.is_some() {
        return Some(Refusal::new("`vera run` takes --record or --replay, not both."));
    }
    if let Some(checks) = &args.checks {
        if !["run", "compile"].contains(&command) {
            return only("--checks", "run` and `vera compile", "");
        }
        if !["all", "unproved"].contains(&checks.as_str()) {
            return Some(Refusal::new(format!(
                "Invalid --checks value: {checks} (expected 'all' or 'unproved')"
            )));
        }
    }
    if args.dry_run && command != "fix" {
        return only("--dry-run", "fix", "");
    }
    if args.seed.is_some() && command != "test" {
        return only("--seed", "test", "");
    }
    for flag in &args.exclusive {
        let owner = match flag.as_str() {
            "--distrust" => "test",
            flag if SERVE.contains(&flag) => "serve",
            _ => "verify",
        };
        let shared = flag == "--no-cache" && command == "test";
        if command != owner && !shared {
            return only(flag, owner, "");
        }
    }
    if let Some(strict) = args.strict.as_ref().filter(|s| !["", "all"].contains(&s.as_str())) {
        return Some(Refusal::new(format!(
            "Invalid --strict value: {strict} (expected --strict or --strict=all)"
        )));
    }
    let given = |flag: &str| args.exclusive.iter().any(|f| f == flag);
    if given("--reconcile") && given("--no-reconcile") {
        return Some(Refusal::new("`vera verify` takes --reconcile or --no-reconcile, not both."));
    }
    if let Some(trials) = args.trials.as_ref().filter(|t| t.trim().parse::<i64>().is_err()) {
        return Some(Refusal::new(format!("Invalid --trials value: {trials}")));
    }
    if let Some(seed) = args.seed.as_ref().filter(|s| s.trim().parse::<u64>().is_err()) {
        return Some(Refusal::new(format!("Invalid --seed value: {seed}")));
    }
    if let Some(target) = &args.target
        && !["wasm", "browser", "wasi-p2"].contains(&target.as_str())
    {
        return Some(Refusal::located(format!(
            "Invalid --target value: {target} (expected 'wasm', 'browser', or 'wasi-p2')"
        )));
    }
    if let Some(world) = &args.world {
        if !["cli", "server"].contains(&world.as_str()) {
            return Some(Refusal::located(format!(
                "Invalid --world value: {world} (expected 'cli' or 'server')"
            )));
        }
        if world == "server" && args.target.as_deref() != Some("wasi-p2") {
            return Some(Refusal::located(
                "--world server requires --target wasi-p2 (a world belongs to a component)",
            ));
        }
    }
    if args.port.as_ref().is_some_and(|p| p.parse::<i64>().is_err()) {
        return Some(Refusal::new("--port requires an integer"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<OsString> {
        text.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn flags_stand_on_either_side_of_the_file_and_the_first_wins() {
        let args = parse("run", words("--fn a f.vera --json --fn b -- --json -1")).0;
        assert_eq!(args.file.as_deref(), Some("f.vera"));
        assert_eq!(args.function.as_deref(), Some("a"));
        assert!(args.json);
        assert_eq!(args.program.unwrap(), ["--json", "-1"]);
    }

    #[test]
    fn unknown_flags_and_surplus_words_are_refused() {
        let text = |command: &str, line: &str| parse(command, words(line)).1.unwrap().text;
        assert_eq!(text("check", "--bogus f.vera"), "unknown option: --bogus");
        assert_eq!(text("check", "a.vera b.vera"), "unexpected argument: b.vera");
        assert_eq!(
            text("run", "f.vera --distrust"),
            "--distrust is only accepted by `vera test`, not `vera run`."
        );
        assert_eq!(
            text("compile", "f.vera --target x"),
            "Invalid --target value: x (expected 'wasm', 'browser', or 'wasi-p2')"
        );
    }

    #[test]
    fn a_dash_is_a_file() {
        assert_eq!(parse("check", words("-")).0.file.as_deref(), Some("-"));
    }
}

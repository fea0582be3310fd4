//! `cargo xtask fuzz [seconds [seed]]`: mutates the programs of the repository
//! and runs each mutant through parser, formatter, checker, lowering, passes
//! and emission. A panic, a module the validator refuses, or a formatter that is
//! not idempotent is a find; the mutant is written to the current directory.
//!
//! Mutations work on tokens and on whole expressions of any program, so a good
//! part of the mutants parses and some of it type-checks.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use vera_check::NoModules;
use vera_diagnostics::SourceFile;
use vera_mir::passes::Optimise;

/// A small deterministic generator (SplitMix64; Steele, Lea, Flood, 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// What is mutated: programs and the pieces they are made of.
struct Corpus {
    programs: Vec<String>,
    tokens: Vec<String>,
    exprs: Vec<String>,
}

pub fn run(args: &[String]) -> Result<(), String> {
    let number = |i: usize, default: u64| args.get(i).map_or(Ok(default), |a| a.parse());
    let seconds = number(0, 60).map_err(|_| "usage: cargo xtask fuzz [seconds [seed]]")?;
    let seed = number(1, 1).map_err(|_| "usage: cargo xtask fuzz [seconds [seed]]")?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("no workspace")?;
    let corpus = Corpus::load(root)?;
    std::panic::set_hook(Box::new(|_| {}));
    // Deep programs need the stack the tool gives itself.
    let worker = std::thread::Builder::new().stack_size(512 << 20);
    let handle = worker
        .spawn(move || fuzz(&corpus, Random(seed), Duration::from_secs(seconds)))
        .map_err(|e| e.to_string())?;
    handle.join().map_err(|_| "the fuzzer itself panicked".to_owned())?
}

fn fuzz(corpus: &Corpus, mut random: Random, limit: Duration) -> Result<(), String> {
    let start = Instant::now();
    let last = std::env::temp_dir().join("vera-fuzz-last.vera");
    let (mut count, mut typed, mut finds) = (0u64, 0u64, Vec::new());
    while start.elapsed() < limit {
        let mutant = corpus.mutant(&mut random);
        count += 1;
        // A stack overflow ends the process; the file then holds its cause.
        std::fs::write(&last, &mutant).map_err(|e| e.to_string())?;
        match catch_unwind(AssertUnwindSafe(|| check(&mutant))) {
            Ok(Ok(true)) => typed += 1,
            Ok(Ok(false)) => {}
            Ok(Err(what)) => finds.push((what, mutant)),
            Err(panic) => {
                let text = panic
                    .downcast_ref::<String>()
                    .cloned()
                    .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
                    .unwrap_or_default();
                finds.push((format!("panic: {text}"), mutant));
            }
        }
        if finds.len() >= 20 {
            break;
        }
    }
    println!("{count} mutants, {typed} of them compiled, {} finds", finds.len());
    for (i, (what, mutant)) in finds.iter().enumerate() {
        let file = format!("fuzz-find-{i}.vera");
        std::fs::write(&file, mutant).map_err(|e| e.to_string())?;
        println!("{file}: {}", what.lines().next().unwrap_or_default());
    }
    if finds.is_empty() { Ok(()) } else { Err("there were finds".to_owned()) }
}

/// Runs a program through the tool; true when it compiled.
fn check(text: &str) -> Result<bool, String> {
    let parsed = vera_syntax::parse(text);
    if parsed.errors.is_empty() {
        let once = vera_fmt::format(text, &parsed);
        let again = vera_syntax::parse(&once);
        if !again.errors.is_empty() {
            return Err("formatted text does not parse".to_owned());
        }
        if vera_fmt::format(&once, &again) != once {
            return Err("formatting twice differs".to_owned());
        }
    }
    let checked = vera_check::check(SourceFile::new("mutant.vera", text), &mut NoModules);
    for diagnostic in &checked.diagnostics {
        vera_diagnostics::render_text(diagnostic, &checked.sources);
    }
    if let Some(partial) = &checked.partial
        && let Some(program) = partial.provable(&checked.diagnostics)
    {
        // What is left of it owes something, or nothing.
        vera_verify::scripts(&program, &checked.sources);
    }
    let Some(program) = checked.program else { return Ok(false) };
    let options = vera_mir::lower::Options { calls: true, ..vera_mir::lower::Options::default() };
    let Ok(mir) = vera_mir::lower::lower(&program, &checked.sources, &options) else {
        return Ok(false);
    };
    vera_mir::verify::verify(&mir).map_err(|e| format!("lowering: {e}"))?;
    let optimise = Optimise { verify: true, ..Optimise::default() };
    let artifact = vera_wasm::build(mir, optimise, &Default::default());
    wasmparser::Validator::new()
        .validate_all(&artifact.wasm)
        .map_err(|e| format!("invalid module: {e}"))?;
    Ok(true)
}

impl Corpus {
    fn load(root: &Path) -> Result<Corpus, String> {
        let mut programs = vec![smallest()];
        for dir in ["examples", "benches", "tests/conformance", "docs/diagnostics"] {
            collect(&root.join(dir), &mut programs);
        }
        let mut tokens = Vec::new();
        let mut exprs = Vec::new();
        for program in &programs {
            tokens.extend(pieces(program).into_iter().map(str::to_owned));
            let parsed = vera_syntax::parse(program);
            parsed.program.nodes.exprs().for_each(|e| {
                let span = e.span.start as usize..e.span.end as usize;
                exprs.extend(program.get(span).filter(|t| t.len() < 200).map(str::to_owned));
            });
        }
        tokens.sort();
        tokens.dedup();
        exprs.sort();
        exprs.dedup();
        if programs.len() < 2 {
            Err("no programs found".into())
        } else {
            Ok(Corpus { programs, tokens, exprs })
        }
    }

    fn mutant(&self, random: &mut Random) -> String {
        let mut text = self.programs[random.below(self.programs.len())].clone();
        for _ in 0..=random.below(4) {
            text = match random.below(3) {
                0 => self.swap_token(&text, random),
                _ => self.swap_expr(&text, random),
            };
        }
        text
    }

    fn swap_token(&self, text: &str, random: &mut Random) -> String {
        let parts = pieces(text);
        let at = random.below(parts.len());
        let token = &self.tokens[random.below(self.tokens.len())];
        let mut out = String::new();
        for (i, part) in parts.iter().enumerate() {
            if i != at {
                out.push_str(part);
                continue;
            }
            match random.below(3) {
                0 => {}
                1 => {
                    out.push_str(part);
                    out.push(' ');
                    out.push_str(token);
                }
                _ => out.push_str(token),
            }
        }
        out
    }

    fn swap_expr(&self, text: &str, random: &mut Random) -> String {
        let parsed = vera_syntax::parse(text);
        let spans: Vec<_> = parsed.program.nodes.exprs().map(|e| e.span).collect();
        if spans.is_empty() {
            return text.to_owned();
        }
        let span = spans[random.below(spans.len())];
        // Half of the time with an expression of the same program, whose slots fit.
        let other = if random.below(2) == 0 {
            let own = spans[random.below(spans.len())];
            text.get(own.start as usize..own.end as usize).unwrap_or("0").to_owned()
        } else {
            self.exprs[random.below(self.exprs.len())].clone()
        };
        let (Some(head), Some(tail)) =
            (text.get(..span.start as usize), text.get(span.end as usize..))
        else {
            return text.to_owned();
        };
        format!("{head}{other}{tail}")
    }
}

/// A program that is there whatever the repository holds.
fn smallest() -> String {
    "public fn main(@Unit -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  1\n}\n"
        .to_owned()
}

fn collect(dir: &Path, out: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    let mut paths: Vec<_> = entries.flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, out);
        } else if path.extension().is_some_and(|e| e == "vera")
            && let Ok(text) = std::fs::read_to_string(&path)
            && text.len() < 20_000
        {
            out.push(text);
        }
    }
}

/// The text cut at the borders of words, blanks and other characters.
fn pieces(text: &str) -> Vec<&str> {
    let class = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' => 0,
        c if c.is_whitespace() => 1,
        _ => 2,
    };
    let mut out = Vec::new();
    let mut start = 0;
    let mut last = None;
    for (i, c) in text.char_indices() {
        if last.is_some_and(|l| l != class(c) || class(c) == 2) {
            out.push(&text[start..i]);
            start = i;
        }
        last = Some(class(c));
    }
    out.push(&text[start..]);
    out
}

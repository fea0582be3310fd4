//! `cargo xtask bench [name…]`: whole-process times as ratios against something
//! run in turn with it. Programs are in `benches/`; references that are not
//! installed are left out.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::generate;
use crate::lsp;
use crate::measure::{self, Pair};
use crate::release;
use crate::world;

struct Bench {
    root: PathBuf,
    /// Scratch directory; compiled references and the compilation cache.
    work: PathBuf,
    vera: PathBuf,
    wanted: Vec<String>,
}

pub fn run(wanted: &[String]) -> Result<(), String> {
    let root = release::root()?;
    let work = std::env::temp_dir().join(format!("vera-bench-{}", std::process::id()));
    std::fs::create_dir_all(&work).map_err(|e| e.to_string())?;
    let vera = release::vera(&root)?;
    let bench = Bench { root, work: work.clone(), vera, wanted: wanted.to_vec() };
    println!("{:<34} {:>10} {:>10} {:>8}  target", "benchmark", "vera", "reference", "ratio");
    let result = bench.all();
    let _ = std::fs::remove_dir_all(work);
    result
}

impl Bench {
    fn all(&self) -> Result<(), String> {
        self.startup()?;
        self.against_rust("fib", 7, "1.50")?;
        self.trees()?;
        self.against_rust("pipeline", 5, "1.50")?;
        self.against_rust("sieve", 5, "3.00")?;
        self.against_rust("matrix", 5, "3.00")?;
        self.against_rust("nbody", 5, "1.50")?;
        self.against_rust("sort", 5, "2.00")?;
        self.sort_by_key()?;
        self.map()?;
        self.collect()?;
        self.strings()?;
        self.library()?;
        self.sizes()?;
        self.growth()?;
        self.project()?;
        self.world()?;
        if !self.skip("lsp") {
            lsp::bench(&self.vera, &self.work)?;
        }
        self.verify()
    }

    /// Requests, a server under load, a database.
    fn world(&self) -> Result<(), String> {
        if !self.skip("http startup") {
            let file = self.program("requests.vera");
            let nothing = || Command::new("/bin/true");
            let p = measure::pair(31, || self.vera("run", &file, "warm"), nothing)?;
            row("http startup: warm cache", &p, "20 ms");
        }
        let (serve, cache) = (self.program("serve.vera"), self.work.join("serve"));
        if !self.skip("serve") {
            world::serve(&self.vera, &serve, &cache)?;
            world::mixed(&self.vera, &serve, &cache)?;
        }
        if !self.skip("inserts") {
            let (native, inserts) = (self.native()?, self.program("inserts.vera"));
            let vera = || self.vera("run", &inserts, "warm");
            let reference = || {
                let mut c = Command::new(&native);
                c.args(["inserts", "1000000"]);
                c
            };
            let p = measure::pair(3, vera, reference)?;
            row("inserts: 1000000 in a transaction", &p, "3.00");
        }
        Ok(())
    }

    /// Builds `benches/native`.
    fn native(&self) -> Result<PathBuf, String> {
        let native = self.root.join("benches/native");
        let target = std::env::temp_dir().join("vera-bench-native");
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
        let mut build = Command::new(cargo);
        build.args(["build", "--release", "--quiet", "--locked"]).current_dir(&native);
        measure::once(build.env("CARGO_TARGET_DIR", &target))?;
        Ok(target.join("release/native"))
    }

    /// The prover on each example: cold against the older tool, where it is
    /// installed, and warm.
    fn verify(&self) -> Result<(), String> {
        let old = measure::find(&["/opt/veralang/bin/vera", "veralang"]);
        let (Some(old), false) = (old, self.skip("verify")) else { return Ok(()) };
        let mut examples: Vec<PathBuf> = std::fs::read_dir(self.root.join("examples"))
            .map_err(|e| e.to_string())?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|e| e == "vera"))
            .collect();
        examples.sort();
        for file in examples {
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let cold = || {
                let mut command = self.vera("verify", &file, "proofs");
                command.args(["--no-cache", "--no-reconcile"]);
                command
            };
            let reference = || {
                let mut command = Command::new(&old);
                command.args(["verify", "--no-reconcile"]).arg(&file);
                command
            };
            match measure::pair(3, cold, reference) {
                Ok(p) => row(&format!("verify: {name}, cold / veralang"), &p, "0.067"),
                Err(_) => println!("verify: {name}, cold: the older tool refuses it"),
            }
            let nothing = || Command::new("/bin/true");
            let p = measure::pair(5, || self.vera("verify", &file, "proofs"), nothing)?;
            row(&format!("verify: {name}, warm"), &p, "20 ms");
        }
        Ok(())
    }

    /// A project of 1,000 modules and 100,000 lines.
    fn project(&self) -> Result<(), String> {
        if self.skip("project") {
            return Ok(());
        }
        let dir = self.work.join("project");
        let mut lines = 0;
        for (name, text) in generate::project(1_000) {
            let path = dir.join(name);
            let parent = path.parent().ok_or("a file has a directory")?;
            std::fs::create_dir_all(parent).map_err(|e| e.to_string())?;
            std::fs::write(&path, &text).map_err(|e| e.to_string())?;
            lines += text.lines().count();
        }
        let nothing = || Command::new("/bin/true");
        let main = dir.join("main.vera");
        let p = measure::pair(3, || self.vera("check", &main, "c"), nothing)?;
        row(&format!("project: check, {lines} lines"), &p, "1000 ms");
        let format = || {
            let mut command = self.vera("fmt", &dir, "c");
            command.arg("--write");
            command
        };
        let p = measure::pair(3, format, nothing)?;
        row(&format!("project: fmt, {lines} lines"), &p, "1000 ms");
        Ok(())
    }

    fn skip(&self, name: &str) -> bool {
        !self.wanted.is_empty() && !self.wanted.iter().any(|w| name.contains(w.as_str()))
    }

    fn vera(&self, command: &str, file: &Path, cache: &str) -> Command {
        let mut out = Command::new(&self.vera);
        out.arg(command).arg(file).env("VERA_CACHE_DIR", self.work.join(cache));
        out
    }

    fn program(&self, name: &str) -> PathBuf {
        self.root.join("benches").join(name)
    }

    fn startup(&self) -> Result<(), String> {
        if self.skip("startup") {
            return Ok(());
        }
        let hello = self.program("hello.vera");
        let sixty = self.program("sixty_lines.vera");
        let nothing = || Command::new("/bin/true");
        let old = measure::find(&["/opt/veralang/bin/vera", "veralang"]);
        let p = measure::pair(31, || self.vera("check", &sixty, "c"), nothing)?;
        row("startup: check, 60 lines", &p, "10 ms");
        let mut fresh = 0;
        let p = measure::pair(
            15,
            || {
                fresh += 1;
                self.vera("run", &hello, &format!("cold{fresh}"))
            },
            nothing,
        )?;
        row("startup: run hello, cold cache", &p, "40 ms");
        let p = measure::pair(31, || self.vera("run", &hello, "warm"), nothing)?;
        row("startup: run hello, warm cache", &p, "15 ms");
        let large = self.program("three_hundred_lines.vera");
        let p = measure::pair(
            15,
            || {
                fresh += 1;
                self.vera("run", &large, &format!("cold{fresh}"))
            },
            nothing,
        )?;
        row("startup: run 300 lines, cold cache", &p, "80 ms");
        let p = measure::pair(31, || self.vera("run", &large, "warm"), nothing)?;
        row("startup: run 300 lines, warm cache", &p, "20 ms");
        if let Some(old) = old {
            for command in ["check", "run"] {
                let reference = || {
                    let mut c = Command::new(&old);
                    c.arg(command).arg(&hello);
                    c
                };
                let p = measure::pair(3, || self.vera(command, &hello, "warm"), reference)?;
                row(&format!("startup: {command} hello / veralang"), &p, "");
            }
        }
        Ok(())
    }

    /// Compiles `benches/<name>.rs` with overflow checks.
    fn rust(&self, name: &str) -> Result<PathBuf, String> {
        let out = self.work.join(format!("{name}_rs"));
        let status = Command::new("rustc")
            .args(["--edition", "2024", "-C", "opt-level=3", "-C", "overflow-checks=on", "-o"])
            .arg(&out)
            .arg(self.program(&format!("{name}.rs")))
            .status()
            .map_err(|e| format!("rustc: {e}"))?;
        if status.success() { Ok(out) } else { Err(format!("{name}.rs does not compile")) }
    }

    fn against_rust(&self, name: &str, runs: usize, target: &str) -> Result<(), String> {
        if self.skip(name) {
            return Ok(());
        }
        let reference = self.rust(name)?;
        let program = self.program(&format!("{name}.vera"));
        let run = || self.vera("run", &program, "warm");
        measure::once(&mut run())?;
        let p = measure::pair(runs, run, || Command::new(&reference))?;
        row(&format!("{name} / Rust"), &p, target);
        Ok(())
    }

    fn sort_by_key(&self) -> Result<(), String> {
        if self.skip("sort") {
            return Ok(());
        }
        let reference = self.rust("sort")?;
        let program = self.program("sort.vera");
        let run = || {
            let mut c = self.vera("run", &program, "warm");
            c.args(["--fn", "by_key"]);
            c
        };
        let by_key = || {
            let mut c = Command::new(&reference);
            c.arg("by_key");
            c
        };
        measure::once(&mut run())?;
        row("sort by key / Rust", &measure::pair(5, run, by_key)?, "");
        Ok(())
    }

    /// Against the persistent map of a crate, if the registry can be reached.
    fn map(&self) -> Result<(), String> {
        if self.skip("map") {
            return Ok(());
        }
        let project = self.work.join("map");
        std::fs::create_dir_all(&project).map_err(|e| e.to_string())?;
        let manifest = format!(
            "[package]\nname = \"map\"\nedition = \"2024\"\n[dependencies]\nrpds = \"1\"\n\
             [[bin]]\nname = \"map\"\npath = {:?}\n[workspace]\n",
            self.program("map.rs")
        );
        std::fs::write(project.join("Cargo.toml"), manifest).map_err(|e| e.to_string())?;
        let target = project.join("target");
        let mut build = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
        build.args(["build", "--release", "--quiet", "--target-dir"]).arg(&target);
        if measure::once(build.current_dir(&project)).is_err() {
            return Ok(());
        }
        let program = self.program("map.vera");
        let run = || self.vera("run", &program, "warm");
        measure::once(&mut run())?;
        let p = measure::pair(3, run, || Command::new(target.join("release/map")))?;
        row("map: 1,000,000 insert, get / rpds", &p, "2.00");
        Ok(())
    }

    /// Full collections while a tree of a million nodes is alive, and while
    /// nothing is: large strings make each allocation due for one.
    fn collect(&self) -> Result<(), String> {
        if self.skip("collect") {
            return Ok(());
        }
        const COLLECTIONS: u32 = 40;
        let program = self.program("collect.vera");
        let run = |depth: &'static str, strings: u32| {
            let mut c = self.vera("run", &program, "warm");
            c.args(["--", depth, &strings.to_string()]);
            c
        };
        measure::once(&mut run("20", 1))?;
        let [full, empty] = [("20", 5), ("1", 5)].map(|(depth, runs)| {
            let p = measure::pair(runs, || run(depth, COLLECTIONS), || run(depth, 0))?;
            Ok::<Duration, String>(p.subject.saturating_sub(p.reference) / COLLECTIONS)
        });
        let p = Pair { subject: full?, reference: empty? };
        row("collect 1,000,000 / nothing", &p, "15 ms more");
        Ok(())
    }

    fn trees(&self) -> Result<(), String> {
        if self.skip("trees") {
            return Ok(());
        }
        // Both ways of using memory, and each alone.
        for name in ["trees", "trees_live", "trees_garbage"] {
            self.trees_in_ocaml(name)?;
        }
        let program = self.program("trees.vera");
        let run = || self.vera("run", &program, "warm");
        measure::once(&mut run())?;
        if let Some(node) = measure::find(&["node"]) {
            let script = self.program("trees.js");
            let reference = || {
                let mut c = Command::new(&node);
                c.arg(&script);
                c
            };
            let p = measure::pair(5, run, reference)?;
            row("trees / Node", &p, "0.50");
        }
        Ok(())
    }

    fn trees_in_ocaml(&self, name: &str) -> Result<(), String> {
        let Some(ocaml) = measure::find(&["ocamlopt"]) else { return Ok(()) };
        let (out, source) = (self.work.join(name), format!("{name}.ml"));
        std::fs::copy(self.program(&source), self.work.join(&source)).map_err(|e| e.to_string())?;
        let mut compile = Command::new(ocaml);
        compile.args(["-O3", "-unsafe", "-inline", "100", "-o"]).arg(&out).arg(source);
        measure::once(compile.current_dir(&self.work))?;
        let program = self.program(&format!("{name}.vera"));
        let run = || self.vera("run", &program, "warm");
        measure::once(&mut run())?;
        let p = measure::pair(7, run, || Command::new(&out))?;
        row(&format!("{name} / OCaml native"), &p, "1.20");
        Ok(())
    }

    /// Appends alone, without the start of either process; a tenth of them must
    /// take about a tenth of the time.
    fn strings(&self) -> Result<(), String> {
        if self.skip("strings") {
            return Ok(());
        }
        let program = self.program("strings.vera");
        let run = |n: &'static str| {
            let mut c = self.vera("run", &program, "warm");
            c.args(["--fn", "build", "--", n]);
            c
        };
        measure::once(&mut run("1"))?;
        let reference = self.rust("strings")?;
        let rust = |n: &'static str| {
            let mut c = Command::new(&reference);
            c.arg(n);
            c
        };
        let starts = measure::pair(9, || run("1"), || rust("1"))?;
        let mut p = measure::pair(9, || run("1000000"), || rust("1000000"))?;
        p.subject = p.subject.saturating_sub(starts.subject);
        p.reference = p.reference.saturating_sub(starts.reference);
        row("strings: 1,000,000 appends / Rust", &p, "2.00");
        let start = starts.subject;
        let mut p = measure::pair(9, || run("10000000"), || run("1000000"))?;
        p.subject = p.subject.saturating_sub(start);
        p.reference = p.reference.saturating_sub(start);
        row("strings: 10,000,000 / 1,000,000", &p, "linear: 10");
        Ok(())
    }

    /// Functions of the data library against the native libraries people use, without
    /// the start of either process.
    fn library(&self) -> Result<(), String> {
        if self.skip("library") {
            return Ok(());
        }
        let program = self.program("library.vera");
        let native = self.native()?;
        // Name, function, how often, goal.
        let rows = [
            ("json_parse 10 MB / serde_json", "json_in", "112000", "3.00"),
            ("json there and back / serde_json", "json_both", "112000", "3.00"),
            ("regex_find_all 10 MB / regex", "words", "250000", "6.00"),
            ("1,000,000 decimal sums / rust_decimal", "sums", "1000000", "4.00"),
            ("100 x 1,000,000 array_set / v[i] = x", "sets", "100", "3.00"),
            ("md_parse 5 MB / pulldown-cmark", "markdown", "43000", "4.00"),
            ("html_parse 5 MB / html5ever", "html", "46000", "3.00"),
        ];
        for (name, function, count, goal) in rows {
            let ours = |n: &'static str| {
                let mut c = self.vera("run", &program, "warm");
                c.args(["--fn", function, "--", n]);
                c
            };
            let theirs = |n: &'static str| {
                let mut c = Command::new(&native);
                c.args([function, n]);
                c
            };
            measure::once(&mut ours("1"))?;
            let starts = measure::pair(5, || ours("1"), || theirs("1"))?;
            let mut p = measure::pair(5, || ours(count), || theirs(count))?;
            p.subject = p.subject.saturating_sub(starts.subject);
            p.reference = p.reference.saturating_sub(starts.reference);
            row(&format!("library: {name}"), &p, goal);
        }
        self.library_times(&program)
    }

    /// What starting and a little work with the library take.
    fn library_times(&self, program: &Path) -> Result<(), String> {
        let nothing = || Command::new("/bin/true");
        let ours = |cache: &str, function: &str, n: &str| {
            let mut c = self.vera("run", program, cache);
            c.args(["--fn", function, "--", n]);
            c
        };
        let p = measure::pair(15, || ours("warm", "json_in", "1"), nothing)?;
        row("library: start with all of it, warm", &p, "60 ms");
        let mut fresh = 0;
        let cold = || {
            fresh += 1;
            ours(&format!("library{fresh}"), "json_in", "1")
        };
        let p = measure::pair(5, cold, nothing)?;
        row("library: start with all of it, cold", &p, "600 ms");
        let json = self.program("sizes/json.vera");
        let start = || {
            let mut c = self.vera("run", &json, "warm");
            c.args(["--", "null"]);
            c
        };
        let p = measure::pair(15, start, nothing)?;
        row("library: start with JSON, warm", &p, "20 ms");
        let p = measure::pair(5, || ours("warm", "json_each", "20000"), nothing)?;
        row("library: 20,000 objects there and back", &p, "300 ms");
        Ok(())
    }

    /// What parts of the library add to a module.
    fn sizes(&self) -> Result<(), String> {
        if self.skip("sizes") {
            return Ok(());
        }
        let size = |name: &str| -> Result<f64, String> {
            let out = self.work.join("size.wasm");
            let program = self.program(&format!("sizes/{name}.vera"));
            measure::once(self.vera("compile", &program, "sizes").arg("-o").arg(&out))?;
            let file = std::fs::metadata(&out).map_err(|e| e.to_string())?;
            Ok(file.len() as f64 / 1e3)
        };
        let none = size("none")?;
        let rows = [
            ("json", "60 KB"),
            ("regex_find", "40 KB"),
            ("regex", "40 KB"),
            ("regex_text", "carries tables"),
            ("decimal", "90 KB"),
            ("markdown", "280 KB"),
            ("html", "600 KB"),
        ];
        for (name, goal) in rows {
            let title = format!("sizes: {name} adds");
            println!("{title:<34} {:>7.1} KB {none:>7.1} KB {:>8}  {goal}", size(name)? - none, "");
        }
        Ok(())
    }

    fn growth(&self) -> Result<(), String> {
        if self.skip("growth") {
            return Ok(());
        }
        let write = |n: usize| -> Result<PathBuf, String> {
            let file = self.work.join(format!("chain{n}.vera"));
            std::fs::write(&file, generate::chain(n)).map_err(|e| e.to_string())?;
            Ok(file)
        };
        let (small, large) = (write(100)?, write(10_000)?);
        for command in ["check", "compile"] {
            let empty = measure::alone(9, || self.vera(command, &small, "warm"))?;
            let middle = write(1_000)?;
            let mut p = measure::pair(
                5,
                || self.vera(command, &large, "warm"),
                || self.vera(command, &middle, "warm"),
            )?;
            p.subject = p.subject.saturating_sub(empty);
            p.reference = p.reference.saturating_sub(empty);
            row(&format!("growth: {command}, 10,000 / 1,000"), &p, "linear: 11");
            println!("{:<34} {:>10}", format!("growth: {command}, 100 functions"), show(empty));
        }
        type Generator = fn(usize) -> String;
        let single: [(&str, Generator); 3] = [
            ("constructors", generate::constructors),
            ("text literals", generate::literals),
            ("interpolated parts", generate::parts),
        ];
        for (what, text) in single {
            self.grows(what, text)?;
        }
        Ok(())
    }

    /// How the time to compile grows with one construct of many parts.
    fn grows(&self, what: &str, text: fn(usize) -> String) -> Result<(), String> {
        let write = |n: usize| -> Result<PathBuf, String> {
            let file = self.work.join(format!("many{n}.vera"));
            std::fs::write(&file, text(n)).map_err(|e| e.to_string())?;
            Ok(file)
        };
        let (few, middle, many) = (write(10)?, write(4_000)?, write(16_000)?);
        let empty = measure::alone(9, || self.vera("compile", &few, "warm"))?;
        let mut p = measure::pair(
            5,
            || self.vera("compile", &many, "warm"),
            || self.vera("compile", &middle, "warm"),
        )?;
        p.subject = p.subject.saturating_sub(empty);
        p.reference = p.reference.saturating_sub(empty);
        row(&format!("growth: {what}, 16,000 / 4,000"), &p, "linear: 4");
        Ok(())
    }
}

fn row(name: &str, pair: &Pair, target: &str) {
    let ratio = pair.subject.as_secs_f64() / pair.reference.as_secs_f64().max(1e-9);
    println!(
        "{name:<34} {:>10} {:>10} {ratio:>8.2}  {target}",
        show(pair.subject),
        show(pair.reference)
    );
}

fn show(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

//! What the test programs of the command line share: starting the tool with its
//! own cache, a time limit, and a place for files of the test.

// Each test crate uses its own part of this module.
#![allow(dead_code)]

pub mod blocks;
pub mod client;
pub mod compiled;
pub mod desk;
pub mod header;
pub mod server;
pub mod serving;

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// No run of the tool may take longer; one that does is killed and has failed.
const LIMIT: Duration = Duration::from_secs(50);

/// A directory that is removed when the value is dropped.
pub struct TempDir(PathBuf);

impl TempDir {
    pub fn new(label: &str) -> TempDir {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("vera-{label}-{}-{n}", std::process::id()));
        std::fs::create_dir_all(&path).expect("the temp directory can be written");
        TempDir(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file below the directory and returns its path.
    pub fn file(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().expect("a file has a directory")).expect("mkdir");
        std::fs::write(&path, contents).expect("the temp directory can be written");
        path
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The repository's root, where `examples` and `tests` are.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("two levels up").to_path_buf()
}

/// Where `setup` puts tools of others that tests use.
pub fn tools() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache");
    cache.unwrap_or_else(home).join("vera-tools")
}

/// What one run of the tool left behind.
#[derive(Debug)]
pub struct Outcome {
    /// `None` when the process was ended by a signal or by the time limit.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    /// The tool neither died nor ran into one of its own checks.
    pub fn clean(&self) -> Result<(), String> {
        if self.code.is_none() {
            return Err(format!("the tool was killed (signal or time limit)\n{}", self.stderr));
        }
        if self.stderr.contains("panicked at") || self.stderr.contains("RUST_BACKTRACE") {
            return Err(format!("the tool panicked\n{}", self.stderr));
        }
        Ok(())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("not JSON: {error}\n{}\n{}", self.stdout, self.stderr))
    }
}

/// One run of the tool, to be configured and started.
pub struct Vera {
    command: Command,
    stdin: Vec<u8>,
    /// The input does not end.
    stdin_stays: bool,
    /// A file whose appearance is answered with an interrupt.
    interrupt_at: Option<PathBuf>,
}

/// The tool with these arguments.
pub fn vera<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Vera {
    static CACHE: OnceLock<TempDir> = OnceLock::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_vera"));
    command.args(args);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VERA_")) {
        command.env_remove(name);
    }
    command.env("VERA_CACHE_DIR", CACHE.get_or_init(|| TempDir::new("cache")).path());
    Vera { command, stdin: Vec::new(), stdin_stays: false, interrupt_at: None }
}

impl Vera {
    pub fn env(mut self, name: &str, value: &str) -> Vera {
        self.command.env(name, value);
        self
    }

    pub fn dir(mut self, path: &Path) -> Vera {
        self.command.current_dir(path);
        self
    }

    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Vera {
        self.stdin = bytes.into();
        self
    }

    /// More input may always come, and none does.
    pub fn waiting_stdin(mut self) -> Vera {
        self.stdin_stays = true;
        self
    }

    /// Sends SIGINT once this file is there.
    pub fn interrupt_at(mut self, file: PathBuf) -> Vera {
        self.interrupt_at = Some(file);
        self
    }

    /// Runs with nobody reading its standard output; returns the exit code and
    /// the standard error.
    pub fn run_with_closed_stdout(mut self) -> (Option<i32>, String) {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        self.command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped());
        let child = self.command.spawn().expect("the tool starts");
        drop(self.command); // and with it our copy of the pipe's other end
        let output = child.wait_with_output().expect("wait");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Runs to the end and collects both streams.
    pub fn run(mut self) -> Outcome {
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the tool starts");
        let mut stdin = child.stdin.take().expect("piped");
        let mut stdout = child.stdout.take().expect("piped");
        let mut stderr = child.stderr.take().expect("piped");
        let input = std::mem::take(&mut self.stdin);
        std::thread::scope(|scope| {
            // A tool that does not read its input closes the pipe: not our error.
            let stays = self.stdin_stays;
            let fed = scope.spawn(move || {
                _ = stdin.write_all(&input);
                stays.then_some(stdin)
            });
            let out = scope.spawn(move || slurp(&mut stdout));
            let err = scope.spawn(move || slurp(&mut stderr));
            let started = Instant::now();
            let code = loop {
                match child.try_wait().expect("wait") {
                    Some(status) => break status.code(),
                    None if started.elapsed() > LIMIT => {
                        let _ = child.kill();
                        let _ = child.wait();
                        break None;
                    }
                    None => std::thread::sleep(Duration::from_millis(1)),
                }
                if self.interrupt_at.take_if(|file| file.exists()).is_some() {
                    let id = child.id().to_string();
                    let sent = Command::new("kill").args(["-INT", &id]).status();
                    assert!(sent.is_ok_and(|status| status.success()), "kill works");
                }
            };
            drop(fed.join());
            Outcome {
                code,
                stdout: out.join().expect("reader"),
                stderr: err.join().expect("reader"),
            }
        })
    }
}

fn slurp(from: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    let _ = from.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The `.vera` files directly inside `dir`, sorted by name.
pub fn programs(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(dir)
        .unwrap_or_else(|error| panic!("{}: {error}", dir.display()))
        .map(|entry| entry.expect("a readable directory").path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "vera"))
        .collect();
    found.sort();
    found
}

/// Calls `test` for each item on all cores and returns what failed, in the order of the items.
pub fn in_parallel<T: Sync, R: Send>(items: &[T], test: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let mut results: Vec<(usize, R)> = std::thread::scope(|scope| {
        let worker = || {
            let mut mine = Vec::new();
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(i) else { return mine };
                mine.push((i, test(item)));
            }
        };
        let handles: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        handles.into_iter().flat_map(|h| h.join().expect("a worker ends")).collect()
    });
    results.sort_by_key(|(i, _)| *i);
    results.into_iter().map(|(_, result)| result).collect()
}

/// A short account of where two texts part.
pub fn difference(what: &str, expected: &str, actual: &str) -> Option<String> {
    (expected != actual)
        .then(|| format!("{what}\n    expected {expected:?}\n    actual   {actual:?}"))
}

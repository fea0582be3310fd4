//! The cache of native code only ever costs or saves time.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::compile;
use vera_host::{CacheDir, Host, Io, Outcome, RunOptions, Value};

/// A directory that is removed in the end.
struct Temporary(PathBuf);

impl Temporary {
    fn new(name: &str) -> Temporary {
        let dir = std::env::temp_dir().join(format!("vera-host-{name}-{}", std::process::id()));
        fs::create_dir_all(&dir).expect("a directory");
        Temporary(dir)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

fn fib(cache: CacheDir) -> Outcome {
    let host = Host::new(&cache).expect("an engine");
    let module = host.load(&compile(include_str!("programs/fib.mir"))).expect("a valid module");
    let args = [Value::Int(10)];
    let run = host.run(&module, "fib", &args, &mut Io::null(), &RunOptions::default());
    run.expect("a run").outcome
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir.join("native")) else { return Vec::new() };
    entries.map(|e| e.expect("readable").path()).collect()
}

const EXPECTED: Outcome = Outcome::Returned(Value::Int(55));

#[test]
fn the_second_run_finds_the_first_ones_code() {
    let dir = Temporary::new("twice");
    assert_eq!(fib(CacheDir::At(dir.0.clone())), EXPECTED);
    let after_first = entries(&dir.0);
    assert_eq!(after_first.len(), 1);
    assert_eq!(fib(CacheDir::At(dir.0.clone())), EXPECTED);
    assert_eq!(entries(&dir.0), after_first);
}

#[test]
fn a_damaged_entry_is_replaced() {
    let dir = Temporary::new("damaged");
    fib(CacheDir::At(dir.0.clone()));
    let entry = entries(&dir.0).remove(0);
    let good = fs::read(&entry).expect("readable");
    for damaged in [&b""[..], b"something else", &good[..good.len() / 2], &good[..64]] {
        fs::write(&entry, damaged).expect("writable");
        assert_eq!(fib(CacheDir::At(dir.0.clone())), EXPECTED);
        assert_eq!(fs::read(&entry).expect("readable").len(), good.len());
    }
}

#[test]
fn an_unusable_directory_is_no_cache() {
    let dir = Temporary::new("unusable");
    let file = dir.0.join("file");
    fs::write(&file, "").expect("writable");
    assert_eq!(fib(CacheDir::At(file)), EXPECTED);
}

#[test]
fn many_at_once() {
    let dir = Temporary::new("concurrent");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(fib(CacheDir::At(dir.0.clone())), EXPECTED));
        }
    });
    assert_eq!(entries(&dir.0).len(), 1);
}

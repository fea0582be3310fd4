//! The cache of native code only ever costs or saves time.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::compile;
use vera_host::{CacheDir, Host, Io, Outcome, RunOptions, Store, Value};

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
    let run = host.run(&module, "fib", args.to_vec(), &mut Io::null(), &RunOptions::default());
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

/// The engine believes what it maps, so no byte may have changed.
#[test]
fn a_flipped_bit_is_a_miss() {
    let dir = Temporary::new("flipped");
    fib(CacheDir::At(dir.0.clone()));
    let entry = entries(&dir.0).remove(0);
    let good = fs::read(&entry).expect("readable");
    for at in (0..good.len()).step_by(good.len() / 40) {
        let mut damaged = good.clone();
        damaged[at] ^= 1 << (at % 8);
        fs::write(&entry, &damaged).expect("writable");
        assert_eq!(fib(CacheDir::At(dir.0.clone())), EXPECTED);
        assert_ne!(fs::read(&entry).expect("readable"), damaged, "byte {at}");
    }
}

#[test]
fn an_entry_of_another_name_or_key_is_a_miss() {
    let dir = Temporary::new("foreign");
    let store = || Store::open(&CacheDir::At(dir.0.clone()), "native").expect("a store");
    store().put("a", b"contents", true);
    assert_eq!(store().get("a").as_deref(), Some(&b"contents"[..]));
    fs::copy(store().dir().join("a"), store().dir().join("b")).expect("copied");
    assert_eq!(store().get("b"), None);
    fs::write(dir.0.join("key"), b"too short").expect("writable");
    assert!(Store::open(&CacheDir::At(dir.0.clone()), "native").is_none());
    assert_eq!(store().get("a"), None);
    store().put("a", b"others", false);
    assert_eq!(store().get("a").as_deref(), Some(&b"others"[..]));
}

#[cfg(unix)]
#[test]
fn what_others_could_write_is_not_believed() {
    use std::os::unix::fs::PermissionsExt;
    let rights = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("ours");
    };
    let dir = Temporary::new("rights");
    let open = || Store::open(&CacheDir::At(dir.0.clone()), "native");
    let store = open().expect("a store");
    store.put("a", b"contents", true);
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&store.dir().join("a")), 0o600);
    assert_eq!(mode(&dir.0.join("key")), 0o600);
    rights(&store.dir().join("a"), 0o620);
    assert_eq!(store.get("a"), None);
    rights(&store.dir().join("a"), 0o640);
    assert!(store.get("a").is_some());
    // A key that others could read is replaced, and with it what it was for.
    rights(&dir.0.join("key"), 0o640);
    assert!(open().is_none());
    assert_eq!(open().expect("a store").get("a"), None);
    assert_eq!(mode(&dir.0.join("key")), 0o600);
    rights(&dir.0, 0o777);
    assert!(open().is_none());
    assert_eq!(fib(CacheDir::At(dir.0.clone())), EXPECTED);
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

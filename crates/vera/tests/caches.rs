//! What earlier runs left is used only where it is what they left.
#![cfg(unix)]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use common::{Outcome, TempDir, vera};

const PROGRAM: &str = "\
private fn work(@Nat, @Int -> @Int)
  requires(@Int.0 >= 0 && @Int.0 < 1000003)
  ensures(@Int.result >= 0)
  decreases(@Nat.0)
  effects(pure)
{
  if @Nat.0 == 0 then {
    @Int.0
  } else {
    work(@Nat.0 - 1, (@Int.0 * 31 + nat_to_int(@Nat.0 % 1000)) % 1000003)
  }
}

public fn main(@Unit -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  work(1000, 7)
}
";

struct Cached(TempDir);

impl Cached {
    fn new() -> Cached {
        let dir = TempDir::new("caches");
        dir.file("f.vera", PROGRAM);
        Cached(dir)
    }

    fn vera(&self, command: &str) -> Outcome {
        let cache = self.cache();
        let cache = cache.to_str().expect("a path that is text");
        vera([command, "f.vera"]).env("VERA_CACHE_DIR", cache).dir(self.0.path()).run()
    }

    fn cache(&self) -> PathBuf {
        self.0.path().join("cache")
    }

    /// The files of one kind, in order.
    fn files(&self, kind: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        collect(&self.cache().join(kind), &mut found);
        found.sort();
        found
    }
}

fn collect(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a directory").flatten() {
        if entry.path().is_dir() { collect(&entry.path(), found) } else { found.push(entry.path()) }
    }
}

#[test]
fn native_code_with_a_flipped_bit_is_compiled_again() {
    let cached = Cached::new();
    let first = cached.vera("run");
    let files = cached.files("native");
    let [file] = files.as_slice() else { panic!("one module is stored") };
    let good = fs::read(file).expect("readable");
    for at in [0, 31, 32, good.len() / 3, good.len() / 2, good.len() - 1] {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        fs::write(file, bad).expect("writable");
        let again = cached.vera("run");
        assert_eq!((&again.stdout, again.code), (&first.stdout, first.code), "byte {at}");
    }
}

#[test]
fn answers_of_other_queries_are_not_taken() {
    let cached = Cached::new();
    let first = cached.vera("verify");
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    let files = cached.files("proofs");
    assert!(files.len() > 1, "several answers are stored");
    // Each file is given the contents of the next.
    let contents: Vec<Vec<u8>> =
        files.iter().map(|file| fs::read(file).expect("readable")).collect();
    for (file, other) in files.iter().zip(contents.iter().cycle().skip(1)) {
        fs::write(file, other).expect("writable");
    }
    let again = cached.vera("verify");
    assert_eq!((&again.stdout, &again.stderr), (&first.stdout, &first.stderr));
    // They were asked anew, and stored.
    let now: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).expect("readable")).collect();
    assert_eq!(now, contents);
}

#[test]
fn a_cache_that_others_may_write_to_is_not_used() {
    let cached = Cached::new();
    fs::create_dir(cached.cache()).expect("a new directory");
    fs::set_permissions(cached.cache(), fs::Permissions::from_mode(0o777)).expect("ours");
    assert_eq!(cached.vera("run").code, Some(0));
    assert_eq!(fs::read_dir(cached.cache()).expect("a directory").count(), 0);
}

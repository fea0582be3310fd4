//! The cache of native code on disk.
//!
//! An entry is a file named after a hash of all it depends on. It is written
//! under a temporary name and renamed, so that concurrent readers and writers
//! see whole files only. Whatever goes wrong with the cache is ignored: it can
//! only cost time.

use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

/// Where native code is kept.
#[derive(Clone, Debug, Default)]
pub enum CacheDir {
    /// `$VERA_CACHE_DIR`, else `$XDG_CACHE_HOME/vera`, else `~/.cache/vera`.
    #[default]
    Default,
    At(PathBuf),
    /// Nowhere.
    Off,
}

/// Entries not used for this long are removed.
const MAX_AGE: Duration = Duration::from_secs(30 * 24 * 3600);

/// How often entries are looked through for old ones, in stores.
const SWEEP_EVERY: u8 = 64;

/// An opened cache directory.
#[derive(Clone, Debug)]
pub struct Cache {
    dir: PathBuf,
}

impl Cache {
    pub fn open(dir: &CacheDir) -> Option<Cache> {
        let dir = match dir {
            CacheDir::Off => return None,
            CacheDir::At(dir) => dir.clone(),
            CacheDir::Default => default_dir()?,
        };
        Some(Cache { dir: dir.join("native") })
    }

    /// The file of the entry for a module under an engine.
    pub fn file(&self, engine: &impl Hash, wasm: &[u8]) -> PathBuf {
        let mut hasher = ShaHasher(Sha256::new());
        engine.hash(&mut hasher);
        hasher.0.update(wasm);
        let digest = hasher.0.finalize();
        let name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        self.dir.join(name)
    }

    /// Stores an entry.
    pub fn store(&self, file: &Path, code: &[u8]) {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let unique = COUNT.fetch_add(1, Ordering::Relaxed);
        let temporary = file.with_extension(format!("{}-{unique}.tmp", std::process::id()));
        let written = fs::create_dir_all(&self.dir)
            .and_then(|()| fs::write(&temporary, code))
            .and_then(|()| fs::rename(&temporary, file));
        if written.is_err() {
            _ = fs::remove_file(&temporary);
        }
        // The name is a hash, so this is a die with as many sides.
        let name = file.file_name().map_or(&[][..], |n| n.as_encoded_bytes());
        if name.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)) % SWEEP_EVERY == 0 {
            self.sweep();
        }
    }

    /// Marks an entry as used.
    pub fn touch(&self, file: &Path) {
        // A precision of a day is enough, and leaves the file alone mostly.
        let now = SystemTime::now();
        let old = fs::metadata(file).and_then(|m| m.modified());
        let age = old.ok().and_then(|old| now.duration_since(old).ok());
        if age.is_some_and(|age| age > Duration::from_secs(24 * 3600)) {
            _ = fs::File::options().append(true).open(file).and_then(|f| f.set_modified(now));
        }
    }

    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.dir) else { return };
        let now = SystemTime::now();
        for entry in entries.flatten() {
            let modified = entry.metadata().and_then(|m| m.modified());
            let age = modified.ok().and_then(|then| now.duration_since(then).ok());
            if age.is_some_and(|age| age > MAX_AGE) {
                _ = fs::remove_file(entry.path());
            }
        }
    }
}

fn default_dir() -> Option<PathBuf> {
    let var = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    var("VERA_CACHE_DIR")
        .or_else(|| Some(var("XDG_CACHE_HOME")?.join("vera")))
        .or_else(|| Some(var("HOME")?.join(".cache/vera")))
}

/// Feeds `Hash` implementations into a digest.
struct ShaHasher(Sha256);

impl Hasher for ShaHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        unreachable!("the digest is taken from the inner value")
    }
}

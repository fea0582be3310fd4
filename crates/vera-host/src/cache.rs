//! The cache of native code on disk.
//!
//! An entry is named after a hash of all it depends on.

use std::fs;
use std::hash::{Hash, Hasher};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use crate::store::{CacheDir, Store};

/// Entries not used for this long are removed.
const MAX_AGE: Duration = Duration::from_secs(30 * 24 * 3600);

/// How often entries are looked through for old ones, in stores.
const SWEEP_EVERY: u8 = 64;

/// Native code of earlier runs.
#[derive(Clone, Debug)]
pub struct Cache {
    store: Store,
}

impl Cache {
    pub fn open(dir: &CacheDir) -> Option<Cache> {
        Some(Cache { store: Store::open(dir, "native")? })
    }

    /// The name of the entry for a module under an engine.
    pub fn name(&self, engine: &impl Hash, wasm: &[u8]) -> String {
        let mut hasher = ShaHasher(Sha256::new());
        engine.hash(&mut hasher);
        hasher.0.update(wasm);
        hasher.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The code stored under a name, marked as used.
    pub fn get(&self, name: &str) -> Option<Vec<u8>> {
        let code = self.store.get(name)?;
        self.touch(name);
        Some(code)
    }

    /// Stores an entry.
    pub fn put(&self, name: &str, code: &[u8]) {
        self.store.put(name, code, true);
        // The name is a hash, so this is a die with as many sides.
        if name.bytes().fold(0u8, u8::wrapping_add) % SWEEP_EVERY == 0 {
            self.sweep();
        }
    }

    fn touch(&self, name: &str) {
        // A precision of a day is enough, and leaves the file alone mostly.
        let file = self.store.dir().join(name);
        let now = SystemTime::now();
        let old = fs::metadata(&file).and_then(|m| m.modified());
        let age = old.ok().and_then(|old| now.duration_since(old).ok());
        if age.is_some_and(|age| age > Duration::from_secs(24 * 3600)) {
            _ = fs::File::options().append(true).open(file).and_then(|f| f.set_modified(now));
        }
    }

    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(self.store.dir()) else { return };
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

//! The store of proof results on disk: one small file for each answer, named by the
//! hash of everything it depends on.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::UNIX_EPOCH;

use vera_host::{CacheDir, Store};
use vera_verify::{Cache, NoCache};

/// When more entries than this are found, the older half is removed.
const MAX_ENTRIES: usize = 50_000;

/// Answers of earlier runs. Several processes may share them.
pub(crate) struct Proofs {
    store: Store,
    written: AtomicU32,
}

/// Runs `prove` with the stored answers, or with none, and keeps the store below
/// its upper size afterwards.
pub(crate) fn with_answers<T>(stored: bool, prove: impl FnOnce(&dyn Cache) -> T) -> T {
    let Some(proofs) = stored.then(Proofs::open).flatten() else { return prove(&NoCache) };
    let proved = prove(&proofs);
    proofs.trim();
    proved
}

/// A name for this build of the tool, for what depends on its code.
pub(crate) fn build() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let stamp = std::env::current_exe().and_then(std::fs::metadata).ok().map(|meta| {
        let written = meta.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok());
        format!("{} {:?}", meta.len(), written)
    });
    format!("{version} {stamp:?}")
}

impl Proofs {
    /// The store, or `None` where there is no place for it.
    fn open() -> Option<Proofs> {
        let store = Store::open(&CacheDir::Default, "proofs")?;
        Some(Proofs { store, written: AtomicU32::new(0) })
    }

    /// Keeps the store below its upper size. Called after writing.
    fn trim(&self) {
        if self.written.load(Ordering::Relaxed) == 0 {
            return;
        }
        // Entries spread evenly, so one directory tells the size of all.
        let sample = self.store.dir().join("00");
        if entries(&sample).len() * 256 <= MAX_ENTRIES {
            return;
        }
        for shard in entries(self.store.dir()) {
            let mut files: Vec<_> = entries(&shard)
                .into_iter()
                .filter_map(|f| Some((f.metadata().ok()?.modified().ok()?, f)))
                .collect();
            files.sort();
            let half = files.len() / 2;
            for (_, file) in files.into_iter().take(half) {
                // Another process may have removed it.
                let _ = std::fs::remove_file(file);
            }
        }
    }
}

/// `ab/cdef…`: directories stay small.
fn name(key: &str) -> String {
    let (shard, rest) = key.split_at_checked(2).unwrap_or(("", key));
    format!("{shard}/{rest}")
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let Ok(read) = std::fs::read_dir(dir) else { return Vec::new() };
    read.filter_map(|entry| Some(entry.ok()?.path())).collect()
}

impl Cache for Proofs {
    fn get(&self, key: &str) -> Option<String> {
        String::from_utf8(self.store.get(&name(key))?).ok()
    }

    fn put(&self, key: &str, value: &str) {
        self.written.fetch_add(1, Ordering::Relaxed);
        self.store.put(&name(key), value.as_bytes(), false);
    }
}

//! What earlier runs left on disk: native code, answers of a solver.
//!
//! Nothing that is found there is believed as it is. Every entry carries a code over its
//! name and contents, keyed with a secret of the user (HMAC with SHA-256, RFC 2104),
//! so that an entry that is damaged, cut off, moved or written by somebody else is none.
//! Directories and files have to belong to the user and be writable by nobody else, the
//! key readable by nobody else, as OpenSSH asks of its own. Entries appear whole, by
//! renaming. Whatever goes wrong is ignored: it can only cost time.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use sha2::{Digest, Sha256};

/// Where earlier results are kept.
#[derive(Clone, Debug, Default)]
pub enum CacheDir {
    /// `$VERA_CACHE_DIR`, else `$XDG_CACHE_HOME/vera`, else `~/.cache/vera`.
    #[default]
    Default,
    At(PathBuf),
    /// Nowhere.
    Off,
}

/// Bytes of the secret, and of the code in front of an entry's contents.
const KEY: usize = 32;

/// One kind of results in a cache directory.
#[derive(Clone)]
pub struct Store {
    dir: PathBuf,
    key: [u8; KEY],
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("dir", &self.dir).finish_non_exhaustive()
    }
}

impl Store {
    /// The store of this name; `None` where there is no directory or key to trust.
    pub fn open(root: &CacheDir, name: &str) -> Option<Store> {
        let root = match root {
            CacheDir::Off => return None,
            CacheDir::At(dir) => private_dir(dir)?,
            CacheDir::Default => default_dir()?,
        };
        let dir = root.join(name);
        access::close(&dir);
        let dir = private_dir(&dir)?;
        let key = key(&root.join("key"))?;
        Some(Store { dir, key })
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The contents of an entry, if it is what was stored under this name.
    pub fn get(&self, entry: &str) -> Option<Vec<u8>> {
        let mut file = File::open(self.dir.join(entry)).ok()?;
        let metadata = file.metadata().ok()?;
        if !metadata.is_file() || !is_trusted(&metadata, access::OTHERS_WRITE) {
            return None;
        }
        let mut code = [0; KEY];
        file.read_exact(&mut code).ok()?;
        let mut contents = Vec::with_capacity(metadata.len().saturating_sub(KEY as u64) as usize);
        file.read_to_end(&mut contents).ok()?;
        (self.code(entry, &contents) == code).then_some(contents)
    }

    /// Stores an entry. With `lasting`, it is on the disk before it has its name;
    /// without, a crash of the system can leave one that is none, which costs less
    /// where entries are small and many.
    pub fn put(&self, entry: &str, contents: &[u8], lasting: bool) {
        let apart = self.dir.join(unique());
        let place = self.dir.join(entry);
        let write = || -> std::io::Result<()> {
            if let Some(dir) = place.parent() {
                access::create_dir(dir)?;
            }
            let mut file = access::create_file(&apart)?;
            file.write_all(&self.code(entry, contents))?;
            file.write_all(contents)?;
            if lasting {
                file.sync_all()?;
            }
            drop(file);
            fs::rename(&apart, &place)
        };
        if write().is_err() {
            _ = fs::remove_file(&apart);
        }
    }

    fn code(&self, entry: &str, contents: &[u8]) -> [u8; KEY] {
        // No name holds a zero byte, so name and contents are told apart.
        hmac(&self.key, &[entry.as_bytes(), b"\0", contents])
    }
}

/// HMAC with SHA-256 under a key shorter than a block.
fn hmac(key: &[u8; KEY], parts: &[&[u8]]) -> [u8; KEY] {
    const BLOCK: usize = 64;
    let padded = |pad: u8| {
        let mut block = [pad; BLOCK];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let mut inner = Sha256::new_with_prefix(padded(0x36));
    parts.iter().for_each(|part| inner.update(part));
    let mut outer = Sha256::new_with_prefix(padded(0x5c));
    outer.update(inner.finalize());
    outer.finalize().into()
}

fn default_dir() -> Option<PathBuf> {
    let var = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    if let Some(dir) = var("VERA_CACHE_DIR") {
        return private_dir(&dir);
    }
    let dir = match var("XDG_CACHE_HOME") {
        Some(dir) => dir.join("vera"),
        None => var("HOME")?.join(".cache/vera"),
    };
    // It is nobody's but ours, whatever rights it was once made with.
    access::close(&dir);
    private_dir(&dir)
}

/// The directory, made if need be; `None` when others could write to it.
fn private_dir(dir: &Path) -> Option<PathBuf> {
    access::create_dir(dir).ok()?;
    let metadata = fs::metadata(dir).ok()?;
    let fits = metadata.is_dir() && is_trusted(&metadata, access::OTHERS_WRITE);
    fits.then(|| dir.to_owned())
}

fn is_trusted(metadata: &fs::Metadata, forbidden: u32) -> bool {
    access::is_own(metadata) && access::mode(metadata) & forbidden == 0
}

/// The user's secret, made at the first use.
fn key(file: &Path) -> Option<[u8; KEY]> {
    if let Some(key) = read_key(file) {
        return Some(key);
    }
    let apart = file.with_extension(unique());
    let make = || -> std::io::Result<()> {
        let mut secret = [0; KEY];
        access::random(&mut secret)?;
        let mut made = access::create_file(&apart)?;
        made.write_all(&secret)?;
        made.sync_all()?;
        // Unlike renaming this keeps the key that somebody else made meanwhile.
        fs::hard_link(&apart, file)
    };
    _ = make();
    _ = fs::remove_file(&apart);
    if let Some(key) = read_key(file) {
        return Some(key);
    }
    // A file of ours that is no key goes, and the next run makes one.
    if fs::symlink_metadata(file).is_ok_and(|m| access::is_own(&m)) {
        _ = fs::remove_file(file);
    }
    None
}

/// A name that no other file is given.
fn unique() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{}-{}.tmp", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

fn read_key(file: &Path) -> Option<[u8; KEY]> {
    if !fs::symlink_metadata(file).ok()?.is_file() {
        return None;
    }
    let mut opened = File::open(file).ok()?;
    let metadata = opened.metadata().ok()?;
    if metadata.len() != KEY as u64 || !is_trusted(&metadata, access::OTHERS_ANY) {
        return None;
    }
    let mut key = [0; KEY];
    opened.read_exact(&mut key).ok()?;
    Some(key)
}

/// Owners and rights of files.
#[cfg(unix)]
mod access {
    use std::fs::{DirBuilder, File, Metadata, OpenOptions, Permissions};
    use std::io::{Read, Result};
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
    use std::path::Path;

    pub const OTHERS_WRITE: u32 = 0o022;
    pub const OTHERS_ANY: u32 = 0o077;

    pub fn is_own(metadata: &Metadata) -> bool {
        metadata.uid() == rustix::process::geteuid().as_raw()
    }

    pub fn mode(metadata: &Metadata) -> u32 {
        metadata.mode()
    }

    pub fn create_dir(dir: &Path) -> Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)
    }

    pub fn create_file(file: &Path) -> Result<File> {
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)
    }

    /// Takes others the right to write to a directory of ours.
    pub fn close(dir: &Path) {
        if let Ok(metadata) = std::fs::symlink_metadata(dir)
            && metadata.is_dir()
            && is_own(&metadata)
            && metadata.mode() & OTHERS_WRITE != 0
        {
            _ = std::fs::set_permissions(dir, Permissions::from_mode(metadata.mode() & 0o755));
        }
    }

    pub fn random(bytes: &mut [u8]) -> Result<()> {
        File::open("/dev/urandom")?.read_exact(bytes)
    }
}

/// Without owners and rights, a directory of the user's is believed.
#[cfg(not(unix))]
mod access {
    use std::collections::hash_map::RandomState;
    use std::fs::{File, Metadata, OpenOptions};
    use std::hash::{BuildHasher, Hasher};
    use std::io::Result;
    use std::path::Path;

    pub const OTHERS_WRITE: u32 = 0;
    pub const OTHERS_ANY: u32 = 0;

    pub fn is_own(_: &Metadata) -> bool {
        true
    }

    pub fn mode(_: &Metadata) -> u32 {
        0
    }

    pub fn create_dir(dir: &Path) -> Result<()> {
        std::fs::create_dir_all(dir)
    }

    pub fn create_file(file: &Path) -> Result<File> {
        OpenOptions::new().write(true).create_new(true).open(file)
    }

    pub fn close(_: &Path) {}

    pub fn random(bytes: &mut [u8]) -> Result<()> {
        for word in bytes.chunks_mut(8) {
            let random = RandomState::new().build_hasher().finish().to_le_bytes();
            word.copy_from_slice(&random[..word.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 1 with its key filled up to 32 bytes by zeros, as HMAC does.
    #[test]
    fn hmac_as_published() {
        let mut key = [0; KEY];
        key[..20].fill(0x0b);
        let code: String = hmac(&key, &[b"Hi ", b"There"]).map(|b| format!("{b:02x}")).concat();
        assert_eq!(code, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    }
}

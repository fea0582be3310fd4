//! Which files a program reaches, and how.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};

/// The files that paths of a program may lead to.
#[derive(Clone)]
pub enum Files {
    All,
    /// Those in these directories and below. The directories are open, and paths are
    /// resolved beneath them by the system: a link that is exchanged meanwhile leads
    /// nowhere else.
    Within(Vec<Root>),
}

/// A directory that a program may use.
#[derive(Clone)]
pub struct Root {
    /// Where it is, links followed.
    path: PathBuf,
    dir: Arc<Dir>,
}

impl Files {
    /// The files in these directories and below; the first that is none is the error.
    pub fn within(dirs: &[String]) -> Result<Files, String> {
        let open = |dir: &String| {
            let path = std::fs::canonicalize(dir).ok().filter(|path| path.is_dir());
            let path = path.ok_or_else(|| dir.clone())?;
            let opened = Dir::open_ambient_dir(&path, ambient_authority());
            let opened = opened.map_err(|_| dir.clone())?;
            Ok(Root { path, dir: Arc::new(opened) })
        };
        dirs.iter().map(open).collect::<Result<_, String>>().map(Files::Within)
    }

    /// No files at all.
    pub fn none() -> Files {
        Files::Within(Vec::new())
    }

    fn place<'f>(&'f self, path: &'f Path) -> io::Result<Place<'f>> {
        let Files::Within(roots) = self else { return Ok(Place::Anywhere(path)) };
        let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
        let place = resolve(path).ok_or_else(denied)?;
        let beneath = roots.iter().find_map(|root| {
            let rest = place.strip_prefix(&root.path).ok()?;
            let rest = if rest.as_os_str().is_empty() { Path::new(".") } else { rest };
            Some(Place::Beneath(&root.dir, rest.to_owned()))
        });
        beneath.ok_or_else(denied)
    }

    pub fn open(&self, path: &Path) -> io::Result<File> {
        match self.place(path)? {
            Place::Anywhere(path) => File::open(path),
            Place::Beneath(dir, path) => Ok(dir.open(path)?.into_std()),
        }
    }

    /// Opens a file to write: emptied, or to be made longer.
    pub fn create(&self, path: &Path, append: bool) -> io::Result<File> {
        match self.place(path)? {
            Place::Anywhere(path) => {
                let mut options = std::fs::OpenOptions::new();
                options.write(true).create(true).append(append).truncate(!append).open(path)
            }
            Place::Beneath(dir, path) => {
                let mut options = OpenOptions::new();
                options.write(true).create(true).append(append).truncate(!append);
                Ok(dir.open_with(path, &options)?.into_std())
            }
        }
    }

    /// The names in a directory, sorted.
    pub fn list(&self, path: &Path) -> io::Result<Vec<OsString>> {
        let mut names: Vec<OsString> = match self.place(path)? {
            Place::Anywhere(path) => std::fs::read_dir(path)?
                .map(|entry| entry.map(|entry| entry.file_name()))
                .collect::<io::Result<_>>()?,
            Place::Beneath(dir, path) => dir
                .read_dir(path)?
                .map(|entry| entry.map(|entry| entry.file_name()))
                .collect::<io::Result<_>>()?,
        };
        names.sort();
        Ok(names)
    }

    /// Whether there is a directory, and how many bytes a file has.
    pub fn look(&self, path: &Path) -> io::Result<(bool, u64)> {
        match self.place(path)? {
            Place::Anywhere(path) => {
                let found = std::fs::metadata(path)?;
                Ok((found.is_dir(), found.len()))
            }
            Place::Beneath(dir, path) => {
                let found = dir.metadata(path)?;
                Ok((found.is_dir(), found.len()))
            }
        }
    }

    /// Deletes a file, a link, or an empty directory.
    pub fn delete(&self, path: &Path) -> io::Result<()> {
        match self.place_of_entry(path)? {
            OwnedPlace::Anywhere(path) => match std::fs::symlink_metadata(&path)?.is_dir() {
                true => std::fs::remove_dir(path),
                false => std::fs::remove_file(path),
            },
            OwnedPlace::Beneath(dir, path) => match dir.symlink_metadata(&path)?.is_dir() {
                true => dir.remove_dir(path),
                false => dir.remove_file(path),
            },
        }
    }

    pub fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        match (self.place_of_entry(from)?, self.place_of_entry(to)?) {
            (OwnedPlace::Beneath(a, from), OwnedPlace::Beneath(b, to)) => a.rename(from, &b, to),
            _ => std::fs::rename(from, to),
        }
    }

    /// Makes a directory and those around it that are missing.
    pub fn create_dir(&self, path: &Path) -> io::Result<()> {
        match self.place(path)? {
            Place::Anywhere(path) => std::fs::create_dir_all(path),
            Place::Beneath(dir, path) => dir.create_dir_all(path),
        }
    }

    /// The place of the name itself: a link is not followed.
    fn place_of_entry(&self, path: &Path) -> io::Result<OwnedPlace> {
        let Files::Within(_) = self else { return Ok(OwnedPlace::Anywhere(path.to_owned())) };
        let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
        let name = path.file_name().ok_or_else(denied)?;
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty());
        match self.place(parent.unwrap_or(Path::new(".")))? {
            Place::Anywhere(_) => Err(denied()),
            Place::Beneath(dir, parent) => {
                Ok(OwnedPlace::Beneath(Arc::clone(dir), parent.join(name)))
            }
        }
    }
}

/// Where a path leads.
enum Place<'f> {
    Anywhere(&'f Path),
    Beneath(&'f Arc<Dir>, PathBuf),
}

enum OwnedPlace {
    Anywhere(PathBuf),
    Beneath(Arc<Dir>, PathBuf),
}

/// The place a path leads to, links followed; what does not exist yet is below what
/// does. `None` where that cannot be said: a link that leads nowhere, `..` after a
/// directory that does not exist.
pub(crate) fn resolve(path: &Path) -> Option<PathBuf> {
    let mut at = std::path::absolute(path).ok()?;
    let mut missing = Vec::new();
    loop {
        if let Ok(place) = std::fs::canonicalize(&at) {
            return Some(missing.iter().rev().fold(place, |place, part| place.join(part)));
        }
        if at.symlink_metadata().is_ok() {
            return None;
        }
        missing.push(at.file_name()?.to_owned());
        at = at.parent()?.to_owned();
    }
}

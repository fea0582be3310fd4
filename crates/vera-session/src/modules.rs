//! Imported modules as files: `a.b` is `a/b.vera`, beside the importing file, beside the
//! entry file, in the root of the project, or in that of a dependency called `a`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use smol_str::SmolStr;
use vera_check::{Loaded, Loader, Lookup};

use crate::files::{Files, ReadError, shown};
use crate::project::{ManifestError, Project, project_of};

/// Finds the modules of one program.
pub struct Modules<'f> {
    files: &'f dyn Files,
    entry_dir: PathBuf,
    /// Where the file that counts as the entry is, where that is another directory.
    own_dir: PathBuf,
    projects: HashMap<PathBuf, Result<Option<Project>, ManifestError>>,
}

impl<'f> Modules<'f> {
    /// The modules of the program whose entry file is in a directory.
    pub fn new(files: &'f dyn Files, entry_dir: &Path) -> Modules<'f> {
        Modules::of_module(files, entry_dir, entry_dir)
    }

    /// The modules that a module in `own_dir` reaches, as part of a program whose entry
    /// file is in `entry_dir`.
    pub fn of_module(files: &'f dyn Files, own_dir: &Path, entry_dir: &Path) -> Modules<'f> {
        Modules {
            files,
            entry_dir: entry_dir.to_owned(),
            own_dir: own_dir.to_owned(),
            projects: HashMap::new(),
        }
    }

    fn project(&mut self, dir: &Path) -> Result<Option<Project>, ManifestError> {
        let files = self.files;
        self.projects.entry(dir.to_owned()).or_insert_with(|| project_of(files, dir)).clone()
    }

    /// Where a module may be, the likeliest first, and whether all must agree.
    fn places(
        &mut self,
        importer: &Path,
        segments: &[SmolStr],
    ) -> Result<(Vec<PathBuf>, bool), ManifestError> {
        let relative = relative(segments);
        let mut places = vec![importer.join(&relative), self.entry_dir.join(&relative)];
        let Some(project) = self.project(importer)? else { return Ok((places, false)) };
        places.push(project.root.join(&relative));
        let named = |d: &&crate::Dependency| segments.first().is_some_and(|s| *s == d.name);
        if let Some(dependency) = project.dependencies.iter().find(named) {
            let rest = if segments.len() > 1 { &segments[1..] } else { segments };
            let root = match self.project(&dependency.dir)? {
                Some(other) => other.root,
                None => dependency.dir.clone(),
            };
            places.push(root.join(self::relative(rest)));
        }
        Ok((places, true))
    }

    /// Where a module is that imports cannot name from the entry file.
    fn further_up(&self, relative: &Path) -> Lookup {
        let above = std::iter::successors(Some(above(&self.entry_dir)), |dir| Some(above(dir)));
        let is_there = |dir: &PathBuf| self.files.is_file(&dir.join(relative));
        match above.take(MAX_LEVELS).find(is_there) {
            Some(root) => Lookup::Elsewhere {
                file: shown(&root.join(relative)),
                root: root.to_string_lossy().into_owned(),
            },
            None => Lookup::Missing,
        }
    }

    fn read(&self, path: &Path) -> Lookup {
        match self.files.module(path) {
            Ok(module) => Lookup::Found(Loaded {
                key: self.files.identity(path).to_string_lossy().into_owned(),
                module,
            }),
            Err(ReadError::Missing) => Lookup::Missing,
            Err(ReadError::Other(reason)) => Lookup::Unreadable(reason),
        }
    }
}

impl Loader for Modules<'_> {
    fn load(&mut self, importer: Option<&str>, segments: &[SmolStr]) -> Lookup {
        let beside = importer.and_then(|key| Path::new(key).parent().map(Path::to_owned));
        let beside = beside.unwrap_or_else(|| self.own_dir.clone());
        let (places, agree) = match self.places(&beside, segments) {
            Ok(places) => places,
            Err(error) => return Lookup::NoManifest(error.to_string()),
        };
        let mut found: Vec<(PathBuf, PathBuf)> = Vec::new();
        for place in places {
            if self.files.is_file(&place) {
                let identity = self.files.identity(&place);
                if found.iter().all(|(_, known)| *known != identity) {
                    found.push((place, identity));
                }
            }
        }
        match &found[..] {
            [] => self.further_up(&relative(segments)),
            [_, _, ..] if agree => {
                Lookup::Ambiguous(found.iter().map(|(place, _)| shown(place)).collect())
            }
            [(place, _), ..] => self.read(place),
        }
    }
}

fn relative(segments: &[SmolStr]) -> PathBuf {
    let mut relative: PathBuf = segments.iter().map(SmolStr::as_str).collect();
    relative.set_extension("vera");
    relative
}

/// The directory above one, as it would be written.
fn above(dir: &Path) -> PathBuf {
    match (dir.file_name(), dir.parent()) {
        (Some(_), Some(parent)) if parent.as_os_str().is_empty() => PathBuf::from("."),
        (Some(_), Some(parent)) => parent.to_owned(),
        _ if dir == Path::new(".") => PathBuf::from(".."),
        _ => dir.join(".."),
    }
}

/// So many directories above that of the entry file are looked at for a hint.
const MAX_LEVELS: usize = 4;

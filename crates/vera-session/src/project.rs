//! Projects: a directory with a manifest, `vera.toml` (language reference, 11.10).

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::files::{Files, ReadError, shown};

/// The name of the manifest.
pub const MANIFEST: &str = "vera.toml";

/// What a manifest says, paths being resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// The directory of the manifest.
    pub dir: PathBuf,
    /// What dependants call it.
    pub name: String,
    pub version: Option<String>,
    /// Where modules are looked for, after the directories of the importing and of the
    /// entry file.
    pub root: PathBuf,
    /// What commands work on that are given no file.
    pub entries: Vec<PathBuf>,
    pub dependencies: Vec<Dependency>,
    pub prover: ProverSettings,
}

/// Another project that modules are imported from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The first segment of paths that lead there.
    pub name: String,
    /// The directory of its manifest.
    pub dir: PathBuf,
}

/// How a project is proved unless the command line says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProverSettings {
    /// The budget of a query, in milliseconds.
    pub timeout_ms: Option<u32>,
    /// Undecided obligations are errors: `true`, or `"all"` for those of overflow, too.
    pub strict: Option<Strict>,
}

/// The value of `strict`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Strict {
    Plain(bool),
    Named(StrictName),
}

/// The word of `strict`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StrictName {
    All,
}

/// Why a manifest is no manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestError {
    /// The manifest, as shown.
    pub file: String,
    /// What is wrong with it, with the line where there is one.
    pub reason: String,
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.reason)
    }
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    package: Package,
    #[serde(default)]
    dependencies: BTreeMap<String, Source>,
    #[serde(default)]
    prover: ProverSettings,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Package {
    name: String,
    version: Option<String>,
    root: Option<String>,
    #[serde(default)]
    entry: Entries,
}

/// One entry point or several.
#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Entries {
    #[default]
    None,
    One(String),
    Several(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    path: Option<String>,
    git: Option<String>,
    #[serde(rename = "rev")]
    _rev: Option<String>,
}

/// The project that a directory belongs to: that of the nearest manifest above. Without the
/// feature `manifests` there is none.
///
/// # Errors
/// The nearest manifest is none.
pub fn project_of(files: &dyn Files, dir: &Path) -> Result<Option<Project>, ManifestError> {
    if cfg!(not(feature = "manifests")) {
        return Ok(None);
    }
    let Some(path) = nearest(files, dir) else { return Ok(None) };
    let wrong = |reason: String| ManifestError { file: shown(&path), reason };
    let text = files.read(&path).map_err(|error| match error {
        ReadError::Missing => wrong("no such file".to_owned()),
        ReadError::Other(reason) => wrong(reason),
    })?;
    read(&path, &text).map(Some).map_err(wrong)
}

/// The manifest nearest above a directory. Directories that are given relative to the
/// current one lead up as far as they are absolute.
fn nearest(files: &dyn Files, dir: &Path) -> Option<PathBuf> {
    let written = dir.ancestors().map(|dir| dir.join(MANIFEST)).find(|path| files.is_file(path));
    written.or_else(|| {
        let absolute =
            files.identity(if dir.as_os_str().is_empty() { Path::new(".") } else { dir });
        absolute.ancestors().map(|dir| dir.join(MANIFEST)).find(|path| files.is_file(path))
    })
}

fn read(path: &Path, text: &str) -> Result<Project, String> {
    let manifest: Manifest = toml::from_str(text).map_err(|error| described(text, &error))?;
    let dir = path.parent().unwrap_or(Path::new("")).to_owned();
    let Manifest { package, dependencies, prover } = manifest;
    named(&package.name)?;
    let entries = match package.entry {
        Entries::None => Vec::new(),
        Entries::One(one) => vec![one],
        Entries::Several(several) => several,
    };
    let source = |(name, source): (String, Source)| {
        named(&name)?;
        match source {
            Source { path: Some(path), git: None, .. } => {
                Ok(Dependency { name, dir: dir.join(path) })
            }
            Source { git: Some(_), .. } => Err(format!(
                "dependency `{name}`: fetching from git is not part of this version; give `path`"
            )),
            Source { .. } => Err(format!("dependency `{name}`: `path` is missing")),
        }
    };
    Ok(Project {
        root: package.root.map_or_else(|| dir.clone(), |root| dir.join(root)),
        entries: entries.iter().map(|entry| dir.join(entry)).collect(),
        dependencies: dependencies.into_iter().map(source).collect::<Result<_, _>>()?,
        name: package.name,
        version: package.version,
        dir,
        prover,
    })
}

/// Whether a package can have a name, which is a segment of imports.
pub fn is_package_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn named(name: &str) -> Result<(), String> {
    let what = "a name begins with a lower-case letter and goes on with such, digits and `_`";
    if is_package_name(name) {
        Ok(())
    } else {
        Err(format!("`{name}` is no name of a package: {what}"))
    }
}

/// The error, with its line.
fn described(text: &str, error: &toml::de::Error) -> String {
    let what = error.message().trim_end();
    match error.span() {
        Some(span) => {
            let line = text[..span.start.min(text.len())].matches('\n').count() + 1;
            format!("line {line}: {what}")
        }
        None => what.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(text: &str) -> Result<Project, String> {
        read(Path::new("shop/vera.toml"), text)
    }

    #[test]
    fn paths_are_relative_to_the_manifest() {
        let project = project(
            "[package]\nname = \"shop\"\nroot = \"src\"\nentry = \"src/main.vera\"\n\n[dependencies]\ngeom = { path = \"../geom\" }\n\n[prover]\ntimeout-ms = 500\nstrict = \"all\"\n",
        )
        .unwrap();
        assert_eq!(project.dir, Path::new("shop"));
        assert_eq!(project.root, Path::new("shop/src"));
        assert_eq!(project.entries, [PathBuf::from("shop/src/main.vera")]);
        let geom = Dependency { name: "geom".to_owned(), dir: "shop/../geom".into() };
        assert_eq!(project.dependencies, [geom]);
        assert_eq!(project.prover.timeout_ms, Some(500));
        assert_eq!(project.prover.strict, Some(Strict::Named(StrictName::All)));
    }

    #[test]
    fn a_manifest_says_what_is_wrong_with_it() {
        let reason = |text| project(text).unwrap_err();
        assert!(reason("[package]\nname = \"a\"\nroots = \"x\"\n").starts_with("line 3: unknown"));
        assert!(reason("[package\n").starts_with("line 1: "));
        assert!(reason("").contains("missing field `package`"));
        assert!(reason("[package]\nname = \"My-App\"\n").starts_with("`My-App` is no name"));
        let git = "[package]\nname = \"a\"\n[dependencies]\nb = { git = \"https://e.org/b\" }\n";
        assert_eq!(
            reason(git),
            "dependency `b`: fetching from git is not part of this version; give `path`"
        );
    }
}

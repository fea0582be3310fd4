//! From pages to a site: the contents, the generator's run, the playground beside it.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Inputs;
use crate::pages::{Page, Part};

/// Files of `docs/book` that the generator reads.
const SETTINGS: &[&str] = &["book.toml", "vera.css"];

/// The generator: what `MDBOOK` names, the one that `setup` installs, or the path's.
pub fn mdbook() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    let cache = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
    let installed = cache.map(|cache| cache.join("vera-tools/mdbook/bin/mdbook"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|dir| dir.join("mdbook"));
    let all = variable("MDBOOK").into_iter().chain(installed).chain(on_path);
    all.into_iter().find(|file| file.is_file())
}

/// Makes the site in a directory, which is replaced.
///
/// # Errors
/// What could not be written, or what `mdbook` had to say.
pub fn make(inputs: &Inputs, pages: &[Page], out: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", out.display());
    std::fs::create_dir_all(out).map_err(failed)?;
    let out = out.canonicalize().map_err(failed)?;
    let mut name = out.file_name().ok_or("the site needs a directory of its own")?.to_owned();
    name.push(".src");
    let source = out.with_file_name(name);
    let made = write(inputs, pages, &source).and_then(|()| generate(&inputs.mdbook, &source, &out));
    let removed = std::fs::remove_dir_all(&source).map_err(failed);
    made.and(removed)?;
    match &inputs.playground {
        Some(playground) => copy(playground, &out.join("playground")),
        None => Ok(()),
    }
}

fn write(inputs: &Inputs, pages: &[Page], source: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", source.display());
    let src = source.join("src");
    std::fs::create_dir_all(&src).map_err(failed)?;
    for name in SETTINGS {
        std::fs::copy(inputs.root.join("docs/book").join(name), source.join(name))
            .map_err(failed)?;
    }
    for page in pages {
        let file = src.join(&page.path);
        std::fs::create_dir_all(file.parent().unwrap_or(&src)).map_err(failed)?;
        std::fs::write(file, &page.text).map_err(failed)?;
    }
    std::fs::write(src.join("SUMMARY.md"), summary(pages)).map_err(failed)
}

/// The contents, as the generator reads them.
fn summary(pages: &[Page]) -> String {
    let mut out = String::from("# Summary\n\n");
    let mut part = Part::Front;
    for page in pages {
        if page.part != part {
            part = page.part;
            if let Some(title) = part.title() {
                _ = writeln!(out, "\n# {title}\n");
            }
        }
        let bullet = if part == Part::Front { "" } else { "- " };
        _ = writeln!(out, "{bullet}[{}]({})", page.title, page.path);
    }
    out
}

/// Runs the generator; what it warns of is a fault of ours.
fn generate(mdbook: &Path, source: &Path, out: &Path) -> Result<(), String> {
    let run = Command::new(mdbook)
        .arg("build")
        .arg("--dest-dir")
        .arg(out)
        .arg(source)
        .output()
        .map_err(|error| format!("{}: {error}", mdbook.display()))?;
    let said = String::from_utf8_lossy(&run.stderr);
    match run.status.success() && !said.contains("WARN") && !said.contains("ERROR") {
        true => Ok(()),
        false => Err(format!("mdbook: {}\n{said}", run.status)),
    }
}

/// Copies a directory with all that is in it.
fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", from.display());
    std::fs::create_dir_all(to).map_err(failed)?;
    for entry in std::fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let target = to.join(entry.file_name());
        if entry.file_type().map_err(failed)?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target).map_err(failed)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contents_have_a_heading_for_each_part() {
        let page = |path: &str, part| Page {
            path: path.to_owned(),
            origin: None,
            title: path.to_owned(),
            part,
            text: String::new(),
        };
        let pages =
            [page("a.md", Part::Front), page("b.md", Part::Guide), page("c/d.md", Part::Library)];
        assert_eq!(
            summary(&pages),
            "# Summary\n\n[a.md](a.md)\n\n# For models\n\n- [b.md](b.md)\n\n# Library\n\n- [c/d.md](c/d.md)\n"
        );
    }
}

//! The pages before links: those written by hand, in their order, and the generated ones.

use std::path::Path;

use crate::{Inputs, diagnostics, library};

/// A page as Markdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its place in the book: `reference/04-slots.md`.
    pub path: String,
    /// Where its text stands in the repository, from the root; `None` of generated pages.
    pub origin: Option<String>,
    /// What the contents call it.
    pub title: String,
    pub part: Part,
    pub text: String,
}

/// The parts of the book, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Front,
    Tutorial,
    Guide,
    Reference,
    Library,
    Diagnostics,
}

impl Part {
    /// The heading above the part in the contents; the front page has none.
    pub fn title(self) -> Option<&'static str> {
        match self {
            Part::Front => None,
            Part::Tutorial => Some("Tutorial"),
            Part::Guide => Some("For models"),
            Part::Reference => Some("Reference"),
            Part::Library => Some("Library"),
            Part::Diagnostics => Some("Diagnostics"),
        }
    }
}

/// All pages, in the order of the contents.
///
/// # Errors
/// What could not be read, or what `vera` said.
pub fn all(inputs: &Inputs) -> Result<Vec<Page>, String> {
    let root = &inputs.root;
    let mut pages = vec![written(root, "docs/book/README.md", "index.md", Part::Front)?];
    for name in chapters(root, "docs/book")? {
        let (origin, path) = (format!("docs/book/{name}"), format!("tutorial/{name}"));
        pages.push(written(root, &origin, &path, Part::Tutorial)?);
    }
    pages.push(written(root, "docs/guide/SKILL.md", "guide.md", Part::Guide)?);
    let contents = written(root, "docs/reference/README.md", "reference/index.md", Part::Reference);
    pages.push(Page { title: "Contents".to_owned(), ..contents? });
    for name in chapters(root, "docs/reference")? {
        let (origin, path) = (format!("docs/reference/{name}"), format!("reference/{name}"));
        pages.push(written(root, &origin, &path, Part::Reference)?);
    }
    let reference: Vec<&Page> = pages.iter().filter(|p| p.part == Part::Reference).collect();
    let mut generated = library::pages(root, &reference)?;
    generated.extend(diagnostics::pages(&inputs.vera, &reference)?);
    pages.extend(generated);
    Ok(pages)
}

/// The numbered chapters of a directory.
fn chapters(root: &Path, dir: &str) -> Result<Vec<String>, String> {
    let path = root.join(dir);
    let entries = std::fs::read_dir(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let names = entries.filter_map(|e| e.ok()?.file_name().into_string().ok());
    let numbered = |name: &String| {
        name.ends_with(".md") && name.starts_with(|first: char| first.is_ascii_digit())
    };
    let mut names: Vec<String> = names.filter(numbered).collect();
    names.sort();
    Ok(names)
}

fn written(root: &Path, origin: &str, path: &str, part: Part) -> Result<Page, String> {
    let file = root.join(origin);
    let text = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    let title = text.lines().find_map(|line| line.strip_prefix("# "));
    let title = title.ok_or_else(|| format!("{origin} has no title"))?.to_owned();
    Ok(Page { path: path.to_owned(), origin: Some(origin.to_owned()), title, part, text })
}

/// A generated page; its text begins below the title.
pub fn generated(path: String, title: &str, part: Part, text: &str) -> Page {
    let text = format!("# {title}\n\n{text}");
    Page { path, origin: None, title: title.to_owned(), part, text }
}

/// The sections of a chapter with their tables: what a heading `## 12.2 Integers` and the
/// rows below it say.
pub struct Section<'t> {
    /// `12.2`
    pub number: &'t str,
    /// `Integers`
    pub title: &'t str,
    /// The first cells of its rows.
    pub keys: Vec<&'t str>,
}

/// The sections of the second level of a chapter.
pub fn sections(chapter: &str) -> Vec<Section<'_>> {
    let mut found: Vec<Section<'_>> = Vec::new();
    for line in chapter.lines() {
        if let Some((number, title)) = line.strip_prefix("## ").and_then(|h| h.split_once(' ')) {
            found.push(Section { number, title, keys: Vec::new() });
        } else if let (Some(section), Some(row)) = (found.last_mut(), line.strip_prefix("| "))
            && let Some((key, _)) = row.split_once(" | ")
        {
            section.keys.push(key.trim_matches('`'));
        }
    }
    found
}

/// A title as the name of a file: `Option and Result` is `option-and-result`.
pub fn file_name(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_have_the_keys_of_their_tables() {
        let text = "# 12. Core\n\n## 12.2 Integers\n\n| Function | S |\n|---|---|\n| `abs` | `(Int)` |\n\n### 12.2.1 More\n\n| `max` | x |\n\n## 12.3 Floats\n";
        let found = sections(text);
        let flat: Vec<(&str, &str, &[&str])> =
            found.iter().map(|s| (s.number, s.title, s.keys.as_slice())).collect();
        assert_eq!(
            flat,
            [
                ("12.2", "Integers", ["Function", "abs", "max"].as_slice()),
                ("12.3", "Floats", [].as_slice())
            ]
        );
        assert_eq!(file_name("Option and Result"), "option-and-result");
        assert_eq!(file_name("Hexadecimal, digests"), "hexadecimal-digests");
    }
}

//! Where things stand in the book: what a mention leads to.

use std::collections::{BTreeMap, BTreeSet};

use vera_diagnostics::Code;

use crate::pages::{Page, Part};

/// Targets are places in the book: `library/arrays.md#array_map`.
#[derive(Debug, Default)]
pub struct Index {
    /// Places of pages.
    pages: BTreeSet<String>,
    /// Of files of the repository.
    files: BTreeMap<String, String>,
    /// Of sections of the reference: `4.1`.
    sections: BTreeMap<String, String>,
    /// Of built-in functions and of codes.
    names: BTreeMap<String, String>,
}

impl Index {
    /// Reads the headings of all pages.
    pub fn of(pages: &[Page]) -> Index {
        let mut index = Index::default();
        for page in pages {
            index.pages.insert(page.path.clone());
            if let Some(origin) = &page.origin {
                index.files.insert(origin.clone(), page.path.clone());
            }
            let headings = page.text.lines().filter(|line| line.starts_with("##"));
            for heading in headings.map(|line| line.trim_start_matches('#').trim_start()) {
                match page.part {
                    Part::Reference => {
                        if let Some(number) = section_number(heading) {
                            let target = format!("{}#{number}", page.path);
                            index.sections.insert(number.to_owned(), target);
                        }
                    }
                    Part::Library | Part::Diagnostics => {
                        if let Some(id) = heading_id(heading) {
                            index.names.insert(id.to_owned(), format!("{}#{id}", page.path));
                        }
                    }
                    Part::Front | Part::Tutorial | Part::Guide => {}
                }
            }
        }
        // The README is the front page's short form.
        index.files.insert("README.md".to_owned(), "index.md".to_owned());
        index
    }

    /// The page made of a file of the repository.
    pub fn file(&self, origin: &str) -> Option<&str> {
        self.files.get(origin).map(String::as_str)
    }

    /// Whether there is such a page.
    pub fn has(&self, path: &str) -> bool {
        self.pages.contains(path)
    }

    /// The place of a section of the reference.
    pub fn section(&self, number: &str) -> Option<&str> {
        self.sections.get(number).map(String::as_str)
    }

    /// The place of a built-in function.
    pub fn function(&self, name: &str) -> Option<&str> {
        vera_builtins::function(name)?;
        self.names.get(name).map(String::as_str)
    }

    /// The place of a diagnostic code.
    pub fn code(&self, word: &str) -> Option<&str> {
        Code::of(word)?;
        self.names.get(word).map(String::as_str)
    }
}

/// The number that a heading of the reference begins with.
pub fn section_number(heading: &str) -> Option<&str> {
    let (number, _) = heading.split_once(' ')?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    (number.contains('.') && number.split('.').all(digits)).then_some(number)
}

/// What stands between `{#` and `}` at the end of a heading.
fn heading_id(heading: &str) -> Option<&str> {
    let (_, id) = heading.strip_suffix('}')?.rsplit_once("{#")?;
    Some(id)
}

/// A place in the book as the page at `from` links to it.
pub fn relative(from: &str, target: &str) -> String {
    if let Some(fragment) = target.strip_prefix(from)
        && fragment.starts_with('#')
    {
        return fragment.to_owned();
    }
    format!("{}{target}", "../".repeat(from.matches('/').count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_from_pages() {
        assert_eq!(
            relative("reference/04-slots.md", "library/arrays.md#a"),
            "../library/arrays.md#a"
        );
        assert_eq!(relative("index.md", "guide.md"), "guide.md");
        assert_eq!(relative("guide.md", "guide.md#x"), "#x");
    }

    #[test]
    fn headings() {
        assert_eq!(section_number("4.1 Resolution"), Some("4.1"));
        assert_eq!(section_number("3.8.1 Narrowing"), Some("3.8.1"));
        assert_eq!(section_number("Slots"), None);
        assert_eq!(heading_id("`abs` {#abs}"), Some("abs"));
    }
}

//! The links of a built site: each leads somewhere, every page is reached, and nothing
//! is fetched from elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use vera_markup::html::{Kind, parse};

/// What a check of links found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The pages, from the root of the site.
    pub pages: BTreeSet<String>,
    /// How many links there are inside the site.
    pub links: usize,
    /// What is wrong, each with its page.
    pub faults: Vec<String>,
}

/// What a page refers to.
#[derive(Default)]
struct Page {
    ids: BTreeSet<String>,
    /// Targets as they are written; what they are of.
    references: Vec<(String, Of)>,
}

/// Whether a reader follows a reference, or the page needs what it names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Link,
    Resource,
}

/// The playground is a program, not pages of text: that it is there is what matters.
const PLAYGROUND: &str = "playground/";

/// The page for addresses that do not exist: nothing leads there.
const NOT_FOUND: &str = "404.html";

/// Checks the site in a directory, from `index.html`.
///
/// # Errors
/// A file that cannot be read.
pub fn check(site: &Path) -> Result<Report, String> {
    let mut files = BTreeSet::new();
    list(site, site, &mut files)?;
    let mut pages = BTreeMap::new();
    for name in files.iter().filter(|n| n.ends_with(".html") && !n.starts_with(PLAYGROUND)) {
        let text = std::fs::read(site.join(name)).map_err(|e| format!("{name}: {e}"))?;
        pages.insert(name.clone(), page(&text));
    }
    let mut report = Report { pages: pages.keys().cloned().collect(), ..Report::default() };
    let mut leads: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (name, page) in &pages {
        for (target, of) in &page.references {
            match place(name, target, *of) {
                Ok(None) => {}
                Ok(Some((file, fragment))) => {
                    report.links += 1;
                    let there = pages.get(&file);
                    if !files.contains(&file) {
                        report.faults.push(format!("{name}: no file for `{target}`"));
                    } else if let (Some(fragment), Some(there)) = (fragment, there)
                        && !there.ids.contains(&fragment)
                    {
                        report.faults.push(format!("{name}: no place for `{target}`"));
                    }
                    leads.entry(name).or_default().insert(file);
                }
                Err(why) => report.faults.push(format!("{name}: {why}")),
            }
        }
    }
    let reached = reached(&leads);
    let lost = pages.keys().filter(|name| *name != NOT_FOUND && !reached.contains(name.as_str()));
    report.faults.extend(lost.map(|name| format!("{name}: no way from index.html")));
    Ok(report)
}

/// All files below a directory, by their paths from the site's root.
fn list(site: &Path, dir: &Path, files: &mut BTreeSet<String>) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", dir.display());
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let path: PathBuf = entry.map_err(failed)?.path();
        if path.is_dir() {
            list(site, &path, files)?;
        } else if let Ok(name) = path.strip_prefix(site) {
            files.insert(name.to_string_lossy().replace('\\', "/"));
        }
    }
    Ok(())
}

fn page(text: &[u8]) -> Page {
    let tree = parse(text);
    let mut page = Page::default();
    let Some(root) = tree.root() else { return page };
    for node in tree.descendants(root) {
        let Kind::Element(element) = tree.kind(node) else { continue };
        for (name, value) in tree.attributes(node) {
            let value = String::from_utf8_lossy(value).into_owned();
            match (element, name) {
                (_, b"id") => _ = page.ids.insert(value),
                (b"a", b"href") | (b"iframe", b"src") => page.references.push((value, Of::Link)),
                (_, b"href" | b"src") => page.references.push((value, Of::Resource)),
                _ => {}
            }
        }
    }
    page
}

/// The file and the place in it that a target names; `None` for one outside of the site.
fn place(page: &str, target: &str, of: Of) -> Result<Option<(String, Option<String>)>, String> {
    if target.contains("://") || target.starts_with("//") || target.starts_with("mailto:") {
        return match of {
            Of::Link => Ok(None),
            Of::Resource => Err(format!("`{target}` is fetched from elsewhere")),
        };
    }
    let (file, fragment) = match target.split_once('#') {
        Some((file, fragment)) => (file, Some(fragment.to_owned())),
        None => (target, None),
    };
    if file.is_empty() {
        return Ok(Some((page.to_owned(), fragment)));
    }
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in file.split('/') {
        match part {
            ".." if parts.pop().is_none() => {
                return Err(format!("`{target}` leads out of the site"));
            }
            ".." | "." | "" => {}
            part => parts.push(part),
        }
    }
    let mut file = parts.join("/");
    if target.ends_with('/') || file.is_empty() {
        file.push_str("/index.html");
    }
    Ok(Some((file.trim_start_matches('/').to_owned(), fragment.filter(|f| !f.is_empty()))))
}

/// What can be reached from the front page.
fn reached<'t>(leads: &'t BTreeMap<&str, BTreeSet<String>>) -> BTreeSet<&'t str> {
    let mut reached = BTreeSet::from(["index.html"]);
    let mut open = vec!["index.html"];
    while let Some(page) = open.pop() {
        for next in leads.get(page).into_iter().flatten() {
            if reached.insert(next) {
                open.push(next);
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults() {
        let site = std::env::temp_dir().join(format!("vera-links-{}", std::process::id()));
        std::fs::create_dir_all(site.join("a")).expect("a directory");
        let write = |name: &str, text: &str| std::fs::write(site.join(name), text).expect("a file");
        write(
            "index.html",
            "<a href=a/b.html#x>ok</a> <a href='a/b.html#y'>no</a> <a href=c.html>no</a>",
        );
        write(
            "a/b.html",
            "<h1 id=x>B</h1><a href='../index.html'>up</a><script src='https://x.y/z.js'></script><a href='https://x.y'>far</a>",
        );
        write("lost.html", "<a href='../out.html'>out</a>");
        write("404.html", "nothing");
        let report = check(&site);
        std::fs::remove_dir_all(&site).expect("it is there");
        assert_eq!(
            report.expect("it can be read").faults,
            [
                "a/b.html: `https://x.y/z.js` is fetched from elsewhere",
                "index.html: no place for `a/b.html#y`",
                "index.html: no file for `c.html`",
                "lost.html: `../out.html` leads out of the site",
                "lost.html: no way from index.html",
            ]
        );
    }
}

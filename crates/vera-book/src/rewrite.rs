//! From the documents' Markdown to the site's: programs are coloured and get a way into
//! the playground, links between files become links between pages, and mentions of
//! functions, codes and sections become links.
//!
//! The text is read by the parser that the site's generator uses; what changes are
//! pieces of the text, the rest stays as it is written.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use vera_diagnostics::Code;

use crate::index::{Index, relative, section_number};
use crate::pages::{Page, Part};
use crate::program;

/// The page as the site's generator gets it. With `playground`, programs get links to it.
pub fn rewrite(page: Page, index: &Index, playground: bool) -> Page {
    let mut pass = Pass { page: &page, index, playground, edits: Vec::new(), inside: Inside::Text };
    let options = Options::ENABLE_TABLES | Options::ENABLE_HEADING_ATTRIBUTES;
    for (event, range) in Parser::new_ext(&page.text, options).into_offset_iter() {
        pass.event(event, range);
    }
    let mut text = page.text.clone();
    let mut edits = pass.edits;
    edits.sort_by_key(|(range, _)| range.start);
    for (range, new) in edits.into_iter().rev() {
        text.replace_range(range, &new);
    }
    Page { text, ..page }
}

struct Pass<'p> {
    page: &'p Page,
    index: &'p Index,
    playground: bool,
    /// Disjoint pieces of the text with what takes their place.
    edits: Vec<(Range<usize>, String)>,
    inside: Inside,
}

/// Where mentions are no links.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Text,
    Heading,
    Link,
    Block,
}

impl Pass<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                self.inside = Inside::Block;
                if let CodeBlockKind::Fenced(info) = kind {
                    self.block(&info, range);
                }
            }
            Event::Start(Tag::Heading { .. }) => {
                self.inside = Inside::Heading;
                self.heading(range);
            }
            Event::Start(Tag::Link { dest_url, .. }) if self.inside == Inside::Text => {
                self.inside = Inside::Link;
                self.link(&dest_url, range);
            }
            Event::End(TagEnd::CodeBlock | TagEnd::Heading(_) | TagEnd::Link) => {
                self.inside = Inside::Text;
            }
            Event::Code(name) if self.inside == Inside::Text => {
                let target = self.index.function(&name).or_else(|| self.index.code(&name));
                if let Some(target) = target {
                    self.mention(range, target);
                }
            }
            Event::Text(_) if self.inside == Inside::Text => self.words(range),
            // `State<T>` in prose is what it says, not a tag.
            Event::InlineHtml(_) => self.edits.push((range.start..range.start, "\\".to_owned())),
            _ => {}
        }
    }

    /// A section of the reference can be linked to by its number.
    fn heading(&mut self, range: Range<usize>) {
        let line = self.page.text[range.clone()].trim_end();
        let number = section_number(line.trim_start_matches('#').trim_start());
        if let (Part::Reference, Some(number)) = (self.page.part, number) {
            let end = range.start + line.len();
            self.edits.push((end..end, format!(" {{#{number}}}")));
        }
    }

    /// Links between files of the repository lead to their pages; what has none is named.
    fn link(&mut self, target: &str, range: Range<usize>) {
        let Some(origin) = &self.page.origin else { return };
        if target.contains("://") || target.starts_with('#') {
            return;
        }
        let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
        let whole = &self.page.text[range.clone()];
        let Some(label) = whole.rfind("](").map(|at| &whole[1..at]) else { return };
        // A generated page has no file: it is named as it stands in the book.
        let generated = resolved(&self.page.path, file);
        let page = self.index.file(&resolved(origin, file));
        let new = match page.or(self.index.has(&generated).then_some(&generated)) {
            Some(page) if fragment.is_empty() => {
                format!("[{label}]({})", relative(&self.page.path, page))
            }
            Some(page) => format!("[{label}]({}#{fragment})", relative(&self.page.path, page)),
            None => label.to_owned(),
        };
        self.edits.push((range, new));
    }

    fn mention(&mut self, range: Range<usize>, target: &str) {
        let label = self.page.text[range.clone()].to_owned();
        let target = relative(&self.page.path, target);
        self.edits.push((range, format!("[{label}]({target})")));
    }

    /// Codes, and numbers of sections in parentheses or behind the word `section`.
    fn words(&mut self, range: Range<usize>) {
        let text = &self.page.text;
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '.';
        let mut at = range.start;
        while let Some(start) = text[at..range.end].find(is_part).map(|offset| at + offset) {
            let rest = &text[start..range.end];
            let word = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
            at = start + word.len();
            let word = word.trim_end_matches('.');
            let target = match Code::of(word) {
                Some(_) => self.index.code(word),
                None if names_a_section(&text[..start], &text[start + word.len()..]) => {
                    self.index.section(word)
                }
                None => None,
            };
            if let Some(target) = target {
                self.mention(start..start + word.len(), target);
            }
        }
    }

    /// A block of code, by the first word behind the fence.
    fn block(&mut self, info: &str, range: Range<usize>) {
        let mut words = info.split_whitespace();
        let kind = words.next().unwrap_or_default();
        let words: Vec<&str> = words.collect();
        let name = words.iter().find_map(|w| w.strip_prefix("name=").or(w.strip_prefix("file=")));
        let body = body(&self.page.text[range.clone()]);
        let html = match kind {
            "vera" => self.program(body, body, &words),
            "vera-call" => self.program(body, &program::showing(body), &words),
            "vera-declaration" => code(body, "declaration"),
            _ if words.is_empty() => return,
            _ => format!("```{kind}\n{body}```\n"),
        };
        let caption = name.map_or_else(String::new, |name| {
            format!("<p class=\"file\">{}</p>\n\n", program::escaped(name))
        });
        self.edits.push((range, format!("<div class=\"program\">\n\n{caption}{html}\n</div>")));
    }

    /// A block of Vera, and the whole program that it stands for.
    fn program(&self, body: &str, whole: &str, words: &[&str]) -> String {
        let mut foot: Vec<String> = words.iter().filter_map(|word| self.promise(word)).collect();
        let alone = program::stands_alone(whole) && !words.iter().any(|w| w.starts_with("file="));
        if self.playground && alone {
            let place = relative(&self.page.path, "playground/index.html");
            let fragment = program::fragment(whole);
            foot.push(format!("<a class=\"run\" href=\"{place}#{fragment}\">Run</a>"));
        }
        let foot = match foot.as_slice() {
            [] => String::new(),
            parts => format!("\n<p class=\"foot\">{}</p>\n", parts.join(" ")),
        };
        format!("{}{foot}", code(body, "whole"))
    }

    /// What a word behind `vera` tells the reader.
    fn promise(&self, word: &str) -> Option<String> {
        let (key, value) = word.split_once('=')?;
        let text = match key {
            "error" | "warning" => {
                format!("<code>vera check</code> reports {}.", self.report(value))
            }
            "verify" | "unproved" => {
                format!("<code>vera verify</code> reports {}.", self.report(value))
            }
            "trap" => format!("The run ends in the trap <code>{}</code>.", program::escaped(value)),
            _ => return None,
        };
        Some(format!("<span>{text}</span>"))
    }

    /// A code as a link, in HTML.
    fn report(&self, code: &str) -> String {
        match self.index.code(code) {
            Some(target) => {
                let target = relative(&self.page.path, target).replacen(".md", ".html", 1);
                format!("<a href=\"{target}\">{code}</a>")
            }
            None => program::escaped(code),
        }
    }
}

/// Vera as HTML, `class` saying which sort of block it is.
fn code(body: &str, class: &str) -> String {
    // Marked as coloured: the site's own highlighting knows no Vera.
    let highlighted = program::highlighted(body);
    format!(
        "<pre class=\"{class}\"><code class=\"language-vera nohighlight hljs\">{highlighted}</code></pre>\n"
    )
}

/// What stands between the fences.
fn body(block: &str) -> &str {
    let start = block.find('\n').map_or(block.len(), |at| at + 1);
    let end = block.trim_end().rfind("```").unwrap_or(block.len());
    &block[start..end.max(start)]
}

/// Whether a number between these texts is that of a section: `(8.3)`, `(3.8.1, 14.4)`,
/// `section 4.1`.
fn names_a_section(before: &str, after: &str) -> bool {
    let of_list = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ');
    let listed = before.trim_end_matches(of_list).ends_with('(')
        && after.trim_start_matches(of_list).starts_with(')');
    listed || before.trim_end().to_ascii_lowercase().ends_with("section")
}

/// A relative path from a file, as a path from the root.
fn resolved(from: &str, target: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            ".." => _ = parts.pop(),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(path: &str, origin: Option<&str>, part: Part, text: &str) -> Page {
        let origin = origin.map(str::to_owned);
        Page { path: path.to_owned(), origin, title: "T".to_owned(), part, text: text.to_owned() }
    }

    fn rewritten(text: &str, playground: bool) -> String {
        let slots = page(
            "reference/04-slots.md",
            Some("docs/reference/04-slots.md"),
            Part::Reference,
            "## 4.1 Resolution\n",
        );
        let arrays =
            page("library/arrays.md", None, Part::Library, "## `array_map` {#array_map}\n");
        let errors =
            page("diagnostics/checking.md", None, Part::Diagnostics, "## E130: x {#E130}\n");
        let here = page("tutorial/01.md", Some("docs/book/01.md"), Part::Tutorial, text);
        let index = Index::of(&[slots, arrays, errors, here.clone()]);
        rewrite(here, &index, playground).text
    }

    #[test]
    fn mentions_become_links() {
        assert_eq!(
            rewritten(
                "`array_map` is E130 (4.1), see section 4.1; 4.1 and (9.9) are none.\n",
                false
            ),
            "[`array_map`](../library/arrays.md#array_map) is [E130](../diagnostics/checking.md#E130) ([4.1](../reference/04-slots.md#4.1)), see section [4.1](../reference/04-slots.md#4.1); 4.1 and (9.9) are none.\n"
        );
        assert_eq!(rewritten("a State<T>\n", false), "a State\\<T>\n");
        assert_eq!(
            rewritten("# `array_map`\n\n[E130](https://x.y)\n", false),
            "# `array_map`\n\n[E130](https://x.y)\n"
        );
    }

    #[test]
    fn files_become_pages_or_names() {
        assert_eq!(
            rewritten("[slots](../reference/04-slots.md), [the way](../architecture.md)\n", false),
            "[slots](../reference/04-slots.md), the way\n"
        );
    }

    #[test]
    fn programs_open_in_the_playground() {
        let text = rewritten("```vera error=E130 name=a.vera\nf(1)\n```\n", true);
        let fragment = program::fragment("f(1)\n");
        assert_eq!(
            text,
            format!(
                "<div class=\"program\">\n\n<p class=\"file\">a.vera</p>\n\n<pre class=\"whole\"><code class=\"language-vera nohighlight hljs\"><span class=\"hljs-title\">f</span>(<span class=\"hljs-number\">1</span>)\n</code></pre>\n\n<p class=\"foot\"><span><code>vera check</code> reports <a href=\"../diagnostics/checking.html#E130\">E130</a>.</span> <a class=\"run\" href=\"../playground/index.html#{fragment}\">Run</a></p>\n\n</div>\n"
            )
        );
        assert!(!rewritten("```vera\nf(1)\n```\n", false).contains("playground"));
        assert!(!rewritten("```vera\nimport a(f);\n```\n", true).contains("playground"));
    }
}

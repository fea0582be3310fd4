//! Text that is HTML and can be written as it is: it will be read as text again.

use crate::markdown::parse::parse;
use crate::markdown::tree::{Node, NodeId, Tree};

/// The text of a paragraph that the parser reads from the same text standing alone,
/// as a block of HTML or as inlines of it. In a quote, the marks of its lines stand
/// within what spans several.
pub fn block<'t>(tree: &'t Tree<'_>, paragraph: NodeId, quoted: bool) -> Option<&'t [u8]> {
    let only = tree.first_child(paragraph)?;
    let Node::Text(text) = tree.node(only) else { return None };
    let simple = text.starts_with(b"<")
        && tree.next_sibling(only).is_none()
        && std::str::from_utf8(text).is_ok()
        && !text.ends_with(b"\n")
        && !text.iter().any(|&byte| byte == b'\t' || byte == b'\r')
        && text
            .split(|&byte| byte == b'\n')
            .all(|line| line.is_empty() || !line.trim_ascii().is_empty());
    if !simple {
        return None;
    }
    // A block of HTML that is not closed would take in what follows.
    let mut alone = [text, &b"\n\nx"[..]].concat();
    if quoted {
        let lines: Vec<&[u8]> = alone.split(|&byte| byte == b'\n').collect();
        alone = [b"> ", lines.join(&b"\n> "[..]).as_slice()].concat();
    }
    let parsed = parse(&alone);
    let mut outer = parsed.root()?;
    if quoted {
        outer = parsed.first_child(outer)?;
    }
    let first = parsed.first_child(outer)?;
    let second = parsed.next_sibling(first)?;
    let as_written = tree.same(paragraph, &parsed, first)
        && *parsed.node(second) == Node::Paragraph
        && parsed.next_sibling(second).is_none();
    as_written.then_some(text)
}

/// How far a tag is looked for its end, so that many without one stay cheap.
const LONGEST: usize = 1024;

/// How long the tag, comment or instruction is that starts a text, within its line.
pub fn inline(text: &[u8]) -> Option<usize> {
    let line = text.get(..text.len().min(LONGEST))?.split(|&byte| byte == b'\n').next()?;
    let end_of = |mark: &[u8], from: usize| {
        let rest = line.get(from..)?;
        let at = rest.windows(mark.len()).position(|window| window == mark)?;
        Some(from + at + mark.len())
    };
    match (line.get(1)?, line.get(2)) {
        (b'!', _) if line.starts_with(b"<!--") => {
            let end = end_of(b"-->", 4)?;
            let inner = line.get(4..end - 3)?;
            let plain = !inner.starts_with(b"-")
                && !inner.starts_with(b">")
                && !inner.ends_with(b"-")
                && !inner.windows(2).any(|two| two == b"--");
            plain.then_some(end)
        }
        (b'?', _) => end_of(b"?>", 2),
        (b'/', Some(first)) if first.is_ascii_alphabetic() => {
            let mut at = name_end(line, 2);
            at = blanks_end(line, at);
            (line.get(at) == Some(&b'>')).then_some(at + 1)
        }
        (first, _) if first.is_ascii_alphabetic() => open_tag(line),
        _ => None,
    }
}

fn name_end(line: &[u8], mut at: usize) -> usize {
    while line.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-') {
        at += 1;
    }
    at
}

fn blanks_end(line: &[u8], mut at: usize) -> usize {
    while line.get(at) == Some(&b' ') {
        at += 1;
    }
    at
}

fn open_tag(line: &[u8]) -> Option<usize> {
    let mut at = name_end(line, 1);
    loop {
        let start = at;
        at = blanks_end(line, at);
        match line.get(at)? {
            b'>' => return Some(at + 1),
            b'/' => return (line.get(at + 1) == Some(&b'>')).then_some(at + 2),
            byte if at > start && (byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':')) => {
                while line.get(at).is_some_and(|byte| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'.' | b'-')
                }) {
                    at += 1;
                }
            }
            _ => return None,
        }
        if line.get(at) == Some(&b'=') {
            at += 1;
            let quote = *line.get(at)?;
            let from = at;
            if matches!(quote, b'"' | b'\'') {
                at += 1;
                at += line.get(at..)?.iter().position(|&byte| byte == quote)? + 1;
            } else {
                while line.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric()) {
                    at += 1;
                }
                if at == from {
                    return None;
                }
            }
        }
    }
}

/// The elements that start a block of HTML at the start of a line.
const BLOCKS: [&str; 66] = [
    "address",
    "article",
    "aside",
    "base",
    "basefont",
    "blockquote",
    "body",
    "caption",
    "center",
    "col",
    "colgroup",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "frame",
    "frameset",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "iframe",
    "legend",
    "li",
    "link",
    "main",
    "menu",
    "menuitem",
    "nav",
    "noframes",
    "ol",
    "optgroup",
    "option",
    "p",
    "param",
    "search",
    "section",
    "source",
    "summary",
    "table",
    "tbody",
    "td",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "track",
    "ul",
    "pre",
    "script",
];

/// Whether a tag of this length at the start of a line may start a block of HTML.
pub fn starts_block(text: &[u8], len: usize) -> bool {
    let name = text.get(1..).unwrap_or_default();
    let name = name.strip_prefix(b"/").unwrap_or(name);
    let name = name.get(..name_end(name, 0)).unwrap_or_default();
    let is_block = name.is_empty()
        || name.eq_ignore_ascii_case(b"style")
        || BLOCKS.iter().any(|block| name.eq_ignore_ascii_case(block.as_bytes()));
    // Any tag alone in its line does at the start of a paragraph.
    let rest = text.get(len..).unwrap_or_default();
    let rest = rest.split(|&byte| byte == b'\n').next().unwrap_or_default();
    is_block || rest.trim_ascii().is_empty()
}

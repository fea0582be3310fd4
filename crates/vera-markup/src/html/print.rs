//! From tree to text: so that parsing the text again yields the same tree, where
//! HTML can express it.
//!
//! Beyond the standard's serialisation, a carriage return is written as a
//! reference, the line break that the parser drops at the start of a `pre` is
//! doubled, and nothing is closed after a last `plaintext`, which no end tag ends.

use super::tree::{Kind, NodeId, Tree};

/// How the contents of an element are read.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Html,
    /// Scripts, styles and the like: the text as it is.
    Raw,
    Svg,
    MathMl,
}

const VOID: [&[u8]; 18] = [
    b"area",
    b"base",
    b"basefont",
    b"bgsound",
    b"br",
    b"col",
    b"embed",
    b"frame",
    b"hr",
    b"img",
    b"input",
    b"keygen",
    b"link",
    b"meta",
    b"param",
    b"source",
    b"track",
    b"wbr",
];

const RAW: [&[u8]; 7] =
    [b"script", b"style", b"xmp", b"iframe", b"noembed", b"noframes", b"plaintext"];

fn is_one_of(name: &[u8], names: &[&[u8]]) -> bool {
    names.iter().any(|one| name.eq_ignore_ascii_case(one))
}

/// What an element's contents are, by its name and what it stands in.
fn inside(tree: &Tree<'_>, node: NodeId, name: &[u8], outside: Inside) -> Inside {
    let is = |names: &[&[u8]]| is_one_of(name, names);
    match outside {
        Inside::Html | Inside::Raw if is(&[b"svg"]) => Inside::Svg,
        Inside::Html | Inside::Raw if is(&[b"math"]) => Inside::MathMl,
        Inside::Html | Inside::Raw if is(&RAW) => Inside::Raw,
        Inside::Html | Inside::Raw => Inside::Html,
        Inside::Svg if is(&[b"foreignObject", b"desc", b"title"]) => Inside::Html,
        Inside::Svg => Inside::Svg,
        Inside::MathMl if is(&[b"mi", b"mo", b"mn", b"ms", b"mtext"]) => Inside::Html,
        Inside::MathMl if is(&[b"annotation-xml"]) => {
            let html = tree.attributes(node).any(|(key, value)| {
                key == b"encoding" && is_one_of(value, &[b"text/html", b"application/xhtml+xml"])
            });
            let has_svg = tree.children(node).any(|child| {
                matches!(tree.kind(child), Kind::Element(name) if name.eq_ignore_ascii_case(b"svg"))
            });
            if html || has_svg { Inside::Html } else { Inside::MathMl }
        }
        Inside::MathMl => Inside::MathMl,
    }
}

/// The text form of a node and all below it.
///
/// Linear in the size of the tree and its text.
pub fn to_string(tree: &Tree<'_>, start: NodeId) -> Vec<u8> {
    let mut out = Vec::new();
    // The open elements, with what their contents are and the next child to print.
    let mut open: Vec<(NodeId, Inside, Option<NodeId>)> = Vec::new();
    // Where the output may end because a `plaintext` has no end.
    let mut open_end = None;
    let mut next = Some(start);
    loop {
        let outside = open.last().map_or(Inside::Html, |&(_, inside, _)| inside);
        if let Some(node) = next {
            open_end = None;
            next = None;
            match tree.kind(node) {
                Kind::Text(text) if outside == Inside::Raw => out.extend_from_slice(text),
                Kind::Text(text) => escape(&mut out, text, false),
                Kind::Comment(text) => comment(&mut out, text),
                Kind::Element(name) => {
                    start_tag(&mut out, tree, node, name);
                    let html = matches!(outside, Inside::Html | Inside::Raw);
                    if !(html && is_one_of(name, &VOID)) {
                        if html && drops_line_break(tree, node, name) {
                            out.push(b'\n');
                        }
                        let inside = inside(tree, node, name, outside);
                        open.push((node, inside, tree.first_child(node)));
                    }
                }
            }
        } else {
            let Some((node, _, _)) = open.pop() else { break };
            let Kind::Element(name) = tree.kind(node) else { continue };
            if outside == Inside::Raw && name.eq_ignore_ascii_case(b"plaintext") {
                open_end.get_or_insert(out.len());
            }
            out.extend_from_slice(b"</");
            out.extend_from_slice(name);
            out.push(b'>');
        }
        if let Some((_, _, child)) = open.last_mut() {
            next = *child;
            *child = next.and_then(|child| tree.next_sibling(child));
        } else if next.is_none() {
            break;
        }
    }
    out.truncate(open_end.unwrap_or(out.len()));
    out
}

/// Whether the parser would drop the first character of the contents.
fn drops_line_break(tree: &Tree<'_>, node: NodeId, name: &[u8]) -> bool {
    is_one_of(name, &[b"pre", b"textarea", b"listing"])
        && tree.first_child(node).is_some_and(
            |child| matches!(tree.kind(child), Kind::Text(text) if text.first() == Some(&b'\n')),
        )
}

fn start_tag(out: &mut Vec<u8>, tree: &Tree<'_>, node: NodeId, name: &[u8]) {
    out.push(b'<');
    out.extend_from_slice(name);
    for (key, value) in tree.attributes(node) {
        out.push(b' ');
        out.extend_from_slice(key);
        out.extend_from_slice(b"=\"");
        escape(out, value, true);
        out.push(b'"');
    }
    out.push(b'>');
}

fn escape(out: &mut Vec<u8>, text: &[u8], quote: bool) {
    for &byte in text {
        match byte {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            b'\r' => out.extend_from_slice(b"&#13;"),
            b'"' if quote => out.extend_from_slice(b"&quot;"),
            _ => out.push(byte),
        }
    }
}

/// A comment; what would end it within its text is broken by a space.
fn comment(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(b"<!--");
    let start = out.len();
    for &byte in text {
        let before = out.get(start..).unwrap_or_default();
        let ends = before.is_empty()
            || before == b"-"
            || before.ends_with(b"--")
            || before.ends_with(b"--!");
        if byte == b'>' && ends {
            out.push(b' ');
        }
        out.push(byte);
    }
    out.extend_from_slice(b"-->");
}

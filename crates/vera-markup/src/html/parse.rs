//! From text to tree: which of the two ways a text is read, and its root.
//!
//! A text with a doctype, a `head` or `body` tag, or an `html` tag with attributes is a
//! document; any other is a fragment of a `body`. Which it is, the tokens of reading it
//! as a document tell: a tag inside a comment, a script or an attribute is none. As
//! almost no text has such letters without having the tag, a search for them
//! decides which way is tried first, and only a text without such a token is
//! read a second time. An `html` tag alone says that the root is an `html` element,
//! which is how the root around a fragment prints.

use super::sink::Sink;
use super::tree::{Attrs, Data, Kind, Node, NodeId, Tree};
use html5ever::TokenizerResult;
use html5ever::buffer_queue::BufferQueue;
use html5ever::interface::{QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, create_element};
use html5ever::{LocalName, QualName, local_name, ns};
use std::cell::Cell;

/// Parses a text; invalid UTF-8 is read as U+FFFD. Scripting is off, as in a
/// browser's `DOMParser`: the contents of `noscript` are elements.
///
/// The result is the `html` element of a document, the one element of a fragment
/// (white space after it becomes its last child), or an `html` element around
/// anything else, and around all of a fragment in an `html` tag.
///
/// ```
/// use vera_markup::html::{parse, to_string};
/// let tree = parse(b"<ul><li>one<li>two</ul>\n");
/// assert_eq!(to_string(&tree, tree.root().unwrap()), b"<ul><li>one</li><li>two</li>\n</ul>");
/// ```
pub fn parse(text: &[u8]) -> Tree<'static> {
    let text = StrTendril::from(&*String::from_utf8_lossy(text));
    let mut sign = Sign::None;
    if may_be_document(text.as_bytes()) {
        let (tree, found) = run(text.clone(), false);
        if found == Sign::Document {
            return rooted_at_html(tree);
        }
        sign = found;
    }
    let (tree, _) = run(text, true);
    if sign == Sign::Html { rooted_at_html(tree) } else { rooted_fragment(tree) }
}

/// What the tokens of a text say of it; the greater one counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    None,
    /// An `html` tag without attributes.
    Html,
    /// What makes a text a document.
    Document,
}

impl Sign {
    fn of(token: &Token) -> Sign {
        match token {
            Token::DoctypeToken(_) => Sign::Document,
            Token::TagToken(tag) => match (&tag.name, tag.kind) {
                (&local_name!("head") | &local_name!("body"), _) => Sign::Document,
                (&local_name!("html"), TagKind::StartTag) if tag.attrs.is_empty() => Sign::Html,
                (&local_name!("html"), TagKind::StartTag) => Sign::Document,
                _ => Sign::None,
            },
            _ => Sign::None,
        }
    }
}

/// Whether the text has the letters of a tag that makes it a document.
fn may_be_document(text: &[u8]) -> bool {
    text.split(|&byte| byte == b'<').skip(1).any(|rest| {
        let starts = |name: &[u8]| {
            rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
        };
        starts(b"!doctype")
            || [&b"html"[..], b"head", b"body", b"/head", b"/body"].iter().any(|name| {
                starts(name)
                    && matches!(
                        rest.get(name.len()),
                        None | Some(b' ' | b'\t' | b'\n' | b'\r' | 12 | b'/' | b'>')
                    )
            })
    })
}

/// A tree builder that notes what the tokens say.
struct Watch {
    builder: TreeBuilder<NodeId, Sink>,
    sign: Cell<Sign>,
}

impl TokenSink for Watch {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeId> {
        self.sign.set(self.sign.get().max(Sign::of(&token)));
        self.builder.process_token(token, line)
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// The document node's tree, and what the tokens say.
fn run(text: StrTendril, as_fragment: bool) -> (Tree<'static>, Sign) {
    let sink = Sink::new(text.len() / 24);
    let options = TreeBuilderOpts {
        scripting_enabled: false,
        quirks_mode: QuirksMode::NoQuirks,
        ..TreeBuilderOpts::default()
    };
    let builder = if as_fragment {
        let name = QualName::new(None, ns!(html), local_name!("body"));
        let body = create_element(&sink, name, Vec::new());
        TreeBuilder::new_for_fragment(sink, body, None, options)
    } else {
        TreeBuilder::new(sink, options)
    };
    let watch = Watch { builder, sign: Cell::new(Sign::None) };
    let tokenizer = Tokenizer::new(watch, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(text);
    while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
    tokenizer.end();
    let Watch { builder, sign } = tokenizer.sink;
    (builder.sink.finish(), sign.get())
}

/// The `html` element below the document node.
fn html_element(tree: &mut Tree<'static>) -> NodeId {
    let document = super::sink::DOCUMENT;
    let found = tree.children(document).find(|&node| matches!(tree.kind(node), Kind::Element(_)));
    // The tree builder makes one for every text.
    found.unwrap_or_else(|| {
        let name = LocalName::from("html");
        tree.create(Data::Element(name.into(), Attrs::Parsed(Vec::new())))
    })
}

fn rooted_at_html(mut tree: Tree<'static>) -> Tree<'static> {
    let root = html_element(&mut tree);
    set_root(&mut tree, root);
    tree
}

/// Takes a node out of its parent's list and makes it the root.
fn set_root(tree: &mut Tree<'static>, root: NodeId) {
    tree.link(root, |links| (links.parent, links.previous, links.next) = (None, None, None));
    tree.root = Some(root);
}

fn rooted_fragment(mut tree: Tree<'static>) -> Tree<'static> {
    let html = html_element(&mut tree);
    let links = tree.links(html);
    let root = match (links.first, links.last) {
        (Some(first), Some(last)) if matches!(tree.kind(first), Kind::Element(_)) => {
            if first == last {
                first
            } else if tree.links(first).next == Some(last) && is_blank(tree.kind(last)) {
                tree.link(first, |links| links.next = None);
                adopt_blank(&mut tree, first, last);
                first
            } else {
                html
            }
        }
        _ => html,
    };
    set_root(&mut tree, root);
    tree
}

/// Makes a text the last child of an element, merged with the text there.
fn adopt_blank(tree: &mut Tree<'static>, element: NodeId, blank: NodeId) {
    let Kind::Text(text) = tree.kind(blank) else { return };
    let text = StrTendril::from(&*String::from_utf8_lossy(text));
    let end = tree.links(element).last.and_then(|last| tree.nodes.get_mut(last.index()));
    if let Some(Node { data: Data::Text(end), .. }) = end {
        end.push(&text);
        return;
    }
    tree.link(blank, |links| links.previous = None);
    tree.append(element, blank);
}

fn is_blank(kind: Kind<'_>) -> bool {
    matches!(kind, Kind::Text(text) if text.iter().all(u8::is_ascii_whitespace))
}

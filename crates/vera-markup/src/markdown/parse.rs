//! From text to tree: the parser's events, collected with an explicit stack.

use super::tree::{Node, NodeId, Tree};
use pulldown_cmark::{CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};
use std::borrow::Cow;
use std::ops::Range;

/// Parses a text; invalid UTF-8 is read as U+FFFD.
///
/// ```
/// use vera_markup::markdown::{parse, render};
/// let tree = parse(b"Title\n=====\n* one\n* two\n");
/// assert_eq!(render(&tree, tree.root().unwrap()), b"# Title\n\n- one\n- two");
/// ```
pub fn parse(text: &[u8]) -> Tree<'_> {
    match normalized(String::from_utf8_lossy(text)) {
        Cow::Borrowed(text) => parse_str(text),
        Cow::Owned(text) => parse_str(&text).into_owned(),
    }
}

/// The text with every line ended by a line feed alone, and U+FFFD for U+0000, as the
/// specification asks.
fn normalized(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.bytes().any(|byte| matches!(byte, b'\r' | 0)) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut after_return = false;
    for c in text.chars() {
        match c {
            '\r' => out.push('\n'),
            '\n' if after_return => {}
            '\0' => out.push(char::REPLACEMENT_CHARACTER),
            _ => out.push(c),
        }
        after_return = c == '\r';
    }
    Cow::Owned(out)
}

fn parse_str(source: &str) -> Tree<'_> {
    let mut tree = Tree::new();
    let document = tree.add(None, Node::Document);
    let mut builder = Builder {
        source,
        tree,
        open: vec![document],
        paragraph: None,
        text: Cow::Borrowed(""),
        aside: None,
    };
    for (event, range) in Parser::new_ext(source, Options::ENABLE_TABLES).into_offset_iter() {
        builder.event(event, range);
    }
    builder.close_paragraph();
    builder.tree
}

/// Text that is no child of its own but part of a node that is still to be added.
enum Aside<'a> {
    /// The code of a block with this info string.
    Code(Cow<'a, [u8]>),
    /// The HTML of a block.
    Html,
    /// The text instead of an image; how many more images it is in.
    Alt(Cow<'a, [u8]>, usize),
}

struct Builder<'a> {
    source: &'a str,
    tree: Tree<'a>,
    /// The nodes that are open, the document first.
    open: Vec<NodeId>,
    /// How many nodes are open within the paragraph that an item of a tight list
    /// leaves out.
    paragraph: Option<usize>,
    /// Text that is still to be added: adjacent texts become one.
    text: Cow<'a, str>,
    aside: Option<Aside<'a>>,
}

fn bytes(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

fn cow(text: CowStr<'_>) -> Cow<'_, str> {
    match text {
        CowStr::Borrowed(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.into_string()),
    }
}

impl<'a> Builder<'a> {
    fn event(&mut self, event: Event<'a>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) => self.push(text),
            Event::InlineHtml(html) => {
                let html = self.unprefixed(html);
                self.push(html);
            }
            Event::Code(code) => match self.aside {
                Some(_) => self.push(code),
                None => {
                    self.inline(Node::Code(bytes(cow(code))));
                }
            },
            Event::SoftBreak => match self.source.get(range) {
                Some(written @ "\n") => self.push(CowStr::Borrowed(written)),
                _ => self.push(CowStr::Borrowed("\n")),
            },
            Event::HardBreak => self.push(CowStr::Borrowed("  \n")),
            Event::Rule => {
                self.close_paragraph();
                self.add(Node::ThematicBreak);
            }
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.push(text);
            }
            Event::TaskListMarker(_) => {}
        }
    }

    /// HTML within a paragraph without what its further lines begin with there: the marks
    /// of the quotes that are open, and indentation, which the parser leaves in.
    fn unprefixed(&self, html: CowStr<'a>) -> CowStr<'a> {
        if !html.contains('\n') {
            return html;
        }
        let is_quote = |id: &&NodeId| *self.tree.node(**id) == Node::BlockQuote;
        let quotes = self.open.iter().filter(is_quote).count();
        let mut lines = html.split('\n');
        let mut out = lines.next().unwrap_or_default().to_owned();
        for mut line in lines {
            for _ in 0..quotes {
                let Some(rest) = line.trim_start_matches([' ', '\t']).strip_prefix('>') else {
                    break;
                };
                line = rest;
            }
            out.push('\n');
            out.push_str(line.trim_start_matches([' ', '\t']));
        }
        CowStr::from(out)
    }

    /// Appends to the pending text; what continues it in the source is not copied.
    fn push(&mut self, more: CowStr<'a>) {
        if more.is_empty() {
            return;
        }
        if self.text.is_empty() {
            self.text = cow(more);
            return;
        }
        if let (Cow::Borrowed(old), CowStr::Borrowed(new)) = (&self.text, &more)
            && let (Some(old), Some(new)) = (self.place(old), self.place(new))
            && old.end == new.start
            && let Some(both) = self.source.get(old.start..new.end)
        {
            self.text = Cow::Borrowed(both);
            return;
        }
        self.text.to_mut().push_str(&more);
    }

    /// Where a piece of the source is in it; none for a text from elsewhere.
    fn place(&self, piece: &str) -> Option<Range<usize>> {
        let start = (piece.as_ptr() as usize).checked_sub(self.source.as_ptr() as usize)?;
        let end = start.checked_add(piece.len())?;
        (end <= self.source.len()).then_some(start..end)
    }

    fn add(&mut self, node: Node<'a>) -> NodeId {
        self.tree.add(self.open.last().copied(), node)
    }

    fn open(&mut self, node: Node<'a>) {
        let id = self.add(node);
        self.open.push(id);
    }

    /// Adds the pending text.
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        if !text.is_empty() {
            self.open_paragraph();
            self.add(Node::Text(bytes(text)));
        }
    }

    fn inline(&mut self, node: Node<'a>) -> NodeId {
        self.flush();
        self.open_paragraph();
        self.add(node)
    }

    /// Opens the paragraph that the parser leaves out in tight lists.
    fn open_paragraph(&mut self) {
        let Some(&top) = self.open.last() else { return };
        if matches!(self.tree.node(top), Node::Document | Node::Item | Node::BlockQuote) {
            self.open(Node::Paragraph);
            self.paragraph = Some(self.open.len());
        }
    }

    fn close_paragraph(&mut self) {
        self.flush();
        if self.paragraph == Some(self.open.len()) {
            self.open.pop();
            self.paragraph = None;
        }
    }

    fn start(&mut self, tag: Tag<'a>) {
        if let Some(Aside::Alt(_, depth)) = &mut self.aside {
            *depth += usize::from(matches!(tag, Tag::Image { .. }));
            return;
        }
        let block = match tag {
            Tag::Emphasis => return self.start_inline(Node::Emph),
            Tag::Strong => return self.start_inline(Node::Strong),
            Tag::Link { link_type, dest_url, .. } => {
                let to = match link_type {
                    LinkType::Email => Cow::Owned(["mailto:", &dest_url].concat()),
                    _ => cow(dest_url),
                };
                return self.start_inline(Node::Link(bytes(to)));
            }
            Tag::Image { dest_url, .. } => {
                self.flush();
                self.aside = Some(Aside::Alt(bytes(cow(dest_url)), 0));
                return;
            }
            Tag::CodeBlock(kind) => {
                let info = match kind {
                    CodeBlockKind::Indented => Cow::Borrowed(""),
                    CodeBlockKind::Fenced(info) => cow(info),
                };
                self.close_paragraph();
                self.aside = Some(Aside::Code(bytes(info)));
                return;
            }
            Tag::HtmlBlock => {
                self.close_paragraph();
                self.aside = Some(Aside::Html);
                return;
            }
            Tag::Paragraph => Node::Paragraph,
            Tag::Heading { level, .. } => Node::Heading(level as u64),
            Tag::BlockQuote(_) => Node::BlockQuote,
            Tag::List(first) => Node::List(first.is_some()),
            Tag::Item => Node::Item,
            Tag::Table(_) => Node::Table,
            Tag::TableHead | Tag::TableRow => Node::Row,
            Tag::TableCell => Node::Cell,
            _ => return,
        };
        self.close_paragraph();
        self.open(block);
    }

    fn start_inline(&mut self, node: Node<'a>) {
        let id = self.inline(node);
        self.open.push(id);
    }

    fn end(&mut self, tag: TagEnd) {
        match (&mut self.aside, tag) {
            (Some(Aside::Alt(_, depth @ 1..)), TagEnd::Image) => *depth -= 1,
            (Some(Aside::Alt(source, _)), TagEnd::Image) => {
                let source = std::mem::take(source);
                let alt = bytes(std::mem::take(&mut self.text));
                self.aside = None;
                self.inline(Node::Image(alt, source));
            }
            (Some(Aside::Alt(..)), _) => {}
            (Some(Aside::Code(info)), _) => {
                let info = std::mem::take(info);
                let code = without_last_break(std::mem::take(&mut self.text));
                self.aside = None;
                self.add(Node::CodeBlock(info, bytes(code)));
            }
            (Some(Aside::Html), _) => {
                self.aside = None;
                let html = trimmed(without_last_break(std::mem::take(&mut self.text)));
                if !html.is_empty() {
                    self.open(Node::Paragraph);
                    self.add(Node::Text(bytes(html)));
                    self.open.pop();
                }
            }
            (None, TagEnd::Paragraph) => {
                self.flush();
                self.open.pop();
                self.drop_empty_paragraph();
            }
            (None, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link) => {
                self.flush();
                self.open.pop();
            }
            (None, TagEnd::FootnoteDefinition | TagEnd::MetadataBlock(_)) => {}
            (None, _) => {
                self.close_paragraph();
                self.open.pop();
            }
        }
    }

    /// A paragraph of nothing but definitions is none.
    fn drop_empty_paragraph(&mut self) {
        let last = self.tree.last();
        if last.is_some_and(|last| *self.tree.node(last) == Node::Paragraph) {
            self.tree.remove_last();
        }
    }
}

fn without_last_break(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.strip_suffix('\n').unwrap_or(text)),
        Cow::Owned(mut text) => {
            if text.ends_with('\n') {
                text.pop();
            }
            Cow::Owned(text)
        }
    }
}

/// The indentation of a block's first line is not part of it.
fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_start_matches([' ', '\t'])),
        Cow::Owned(text) => match text.trim_start_matches([' ', '\t']) {
            rest if rest.len() == text.len() => Cow::Owned(text),
            rest => Cow::Owned(rest.to_owned()),
        },
    }
}

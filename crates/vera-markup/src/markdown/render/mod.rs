//! From tree to text: the blocks.
//!
//! Every line starts with the prefixes of the quotes and items it is in. Blocks are
//! separated by a blank line, in items only where the parser needs one. Lists that
//! follow one another alternate their markers so that they stay apart, and so does a
//! list at the very start of an item, as `- - -` would be a thematic break.

mod delimiters;
mod escape;
mod html;
mod inline;
mod lines;

use super::tree::{Node, NodeId, Tree};
use lines::Lines;

/// The canonical text of a tree, without a final line break.
///
/// Total: a tree that parsing cannot give is printed as close to it as Markdown
/// can express. A heading has at most a million `#`.
pub fn render(tree: &Tree<'_>, start: NodeId) -> Vec<u8> {
    let mut printer =
        Printer { tree, lines: Lines::new(), open: Vec::new(), budget: inline::TRIED_BYTES };
    printer.open.push(Frame::new(Container::Blocks, None, 0));
    printer.block(start);
    while let Some(frame) = printer.open.last_mut() {
        match frame.next {
            Some(child) => {
                frame.next = tree.next_sibling(child);
                printer.block(child);
            }
            None => printer.close(),
        }
    }
    printer.lines.finish()
}

/// What blocks stand in.
#[derive(Clone, Copy, PartialEq)]
enum Container {
    Blocks,
    Item,
    /// A document within a document: its blocks are those of what it is in.
    Inner,
    /// A list: with its marker and how many items it has so far.
    List(Marker, u32),
}

/// How the items of a list are marked.
#[derive(Clone, Copy, PartialEq)]
struct Marker {
    ordered: bool,
    /// Whether this is the second of the two ways.
    second: bool,
}

/// The block before another one.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    Nothing,
    /// What a list or a fence may follow at once.
    Open,
    List(Marker),
    Other,
}

struct Frame {
    container: Container,
    next: Option<NodeId>,
    before: Before,
    /// How long the prefix of lines was outside.
    prefix: usize,
}

impl Frame {
    fn new(container: Container, next: Option<NodeId>, prefix: usize) -> Frame {
        Frame { container, next, before: Before::Nothing, prefix }
    }
}

struct Printer<'t, 'a> {
    tree: &'t Tree<'a>,
    lines: Lines,
    open: Vec<Frame>,
    /// What is left for trying other ways to write emphasis.
    budget: usize,
}

impl Printer<'_, '_> {
    fn block(&mut self, id: NodeId) {
        let tree = self.tree;
        match tree.node(id) {
            Node::Document => self.open(Container::Inner, id),
            Node::Paragraph => {
                if let Some(html) = html::block(tree, id, self.lines.quoted()) {
                    self.separate(Before::Other, false);
                    self.lines.text(html);
                    return;
                }
                let text = inline::render(tree, id, inline::Place::Paragraph, &mut self.budget);
                if !text.is_empty() {
                    self.separate(Before::Open, false);
                    self.lines.text(&text);
                }
            }
            Node::Heading(level) => self.heading(id, *level),
            Node::CodeBlock(info, code) => {
                self.separate(Before::Open, true);
                self.code(info, code);
            }
            Node::BlockQuote => {
                self.separate(Before::Other, true);
                self.lines.text(if tree.first_child(id).is_some() { b"> " } else { b">" });
                self.open(Container::Blocks, id);
                self.lines.push_prefix(b"> ");
            }
            Node::List(ordered) => {
                if tree.first_child(id).is_some() {
                    let marker = self.marker(*ordered);
                    self.separate(Before::List(marker), interrupts(tree, id));
                    self.open(Container::List(marker, 0), id);
                }
            }
            Node::Item => self.item(id),
            Node::ThematicBreak => {
                let starts_item = self.starts_item();
                self.separate(Before::Other, false);
                self.lines.text(if starts_item { b"___" } else { b"---" });
            }
            Node::Table => {
                if tree.first_child(id).is_some() {
                    self.separate(Before::Other, false);
                    self.table(id);
                }
            }
            Node::Row | Node::Cell => self.open(Container::Inner, id),
            Node::Text(_)
            | Node::Code(_)
            | Node::Emph
            | Node::Strong
            | Node::Link(_)
            | Node::Image(..) => {}
        }
    }

    fn open(&mut self, container: Container, id: NodeId) {
        let mut frame = Frame::new(container, self.tree.first_child(id), self.lines.prefix_len());
        if container == Container::Inner {
            frame.before = self.open.last().map_or(Before::Nothing, |outer| outer.before);
        }
        self.open.push(frame);
    }

    fn close(&mut self) {
        let Some(frame) = self.open.pop() else { return };
        self.lines.cut_prefix(frame.prefix);
        if frame.container == Container::Inner
            && let Some(outer) = self.open.last_mut()
        {
            outer.before = frame.before;
        }
    }

    /// Whether the next block is the first of an item.
    fn starts_item(&self) -> bool {
        let mut frames = self.open.iter().rev();
        let frame = frames.find(|frame| frame.container != Container::Inner);
        let first = self.open.last().is_some_and(|frame| frame.before == Before::Nothing);
        first && frame.is_some_and(|frame| frame.container == Container::Item)
    }

    /// The marker of a new list: another one than that of a list just before it or
    /// of the item it starts.
    fn marker(&self, ordered: bool) -> Marker {
        let mut second = false;
        match self.open.last().map(|frame| frame.before) {
            Some(Before::List(before)) if before.ordered == ordered => second = !before.second,
            Some(Before::Nothing) if self.starts_item() => {
                let outer = self.open.iter().rev().find_map(|frame| match frame.container {
                    Container::List(marker, _) => Some(marker),
                    _ => None,
                });
                second = !ordered && outer.is_some_and(|outer| outer == Marker { ordered, second });
            }
            _ => {}
        }
        Marker { ordered, second }
    }

    /// Ends the lines of the block before. `may_follow` says whether the new block
    /// can stand directly below a paragraph.
    fn separate(&mut self, new: Before, may_follow: bool) {
        let tight = self.open.iter().rev().find(|frame| frame.container != Container::Inner);
        let tight = tight.is_some_and(|frame| frame.container == Container::Item);
        let Some(frame) = self.open.last_mut() else { return };
        match std::mem::replace(&mut frame.before, new) {
            Before::Nothing => {}
            Before::Open if tight && may_follow => self.lines.end(),
            _ => {
                self.lines.end();
                self.lines.end();
            }
        }
    }

    fn item(&mut self, id: NodeId) {
        let mut text = Vec::new();
        if let Some(Frame { container: Container::List(marker, items), .. }) = self.open.last_mut()
        {
            *items = items.saturating_add(1);
            if *items > 1 {
                self.lines.end();
            }
            match marker.ordered {
                true => {
                    text.extend_from_slice(items.to_string().as_bytes());
                    text.extend_from_slice(if marker.second { b") " } else { b". " });
                }
                false => text.extend_from_slice(if marker.second { b"* " } else { b"- " }),
            }
        }
        self.lines.text(&text);
        self.open(Container::Item, id);
        self.lines.push_indent(text.len());
    }

    /// A heading: with marks before it, or underlined if it has several lines, which only
    /// the first two levels can have. A reference instead of the line break would not
    /// do: white space beside emphasis tells what opens and closes.
    fn heading(&mut self, id: NodeId, level: u64) {
        let tree = self.tree;
        let underline = match level {
            1 => Some(b'='),
            2 => Some(b'-'),
            _ => None,
        };
        if let Some(underline) = underline.filter(|_| has_break(tree, id)) {
            let text = inline::render(tree, id, inline::Place::Paragraph, &mut self.budget);
            if text.contains(&b'\n') {
                self.separate(Before::Open, false);
                self.lines.text(&text);
                self.lines.end();
                self.lines.repeat(underline, 3);
                return;
            }
        }
        self.separate(Before::Open, true);
        let level = usize::try_from(level).unwrap_or(usize::MAX).min(1_000_000);
        self.lines.repeat(b'#', level);
        self.lines.text(b" ");
        self.lines.text(&inline::render(tree, id, inline::Place::Heading, &mut self.budget));
    }

    fn code(&mut self, info: &[u8], code: &[u8]) {
        let fence = if info.contains(&b'`') { b'~' } else { b'`' };
        let length = escape::longest_run(code, fence).saturating_add(1).max(3);
        self.lines.repeat(fence, length);
        self.lines.text(&escape::info(info));
        self.lines.end();
        if !code.is_empty() {
            self.lines.text(code);
            self.lines.end();
        }
        self.lines.repeat(fence, length);
    }

    fn table(&mut self, id: NodeId) {
        let tree = self.tree;
        for (at, row) in tree.children(id).enumerate() {
            if at > 0 {
                self.lines.end();
            }
            self.lines.text(b"|");
            for cell in tree.children(row) {
                self.lines.text(b" ");
                self.lines.text(&inline::render(tree, cell, inline::Place::Cell, &mut self.budget));
                self.lines.text(b" |");
            }
            if at == 0 {
                self.lines.end();
                self.lines.text(b"|");
                for _ in tree.children(row) {
                    self.lines.text(b" --- |");
                }
            }
        }
    }
}

/// Whether a text below a node has a line break.
fn has_break(tree: &Tree<'_>, id: NodeId) -> bool {
    tree.descendants(id)
        .any(|(node, _)| matches!(tree.node(node), Node::Text(text) if text.contains(&b'\n')))
}

/// Whether a list can stand directly below a paragraph: an empty item cannot.
fn interrupts(tree: &Tree<'_>, list: NodeId) -> bool {
    let item = tree.first_child(list);
    let block = item.and_then(|item| tree.first_child(item));
    block.is_some_and(|block| match tree.node(block) {
        Node::Paragraph => tree.first_child(block).is_some(),
        Node::Heading(_) | Node::CodeBlock(..) | Node::BlockQuote => true,
        _ => false,
    })
}

//! From tree to text: the inlines of a paragraph, heading or cell.
//!
//! Emphasis is the hard part. A run of `*` or `_` opens or closes by what stands
//! before and after it (CommonMark, "left-flanking" and "right-flanking"), and two
//! runs of one kind that touch are one. So for each emphasis the marker is chosen
//! that touches no other of its kind, opens where it must, and could not close one
//! that is open; where the letter beside it is in the way, that letter is written as
//! a reference, which counts as punctuation. If no choice is safe for all, the text
//! is read again, and other choices are tried until one gives the same tree.

use super::escape::{self, Context};
use crate::markdown::parse::parse;
use crate::markdown::tree::{Node, NodeId, Tree};

/// What the inlines are of.
#[derive(Clone, Copy, PartialEq)]
pub enum Place {
    Paragraph,
    Heading,
    Cell,
}

/// How many other choices are tried for one text.
const TRIES: u32 = 2000;

/// How many bytes the tries for one document may read in all, so that it takes
/// linear time even if it is nothing but such texts.
pub const TRIED_BYTES: usize = 1 << 22;

/// The text of all inlines below `parent`; `budget` is what is left for tries.
pub fn render(tree: &Tree<'_>, parent: NodeId, place: Place, budget: &mut usize) -> Vec<u8> {
    let (first, is_safe) = Writer::new(tree, place, 0).write(parent);
    if is_safe || reads_back(tree, parent, place, &first) {
        return first;
    }
    for seed in 1..=TRIES {
        let Some(left) = budget.checked_sub(first.len()) else { break };
        *budget = left;
        let (text, _) = Writer::new(tree, place, seed).write(parent);
        if reads_back(tree, parent, place, &text) {
            return text;
        }
    }
    first
}

/// Whether the text is read as the inlines it was made from.
fn reads_back(tree: &Tree<'_>, parent: NodeId, place: Place, text: &[u8]) -> bool {
    let whole = match place {
        Place::Paragraph => text.to_vec(),
        Place::Heading => [b"# ", text].concat(),
        Place::Cell => [b"| ", text, b" |\n| --- |"].concat(),
    };
    let parsed = parse(&whole);
    let depth = if place == Place::Cell { 3 } else { 1 };
    let mut found = parsed.root();
    for _ in 0..depth {
        found = found.and_then(|node| parsed.first_child(node));
    }
    let Some(found) = found else { return false };
    let mut ours = tree.children(parent);
    let mut theirs = parsed.children(found);
    loop {
        match (ours.next(), theirs.next()) {
            (None, None) => return true,
            (Some(one), Some(two)) if tree.same(one, &parsed, two) => {}
            _ => return false,
        }
    }
}

/// Whether a link is a scheme, a colon, and nothing that ends an autolink.
fn is_absolute(to: &[u8]) -> bool {
    let Some(colon) = to.iter().position(|&byte| byte == b':') else { return false };
    let scheme = to.get(..colon).unwrap_or_default();
    (2..=32).contains(&colon)
        && scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-'))
        && !to.iter().any(|byte| matches!(byte, 0..=b' ' | b'<' | b'>' | 127))
}

/// Whether a text is a mail address that makes an autolink.
fn is_address(text: &[u8]) -> bool {
    let mut parts = text.splitn(2, |&byte| byte == b'@');
    let (Some(user), Some(host)) = (parts.next(), parts.next()) else { return false };
    let is_user =
        |byte: &u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(byte);
    let is_label = |label: &[u8]| {
        (1..=63).contains(&label.len())
            && !label.starts_with(b"-")
            && !label.ends_with(b"-")
            && label.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    };
    !user.is_empty() && user.iter().all(is_user) && host.split(|&byte| byte == b'.').all(is_label)
}

/// The class of a character beside a marker.
#[derive(Clone, Copy, PartialEq)]
enum Class {
    Blank,
    Mark,
    Word,
}

fn class(c: char) -> Class {
    if c.is_whitespace() {
        Class::Blank
    } else if escape::is_word(c) || c.is_ascii_control() {
        Class::Word
    } else {
        Class::Mark
    }
}

/// Whether a character's class is surely that of the parser.
fn is_plain(c: char) -> bool {
    c.is_ascii() || escape::is_word(c)
}

/// An emphasis or link that is open.
struct Open {
    node: NodeId,
    next: Option<NodeId>,
    /// Its marker; a link has none.
    marker: u8,
    /// How many open emphases have each marker, outside the link.
    outside: [u32; 2],
}

struct Writer<'t, 'a> {
    tree: &'t Tree<'a>,
    place: Place,
    seed: u32,
    choices: u32,
    out: Vec<u8>,
    open: Vec<Open>,
    /// How many emphases are open by `*` and by `_` within the innermost link.
    counts: [u32; 2],
    /// Whether the output ends with a marker.
    after_marker: bool,
    /// Where the last marker ends.
    marker_end: usize,
    encode_next: bool,
    is_safe: bool,
}

fn slot(marker: u8) -> usize {
    usize::from(marker == b'_')
}

impl<'t, 'a> Writer<'t, 'a> {
    fn new(tree: &'t Tree<'a>, place: Place, seed: u32) -> Writer<'t, 'a> {
        Writer {
            tree,
            place,
            seed,
            choices: 0,
            out: Vec::new(),
            open: Vec::new(),
            counts: [0, 0],
            after_marker: false,
            marker_end: 0,
            encode_next: false,
            is_safe: true,
        }
    }

    /// The text, and whether every choice was safe.
    fn write(mut self, parent: NodeId) -> (Vec<u8>, bool) {
        let mut next = self.tree.first_child(parent);
        loop {
            if let Some(node) = next {
                next = self.node(node);
            } else {
                let Some(open) = self.open.pop() else { break };
                self.end(&open);
                next = open.next;
            }
        }
        (self.out, self.is_safe)
    }

    /// Writes a node, or its start; what comes next.
    fn node(&mut self, id: NodeId) -> Option<NodeId> {
        let tree = self.tree;
        let next = tree.next_sibling(id);
        let cell = self.place == Place::Cell;
        match tree.node(id) {
            Node::Text(text) => {
                let context = self.context(next, text.len());
                escape::text(&mut self.out, text, context);
            }
            Node::Code(code) => escape::code(&mut self.out, code, cell),
            Node::Image(alt, source) => {
                self.out.extend_from_slice(b"![");
                let context = Context {
                    lines: false,
                    brackets: true,
                    cell,
                    html: false,
                    first: false,
                    last: false,
                    before_link: false,
                    encode_first: false,
                    raw_marks: (0, 0),
                };
                escape::text(&mut self.out, alt, context);
                self.out.push(b']');
                escape::destination(&mut self.out, source, cell);
            }
            Node::Emph | Node::Strong => {
                let marker = self.start(id);
                self.open.push(Open { node: id, next, marker, outside: self.counts });
                self.counts[slot(marker)] += 1;
                return tree.first_child(id);
            }
            Node::Link(to) if self.is_autolink(id, to) => {
                self.out.push(b'<');
                let to = to.strip_prefix(b"mailto:").filter(|to| is_address(to)).unwrap_or(to);
                self.out.extend_from_slice(to);
                self.out.push(b'>');
            }
            Node::Link(_) => {
                self.out.push(b'[');
                self.open.push(Open { node: id, next, marker: 0, outside: self.counts });
                self.counts = [0, 0];
                self.after_marker = false;
                return tree.first_child(id);
            }
            _ => return next,
        }
        self.after_marker = false;
        self.encode_next = false;
        next
    }

    fn context(&mut self, next: Option<NodeId>, length: usize) -> Context {
        Context {
            lines: self.place == Place::Paragraph,
            brackets: self.open.iter().any(|open| open.marker == 0),
            cell: self.place == Place::Cell,
            html: true,
            first: self.out.is_empty(),
            last: next.is_none() && self.open.iter().all(|open| open.next.is_none()),
            before_link: next.is_some_and(|next| matches!(self.tree.node(next), Node::Link(_))),
            encode_first: self.encode_next,
            raw_marks: self.raw_marks(length),
        }
    }

    /// Whether a link can be written as nothing but its destination in `<` and `>`.
    fn is_autolink(&self, id: NodeId, to: &[u8]) -> bool {
        let Some(only) = self.tree.first_child(id) else { return false };
        let Node::Text(text) = self.tree.node(only) else { return false };
        if self.tree.next_sibling(only).is_some() {
            return false;
        }
        match to.strip_prefix(b"mailto:") {
            Some(address) if **text == *address => is_address(address),
            _ => {
                **text == *to
                    && is_absolute(to)
                    && !(self.place == Place::Cell && to.contains(&b'|'))
            }
        }
    }

    /// The class of what was written last.
    fn before(&self) -> Class {
        escape::last_char(&self.out).map_or(Class::Blank, |(c, _)| class(c))
    }

    /// The class of what a node will be written as, and whether it is sure.
    fn class_of(&self, node: Option<NodeId>) -> (Class, bool) {
        match node.map(|node| self.tree.node(node)) {
            None => (Class::Blank, true),
            Some(Node::Text(text)) => escape::first_char(text)
                .map_or((Class::Mark, true), |(c, _)| (class(c), is_plain(c))),
            Some(_) => (Class::Mark, true),
        }
    }

    /// Writes the last character as a reference.
    fn encode_last(&mut self) {
        if let Some((c, len)) = escape::last_char(&self.out) {
            self.out.truncate(self.out.len() - len);
            // The marker before may need the letter.
            self.is_safe &= self.out.len() != self.marker_end;
            escape::reference(&mut self.out, u32::from(c));
        }
    }

    /// Which marks within a text of this length to leave as they are in this try: all,
    /// those but the first or the last, or these alone.
    fn raw_marks(&mut self, length: usize) -> (usize, usize) {
        if !self.turned() {
            return (0, 0);
        }
        match (self.turned(), self.turned(), self.turned()) {
            (true, true, _) => (0, length),
            (true, false, _) => (2, length.saturating_add(1)),
            (false, true, true) => (1, 2),
            (false, true, false) => (0, length.saturating_add(1)),
            (false, false, _) => (length, length.saturating_add(1)),
        }
    }

    /// Whether a choice is to be turned around in this try.
    fn turned(&mut self) -> bool {
        self.choices = self.choices.wrapping_add(1);
        // The mixing of MurmurHash3 (Austin Appleby).
        let mut mixed = self.seed.wrapping_mul(0x9e37_79b9) ^ self.choices;
        mixed = (mixed ^ (mixed >> 16)).wrapping_mul(0x85eb_ca6b);
        mixed = (mixed ^ (mixed >> 13)).wrapping_mul(0xc2b2_ae35);
        self.seed != 0 && (mixed >> 16) & 1 == 1
    }

    /// Writes the start of an emphasis; its marker.
    fn start(&mut self, id: NodeId) -> u8 {
        let tree = self.tree;
        let first = tree.first_child(id);
        let (mut after, sure) = self.class_of(first);
        let encode_first = after == Class::Blank || !sure;
        if encode_first {
            after = Class::Mark;
        }
        if let Some((c, _)) = escape::last_char(&self.out)
            && !is_plain(c)
        {
            self.encode_last();
        }
        let before = self.before();
        let parent = self.open.last().filter(|open| open.marker != 0);
        let is_last = tree.next_sibling(id).is_none();
        let touched_start = if self.after_marker { self.out.last().copied() } else { None };
        let touched_end = parent.filter(|_| is_last).map(|parent| parent.marker);
        let next_touches = tree
            .next_sibling(id)
            .is_some_and(|next| matches!(tree.node(next), Node::Emph | Node::Strong));
        let is_strong = *tree.node(id) == Node::Strong;
        // `***x***` is strong within emphasis.
        let both = is_strong
            && self.out.ends_with(b"*")
            && is_last
            && parent.is_some_and(|parent| {
                *tree.node(parent.node) == Node::Emph
                    && tree.first_child(parent.node) == Some(id)
                    && self.counts == [1, 0]
                    && parent.marker == b'*'
            });
        let cost = |marker: u8| {
            let open = self.counts[slot(marker)] > 0;
            let touches = touched_start == Some(marker) || touched_end == Some(marker);
            let encode = before == Class::Word && (marker == b'_' || after == Class::Mark || open);
            let ambiguous = open && before != Class::Blank && after == Class::Mark;
            if touches && !both || ambiguous { 2 } else { u32::from(encode) }
        };
        let (star, line) = (cost(b'*'), cost(b'_'));
        let mut marker = if both || star <= line { b'*' } else { b'_' };
        let choice_cost = star.min(line);
        if self.turned() {
            marker = if marker == b'*' { b'_' } else { b'*' };
        }
        self.is_safe &= self.seed == 0 && choice_cost < 2;
        // What comes may have no choice left.
        self.is_safe &= !next_touches;
        if before == Class::Word
            && (marker == b'_' || after == Class::Mark || self.counts[slot(marker)] > 0)
            && !self.turned()
        {
            self.encode_last();
        }
        self.mark(marker, is_strong);
        self.encode_next = encode_first;
        marker
    }

    fn mark(&mut self, marker: u8, is_strong: bool) {
        self.out.resize(self.out.len() + 1 + usize::from(is_strong), marker);
        self.after_marker = true;
        self.marker_end = self.out.len();
    }

    /// Writes the end of an emphasis or link.
    fn end(&mut self, open: &Open) {
        self.counts = open.outside;
        self.encode_next = false;
        if let Node::Link(to) = self.tree.node(open.node) {
            self.out.push(b']');
            escape::destination(&mut self.out, to, self.place == Place::Cell);
            self.after_marker = false;
            return;
        }
        if let Some((c, _)) = escape::last_char(&self.out)
            && (!is_plain(c) || class(c) == Class::Blank)
        {
            self.encode_last();
        }
        let touched = self.after_marker && self.out.last() == Some(&open.marker);
        let both = open.marker == b'*' && *self.tree.node(open.node) == Node::Emph;
        self.is_safe &= !touched || both;
        let after_end = open.next.is_none() && self.open.last().is_some();
        let (after, sure) = if after_end { (Class::Mark, true) } else { self.class_of(open.next) };
        self.encode_next =
            !sure || after == Class::Word && (open.marker == b'_' || self.before() == Class::Mark);
        let is_strong = *self.tree.node(open.node) == Node::Strong;
        self.mark(open.marker, is_strong);
    }
}

//! From tree to text: the inlines of a paragraph, heading or cell.
//!
//! Emphasis is the hard part. A run of `*` or `_` opens or closes by what stands
//! before and after it (CommonMark, "left-flanking" and "right-flanking"), and two
//! runs of one kind that touch are one. So for each emphasis the marker is chosen
//! that touches no other of its kind, opens where it must, and could not close one
//! that is open; where the letter beside it is in the way, that letter is written as
//! a reference, which counts as punctuation. The parser's pairing is played along. If
//! it goes another way, the text is written again with one choice turned around, then
//! with two, and so on ("limited discrepancy search"; Harvey, Ginsberg), each time only
//! as far as the pairing goes as it should.

use super::delimiters::{Class, Level, Role, class};
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
const TRIES: u32 = 5000;

/// How many bytes the tries for one document may write in all, so that it takes
/// linear time even if it is nothing but such texts.
pub const TRIED_BYTES: usize = 1 << 22;

/// The text of all inlines below `parent`; `budget` is what is left for tries.
pub fn render(tree: &Tree<'_>, parent: NodeId, place: Place, budget: &mut usize) -> Vec<u8> {
    let mut turned = Vec::new();
    let write = |turned: &mut Vec<bool>, all, or_part| {
        let choices = Choices { turned, next: 0, all };
        Writer::new(tree, place, choices).write(parent, or_part)
    };
    let (first, pairs) = write(&mut turned, false, false);
    if pairs {
        return first;
    }
    for all in [false, true] {
        turned.clear();
        let mut limit = 0;
        for _ in 0..TRIES {
            if !next_choices(&mut turned, limit) {
                limit += 1;
            }
            let (text, pairs) = write(&mut turned, all, true);
            if pairs && reads_back(tree, parent, place, &text) {
                return text;
            }
            let Some(left) = budget.checked_sub(text.len()) else { return first };
            *budget = left;
        }
    }
    first
}

/// Goes on to the next choices of which at most so many are turned around: the last
/// that can be, while those after it are to be made anew. Without any, starts again.
fn next_choices(choices: &mut Vec<bool>, limit: usize) -> bool {
    let mut turned = choices.iter().filter(|&&turned| turned).count();
    while let Some(last) = choices.pop() {
        if last {
            turned -= 1;
        } else if turned < limit {
            choices.push(true);
            return true;
        }
    }
    false
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
    choices: Choices<'t>,
    out: Vec<u8>,
    open: Vec<Open>,
    /// How many emphases are open by `*` and by `_` within the innermost link.
    counts: [u32; 2],
    /// The pairing outside of links, and that within the link that is open.
    levels: Vec<Level>,
    /// Whether all marks pair as they should so far.
    pairs: bool,
    /// Whether the output ends with a marker.
    after_marker: bool,
    encode_next: bool,
}

/// Which choices are turned around, in the order they come up.
struct Choices<'c> {
    turned: &'c mut Vec<bool>,
    next: usize,
    /// Whether there are also those that only strange texts need.
    all: bool,
}

impl Choices<'_> {
    /// What to choose instead of `usual`.
    fn choose(&mut self, usual: bool) -> bool {
        if self.next == self.turned.len() {
            self.turned.push(false);
        }
        let turned = self.turned.get(self.next).copied().unwrap_or_default();
        self.next += 1;
        usual != turned
    }

    /// Whether to write a reference where nothing asks for one. It lets a run beside it
    /// open or close where it otherwise could not, or the other way around.
    fn rarely(&mut self) -> bool {
        self.all && self.choose(false)
    }
}

fn slot(marker: u8) -> usize {
    usize::from(marker == b'_')
}

impl<'t, 'a> Writer<'t, 'a> {
    fn new(tree: &'t Tree<'a>, place: Place, choices: Choices<'t>) -> Writer<'t, 'a> {
        Writer {
            tree,
            place,
            choices,
            out: Vec::new(),
            open: Vec::new(),
            counts: [0, 0],
            levels: vec![Level::default()],
            pairs: true,
            after_marker: false,
            encode_next: false,
        }
    }

    /// The text, and whether all its marks pair as they should; `or_part` of the text
    /// until one does not.
    fn write(mut self, parent: NodeId, or_part: bool) -> (Vec<u8>, bool) {
        let mut next = self.tree.first_child(parent);
        while self.pairs || !or_part {
            if let Some(node) = next {
                next = self.node(node);
            } else {
                let Some(open) = self.open.pop() else { break };
                self.end(&open);
                next = open.next;
            }
        }
        self.settle(true);
        (self.out, self.pairs)
    }

    /// Checks the marks of the innermost link, at its end or so far.
    fn settle(&mut self, is_end: bool) {
        if let Some(level) = self.levels.last_mut().filter(|_| self.pairs) {
            self.pairs = level.settle(&self.out, is_end);
        }
    }

    /// Writes a node, or its start; what comes next.
    fn node(&mut self, id: NodeId) -> Option<NodeId> {
        let tree = self.tree;
        let next = tree.next_sibling(id);
        let cell = self.place == Place::Cell;
        match tree.node(id) {
            Node::Text(text) => {
                let context = self.context(next);
                let Writer { out, choices, levels, .. } = self;
                let mut level = levels.last_mut();
                let mut last = None;
                escape::text(out, text, context, &mut |out, after, is_active| {
                    // Marks beside each other go together.
                    let joins = last.is_some_and(|last| last + 1 == out.len());
                    if is_active && choices.choose(!joins) {
                        return escape::Mark::Escaped;
                    }
                    let is_mark =
                        |c: Option<(char, usize)>| c.is_none_or(|(c, _)| class(c) == Class::Mark);
                    if is_active && !is_mark(escape::last_char(out)) && choices.rarely() {
                        escape::encode_last(out);
                    }
                    last = Some(out.len());
                    if let Some(level) = &mut level {
                        level.push(out.len(), Role::Text);
                    }
                    match is_active && !is_mark(escape::first_char(after)) && choices.rarely() {
                        true => escape::Mark::BeforeReference,
                        false => escape::Mark::AsIs,
                    }
                });
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
                };
                escape::text(&mut self.out, alt, context, &mut |_, _, is_active| match is_active {
                    true => escape::Mark::Escaped,
                    false => escape::Mark::AsIs,
                });
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
                self.levels.push(Level::default());
                self.after_marker = false;
                return tree.first_child(id);
            }
            _ => return next,
        }
        self.after_marker = false;
        self.encode_next = false;
        next
    }

    fn context(&self, next: Option<NodeId>) -> Context {
        Context {
            lines: self.place == Place::Paragraph,
            brackets: self.open.iter().any(|open| open.marker == 0),
            cell: self.place == Place::Cell,
            html: true,
            first: self.out.is_empty(),
            last: next.is_none() && self.open.iter().all(|open| open.next.is_none()),
            before_link: next.is_some_and(|next| matches!(self.tree.node(next), Node::Link(_))),
            encode_first: self.encode_next,
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

    /// The class of what a node will be written as.
    fn class_of(&self, node: Option<NodeId>) -> Class {
        match node.map(|node| self.tree.node(node)) {
            None => Class::Blank,
            Some(Node::Text(text)) => {
                escape::first_char(text).map_or(Class::Mark, |(c, _)| class(c))
            }
            Some(_) => Class::Mark,
        }
    }

    /// Writes the start of an emphasis; its marker.
    fn start(&mut self, id: NodeId) -> u8 {
        let tree = self.tree;
        let first = tree.first_child(id);
        let mut after = self.class_of(first);
        let encode_first = after == Class::Blank || after == Class::Word && self.choices.rarely();
        if encode_first {
            after = Class::Mark;
        }
        let before = self.before();
        let parent = self.open.last().filter(|open| open.marker != 0);
        let is_last = tree.next_sibling(id).is_none();
        let touched_start = if self.after_marker { self.out.last().copied() } else { None };
        let touched_end = parent.filter(|_| is_last).map(|parent| parent.marker);
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
        let is_star = self.choices.choose(both || star <= line);
        let marker = if is_star { b'*' } else { b'_' };
        let in_the_way = marker == b'_' || after == Class::Mark || self.counts[slot(marker)] > 0;
        let encode_last = match before {
            Class::Word => self.choices.choose(in_the_way),
            Class::Blank => !self.out.is_empty() && self.choices.rarely(),
            Class::Mark => false,
        };
        if encode_last {
            escape::encode_last(&mut self.out);
        }
        self.mark(marker, is_strong, Role::Opens(id));
        self.encode_next = encode_first;
        marker
    }

    fn mark(&mut self, marker: u8, is_strong: bool, role: Role) {
        for _ in 0..1 + usize::from(is_strong) {
            if let Some(level) = self.levels.last_mut() {
                level.push(self.out.len(), role);
            }
            self.out.push(marker);
        }
        self.after_marker = true;
        self.settle(false);
    }

    /// Writes the end of an emphasis or link.
    fn end(&mut self, open: &Open) {
        self.counts = open.outside;
        self.encode_next = false;
        if let Node::Link(to) = self.tree.node(open.node) {
            self.out.push(b']');
            self.settle(true);
            self.levels.pop();
            escape::destination(&mut self.out, to, self.place == Place::Cell);
            self.after_marker = false;
            return;
        }
        let encode_last = match self.before() {
            Class::Blank => true,
            Class::Word => self.choices.rarely(),
            Class::Mark => false,
        };
        if encode_last {
            escape::encode_last(&mut self.out);
        }
        let after_end = open.next.is_none() && self.open.last().is_some();
        let after = if after_end { Class::Mark } else { self.class_of(open.next) };
        let in_the_way = open.marker == b'_' || self.before() == Class::Mark;
        self.encode_next = match after {
            Class::Word => self.choices.choose(in_the_way),
            Class::Blank => open.next.is_some() && self.choices.rarely(),
            Class::Mark => false,
        };
        let is_strong = *self.tree.node(open.node) == Node::Strong;
        self.mark(open.marker, is_strong, Role::Closes(open.node));
    }
}

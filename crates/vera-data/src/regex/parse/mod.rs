//! From a pattern to its tree, with the errors of Python's `re`.
//!
//! Groups are frames on a stack of our own, so depth costs memory only. The
//! functions are not inlined: in a wasm module size counts, and parsing is short.

mod class;
pub(crate) mod escape;
pub(crate) mod group;
pub(crate) mod lexer;

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use super::ast::{Assert, Ast, INFINITE, Node, NodeId, SetId, Width};
use super::error::Error;
use super::set::Set;
use super::text::decode;
use escape::{Escape, number};
use lexer::Lexer;

/// Flags at a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Flags {
    ignore_case: bool,
    multi_line: bool,
    dot_all: bool,
    verbose: bool,
    ascii: bool,
}

/// What an item is to a quantifier behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    Repeated,
    Anchor,
}

/// What a frame becomes when its `)` comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opened {
    Pattern,
    Plain,
    Capture(u32),
    Atomic,
    /// `outermost`: the first of nested lookbehinds.
    Look {
        behind: bool,
        negative: bool,
        outermost: bool,
    },
    /// A conditional, with its first branch when that is complete.
    Condition {
        group: u32,
        yes: Option<NodeId>,
    },
}

/// An open group.
struct Frame {
    opened: Opened,
    /// Where its `(` stands.
    start: usize,
    flags: Flags,
    /// Its items and alternatives start here in the parser's stacks.
    items: usize,
    branches: usize,
}

/// The parser; `parse` runs it.
struct Parser {
    lexer: Lexer,
    ast: Ast,
    frames: Vec<Frame>,
    items: Vec<(NodeId, Kind)>,
    branches: Vec<NodeId>,
    /// Widths of closed groups.
    group_widths: Vec<Option<Width>>,
    /// The number of groups where the outermost open lookbehind starts.
    lookbehind_groups: Option<u32>,
    /// Groups that conditionals name by number, with the places.
    conditions: Vec<(u32, usize)>,
    /// `(?a)`, `(?u)` at the start.
    type_flags: (bool, bool),
    bad_lookbehind: bool,
    /// `\d`, `\s`, `\w`, once read from the tables.
    categories: [Option<Set>; 3],
    /// The sets of these escapes, by letter and whether `a` is in force: interning one
    /// looks at all of it.
    category_ids: Vec<((u32, bool), SetId)>,
    /// Classes that were read: where they stand, behind their `[`, the flags there, and
    /// the node of such a class. Making a set looks at all of it.
    classes: Vec<(Range<usize>, (bool, bool), Node)>,
    /// How many ranges the sets of classes were made of.
    ranges: usize,
    /// Sets of ASCII letters whose case is ignored, with `ascii`.
    folded_letters: Vec<Option<(Set, bool)>>,
}

/// Reads a pattern.
pub(crate) fn parse(pattern: &[u8]) -> Result<(Ast, NodeId), Error> {
    let mut parser = Parser {
        lexer: Lexer::new(decode(pattern))?,
        ast: Ast { groups: 1, ..Ast::default() },
        frames: Vec::new(),
        items: Vec::new(),
        branches: Vec::new(),
        group_widths: vec![None],
        lookbehind_groups: None,
        conditions: Vec::new(),
        type_flags: (false, false),
        bad_lookbehind: false,
        categories: [const { None }; 3],
        category_ids: Vec::new(),
        classes: Vec::new(),
        ranges: 0,
        folded_letters: vec![None; 128],
    };
    parser.open(Opened::Pattern, 0, Flags::default());
    let root = parser.run()?;
    Ok((parser.ast, root))
}

impl Parser {
    fn flags(&self) -> Flags {
        self.frames.last().map_or(Flags::default(), |frame| frame.flags)
    }

    #[inline(never)]
    fn open(&mut self, opened: Opened, start: usize, flags: Flags) {
        let (items, branches) = (self.items.len(), self.branches.len());
        self.frames.push(Frame { opened, start, flags, items, branches });
    }

    #[inline(never)]
    fn push(&mut self, node: NodeId, kind: Kind) {
        self.items.push((node, kind));
    }

    fn run(&mut self) -> Result<NodeId, Error> {
        loop {
            match self.lexer.plain() {
                b'|' => self.bar()?,
                b')' => {
                    if self.frames.len() > 1 {
                        self.close()?;
                    } else {
                        return self.finish();
                    }
                }
                _ => match self.lexer.peek() {
                    None => return self.finish(),
                    Some(_) => self.item()?,
                },
            }
        }
    }

    /// At the end, or at a `)` too much.
    #[inline(never)]
    fn finish(&mut self) -> Result<NodeId, Error> {
        if let [_, .., inner] = &self.frames[..] {
            return Err(Error::at(
                b"missing ), unterminated subpattern",
                &self.lexer.chars,
                inner.start,
            ));
        }
        if self.type_flags == (true, true) {
            return Err(Error::whole(b"ASCII and UNICODE flags are incompatible"));
        }
        if self.lexer.peek().is_some() {
            return Err(self.lexer.error(b"unbalanced parenthesis", 0));
        }
        for &(group, at) in &self.conditions {
            if group >= self.ast.groups {
                let mut text = b"invalid group reference ".to_vec();
                super::error::push_number(&mut text, u64::from(group));
                return Err(Error::at(&text, &self.lexer.chars, at));
            }
        }
        if self.bad_lookbehind {
            return Err(Error::whole(b"look-behind requires fixed-width pattern"));
        }
        Ok(self.frame_node(0, 0))
    }

    /// The node of the items and alternatives from here on, which leave the stacks.
    #[inline(never)]
    fn frame_node(&mut self, items: usize, branches: usize) -> NodeId {
        let last = self.sequence(items);
        self.branches.push(last);
        let node = self.ast.either(&self.branches[branches..]);
        self.branches.truncate(branches);
        node
    }

    #[inline(never)]
    fn sequence(&mut self, items: usize) -> NodeId {
        let nodes: Vec<NodeId> = self.items.drain(items..).map(|item| item.0).collect();
        self.ast.concat(&nodes)
    }

    /// `|`
    #[inline(never)]
    fn bar(&mut self) -> Result<(), Error> {
        let Some(frame) = self.frames.last() else { return Ok(()) };
        let items = frame.items;
        if let Opened::Condition { group, yes } = frame.opened {
            if yes.is_some() {
                return Err(self
                    .lexer
                    .error(b"conditional backref with more than two branches", 0));
            }
            let yes = Some(self.sequence(items));
            if let Some(frame) = self.frames.last_mut() {
                frame.opened = Opened::Condition { group, yes };
            }
        } else {
            let branch = self.sequence(items);
            self.branches.push(branch);
        }
        self.lexer.get()?;
        Ok(())
    }

    /// One item, white space or a comment.
    #[inline(never)]
    fn item(&mut self) -> Result<(), Error> {
        let Some(token) = self.lexer.get()? else { return Ok(()) };
        let flags = self.flags();
        if token.escaped {
            if let Some(set) = self.category_id(token.c) {
                let node = self.ast.add(Node::Set(set), (1, 1));
                self.push(node, Kind::Plain);
                return Ok(());
            }
            let node = match self.escape(token)? {
                Escape::Char(c) => self.literal(c),
                Escape::Class(set) => self.ast.one_of(set),
                Escape::Property(set) => {
                    let set = self.folded(set);
                    self.ast.one_of(set)
                }
                Escape::Group(group) => self.back_reference(group),
                Escape::Assert(assert) => {
                    self.anchor(assert);
                    return Ok(());
                }
            };
            self.push(node, Kind::Plain);
            return Ok(());
        }
        match token.plain() {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C if flags.verbose => {}
            b'#' if flags.verbose => {
                while !matches!(self.lexer.get()?.map(lexer::Token::plain), None | Some(b'\n')) {}
            }
            b'[' => {
                let node = self.class()?;
                self.push(node, Kind::Plain);
            }
            quantifier @ (b'*' | b'+' | b'?' | b'{') => self.quantifier(quantifier)?,
            b'.' => {
                let line_feed =
                    Set::from_ranges(if flags.dot_all { vec![] } else { vec![(10, 10)] });
                let node = self.ast.one_of(line_feed.complement());
                self.push(node, Kind::Plain);
            }
            b'(' => self.group()?,
            b'^' => self.anchor(if flags.multi_line { Assert::LineStart } else { Assert::Start }),
            b'$' => self.anchor(if flags.multi_line { Assert::LineEnd } else { Assert::LastEnd }),
            _ => {
                let node = self.literal(token.c);
                self.push(node, Kind::Plain);
            }
        }
        Ok(())
    }

    #[inline(never)]
    fn anchor(&mut self, assert: Assert) {
        let node = self.ast.add(Node::Assert(assert), (0, 0));
        self.push(node, Kind::Anchor);
    }

    /// A quantifier whose first character was taken.
    #[inline(never)]
    fn quantifier(&mut self, first: u8) -> Result<(), Error> {
        let here = self.lexer.tell();
        let (min, max) = match first {
            b'?' => (0, 1),
            b'*' => (0, INFINITE),
            b'+' => (1, INFINITE),
            _ => match self.counts(here)? {
                Some(counts) => counts,
                None => {
                    let node = self.literal(u32::from(b'{'));
                    self.push(node, Kind::Plain);
                    return Ok(());
                }
            },
        };
        let items = self.frames.last().map_or(0, |frame| frame.items);
        let problem: &[u8] = match self.items[items..].last() {
            None | Some((_, Kind::Anchor)) => b"nothing to repeat",
            Some((_, Kind::Repeated)) => b"multiple repeat",
            Some(&(body, Kind::Plain)) => {
                let node = if self.lexer.eat(b'?')? {
                    self.ast.repeat(body, min, max, false)
                } else if self.lexer.eat(b'+')? {
                    self.ast.possessive(body, min, max)
                } else {
                    self.ast.repeat(body, min, max, true)
                };
                self.items.pop();
                self.push(node, Kind::Repeated);
                return Ok(());
            }
        };
        Err(Error::at(problem, &self.lexer.chars, here - 1))
    }

    /// `n}`, `n,}`, `,m}` or `n,m}`; none when the brace is an ordinary character.
    #[inline(never)]
    fn counts(&mut self, here: usize) -> Result<Option<(u32, u32)>, Error> {
        if self.lexer.plain() == b'}' {
            return Ok(None);
        }
        let digit = |c: u8| c.is_ascii_digit();
        let low = self.lexer.take_while(usize::MAX, digit)?;
        let high = if self.lexer.eat(b',')? {
            self.lexer.take_while(usize::MAX, digit)?
        } else {
            low.clone()
        };
        if !self.lexer.eat(b'}')? {
            self.lexer.seek(here)?;
            return Ok(None);
        }
        let (min, max) =
            (number(&low, 10), if high.is_empty() { INFINITE } else { number(&high, 10) });
        if min == INFINITE || max == INFINITE && !high.is_empty() {
            return Err(Error::whole(b"the repetition number is too large"));
        }
        if max < min {
            return Err(Error::at(b"min repeat greater than max repeat", &self.lexer.chars, here));
        }
        Ok(Some((min, max)))
    }
}

//! A pattern as a tree, in one arena: children have smaller numbers than parents.

use alloc::vec::Vec;

use super::index::Index;
use super::set::Set;

/// Index of a [`Node`].
pub(crate) type NodeId = u32;
/// Index of a [`Set`] of the pattern.
pub(crate) type SetId = u32;

/// No upper limit of a repetition.
pub(crate) const INFINITE: u32 = u32::MAX;

/// One construct. Lists are ranges of [`Ast::lists`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Empty,
    Char(u32),
    Set(SetId),
    Concat {
        first: u32,
        count: u32,
    },
    Either {
        first: u32,
        count: u32,
    },
    Repeat {
        body: NodeId,
        min: u32,
        max: u32,
        greedy: bool,
    },
    /// A capturing group, numbered from 1.
    Group {
        body: NodeId,
        index: u32,
    },
    /// The first way through `body` is the only one.
    Atomic(NodeId),
    Look {
        body: NodeId,
        behind: Option<u32>,
        negative: bool,
    },
    BackReference {
        group: u32,
        fold: Fold,
    },
    Condition {
        group: u32,
        yes: NodeId,
        no: NodeId,
    },
    Assert(Assert),
}

/// What a place must be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Assert {
    /// `\A`, and `^` without `m`.
    Start,
    /// `^` with `m`.
    LineStart,
    /// `\Z`.
    End,
    /// `$` without `m`: the end, or before one last line feed.
    LastEnd,
    /// `$` with `m`.
    LineEnd,
    /// `\b`, `\B` for this set of word characters.
    Word { word: SetId, negative: bool },
    /// The next character is (not) in the set.
    Next { set: SetId, negative: bool },
    /// The character before is (not) in the set.
    Before { set: SetId, negative: bool },
}

/// How a back-reference compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fold {
    Exact,
    Ascii,
    Unicode,
}

/// Least and greatest number of characters.
pub(crate) type Width = (u64, u64);

/// Widths stop here, far above what a lookbehind may have.
const WIDEST: u64 = 1 << 62;

/// The parsed pattern.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ast {
    pub(crate) nodes: Vec<Node>,
    pub(crate) widths: Vec<Width>,
    pub(crate) lists: Vec<NodeId>,
    pub(crate) sets: Vec<Set>,
    /// Where to find an equal one of `sets`.
    pub(crate) set_index: Index,
    /// Number of groups, the whole match included.
    pub(crate) groups: u32,
    /// Names with their groups.
    pub(crate) names: Vec<(Vec<u32>, u32)>,
    /// Only what finite automata can do.
    pub(crate) irregular: bool,
}

impl Ast {
    #[inline(never)]
    pub(crate) fn add(&mut self, node: Node, width: Width) -> NodeId {
        self.nodes.push(node);
        self.widths.push((width.0.min(WIDEST), width.1.min(WIDEST)));
        (self.nodes.len() - 1) as NodeId
    }

    pub(crate) fn node(&self, id: NodeId) -> Node {
        self.nodes[id as usize]
    }

    pub(crate) fn width(&self, id: NodeId) -> Width {
        self.widths[id as usize]
    }

    pub(crate) fn list(&self, first: u32, count: u32) -> &[NodeId] {
        &self.lists[first as usize..(first + count) as usize]
    }

    /// The number of an equal set, or of this one newly kept.
    #[inline(never)]
    pub(crate) fn intern(&mut self, set: Set) -> SetId {
        let hash = set.hash();
        if let Some(id) = self.set_index.find(hash, |id| self.sets[id as usize] == set) {
            return id;
        }
        let id = self.sets.len() as SetId;
        self.set_index.insert(hash, id);
        self.sets.push(set);
        id
    }

    /// A node that takes one character of the set.
    #[inline(never)]
    pub(crate) fn one_of(&mut self, set: Set) -> NodeId {
        let node = match set.single() {
            Some(c) => Node::Char(c),
            None => Node::Set(self.intern(set)),
        };
        self.add(node, (1, 1))
    }

    #[inline(never)]
    pub(crate) fn concat(&mut self, items: &[NodeId]) -> NodeId {
        match items {
            [] => self.add(Node::Empty, (0, 0)),
            [one] => *one,
            _ => {
                let mut width = (0, 0);
                for &item in items {
                    let w = self.width(item);
                    width = (width.0 + w.0, width.1 + w.1);
                    width = (width.0.min(WIDEST), width.1.min(WIDEST));
                }
                let first = self.lists.len() as u32;
                self.lists.extend_from_slice(items);
                self.add(Node::Concat { first, count: items.len() as u32 }, width)
            }
        }
    }

    #[inline(never)]
    pub(crate) fn either(&mut self, items: &[NodeId]) -> NodeId {
        if let [one] = items {
            return *one;
        }
        let mut width = (u64::MAX, 0);
        for &item in items {
            let w = self.width(item);
            width = (width.0.min(w.0), width.1.max(w.1));
        }
        let first = self.lists.len() as u32;
        self.lists.extend_from_slice(items);
        self.add(Node::Either { first, count: items.len() as u32 }, width)
    }

    #[inline(never)]
    pub(crate) fn repeat(&mut self, body: NodeId, min: u32, max: u32, greedy: bool) -> NodeId {
        let (low, high) = self.width(body);
        let high = match max {
            INFINITE if high > 0 => WIDEST,
            _ => high.saturating_mul(u64::from(max)),
        };
        self.add(
            Node::Repeat { body, min, max, greedy },
            (low.saturating_mul(u64::from(min)), high),
        )
    }

    /// Every round takes its first way only, and so does the number of rounds.
    /// For one character that is a greedy loop that ends where no other follows.
    #[inline(never)]
    pub(crate) fn possessive(&mut self, body: NodeId, min: u32, max: u32) -> NodeId {
        let Some(set) = self.one_character(body) else {
            let round = self.atomic(body);
            let all = self.repeat(round, min, max, true);
            return self.atomic(all);
        };
        let stop = self.add(Node::Assert(Assert::Next { set, negative: true }), (0, 0));
        if max == INFINITE {
            let all = self.repeat(body, min, INFINITE, true);
            return self.concat(&[all, stop]);
        }
        let full = self.repeat(body, max, max, true);
        if min == max {
            return full;
        }
        let some = self.repeat(body, min, max - 1, true);
        let some = self.concat(&[some, stop]);
        self.either(&[full, some])
    }

    pub(crate) fn atomic(&mut self, body: NodeId) -> NodeId {
        match self.node(body) {
            Node::Empty | Node::Char(_) | Node::Set(_) | Node::Atomic(_) | Node::Assert(_) => body,
            Node::Repeat { body: inner, min, max, greedy: true }
                if self.one_character(inner).is_some() =>
            {
                self.possessive(inner, min, max)
            }
            _ => {
                self.irregular = true;
                self.add(Node::Atomic(body), self.width(body))
            }
        }
    }

    /// The set that the node takes exactly one character of.
    pub(crate) fn one_character(&mut self, node: NodeId) -> Option<SetId> {
        match self.node(node) {
            Node::Char(c) => Some(self.intern(Set::from_ranges(alloc::vec![(c, c)]))),
            Node::Set(set) => Some(set),
            _ => None,
        }
    }
}

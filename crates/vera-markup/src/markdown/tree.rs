//! The tree as an arena: nodes in a vector, joined by links.

use std::borrow::Cow;

/// Index of a node in a [`Tree`]; nodes are numbered in the order of their addition.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(u32);

impl NodeId {
    /// The number, which counts from zero.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a node is; blocks first, then the parts of blocks, then inlines.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Node<'a> {
    /// `MdDocument`, with blocks as children.
    Document,
    /// `MdParagraph`, with inlines as children.
    Paragraph,
    /// `MdHeading` and its level, with inlines as children.
    Heading(u64),
    /// `MdCodeBlock`: the info string and the code, which ends without a line break.
    CodeBlock(Cow<'a, [u8]>, Cow<'a, [u8]>),
    /// `MdBlockQuote`, with blocks as children.
    BlockQuote,
    /// `MdList`: whether it is ordered; with [`Node::Item`]s as children.
    List(bool),
    /// `MdThematicBreak`.
    ThematicBreak,
    /// `MdTable`, with [`Node::Row`]s as children: the header is the first.
    Table,
    /// An item of a list, with blocks as children.
    Item,
    /// A row of a table, with [`Node::Cell`]s as children.
    Row,
    /// A cell of a table, with inlines as children.
    Cell,
    /// `MdText`.
    Text(Cow<'a, [u8]>),
    /// `MdCode`.
    Code(Cow<'a, [u8]>),
    /// `MdEmph`, with inlines as children.
    Emph,
    /// `MdStrong`, with inlines as children.
    Strong,
    /// `MdLink` to a destination, with inlines as children.
    Link(Cow<'a, [u8]>),
    /// `MdImage`: the text instead of it, and where it is.
    Image(Cow<'a, [u8]>, Cow<'a, [u8]>),
}

impl Node<'_> {
    /// The same node with strings of its own.
    pub(super) fn into_owned(self) -> Node<'static> {
        fn own(text: Cow<'_, [u8]>) -> Cow<'static, [u8]> {
            Cow::Owned(text.into_owned())
        }
        match self {
            Node::Document => Node::Document,
            Node::Paragraph => Node::Paragraph,
            Node::Heading(level) => Node::Heading(level),
            Node::CodeBlock(info, code) => Node::CodeBlock(own(info), own(code)),
            Node::BlockQuote => Node::BlockQuote,
            Node::List(ordered) => Node::List(ordered),
            Node::ThematicBreak => Node::ThematicBreak,
            Node::Table => Node::Table,
            Node::Item => Node::Item,
            Node::Row => Node::Row,
            Node::Cell => Node::Cell,
            Node::Text(text) => Node::Text(own(text)),
            Node::Code(code) => Node::Code(own(code)),
            Node::Emph => Node::Emph,
            Node::Strong => Node::Strong,
            Node::Link(to) => Node::Link(own(to)),
            Node::Image(alt, source) => Node::Image(own(alt), own(source)),
        }
    }
}

#[derive(Clone, Debug)]
struct Entry<'a> {
    node: Node<'a>,
    parent: Option<NodeId>,
    first: Option<NodeId>,
    last: Option<NodeId>,
    previous: Option<NodeId>,
    next: Option<NodeId>,
}

/// A tree of blocks and inlines. Any number of nodes may have no parent; the first
/// node is the root.
#[derive(Clone, Debug, Default)]
pub struct Tree<'a> {
    entries: Vec<Entry<'a>>,
}

impl<'a> Tree<'a> {
    /// A tree without nodes.
    pub fn new() -> Tree<'a> {
        Tree::default()
    }

    /// The first node, if there is any.
    pub fn root(&self) -> Option<NodeId> {
        (!self.entries.is_empty()).then_some(NodeId(0))
    }

    /// How many nodes the tree has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the tree has no node.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds a node as the last child of `parent`.
    pub fn add(&mut self, parent: Option<NodeId>, node: Node<'a>) -> NodeId {
        let id = NodeId(self.entries.len() as u32);
        let parent = parent.filter(|parent| parent.index() < self.entries.len());
        let mut previous = None;
        if let Some(entry) = parent.and_then(|parent| self.entries.get_mut(parent.index())) {
            previous = entry.last.replace(id);
            entry.first.get_or_insert(id);
        }
        if let Some(entry) = previous.and_then(|before| self.entries.get_mut(before.index())) {
            entry.next = Some(id);
        }
        self.entries.push(Entry { node, parent, first: None, last: None, previous, next: None });
        id
    }

    /// The node that was added last.
    pub(super) fn last(&self) -> Option<NodeId> {
        self.entries.len().checked_sub(1).map(|last| NodeId(last as u32))
    }

    /// Takes back the node that was added last.
    pub(super) fn remove_last(&mut self) {
        let Some(entry) = self.entries.pop() else { return };
        let before = entry.previous.and_then(|before| self.entries.get_mut(before.index()));
        if let Some(before) = before {
            before.next = None;
        }
        let parent = entry.parent.and_then(|parent| self.entries.get_mut(parent.index()));
        if let Some(parent) = parent {
            parent.last = entry.previous;
            parent.first = parent.first.filter(|_| entry.previous.is_some());
        }
    }

    /// What a node is.
    pub fn node(&self, id: NodeId) -> &Node<'a> {
        self.entries.get(id.index()).map_or(&Node::Document, |entry| &entry.node)
    }

    /// The parent of a node.
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.entries.get(id.index()).and_then(|entry| entry.parent)
    }

    /// The first child of a node.
    pub fn first_child(&self, id: NodeId) -> Option<NodeId> {
        self.entries.get(id.index()).and_then(|entry| entry.first)
    }

    /// The node after this one, of the same parent.
    pub fn next_sibling(&self, id: NodeId) -> Option<NodeId> {
        self.entries.get(id.index()).and_then(|entry| entry.next)
    }

    /// The children of a node, in order.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.first_child(id), |&child| self.next_sibling(child))
    }

    /// A node and all below it, in document order, with how deep below.
    pub fn descendants(&self, start: NodeId) -> impl Iterator<Item = (NodeId, usize)> {
        std::iter::successors(Some((start, 0)), move |&(node, depth)| {
            if let Some(child) = self.first_child(node) {
                return Some((child, depth + 1));
            }
            let (mut node, mut depth) = (node, depth);
            while depth > 0 {
                if let Some(next) = self.next_sibling(node) {
                    return Some((next, depth));
                }
                node = self.parent(node)?;
                depth -= 1;
            }
            None
        })
    }

    /// Whether two nodes, with all below them, are the same.
    pub(super) fn same(&self, node: NodeId, other: &Tree<'_>, other_node: NodeId) -> bool {
        let mut ours = self.descendants(node);
        let mut theirs = other.descendants(other_node);
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some((one, depth)), Some((two, other_depth)))
                    if depth == other_depth && self.node(one) == other.node(two) => {}
                _ => return false,
            }
        }
    }

    /// The same tree with strings of its own.
    pub(super) fn into_owned(self) -> Tree<'static> {
        let own = |entry: Entry<'a>| Entry {
            node: entry.node.into_owned(),
            parent: entry.parent,
            first: entry.first,
            last: entry.last,
            previous: entry.previous,
            next: entry.next,
        };
        Tree { entries: self.entries.into_iter().map(own).collect() }
    }
}

impl PartialEq<Tree<'_>> for Tree<'_> {
    fn eq(&self, other: &Tree<'_>) -> bool {
        match (self.root(), other.root()) {
            (Some(one), Some(two)) => self.same(one, other, two),
            (one, two) => one == two,
        }
    }
}

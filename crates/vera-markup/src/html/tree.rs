//! The tree as an arena: nodes in a vector, joined by links.

use html5ever::tendril::StrTendril;
use html5ever::{Attribute, LocalName};

/// Index of a node in a [`Tree`]; nodes are numbered in the order of their addition.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(pub(super) u32);

impl NodeId {
    /// The number, which counts from zero.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A string of a tree: borrowed from a program, or part of a parsed text.
#[derive(Clone, Debug)]
pub struct Str<'a>(Repr<'a>);

#[derive(Clone, Debug)]
enum Repr<'a> {
    Borrowed(&'a [u8]),
    Parsed(StrTendril),
    Name(LocalName),
}

impl Str<'_> {
    /// The bytes of the string.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Borrowed(bytes) => bytes,
            Repr::Parsed(text) => text.as_bytes().as_ref(),
            Repr::Name(name) => name.as_bytes(),
        }
    }

    /// Appends to a parsed text; any other is left as it is.
    pub(super) fn push(&mut self, more: &StrTendril) {
        if let Repr::Parsed(text) = &mut self.0 {
            text.push_tendril(more);
        }
    }
}

impl<'a> From<&'a [u8]> for Str<'a> {
    fn from(bytes: &'a [u8]) -> Str<'a> {
        Str(Repr::Borrowed(bytes))
    }
}

impl<'a> From<&'a str> for Str<'a> {
    fn from(text: &'a str) -> Str<'a> {
        Str(Repr::Borrowed(text.as_bytes()))
    }
}

impl From<StrTendril> for Str<'_> {
    fn from(text: StrTendril) -> Self {
        Str(Repr::Parsed(text))
    }
}

impl From<LocalName> for Str<'_> {
    fn from(name: LocalName) -> Self {
        Str(Repr::Name(name))
    }
}

/// What a node is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind<'t> {
    /// An element with its name; attributes and children belong to the node.
    Element(&'t [u8]),
    /// Text.
    Text(&'t [u8]),
    /// A comment with its text.
    Comment(&'t [u8]),
}

/// The attributes of an element.
#[derive(Debug)]
pub(super) enum Attrs<'a> {
    /// As the tokenizer made them, with complete local names.
    Parsed(Vec<Attribute>),
    /// As a program has them.
    Borrowed(Vec<(&'a [u8], &'a [u8])>),
}

#[derive(Debug)]
pub(super) enum Data<'a> {
    Element(Str<'a>, Attrs<'a>),
    Text(Str<'a>),
    Comment(Str<'a>),
}

#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Links {
    pub parent: Option<NodeId>,
    pub first: Option<NodeId>,
    pub last: Option<NodeId>,
    pub previous: Option<NodeId>,
    pub next: Option<NodeId>,
}

#[derive(Debug)]
pub(super) struct Node<'a> {
    pub data: Data<'a>,
    pub links: Links,
}

/// A tree of elements, texts and comments.
///
/// Any number of nodes may have no parent; the root of a parsed tree, or the first
/// node that was added to an empty one, is [`Tree::root`].
#[derive(Debug, Default)]
pub struct Tree<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) root: Option<NodeId>,
}

impl<'a> Tree<'a> {
    /// A tree without nodes.
    pub fn new() -> Tree<'a> {
        Tree::default()
    }

    /// The root, if the tree has any node.
    pub fn root(&self) -> Option<NodeId> {
        self.root
    }

    /// How many nodes the tree has; those of a parsed tree may include some that
    /// are not below its root.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether the tree has no node.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Adds an element as the last child of `parent`.
    pub fn add_element(&mut self, parent: Option<NodeId>, name: impl Into<Str<'a>>) -> NodeId {
        let data = Data::Element(name.into(), Attrs::Borrowed(Vec::new()));
        self.add(parent, data)
    }

    /// Adds a text as the last child of `parent`.
    pub fn add_text(&mut self, parent: Option<NodeId>, text: impl Into<Str<'a>>) -> NodeId {
        self.add(parent, Data::Text(text.into()))
    }

    /// Adds a comment as the last child of `parent`.
    pub fn add_comment(&mut self, parent: Option<NodeId>, text: impl Into<Str<'a>>) -> NodeId {
        self.add(parent, Data::Comment(text.into()))
    }

    /// Adds an attribute to an element that was added by [`Tree::add_element`],
    /// after those it has; other nodes are left as they are.
    pub fn add_attribute(&mut self, element: NodeId, name: &'a [u8], value: &'a [u8]) {
        let node = self.nodes.get_mut(element.index());
        if let Some(Node { data: Data::Element(_, Attrs::Borrowed(attrs)), .. }) = node {
            attrs.push((name, value));
        }
    }

    fn add(&mut self, parent: Option<NodeId>, data: Data<'a>) -> NodeId {
        let id = self.create(data);
        if let Some(parent) = parent {
            self.append(parent, id);
        }
        self.root.get_or_insert(id);
        id
    }

    /// Makes a node that has no parent.
    pub(super) fn create(&mut self, data: Data<'a>) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node { data, links: Links::default() });
        id
    }

    /// Makes a node that has no parent the last child of `parent`.
    pub(super) fn append(&mut self, parent: NodeId, child: NodeId) {
        let previous = self.links(parent).last;
        self.link(child, |links| (links.parent, links.previous) = (Some(parent), previous));
        match previous {
            Some(previous) => self.link(previous, |links| links.next = Some(child)),
            None => self.link(parent, |links| links.first = Some(child)),
        }
        self.link(parent, |links| links.last = Some(child));
    }

    pub(super) fn link(&mut self, node: NodeId, change: impl FnOnce(&mut Links)) {
        if let Some(node) = self.nodes.get_mut(node.index()) {
            change(&mut node.links);
        }
    }

    pub(super) fn links(&self, node: NodeId) -> Links {
        self.nodes.get(node.index()).map(|node| node.links).unwrap_or_default()
    }

    /// What a node is.
    pub fn kind(&self, node: NodeId) -> Kind<'_> {
        match self.nodes.get(node.index()).map(|node| &node.data) {
            Some(Data::Element(name, _)) => Kind::Element(name.as_bytes()),
            Some(Data::Text(text)) => Kind::Text(text.as_bytes()),
            Some(Data::Comment(text)) => Kind::Comment(text.as_bytes()),
            None => Kind::Text(&[]),
        }
    }

    /// The attributes of a node in their order: names and values.
    pub fn attributes(&self, node: NodeId) -> impl Iterator<Item = (&[u8], &[u8])> {
        let (parsed, borrowed) = match self.nodes.get(node.index()).map(|node| &node.data) {
            Some(Data::Element(_, Attrs::Parsed(parsed))) => (&parsed[..], &[][..]),
            Some(Data::Element(_, Attrs::Borrowed(borrowed))) => (&[][..], &borrowed[..]),
            _ => (&[][..], &[][..]),
        };
        let parsed =
            parsed.iter().map(|attr| (attr.name.local.as_bytes(), attr.value.as_bytes().as_ref()));
        parsed.chain(borrowed.iter().copied())
    }

    /// The parent of a node.
    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.links(node).parent
    }

    /// The first child of a node.
    pub fn first_child(&self, node: NodeId) -> Option<NodeId> {
        self.links(node).first
    }

    /// The node after this one, of the same parent.
    pub fn next_sibling(&self, node: NodeId) -> Option<NodeId> {
        self.links(node).next
    }

    /// The children of a node, in order.
    pub fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.first_child(node), |&child| self.next_sibling(child))
    }

    /// A node and all below it, in document order.
    pub fn descendants(&self, start: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(Some(start), move |&node| {
            self.first_child(node).or_else(|| self.after(start, node))
        })
    }

    /// The first node in document order that comes after all of `node`, within `start`.
    fn after(&self, start: NodeId, mut node: NodeId) -> Option<NodeId> {
        while node != start {
            let links = self.links(node);
            if links.next.is_some() {
                return links.next;
            }
            node = links.parent?;
        }
        None
    }
}

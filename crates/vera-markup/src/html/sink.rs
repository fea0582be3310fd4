//! The tree builder's view of our tree: what it may do to the nodes.

use super::tree::{Attrs, Data, Node, NodeId, Tree};
use html5ever::interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::{Attribute, LocalName, Namespace, QualName};
use std::borrow::Cow;
use std::cell::RefCell;

/// A node for the tree builder.
type Handle = NodeId;

/// The name of an element, independent of the tree it was read from.
#[derive(Debug)]
pub struct Name {
    namespace: Namespace,
    local: LocalName,
}

impl ElemName for Name {
    fn ns(&self) -> &Namespace {
        &self.namespace
    }

    fn local_name(&self) -> &LocalName {
        &self.local
    }
}

/// What the tree builder knows of a node beside the tree.
#[derive(Default)]
struct Extra {
    name: Option<(Namespace, LocalName)>,
    integration_point: bool,
}

struct State {
    tree: Tree<'static>,
    extra: Vec<Extra>,
}

/// A tree under construction; its first node stands for the document.
pub struct Sink(RefCell<State>);

/// The node that stands for the document.
pub const DOCUMENT: NodeId = NodeId(0);

impl Sink {
    /// A document without children; `nodes` is a guess at how many it will have.
    pub fn new(nodes: usize) -> Sink {
        let mut tree = Tree::new();
        tree.nodes.reserve(nodes);
        let mut state = State { tree, extra: Vec::with_capacity(nodes) };
        state.create(Data::Comment("".into()), Extra::default());
        Sink(RefCell::new(state))
    }
}

impl State {
    fn create(&mut self, data: Data<'static>, extra: Extra) -> Handle {
        self.extra.push(extra);
        self.tree.create(data)
    }

    /// Appends text to a node that is a text; whether it is one.
    fn merge(&mut self, node: Option<Handle>, text: &StrTendril) -> bool {
        let node = node.and_then(|node| self.tree.nodes.get_mut(node.index()));
        if let Some(Node { data: Data::Text(old), .. }) = node {
            old.push(text);
            return true;
        }
        false
    }

    /// The node that is to be inserted after `previous`, unless it is merged with it.
    fn inserted(&mut self, previous: Option<Handle>, new: NodeOrText<Handle>) -> Option<Handle> {
        match new {
            NodeOrText::AppendNode(node) => {
                self.detach(node);
                Some(node)
            }
            NodeOrText::AppendText(text) => {
                if self.merge(previous, &text) {
                    return None;
                }
                Some(self.create(Data::Text(text.into()), Extra::default()))
            }
        }
    }

    fn append(&mut self, parent: Handle, new: NodeOrText<Handle>) {
        let last = self.tree.links(parent).last;
        if let Some(node) = self.inserted(last, new) {
            self.tree.append(parent, node);
        }
    }

    fn insert_before(&mut self, sibling: Handle, new: NodeOrText<Handle>) {
        let previous = self.tree.links(sibling).previous;
        let Some(node) = self.inserted(previous, new) else { return };
        // Taking the node from its old place may have changed the links.
        let links = self.tree.links(sibling);
        let (parent, previous) = (links.parent, links.previous);
        self.tree.link(node, |links| {
            (links.parent, links.previous, links.next) = (parent, previous, Some(sibling));
        });
        self.tree.link(sibling, |links| links.previous = Some(node));
        match (previous, parent) {
            (Some(previous), _) => self.tree.link(previous, |links| links.next = Some(node)),
            (None, Some(parent)) => self.tree.link(parent, |links| links.first = Some(node)),
            (None, None) => {}
        }
    }

    fn detach(&mut self, node: Handle) {
        let old = self.tree.links(node);
        let Some(parent) = old.parent else { return };
        match old.previous {
            Some(previous) => self.tree.link(previous, |links| links.next = old.next),
            None => self.tree.link(parent, |links| links.first = old.next),
        }
        match old.next {
            Some(next) => self.tree.link(next, |links| links.previous = old.previous),
            None => self.tree.link(parent, |links| links.last = old.previous),
        }
        self.tree.link(node, |links| {
            (links.parent, links.previous, links.next) = (None, None, None);
        });
    }
}

/// Gives an attribute the name that browsers show: `xlink:href` for the `href` of
/// that name space.
fn complete_name(attr: &mut Attribute) {
    if let Some(prefix) = attr.name.prefix.take().filter(|prefix| !prefix.is_empty()) {
        attr.name.local = format_name(&prefix, &attr.name.local);
    }
}

fn format_name(prefix: &str, local: &str) -> LocalName {
    let mut name = String::with_capacity(prefix.len() + 1 + local.len());
    name.push_str(prefix);
    name.push(':');
    name.push_str(local);
    LocalName::from(name)
}

impl TreeSink for Sink {
    type Handle = Handle;
    type Output = Tree<'static>;
    type ElemName<'a> = Name;

    fn finish(self) -> Tree<'static> {
        self.0.into_inner().tree
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        DOCUMENT
    }

    fn elem_name(&self, target: &Handle) -> Name {
        let state = self.0.borrow();
        match state.extra.get(target.index()) {
            Some(Extra { name: Some((namespace, local)), .. }) => {
                Name { namespace: namespace.clone(), local: local.clone() }
            }
            _ => Name { namespace: Namespace::default(), local: LocalName::default() },
        }
    }

    fn create_element(
        &self,
        name: QualName,
        mut attrs: Vec<Attribute>,
        flags: ElementFlags,
    ) -> Handle {
        attrs.iter_mut().for_each(complete_name);
        let extra = Extra {
            name: Some((name.ns, name.local.clone())),
            integration_point: flags.mathml_annotation_xml_integration_point,
        };
        let data = Data::Element(name.local.into(), Attrs::Parsed(attrs));
        self.0.borrow_mut().create(data, extra)
    }

    fn create_comment(&self, text: StrTendril) -> Handle {
        self.0.borrow_mut().create(Data::Comment(text.into()), Extra::default())
    }

    fn create_pi(&self, _: StrTendril, data: StrTendril) -> Handle {
        // HTML has none: the tokenizer makes comments of them.
        self.create_comment(data)
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.0.borrow_mut().append(*parent, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &Handle,
        prev_element: &Handle,
        child: NodeOrText<Handle>,
    ) {
        let mut state = self.0.borrow_mut();
        match state.tree.links(*element).parent {
            Some(_) => state.insert_before(*element, child),
            None => state.append(*prev_element, child),
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &Handle) -> Handle {
        *target
    }

    fn same_node(&self, x: &Handle, y: &Handle) -> bool {
        x == y
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Handle, new_node: NodeOrText<Handle>) {
        self.0.borrow_mut().insert_before(*sibling, new_node);
    }

    fn add_attrs_if_missing(&self, target: &Handle, mut attrs: Vec<Attribute>) {
        attrs.iter_mut().for_each(complete_name);
        let mut state = self.0.borrow_mut();
        let node = state.tree.nodes.get_mut(target.index());
        if let Some(Node { data: Data::Element(_, Attrs::Parsed(old)), .. }) = node {
            let known = old.len();
            for attr in attrs {
                let first = old.get(..known).unwrap_or_default();
                if !first.iter().any(|old| old.name.local == attr.name.local) {
                    old.push(attr);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.0.borrow_mut().detach(*target);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        let mut state = self.0.borrow_mut();
        while let Some(child) = state.tree.links(*node).first {
            state.append(*new_parent, NodeOrText::AppendNode(child));
        }
    }

    fn is_mathml_annotation_xml_integration_point(&self, handle: &Handle) -> bool {
        let state = self.0.borrow();
        state.extra.get(handle.index()).is_some_and(|extra| extra.integration_point)
    }

    fn allow_declarative_shadow_roots(&self, _: &Handle) -> bool {
        false
    }
}

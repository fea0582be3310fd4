//! HTML values: `HtmlNode` to and from the trees of `vera-markup`.

use alloc::vec::Vec;

use vera_abi::prelude::{HTML_COMMENT, HTML_ELEMENT, HTML_TEXT};
use vera_markup::html::{self, Kind, NodeId, Tree};
use vera_rt::{Heap, Ref, Roots, string};

use crate::values::{self, Builder, Field, build};

/// `Result<HtmlNode, String>`, always `Ok`: the tree of a text.
pub fn parse(heap: &mut Heap, text: Ref, roots: Roots) -> Ref {
    let tree = html::parse(string::bytes(heap, text));
    build(heap, roots, |b| {
        let root = match tree.root() {
            Some(root) => value(b, &tree, root),
            None => text_node(b, b""),
        };
        b.ok(root)
    })
}

fn text_node(b: &mut Builder<'_>, text: &[u8]) -> Ref {
    let text = b.string(text);
    b.object(&HTML_TEXT, &[Field::Ref(text)])
}

/// The value of a node and all below it.
fn value(b: &mut Builder<'_>, tree: &Tree<'_>, start: NodeId) -> Ref {
    let (first, next) = (|node| tree.first_child(node), |node| tree.next_sibling(node));
    let made = values::fold(start, first, next, |node, children| made(b, tree, node, children));
    made.unwrap_or_else(|| text_node(b, b""))
}

fn made(b: &mut Builder<'_>, tree: &Tree<'_>, node: NodeId, children: &[Ref]) -> Ref {
    match tree.kind(node) {
        Kind::Text(text) => text_node(b, text),
        Kind::Comment(text) => {
            let text = b.string(text);
            b.object(&HTML_COMMENT, &[Field::Ref(text)])
        }
        Kind::Element(name) => {
            let name = b.string(name);
            let mut entries: Vec<Ref> = Vec::new();
            for (key, value) in tree.attributes(node) {
                let (key, value) = (b.string(key), b.string(value));
                entries.push(b.entry(key, value));
            }
            let attributes = b.map(&entries);
            let children = b.array(children);
            let fields = [name, attributes, children].map(Field::Ref);
            b.object(&HTML_ELEMENT, &fields)
        }
    }
}

/// The tree of a value, and the value of each of its nodes.
fn tree(heap: &Heap, value: Ref) -> (Tree<'_>, Vec<Ref>) {
    let (mut tree, mut of) = (Tree::new(), Vec::new());
    let mut left: Vec<(Ref, Option<NodeId>)> = alloc::vec![(value, None)];
    let text = |value, ctor, at| string::bytes(heap, values::field(heap, value, ctor, at));
    while let Some((value, parent)) = left.pop() {
        of.push(value);
        let tag = values::tag(heap, value);
        if tag == HTML_TEXT.tag {
            tree.add_text(parent, text(value, &HTML_TEXT, 0));
        } else if tag == HTML_COMMENT.tag {
            tree.add_comment(parent, text(value, &HTML_COMMENT, 0));
        } else {
            let node = tree.add_element(parent, text(value, &HTML_ELEMENT, 0));
            for (key, value) in values::entries(heap, values::field(heap, value, &HTML_ELEMENT, 1))
            {
                tree.add_attribute(node, string::bytes(heap, key), string::bytes(heap, value));
            }
            let children = values::field(heap, value, &HTML_ELEMENT, 2);
            left.extend(values::elements(heap, children).rev().map(|c| (c, Some(node))));
        }
    }
    (tree, of)
}

/// `html_to_string`
pub fn to_string(heap: &mut Heap, value: Ref, roots: Roots) -> Ref {
    let (tree, _) = tree(heap, value);
    let text = tree.root().map(|root| html::to_string(&tree, root)).unwrap_or_default();
    build(heap, roots, |b| b.string(&text))
}

/// `html_text`
pub fn text(heap: &mut Heap, value: Ref, roots: Roots) -> Ref {
    let (tree, _) = tree(heap, value);
    let text = tree.root().map(|root| html::text(&tree, root).into_owned()).unwrap_or_default();
    build(heap, roots, |b| b.string(&text))
}

/// `html_query`: the matching nodes themselves.
pub fn query(heap: &mut Heap, args: [Ref; 2], roots: Roots) -> Ref {
    let [value, selector] = args;
    let (tree, of) = tree(heap, value);
    let found = tree.root().map(|root| html::query(&tree, root, string::bytes(heap, selector)));
    let nodes: Vec<Ref> =
        found.unwrap_or_default().iter().filter_map(|n| of.get(n.index()).copied()).collect();
    build(heap, roots, |b| b.array(&nodes))
}

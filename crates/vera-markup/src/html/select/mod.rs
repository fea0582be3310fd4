//! Queries by selector (language reference, chapter 13.5.6).
//!
//! [`grammar`] reads a selector; this file finds what it selects. A selector's
//! steps are taken from left to right; each is one pass over the elements in
//! document order that turns the set of the elements matched so far into the set
//! matched with one step more. What a step needs of other elements, whether an
//! ancestor or an earlier sibling is in the set, is known when an element's turn
//! comes, since parents and earlier siblings come first. So a query takes time
//! linear in the elements for each step, and finds each element once.

mod grammar;

use super::tree::{Kind, NodeId, Tree};
use grammar::{Combinator, Compound, Test};

/// An element with where its parent and the element before it are in the list.
struct Element {
    node: NodeId,
    parent: Option<usize>,
    previous: Option<usize>,
}

/// The elements among `start` and all below it that a selector selects, in document
/// order. A malformed or empty selector selects none.
///
/// ```
/// use vera_markup::html::{parse, query, to_string};
/// let tree = parse(b"<div><p class='a b'>1</p><p>2</p></div>");
/// let found = query(&tree, tree.root().unwrap(), b"div > .b + p");
/// assert_eq!(to_string(&tree, found[0]), b"<p>2</p>");
/// ```
pub fn query(tree: &Tree<'_>, start: NodeId, selector: &[u8]) -> Vec<NodeId> {
    let Some(selectors) = grammar::parse(selector) else { return Vec::new() };
    if !matches!(tree.kind(start), Kind::Element(_)) {
        return Vec::new();
    }
    let elements = elements(tree, start);
    let mut selected = vec![false; elements.len()];
    for steps in &selectors {
        let mut matched = Vec::new();
        for (combinator, compound) in steps {
            matched = step(tree, &elements, &matched, *combinator, compound);
        }
        for (all, one) in selected.iter_mut().zip(matched) {
            *all |= one;
        }
    }
    let found = elements.iter().zip(selected).filter(|(_, selected)| *selected);
    found.map(|(element, _)| element.node).collect()
}

fn elements(tree: &Tree<'_>, start: NodeId) -> Vec<Element> {
    let mut elements: Vec<Element> = Vec::new();
    // For each open element: its place, and that of its last child so far.
    let mut open: Vec<(NodeId, usize, Option<usize>)> = Vec::new();
    for node in tree.descendants(start) {
        if !matches!(tree.kind(node), Kind::Element(_)) {
            continue;
        }
        let parent = tree.parent(node).filter(|_| node != start);
        while open.last().is_some_and(|&(top, _, _)| Some(top) != parent) {
            open.pop();
        }
        let at = elements.len();
        let (parent, previous) = match open.last_mut() {
            Some((_, parent, last)) => (Some(*parent), last.replace(at)),
            None => (None, None),
        };
        elements.push(Element { node, parent, previous });
        open.push((node, at, None));
    }
    elements
}

/// The elements that match `compound` and stand to one of `before` as the combinator
/// says; a first step has none.
fn step(
    tree: &Tree<'_>,
    elements: &[Element],
    before: &[bool],
    combinator: Option<Combinator>,
    compound: &Compound,
) -> Vec<bool> {
    let mut matched = Vec::with_capacity(elements.len());
    // Whether an ancestor, or an earlier sibling, of each element is in `before`.
    let mut reached: Vec<bool> = Vec::new();
    let get =
        |set: &[bool], at: Option<usize>| at.and_then(|at| set.get(at).copied()).unwrap_or(false);
    for element in elements {
        let related = match combinator {
            None => true,
            Some(Combinator::Child) => get(before, element.parent),
            Some(Combinator::Next) => get(before, element.previous),
            Some(Combinator::Descendant) => {
                let of = element.parent;
                reached.push(get(before, of) || get(&reached, of));
                reached.last() == Some(&true)
            }
            Some(Combinator::Later) => {
                let of = element.previous;
                reached.push(get(before, of) || get(&reached, of));
                reached.last() == Some(&true)
            }
        };
        matched.push(related && matches(tree, element.node, compound));
    }
    matched
}

fn matches(tree: &Tree<'_>, node: NodeId, compound: &Compound) -> bool {
    let Kind::Element(name) = tree.kind(node) else { return false };
    let value_of = |wanted: &[u8]| {
        tree.attributes(node)
            .find(|(key, _)| key.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value)
    };
    compound.iter().all(|test| match test {
        Test::Any => true,
        Test::Name(wanted) => name.eq_ignore_ascii_case(wanted),
        Test::Class(wanted) => value_of(b"class").is_some_and(|classes| {
            classes.split(u8::is_ascii_whitespace).any(|class| class == wanted)
        }),
        Test::Id(wanted) => !wanted.is_empty() && value_of(b"id") == Some(wanted),
        Test::Has(key) => value_of(key).is_some(),
        Test::Is(key, wanted) => value_of(key) == Some(wanted),
    })
}

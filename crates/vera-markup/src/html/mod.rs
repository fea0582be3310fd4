//! HTML (language reference, chapter 13.5).
//!
//! [`parse`] builds the tree that browsers build; [`to_string`] prints it so that
//! parsing again yields the same tree where HTML can express it; [`query`] finds
//! elements by a selector; [`text`] and [`attr`] read one element.
//!
//! Templates keep their contents as ordinary children: a program's tree has no
//! second kind of child, and the printed form is the same.

mod parse;
mod print;
mod select;
mod sink;
mod tree;

#[cfg(test)]
mod tests;

pub use parse::parse;
pub use print::to_string;
pub use select::query;
pub use tree::{Kind, NodeId, Str, Tree};

use std::borrow::Cow;

/// All text of a node, in document order: that of scripts and styles too, without
/// comments.
///
/// ```
/// let tree = vera_markup::html::parse(b"<p>a<b>b</b><!-- c --></p>");
/// assert_eq!(&*vera_markup::html::text(&tree, tree.root().unwrap()), b"ab");
/// ```
pub fn text<'t>(tree: &'t Tree<'_>, node: NodeId) -> Cow<'t, [u8]> {
    let mut all: Cow<'t, [u8]> = Cow::Borrowed(&[]);
    for inner in tree.descendants(node) {
        if let Kind::Text(text) = tree.kind(inner) {
            match &mut all {
                Cow::Borrowed([]) => all = Cow::Borrowed(text),
                more => more.to_mut().extend_from_slice(text),
            }
        }
    }
    all
}

/// The value of the attribute with exactly this name; none for text and comments.
pub fn attr<'t>(tree: &'t Tree<'_>, node: NodeId, name: &[u8]) -> Option<&'t [u8]> {
    tree.attributes(node).find(|&(key, _)| key == name).map(|(_, value)| value)
}

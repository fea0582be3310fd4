//! Questions about a tree: documents, quotes and items are looked into.

use super::tree::{Node, NodeId, Tree};

/// The blocks that the questions are about, in document order.
fn blocks<'t>(tree: &'t Tree<'_>, start: NodeId) -> impl Iterator<Item = &'t Node<'t>> {
    let inner = tree.descendants(start).map(|(node, _)| tree.node(node));
    inner.filter(|node| matches!(node, Node::Heading(_) | Node::CodeBlock(..)))
}

/// Whether there is a heading of this level.
pub fn has_heading(tree: &Tree<'_>, start: NodeId, level: u64) -> bool {
    blocks(tree, start).any(|node| *node == Node::Heading(level))
}

/// Whether there is a code block with exactly this info string.
pub fn has_code_block(tree: &Tree<'_>, start: NodeId, language: &[u8]) -> bool {
    blocks(tree, start).any(|node| matches!(node, Node::CodeBlock(info, _) if **info == *language))
}

/// The contents of all code blocks with exactly this info string.
///
/// ```
/// use vera_markup::markdown::{extract_code_blocks, parse};
/// let tree = parse(b"```vera\na\n```\n> ```vera\n> b\n> ```");
/// let found = extract_code_blocks(&tree, tree.root().unwrap(), b"vera");
/// assert_eq!(found, [b"a", b"b"]);
/// ```
pub fn extract_code_blocks<'t>(
    tree: &'t Tree<'_>,
    start: NodeId,
    language: &[u8],
) -> Vec<&'t [u8]> {
    let code = blocks(tree, start).filter_map(|node| match node {
        Node::CodeBlock(info, code) if **info == *language => Some(&**code),
        _ => None,
    });
    code.collect()
}

//! Markdown values: `MdBlock` and `MdInline` to and from the trees of `vera-markup`.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use vera_abi::prelude::{
    Ctor, MD_BLOCK_QUOTE, MD_CODE, MD_CODE_BLOCK, MD_DOCUMENT, MD_EMPH, MD_HEADING, MD_IMAGE,
    MD_LINK, MD_LIST, MD_PARAGRAPH, MD_STRONG, MD_TABLE, MD_TEXT, MD_THEMATIC_BREAK,
};
use vera_markup::markdown::{self, Node, NodeId, Tree};
use vera_rt::{Heap, Ref, Roots, string};

use crate::values::{self, Builder, Field, build};

/// `Result<MdBlock, String>`, always `Ok`: the document of a text.
pub fn parse(heap: &mut Heap, text: Ref, roots: Roots) -> Ref {
    let text = values::bytes(heap, text);
    let tree = markdown::parse(&text);
    build(heap, roots, |b| {
        let document = match tree.root() {
            Some(root) => value(b, &tree, root),
            None => {
                let none = b.array(&[]);
                b.object(&MD_DOCUMENT, &[Field::Ref(none)])
            }
        };
        b.ok(document)
    })
}

/// The value of a node and all below it.
fn value(b: &mut Builder<'_>, tree: &Tree<'_>, start: NodeId) -> Ref {
    let (first, next) = (|node| tree.first_child(node), |node| tree.next_sibling(node));
    let made =
        values::fold(start, first, next, |node, children| made(b, tree.node(node), children));
    made.unwrap_or(MD_THEMATIC_BREAK)
}

fn made(b: &mut Builder<'_>, node: &Node<'_>, children: &[Ref]) -> Ref {
    let children = b.array(children);
    let inside = Field::Ref(children);
    match node {
        Node::Document => b.object(&MD_DOCUMENT, &[inside]),
        Node::Paragraph => b.object(&MD_PARAGRAPH, &[inside]),
        Node::Heading(level) => b.object(&MD_HEADING, &[Field::Long(*level), inside]),
        Node::CodeBlock(info, code) => texts(b, &MD_CODE_BLOCK, [info, code]),
        Node::BlockQuote => b.object(&MD_BLOCK_QUOTE, &[inside]),
        Node::List(ordered) => b.object(&MD_LIST, &[Field::Word((*ordered).into()), inside]),
        Node::ThematicBreak => MD_THEMATIC_BREAK,
        Node::Table => b.object(&MD_TABLE, &[inside]),
        // Their values are arrays.
        Node::Item | Node::Row | Node::Cell => children,
        Node::Text(text) => texts(b, &MD_TEXT, [text]),
        Node::Code(code) => texts(b, &MD_CODE, [code]),
        Node::Emph => b.object(&MD_EMPH, &[inside]),
        Node::Strong => b.object(&MD_STRONG, &[inside]),
        Node::Link(to) => {
            let to = b.string(to);
            b.object(&MD_LINK, &[inside, Field::Ref(to)])
        }
        Node::Image(alt, source) => texts(b, &MD_IMAGE, [alt, source]),
    }
}

fn texts<const N: usize>(b: &mut Builder<'_>, ctor: &Ctor, texts: [&[u8]; N]) -> Ref {
    let fields = texts.map(|text| Field::Ref(b.string(text)));
    b.object(ctor, &fields)
}

/// What a value is that is still to be read.
#[derive(Clone, Copy)]
enum Part {
    Block,
    Inline,
    /// An array of blocks.
    Item,
    /// An array of cells.
    Row,
    /// An array of inlines.
    Cell,
}

/// The tree of a block.
fn tree(heap: &Heap, block: Ref) -> Tree<'_> {
    let mut tree = Tree::new();
    let mut left: Vec<(Part, Ref, Option<NodeId>)> = alloc::vec![(Part::Block, block, None)];
    while let Some((part, value, parent)) = left.pop() {
        let (node, children) = match part {
            Part::Block => block_node(heap, value),
            Part::Inline => inline_node(heap, value),
            Part::Item => (Node::Item, Some((Part::Block, value))),
            Part::Row => (Node::Row, Some((Part::Cell, value))),
            Part::Cell => (Node::Cell, Some((Part::Inline, value))),
        };
        let id = tree.add(parent, node);
        if let Some((part, array)) = children {
            left.extend(values::elements(heap, array).rev().map(|c| (part, c, Some(id))));
        }
    }
    tree
}

/// A node, and what its children are with the array of them.
type Read<'h> = (Node<'h>, Option<(Part, Ref)>);

fn block_node(heap: &Heap, value: Ref) -> Read<'_> {
    let field = |ctor: &Ctor, at| values::field(heap, value, ctor, at);
    let tag = values::tag(heap, value);
    if tag == MD_PARAGRAPH.tag {
        (Node::Paragraph, Some((Part::Inline, field(&MD_PARAGRAPH, 0))))
    } else if tag == MD_HEADING.tag {
        let level = values::long_field(heap, value, &MD_HEADING, 0);
        (Node::Heading(level), Some((Part::Inline, field(&MD_HEADING, 1))))
    } else if tag == MD_CODE_BLOCK.tag {
        let [info, code] = [0, 1].map(|at| text(heap, field(&MD_CODE_BLOCK, at)));
        (Node::CodeBlock(info, code), None)
    } else if tag == MD_BLOCK_QUOTE.tag {
        (Node::BlockQuote, Some((Part::Block, field(&MD_BLOCK_QUOTE, 0))))
    } else if tag == MD_LIST.tag {
        (Node::List(field(&MD_LIST, 0) != 0), Some((Part::Item, field(&MD_LIST, 1))))
    } else if tag == MD_TABLE.tag {
        (Node::Table, Some((Part::Row, field(&MD_TABLE, 0))))
    } else if tag == MD_DOCUMENT.tag {
        (Node::Document, Some((Part::Block, field(&MD_DOCUMENT, 0))))
    } else {
        (Node::ThematicBreak, None)
    }
}

fn inline_node(heap: &Heap, value: Ref) -> Read<'_> {
    let field = |ctor: &Ctor, at| values::field(heap, value, ctor, at);
    let tag = values::tag(heap, value);
    if tag == MD_TEXT.tag {
        (Node::Text(text(heap, field(&MD_TEXT, 0))), None)
    } else if tag == MD_CODE.tag {
        (Node::Code(text(heap, field(&MD_CODE, 0))), None)
    } else if tag == MD_EMPH.tag {
        (Node::Emph, Some((Part::Inline, field(&MD_EMPH, 0))))
    } else if tag == MD_STRONG.tag {
        (Node::Strong, Some((Part::Inline, field(&MD_STRONG, 0))))
    } else if tag == MD_LINK.tag {
        let to = text(heap, field(&MD_LINK, 1));
        (Node::Link(to), Some((Part::Inline, field(&MD_LINK, 0))))
    } else {
        let [alt, source] = [0, 1].map(|at| text(heap, field(&MD_IMAGE, at)));
        (Node::Image(alt, source), None)
    }
}

fn text(heap: &Heap, text: Ref) -> Cow<'_, [u8]> {
    Cow::Borrowed(string::bytes(heap, text))
}

/// `md_render`
pub fn render(heap: &mut Heap, block: Ref, roots: Roots) -> Ref {
    let tree = tree(heap, block);
    let text = tree.root().map(|root| markdown::render(&tree, root)).unwrap_or_default();
    drop(tree);
    build(heap, roots, |b| b.string(&text))
}

/// `md_has_heading`
pub fn has_heading(heap: &Heap, block: Ref, level: u64) -> bool {
    let tree = tree(heap, block);
    tree.root().is_some_and(|root| markdown::has_heading(&tree, root, level))
}

/// `md_has_code_block`
pub fn has_code_block(heap: &Heap, block: Ref, language: Ref) -> bool {
    let tree = tree(heap, block);
    let language = string::bytes(heap, language);
    tree.root().is_some_and(|root| markdown::has_code_block(&tree, root, language))
}

/// `md_extract_code_blocks`
pub fn extract_code_blocks(heap: &mut Heap, args: [Ref; 2], roots: Roots) -> Ref {
    let [block, language] = args;
    let tree = tree(heap, block);
    let language = string::bytes(heap, language);
    let found = tree.root().map(|root| markdown::extract_code_blocks(&tree, root, language));
    let blocks: Vec<Vec<u8>> = found.unwrap_or_default().into_iter().map(<[u8]>::to_vec).collect();
    drop(tree);
    build(heap, roots, |b| {
        let blocks: Vec<Ref> = blocks.iter().map(|text| b.string(text)).collect();
        b.array(&blocks)
    })
}

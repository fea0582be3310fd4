//! Markdown (language reference, chapter 13.6): CommonMark with tables.
//!
//! [`parse`] reads a text; [`render`] prints a tree as one canonical text such that
//! parsing it gives the same tree again, for every tree that parsing can give.
//! Breaks and HTML are text: `"\n"` for a soft break, two spaces and `"\n"` for a
//! hard one, HTML as written.

mod find;
mod parse;
mod render;
mod tree;

#[cfg(test)]
mod tests;

pub use find::{extract_code_blocks, has_code_block, has_heading};
pub use parse::parse;
pub use render::render;
pub use tree::{Node, NodeId, Tree};

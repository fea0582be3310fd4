//! HTML and Markdown of Vera's library as plain Rust trees.
//!
//! Two formats with a standard that people know, so two well-kept parsers read
//! them; what is ours is the tree, its text form, and the queries over it.
//! Nothing here knows the program's heap, the compiler or the host; the runtime
//! (`vera-runtime`) turns these trees into Vera values and back.
//!
//! # Invariants
//!
//! - No recursion over input or trees: depth is limited by memory alone.
//! - No panic: any bytes give a tree.
//! - Time is linear in the input.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod html;
pub mod markdown;

//! JSON (language reference, chapter 13.4): text to events, values to text.
//!
//! [`parse`] reads a text and tells a [`Sink`] what it meets, from left to right,
//! containers after their contents: enough for a stack machine that builds values
//! bottom-up. [`write_string`] and [`write_number`] are the two parts of the
//! canonical output that take thought. [`Tree`] is a sink for tools and tests.
//!
//! ```
//! use vera_data::json::{Tree, parse};
//!
//! let mut tree = Tree::default();
//! parse(br#" { "b": [1, 2.50], "a": "\u0041", "b": null } "#, &mut tree).unwrap();
//! assert_eq!(tree.to_bytes(), br#"{"b":null,"a":"A"}"#);
//!
//! let error = parse(b"[1,]", &mut Tree::default()).unwrap_err();
//! assert_eq!(error.message(), b"Expecting value: line 1 column 4 (char 3)");
//! ```

mod error;
mod number;
mod parse;
mod scan;
mod survive;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
mod tree;
mod write;

pub use error::{Constant, Error, Reason};
pub use parse::{Sink, parse};
pub use tree::Tree;
pub use write::{NotRepresentable, write_number, write_string};

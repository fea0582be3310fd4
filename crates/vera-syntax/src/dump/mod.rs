//! Prints syntax trees: as JSON (`vera ast --json`), as text (`vera ast`) and with
//! positions (`vera parse`).
//!
//! The tree is first brought into a uniform shape, [`Tree`], in which a node is a
//! type name with named fields ([`build`]); each form is then a small printer. The
//! printers recurse over the height of the tree, which the parser bounds.

mod build;
mod float;
mod json;
mod text;

use smol_str::SmolStr;
use vera_diagnostics::{SourceFile, Span};

use crate::ast::Program;

/// The JSON form (language reference, chapter 01 section 9.1), with a final
/// newline; `file` holds the text that was parsed.
pub fn ast_json(program: &Program, file: &SourceFile) -> String {
    json::print(&build::program(program), file)
}

/// The text form (section 9.5), with a final newline.
pub fn ast_text(program: &Program, file: &SourceFile) -> String {
    text::print_fields(&build::program(program), file)
}

/// One node a line with its position and its scalar fields, nested by indentation.
pub fn dump_text(program: &Program, file: &SourceFile) -> String {
    text::print_compact(&build::program(program), file)
}

/// A syntax tree in uniform shape.
enum Tree {
    Node(Node),
    List(Vec<Tree>),
    Null,
    Bool(bool),
    /// An operator, shown bare in the text form.
    Op(&'static str),
    Str(SmolStr),
    /// Digits of any length.
    Int(SmolStr),
    Float(SmolStr),
    Span(Span),
}

struct Node {
    name: &'static str,
    span: Option<Span>,
    fields: Vec<(&'static str, Tree)>,
}

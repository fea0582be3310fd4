//! Lexer, parser and syntax tree of the Vera language. Knows nothing of types,
//! names in scope, or files.
//!
//! ```
//! let parsed = vera_syntax::parse("type Count = Nat;");
//! assert!(parsed.errors.is_empty());
//! assert_eq!(parsed.program.decls.len(), 1);
//! ```
#![forbid(unsafe_code)]

pub mod ast;
mod comments;
mod continuation;
mod dump;
mod errors;
pub mod grammar;
mod labels;
mod lexer;
mod literals;
mod parser;
pub mod print;
mod slips;
mod token;

pub use comments::{Comment, CommentKind};
pub use continuation::{Continuation, Role, Roles, continuation, ends_in_comment};
pub use dump::{ast_json, ast_text, dump_text};
pub use errors::SyntaxError;
pub use token::{Tok, Token, TokenSet};

use vera_diagnostics::Span;

/// What [`parse`] makes of a text.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    /// The declarations of which name and type could be read; all of them when there are
    /// no errors. Where something inside could not be read stands an `Error` node.
    pub program: ast::Program,
    /// Every comment in source order, those inside interpolation holes included.
    pub comments: Vec<Comment>,
    /// Independent errors. The first is the one the language defines for the
    /// text; those in the grammar come before those in string literals and pipes.
    pub errors: Vec<SyntaxError>,
    /// Whether a declaration is missing in the tree; what refers to it is no mistake.
    pub lost: bool,
}

/// Parses a whole file. Takes time linear in the length of the text, and neither
/// fails nor overflows the stack: what is wrong, depth beyond the limits included,
/// is in [`Parsed::errors`].
///
/// Nesting at its limit takes 1.5 MiB of stack in an optimised build and 5 MiB in
/// one that is not.
pub fn parse(text: &str) -> Parsed {
    parser::parse(text)
}

/// The tokens of a part of a text, which begins and ends between tokens, comments left out.
/// The last is [`Tok::Eof`].
pub fn tokens(text: &str, part: Span) -> Vec<Token> {
    lexer::lex(text, part.start as usize..part.end as usize).tokens
}

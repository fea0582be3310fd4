//! Lexer, parser and syntax tree of the Vera language. Knows nothing of types,
//! names in scope, or files.
#![forbid(unsafe_code)]

pub mod ast;

//! The grammar for the `tree-sitter` crate, and the queries that editors use with it.

use tree_sitter_language::LanguageFn;

unsafe extern "C" {
    fn tree_sitter_vera() -> *const ();
}

/// The grammar.
// SAFETY: the generated function takes nothing and yields a language that lives for ever.
pub const LANGUAGE: LanguageFn = unsafe { LanguageFn::from_raw(tree_sitter_vera) };

/// What is shown in which colour.
pub const HIGHLIGHTS: &str = include_str!("../queries/highlights.scm");

/// What folds.
pub const FOLDS: &str = include_str!("../queries/folds.scm");

/// Scopes, and what binds in them.
pub const LOCALS: &str = include_str!("../queries/locals.scm");

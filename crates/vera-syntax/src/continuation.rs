//! What can follow a text: the parser's own expectations at its end.
//!
//! A rule asks for what it can take with [`crate::parser`]'s `at`, and where it takes
//! nothing the sets add up until the first rule fails. Reading a beginning of a program, the
//! first failure at its end has asked for everything that could stand there, so there is no
//! second grammar that could disagree.

use crate::comments::CommentKind;
use crate::errors::ErrorKind;
use crate::token::TokenSet;

/// What a name that can follow would be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Role {
    /// A function, a constructor or an effect, at the start of an operand.
    Operand,
    Type,
    /// The type of a slot reference.
    Slot,
    /// The number of a slot reference.
    Index,
    /// In a pattern, or before the `<` of a destructuring `let`.
    Constructor,
    Effect,
    Ability,
    TypeVariable,
    /// A name that is declared there.
    New,
    /// A segment of a module's path.
    Module,
    /// A name in the list of an import.
    Imported,
    /// Behind `Effect.`
    Operation,
    /// At the start of a handler's clause.
    Clause,
    /// Behind `a.b::`
    Member,
}

/// A set of roles.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Roles(u16);

impl Roles {
    pub(crate) fn insert(&mut self, role: Role) {
        self.0 |= 1 << role as u8;
    }

    pub fn contains(self, role: Role) -> bool {
        self.0 & (1 << role as u8) != 0
    }
}

/// What can follow a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Continuation {
    /// The sorts of tokens. A lower-case identifier stands for every word, too: which words
    /// are keywords depends on the place. Empty where an error before the end leaves
    /// nothing.
    pub tokens: TokenSet,
    /// What the identifiers and numbers among them would be.
    pub roles: Roles,
    /// Whether the text is a program as it is.
    pub complete: bool,
}

/// What can follow a text that ends between tokens. Takes time linear in its length.
///
/// ```
/// use vera_syntax::{Role, Tok, continuation};
/// let after = continuation("type Count = ");
/// assert!(after.tokens.contains(Tok::Upper) && after.roles.contains(Role::Type));
/// assert!(!after.tokens.contains(Tok::Semi) && !after.complete);
/// ```
pub fn continuation(text: &str) -> Continuation {
    crate::parser::continuation(text)
}

/// Whether a text ends in a comment that is not closed.
pub fn ends_in_comment(text: &str) -> bool {
    let lexed = crate::lexer::lex(text, 0..text.len());
    let open = |error: &crate::SyntaxError| {
        matches!(
            error.kind,
            ErrorKind::UnterminatedBlockComment | ErrorKind::UnterminatedAnnotation
        )
    };
    let line = |comment: &crate::Comment| {
        comment.kind == CommentKind::Line && comment.span.end as usize == text.len()
    };
    lexed.errors.iter().any(open) || lexed.comments.last().is_some_and(line)
}

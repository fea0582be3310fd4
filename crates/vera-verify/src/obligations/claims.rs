//! What is owed and what is known, kept apart.
//!
//! Where the walk does not look into a value, a claim about it is an unknown, which
//! no proof settles, and a fact about it says nothing. The two are different types,
//! so that a "nothing known" can never be taken for "nothing owed".

use crate::logic::TermId;

/// Something that has to be shown. What is not looked into is a symbol of its own in
/// it, so a proof of the term is a proof of the whole claim.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Claim(TermId);

/// Something that may be relied on. What is not looked into is left out, so the term
/// may say less than what holds, never more.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Fact(TermId);

impl Claim {
    /// The claim that an expression is true: its term says all of it.
    pub fn exactly(term: TermId) -> Claim {
        Claim(term)
    }

    pub fn term(self) -> TermId {
        self.0
    }
}

impl Fact {
    /// The truth of an expression that was found true: its term says all of it.
    pub fn exactly(term: TermId) -> Fact {
        Fact(term)
    }

    pub fn term(self) -> TermId {
        self.0
    }
}

/// What a check let through holds.
impl From<Claim> for Fact {
    fn from(checked: Claim) -> Fact {
        Fact(checked.0)
    }
}

/// Which of the two a formula about a value is made for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Purpose {
    Claim,
    Fact,
    /// A fact about the parts that a counterexample shows, without quantifiers.
    Shown,
}

//! What built-in functions demand of their arguments beyond the types. A call
//! outside the domain traps; the prover owes that it stays inside.

/// The domain of a partial built-in function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// `(text, index)`: the index is that of a byte of the text.
    StringIndex,
    /// The float is finite and its integer part fits into 64 bits.
    IntegerRange,
    /// The integer has a negation of 64 bits.
    Negatable,
}

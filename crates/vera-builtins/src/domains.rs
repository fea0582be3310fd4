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

/// The domain of the function of this name; `None` when it is total.
pub fn domain(name: &str) -> Option<Domain> {
    match name {
        "string_char_code" => Some(Domain::StringIndex),
        "float_to_int" | "floor" | "ceil" | "round" => Some(Domain::IntegerRange),
        "abs" => Some(Domain::Negatable),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_domain_belongs_to_a_function() {
        for name in ["string_char_code", "float_to_int", "floor", "ceil", "round", "abs"] {
            assert!(crate::function(name).is_some() && super::domain(name).is_some());
        }
    }
}

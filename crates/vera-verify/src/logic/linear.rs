//! Linear normal form of integer terms, to decide comparisons whose difference
//! is constant.

use std::collections::BTreeMap;

use super::term::{Op, TermId, Terms};

/// `constant + Σ factor · atom`
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Linear {
    pub constant: i128,
    pub atoms: BTreeMap<TermId, i128>,
}

/// Sums longer than this stay as they are.
const LIMIT: usize = 64;

impl Linear {
    /// The term as a sum, or `None` when a factor leaves the machine's range or
    /// the sum is long.
    pub fn of(terms: &Terms, term: TermId) -> Option<Linear> {
        let mut out = Linear::default();
        let mut budget = LIMIT;
        out.add(terms, term, 1, &mut budget)?;
        Some(out)
    }

    /// `left + factor · right`
    pub fn sum(terms: &Terms, left: TermId, right: TermId, factor: i128) -> Option<Linear> {
        let mut out = Linear::default();
        let mut budget = LIMIT;
        out.add(terms, left, 1, &mut budget)?;
        out.add(terms, right, factor, &mut budget)?;
        Some(out)
    }

    /// `left - right`
    pub fn difference(terms: &Terms, left: TermId, right: TermId) -> Option<Linear> {
        Linear::sum(terms, left, right, -1)
    }

    fn add(&mut self, terms: &Terms, term: TermId, factor: i128, budget: &mut usize) -> Option<()> {
        *budget = budget.checked_sub(1)?;
        let node = &terms[term];
        match (&node.op, node.args.as_slice()) {
            (Op::Int(value), _) => {
                self.constant = self.constant.checked_add(value.checked_mul(factor)?)?;
            }
            (Op::Add, [a, b]) => {
                self.add(terms, *a, factor, budget)?;
                self.add(terms, *b, factor, budget)?;
            }
            (Op::Subtract, [a, b]) => {
                self.add(terms, *a, factor, budget)?;
                self.add(terms, *b, factor.checked_neg()?, budget)?;
            }
            (Op::Multiply, [a, b]) => match (&terms[*a].op, &terms[*b].op) {
                (Op::Int(k), _) => self.add(terms, *b, factor.checked_mul(*k)?, budget)?,
                (_, Op::Int(k)) => self.add(terms, *a, factor.checked_mul(*k)?, budget)?,
                _ => self.atom(term, factor)?,
            },
            _ => self.atom(term, factor)?,
        }
        Some(())
    }

    fn atom(&mut self, term: TermId, factor: i128) -> Option<()> {
        let sum = self.atoms.get(&term).copied().unwrap_or(0).checked_add(factor)?;
        if sum == 0 {
            self.atoms.remove(&term);
        } else {
            self.atoms.insert(term, sum);
        }
        Some(())
    }
}

//! Constructors of terms. Each yields the simplest equal term it sees at once, so
//! what is decided by constants, structure or a constant difference never reaches
//! a solver.

mod arithmetic;
mod data;
mod floats;
mod replace;

pub use replace::Translation;

use std::collections::HashSet;

use super::sort::Sort;
use super::term::{Op, TermId, Terms};

impl Terms {
    pub fn bool(&mut self, value: bool) -> TermId {
        self.intern(Op::Bool(value), &[], Sort::Bool)
    }

    pub fn yes(&mut self) -> TermId {
        self.bool(true)
    }

    pub fn string(&mut self, text: &str) -> TermId {
        self.intern(Op::String(text.into()), &[], Sort::String)
    }

    /// The value of a Boolean constant.
    pub fn as_bool(&self, term: TermId) -> Option<bool> {
        match self[term].op {
            Op::Bool(value) => Some(value),
            _ => None,
        }
    }

    pub fn not(&mut self, term: TermId) -> TermId {
        let node = self[term].clone();
        match (&node.op, node.args.as_slice()) {
            (Op::Bool(value), _) => self.bool(!value),
            (Op::Not, [inner]) => *inner,
            (Op::LessEqual, [a, b]) => self.less(*b, *a),
            (Op::Less, [a, b]) => self.less_equal(*b, *a),
            _ => self.intern(Op::Not, &[term], Sort::Bool),
        }
    }

    pub fn and(&mut self, left: TermId, right: TermId) -> TermId {
        self.all(&[left, right])
    }

    pub fn or(&mut self, left: TermId, right: TermId) -> TermId {
        self.any(&[left, right])
    }

    /// The conjunction of all parts.
    pub fn all(&mut self, parts: &[TermId]) -> TermId {
        self.junction(Op::And, true, parts)
    }

    /// The disjunction of all parts.
    pub fn any(&mut self, parts: &[TermId]) -> TermId {
        self.junction(Op::Or, false, parts)
    }

    fn junction(&mut self, op: Op, neutral: bool, parts: &[TermId]) -> TermId {
        let mut flat: Vec<TermId> = Vec::new();
        for part in parts {
            let node = &self[*part];
            match &node.op {
                Op::Bool(value) if *value == neutral => {}
                Op::Bool(_) => return self.bool(!neutral),
                inner if *inner == op => flat.extend(node.args.iter()),
                _ => flat.push(*part),
            }
        }
        let mut seen = HashSet::with_capacity(flat.len());
        let kept: Vec<TermId> = flat.into_iter().filter(|part| seen.insert(*part)).collect();
        let opposed = |a: &TermId| self[*a].op == Op::Not && seen.contains(&self[*a].args[0]);
        if kept.iter().any(opposed) {
            return self.bool(!neutral);
        }
        match kept.as_slice() {
            [] => self.bool(neutral),
            [one] => *one,
            _ => self.intern(op, &kept, Sort::Bool),
        }
    }

    pub fn implies(&mut self, premise: TermId, conclusion: TermId) -> TermId {
        match (self.as_bool(premise), self.as_bool(conclusion)) {
            (Some(true), _) => conclusion,
            (Some(false), _) | (_, Some(true)) => self.yes(),
            (None, Some(false)) => self.not(premise),
            (None, None) if premise == conclusion => self.yes(),
            (None, None) => self.intern(Op::Implies, &[premise, conclusion], Sort::Bool),
        }
    }

    pub fn ite(&mut self, cond: TermId, then: TermId, otherwise: TermId) -> TermId {
        if then == otherwise {
            return then;
        }
        match self.as_bool(cond) {
            Some(true) => return then,
            Some(false) => return otherwise,
            None => {}
        }
        if let (Op::Not, [inner]) = (&self[cond].op, self[cond].args.as_slice()) {
            return self.ite(*inner, otherwise, then);
        }
        match (self.as_bool(then), self.as_bool(otherwise)) {
            (Some(true), _) => self.or(cond, otherwise),
            (Some(false), _) => {
                let not = self.not(cond);
                self.and(not, otherwise)
            }
            (_, Some(true)) => self.implies(cond, then),
            (_, Some(false)) => self.and(cond, then),
            (None, None) => {
                let sort = self.sort(then);
                self.intern(Op::Ite, &[cond, then, otherwise], sort)
            }
        }
    }

    /// Whether both are the same value of their sort. On floats this is not `==`
    /// of the language: see [`Terms::float_equal`].
    pub fn equal(&mut self, left: TermId, right: TermId) -> TermId {
        if left == right {
            return self.yes();
        }
        let (a, b) = if left < right { (left, right) } else { (right, left) };
        match self.sort(a) {
            Sort::Int => self.equal_integers(a, b),
            Sort::Bool => self.equal_booleans(a, b),
            Sort::Data(_) => self.equal_data(a, b),
            Sort::String | Sort::Float => {
                let constants = |op: &Op| matches!(op, Op::String(_) | Op::Float(_));
                if constants(&self[a].op) && constants(&self[b].op) {
                    return self.bool(false);
                }
                self.intern(Op::Equal, &[a, b], Sort::Bool)
            }
            Sort::Uninterpreted(_) | Sort::Array(_) => self.intern(Op::Equal, &[a, b], Sort::Bool),
        }
    }

    fn equal_booleans(&mut self, a: TermId, b: TermId) -> TermId {
        match (self.as_bool(a), self.as_bool(b)) {
            (Some(true), _) => b,
            (_, Some(true)) => a,
            (Some(false), _) => self.not(b),
            (_, Some(false)) => self.not(a),
            (None, None) => self.intern(Op::Equal, &[a, b], Sort::Bool),
        }
    }

    /// A quantifier over all integers.
    pub fn quantified(&mut self, forall: bool, variable: u32, body: TermId) -> TermId {
        if self.as_bool(body).is_some() {
            return body;
        }
        let op = if forall { Op::Forall(variable) } else { Op::Exists(variable) };
        self.intern(op, &[body], Sort::Bool)
    }

    fn string_test(
        &mut self,
        op: Op,
        text: TermId,
        part: TermId,
        test: fn(&str, &str) -> bool,
    ) -> TermId {
        match (&self[text].op, &self[part].op) {
            (Op::String(text), Op::String(part)) => {
                let holds = test(text, part);
                self.bool(holds)
            }
            (_, Op::String(part)) if part.is_empty() => self.yes(),
            _ if text == part => self.yes(),
            _ => self.intern(op, &[text, part], Sort::Bool),
        }
    }

    pub fn string_contains(&mut self, text: TermId, part: TermId) -> TermId {
        self.string_test(Op::StringContains, text, part, |a, b| a.contains(b))
    }

    pub fn string_starts_with(&mut self, text: TermId, prefix: TermId) -> TermId {
        self.string_test(Op::StringStartsWith, text, prefix, |a, b| a.starts_with(b))
    }

    pub fn string_ends_with(&mut self, text: TermId, suffix: TermId) -> TermId {
        self.string_test(Op::StringEndsWith, text, suffix, |a, b| a.ends_with(b))
    }
}

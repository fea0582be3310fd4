//! The lengths, in bytes, of texts that library functions make. A result exists, so it
//! fits into memory; what does not traps.

use vera_builtins::{BuiltinId, Domain};
use vera_check::typed::{Body, Expr, ExprId, ExprKind, Program};
use vera_check::types::TyKind;

use super::walk::Walk;
use super::*;
use crate::logic::Sort;

/// The longest decimal of an `Int`, with its sign, and of a `Nat`.
const INT_DIGITS: i128 = 20;
const NAT_DIGITS: i128 = 19;

/// So many texts are said not to be in a number.
const MOST_SPOKEN: usize = 16;

/// Whether lengths of texts matter to a function: nobody pays for facts about them
/// otherwise. They do where it measures one, or calls a function that does.
pub(super) fn are_measured(program: &Program, body: &Body) -> bool {
    let measures = |e: &Expr| match &e.kind {
        ExprKind::Builtin { function, .. } => {
            *function == BuiltinId::StringLength
                || function.function().domain == Some(Domain::StringIndex)
        }
        _ => false,
    };
    body.exprs.iter().any(|e| match &e.kind {
        ExprKind::Call { callee, .. } => program.function(*callee).body.exprs.iter().any(measures),
        _ => measures(e),
    })
}

/// Whether a function asks what texts hold; else it does not matter what an interpolation
/// is made of.
pub(super) fn are_tested(body: &Body) -> bool {
    body.exprs.iter().any(|e| match &e.kind {
        ExprKind::Builtin { function, .. } => matches!(
            function,
            BuiltinId::StringContains | BuiltinId::StringStartsWith | BuiltinId::StringEndsWith
        ),
        _ => false,
    })
}

impl Walk<'_, '_> {
    /// What is known of a text that a library function made.
    pub(super) fn text_facts(&mut self, function: BuiltinId, values: &[TermId], result: TermId) {
        if self.place.bound {
            return;
        }
        if function == BuiltinId::StringSplit
            && matches!(self.unit.terms.sort(result), Sort::Array(_))
        {
            let (zero, count) = (self.terms().int(0), self.terms().length(result));
            let some = self.terms().less(zero, count);
            self.assume(Fact::exactly(some), Why::Derived);
        }
        if matches!(function, BuiltinId::IntToString | BuiltinId::NatToString) {
            self.is_number(result);
        }
        self.length_facts(function, values, result);
    }

    /// What is known of its length, where lengths matter.
    fn length_facts(&mut self, function: BuiltinId, values: &[TermId], result: TermId) {
        if self.place.bound || !self.texts_measured {
            return;
        }
        match (function, values) {
            (BuiltinId::StringConcat, [a, b]) => {
                let (a, b) = (self.string_length(*a), self.string_length(*b));
                let sum = self.terms().add(a, b);
                self.is_long(result, sum);
            }
            (BuiltinId::StringRepeat, [text, count]) => {
                let length = self.string_length(*text);
                let is_constant = |t: TermId| self.unit.terms.as_int(t).is_some();
                if is_constant(length) || is_constant(*count) {
                    let product = self.terms().multiply(length, *count);
                    self.is_long(result, product);
                }
            }
            (BuiltinId::StringSlice, [text, from, to]) => {
                let length = self.string_length(*text);
                let (from, to) = (self.clamped(*from, length), self.clamped(*to, length));
                let (difference, zero) = (self.terms().subtract(to, from), self.terms().int(0));
                let length = self.terms().maximum(zero, difference);
                self.is_long(result, length);
            }
            (
                BuiltinId::StringUpper | BuiltinId::StringLower | BuiltinId::StringReverse,
                [text],
            ) => {
                let length = self.string_length(*text);
                self.is_long(result, length);
            }
            (
                BuiltinId::StringStrip | BuiltinId::StringTrimStart | BuiltinId::StringTrimEnd,
                [text],
            ) => {
                let (own, whole) = (self.string_length(result), self.string_length(*text));
                let shorter = self.terms().less_equal(own, whole);
                self.assume(Fact::exactly(shorter), Why::Derived);
            }
            (BuiltinId::StringPadStart | BuiltinId::StringPadEnd, [text, least, fill]) => {
                let (length, fill) = (self.string_length(*text), self.string_length(*fill));
                let zero = self.terms().int(0);
                let (long, empty) =
                    (self.terms().less_equal(*least, length), self.terms().equal(fill, zero));
                let stays = self.terms().or(long, empty);
                let length = self.terms().ite(stays, length, *least);
                self.is_long(result, length);
            }
            (BuiltinId::ToString | BuiltinId::IntToString, [_]) => {
                self.lies_within(result, 1, INT_DIGITS)
            }
            (BuiltinId::NatToString, [_]) => self.lies_within(result, 1, NAT_DIGITS),
            (BuiltinId::BoolToString, [_]) => self.lies_within(result, 4, 5),
            (BuiltinId::StringFromCharCode | BuiltinId::ByteToString, [_]) => {
                self.lies_within(result, 1, 1)
            }
            _ => {}
        }
    }

    /// An interpolation of texts, numbers and truths as these joined; `None` of others.
    pub(super) fn joined_parts(&mut self, parts: &[ExprId], values: &[TermId]) -> Option<TermId> {
        if !self.texts_tested {
            return None;
        }
        let mut texts = Vec::new();
        for (part, value) in parts.iter().zip(values) {
            texts.push(match self.base_kind(*part) {
                TyKind::String => *value,
                TyKind::Int => self.library_text(BuiltinId::IntToString, &[*value]),
                TyKind::Nat => self.library_text(BuiltinId::NatToString, &[*value]),
                TyKind::Bool => {
                    let (yes, no) = (self.terms().string("true"), self.terms().string("false"));
                    self.terms().ite(*value, yes, no)
                }
                _ => return None,
            });
        }
        let is_text = |text: &TermId| self.unit.terms.sort(*text) == Sort::String;
        if texts.len() < 2 || !texts.iter().all(is_text) {
            return None;
        }
        let last = texts.pop()?;
        let join = |rest, text| self.library_text(BuiltinId::StringConcat, &[text, rest]);
        Some(texts.into_iter().rev().fold(last, join))
    }

    /// The text that a library function makes of these.
    fn library_text(&mut self, function: BuiltinId, values: &[TermId]) -> TermId {
        let (symbol, text) = self.applied(function.name(), values, Sort::String);
        let in_clause = self.place.in_clause;
        self.unit.origins.entry(symbol).or_insert(Origin::Opaque { in_clause });
        self.length_facts(function, values, text);
        text
    }

    /// An interpolation is as long as its parts together.
    pub(super) fn interpolation_facts(
        &mut self,
        parts: &[ExprId],
        values: &[TermId],
        text: TermId,
    ) {
        if self.place.bound {
            return;
        }
        if let [part] = parts
            && matches!(self.base_kind(*part), TyKind::Int | TyKind::Nat | TyKind::Byte)
        {
            self.is_number(text);
        }
        if !self.texts_measured {
            return;
        }
        let (mut low, mut high) = (self.terms().int(0), Some(self.terms().int(0)));
        for (part, value) in parts.iter().zip(values) {
            let (least, most) = match self.base_kind(*part) {
                TyKind::String => {
                    let length = self.string_length(*value);
                    (length, Some(length))
                }
                TyKind::Int => (self.terms().int(1), Some(self.terms().int(INT_DIGITS))),
                TyKind::Nat => (self.terms().int(1), Some(self.terms().int(NAT_DIGITS))),
                TyKind::Bool => (self.terms().int(4), Some(self.terms().int(5))),
                TyKind::Byte => (self.terms().int(1), Some(self.terms().int(3))),
                _ => (self.terms().int(1), None),
            };
            low = self.terms().add(low, least);
            high = high.zip(most).map(|(high, most)| self.terms().add(high, most));
        }
        let length = self.string_length(text);
        let above = self.terms().less_equal(low, length);
        self.assume(Fact::exactly(above), Why::Derived);
        if let Some(high) = high {
            let below = self.terms().less_equal(length, high);
            self.assume(Fact::exactly(below), Why::Derived);
        }
    }

    /// A number as text has digits and a sign: none of the texts that the function speaks
    /// of and that have another character are in it.
    fn is_number(&mut self, text: TermId) {
        let body = self.frame.body;
        let mut spoken: Vec<&str> = Vec::new();
        for expr in &body.exprs {
            if let ExprKind::Str(literal) = &expr.kind
                && literal.chars().any(|c| !c.is_ascii_digit() && c != '-')
                && !spoken.contains(&literal.as_str())
                && spoken.len() < MOST_SPOKEN
            {
                spoken.push(literal);
            }
        }
        for literal in spoken {
            let literal = self.terms().string(literal);
            let inside = self.terms().string_contains(text, literal);
            let outside = self.terms().not(inside);
            self.assume(Fact::exactly(outside), Why::Derived);
        }
    }

    fn is_long(&mut self, text: TermId, length: TermId) {
        let own = self.string_length(text);
        let same = self.terms().equal(own, length);
        self.assume(Fact::exactly(same), Why::Derived);
    }

    fn lies_within(&mut self, text: TermId, low: i128, high: i128) {
        let length = self.string_length(text);
        let inside = self.terms().within(length, low, high);
        self.assume(Fact::exactly(inside), Why::Derived);
    }

    /// An index brought between 0 and a length.
    fn clamped(&mut self, index: TermId, length: TermId) -> TermId {
        let zero = self.terms().int(0);
        let low = self.terms().maximum(zero, index);
        self.terms().minimum(low, length)
    }
}

//! `match`: tests, binders, and the value of the arm taken.

use vera_check::typed::{Arm, ExprId, LocalId, Pattern, PatternKind};
use vera_check::types::{Ty, TyKind};

use super::contexts::Contents;
use super::walk::Walk;
use super::*;
use crate::logic::{DataId, Sort};

impl<'a> Walk<'_, 'a> {
    pub(super) fn match_(&mut self, e: ExprId, scrutinee: ExprId, arms: &'a [Arm]) -> TermId {
        let value = self.eval(scrutinee);
        let ty = self.ty(e);
        let sort = self.sort(ty);
        // Arms in order: the test of each, its value where it has one, and what the
        // cells hold then.
        let mut taken: Vec<(TermId, TermId, Contents)> = Vec::new();
        let mut missed: Vec<(&Pattern, TermId)> = Vec::new();
        // One arm runs, so none knows what others learn.
        let (start, mut learnt) = (self.hyp, Vec::new());
        for arm in arms {
            self.hyp = start;
            let test = self.test(&arm.pattern, value);
            // What an arm's own test rules out needs no saying.
            let mut here: Vec<TermId> = missed
                .iter()
                .filter(|(earlier, _)| !are_disjoint(earlier, &arm.pattern))
                .map(|(_, not)| *not)
                .collect();
            here.push(test);
            let here = self.terms().all(&here);
            let (result, after) = self.branch(here, |w| {
                let depth = w.frame.scope.len();
                w.bind_pattern(&arm.pattern, value, Site::MatchBinding);
                let result = w.eval(arm.body);
                w.frame.scope.truncate(depth);
                result
            });
            if self.unit.terms.sort(result) == sort {
                taken.push((test, result, after));
            }
            learnt.extend(self.facts_since(start));
            missed.push((&arm.pattern, self.unit.terms.not(test)));
        }
        self.hyp = start;
        for Learnt { fact, why, here } in learnt {
            self.standing(here, |w| w.assume(Fact::exactly(fact), why));
        }
        // One arm fits, so where no other does it is the last.
        let Some((_, mut result, contents)) = taken.pop() else {
            return self.opaque_result(e, "match");
        };
        self.set_contents(&contents);
        for (test, arm, after) in taken.into_iter().rev() {
            result = self.terms().ite(test, arm, result);
            self.merge_contents(test, &after);
        }
        result
    }

    /// Whether a value fits a pattern.
    fn test(&mut self, pattern: &Pattern, value: TermId) -> TermId {
        match &pattern.kind {
            PatternKind::Wildcard | PatternKind::Bind(_) => self.terms().yes(),
            PatternKind::Int(expected) => {
                let expected = self.terms().int((*expected).into());
                self.terms().equal(value, expected)
            }
            PatternKind::Bool(true) => value,
            PatternKind::Bool(false) => self.terms().not(value),
            PatternKind::Str(text) => {
                let expected = self.terms().string(text);
                self.terms().equal(value, expected)
            }
            PatternKind::Ctor { ctor, args, .. } => self.ctor_test(*ctor, args, value),
            PatternKind::Tuple(parts) => self.ctor_test(0, parts, value),
        }
    }

    fn ctor_test(&mut self, ctor: u32, args: &[Pattern], value: TermId) -> TermId {
        let Some(data) = self.data_of(value) else { return self.opaque(Ty::BOOL, "test") };
        let is = self.unit.terms.is_ctor(&self.encoder.sorts, data, ctor, value);
        let mut parts = vec![is];
        for (i, arg) in args.iter().enumerate() {
            let field = self.field(data, ctor, i, value);
            parts.push(self.test(arg, field));
        }
        self.terms().all(&parts)
    }

    fn data_of(&self, value: TermId) -> Option<DataId> {
        match self.unit.terms.sort(value) {
            Sort::Data(data) => Some(data),
            Sort::Bool
            | Sort::Int
            | Sort::Float
            | Sort::String
            | Sort::Uninterpreted(_)
            | Sort::Array(_) => None,
        }
    }

    fn field(&mut self, data: DataId, ctor: u32, index: usize, value: TermId) -> TermId {
        self.unit.terms.select(&self.encoder.sorts, data, ctor, index as u32, value)
    }

    /// Binds what a pattern names, knowing that the value fits it.
    pub(super) fn bind_pattern(&mut self, pattern: &'a Pattern, value: TermId, site: Site) {
        match &pattern.kind {
            PatternKind::Bind(local) => self.binder(pattern, *local, value, site),
            PatternKind::Ctor { ctor, args, .. } => {
                let site = inner(site, Site::SubPattern);
                self.bind_fields(*ctor, args, value, site)
            }
            PatternKind::Tuple(parts) => {
                let site = inner(site, Site::SubPattern);
                self.bind_fields(0, parts, value, site)
            }
            PatternKind::Wildcard
            | PatternKind::Int(_)
            | PatternKind::Str(_)
            | PatternKind::Bool(_) => {}
        }
    }

    fn bind_fields(&mut self, ctor: u32, args: &'a [Pattern], value: TermId, site: Site) {
        let data = self.data_of(value);
        for (i, arg) in args.iter().enumerate() {
            let ty = self.subst(arg.ty);
            let field = match data {
                Some(data) => {
                    let field = self.field(data, ctor, i, value);
                    self.assume_type(field, ty, Why::Type);
                    self.ranks_below(field, value);
                    field
                }
                None => self.opaque(ty, "field"),
            };
            self.bind_pattern(arg, field, site);
        }
    }

    fn binder(&mut self, pattern: &Pattern, local: LocalId, value: TermId, site: Site) {
        let (from, to) = (self.subst(pattern.ty), self.subst(self.frame.body[local].ty));
        if from != to && self.narrows(from, to) {
            let at = self.at(self.frame.body[local].span);
            let text = self.text_of(pattern.span);
            self.narrowing(from, to, value, site, at, text, None);
            self.assume_type(value, to, Why::Path);
        }
        self.bind(local, value);
    }

    // ---- structural rank

    /// The structural rank of a value, for measures.
    pub(super) fn rank(&mut self, value: TermId) -> TermId {
        self.applied("rank", &[value], Sort::Int).1
    }

    /// A field ranks below the value it was read from.
    fn ranks_below(&mut self, field: TermId, value: TermId) {
        let ranked = self.measure.as_ref().is_some_and(|m| {
            m.components.iter().any(|c| matches!(self.unit.terms.sort(*c), Sort::Data(_)))
        });
        if !ranked || !matches!(self.unit.terms.sort(field), Sort::Data(_)) {
            return;
        }
        let (inner, outer) = (self.rank(field), self.rank(value));
        let zero = self.terms().int(0);
        let low = self.terms().less_equal(zero, inner);
        let below = self.terms().less(inner, outer);
        self.assume(Fact::exactly(low), Why::Derived);
        self.assume(Fact::exactly(below), Why::Derived);
    }

    /// Whether a value of type `from` may lack what `to` demands, of functions inside
    /// it too.
    pub(super) fn narrows(&mut self, from: Ty, to: Ty) -> bool {
        self.narrows_values(from, to) || self.functions_narrow(from, to)
    }

    /// Whether a value of type `from` may lack what `to` demands of it and its parts,
    /// functions aside.
    pub(super) fn narrows_values(&mut self, from: Ty, to: Ty) -> bool {
        match self.types.kind(to) {
            TyKind::Nat => !matches!(self.types.base_kind(from), TyKind::Nat),
            TyKind::Refined(..) => from != to,
            _ => self.is_constrained(to),
        }
    }
}

/// Whether no value fits both patterns, as their constructors and literals show.
fn are_disjoint(a: &Pattern, b: &Pattern) -> bool {
    let any = |a: &[Pattern], b: &[Pattern]| a.iter().zip(b).any(|(a, b)| are_disjoint(a, b));
    match (&a.kind, &b.kind) {
        (
            PatternKind::Ctor { ctor, args, .. },
            PatternKind::Ctor { ctor: other, args: parts, .. },
        ) => ctor != other || any(args, parts),
        (PatternKind::Tuple(a), PatternKind::Tuple(b)) => any(a, b),
        (PatternKind::Int(a), PatternKind::Int(b)) => a != b,
        (PatternKind::Bool(a), PatternKind::Bool(b)) => a != b,
        (PatternKind::Str(a), PatternKind::Str(b)) => a != b,
        (
            PatternKind::Wildcard
            | PatternKind::Bind(_)
            | PatternKind::Ctor { .. }
            | PatternKind::Tuple(_)
            | PatternKind::Int(_)
            | PatternKind::Bool(_)
            | PatternKind::Str(_),
            _,
        ) => false,
    }
}

/// The site of binders inside a constructor pattern.
fn inner(site: Site, nested: Site) -> Site {
    if site == Site::MatchBinding { nested } else { site }
}

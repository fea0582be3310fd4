//! Built-in functions: those with a model, and what is known of the others.

use vera_builtins::Domain;
use vera_check::typed::ExprId;
use vera_check::types::Ty;

use super::arrays::roles;
use super::walk::Walk;
use super::*;
use crate::logic::Sort;

impl<'a> Walk<'_, 'a> {
    pub(super) fn builtin(&mut self, e: ExprId, name: &'static str, args: &[ExprId]) -> TermId {
        let roles = roles(name);
        let values: Vec<TermId> = args
            .iter()
            .enumerate()
            .map(|(at, arg)| match roles {
                Some((function, _)) if at == function => self.function_argument(*arg),
                Some(_) | None => self.eval(*arg),
            })
            .collect();
        if let Some(roles) = roles {
            self.walk_handed(e, roles, args, &values);
        }
        for arg in args {
            if self.never_returns(*arg) {
                return self.opaque_result(e, "never");
            }
        }
        for arg in args {
            self.application_happens(*arg);
        }
        self.domain(e, name, &values);
        if let Some(value) = self.model(e, name, &values) {
            return value;
        }
        if let Some(value) = self.written_out_result(name, &values) {
            let ty = self.ty(e);
            return self.adapted_to(value, ty);
        }
        let result = self.opaque_call(e, name, &values);
        self.library_facts(name, &values, result);
        self.remember(name, &values, result);
        if name == "array_fold" {
            self.fold_stays(args, &values, result);
        }
        result
    }

    /// A function of its arguments of which only the result's type is known.
    pub(super) fn opaque_call(&mut self, e: ExprId, name: &str, values: &[TermId]) -> TermId {
        let ty = self.ty(e);
        let sort = self.sort(ty);
        let (symbol, result) = self.applied(name, values, sort);
        let in_clause = self.place.in_clause;
        self.unit.origins.entry(symbol).or_insert(Origin::Opaque { in_clause });
        self.opaques += 1;
        self.assume_type(result, ty, Why::Type);
        result
    }

    /// What the function demands of its arguments.
    fn domain(&mut self, e: ExprId, name: &str, values: &[TermId]) {
        match (vera_builtins::domain(name), values) {
            (Some(Domain::StringIndex), [text, index]) => self.string_index(e, name, *text, *index),
            (Some(Domain::IntegerRange), [value]) => self.integer_range(e, *value),
            (Some(Domain::Negatable), [value]) => {
                let negated = self.terms().negate(*value);
                self.no_overflow(e, negated, "abs");
            }
            _ => {}
        }
    }

    fn string_index(&mut self, e: ExprId, name: &str, text: TermId, index: TermId) {
        let length = self.string_length(text);
        let zero = self.terms().int(0);
        let low = self.terms().less_equal(zero, index);
        let high = self.terms().less(index, length);
        let inside = self.terms().and(low, high);
        let about = About::Call {
            callee: name.to_owned(),
            clause: "@Int.0 >= 0 && @Int.0 < string_length(@String.0)".to_owned(),
            substituted: self.text(e),
            builtin: true,
        };
        self.call_precondition(e, inside, about, None);
    }

    /// The argument of a conversion to an integer is finite and in range.
    fn integer_range(&mut self, e: ExprId, value: TermId) {
        let what = match self.unit.terms.as_float(value) {
            Some(x) if x.is_nan() => "NaN",
            Some(x) if x.is_infinite() => "infinite",
            _ => "out of i64 range",
        };
        let limit = 2f64.powi(63);
        let (low, high) = (self.terms().float(-limit), self.terms().float(limit));
        let above = self.terms().float_less_equal(low, value);
        let below = self.terms().float_less(value, high);
        let inside = self.terms().and(above, below);
        self.demand(Kind::FloatToIntDomain, e, inside, About::Float(what));
    }

    /// The exact value, where the logic expresses it.
    fn model(&mut self, e: ExprId, name: &str, values: &[TermId]) -> Option<TermId> {
        let terms = &mut self.unit.terms;
        Some(match (name, values) {
            ("array_length", [a]) if matches!(terms.sort(*a), Sort::Array(_)) => terms.length(*a),
            ("map_size" | "set_size", [a]) => self.size(name, *a),
            ("string_length", [a]) => self.string_length(*a),
            ("abs", [a]) => {
                let zero = terms.int(0);
                let (positive, negated) = (terms.less_equal(zero, *a), terms.negate(*a));
                terms.ite(positive, *a, negated)
            }
            ("min", [a, b]) => terms.minimum(*a, *b),
            ("max", [a, b]) => terms.maximum(*a, *b),
            // A future is its value.
            ("nat_to_int" | "byte_to_int" | "async" | "await", [a]) => *a,
            ("int_to_nat", [a]) => self.checked_conversion(e, *a, i64::MAX.into()),
            ("int_to_byte", [a]) => self.checked_conversion(e, *a, 255),
            ("string_contains", [a, b]) => terms.string_contains(*a, *b),
            ("string_starts_with", [a, b]) => terms.string_starts_with(*a, *b),
            ("string_ends_with", [a, b]) => terms.string_ends_with(*a, *b),
            ("float_is_nan", [a]) => terms.float_is_nan(*a),
            ("float_is_infinite", [a]) => terms.float_is_infinite(*a),
            ("nan", []) => terms.float(f64::NAN),
            ("infinity", []) => terms.float(f64::INFINITY),
            ("pi", []) => terms.float(std::f64::consts::PI),
            ("e", []) => terms.float(std::f64::consts::E),
            ("float_clamp", [value, low, high]) => {
                let raised = terms.float_maximum(*value, *low);
                terms.float_minimum(raised, *high)
            }
            ("int_to_float", [a]) => {
                let value = terms.as_int(*a)?;
                terms.float(value as f64)
            }
            ("float_to_int", [a]) => self.integer_of(*a, f64::trunc)?,
            ("floor", [a]) => self.integer_of(*a, f64::floor)?,
            ("ceil", [a]) => self.integer_of(*a, f64::ceil)?,
            _ => return None,
        })
    }

    /// A constant float as the integer a conversion yields.
    fn integer_of(&mut self, value: TermId, round: fn(f64) -> f64) -> Option<TermId> {
        let rounded = round(self.unit.terms.as_float(value)?);
        let limit = 2f64.powi(63);
        (-limit..limit).contains(&rounded).then(|| self.terms().int(rounded as i128))
    }

    /// `Some(value)` between 0 and `max`, else `None`.
    fn checked_conversion(&mut self, e: ExprId, value: TermId, max: i128) -> TermId {
        let inside = self.terms().within(value, 0, max);
        let (none, some) = (self.construct(e, 0, &[]), self.construct(e, 1, &[value]));
        self.terms().ite(inside, some, none)
    }

    fn size(&mut self, name: &str, collection: TermId) -> TermId {
        let (_, size) = self.applied(name, &[collection], Sort::Int);
        let range = self.terms().within(size, 0, i64::MAX.into());
        self.assume(Fact::exactly(range), Why::Derived);
        size
    }

    pub(super) fn string_length(&mut self, text: TermId) -> TermId {
        if let crate::logic::Op::String(text) = &self.unit.terms[text].op {
            let bytes = text.len() as i128;
            return self.terms().int(bytes);
        }
        let (symbol, length) = self.applied("string_length", &[text], Sort::Int);
        self.unit.origins.entry(symbol).or_insert(Origin::Partial);
        self.opaques += 1;
        self.assume_type(length, Ty::NAT, Why::Type);
        let (zero, empty) = (self.terms().int(0), self.terms().string(""));
        let (none, nothing) = (self.terms().equal(length, zero), self.terms().equal(text, empty));
        let same = self.terms().equal(none, nothing);
        self.assume(Fact::exactly(same), Why::Derived);
        length
    }

    /// What is known of the size of results.
    fn library_facts(&mut self, name: &str, values: &[TermId], result: TermId) {
        if self.place.bound || !matches!(self.unit.terms.sort(result), Sort::Array(_)) {
            return;
        }
        let is_array = |t: &TermId| matches!(self.unit.terms.sort(*t), Sort::Array(_));
        if name != "array_range" && !values.first().is_some_and(is_array) {
            return;
        }
        let size = self.terms().length(result);
        let fact = match (name, values) {
            ("array_map" | "array_mapi" | "array_reverse" | "array_sort_by", [from, ..]) => {
                let length = self.terms().length(*from);
                self.terms().equal(size, length)
            }
            ("array_append", [from, _]) => {
                let (length, one) = (self.terms().length(*from), self.terms().int(1));
                let longer = self.terms().add(length, one);
                self.terms().equal(size, longer)
            }
            ("array_concat", [a, b]) => {
                let (a, b) = (self.terms().length(*a), self.terms().length(*b));
                let sum = self.terms().add(a, b);
                self.terms().equal(size, sum)
            }
            ("array_filter" | "array_slice", [from, ..]) => {
                let length = self.terms().length(*from);
                self.terms().less_equal(size, length)
            }
            ("array_range", [low, high]) => {
                let zero = self.terms().int(0);
                let difference = self.terms().subtract(*high, *low);
                let length = self.terms().maximum(zero, difference);
                self.terms().equal(size, length)
            }
            _ => return,
        };
        // Known where the call returns, so no premise: what does not fit traps.
        self.assume(Fact::exactly(fact), Why::Path);
    }
}

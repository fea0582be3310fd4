//! Built-in functions: those with a model, and what is known of the others.

use vera_builtins::{BuiltinId, Domain};
use vera_check::typed::ExprId;

use super::arrays::roles;
use super::walk::Walk;
use super::*;
use crate::logic::{LONGEST, Sort};

impl<'a> Walk<'_, 'a> {
    pub(super) fn builtin(&mut self, e: ExprId, function: BuiltinId, args: &[ExprId]) -> TermId {
        let roles = roles(function);
        let values: Vec<TermId> = args
            .iter()
            .enumerate()
            .map(|(at, arg)| match roles {
                Some((place, _)) if at == place => self.function_argument(*arg),
                Some(_) | None => self.eval(*arg),
            })
            .collect();
        let step = roles.and_then(|roles| self.walk_handed(e, roles, args, &values));
        for arg in args {
            if self.never_returns(*arg) {
                return self.opaque_result(e, "never");
            }
        }
        for arg in args {
            self.application_happens(*arg);
        }
        self.domain(e, function, &values);
        if let Some(value) = self.model(e, function, &values) {
            return value;
        }
        if let Some(value) = self.written_out_result(function, &values) {
            let ty = self.ty(e);
            return self.adapted_to(value, ty);
        }
        let result = self.opaque_call(e, function.name(), &values);
        self.library_facts(function, &values, result);
        self.text_facts(function, &values, result);
        self.remember(function, &values, result);
        self.map_made(function, &values, result);
        if let (BuiltinId::MapGet, [map, key]) = (function, values.as_slice()) {
            self.got(*map, *key, result);
        }
        if function == BuiltinId::ArrayFold {
            self.fold_stays(args, &values, result);
            self.fold_of_nothing(&values, result);
            self.remember_fold(&values, step, result);
        }
        result
    }

    /// A function of its arguments of which only the result's type is known. At a
    /// variable of a quantifier it is one of the variable, too.
    pub(super) fn opaque_call(&mut self, e: ExprId, name: &str, values: &[TermId]) -> TermId {
        let ty = self.ty(e);
        let sort = self.sort(ty);
        let (symbol, result) = self.applied(name, values, sort);
        let in_clause = self.place.in_clause;
        self.unit.origins.entry(symbol).or_insert(Origin::Opaque { in_clause });
        if !self.place.bound {
            self.opaques += 1;
        }
        self.assume_type(result, ty, Why::Type);
        result
    }

    /// What the function demands of its arguments.
    fn domain(&mut self, e: ExprId, function: BuiltinId, values: &[TermId]) {
        let name = function.name();
        match (function.function().domain, values) {
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
    fn model(&mut self, e: ExprId, function: BuiltinId, values: &[TermId]) -> Option<TermId> {
        let terms = &mut self.unit.terms;
        Some(match (function, values) {
            (BuiltinId::ArrayLength, [a]) if matches!(terms.sort(*a), Sort::Array(_)) => {
                terms.length(*a)
            }
            (BuiltinId::MapSize | BuiltinId::SetSize, [a]) => self.size(function, *a),
            (BuiltinId::MapContains | BuiltinId::SetContains, [a, key]) => {
                self.contains(function, *a, *key)
            }
            (BuiltinId::StringLength, [a]) => self.string_length(*a),
            (BuiltinId::Abs, [a]) => {
                let zero = terms.int(0);
                let (positive, negated) = (terms.less_equal(zero, *a), terms.negate(*a));
                terms.ite(positive, *a, negated)
            }
            (BuiltinId::Min, [a, b]) => terms.minimum(*a, *b),
            (BuiltinId::Max, [a, b]) => terms.maximum(*a, *b),
            // A future is its value.
            (
                BuiltinId::NatToInt | BuiltinId::ByteToInt | BuiltinId::Async | BuiltinId::Await,
                [a],
            ) => *a,
            (BuiltinId::IntToNat, [a]) => self.checked_conversion(e, *a, i64::MAX.into()),
            (BuiltinId::IntToByte, [a]) => self.checked_conversion(e, *a, 255),
            (BuiltinId::StringContains, [a, b]) => terms.string_contains(*a, *b),
            (BuiltinId::StringStartsWith, [a, b]) => terms.string_starts_with(*a, *b),
            (BuiltinId::StringEndsWith, [a, b]) => terms.string_ends_with(*a, *b),
            (BuiltinId::FloatIsNan, [a]) => terms.float_is_nan(*a),
            (BuiltinId::FloatIsInfinite, [a]) => terms.float_is_infinite(*a),
            (BuiltinId::WrappingAdd, [a, b]) => {
                let sum = terms.add(*a, *b);
                self.wrapped(sum)
            }
            (BuiltinId::WrappingSub, [a, b]) => {
                let difference = terms.subtract(*a, *b);
                self.wrapped(difference)
            }
            (BuiltinId::WrappingMul, [a, b]) => {
                let product = terms.multiply(*a, *b);
                let fits = terms.within(product, i64::MIN.into(), i64::MAX.into());
                let wrapped = self.opaque_call(e, function.name(), values);
                self.terms().ite(fits, product, wrapped)
            }
            (BuiltinId::BitNot, [a]) => {
                let (negated, one) = (terms.negate(*a), terms.int(1));
                terms.subtract(negated, one)
            }
            (
                BuiltinId::BitShiftLeft
                | BuiltinId::BitShiftRight
                | BuiltinId::BitShiftRightUnsigned,
                [a, n],
            ) => {
                let (a, n) = (terms.as_int(*a)?, terms.as_int(*n)?);
                let (a, n) = (i64::try_from(a).ok()?, (n & 63) as u32);
                let value = match function {
                    BuiltinId::BitShiftLeft => a.wrapping_shl(n),
                    BuiltinId::BitShiftRight => a.wrapping_shr(n),
                    _ => (a as u64).wrapping_shr(n) as i64,
                };
                terms.int(value.into())
            }
            (BuiltinId::BitAnd | BuiltinId::BitOr | BuiltinId::BitXor, [a, b]) => {
                self.bits(e, function, *a, *b)
            }
            (BuiltinId::Nan, []) => terms.float(f64::NAN),
            (BuiltinId::Infinity, []) => terms.float(f64::INFINITY),
            (BuiltinId::Pi, []) => terms.float(std::f64::consts::PI),
            (BuiltinId::E, []) => terms.float(std::f64::consts::E),
            (BuiltinId::FloatClamp, [value, low, high]) => {
                let raised = terms.float_maximum(*value, *low);
                terms.float_minimum(raised, *high)
            }
            (BuiltinId::IntToFloat, [a]) => {
                let value = terms.as_int(*a)?;
                terms.float(value as f64)
            }
            (BuiltinId::FloatToInt, [a]) => self.integer_of(*a, f64::trunc)?,
            (BuiltinId::Floor, [a]) => self.integer_of(*a, f64::floor)?,
            (BuiltinId::Ceil, [a]) => self.integer_of(*a, f64::ceil)?,
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

    /// What is between twice the limits of an `Int`, brought between these.
    fn wrapped(&mut self, value: TermId) -> TermId {
        let terms = self.terms();
        let (low, high) = (terms.int(i64::MIN.into()), terms.int(i64::MAX.into()));
        let (under, over) = (terms.less(value, low), terms.less(high, value));
        let turn = terms.int(1 << 64);
        let (raised, lowered) = (terms.add(value, turn), terms.subtract(value, turn));
        let within = terms.ite(over, lowered, value);
        terms.ite(under, raised, within)
    }

    /// Of constants the value, else an unknown whose range is known where both operands
    /// are not negative.
    fn bits(&mut self, e: ExprId, function: BuiltinId, a: TermId, b: TermId) -> TermId {
        let of = |w: &Self, t| w.unit.terms.as_int(t).and_then(|n| i64::try_from(n).ok());
        if let (Some(a), Some(b)) = (of(self, a), of(self, b)) {
            let value = match function {
                BuiltinId::BitAnd => a & b,
                BuiltinId::BitOr => a | b,
                _ => a ^ b,
            };
            return self.terms().int(value.into());
        }
        let value = self.opaque_call(e, function.name(), &[a, b]);
        if self.place.bound {
            return value;
        }
        let terms = self.terms();
        let zero = terms.int(0);
        let (first, second) = (terms.less_equal(zero, a), terms.less_equal(zero, b));
        let (natural, both) = (terms.less_equal(zero, value), terms.and(first, second));
        let mut facts = Vec::new();
        match function {
            BuiltinId::BitAnd => {
                for (operand, natural_operand) in [(a, first), (b, second)] {
                    let at_most = terms.less_equal(value, operand);
                    let inside = terms.and(natural, at_most);
                    facts.push(terms.implies(natural_operand, inside));
                }
            }
            _ => {
                let sum = terms.add(a, b);
                let mut inside = vec![natural, terms.less_equal(value, sum)];
                if function == BuiltinId::BitOr {
                    inside.extend([terms.less_equal(a, value), terms.less_equal(b, value)]);
                }
                let inside = terms.all(&inside);
                facts.push(terms.implies(both, inside));
            }
        }
        let known = terms.all(&facts);
        self.assume(Fact::exactly(known), Why::Derived);
        value
    }

    pub(super) fn size(&mut self, function: BuiltinId, collection: TermId) -> TermId {
        let (_, size) = self.applied(function.name(), &[collection], Sort::Int);
        let range = self.terms().within(size, 0, LONGEST);
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
        let range = self.terms().within(length, 0, LONGEST);
        self.assume(Fact::exactly(range), Why::Type);
        let (zero, empty) = (self.terms().int(0), self.terms().string(""));
        let (none, nothing) = (self.terms().equal(length, zero), self.terms().equal(text, empty));
        let same = self.terms().equal(none, nothing);
        self.assume(Fact::exactly(same), Why::Derived);
        length
    }

    /// What is known of the size of results.
    fn library_facts(&mut self, function: BuiltinId, values: &[TermId], result: TermId) {
        if self.place.bound || !matches!(self.unit.terms.sort(result), Sort::Array(_)) {
            return;
        }
        let is_array = |t: &TermId| matches!(self.unit.terms.sort(*t), Sort::Array(_));
        let of_map =
            matches!(function, BuiltinId::MapKeys | BuiltinId::MapValues | BuiltinId::SetToArray);
        if function != BuiltinId::ArrayRange && !of_map && !values.first().is_some_and(is_array) {
            return;
        }
        let size = self.terms().length(result);
        let fact = match (function, values) {
            (
                BuiltinId::ArrayMap
                | BuiltinId::ArrayMapi
                | BuiltinId::ArrayReverse
                | BuiltinId::ArraySortBy,
                [from, ..],
            ) => {
                let length = self.terms().length(*from);
                self.terms().equal(size, length)
            }
            (BuiltinId::ArrayAppend, [from, _]) => {
                let (length, one) = (self.terms().length(*from), self.terms().int(1));
                let longer = self.terms().add(length, one);
                self.terms().equal(size, longer)
            }
            (BuiltinId::ArrayConcat, [a, b]) => {
                let (a, b) = (self.terms().length(*a), self.terms().length(*b));
                let sum = self.terms().add(a, b);
                self.terms().equal(size, sum)
            }
            (BuiltinId::ArraySlice, [from, low, high]) => {
                let length = self.terms().length(*from);
                let zero = self.terms().int(0);
                let (low, high) = (self.terms().maximum(*low, zero), *high);
                let high = self.terms().minimum(high, length);
                let difference = self.terms().subtract(high, low);
                let length = self.terms().maximum(difference, zero);
                self.terms().equal(size, length)
            }
            (BuiltinId::MapKeys | BuiltinId::MapValues, [map]) => {
                let count = self.size(BuiltinId::MapSize, *map);
                self.terms().equal(size, count)
            }
            (BuiltinId::SetToArray, [set]) => {
                let count = self.size(BuiltinId::SetSize, *set);
                self.terms().equal(size, count)
            }
            (BuiltinId::ArrayFilter, [from, ..]) => {
                let length = self.terms().length(*from);
                self.terms().less_equal(size, length)
            }
            (BuiltinId::ArrayRange, [low, high]) => {
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

//! Choices among many literals: a search by their order, so that neither the tests a
//! value passes nor the depth of the code grows in step with their number.

use super::*;

/// So many literals are compared with one after the other.
const CHAIN: usize = 4;

/// A search is worth it for more literals than these.
pub(super) const FEW: usize = 2 * CHAIN;

impl FnLower<'_, '_> {
    /// As [`FnLower::emit_tests`] for literals, which all differ, so that their order
    /// is free.
    pub(super) fn emit_search(
        &mut self,
        value: ValueId,
        ty: VeraTy,
        cases: &[(Test, Tree)],
        default: Option<&Tree>,
        emit: &mut dyn FnMut(&mut Self, &Tree),
    ) {
        let mut sorted: Vec<&(Test, Tree)> = cases.iter().collect();
        sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
        let none = self.b.func.new_label();
        self.b.open();
        self.emit_half(value, ty, &sorted, none, emit);
        let body = Box::new(self.b.close(Vec::new()));
        self.b.none(Op::Block { label: none, body });
        match default {
            Some(default) => emit(self, default),
            None => self.b.end(Terminator::Unreachable),
        }
    }

    /// Tests for some of the literals, in ascending order; leaves `none` if the value
    /// is none of them.
    fn emit_half(
        &mut self,
        value: ValueId,
        ty: VeraTy,
        cases: &[&(Test, Tree)],
        none: LabelId,
        emit: &mut dyn FnMut(&mut Self, &Tree),
    ) {
        if cases.len() > CHAIN {
            let (below, from) = cases.split_at(cases.len() / 2);
            let cond = self.is_below(value, ty, &from[0].0);
            let then = self.then(|this| this.emit_half(value, ty, below, none, emit));
            return self.choice(cond, then, |this| this.emit_half(value, ty, from, none, emit));
        }
        let Some((first, rest)) = cases.split_first() else {
            return self.b.end(Terminator::Break(none, Vec::new()));
        };
        self.literal_case(value, ty, first, emit, |this, emit| {
            this.emit_half(value, ty, rest, none, emit);
        });
    }

    /// Emits one case, and what to do where the value is another one.
    pub(super) fn literal_case(
        &mut self,
        value: ValueId,
        ty: VeraTy,
        (test, tree): &(Test, Tree),
        emit: &mut dyn FnMut(&mut Self, &Tree),
        otherwise: impl FnOnce(&mut Self, &mut dyn FnMut(&mut Self, &Tree)),
    ) {
        let cond = self.literal_test(value, ty, test);
        let then = self.then(|this| emit(this, tree));
        self.choice(cond, then, |this| otherwise(this, emit));
    }

    fn literal_test(&mut self, value: ValueId, ty: VeraTy, test: &Test) -> ValueId {
        match test {
            Test::Int(n) if self.lo.repr(ty) == Repr::I64 => {
                let n = self.b.i64(*n);
                self.b.binary(BinaryOp::EqI64, value, n)
            }
            Test::Int(n) => {
                let n = self.b.i32(*n as i32);
                self.b.binary(BinaryOp::EqI32, value, n)
            }
            Test::Str(text) => {
                let text = self.string(text);
                self.b.rt(RtFn::StringEq, vec![value, text], Ty::I32)
            }
            Test::Ctor(_) | Test::Bool(_) => unreachable!("literals only"),
        }
    }

    /// Whether the value comes before a literal.
    fn is_below(&mut self, value: ValueId, ty: VeraTy, test: &Test) -> ValueId {
        match test {
            Test::Int(n) if self.lo.repr(ty) == Repr::I64 => {
                let n = self.b.i64(*n);
                self.b.binary(BinaryOp::LtI64, value, n)
            }
            Test::Int(n) => {
                let n = self.b.i32(*n as i32);
                self.b.binary(BinaryOp::LtI32, value, n)
            }
            Test::Str(text) => {
                let text = self.string(text);
                let order = self.b.rt(RtFn::StringCompare, vec![value, text], Ty::I32);
                let zero = self.b.i32(0);
                self.b.binary(BinaryOp::LtI32, order, zero)
            }
            Test::Ctor(_) | Test::Bool(_) => unreachable!("literals only"),
        }
    }
}

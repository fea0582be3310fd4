//! What values broke a check: code for a run that is made only to tell
//! ([`Options::explain`](super::Options)). Other modules carry nothing of it.

use vera_abi::host::HostFn;
use vera_abi::runtime::RtFn;
use vera_check::typed::{Ability, ExprId, ExprKind};
use vera_check::types::{Ty as VeraTy, TyKind};

use super::functions::FnLower;
use crate::ir::*;

impl FnLower<'_, '_> {
    /// Before a check of what an expression says: where it fails, a line to the standard
    /// error for each slot that the expression reads from around it.
    pub(super) fn explain(&mut self, holds: ValueId, about: ExprId) {
        self.explain_operands(holds, about, &[]);
    }

    /// [`explain`](Self::explain) of an operation, with a line more for each operand that
    /// is computed.
    pub(super) fn explain_operands(
        &mut self,
        holds: ValueId,
        about: ExprId,
        operands: &[(ExprId, ValueId)],
    ) {
        if !self.lo.explain {
            return;
        }
        let mut told = self.slots_read(about);
        for (operand, value) in operands {
            let kind = &self.body[*operand].kind;
            let literal = matches!(kind, ExprKind::Int(_) | ExprKind::Float(_));
            let label = self.source_text(*operand);
            if !literal && !told.iter().any(|(known, ..)| *known == label) {
                told.push((label, self.ty(*operand), *value));
            }
        }
        self.when_broken(holds, |this| {
            for (label, ty, value) in told {
                this.note(&label, ty, value);
            }
        });
    }

    /// [`explain_operands`](Self::explain_operands) of an operation that checks itself.
    pub(super) fn explain_arithmetic(
        &mut self,
        op: CheckedOp,
        about: ExprId,
        operands: [(ExprId, ValueId); 2],
    ) {
        if self.lo.explain {
            let holds = self.succeeds(op, operands[0].1, operands[1].1);
            self.explain_operands(holds, about, &operands);
        }
    }

    /// The same of `-operand` and `abs(operand)`.
    pub(super) fn explain_negation(&mut self, operand: ExprId, value: ValueId) {
        if self.lo.explain {
            let zero = self.b.i64(0);
            let holds = self.succeeds(CheckedOp::Sub, zero, value);
            self.explain_operands(holds, operand, &[(operand, value)]);
        }
    }

    /// 1 where a checked operation yields a value.
    fn succeeds(&mut self, op: CheckedOp, a: ValueId, b: ValueId) -> ValueId {
        use BinaryOp::{AddI64, AndI64, EqI64, GeI64, MulI64, NeI64, OrI32, SubI64, XorI64};
        let zero = self.b.i64(0);
        match op {
            // An overflow gives the result another sign than both operands have …
            CheckedOp::Add => {
                let sum = self.b.binary(AddI64, a, b);
                let (x, y) = (self.b.binary(XorI64, a, sum), self.b.binary(XorI64, b, sum));
                let flipped = self.b.binary(AndI64, x, y);
                self.b.binary(GeI64, flipped, zero)
            }
            // … and here than the first one, where they differ.
            CheckedOp::Sub => {
                let difference = self.b.binary(SubI64, a, b);
                let (x, y) = (self.b.binary(XorI64, a, b), self.b.binary(XorI64, a, difference));
                let flipped = self.b.binary(AndI64, x, y);
                self.b.binary(GeI64, flipped, zero)
            }
            // The product divided by one operand is the other one, unless it wrapped. The
            // divisions by 0 and of the least `Int` by -1 are set apart.
            CheckedOp::Mul => {
                let (least, ones) = (self.b.i64(i64::MIN), self.b.i64(-1));
                let no_factor = self.b.binary(EqI64, a, zero);
                self.b.open();
                let yes = self.b.i32(1);
                let then = Box::new(self.b.close(vec![yes]));
                self.b.open();
                let negates = self.b.binary(EqI64, a, ones);
                self.b.open();
                let fits = self.b.binary(NeI64, b, least);
                let negated = Box::new(self.b.close(vec![fits]));
                self.b.open();
                let product = self.b.binary(MulI64, a, b);
                let back = self.b.checked(CheckedOp::Div, product, a);
                let same = self.b.binary(EqI64, back, b);
                let multiplied = Box::new(self.b.close(vec![same]));
                let branches = Op::If { cond: negates, then: negated, otherwise: multiplied };
                let fits = self.b.one(branches, Ty::I32);
                let otherwise = Box::new(self.b.close(vec![fits]));
                self.b.one(Op::If { cond: no_factor, then, otherwise }, Ty::I32)
            }
            CheckedOp::Div => {
                let (least, ones) = (self.b.i64(i64::MIN), self.b.i64(-1));
                let divides = self.b.binary(NeI64, b, zero);
                let (x, y) = (self.b.binary(NeI64, a, least), self.b.binary(NeI64, b, ones));
                let fits = self.b.binary(OrI32, x, y);
                self.b.binary(BinaryOp::AndI32, divides, fits)
            }
            CheckedOp::Rem => self.b.binary(NeI64, b, zero),
        }
    }

    /// The slots that an expression reads from around it, and `@T.result`.
    fn slots_read(&mut self, about: ExprId) -> Vec<(String, VeraTy, ValueId)> {
        let around: Vec<_> = self.body.in_scope(about).collect();
        let mut read: Vec<(String, VeraTy, ValueId)> = Vec::new();
        let mut work = vec![about];
        while let Some(e) = work.pop() {
            let value = match self.body[e].kind {
                ExprKind::Local(local) if around.contains(&local) => {
                    self.locals.get(&local).copied().flatten()
                }
                ExprKind::Result => self.result,
                _ => None,
            };
            if let Some(value) = value {
                let label = self.source_text(e);
                let ty = self.ty(e);
                if !read.iter().any(|(known, ..)| *known == label) {
                    read.push((label, ty, value));
                }
            }
            let mut parts = Vec::new();
            self.body[e].kind.for_each_child(|child| parts.push(child));
            work.extend(parts.into_iter().rev());
        }
        read
    }

    /// The line of one value.
    pub(super) fn explain_value(
        &mut self,
        holds: ValueId,
        label: &str,
        ty: VeraTy,
        value: ValueId,
    ) {
        if self.lo.explain {
            self.when_broken(holds, |this| this.note(label, ty, value));
        }
    }

    fn when_broken(&mut self, holds: ValueId, tell: impl FnOnce(&mut Self)) {
        let broken = self.b.unary(UnaryOp::Not, holds);
        self.when(broken, tell);
    }

    /// `label = value`, where values of the type have a text.
    fn note(&mut self, label: &str, ty: VeraTy, value: ValueId) {
        if !self.lo.has(Ability::Show, ty) {
            return;
        }
        let is_text = matches!(self.lo.types.base_kind(ty), TyKind::String);
        let (before, after) = if is_text { (" = \"", "\"\n") } else { (" = ", "\n") };
        let head = self.string(&format!("{label}{before}"));
        let shown = self.show(ty, Some(value));
        let tail = self.string(after);
        let text = self.b.rt(RtFn::StringConcat, vec![head, shown], Ty::Ref);
        let text = self.b.rt(RtFn::StringConcat, vec![text, tail], Ty::Ref);
        let bytes = self.bytes(text);
        self.b.host(HostFn::Stderr, bytes, &[]);
    }
}

//! Checked 64-bit arithmetic.
//!
//! Addition and subtraction overflow exactly if the result's sign differs from
//! both operands' (Warren, "Hacker's Delight", 2-13); with a constant operand
//! one comparison decides. A product of two factors in 33 bits cannot overflow;
//! other factors go through a helper that computes the high half. Division needs
//! no code of ours: the engine traps on a zero divisor and on `MIN / -1`, and
//! the host knows both.

use vera_abi::runtime::Wasm;
use vera_abi::trap::TrapKind;
use vera_mir::ir::{CheckedOp, LocId, ValueId};
use wasm_encoder::{BlockType, ValType};

use super::{Emitter, Produced};

impl Emitter<'_, '_> {
    pub(super) fn checked(
        &mut self,
        op: CheckedOp,
        a: ValueId,
        b: ValueId,
        loc: LocId,
    ) -> Produced {
        match op {
            CheckedOp::Add => match (self.const_i64(a), self.const_i64(b)) {
                (_, Some(n)) => self.add_const(a, n, loc),
                (Some(n), None) => self.add_const(b, n, loc),
                (None, None) => self.add_or_sub(op, a, b, loc),
            },
            CheckedOp::Sub => match self.const_i64(b) {
                Some(n) if n != i64::MIN => self.add_const(a, -n, loc),
                Some(_) | None => self.add_or_sub(op, a, b, loc),
            },
            CheckedOp::Mul => match (self.const_i64(a), self.const_i64(b)) {
                (_, Some(n)) => self.mul_const(a, n, loc),
                (Some(n), None) => self.mul_const(b, n, loc),
                (None, None) => self.mul(a, b, loc),
            },
            CheckedOp::Div => {
                self.push(a);
                self.push(b);
                self.code.mark(loc);
                self.code.ops().i64_div_s();
                Produced::Stack
            }
            CheckedOp::Rem => {
                self.push(a);
                self.push(b);
                self.code.mark(loc);
                self.code.ops().i64_rem_s();
                Produced::Stack
            }
        }
    }

    /// `a + n` overflows exactly if the result lies on the wrong side of `a`.
    fn add_const(&mut self, a: ValueId, n: i64, loc: LocId) -> Produced {
        let result = self.pool.take(Wasm::I64);
        let a = self.read(a);
        self.code.get(a.local);
        self.code.ops().i64_const(n).i64_add();
        self.code.tee(result);
        self.code.get(a.local);
        if n >= 0 {
            self.code.ops().i64_lt_s();
        } else {
            self.code.ops().i64_gt_s();
        }
        self.trap_if(TrapKind::Overflow, None, loc);
        self.release(a);
        Produced::Local(result)
    }

    fn add_or_sub(&mut self, op: CheckedOp, a: ValueId, b: ValueId, loc: LocId) -> Produced {
        let result = self.pool.take(Wasm::I64);
        let a = self.read(a);
        let b = self.read(b);
        self.code.get(a.local);
        self.code.get(b.local);
        let add = op == CheckedOp::Add;
        if add {
            self.code.ops().i64_add();
        } else {
            self.code.ops().i64_sub();
        }
        self.code.tee(result);
        self.code.get(a.local);
        self.code.ops().i64_xor();
        // For a difference the sign of the subtrahend counts inverted.
        self.code.get(if add { result } else { a.local });
        self.code.get(b.local);
        self.code.ops().i64_xor().i64_and().i64_const(0).i64_lt_s();
        self.trap_if(TrapKind::Overflow, None, loc);
        self.release(b);
        self.release(a);
        Produced::Local(result)
    }

    /// `a * n` overflows exactly if `a` lies outside a range known here.
    fn mul_const(&mut self, a: ValueId, n: i64, loc: LocId) -> Produced {
        let (low, high) = match n {
            0 | 1 => (i64::MIN, i64::MAX),
            -1 => (-i64::MAX, i64::MAX),
            2.. => (i64::MIN / n, i64::MAX / n),
            i64::MIN..-1 => (i64::MAX / n, i64::MIN / n),
        };
        if (low, high) == (i64::MIN, i64::MAX) {
            self.push(a);
            self.code.ops().i64_const(n).i64_mul();
            return Produced::Stack;
        }
        let a = self.read(a);
        self.code.get(a.local);
        self.code.ops().i64_const(low).i64_sub();
        self.code.ops().i64_const(high.wrapping_sub(low)).i64_gt_u();
        self.trap_if(TrapKind::Overflow, None, loc);
        self.code.get(a.local);
        self.code.ops().i64_const(n).i64_mul();
        self.release(a);
        Produced::Stack
    }

    fn mul(&mut self, a: ValueId, b: ValueId, loc: LocId) -> Produced {
        let a = self.read(a);
        let b = self.read(b);
        for factor in [a, b] {
            self.code.get(factor.local);
            self.code.ops().i64_const(1 << 31).i64_add();
        }
        self.code.ops().i64_or().i64_const(32).i64_shr_u().i64_eqz();
        self.code.ops().if_(BlockType::Result(ValType::I64));
        self.code.get(a.local);
        self.code.get(b.local);
        self.code.ops().i64_mul().else_();
        self.code.get(a.local);
        self.code.get(b.local);
        let helper = self.cx.mul_helper();
        self.code.mark(loc);
        self.code.ops().call(helper).end();
        self.release(b);
        self.release(a);
        Produced::Stack
    }
}

//! Evaluation of operators on constants, exactly as the machine would.

use crate::ir::{BinaryOp, CheckedOp, Const, UnaryOp};

pub(super) fn unary(op: UnaryOp, a: Const) -> Option<Const> {
    Some(match (op, a) {
        (UnaryOp::Not, Const::I32(a)) => Const::I32(i32::from(a == 0)),
        (UnaryOp::I32ToI64, Const::I32(a)) => Const::I64(i64::from(a as u32)),
        (UnaryOp::I64ToI32, Const::I64(a)) => Const::I32(a as i32),
        (UnaryOp::NegF64, Const::F64(a)) => Const::F64((-f64::from_bits(a)).to_bits()),
        (UnaryOp::I64ToF64, Const::I64(a)) => Const::F64((a as f64).to_bits()),
        (UnaryOp::RefToI32, Const::Immediate(a)) => Const::I32(a as i32),
        _ => return None,
    })
}

pub(super) fn binary(op: BinaryOp, a: Const, b: Const) -> Option<Const> {
    let flag = |b: bool| Some(Const::I32(i32::from(b)));
    match (a, b) {
        (Const::I32(a), Const::I32(b)) => match op {
            BinaryOp::AddI32 => Some(Const::I32(a.wrapping_add(b))),
            BinaryOp::SubI32 => Some(Const::I32(a.wrapping_sub(b))),
            BinaryOp::MulI32 => Some(Const::I32(a.wrapping_mul(b))),
            BinaryOp::AndI32 => Some(Const::I32(a & b)),
            BinaryOp::OrI32 => Some(Const::I32(a | b)),
            BinaryOp::XorI32 => Some(Const::I32(a ^ b)),
            BinaryOp::EqI32 => flag(a == b),
            BinaryOp::NeI32 => flag(a != b),
            BinaryOp::LtI32 => flag(a < b),
            BinaryOp::GtI32 => flag(a > b),
            BinaryOp::LeI32 => flag(a <= b),
            BinaryOp::GeI32 => flag(a >= b),
            BinaryOp::LtU32 => flag((a as u32) < b as u32),
            BinaryOp::GeU32 => flag(a as u32 >= b as u32),
            _ => None,
        },
        (Const::I64(a), Const::I64(b)) => match op {
            BinaryOp::AddI64 => Some(Const::I64(a.wrapping_add(b))),
            BinaryOp::SubI64 => Some(Const::I64(a.wrapping_sub(b))),
            BinaryOp::MulI64 => Some(Const::I64(a.wrapping_mul(b))),
            BinaryOp::AndI64 => Some(Const::I64(a & b)),
            BinaryOp::OrI64 => Some(Const::I64(a | b)),
            BinaryOp::XorI64 => Some(Const::I64(a ^ b)),
            BinaryOp::ShlI64 => Some(Const::I64(a.wrapping_shl(b as u32))),
            BinaryOp::ShrI64 => Some(Const::I64(a.wrapping_shr(b as u32))),
            BinaryOp::ShrU64 => Some(Const::I64((a as u64).wrapping_shr(b as u32) as i64)),
            BinaryOp::EqI64 => flag(a == b),
            BinaryOp::NeI64 => flag(a != b),
            BinaryOp::LtI64 => flag(a < b),
            BinaryOp::GtI64 => flag(a > b),
            BinaryOp::LeI64 => flag(a <= b),
            BinaryOp::GeI64 => flag(a >= b),
            BinaryOp::LtU64 => flag((a as u64) < b as u64),
            BinaryOp::GeU64 => flag(a as u64 >= b as u64),
            _ => None,
        },
        (Const::F64(a), Const::F64(b)) => {
            let (a, b) = (f64::from_bits(a), f64::from_bits(b));
            match op {
                BinaryOp::EqF64 => flag(a == b),
                BinaryOp::NeF64 => flag(a != b),
                BinaryOp::LtF64 => flag(a < b),
                BinaryOp::GtF64 => flag(a > b),
                BinaryOp::LeF64 => flag(a <= b),
                BinaryOp::GeF64 => flag(a >= b),
                _ => None,
            }
        }
        _ => None,
    }
}

/// `None` when the operation traps.
pub(super) fn checked(op: CheckedOp, a: Const, b: Const) -> Option<Const> {
    let (Const::I64(a), Const::I64(b)) = (a, b) else { return None };
    let value = match op {
        CheckedOp::Add => a.checked_add(b),
        CheckedOp::Sub => a.checked_sub(b),
        CheckedOp::Mul => a.checked_mul(b),
        CheckedOp::Div => a.checked_div(b),
        CheckedOp::Rem if b == -1 => Some(0),
        CheckedOp::Rem => a.checked_rem(b),
    };
    value.map(Const::I64)
}

//! Operators that are one wasm instruction, or nearly.

use vera_mir::ir::{BinaryOp, Mem, UnaryOp};
use wasm_encoder::InstructionSink;

use crate::code::mem_arg;

pub fn unary(ops: &mut InstructionSink<'_>, op: UnaryOp) {
    match op {
        UnaryOp::Not => ops.i32_eqz(),
        UnaryOp::NegF64 => ops.f64_neg(),
        UnaryOp::AbsF64 => ops.f64_abs(),
        UnaryOp::SqrtF64 => ops.f64_sqrt(),
        UnaryOp::FloorF64 => ops.f64_floor(),
        UnaryOp::CeilF64 => ops.f64_ceil(),
        UnaryOp::TruncF64 => ops.f64_trunc(),
        UnaryOp::NearestF64 => ops.f64_nearest(),
        UnaryOp::I64ToF64 => ops.f64_convert_i64_s(),
        // The range was checked, but the conversion may have been moved.
        UnaryOp::F64ToI64 => ops.i64_trunc_sat_f64_s(),
        UnaryOp::I32ToI64 => ops.i64_extend_i32_u(),
        UnaryOp::I64ToI32 => ops.i32_wrap_i64(),
        UnaryOp::F64Bits => ops.i64_reinterpret_f64(),
        UnaryOp::RefToI32 | UnaryOp::I32ToRef => ops,
    };
}

pub fn binary(ops: &mut InstructionSink<'_>, op: BinaryOp) {
    match op {
        BinaryOp::AddI32 => ops.i32_add(),
        BinaryOp::SubI32 => ops.i32_sub(),
        BinaryOp::MulI32 => ops.i32_mul(),
        BinaryOp::AndI32 => ops.i32_and(),
        BinaryOp::OrI32 => ops.i32_or(),
        BinaryOp::XorI32 => ops.i32_xor(),
        BinaryOp::EqI32 | BinaryOp::EqRef => ops.i32_eq(),
        BinaryOp::NeI32 => ops.i32_ne(),
        BinaryOp::LtI32 => ops.i32_lt_s(),
        BinaryOp::GtI32 => ops.i32_gt_s(),
        BinaryOp::LeI32 => ops.i32_le_s(),
        BinaryOp::GeI32 => ops.i32_ge_s(),
        BinaryOp::LtU32 => ops.i32_lt_u(),
        BinaryOp::GeU32 => ops.i32_ge_u(),
        BinaryOp::AddI64 => ops.i64_add(),
        BinaryOp::SubI64 => ops.i64_sub(),
        BinaryOp::MulI64 => ops.i64_mul(),
        BinaryOp::AndI64 => ops.i64_and(),
        BinaryOp::OrI64 => ops.i64_or(),
        BinaryOp::XorI64 => ops.i64_xor(),
        BinaryOp::ShlI64 => ops.i64_shl(),
        BinaryOp::ShrI64 => ops.i64_shr_s(),
        BinaryOp::ShrU64 => ops.i64_shr_u(),
        BinaryOp::EqI64 => ops.i64_eq(),
        BinaryOp::NeI64 => ops.i64_ne(),
        BinaryOp::LtI64 => ops.i64_lt_s(),
        BinaryOp::GtI64 => ops.i64_gt_s(),
        BinaryOp::LeI64 => ops.i64_le_s(),
        BinaryOp::GeI64 => ops.i64_ge_s(),
        BinaryOp::LtU64 => ops.i64_lt_u(),
        BinaryOp::GeU64 => ops.i64_ge_u(),
        BinaryOp::AddF64 => ops.f64_add(),
        BinaryOp::SubF64 => ops.f64_sub(),
        BinaryOp::MulF64 => ops.f64_mul(),
        BinaryOp::DivF64 => ops.f64_div(),
        BinaryOp::MinF64 => ops.f64_min(),
        BinaryOp::MaxF64 => ops.f64_max(),
        BinaryOp::EqF64 => ops.f64_eq(),
        BinaryOp::NeF64 => ops.f64_ne(),
        BinaryOp::LtF64 => ops.f64_lt(),
        BinaryOp::GtF64 => ops.f64_gt(),
        BinaryOp::LeF64 => ops.f64_le(),
        BinaryOp::GeF64 => ops.f64_ge(),
    };
}

/// The comparison that holds exactly when `op` does not. There is none for
/// floating-point orders: all of them are false for NaN.
pub fn inverse(op: BinaryOp) -> Option<BinaryOp> {
    use BinaryOp::*;
    Some(match op {
        EqI32 => NeI32,
        NeI32 => EqI32,
        LtI32 => GeI32,
        GtI32 => LeI32,
        LeI32 => GtI32,
        GeI32 => LtI32,
        LtU32 => GeU32,
        GeU32 => LtU32,
        EqI64 => NeI64,
        NeI64 => EqI64,
        LtI64 => GeI64,
        GtI64 => LeI64,
        LeI64 => GtI64,
        GeI64 => LtI64,
        LtU64 => GeU64,
        GeU64 => LtU64,
        EqF64 => NeF64,
        NeF64 => EqF64,
        LtF64 | GtF64 | LeF64 | GeF64 | EqRef | AddI32 | SubI32 | MulI32 | AndI32 | OrI32
        | XorI32 | AddI64 | SubI64 | MulI64 | AndI64 | OrI64 | XorI64 | ShlI64 | ShrI64
        | ShrU64 | AddF64 | SubF64 | MulF64 | DivF64 | MinF64 | MaxF64 => return None,
    })
}

pub fn load(ops: &mut InstructionSink<'_>, mem: Mem, offset: u32) {
    let arg = mem_arg(offset, mem.size());
    match mem {
        Mem::U8 => ops.i32_load8_u(arg),
        Mem::I32 | Mem::Ref => ops.i32_load(arg),
        Mem::I64 => ops.i64_load(arg),
        Mem::F64 => ops.f64_load(arg),
    };
}

pub fn store(ops: &mut InstructionSink<'_>, mem: Mem, offset: u32) {
    let arg = mem_arg(offset, mem.size());
    match mem {
        Mem::U8 => ops.i32_store8(arg),
        Mem::I32 | Mem::Ref => ops.i32_store(arg),
        Mem::I64 => ops.i64_store(arg),
        Mem::F64 => ops.f64_store(arg),
    };
}

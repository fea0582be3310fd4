//! Built-in functions, as the table says they become code.

use vera_abi::runtime::{ParseStatus, RtFn};
use vera_abi::trap::TrapKind;
use vera_builtins::{BuiltinId, Inline, Lowering};
use vera_check::typed::ExprId;
use vera_check::types::Ty as VeraTy;

use super::functions::FnLower;
use crate::ir::*;

impl FnLower<'_, '_> {
    pub(super) fn builtin(
        &mut self,
        function: BuiltinId,
        args: &[ExprId],
        e: ExprId,
    ) -> Option<ValueId> {
        match function.function().lowering {
            Lowering::Runtime(rt) => {
                let args = self.args(args);
                let ty = self.repr_of(e).ty()?;
                Some(self.b.rt(rt, args, ty))
            }
            Lowering::Inline(inline) => self.inline(inline, args, e),
            Lowering::Prelude | Lowering::Specified(_) => {
                unreachable!("a prelude function is called as a function")
            }
        }
    }

    fn inline(&mut self, inline: Inline, args: &[ExprId], e: ExprId) -> Option<ValueId> {
        match inline {
            Inline::ArrayMap => return Some(self.array_map(args[0], args[1], false)),
            Inline::ArrayMapi => return Some(self.array_map(args[0], args[1], true)),
            Inline::ArrayFilter => return Some(self.array_filter(args[0], args[1])),
            Inline::ArrayFold => return self.array_fold(args[0], args[1], args[2]),
            Inline::ArraySortBy => return Some(self.array_sort(args[0], args[1])),
            Inline::ArrayAppend => return Some(self.array_append(args[0], args[1])),
            Inline::Async => return self.async_of(args[0]),
            Inline::Await => {
                let ty = self.ty(e);
                return self.await_of(args[0], ty);
            }
            Inline::MapNew
            | Inline::MapSize
            | Inline::MapGet
            | Inline::MapContains
            | Inline::MapInsert
            | Inline::SetAdd
            | Inline::MapRemove
            | Inline::MapKeys
            | Inline::MapValues => return self.map_function(inline, args, e),
            _ => {}
        }
        let values = self.args(args);
        let ty = self.ty(e);
        Some(match inline {
            Inline::Abs => self.abs(args[0], values[0]),
            Inline::Min | Inline::Max => {
                let op = if inline == Inline::Min { BinaryOp::LtI64 } else { BinaryOp::GtI64 };
                let first = self.b.binary(op, values[0], values[1]);
                self.select(first, values[0], values[1], Ty::I64)
            }
            Inline::Floor => self.rounded_int(UnaryOp::FloorF64, (args[0], values[0]), e),
            Inline::Ceil => self.rounded_int(UnaryOp::CeilF64, (args[0], values[0]), e),
            Inline::Round => self.rounded_int(UnaryOp::NearestF64, (args[0], values[0]), e),
            Inline::Truncate => self.rounded_int(UnaryOp::TruncF64, (args[0], values[0]), e),
            Inline::Sqrt => self.b.unary(UnaryOp::SqrtF64, values[0]),
            Inline::FloatClamp => {
                let low = self.b.binary(BinaryOp::MaxF64, values[0], values[1]);
                self.b.binary(BinaryOp::MinF64, low, values[2])
            }
            Inline::Pi => self.float(std::f64::consts::PI),
            Inline::E => self.float(std::f64::consts::E),
            Inline::Nan => self.b.constant(Const::F64(0x7ff8_0000_0000_0000)),
            Inline::Infinity => self.float(f64::INFINITY),
            Inline::IsNan => self.b.binary(BinaryOp::NeF64, values[0], values[0]),
            Inline::IsInfinite => {
                let magnitude = self.b.unary(UnaryOp::AbsF64, values[0]);
                let infinity = self.float(f64::INFINITY);
                self.b.binary(BinaryOp::EqF64, magnitude, infinity)
            }
            Inline::IntToFloat => self.b.unary(UnaryOp::I64ToF64, values[0]),
            Inline::NatToInt => values[0],
            Inline::ByteToInt => self.b.unary(UnaryOp::I32ToI64, values[0]),
            Inline::IntToNat => {
                let zero = self.b.i64(0);
                let natural = self.b.binary(BinaryOp::GeI64, values[0], zero);
                self.some_if(natural, values[0], ty)
            }
            Inline::IntToByte => {
                let limit = self.b.i64(256);
                let fits = self.b.binary(BinaryOp::LtU64, values[0], limit);
                let byte = self.b.unary(UnaryOp::I64ToI32, values[0]);
                self.some_if(fits, byte, ty)
            }
            Inline::StringLength | Inline::ArrayLength => {
                let len = self.b.seq_len(values[0]);
                self.b.unary(UnaryOp::I32ToI64, len)
            }
            Inline::StringCharCode => self.char_code(values[0], values[1], e, args),
            Inline::StringFromCharCode => {
                let low = self.b.unary(UnaryOp::I64ToI32, values[0]);
                self.b.rt(RtFn::StringFromByte, vec![low], Ty::Ref)
            }
            Inline::StringIndexOf => {
                let at = self.b.rt(RtFn::StringIndexOf, values, Ty::I64);
                let zero = self.b.i64(0);
                let found = self.b.binary(BinaryOp::GeI64, at, zero);
                self.some_if(found, at, ty)
            }
            Inline::StringStrip => self.trim(values[0], 1, 1),
            Inline::StringTrimStart => self.trim(values[0], 1, 0),
            Inline::StringTrimEnd => self.trim(values[0], 0, 1),
            Inline::BytesToString => self.bytes_to_string(values[0], ty),
            Inline::ParseInt => self.parse(RtFn::ParseInt, RtFn::ParsedInt, values[0], ty),
            Inline::ParseNat => self.parse(RtFn::ParseNat, RtFn::ParsedInt, values[0], ty),
            Inline::ParseFloat => self.parse(RtFn::ParseFloat, RtFn::ParsedFloat, values[0], ty),
            Inline::ParseBool => self.parse_bool(values[0], ty),
            Inline::ArrayConcat => {
                let mem = self.element_of(args[0]).element();
                let (size, is_ref) = self.element_size(mem);
                let args = vec![values[0], values[1], size, is_ref];
                self.b.rt(RtFn::ArrayConcat, args, Ty::Ref)
            }
            Inline::ArraySlice => {
                let mem = self.element_of(args[0]).element();
                let (size, _) = self.element_size(mem);
                let args = vec![values[0], values[1], values[2], size];
                self.b.rt(RtFn::ArraySlice, args, Ty::Ref)
            }
            Inline::ArrayReverse => {
                let mem = self.element_of(args[0]).element();
                let (size, is_ref) = self.element_size(mem);
                self.b.rt(RtFn::ArrayReverse, vec![values[0], size, is_ref], Ty::Ref)
            }
            Inline::ArrayFlatten => {
                let mem = self.element_of(e).element();
                let (size, is_ref) = self.element_size(mem);
                self.b.rt(RtFn::ArrayFlatten, vec![values[0], size, is_ref], Ty::Ref)
            }
            Inline::Add => self.b.binary(BinaryOp::AddI64, values[0], values[1]),
            Inline::Sub => self.b.binary(BinaryOp::SubI64, values[0], values[1]),
            Inline::Mul => self.b.binary(BinaryOp::MulI64, values[0], values[1]),
            Inline::BitAnd => self.b.binary(BinaryOp::AndI64, values[0], values[1]),
            Inline::BitOr => self.b.binary(BinaryOp::OrI64, values[0], values[1]),
            Inline::BitXor => self.b.binary(BinaryOp::XorI64, values[0], values[1]),
            Inline::ShiftLeft => self.b.binary(BinaryOp::ShlI64, values[0], values[1]),
            Inline::ShiftRight => self.b.binary(BinaryOp::ShrI64, values[0], values[1]),
            Inline::ShiftRightUnsigned => self.b.binary(BinaryOp::ShrU64, values[0], values[1]),
            Inline::BitNot => {
                let ones = self.b.i64(-1);
                self.b.binary(BinaryOp::XorI64, values[0], ones)
            }
            Inline::ArrayMap
            | Inline::ArrayMapi
            | Inline::ArrayFilter
            | Inline::ArrayFold
            | Inline::ArraySortBy
            | Inline::ArrayAppend
            | Inline::Async
            | Inline::Await
            | Inline::MapNew
            | Inline::MapSize
            | Inline::MapGet
            | Inline::MapContains
            | Inline::MapInsert
            | Inline::SetAdd
            | Inline::MapRemove
            | Inline::MapKeys
            | Inline::MapValues => unreachable!("handled above"),
        })
    }

    pub(super) fn float(&mut self, value: f64) -> ValueId {
        self.b.constant(Const::F64(value.to_bits()))
    }

    pub(super) fn select(&mut self, cond: ValueId, a: ValueId, b: ValueId, ty: Ty) -> ValueId {
        self.b.open();
        let then = Box::new(self.b.close(vec![a]));
        self.b.open();
        let otherwise = Box::new(self.b.close(vec![b]));
        self.b.one(Op::If { cond, then, otherwise }, ty)
    }

    fn abs(&mut self, operand: ExprId, value: ValueId) -> ValueId {
        self.explain_negation(operand, value);
        let zero = self.b.i64(0);
        let negative = self.b.binary(BinaryOp::LtI64, value, zero);
        self.b.open();
        let flipped = self.b.checked(CheckedOp::Sub, zero, value);
        let then = Box::new(self.b.close(vec![flipped]));
        self.b.open();
        let otherwise = Box::new(self.b.close(vec![value]));
        self.b.one(Op::If { cond: negative, then, otherwise }, Ty::I64)
    }

    /// Rounds and converts; traps unless the rounded value is an `Int`.
    fn rounded_int(
        &mut self,
        round: UnaryOp,
        (operand, value): (ExprId, ValueId),
        e: ExprId,
    ) -> ValueId {
        let rounded = self.b.unary(round, value);
        let low = self.float(-9_223_372_036_854_775_808.0);
        let high = self.float(9_223_372_036_854_775_808.0);
        let above = self.b.binary(BinaryOp::GeF64, rounded, low);
        let below = self.b.binary(BinaryOp::LtF64, rounded, high);
        let fits = self.b.binary(BinaryOp::AndI32, above, below);
        let line = self.line(self.body[e].span);
        let call = self.source_text(e);
        let message = format!(
            "Float64 to Int conversion out of range (line {line}): `{call}` needs a finite value in [-2^63, 2^63); it was NaN, infinite, or outside that range."
        );
        self.explain_operands(fits, e, &[(operand, value)]);
        self.b.guard(fits, TrapKind::FloatConversion, Some(message));
        self.b.unary(UnaryOp::F64ToI64, rounded)
    }

    /// `Some(value)` or `None`.
    fn some_if(&mut self, cond: ValueId, value: ValueId, ty: VeraTy) -> ValueId {
        self.b.open();
        let some = self.prelude_ctor(ty, 1, &[value]);
        let then = Box::new(self.b.close(vec![some]));
        self.b.open();
        let none = self.prelude_ctor(ty, 0, &[]);
        let otherwise = Box::new(self.b.close(vec![none]));
        self.b.one(Op::If { cond, then, otherwise }, Ty::Ref)
    }

    fn char_code(&mut self, text: ValueId, index: ValueId, e: ExprId, args: &[ExprId]) -> ValueId {
        let len = self.b.seq_len(text);
        let wide = self.b.unary(UnaryOp::I32ToI64, len);
        let inside = self.b.binary(BinaryOp::LtU64, index, wide);
        let line = self.line(self.body[e].span);
        let (call, s, i) =
            (self.source_text(e), self.source_text(args[0]), self.source_text(args[1]));
        let message = format!(
            "String index out of bounds (line {line}): `{call}` needs `0 <= {i}` and `{i} < string_length({s})`, the string's length in bytes."
        );
        self.explain_value(inside, &i, VeraTy::INT, index);
        self.explain_value(inside, &format!("string_length({s})"), VeraTy::INT, wide);
        self.b.guard(inside, TrapKind::StringIndexOutOfBounds, Some(message));
        let narrow = self.b.unary(UnaryOp::I64ToI32, index);
        let data = self.b.seq_data(text);
        let byte = self.b.one(Op::Element { data, index: narrow, mem: Mem::U8 }, Ty::I32);
        self.b.unary(UnaryOp::I32ToI64, byte)
    }

    fn trim(&mut self, text: ValueId, start: i32, end: i32) -> ValueId {
        let (start, end) = (self.b.i32(start), self.b.i32(end));
        self.b.rt(RtFn::StringTrim, vec![text, start, end], Ty::Ref)
    }

    fn array_append(&mut self, array: ExprId, element: ExprId) -> ValueId {
        let mem = self.element_of(array).element();
        let array = self.value(array);
        let element = self.element(element);
        let rt = match mem {
            Mem::U8 => RtFn::ArrayAppendU8,
            Mem::I32 => RtFn::ArrayAppendI32,
            Mem::I64 => RtFn::ArrayAppendI64,
            Mem::F64 => RtFn::ArrayAppendF64,
            Mem::Ref => RtFn::ArrayAppendRef,
        };
        self.b.rt(rt, vec![array, element], Ty::Ref)
    }

    fn bytes_to_string(&mut self, bytes: ValueId, ty: VeraTy) -> ValueId {
        let fault = self.b.rt(RtFn::Utf8Error, vec![bytes], Ty::I64);
        let zero = self.b.i64(0);
        let bad = self.b.binary(BinaryOp::GeI64, fault, zero);
        self.b.open();
        let head = self.string("invalid UTF-8 at byte ");
        let number = self.b.rt(RtFn::IntToString, vec![fault], Ty::Ref);
        let text = self.b.rt(RtFn::StringConcat, vec![head, number], Ty::Ref);
        let err = self.prelude_ctor(ty, 1, &[text]);
        let then = Box::new(self.b.close(vec![err]));
        self.b.open();
        let text = self.b.rt(RtFn::BytesToString, vec![bytes], Ty::Ref);
        let ok = self.prelude_ctor(ty, 0, &[text]);
        let otherwise = Box::new(self.b.close(vec![ok]));
        self.b.one(Op::If { cond: bad, then, otherwise }, Ty::Ref)
    }

    /// `Ok` of the parsed value or `Err` of the reason.
    fn parse(&mut self, parse: RtFn, parsed: RtFn, text: ValueId, ty: VeraTy) -> ValueId {
        let invalid = if parse == RtFn::ParseFloat { "invalid character" } else { "invalid digit" };
        let status = self.b.rt(parse, vec![text], Ty::I32);
        self.b.open();
        let value_ty = if parsed == RtFn::ParsedFloat { Ty::F64 } else { Ty::I64 };
        let value = self.b.rt(parsed, Vec::new(), value_ty);
        let ok = self.prelude_ctor(ty, 0, &[value]);
        let ok = self.b.close(vec![ok]);
        let mut cases = vec![ok];
        for (status, reason) in [
            (ParseStatus::Empty, "empty string"),
            (ParseStatus::Invalid, invalid),
            (ParseStatus::OutOfRange, "out of range"),
        ] {
            debug_assert_eq!(status as usize, cases.len());
            cases.push(self.err_region(reason, ty));
        }
        let default = Box::new(cases.pop().expect("cases were pushed"));
        self.b.one(Op::Switch { on: status, cases, default }, Ty::Ref)
    }

    fn err_region(&mut self, reason: &str, ty: VeraTy) -> Region {
        self.b.open();
        let reason = self.string(reason);
        let err = self.prelude_ctor(ty, 1, &[reason]);
        self.b.close(vec![err])
    }

    fn parse_bool(&mut self, text: ValueId, ty: VeraTy) -> ValueId {
        let status = self.b.rt(RtFn::ParseBool, vec![text], Ty::I32);
        let mut cases = Vec::new();
        for value in [0, 1] {
            self.b.open();
            let value = self.b.i32(value);
            let ok = self.prelude_ctor(ty, 0, &[value]);
            cases.push(self.b.close(vec![ok]));
        }
        let default = Box::new(self.err_region("expected true or false", ty));
        self.b.one(Op::Switch { on: status, cases, default }, Ty::Ref)
    }
}

//! Building the body of one function, region by region.

use vera_abi::host::HostFn;
use vera_abi::runtime::RtFn;
use vera_abi::trap::TrapKind;

use crate::ir::*;

/// A function under construction. Emitting into a region that has ended does
/// nothing: the code is unreachable.
pub(crate) struct Builder {
    pub func: Func,
    regions: Vec<Open>,
    /// Where the instructions emitted next come from.
    pub loc: LocId,
}

struct Open {
    insts: Vec<Inst>,
    end: Option<Terminator>,
}

impl Builder {
    pub fn new(name: String, source: SourceFnId, loc: LocId) -> Builder {
        let func = Func {
            name,
            source,
            params: Vec::new(),
            natural: Vec::new(),
            results: Vec::new(),
            values: Vec::new(),
            labels: 0,
            body: Region { insts: Vec::new(), end: Terminator::Unreachable },
            indirect: false,
            collects: false,
            recursive: false,
        };
        Builder { func, regions: vec![Open { insts: Vec::new(), end: None }], loc }
    }

    pub fn finish(mut self) -> Func {
        let body = self.regions.pop().expect("the body region is open");
        assert!(self.regions.is_empty(), "every region was closed");
        self.func.body =
            Region { insts: body.insts, end: body.end.unwrap_or(Terminator::Unreachable) };
        self.func
    }

    fn top(&mut self) -> &mut Open {
        self.regions.last_mut().expect("a region is open")
    }

    /// Whether the current region has ended.
    pub fn ended(&mut self) -> bool {
        self.top().end.is_some()
    }

    pub fn param(&mut self, ty: Ty) -> ValueId {
        let value = self.func.new_value(ty);
        self.func.params.push(value);
        value
    }

    pub fn end(&mut self, terminator: Terminator) {
        let top = self.top();
        if top.end.is_none() {
            top.end = Some(terminator);
        }
    }

    /// Emits an instruction with results of these types.
    pub fn emit(&mut self, op: Op, results: &[Ty]) -> Vec<ValueId> {
        let results: Vec<ValueId> = results.iter().map(|ty| self.func.new_value(*ty)).collect();
        self.emit_into(op, results.clone());
        results
    }

    fn emit_into(&mut self, op: Op, results: Vec<ValueId>) {
        let loc = self.loc;
        let top = self.top();
        if top.end.is_none() {
            top.insts.push(Inst { results, op, loc, roots: Vec::new() });
        }
    }

    /// Emits an instruction that yields one value.
    pub fn one(&mut self, op: Op, ty: Ty) -> ValueId {
        self.emit(op, &[ty])[0]
    }

    /// Emits an instruction that yields nothing.
    pub fn none(&mut self, op: Op) {
        self.emit(op, &[]);
    }

    /// Opens a nested region; instructions go there until it is closed.
    pub fn open(&mut self) {
        self.regions.push(Open { insts: Vec::new(), end: None });
    }

    /// Closes the current region, yielding `values` if it has not ended.
    pub fn close(&mut self, values: Vec<ValueId>) -> Region {
        let open = self.regions.pop().expect("a region is open");
        Region { insts: open.insts, end: open.end.unwrap_or(Terminator::Yield(values)) }
    }

    pub fn constant(&mut self, constant: Const) -> ValueId {
        self.one(Op::Const(constant), constant.ty())
    }

    pub fn i32(&mut self, value: i32) -> ValueId {
        self.constant(Const::I32(value))
    }

    pub fn i64(&mut self, value: i64) -> ValueId {
        self.constant(Const::I64(value))
    }

    pub fn binary(&mut self, op: BinaryOp, a: ValueId, b: ValueId) -> ValueId {
        self.one(Op::Binary(op, a, b), binary_ty(op))
    }

    pub fn unary(&mut self, op: UnaryOp, a: ValueId) -> ValueId {
        self.one(Op::Unary(op, a), unary_ty(op))
    }

    pub fn checked(&mut self, op: CheckedOp, a: ValueId, b: ValueId) -> ValueId {
        self.one(Op::Checked(op, a, b), Ty::I64)
    }

    pub fn guard(&mut self, cond: ValueId, kind: TrapKind, message: Option<String>) {
        self.none(Op::Guard { cond, kind, message: message.map(Message) });
    }

    /// Calls a runtime function with one result.
    pub fn rt(&mut self, func: RtFn, args: Vec<ValueId>, ty: Ty) -> ValueId {
        self.one(Op::CallRt { func, args }, ty)
    }

    pub fn rt_none(&mut self, func: RtFn, args: Vec<ValueId>) {
        self.none(Op::CallRt { func, args });
    }

    pub fn host(&mut self, func: HostFn, args: Vec<ValueId>, results: &[Ty]) -> Vec<ValueId> {
        self.emit(Op::CallHost { func, args }, results)
    }

    pub fn seq_len(&mut self, seq: ValueId) -> ValueId {
        self.one(Op::SeqLen(seq), Ty::I32)
    }

    pub fn seq_data(&mut self, seq: ValueId) -> ValueId {
        self.one(Op::SeqData(seq), Ty::I32)
    }
}

/// The result type of a binary operator.
pub(crate) fn binary_ty(op: BinaryOp) -> Ty {
    use BinaryOp::*;
    match op {
        AddI32 | SubI32 | MulI32 | AndI32 | OrI32 | XorI32 | EqI32 | NeI32 | LtI32 | GtI32
        | LeI32 | GeI32 | LtU32 | GeU32 | EqI64 | NeI64 | LtI64 | GtI64 | LeI64 | GeI64 | LtU64
        | GeU64 | EqF64 | NeF64 | LtF64 | GtF64 | LeF64 | GeF64 | EqRef => Ty::I32,
        AddI64 | SubI64 | MulI64 | AndI64 | OrI64 | XorI64 | ShlI64 | ShrI64 | ShrU64 => Ty::I64,
        AddF64 | SubF64 | MulF64 | DivF64 | MinF64 | MaxF64 => Ty::F64,
    }
}

/// The result type of a unary operator.
pub(crate) fn unary_ty(op: UnaryOp) -> Ty {
    use UnaryOp::*;
    match op {
        Not | I64ToI32 | RefToI32 => Ty::I32,
        NegF64 | AbsF64 | SqrtF64 | FloorF64 | CeilF64 | TruncF64 | NearestF64 | I64ToF64 => {
            Ty::F64
        }
        F64ToI64 | I32ToI64 | F64Bits => Ty::I64,
        I32ToRef => Ty::Ref,
    }
}

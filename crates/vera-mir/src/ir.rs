//! The representation itself: plain data in arenas, referred to by `u32` ids.
//!
//! MIR is monomorphic and in A-normal form (Flanagan, Sabry, Duba, Felleisen,
//! "The essence of compiling with continuations", 1993): every operand is a
//! [`ValueId`], defined exactly once before its uses. Control is structured: a
//! [`Region`] is a list of instructions and a [`Terminator`], and the control
//! instructions [`Op::If`], [`Op::Switch`], [`Op::Block`] and [`Op::Loop`] hold
//! regions, as wasm does. A value defined in a region is visible in the rest of
//! that region and in the regions nested there, nowhere else.
//!
//! Zero-size Vera values do not exist here: a `Unit` parameter, field or result
//! has been erased.

use vera_abi::host::HostFn;
use vera_abi::interface::{HostTy, Interface};
use vera_abi::layout::Kind;
use vera_abi::runtime::{RtFn, Wasm};
use vera_abi::trap::TrapKind;
use vera_diagnostics::FileSpan;

macro_rules! entity {
    ($(#[$doc:meta] $name:ident $prefix:literal;)*) => {$(
        #[$doc]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// Position in the table it indexes.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }
    )*};
}

entity! {
    /// A function of a [`Program`].
    FuncId "f";
    /// A value of a [`Func`]; dense, so side tables are vectors.
    ValueId "v";
    /// A label of a [`Func`]: the target of `Break` or `Continue`.
    LabelId "l";
    /// An object layout of a [`Program`].
    LayoutId "layout";
    /// A static object of a [`Program`].
    StaticId "s";
    /// A source location of a [`Program`].
    LocId "loc";
    /// A source function of a [`Program`].
    SourceFnId "src";
}

/// The type of a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
pub enum Ty {
    /// `Bool`, `Byte`, enumerations, and machine integers.
    I32,
    /// `Int`, `Nat`.
    I64,
    F64,
    /// A reference the collector traces; see `vera_abi::layout`.
    Ref,
}

impl Ty {
    /// Storage as a field of an object.
    pub const fn field(self) -> Mem {
        match self {
            Ty::I32 => Mem::I32,
            Ty::I64 => Mem::I64,
            Ty::F64 => Mem::F64,
            Ty::Ref => Mem::Ref,
        }
    }

    pub const fn wasm(self) -> Wasm {
        match self {
            Ty::I32 | Ty::Ref => Wasm::I32,
            Ty::I64 => Wasm::I64,
            Ty::F64 => Wasm::F64,
        }
    }
}

/// How a value is stored in a field or element.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
pub enum Mem {
    /// Unsigned byte of an `I32` value: `Byte` and `Bool` elements.
    U8,
    I32,
    I64,
    F64,
    Ref,
}

impl Mem {
    /// Size and alignment in bytes.
    pub const fn size(self) -> u32 {
        match self {
            Mem::U8 => 1,
            Mem::I32 | Mem::Ref => 4,
            Mem::I64 | Mem::F64 => 8,
        }
    }

    /// The type of the value read.
    pub const fn ty(self) -> Ty {
        match self {
            Mem::U8 | Mem::I32 => Ty::I32,
            Mem::I64 => Ty::I64,
            Mem::F64 => Ty::F64,
            Mem::Ref => Ty::Ref,
        }
    }
}

/// A whole program, ready for emission.
#[derive(Clone, Debug, Default)]
pub struct Program {
    pub funcs: Vec<Func>,
    pub layouts: Vec<Layout>,
    pub statics: Vec<Static>,
    pub locs: Vec<Loc>,
    pub source_fns: Vec<SourceFn>,
    pub exports: Vec<Export>,
    /// The types and operations the host knows. No pass reads it, and the text form
    /// leaves it out.
    pub interface: Interface,
}

/// A function that a host may call; see [`vera_abi::interface::Export`].
#[derive(Clone, Debug)]
pub struct Export {
    pub name: String,
    pub func: FuncId,
    pub params: Vec<HostTy>,
    pub result: HostTy,
    pub in_parts: bool,
}

/// The type of the MIR value of a type the host knows, or `None` for a zero-size one.
pub fn value_ty(ty: &HostTy) -> Option<Ty> {
    match ty {
        HostTy::Unit => None,
        HostTy::Int | HostTy::Nat => Some(Ty::I64),
        HostTy::Byte | HostTy::Bool | HostTy::Enum(_) => Some(Ty::I32),
        HostTy::Float64 => Some(Ty::F64),
        HostTy::String | HostTy::Decimal | HostTy::Compound(_) | HostTy::Opaque(_) => Some(Ty::Ref),
    }
}

/// The shape of a fixed-size object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    /// Constructor tag.
    pub tag: u32,
    /// Bytes, header included; a multiple of 8.
    pub size: u32,
    /// Offsets of the fields that are references, ascending.
    pub refs: Vec<u32>,
    /// Fields may be written after the object is made: handler frames, entries of
    /// maps.
    pub mutable: bool,
}

impl Layout {
    /// `Fixed`, or `Wide` when the payload is larger than a header bitmap covers.
    pub fn kind(&self) -> Kind {
        if self.size - vera_abi::layout::HEADER_SIZE <= vera_abi::layout::MAX_FIXED_PAYLOAD {
            Kind::Fixed
        } else {
            Kind::Wide
        }
    }
}

/// An object that lies in the module's data and is never collected.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Static {
    /// A string literal.
    String(Vec<u8>),
    /// An array literal without elements.
    EmptyArray,
    /// An array of numbers by their bits, in the storage of its elements.
    Array(Mem, Vec<u64>),
    /// An array of string literals.
    Strings(Vec<Vec<u8>>),
    /// A closure without captures.
    Closure(FuncId),
    /// An object of a [`Kind::Fixed`] layout: offset, storage and value of each
    /// field. Statics it refers to come before it in the table.
    Object(LayoutId, Vec<(u32, Mem, Const)>),
}

/// A place in the source, and in which function it stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Loc {
    pub at: FileSpan,
    pub func: SourceFnId,
    /// Where the function was inlined, if it was.
    pub inlined_at: Option<LocId>,
}

/// A function as the source knows it, for back traces.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SourceFn {
    /// Display name: `f`, `anon_1`, `idt$String`. Empty for code that only stands
    /// between host and program: back traces leave it out.
    pub name: String,
    /// The whole declaration.
    pub decl: FileSpan,
}

/// One monomorphic function.
#[derive(Clone, Debug)]
pub struct Func {
    /// Unique; goes into the name section.
    pub name: String,
    pub source: SourceFnId,
    /// A closure body takes its closure object as an additional first parameter.
    pub params: Vec<ValueId>,
    /// The parameters that are never negative: every caller has seen to it.
    pub natural: Vec<ValueId>,
    pub results: Vec<Ty>,
    /// Types of all values.
    pub values: Vec<Ty>,
    /// Number of labels.
    pub labels: u32,
    pub body: Region,
    /// Reached through closures, so it needs a place in the function table and
    /// takes a shadow pointer whether or not it collects.
    pub indirect: bool,
    /// May collect, and so takes a shadow pointer as an additional last
    /// parameter. Set by [`crate::analysis`].
    pub collects: bool,
    /// May call itself, directly or not. Set by [`crate::analysis`].
    pub recursive: bool,
}

/// More values than this may need more locals than a function should have.
const LONG: usize = 4_000;

impl Func {
    /// Whether the function may have to keep values in an object of its own, and so
    /// makes one.
    pub fn is_long(&self) -> bool {
        self.values.len() > LONG
    }

    pub fn ty(&self, value: ValueId) -> Ty {
        self.values[value.index()]
    }

    pub fn new_value(&mut self, ty: Ty) -> ValueId {
        self.values.push(ty);
        ValueId(self.values.len() as u32 - 1)
    }

    pub fn new_label(&mut self) -> LabelId {
        self.labels += 1;
        LabelId(self.labels - 1)
    }
}

/// Instructions in order, then one terminator.
#[derive(Clone, Debug)]
pub struct Region {
    pub insts: Vec<Inst>,
    pub end: Terminator,
}

#[derive(Clone, Debug)]
pub struct Inst {
    /// The values it defines, as many as `op` yields.
    pub results: Vec<ValueId>,
    pub op: Op,
    pub loc: LocId,
    /// For an instruction that may collect: the references live across it, in
    /// definition order. Set by [`crate::analysis`]; empty otherwise.
    pub roots: Vec<ValueId>,
}

/// What an instruction does. Unless said otherwise it yields one value.
#[derive(Clone, Debug)]
pub enum Op {
    Const(Const),
    /// A wasm operator without traps.
    Unary(UnaryOp, ValueId),
    Binary(BinaryOp, ValueId, ValueId),
    /// 64-bit arithmetic that traps when the result does not exist.
    Checked(CheckedOp, ValueId, ValueId),
    /// Traps with `kind` when `cond` is 0. Yields nothing.
    Guard {
        cond: ValueId,
        kind: TrapKind,
        message: Option<Message>,
    },

    /// Nothing at run time. A pass took a check or a branch away here on the strength
    /// of facts these gave, or a number that others rely on is settled here; see
    /// [`crate::verify::claims`]. Lives no longer than the pass. Yields nothing.
    Claim {
        by: Vec<Reason>,
    },

    /// Allocates an object; `fields` are (offset, storage, value) and cover the
    /// whole payload but for padding. May collect.
    MakeObject {
        layout: LayoutId,
        fields: Vec<(u32, Mem, ValueId)>,
    },
    /// Allocates a closure object of this layout: the code of `func`, then captures.
    MakeClosure {
        layout: LayoutId,
        func: FuncId,
        captures: Vec<(u32, Mem, ValueId)>,
    },
    /// Reads the field at a byte offset of an object.
    Load {
        object: ValueId,
        offset: u32,
        mem: Mem,
    },
    /// Reads a field that [`Op::WriteCell`] may change.
    ReadCell {
        object: ValueId,
        offset: u32,
        mem: Mem,
    },
    /// Stores into a field of an object; no [`Op::Load`] reads it. Yields nothing.
    WriteCell {
        object: ValueId,
        offset: u32,
        mem: Mem,
        value: ValueId,
    },
    /// Reads a module variable. Yields `Ref`.
    GetGlobal(Global),
    /// Sets a module variable. Yields nothing.
    SetGlobal(Global, ValueId),
    /// Reads the constructor tag of a reference: the value itself for an
    /// immediate, else the tag in the header. Yields `I32`.
    Tag {
        object: ValueId,
    },
    /// 1 when the reference is an immediate. Yields `I32`.
    IsImmediate(ValueId),
    /// Element count of a string or array. Yields `I32`.
    SeqLen(ValueId),
    /// Address of element 0. Yields `I32`; valid while the sequence is alive.
    SeqData(ValueId),
    /// Reads the element at `data + index * size`; unchecked. `index` is `I32`.
    Element {
        data: ValueId,
        index: ValueId,
        mem: Mem,
    },
    /// Stores an element of an owner made by `SeqNew` and not yet finished.
    /// Yields nothing.
    SetElement {
        data: ValueId,
        index: ValueId,
        mem: Mem,
        value: ValueId,
    },
    /// Clears `BUILDING` of a finished `SeqRef` owner. Yields nothing.
    SeqFinish(ValueId),

    /// Yields as many values as the callee returns.
    Call {
        func: FuncId,
        args: Vec<ValueId>,
    },
    /// Calls a closure; the arguments exclude the closure itself. May collect.
    CallClosure {
        closure: ValueId,
        args: Vec<ValueId>,
        results: Vec<Ty>,
    },
    /// Calls the runtime; the shadow pointer is not among the arguments.
    CallRt {
        func: RtFn,
        args: Vec<ValueId>,
    },
    /// Calls the host.
    CallHost {
        func: HostFn,
        args: Vec<ValueId>,
    },

    /// `cond` is `I32`. The regions yield the results.
    If {
        cond: ValueId,
        then: Box<Region>,
        otherwise: Box<Region>,
    },
    /// `cases[i]` runs for the value `i`, `default` for every other one.
    Switch {
        on: ValueId,
        cases: Vec<Region>,
        default: Box<Region>,
    },
    /// Runs `body`; `Break(label)` inside leaves it with the results, and so does `Yield`.
    Block {
        label: LabelId,
        body: Box<Region>,
    },
    /// Runs `body` with `params` bound to `init`; `Continue(label)` runs it again
    /// with new values, `Yield` leaves it with the results.
    Loop {
        label: LabelId,
        params: Vec<ValueId>,
        init: Vec<ValueId>,
        body: Box<Region>,
    },
}

/// What gave a fact that a pass relied on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Reason {
    /// The condition is true, or false: the claim stands in that branch of an `If` on
    /// it, or behind a check of it, or behind an `If` that only that way leads past.
    Condition(ValueId, bool),
    /// What stays so around this loop: the claim stands in it.
    Loop(LabelId),
    /// The prover: the claim stands where the check stood in the source.
    Proof,
}

/// A module variable of reference type: the immediate 0 at first. The collector
/// does not see it, so what it refers to must be kept alive elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Global {
    /// The innermost live handler frame.
    Handlers,
    /// The handler frame that the program is unwinding to.
    Unwinding,
    /// The newest frame of published measures.
    Measures,
}

impl Global {
    pub const ALL: [Global; 3] = [Global::Handlers, Global::Unwinding, Global::Measures];

    /// Its name in the text form.
    pub const fn name(self) -> &'static str {
        match self {
            Global::Handlers => "handlers",
            Global::Unwinding => "unwinding",
            Global::Measures => "measures",
        }
    }
}

/// Text of a trap that carries its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Message(pub String);

/// How a region ends.
#[derive(Clone, Debug)]
pub enum Terminator {
    /// Ends the region with the results of the instruction it belongs to; in a
    /// function body, returns.
    Yield(Vec<ValueId>),
    Return(Vec<ValueId>),
    /// A call in tail position, in constant stack space.
    TailCall {
        func: FuncId,
        args: Vec<ValueId>,
        loc: LocId,
    },
    TailCallClosure {
        closure: ValueId,
        args: Vec<ValueId>,
        results: Vec<Ty>,
        loc: LocId,
    },
    Break(LabelId, Vec<ValueId>),
    Continue(LabelId, Vec<ValueId>),
    /// Ends the program.
    Trap {
        kind: TrapKind,
        message: Option<Message>,
        loc: LocId,
    },
    /// Control cannot come here: the instruction before never returns.
    Unreachable,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Const {
    I32(i32),
    I64(i64),
    /// Bit pattern.
    F64(u64),
    /// A constructor without fields.
    Immediate(u32),
    Static(StaticId),
}

impl Const {
    pub const fn ty(self) -> Ty {
        match self {
            Const::I32(_) => Ty::I32,
            Const::I64(_) => Ty::I64,
            Const::F64(_) => Ty::F64,
            Const::Immediate(_) | Const::Static(_) => Ty::Ref,
        }
    }
}

/// Operators on one operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum UnaryOp {
    /// `I32`: 1 for 0, else 0.
    Not,
    NegF64,
    AbsF64,
    SqrtF64,
    FloorF64,
    CeilF64,
    TruncF64,
    /// Ties to even.
    NearestF64,
    /// Signed.
    I64ToF64,
    /// Truncates toward zero; the caller has checked the range.
    F64ToI64,
    /// Zero-extends.
    I32ToI64,
    I64ToI32,
    /// Bit pattern.
    F64Bits,
    /// A reference as an integer, for comparing enumerations and immediates.
    RefToI32,
    /// An immediate made from an integer.
    I32ToRef,
}

/// Operators on two operands of one type; comparisons yield `I32`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum BinaryOp {
    AddI32,
    SubI32,
    MulI32,
    AndI32,
    OrI32,
    XorI32,
    EqI32,
    NeI32,
    LtI32,
    GtI32,
    LeI32,
    GeI32,
    /// Unsigned.
    LtU32,
    GeU32,
    /// Wrapping.
    AddI64,
    SubI64,
    MulI64,
    AndI64,
    OrI64,
    XorI64,
    /// Shifts count the lowest six bits of the second operand.
    ShlI64,
    ShrI64,
    /// Unsigned.
    ShrU64,
    EqI64,
    NeI64,
    LtI64,
    GtI64,
    LeI64,
    GeI64,
    /// Unsigned.
    LtU64,
    GeU64,
    AddF64,
    SubF64,
    MulF64,
    DivF64,
    MinF64,
    MaxF64,
    EqF64,
    NeF64,
    LtF64,
    GtF64,
    LeF64,
    GeF64,
    /// Same reference.
    EqRef,
}

impl BinaryOp {
    /// Whether it compares: the result is 0 or 1.
    pub const fn is_comparison(self) -> bool {
        use BinaryOp::*;
        match self {
            EqI32 | NeI32 | LtI32 | GtI32 | LeI32 | GeI32 | LtU32 | GeU32 | EqI64 | NeI64
            | LtI64 | GtI64 | LeI64 | GeI64 | LtU64 | GeU64 | EqF64 | NeF64 | LtF64 | GtF64
            | LeF64 | GeF64 | EqRef => true,
            AddI32 | SubI32 | MulI32 | AndI32 | OrI32 | XorI32 | AddI64 | SubI64 | MulI64
            | AndI64 | OrI64 | XorI64 | ShlI64 | ShrI64 | ShrU64 | AddF64 | SubF64 | MulF64
            | DivF64 | MinF64 | MaxF64 => false,
        }
    }
}

/// Trapping 64-bit arithmetic.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum CheckedOp {
    /// Trap `Overflow`.
    Add,
    Sub,
    Mul,
    /// Traps `DivideByZero`, and `Overflow` for `MIN / -1`.
    Div,
    /// Traps `DivideByZero`; `MIN % -1` is 0.
    Rem,
}

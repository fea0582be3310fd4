//! The text form of a program; [`crate::parse`] reads it back.
//!
//! ```text
//! src0 = "main" 0:0..40
//! loc0 = 0:12..17 src0
//! layout0 = tag 1 size 24 refs [16]
//! s0 = string "hello"
//! export "main" f0 (int, unit) -> bool
//!
//! fn f0 "main" src0 (v0: i64) -> i32 {
//!   v1: i64 = const 3
//!   v2: i32 = lt_i64 v0, v1 !loc0
//!   return v2
//! }
//! ```

use std::fmt::{self, Display, Formatter, Write};

use vera_abi::interface::HostTy;

use crate::ir::*;

impl fmt::Display for Const {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Const::I32(n) => write!(f, "const {n}"),
            Const::I64(n) => write!(f, "const {n}"),
            Const::F64(bits) => write!(f, "const {:?}", f64::from_bits(*bits)),
            Const::Immediate(tag) => write!(f, "immediate {tag}"),
            Const::Static(id) => write!(f, "static {id}"),
        }
    }
}

impl Display for Program {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (i, s) in self.source_fns.iter().enumerate() {
            writeln!(f, "src{i} = {:?} {}", s.name, SpanText(s.decl))?;
        }
        for (i, loc) in self.locs.iter().enumerate() {
            write!(f, "loc{i} = {} {}", SpanText(loc.at), loc.func)?;
            match loc.inlined_at {
                Some(outer) => writeln!(f, " inlined {outer}")?,
                None => writeln!(f)?,
            }
        }
        for (i, l) in self.layouts.iter().enumerate() {
            let mutable = if l.mutable { " mutable" } else { "" };
            writeln!(f, "layout{i} = tag {} size {} refs {:?}{mutable}", l.tag, l.size, l.refs)?;
        }
        for (i, s) in self.statics.iter().enumerate() {
            match s {
                Static::String(bytes) => {
                    writeln!(f, "s{i} = string \"{}\"", bytes.escape_ascii())?;
                }
                Static::EmptyArray => writeln!(f, "s{i} = empty_array")?,
                Static::Array(mem, bits) => writeln!(f, "s{i} = array {mem} {bits:?}")?,
                Static::Strings(texts) => {
                    let texts: Vec<String> =
                        texts.iter().map(|text| format!("\"{}\"", text.escape_ascii())).collect();
                    writeln!(f, "s{i} = strings [{}]", texts.join(", "))?;
                }
                Static::Closure(func) => writeln!(f, "s{i} = closure {func}")?,
                Static::Object(layout, fields) => {
                    let fields: Vec<String> = fields
                        .iter()
                        .map(|(offset, mem, value)| format!("{offset} {mem} {value}"))
                        .collect();
                    writeln!(f, "s{i} = object {layout} ({})", fields.join(", "))?;
                }
            }
        }
        for e in &self.exports {
            let params: Vec<String> =
                e.params.iter().map(|ty| HostTyText(ty).to_string()).collect();
            let (in_parts, params) = (if e.in_parts { " in_parts" } else { "" }, params.join(", "));
            let result = HostTyText(&e.result);
            writeln!(f, "export {:?} {}{in_parts} ({params}) -> {result}", e.name, e.func)?;
        }
        for (i, func) in self.funcs.iter().enumerate() {
            writeln!(f, "\nfn f{i} {func}")?;
        }
        Ok(())
    }
}

struct SpanText(vera_diagnostics::FileSpan);

impl Display for SpanText {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}..{}", self.0.file.0, self.0.span.start, self.0.span.end)
    }
}

struct HostTyText<'a>(&'a HostTy);

impl Display for HostTyText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            HostTy::Unit => f.write_str("unit"),
            HostTy::Int => f.write_str("int"),
            HostTy::Nat => f.write_str("nat"),
            HostTy::Byte => f.write_str("byte"),
            HostTy::Bool => f.write_str("bool"),
            HostTy::Float64 => f.write_str("float64"),
            HostTy::String => f.write_str("string"),
            HostTy::Decimal => f.write_str("decimal"),
            HostTy::Enum(id) => write!(f, "enum {}", id.0),
            HostTy::Compound(id) => write!(f, "compound {}", id.0),
            HostTy::Opaque(text) => write!(f, "{text:?}"),
        }
    }
}

impl Display for Ty {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Ty::I32 => "i32",
            Ty::I64 => "i64",
            Ty::F64 => "f64",
            Ty::Ref => "ref",
        })
    }
}

impl Display for Mem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mem::U8 => "u8",
            Mem::I32 => "i32",
            Mem::I64 => "i64",
            Mem::F64 => "f64",
            Mem::Ref => "ref",
        })
    }
}

/// A function without its id; roots are shown as `[v1, v2]` after the operands.
impl Display for Func {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {} (", self.name, self.source)?;
        self.typed_list(f, &self.params)?;
        f.write_str(")")?;
        for (i, ty) in self.results.iter().enumerate() {
            write!(f, "{}{ty}", if i == 0 { " -> " } else { ", " })?;
        }
        if !self.natural.is_empty() {
            write!(f, " natural {}", list(&self.natural))?;
        }
        for (flag, name) in [
            (self.indirect, "indirect"),
            (self.collects, "collects"),
            (self.recursive, "recursive"),
        ] {
            if flag {
                write!(f, " {name}")?;
            }
        }
        self.region(f, &self.body, 1)
    }
}

impl Func {
    fn typed_list(&self, f: &mut Formatter<'_>, values: &[ValueId]) -> fmt::Result {
        for (i, v) in values.iter().enumerate() {
            write!(f, "{}{v}: {}", if i == 0 { "" } else { ", " }, self.ty(*v))?;
        }
        Ok(())
    }

    fn region(&self, f: &mut Formatter<'_>, region: &Region, depth: usize) -> fmt::Result {
        f.write_str(" {\n")?;
        for inst in &region.insts {
            indent(f, depth)?;
            self.inst(f, inst, depth)?;
            f.write_char('\n')?;
        }
        indent(f, depth)?;
        writeln!(f, "{}", region.end)?;
        indent(f, depth - 1)?;
        f.write_char('}')
    }

    fn inst(&self, f: &mut Formatter<'_>, inst: &Inst, depth: usize) -> fmt::Result {
        if !inst.results.is_empty() {
            self.typed_list(f, &inst.results)?;
            f.write_str(" = ")?;
        }
        self.op(f, &inst.op, depth)?;
        if !inst.roots.is_empty() {
            write!(f, " [{}]", list(&inst.roots))?;
        }
        if inst.loc.0 != 0 {
            write!(f, " !{}", inst.loc)?;
        }
        Ok(())
    }

    fn op(&self, f: &mut Formatter<'_>, op: &Op, depth: usize) -> fmt::Result {
        match op {
            Op::Const(c) => write!(f, "{c}"),
            Op::Unary(op, a) => write!(f, "{} {a}", op.name()),
            Op::Binary(op, a, b) => write!(f, "{} {a}, {b}", op.name()),
            Op::Checked(op, a, b) => write!(f, "{} {a}, {b}", op.name()),
            Op::Guard { cond, kind, message } => {
                write!(f, "guard {cond}, {}{}", kind.name(), MessageText(message))
            }
            Op::Claim { by } => {
                f.write_str("claim ")?;
                for (i, reason) in by.iter().enumerate() {
                    write!(f, "{}{reason}", if i == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
            Op::MakeObject { layout, fields } => {
                write!(f, "make_object {layout}{}", Fields(fields))
            }
            Op::MakeClosure { layout, func, captures } => {
                write!(f, "make_closure {layout} {func}{}", Fields(captures))
            }
            Op::Load { object, offset, mem } => write!(f, "load {mem} {object}+{offset}"),
            Op::ReadCell { object, offset, mem } => {
                write!(f, "read_cell {mem} {object}+{offset}")
            }
            Op::WriteCell { object, offset, mem, value } => {
                write!(f, "write_cell {mem} {object}+{offset}, {value}")
            }
            Op::GetGlobal(global) => write!(f, "get_global {}", global.name()),
            Op::SetGlobal(global, a) => write!(f, "set_global {}, {a}", global.name()),
            Op::Tag { object } => write!(f, "tag {object}"),
            Op::IsImmediate(a) => write!(f, "is_immediate {a}"),
            Op::SeqLen(a) => write!(f, "seq_len {a}"),
            Op::SeqData(a) => write!(f, "seq_data {a}"),
            Op::Element { data, index, mem } => write!(f, "element {mem} {data}, {index}"),
            Op::SetElement { data, index, mem, value } => {
                write!(f, "set_element {mem} {data}, {index}, {value}")
            }
            Op::SeqFinish(a) => write!(f, "seq_finish {a}"),
            Op::Call { func, args } => write!(f, "call {func}({})", list(args)),
            Op::CallClosure { closure, args, results } => {
                write!(f, "call_closure {closure}({}){}", list(args), Results(results))
            }
            Op::CallRt { func, args } => write!(f, "call_rt {}({})", func.name(), list(args)),
            Op::CallHost { func, args } => write!(f, "call_host {}({})", func.name(), list(args)),
            Op::If { cond, then, otherwise } => {
                write!(f, "if {cond}")?;
                self.region(f, then, depth + 1)?;
                f.write_str(" else")?;
                self.region(f, otherwise, depth + 1)
            }
            Op::Switch { on, cases, default } => {
                write!(f, "switch {on}")?;
                for case in cases {
                    f.write_str(" case")?;
                    self.region(f, case, depth + 1)?;
                }
                f.write_str(" default")?;
                self.region(f, default, depth + 1)
            }
            Op::Block { label, body } => {
                write!(f, "block {label}")?;
                self.region(f, body, depth + 1)
            }
            Op::Loop { label, params, init, body } => {
                write!(f, "loop {label} (")?;
                self.typed_list(f, params)?;
                write!(f, ") = ({})", list(init))?;
                self.region(f, body, depth + 1)
            }
        }
    }
}

impl Display for Reason {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Condition(cond, truth) => write!(f, "{cond} {truth}"),
            Reason::Loop(label) => write!(f, "{label}"),
            Reason::Proof => f.write_str("proof"),
        }
    }
}

impl Display for Terminator {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let with = |f: &mut Formatter<'_>, word: &str, args: &[ValueId]| {
            write!(f, "{word}{}{}", if args.is_empty() { "" } else { " " }, list(args))
        };
        match self {
            Terminator::Yield(args) => with(f, "yield", args),
            Terminator::Return(args) => with(f, "return", args),
            Terminator::TailCall { func, args, loc } => {
                write!(f, "tail_call {func}({}){}", list(args), LocText(*loc))
            }
            Terminator::TailCallClosure { closure, args, results, loc } => write!(
                f,
                "tail_call_closure {closure}({}){}{}",
                list(args),
                Results(results),
                LocText(*loc)
            ),
            Terminator::Break(label, args) => with(f, &format!("break {label}"), args),
            Terminator::Continue(label, args) => with(f, &format!("continue {label}"), args),
            Terminator::Trap { kind, message, loc } => {
                write!(f, "trap {}{}{}", kind.name(), MessageText(message), LocText(*loc))
            }
            Terminator::Unreachable => f.write_str("unreachable"),
        }
    }
}

fn indent(f: &mut Formatter<'_>, depth: usize) -> fmt::Result {
    (0..depth).try_for_each(|_| f.write_str("  "))
}

fn list(values: &[ValueId]) -> String {
    let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

struct Fields<'a>(&'a [(u32, Mem, ValueId)]);

impl Display for Fields<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(" (")?;
        for (i, (offset, mem, value)) in self.0.iter().enumerate() {
            write!(f, "{}{offset} {mem} {value}", if i == 0 { "" } else { ", " })?;
        }
        f.write_str(")")
    }
}

struct Results<'a>(&'a [Ty]);

impl Display for Results<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(" ->")?;
        for (i, ty) in self.0.iter().enumerate() {
            write!(f, "{} {ty}", if i == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

struct MessageText<'a>(&'a Option<Message>);

impl Display for MessageText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(Message(text)) => write!(f, " \"{}\"", text.as_bytes().escape_ascii()),
            None => Ok(()),
        }
    }
}

struct LocText(LocId);

impl Display for LocText {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0.0 == 0 { Ok(()) } else { write!(f, " !{}", self.0) }
    }
}

macro_rules! names {
    ($ty:ident { $($variant:ident = $name:literal,)* }) => {
        impl $ty {
            /// Every operator.
            pub const ALL: &'static [$ty] = &[$($ty::$variant),*];

            /// Name in the text form.
            pub const fn name(self) -> &'static str {
                match self { $($ty::$variant => $name,)* }
            }
        }
    };
}

names!(UnaryOp {
    Not = "not",
    NegF64 = "neg_f64",
    AbsF64 = "abs_f64",
    SqrtF64 = "sqrt_f64",
    FloorF64 = "floor_f64",
    CeilF64 = "ceil_f64",
    TruncF64 = "trunc_f64",
    NearestF64 = "nearest_f64",
    I64ToF64 = "i64_to_f64",
    F64ToI64 = "f64_to_i64",
    I32ToI64 = "i32_to_i64",
    I64ToI32 = "i64_to_i32",
    F64Bits = "f64_bits",
    RefToI32 = "ref_to_i32",
    I32ToRef = "i32_to_ref",
});

names!(BinaryOp {
    AddI32 = "add_i32",
    SubI32 = "sub_i32",
    MulI32 = "mul_i32",
    AndI32 = "and_i32",
    OrI32 = "or_i32",
    XorI32 = "xor_i32",
    EqI32 = "eq_i32",
    NeI32 = "ne_i32",
    LtI32 = "lt_i32",
    GtI32 = "gt_i32",
    LeI32 = "le_i32",
    GeI32 = "ge_i32",
    LtU32 = "lt_u32",
    GeU32 = "ge_u32",
    AddI64 = "add_i64",
    SubI64 = "sub_i64",
    MulI64 = "mul_i64",
    AndI64 = "and_i64",
    OrI64 = "or_i64",
    XorI64 = "xor_i64",
    ShlI64 = "shl_i64",
    ShrI64 = "shr_i64",
    ShrU64 = "shr_u64",
    EqI64 = "eq_i64",
    NeI64 = "ne_i64",
    LtI64 = "lt_i64",
    GtI64 = "gt_i64",
    LeI64 = "le_i64",
    GeI64 = "ge_i64",
    LtU64 = "lt_u64",
    GeU64 = "ge_u64",
    AddF64 = "add_f64",
    SubF64 = "sub_f64",
    MulF64 = "mul_f64",
    DivF64 = "div_f64",
    MinF64 = "min_f64",
    MaxF64 = "max_f64",
    EqF64 = "eq_f64",
    NeF64 = "ne_f64",
    LtF64 = "lt_f64",
    GtF64 = "gt_f64",
    LeF64 = "le_f64",
    GeF64 = "ge_f64",
    EqRef = "eq_ref",
});

names!(CheckedOp {
    Add = "add_checked",
    Sub = "sub_checked",
    Mul = "mul_checked",
    Div = "div_checked",
    Rem = "rem_checked",
});

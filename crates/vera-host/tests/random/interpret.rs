//! The meaning of the representation, as plainly as it can be written.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use vera_abi::runtime::RtFn;
use vera_abi::trap::TrapKind;
use vera_mir::ir::*;

use super::End;

#[derive(Clone, Debug)]
enum Val {
    I32(i32),
    I64(i64),
    Immediate(u32),
    Object(Rc<Object>),
    Text(Rc<Vec<u8>>),
}

#[derive(Debug)]
struct Object {
    tag: u32,
    code: Option<FuncId>,
    fields: HashMap<u32, Val>,
}

/// What happens after a region.
enum Flow {
    Yield(Vec<Val>),
    Return(Vec<Val>),
    Break(LabelId, Vec<Val>),
    Continue(LabelId, Vec<Val>),
    TailCall(FuncId, Vec<Val>),
}

enum Stop {
    Trap(TrapKind),
    /// The program runs for too long to be of use.
    Patience,
}

type Step<T> = Result<T, Stop>;

/// Runs `main`; `None` if that takes too long.
pub fn run(program: &Program, input: i64) -> Option<End> {
    let machine = Machine { program, fuel: Cell::new(20_000) };
    match machine.call(FuncId(0), vec![Val::I64(input)]) {
        Ok(values) => match values[..] {
            [Val::I64(n)] => Some(End::Value(n)),
            _ => panic!("main yields {values:?}"),
        },
        Err(Stop::Trap(kind)) => Some(End::Trap(kind)),
        Err(Stop::Patience) => None,
    }
}

struct Machine<'a> {
    program: &'a Program,
    fuel: Cell<u32>,
}

type Frame = Vec<Option<Val>>;

fn get(frame: &Frame, value: ValueId) -> Val {
    frame[value.index()].clone().expect("verified: defined before its uses")
}

fn all(frame: &Frame, values: &[ValueId]) -> Vec<Val> {
    values.iter().map(|v| get(frame, *v)).collect()
}

fn set(frame: &mut Frame, names: &[ValueId], values: Vec<Val>) {
    assert_eq!(names.len(), values.len());
    for (name, value) in names.iter().zip(values) {
        frame[name.index()] = Some(value);
    }
}

fn i32(val: Val) -> i32 {
    match val {
        Val::I32(n) => n,
        other => panic!("{other:?}"),
    }
}

fn i64(val: Val) -> i64 {
    match val {
        Val::I64(n) => n,
        other => panic!("{other:?}"),
    }
}

fn object(val: Val) -> Rc<Object> {
    match val {
        Val::Object(object) => object,
        other => panic!("{other:?}"),
    }
}

fn text(val: Val) -> Rc<Vec<u8>> {
    match val {
        Val::Text(text) => text,
        other => panic!("{other:?}"),
    }
}

impl Machine<'_> {
    fn call(&self, mut func: FuncId, mut args: Vec<Val>) -> Step<Vec<Val>> {
        loop {
            let body = self.program.func(func);
            let mut frame = vec![None; body.values.len()];
            set(&mut frame, &body.params, args);
            match self.region(&body.body, &mut frame)? {
                Flow::Yield(values) | Flow::Return(values) => return Ok(values),
                Flow::TailCall(callee, values) => (func, args) = (callee, values),
                Flow::Break(..) | Flow::Continue(..) => panic!("verified: labels are in scope"),
            }
        }
    }

    fn region(&self, region: &Region, frame: &mut Frame) -> Step<Flow> {
        for inst in &region.insts {
            self.fuel.set(self.fuel.get().checked_sub(1).ok_or(Stop::Patience)?);
            match self.inst(inst, frame)? {
                Flow::Yield(values) => set(frame, &inst.results, values),
                left => return Ok(left),
            }
        }
        Ok(match &region.end {
            Terminator::Yield(args) => Flow::Yield(all(frame, args)),
            Terminator::Return(args) => Flow::Return(all(frame, args)),
            Terminator::Break(label, args) => Flow::Break(*label, all(frame, args)),
            Terminator::Continue(label, args) => Flow::Continue(*label, all(frame, args)),
            Terminator::TailCall { func, args, .. } => Flow::TailCall(*func, all(frame, args)),
            Terminator::TailCallClosure { closure, args, .. } => {
                let closure = object(get(frame, *closure));
                let mut values = vec![Val::Object(closure.clone())];
                values.extend(all(frame, args));
                Flow::TailCall(closure.code.expect("a closure"), values)
            }
            Terminator::Trap { kind, .. } => return Err(Stop::Trap(*kind)),
            Terminator::Unreachable => panic!("reached the unreachable"),
        })
    }

    fn inst(&self, inst: &Inst, frame: &mut Frame) -> Step<Flow> {
        let one = |val| Ok(Flow::Yield(vec![val]));
        let get = |v: &ValueId| get(frame, *v);
        match &inst.op {
            Op::Const(Const::I32(n)) => one(Val::I32(*n)),
            Op::Const(Const::I64(n)) => one(Val::I64(*n)),
            Op::Const(Const::Immediate(n)) => one(Val::Immediate(*n)),
            Op::Const(Const::Static(id)) => one(match &self.program.statics[id.index()] {
                Static::String(bytes) => Val::Text(Rc::new(bytes.clone())),
                Static::Closure(func) => {
                    let (code, fields) = (Some(*func), HashMap::new());
                    Val::Object(Rc::new(Object { tag: 0, code, fields }))
                }
                Static::EmptyArray
                | Static::Array(..)
                | Static::Strings(_)
                | Static::Object(..) => panic!("not generated"),
            }),
            Op::Unary(UnaryOp::Not, a) => one(Val::I32(i32::from(i32(get(a)) == 0))),
            Op::Unary(UnaryOp::I32ToI64, a) => one(Val::I64(i64::from(i32(get(a)) as u32))),
            Op::Binary(BinaryOp::EqRef, a, b) => one(Val::I32(i32::from(match (get(a), get(b)) {
                (Val::Immediate(a), Val::Immediate(b)) => a == b,
                (Val::Object(a), Val::Object(b)) => Rc::ptr_eq(&a, &b),
                _ => false,
            }))),
            Op::Binary(BinaryOp::SubI32, a, b) => one(Val::I32(i32(get(a)) - i32(get(b)))),
            Op::Binary(BinaryOp::MulI32, a, b) => one(Val::I32(i32(get(a)) * i32(get(b)))),
            Op::Binary(BinaryOp::OrI32, a, b) => one(Val::I32(i32(get(a)) | i32(get(b)))),
            Op::Binary(BinaryOp::GeI32, a, b) => one(Val::I32((i32(get(a)) >= i32(get(b))).into())),
            Op::Binary(op, a, b) => one(binary(*op, i64(get(a)), i64(get(b)))),
            Op::Checked(op, a, b) => {
                let (a, b) = (i64(get(a)), i64(get(b)));
                let result = match op {
                    CheckedOp::Add => a.checked_add(b),
                    CheckedOp::Sub => a.checked_sub(b),
                    CheckedOp::Mul => a.checked_mul(b),
                    CheckedOp::Div | CheckedOp::Rem if b == 0 => {
                        return Err(Stop::Trap(TrapKind::DivideByZero));
                    }
                    CheckedOp::Div => a.checked_div(b),
                    CheckedOp::Rem => Some(a.wrapping_rem(b)),
                };
                one(Val::I64(result.ok_or(Stop::Trap(TrapKind::Overflow))?))
            }
            Op::Guard { cond, kind, .. } => match i32(get(cond)) {
                0 => Err(Stop::Trap(*kind)),
                _ => Ok(Flow::Yield(Vec::new())),
            },
            Op::MakeObject { layout, fields } => {
                let tag = self.program.layouts[layout.index()].tag;
                let fields = fields.iter().map(|(at, _, v)| (*at, get(v))).collect();
                one(Val::Object(Rc::new(Object { tag, code: None, fields })))
            }
            Op::MakeClosure { func, captures, .. } => {
                let fields = captures.iter().map(|(at, _, v)| (*at, get(v))).collect();
                one(Val::Object(Rc::new(Object { tag: 0, code: Some(*func), fields })))
            }
            Op::Load { object: from, offset, .. } => one(object(get(from)).fields[offset].clone()),
            Op::Tag { object } => one(Val::I32(match get(object) {
                Val::Immediate(tag) => tag as i32,
                Val::Object(object) => object.tag as i32,
                other => panic!("{other:?}"),
            })),
            Op::SeqLen(a) => one(Val::I32(text(get(a)).len() as i32)),
            Op::IsImmediate(a) => one(Val::I32(i32::from(matches!(get(a), Val::Immediate(_))))),
            // The address of the bytes is the string itself here.
            Op::SeqData(a) => one(get(a)),
            Op::Element { data, index, .. } => {
                one(Val::I32(text(get(data))[i32(get(index)) as usize].into()))
            }
            Op::Call { func, args } => self.call(*func, all(frame, args)).map(Flow::Yield),
            Op::CallClosure { closure, args, .. } => {
                let closure = object(get(closure));
                let mut values = vec![Val::Object(closure.clone())];
                values.extend(all(frame, args));
                self.call(closure.code.expect("a closure"), values).map(Flow::Yield)
            }
            Op::CallRt { func, args } => one(runtime(*func, &all(frame, args))),
            Op::If { cond, then, otherwise } => {
                let taken = if i32(get(cond)) != 0 { then } else { otherwise };
                self.region(taken, frame)
            }
            Op::Switch { on, cases, default } => {
                let on = i32(get(on)) as usize;
                self.region(cases.get(on).unwrap_or(default), frame)
            }
            Op::Block { label, body } => Ok(match self.region(body, frame)? {
                Flow::Break(to, values) if to == *label => Flow::Yield(values),
                other => other,
            }),
            Op::Loop { label, params, init, body } => {
                let mut values = all(frame, init);
                loop {
                    set(frame, params, values);
                    match self.region(body, frame)? {
                        Flow::Continue(to, next) if to == *label => values = next,
                        other => return Ok(other),
                    }
                }
            }
            other => panic!("{other:?} is not generated"),
        }
    }
}

fn binary(op: BinaryOp, a: i64, b: i64) -> Val {
    let bool = |b| Val::I32(i32::from(b));
    match op {
        BinaryOp::AddI64 => Val::I64(a.wrapping_add(b)),
        BinaryOp::SubI64 => Val::I64(a.wrapping_sub(b)),
        BinaryOp::MulI64 => Val::I64(a.wrapping_mul(b)),
        BinaryOp::AndI64 => Val::I64(a & b),
        BinaryOp::OrI64 => Val::I64(a | b),
        BinaryOp::XorI64 => Val::I64(a ^ b),
        BinaryOp::ShlI64 => Val::I64(a.wrapping_shl(b as u32)),
        BinaryOp::ShrI64 => Val::I64(a.wrapping_shr(b as u32)),
        BinaryOp::ShrU64 => Val::I64((a as u64).wrapping_shr(b as u32) as i64),
        BinaryOp::EqI64 => bool(a == b),
        BinaryOp::NeI64 => bool(a != b),
        BinaryOp::LtI64 => bool(a < b),
        BinaryOp::GtI64 => bool(a > b),
        BinaryOp::LeI64 => bool(a <= b),
        BinaryOp::GeI64 => bool(a >= b),
        BinaryOp::GeU64 => bool(a as u64 >= b as u64),
        other => panic!("{other:?} is not generated"),
    }
}

fn runtime(func: RtFn, args: &[Val]) -> Val {
    match (func, args) {
        (RtFn::StringEq, [a, b]) => Val::I32(i32::from(text(a.clone()) == text(b.clone()))),
        (RtFn::StringConcat, [a, b]) => {
            let mut joined = text(a.clone()).to_vec();
            joined.extend_from_slice(&text(b.clone()));
            Val::Text(Rc::new(joined))
        }
        (RtFn::StringSlice, [a, start, end]) => {
            let text = text(a.clone());
            let clamp = |n: i64| n.clamp(0, text.len() as i64) as usize;
            let (start, end) = (clamp(i64(start.clone())), clamp(i64(end.clone())));
            Val::Text(Rc::new(text.get(start..end).unwrap_or(&[]).to_vec()))
        }
        (RtFn::IntToString, [n]) => Val::Text(Rc::new(i64(n.clone()).to_string().into_bytes())),
        other => panic!("{other:?} is not generated"),
    }
}

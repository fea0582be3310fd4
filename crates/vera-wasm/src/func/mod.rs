//! The code of one function.

mod alloc;
mod calls;
mod checked;
mod control;
mod fold;
mod frame;
mod guard;
mod lifetimes;
pub(crate) mod locals;
mod ops;
mod shadow;

use vera_abi::layout::{BUILDING, FIRST_ADDRESS, SEQ_DATA, SEQ_LEN, SEQ_OWNER, TAG_SHIFT};
use vera_abi::runtime::{RtFn, Wasm};
use vera_abi::trap::TrapKind;
use vera_mir::ir::{Const, Func, FuncId, Inst, LocId, Mem, Message, Op, Region, UnaryOp, ValueId};
use wasm_encoder::BlockType;

use crate::code::{Body, Code, mem_arg};
use crate::module::Context;
use control::Label;
use fold::Values;
pub use guard::Expected;
use lifetimes::Lifetimes;
use locals::Locals;
use shadow::{Marks, Shadow, Store};

/// Wasm parameter types of a function, the shadow pointer included.
pub fn params(func: &Func) -> Vec<Wasm> {
    let mut params: Vec<Wasm> = func.params.iter().map(|v| func.ty(*v).wasm()).collect();
    params.extend(takes_shadow_pointer(func).then_some(Wasm::I32));
    params
}

/// Wasm result types of a function.
pub fn results(func: &Func) -> Vec<Wasm> {
    func.results.iter().map(|ty| ty.wasm()).collect()
}

pub fn takes_shadow_pointer(func: &Func) -> bool {
    func.collects || func.indirect
}

/// Whether the function checks at entry that its shadow frame will fit: its
/// frames can pile up without limit. References kept only across an allocation
/// are not below another frame.
pub fn checks_stack(func: &Func) -> bool {
    let mut keeps = false;
    func.body.for_each_inst(&mut |inst| {
        let is_call = matches!(inst.op, Op::Call { .. } | Op::CallClosure { .. });
        keeps |= is_call && !inst.roots.is_empty();
    });
    func.recursive && keeps
}

/// Emits one function.
pub fn emit(cx: &mut Context<'_>, id: FuncId) -> Body {
    let func = cx.program.func(id);
    let sp = takes_shadow_pointer(func).then_some(func.params.len() as u32);
    let params = func.params.len() as u32 + u32::from(sp.is_some());
    let mut locals = vec![u32::MAX; func.values.len()];
    for (i, param) in func.params.iter().enumerate() {
        locals[param.index()] = i as u32;
    }
    let values = Values::of(func);
    let lifetimes = Lifetimes::of(&func.body, &values);
    let mut emitter = Emitter {
        cx,
        id,
        func,
        code: Code::default(),
        values,
        lifetimes,
        locals,
        pool: Locals::new(params),
        scope: Vec::new(),
        sp,
        shadow: Some(Shadow::default()),
        marks: Marks::new(func.values.len()),
        labels: (0..func.labels).map(|_| None).collect(),
        depth: 0,
        self_loop: None,
        slots: 0,
    };
    let size = func.is_long().then(|| emitter.make_frame());
    emitter.function();
    let Emitter { cx, mut code, pool, slots, .. } = emitter;
    cx.add_frame(slots + u32::from(size.is_some()), checks_stack(func));
    if let Some(size) = size {
        code.put(size, pool.spilled_bytes());
    }
    code.finish(pool.types())
}

struct Emitter<'c, 'a> {
    cx: &'c mut Context<'a>,
    id: FuncId,
    func: &'a Func,
    code: Code,
    values: Values<'a>,
    lifetimes: Lifetimes,
    /// The wasm local of each value that has one.
    locals: Vec<u32>,
    pool: Locals,
    /// Values whose locals to give back when the current region ends, if not before.
    scope: Vec<ValueId>,
    /// The local of the shadow pointer.
    sp: Option<u32>,
    /// What the shadow frame holds here; `None` where control cannot come.
    shadow: Option<Shadow>,
    marks: Marks,
    labels: Vec<Option<Label>>,
    /// Number of open wasm blocks.
    depth: u32,
    /// Depth of the loop around the body, for calls of itself in tail position.
    self_loop: Option<u32>,
    /// Size of the shadow frame.
    slots: u32,
}

/// Where an operation left its results.
enum Produced {
    /// On the operand stack, in order.
    Stack,
    /// In a local from the pool, which the receiver must give back.
    Local(u32),
}

impl Emitter<'_, '_> {
    fn function(&mut self) {
        if self.cx.gc && checks_stack(self.func) {
            self.check_stack();
        }
        let func = self.func;
        if control::calls_itself_last(func, self.id) {
            let ty = self.cx.types.block(&results(func));
            self.code.ops().loop_(ty);
            self.depth += 1;
            self.self_loop = Some(self.depth);
            self.burn();
            self.region(&func.body);
            self.code.ops().end();
            self.depth -= 1;
        } else {
            self.burn();
            self.region(&func.body);
        }
    }

    /// Takes a unit of fuel, where fuel is counted.
    fn burn(&mut self) {
        let Some(fuel) = self.cx.fuel else { return };
        self.code.ops().global_get(fuel).i64_eqz();
        self.trap_if(TrapKind::FuelExhausted, None, LocId(u32::MAX));
        self.code.ops().global_get(fuel).i64_const(1).i64_sub().global_set(fuel);
    }

    /// Emits the instructions and the terminator, but no code behind an
    /// instruction that control never leaves.
    fn region(&mut self, region: &Region) {
        let outer = self.scope.len();
        for inst in &region.insts {
            if self.values.stands(inst) && self.shadow.is_some() {
                self.statement(inst);
                self.end_lifetimes(inst);
            }
        }
        if self.shadow.is_some() {
            self.terminator(&region.end);
        } else {
            self.code.ops().unreachable();
        }
        for value in self.scope.split_off(outer) {
            self.end_lifetime(value);
        }
    }

    fn end_lifetimes(&mut self, inst: &Inst) {
        let ended = self.lifetimes.end_at(inst).to_vec();
        ended.into_iter().for_each(|value| self.end_lifetime(value));
    }

    fn end_lifetime(&mut self, value: ValueId) {
        let local = std::mem::replace(&mut self.locals[value.index()], u32::MAX);
        if local != u32::MAX {
            self.pool.give(local);
        }
    }

    /// Emits an instruction and puts its results into locals.
    fn statement(&mut self, inst: &Inst) {
        match self.op(inst) {
            Produced::Stack => self.pop_into(&inst.results),
            Produced::Local(local) => {
                let [value] = inst.results[..] else {
                    return self.pool.give(local);
                };
                self.locals[value.index()] = local;
                self.scope.push(value);
            }
        }
    }

    /// Pops values into new locals of the current region.
    fn pop_into(&mut self, values: &[ValueId]) {
        for value in values.iter().rev() {
            if self.values.uses[value.index()] == 0 {
                self.code.ops().drop();
                continue;
            }
            let local = self.pool.take(self.func.ty(*value).wasm());
            self.scope.push(*value);
            self.locals[value.index()] = local;
            self.code.set(local);
        }
    }

    /// Pushes a value.
    fn push(&mut self, value: ValueId) {
        if let Some(c) = self.values.consts[value.index()] {
            self.constant(c);
        } else if let Some(inst) = self.values.folded[value.index()] {
            if let Produced::Local(local) = self.op(inst) {
                self.code.get(local);
                self.pool.give(local);
            }
        } else {
            self.code.get(self.locals[value.index()]);
        }
    }

    fn push_all(&mut self, values: &[ValueId]) {
        values.iter().for_each(|v| self.push(*v));
    }

    /// Makes a value readable from a local, for operations that read it more
    /// than once. Emits nothing, or code that leaves the operand stack alone.
    fn read(&mut self, value: ValueId) -> Readable {
        let at = value.index();
        if self.values.consts[at].is_none() && self.values.folded[at].is_none() {
            return Readable { local: self.locals[at], scratch: false };
        }
        let produced = match self.values.folded[at] {
            Some(inst) => self.op(inst),
            None => {
                self.push(value);
                Produced::Stack
            }
        };
        let local = match produced {
            Produced::Local(local) => local,
            Produced::Stack => {
                let local = self.pool.take(self.func.ty(value).wasm());
                self.code.set(local);
                local
            }
        };
        Readable { local, scratch: true }
    }

    fn release(&mut self, value: Readable) {
        if value.scratch {
            self.pool.give(value.local);
        }
    }

    fn constant(&mut self, c: Const) {
        match c {
            Const::I32(n) => self.code.ops().i32_const(n),
            Const::I64(n) => self.code.ops().i64_const(n),
            Const::F64(bits) => self.code.ops().f64_const(wasm_encoder::Ieee64::new(bits)),
            Const::Immediate(tag) => self.code.ops().i32_const(tag as i32),
            Const::Static(id) => self.code.ops().i32_const(self.cx.statics[id.index()] as i32),
        };
    }

    fn const_i64(&self, value: ValueId) -> Option<i64> {
        match self.values.consts[value.index()] {
            Some(Const::I64(n)) => Some(n),
            Some(Const::I32(_) | Const::F64(_) | Const::Immediate(_) | Const::Static(_)) | None => {
                None
            }
        }
    }

    /// Emits an operation, operands included.
    fn op(&mut self, inst: &Inst) -> Produced {
        match &inst.op {
            Op::Const(c) => self.constant(*c),
            Op::Unary(op, a) => {
                self.push(*a);
                ops::unary(&mut self.code.ops(), *op);
            }
            Op::Binary(op, a, b) => {
                self.push(*a);
                self.push(*b);
                ops::binary(&mut self.code.ops(), *op);
            }
            Op::Checked(op, a, b) => return self.checked(*op, *a, *b, inst.loc),
            // The passes are done.
            Op::Claim { .. } => {}
            Op::Guard { cond, kind, message } => {
                self.push_negated(*cond);
                self.trap_if(*kind, message.as_ref(), inst.loc);
            }
            Op::MakeObject { layout, fields } => {
                return Produced::Local(self.make_object(inst, *layout, None, fields));
            }
            Op::MakeClosure { layout, func, captures } => {
                return Produced::Local(self.make_object(inst, *layout, Some(*func), captures));
            }
            Op::Load { object, offset, mem } => {
                self.push(*object);
                self.guard_field(*offset, *mem);
                ops::load(&mut self.code.ops(), *mem, *offset);
            }
            Op::ReadCell { object, offset, mem } => {
                self.push(*object);
                self.guard_field(*offset, *mem);
                ops::load(&mut self.code.ops(), *mem, *offset);
            }
            Op::WriteCell { object, offset, mem: Mem::Ref, value } => {
                let object = self.read(*object);
                self.code.get(object.local);
                self.guard_field(*offset, Mem::Ref);
                self.code.get(object.local);
                self.code.i32(*offset);
                self.code.ops().i32_add();
                self.push(*value);
                let index = self.cx.runtime(RtFn::WriteRef);
                self.code.ops().call(index);
                self.release(object);
            }
            Op::WriteCell { object, offset, mem, value } => {
                self.push(*object);
                self.guard_field(*offset, *mem);
                self.push(*value);
                ops::store(&mut self.code.ops(), *mem, *offset);
            }
            Op::GetGlobal(global) => {
                let index = self.cx.global(*global);
                self.code.ops().global_get(index);
            }
            Op::SetGlobal(global, value) => {
                self.push(*value);
                let index = self.cx.global(*global);
                self.code.ops().global_set(index);
            }
            Op::Tag { object } => self.tag(*object),
            Op::IsImmediate(a) => {
                self.push(*a);
                self.code.i32(FIRST_ADDRESS);
                self.code.ops().i32_lt_u();
            }
            Op::SeqOwns(seq) => {
                self.push(*seq);
                self.guard(Expected::Sequence);
                self.code.ops().i32_load(mem_arg(SEQ_OWNER, 4)).i32_eqz();
            }
            Op::SeqLen(seq) => {
                self.push(*seq);
                self.guard(Expected::Sequence);
                self.code.ops().i32_load(mem_arg(SEQ_LEN, 4));
            }
            Op::SeqData(seq) => {
                self.push(*seq);
                self.guard(Expected::Sequence);
                self.code.ops().i32_load(mem_arg(SEQ_DATA, 4));
            }
            Op::Element { data, index, mem } => {
                let offset = self.element(*data, *index, *mem);
                ops::load(&mut self.code.ops(), *mem, offset);
            }
            Op::SetElement { data, index, mem, value } => {
                let offset = self.element(*data, *index, *mem);
                self.push(*value);
                ops::store(&mut self.code.ops(), *mem, offset);
            }
            Op::SeqFinish(seq) => {
                let seq = self.read(*seq);
                self.code.get(seq.local);
                self.code.get(seq.local);
                self.code.ops().i32_load(mem_arg(0, 4));
                self.code.i32(!BUILDING);
                self.code.ops().i32_and().i32_store(mem_arg(0, 4));
                self.release(seq);
            }
            Op::Call { func, args } => self.call(inst, *func, args),
            Op::CallClosure { closure, args, results } => {
                self.call_closure(inst, *closure, args, results);
            }
            Op::CallRt { func, args } => self.call_runtime(inst, *func, args),
            Op::CallHost { func, args } => {
                self.push_all(args);
                let index = self.cx.host(*func);
                self.code.mark(inst.loc);
                self.code.ops().call(index);
            }
            Op::If { cond, then, otherwise } => self.if_(inst, *cond, then, otherwise),
            Op::Switch { on, cases, default } => self.switch(inst, *on, cases, default),
            Op::Block { label, body } => self.block(inst, *label, body),
            Op::Loop { label, params, init, body } => {
                self.loop_(inst, *label, params, init, body);
            }
        }
        Produced::Stack
    }

    /// The constructor tag: the reference itself, or what its header says. The
    /// first 64 KiB are always readable, so both may be computed.
    fn tag(&mut self, object: ValueId) {
        let object = self.read(object);
        self.code.get(object.local);
        self.guard(Expected::Constructor);
        self.code.get(object.local);
        self.code.ops().i32_load16_u(mem_arg(TAG_SHIFT / 8, 2));
        self.code.get(object.local);
        self.code.i32(FIRST_ADDRESS);
        self.code.ops().i32_lt_u().select();
        self.release(object);
    }

    /// Pushes the address of an element but for the offset it returns.
    fn element(&mut self, data: ValueId, index: ValueId, mem: Mem) -> u32 {
        self.push(data);
        if let Some(Const::I32(n @ 0..=0xffff)) = self.values.consts[index.index()] {
            return n as u32 * mem.size();
        }
        self.push(index);
        if mem.size() > 1 {
            self.code.i32(mem.size().trailing_zeros());
            self.code.ops().i32_shl();
        }
        self.code.ops().i32_add();
        0
    }

    /// Pushes whether a condition is 0.
    fn push_negated(&mut self, cond: ValueId) {
        let op = self.values.folded[cond.index()].map(|inst| &inst.op);
        if let Some(Op::Unary(UnaryOp::Not, inner)) = op {
            self.push(*inner);
        } else if let Some(Op::Binary(op, a, b)) = op
            && let Some(inverse) = ops::inverse(*op)
        {
            self.push(*a);
            self.push(*b);
            ops::binary(&mut self.code.ops(), inverse);
        } else {
            self.push(cond);
            self.code.ops().i32_eqz();
        }
    }

    /// Pops a condition and traps unless it is 0.
    fn trap_if(&mut self, kind: TrapKind, message: Option<&Message>, loc: LocId) {
        self.code.ops().if_(BlockType::Empty);
        self.trap(kind, message, loc);
        self.code.ops().end();
    }

    fn trap(&mut self, kind: TrapKind, message: Option<&Message>, loc: LocId) {
        let (text, len) = match message {
            Some(Message(text)) => (self.cx.data.text(text), text.len()),
            None => (0, 0),
        };
        if len > 0 {
            self.code.i32(kind as u32);
            self.code.i32(text);
            self.code.i32(len as u32);
            let index = self.cx.host(vera_abi::host::HostFn::Trap);
            self.code.mark(loc);
            self.code.ops().call(index).unreachable();
        } else {
            let index = self.cx.trap_helper(kind);
            self.code.mark(loc);
            self.code.ops().call(index).unreachable();
        }
    }

    /// Traps when the shadow stack is nearly full.
    fn check_stack(&mut self) {
        let sp = self.sp.expect("a function with roots has a shadow pointer");
        self.code.get(sp);
        self.code.ops().global_get(self.cx.shadow_limit).i32_gt_u();
        self.trap_if(TrapKind::StackExhausted, None, LocId(u32::MAX));
    }

    fn stores(&mut self, stores: &[Store]) {
        let sp = self.sp.expect("a function with roots has a shadow pointer");
        for store in stores {
            self.slots = self.slots.max(store.slot + 1);
            self.code.get(sp);
            match store.value {
                Some(value) => self.code.get(self.locals[value.index()]),
                None => self.code.i32(0),
            }
            self.code.ops().i32_store(mem_arg(4 * store.slot, 4));
        }
    }

    /// Pushes the address behind `slots` slots of the shadow frame.
    fn shadow_pointer(&mut self, slots: u32) {
        let sp = self.sp.expect("a function that collects has a shadow pointer");
        self.code.get(sp);
        if slots > 0 {
            self.code.i32(4 * slots);
            self.code.ops().i32_add();
        }
    }
}

/// A value in a local.
#[derive(Clone, Copy)]
struct Readable {
    local: u32,
    scratch: bool,
}

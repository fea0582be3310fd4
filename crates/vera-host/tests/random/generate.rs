//! Random programs that are valid and terminate.
//!
//! References come in classes that the types of the representation do not
//! distinguish: nodes (an immediate, or an object of one of three layouts, told
//! apart by tag), strings, and closures from an integer and a node to an integer.

use vera_abi::interface::HostTy;
use vera_abi::runtime::RtFn;
use vera_abi::trap::TrapKind;
use vera_mir::ir::*;

/// What a value may be used for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Class {
    Int,
    Bool,
    Node,
    Str,
    Clo,
}

impl Class {
    const ALL: [Class; 5] = [Class::Int, Class::Bool, Class::Node, Class::Str, Class::Clo];

    fn ty(self) -> Ty {
        match self {
            Class::Int => Ty::I64,
            Class::Bool => Ty::I32,
            Class::Node | Class::Str | Class::Clo => Ty::Ref,
        }
    }
}

pub struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        // Steele, Lea, Flood: "Fast splittable pseudorandom number generators".
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// Layouts 0 to 2 are nodes with the tags 1 to 3; 3 is a closure's.
fn layouts() -> Vec<Layout> {
    let wide: Vec<u32> = (0..35).map(|i| 16 + 4 * i).collect();
    vec![
        Layout { tag: 1, size: 24, refs: vec![16], mutable: false },
        Layout { tag: 2, size: 24, refs: vec![16, 20], mutable: false },
        Layout { tag: 3, size: 160, refs: wide, mutable: false },
        Layout { tag: 0, size: 32, refs: vec![12, 24], mutable: false },
    ]
}

/// Offsets of the references in each node layout, after an integer at 8.
fn node_refs(layout: u32) -> Vec<u32> {
    layouts()[layout as usize].refs.clone()
}

struct Signature {
    params: Vec<Class>,
    results: Vec<Class>,
    /// The code of a closure that has captured a node and an integer.
    closure: bool,
    /// Calls itself; the first parameter counts down.
    recursive: bool,
}

pub fn program(seed: u64) -> Program {
    let mut rng = Rng(seed);
    let count = 3 + rng.below(5);
    let signatures: Vec<Signature> = (0..count)
        .map(|i| {
            if i == 0 {
                let (params, results) = (vec![Class::Int], vec![Class::Int]);
                return Signature { params, results, closure: false, recursive: false };
            }
            let recursive = rng.chance(30);
            let closure = !recursive && (i + 1 == count || rng.chance(25));
            let mut params: Vec<Class> = (0..rng.below(4)).map(|_| rng.pick(&Class::ALL)).collect();
            if recursive {
                params.insert(0, Class::Int);
            }
            let mut results = vec![rng.pick(&Class::ALL)];
            if closure {
                params = vec![Class::Int, Class::Node];
                results = vec![Class::Int];
            } else if rng.chance(20) {
                results.push(rng.pick(&Class::ALL));
            }
            Signature { params, results, closure, recursive }
        })
        .collect();
    let statics = vec![
        Static::String(b"hello".to_vec()),
        Static::String(Vec::new()),
        Static::Closure(FuncId(count as u32)),
    ];
    let mut funcs: Vec<Func> =
        (0..count).map(|i| Generator::new(&mut rng, &signatures, i).function()).collect();
    funcs.push(identity());
    funcs.push(digest(count as u32 + 1));
    funcs.push(many());
    let export = Export {
        name: "main".into(),
        func: FuncId(0),
        params: vec![HostTy::Int],
        result: HostTy::Int,
        in_parts: false,
    };
    let many = Export { name: "many".into(), func: FuncId(count as u32 + 2), ..export.clone() };
    let exports = vec![export, many];
    Program { funcs, layouts: layouts(), statics, exports, ..Program::default() }
}

/// A closure without captures: yields its integer.
fn identity() -> Func {
    let [this, int, node] = [0, 1, 2].map(ValueId);
    Func {
        name: "identity".into(),
        source: SourceFnId(0),
        params: vec![this, int, node],
        natural: Vec::new(),
        results: vec![Ty::I64],
        values: vec![Ty::Ref, Ty::I64, Ty::Ref],
        labels: 0,
        body: Region { insts: Vec::new(), end: Terminator::Return(vec![int]) },
        indirect: true,
        collects: false,
        recursive: false,
    }
}

/// How often `many` calls `main`.
pub const MANY: u32 = 1000;

/// Calls `main` again and again, so that collections happen in the middle of it,
/// and mixes the results.
fn many() -> Func {
    let text = format!(
        r#"fn f0 "many" src0 (v0: i64) -> i64 {{
  v1: i64 = const 0
  v2: i64 = loop l0 (v3: i64, v4: i64) = (v1, v1) {{
    v5: i64 = const {MANY}
    v6: i32 = ge_i64 v3, v5
    v7: i64 = if v6 {{
      yield v4
    }} else {{
      v8: i64 = call f0(v0)
      v9: i64 = const 31
      v10: i64 = mul_i64 v4, v9
      v11: i64 = add_i64 v10, v8
      v12: i64 = const 1
      v13: i64 = add_i64 v3, v12
      continue l0 v13, v11
    }}
    yield v7
  }}
  return v2
}}"#
    );
    let mut program = vera_mir::parse::program(&text).expect("well-formed");
    program.funcs.remove(0)
}

/// What `many` yields when `main` yields `one`.
pub fn mixed(one: i64) -> i64 {
    (0..MANY).fold(0, |sum: i64, _| sum.wrapping_mul(31).wrapping_add(one))
}

/// `(node, depth) -> int`: depends on everything reachable in `depth` steps
/// along the first and the last reference.
fn digest(this: u32) -> Func {
    let text = format!(
        r#"fn f0 "digest" src0 (v0: ref, v1: i64) -> i64 {{
  v2: i64 = const 0
  v3: i32 = le_i64 v1, v2
  v4: i32 = is_immediate v0
  v5: i32 = or_i32 v3, v4
  if v5 {{
    v6: i64 = const 17
    return v6
  }} else {{
    yield
  }}
  v7: i64 = load i64 v0+8
  v8: i64 = const 1
  v9: i64 = sub_i64 v1, v8
  v10: ref = load ref v0+16
  v11: i64 = call f{this}(v10, v9)
  v12: i32 = tag v0
  v13: i32 = const 2
  v14: i32 = ge_i32 v12, v13
  v15: i64 = if v14 {{
    v16: ref = load ref v0+20
    v17: i64 = call f{this}(v16, v9)
    yield v17
  }} else {{
    yield v8
  }}
  v18: i64 = const 31
  v19: i64 = mul_i64 v11, v18
  v20: i64 = add_i64 v19, v15
  v21: i64 = mul_i64 v20, v18
  v22: i64 = xor_i64 v21, v7
  return v22
}}"#
    );
    let mut program = vera_mir::parse::program(&text).expect("well-formed");
    program.funcs.remove(0)
}

struct Generator<'a> {
    rng: &'a mut Rng,
    signatures: &'a [Signature],
    this: usize,
    func: Func,
    /// Values in scope.
    scope: Vec<(ValueId, Class)>,
    /// Blocks that may be left, with what they yield.
    blocks: Vec<(LabelId, Vec<Class>)>,
    budget: usize,
}

impl<'a> Generator<'a> {
    fn new(rng: &'a mut Rng, signatures: &'a [Signature], this: usize) -> Generator<'a> {
        let signature = &signatures[this];
        let func = Func {
            name: format!("f{this}"),
            source: SourceFnId(0),
            params: Vec::new(),
            natural: Vec::new(),
            results: signature.results.iter().map(|c| c.ty()).collect(),
            values: Vec::new(),
            labels: 0,
            body: Region { insts: Vec::new(), end: Terminator::Unreachable },
            indirect: signature.closure,
            collects: false,
            recursive: false,
        };
        let budget = 10 + rng.below(40);
        Generator { rng, signatures, this, func, scope: Vec::new(), blocks: Vec::new(), budget }
    }

    fn function(mut self) -> Func {
        let signature = &self.signatures[self.this];
        let mut insts = Vec::new();
        if signature.closure {
            let this = self.func.new_value(Ty::Ref);
            self.func.params.push(this);
            self.load(&mut insts, this, 12, Mem::Ref, Class::Node);
            self.load(&mut insts, this, 16, Mem::I64, Class::Int);
            self.load(&mut insts, this, 24, Mem::Ref, Class::Str);
        }
        for class in &signature.params {
            let param = self.func.new_value(class.ty());
            self.func.params.push(param);
            self.scope.push((param, *class));
        }
        if signature.recursive {
            self.stop_at_zero(&mut insts);
        }
        self.statements(&mut insts, 0);
        self.summarise(&mut insts);
        let end = self.last(&mut insts);
        self.func.body = Region { insts, end };
        self.func
    }

    /// Mixes what is in scope into one integer, so that a wrong value shows.
    fn summarise(&mut self, insts: &mut Vec<Inst>) {
        let mut all: Vec<(ValueId, Class)> = self.scope.clone();
        all.retain(|(_, class)| !matches!(class, Class::Int | Class::Bool));
        let count = all.len().min(12);
        let mut sum = self.int(insts, 0);
        for _ in 0..count {
            let (value, class) = all.swap_remove(self.rng.below(all.len()));
            let depth = self.int(insts, 3);
            let part = match class {
                Class::Node => {
                    let func = FuncId(self.signatures.len() as u32 + 1);
                    self.emit(insts, Op::Call { func, args: vec![value, depth] }, Class::Int)
                }
                Class::Clo => {
                    let args = vec![sum, self.value(insts, Class::Node)];
                    let op = Op::CallClosure { closure: value, args, results: vec![Ty::I64] };
                    self.emit(insts, op, Class::Int)
                }
                Class::Str => {
                    let hello = Op::Const(Const::Static(StaticId(0)));
                    let hello = self.emit(insts, hello, Class::Str);
                    let args = vec![value, hello];
                    let joined = Op::CallRt { func: RtFn::StringConcat, args };
                    let joined = self.emit(insts, joined, Class::Str);
                    self.string_bytes(insts, joined)
                }
                Class::Int | Class::Bool => continue,
            };
            let factor = self.int(insts, 31);
            let scaled = self.emit(insts, Op::Binary(BinaryOp::MulI64, sum, factor), Class::Int);
            sum = self.emit(insts, Op::Binary(BinaryOp::XorI64, scaled, part), Class::Int);
        }
    }

    /// The length of a string and its byte in the middle, as one integer.
    fn string_bytes(&mut self, insts: &mut Vec<Inst>, text: ValueId) -> ValueId {
        let len = self.emit(insts, Op::SeqLen(text), Class::Bool);
        let data = self.emit(insts, Op::SeqData(text), Class::Bool);
        let five = self.emit(insts, Op::Const(Const::I32(5)), Class::Bool);
        let at = self.emit(insts, Op::Binary(BinaryOp::SubI32, len, five), Class::Bool);
        // These are machine integers, of no use to the rest of the program.
        self.scope.truncate(self.scope.len() - 4);
        // From here on only the address keeps the string alive.
        self.make_node(insts);
        let byte = Op::Element { data, index: at, mem: Mem::U8 };
        let byte = self.emit(insts, byte, Class::Bool);
        let both = self.emit(insts, Op::Binary(BinaryOp::MulI32, len, byte), Class::Bool);
        self.scope.truncate(self.scope.len() - 2);
        self.emit(insts, Op::Unary(UnaryOp::I32ToI64, both), Class::Int)
    }

    /// The end of a function: a call in tail position where one fits.
    fn last(&mut self, insts: &mut Vec<Inst>) -> Terminator {
        let results = self.signatures[self.this].results.clone();
        let loc = LocId(0);
        let fitting: Vec<usize> = (self.this + 1..self.signatures.len())
            .filter(|i| self.signatures[*i].results == results && !self.signatures[*i].closure)
            .collect();
        if self.signatures[self.this].recursive && self.rng.chance(40) {
            let args = self.recursive_args(insts);
            return Terminator::TailCall { func: FuncId(self.this as u32), args, loc };
        }
        if !fitting.is_empty() && self.rng.chance(40) {
            let callee = self.rng.pick(&fitting);
            let args = self.args(insts, callee);
            return Terminator::TailCall { func: FuncId(callee as u32), args, loc };
        }
        if results == [Class::Int] && self.rng.chance(20) {
            let closure = self.value(insts, Class::Clo);
            let args = vec![self.value(insts, Class::Int), self.value(insts, Class::Node)];
            return Terminator::TailCallClosure { closure, args, results: vec![Ty::I64], loc };
        }
        // The summary is the last integer.
        let last = self.scope.iter().rev().find(|(_, class)| *class == Class::Int);
        match (&results[..], last) {
            ([Class::Int], Some((value, _))) => Terminator::Return(vec![*value]),
            _ => Terminator::Return(self.values(insts, &results)),
        }
    }

    /// `if param <= 0 || param > 6 { return … }`, by one unsigned comparison.
    fn stop_at_zero(&mut self, insts: &mut Vec<Inst>) {
        let count = self.func.params[usize::from(self.signatures[self.this].closure)];
        let one = self.int(insts, 1);
        let less = self.emit(insts, Op::Binary(BinaryOp::SubI64, count, one), Class::Int);
        let limit = self.int(insts, 6);
        let stop = self.emit(insts, Op::Binary(BinaryOp::GeU64, less, limit), Class::Bool);
        let outer = self.scope.clone();
        let mut inner = Vec::new();
        let results = self.signatures[self.this].results.clone();
        let values = self.values(&mut inner, &results);
        let then = Box::new(Region { insts: inner, end: Terminator::Return(values) });
        self.scope = outer;
        let otherwise = Box::new(Region { insts: Vec::new(), end: Terminator::Yield(Vec::new()) });
        self.push(insts, Op::If { cond: stop, then, otherwise }, &[]);
    }

    /// Arguments for a call of the function itself: the first one less.
    fn recursive_args(&mut self, insts: &mut Vec<Inst>) -> Vec<ValueId> {
        let mut args = self.args(insts, self.this);
        let one = self.int(insts, 1);
        let count = self.func.params[0];
        args[0] = self.emit(insts, Op::Binary(BinaryOp::SubI64, count, one), Class::Int);
        args
    }

    fn args(&mut self, insts: &mut Vec<Inst>, callee: usize) -> Vec<ValueId> {
        let params = self.signatures[callee].params.clone();
        let mut args = self.values(insts, &params);
        if self.signatures[callee].recursive && callee != self.this {
            args[0] = self.int(insts, 3);
        }
        args
    }

    fn push(&mut self, insts: &mut Vec<Inst>, op: Op, classes: &[Class]) -> Vec<ValueId> {
        let results: Vec<ValueId> = classes.iter().map(|c| self.func.new_value(c.ty())).collect();
        self.scope.extend(results.iter().copied().zip(classes.iter().copied()));
        insts.push(Inst { results: results.clone(), op, loc: LocId(0), roots: Vec::new() });
        results
    }

    fn emit(&mut self, insts: &mut Vec<Inst>, op: Op, class: Class) -> ValueId {
        self.push(insts, op, &[class])[0]
    }

    fn int(&mut self, insts: &mut Vec<Inst>, n: i64) -> ValueId {
        self.emit(insts, Op::Const(Const::I64(n)), Class::Int)
    }

    fn load(&mut self, insts: &mut Vec<Inst>, object: ValueId, offset: u32, mem: Mem, c: Class) {
        self.emit(insts, Op::Load { object, offset, mem }, c);
    }

    fn values(&mut self, insts: &mut Vec<Inst>, classes: &[Class]) -> Vec<ValueId> {
        classes.iter().map(|c| self.value(insts, *c)).collect()
    }

    /// Some value of a class: mostly one in scope, else a new one.
    fn value(&mut self, insts: &mut Vec<Inst>, class: Class) -> ValueId {
        let known: Vec<ValueId> =
            self.scope.iter().filter(|(_, c)| *c == class).map(|(v, _)| *v).collect();
        if !known.is_empty() && self.rng.chance(85) {
            // Recent values are used more often, old ones live long.
            let recent = known.len().saturating_sub(4);
            let from = if self.rng.chance(60) { recent } else { 0 };
            return self.rng.pick(&known[from..]);
        }
        let op = match class {
            Class::Int => {
                let n = self.rng.pick(&[0, 1, 2, -1, 7, 1 << 31, i64::MAX, i64::MIN]);
                Op::Const(Const::I64(n))
            }
            Class::Bool => Op::Const(Const::I32(self.rng.below(2) as i32)),
            Class::Node => Op::Const(Const::Immediate(0)),
            Class::Str => Op::Const(Const::Static(StaticId(self.rng.below(2) as u32))),
            Class::Clo => Op::Const(Const::Static(StaticId(2))),
        };
        self.emit(insts, op, class)
    }

    fn statements(&mut self, insts: &mut Vec<Inst>, depth: usize) {
        for _ in 0..2 + self.rng.below(8) {
            if self.budget == 0 {
                return;
            }
            self.budget -= 1;
            self.statement(insts, depth);
        }
    }

    fn statement(&mut self, insts: &mut Vec<Inst>, depth: usize) {
        let nested = depth < 4;
        match self.rng.below(20) {
            0..=1 => self.arithmetic(insts),
            2 => self.comparison(insts),
            3..=6 => self.make_node(insts),
            7..=8 => self.inspect(insts),
            9..=10 => self.string(insts),
            11 => self.make_closure(insts),
            12 => {
                let closure = self.value(insts, Class::Clo);
                let args = vec![self.value(insts, Class::Int), self.value(insts, Class::Node)];
                let results = vec![Ty::I64];
                self.emit(insts, Op::CallClosure { closure, args, results }, Class::Int);
            }
            13..=14 => self.call(insts),
            15..=16 if nested => self.branch(insts, depth),
            17 if nested => self.block(insts, depth),
            18 if nested => self.repeat(insts, depth),
            19 if self.rng.chance(15) => {
                let cond = self.value(insts, Class::Bool);
                self.push(insts, Op::Guard { cond, kind: TrapKind::NatGuard, message: None }, &[]);
            }
            _ => self.arithmetic(insts),
        }
    }

    fn arithmetic(&mut self, insts: &mut Vec<Inst>) {
        let a = self.value(insts, Class::Int);
        let b = self.value(insts, Class::Int);
        // Mostly wrapping, or every program would end in an overflow.
        let op = if self.rng.chance(15) {
            let op = self.rng.pick(CheckedOp::ALL);
            Op::Checked(op, a, b)
        } else {
            use BinaryOp::*;
            Op::Binary(
                self.rng
                    .pick(&[AddI64, SubI64, MulI64, XorI64, AndI64, OrI64, ShlI64, ShrI64, ShrU64]),
                a,
                b,
            )
        };
        self.emit(insts, op, Class::Int);
    }

    fn comparison(&mut self, insts: &mut Vec<Inst>) {
        let op = if self.rng.chance(20) {
            Op::Unary(UnaryOp::Not, self.value(insts, Class::Bool))
        } else if self.rng.chance(20) {
            let (a, b) = (self.value(insts, Class::Node), self.value(insts, Class::Node));
            Op::Binary(BinaryOp::EqRef, a, b)
        } else if self.rng.chance(30) {
            let (a, b) = (self.value(insts, Class::Str), self.value(insts, Class::Str));
            Op::CallRt { func: RtFn::StringEq, args: vec![a, b] }
        } else {
            use BinaryOp::*;
            let (a, b) = (self.value(insts, Class::Int), self.value(insts, Class::Int));
            Op::Binary(self.rng.pick(&[EqI64, NeI64, LtI64, GtI64, LeI64, GeU64]), a, b)
        };
        self.emit(insts, op, Class::Bool);
    }

    fn make_node(&mut self, insts: &mut Vec<Inst>) {
        let layout = if self.rng.chance(5) { 2 } else { self.rng.below(2) as u32 };
        let mut fields = vec![(8, Mem::I64, self.value(insts, Class::Int))];
        for offset in node_refs(layout) {
            fields.push((offset, Mem::Ref, self.value(insts, Class::Node)));
        }
        self.emit(insts, Op::MakeObject { layout: LayoutId(layout), fields }, Class::Node);
    }

    /// `match` on a node: its integer and one of its references.
    fn inspect(&mut self, insts: &mut Vec<Inst>) {
        let object = self.value(insts, Class::Node);
        let on = self.emit(insts, Op::Tag { object }, Class::Bool);
        self.scope.pop();
        let outer = self.scope.clone();
        let mut cases = Vec::new();
        let mut leaf = Vec::new();
        let values = vec![self.value(&mut leaf, Class::Int), self.value(&mut leaf, Class::Node)];
        cases.push(Region { insts: leaf, end: Terminator::Yield(values) });
        for layout in 0..3 {
            self.scope = outer.clone();
            let mut case = Vec::new();
            let int = Op::Load { object, offset: 8, mem: Mem::I64 };
            let int = self.emit(&mut case, int, Class::Int);
            let refs = node_refs(layout);
            let node = Op::Load { object, offset: self.rng.pick(&refs), mem: Mem::Ref };
            let node = self.emit(&mut case, node, Class::Node);
            cases.push(Region { insts: case, end: Terminator::Yield(vec![int, node]) });
        }
        self.scope = outer;
        let default = Box::new(Region { insts: Vec::new(), end: Terminator::Unreachable });
        self.push(insts, Op::Switch { on, cases, default }, &[Class::Int, Class::Node]);
    }

    fn string(&mut self, insts: &mut Vec<Inst>) {
        match self.rng.below(4) {
            0 => {
                let n = self.value(insts, Class::Int);
                let args = vec![n];
                self.emit(insts, Op::CallRt { func: RtFn::IntToString, args }, Class::Str);
            }
            1 => {
                let text = self.value(insts, Class::Str);
                let len = self.emit(insts, Op::SeqLen(text), Class::Bool);
                self.scope.pop();
                self.emit(insts, Op::Unary(UnaryOp::I32ToI64, len), Class::Int);
            }
            2 => {
                let text = self.value(insts, Class::Str);
                let (start, end) = (self.value(insts, Class::Int), self.value(insts, Class::Int));
                let args = vec![text, start, end];
                self.emit(insts, Op::CallRt { func: RtFn::StringSlice, args }, Class::Str);
            }
            _ => {
                let (a, b) = (self.value(insts, Class::Str), self.value(insts, Class::Str));
                // Bounds the length: repeated doubling would not end.
                let zero = self.int(insts, 0);
                let limit = self.int(insts, 40);
                let args = vec![a, zero, limit];
                let a = self.emit(insts, Op::CallRt { func: RtFn::StringSlice, args }, Class::Str);
                let args = vec![a, b];
                let joined =
                    self.emit(insts, Op::CallRt { func: RtFn::StringConcat, args }, Class::Str);
                let args = vec![joined, zero, limit];
                self.emit(insts, Op::CallRt { func: RtFn::StringSlice, args }, Class::Str);
            }
        }
    }

    fn make_closure(&mut self, insts: &mut Vec<Inst>) {
        // Only of functions behind this one, or programs would not end.
        let codes: Vec<usize> = (self.this + 1..self.signatures.len())
            .filter(|i| self.signatures[*i].closure)
            .collect();
        if codes.is_empty() {
            return;
        }
        let func = FuncId(self.rng.pick(&codes) as u32);
        let captures = vec![
            (12, Mem::Ref, self.value(insts, Class::Node)),
            (16, Mem::I64, self.value(insts, Class::Int)),
            (24, Mem::Ref, self.value(insts, Class::Str)),
        ];
        self.emit(insts, Op::MakeClosure { layout: LayoutId(3), func, captures }, Class::Clo);
    }

    fn call(&mut self, insts: &mut Vec<Inst>) {
        let itself = self.signatures[self.this].recursive && self.rng.chance(30);
        let callees: Vec<usize> = (self.this + 1..self.signatures.len())
            .filter(|i| !self.signatures[*i].closure)
            .collect();
        if !itself && callees.is_empty() {
            return;
        }
        let callee = if itself { self.this } else { self.rng.pick(&callees) };
        let args = if itself { self.recursive_args(insts) } else { self.args(insts, callee) };
        let results = self.signatures[callee].results.clone();
        self.push(insts, Op::Call { func: FuncId(callee as u32), args }, &results);
    }

    /// A region that yields values of these classes, or leaves a block or the
    /// function instead.
    fn region(&mut self, classes: &[Class], depth: usize) -> Region {
        let outer = self.scope.len();
        let mut insts = Vec::new();
        self.statements(&mut insts, depth + 1);
        if self.rng.chance(20) {
            self.summarise(&mut insts);
        }
        let end = if self.rng.chance(8) {
            self.last(&mut insts)
        } else if !self.blocks.is_empty() && self.rng.chance(25) {
            let at = self.rng.below(self.blocks.len());
            let (label, classes) = self.blocks[at].clone();
            Terminator::Break(label, self.values(&mut insts, &classes))
        } else {
            Terminator::Yield(self.values(&mut insts, classes))
        };
        self.scope.truncate(outer);
        Region { insts, end }
    }

    fn classes(&mut self) -> Vec<Class> {
        (0..self.rng.below(3)).map(|_| self.rng.pick(&Class::ALL)).collect()
    }

    fn branch(&mut self, insts: &mut Vec<Inst>, depth: usize) {
        let cond = self.value(insts, Class::Bool);
        let classes = self.classes();
        let then = Box::new(self.region(&classes, depth));
        let otherwise = Box::new(self.region(&classes, depth));
        self.push(insts, Op::If { cond, then, otherwise }, &classes);
    }

    fn block(&mut self, insts: &mut Vec<Inst>, depth: usize) {
        let label = self.func.new_label();
        let classes = self.classes();
        self.blocks.push((label, classes.clone()));
        let body = Box::new(self.region(&classes, depth));
        self.blocks.pop();
        self.push(insts, Op::Block { label, body }, &classes);
    }

    /// A loop that runs a few times with changing values.
    fn repeat(&mut self, insts: &mut Vec<Inst>, depth: usize) {
        let label = self.func.new_label();
        let carried = self.classes();
        let mut init = vec![self.int(insts, 0)];
        init.extend(self.values(insts, &carried));
        let outer = self.scope.len();
        let mut params = Vec::new();
        for class in [Class::Int].iter().chain(&carried) {
            let param = self.func.new_value(class.ty());
            self.scope.push((param, *class));
            params.push(param);
        }
        let mut body = Vec::new();
        self.statements(&mut body, depth + 1);
        let limit = self.int(&mut body, 2 + self.this as i64 % 3);
        let cond = Op::Binary(BinaryOp::GeI64, params[0], limit);
        let cond = self.emit(&mut body, cond, Class::Bool);
        let classes = self.classes();
        let stop = Box::new(self.region(&classes, depth + 1));
        let inner = self.scope.len();
        let mut again = Vec::new();
        self.statements(&mut again, depth + 1);
        let one = self.int(&mut again, 1);
        let next = Op::Binary(BinaryOp::AddI64, params[0], one);
        let mut args = vec![self.emit(&mut again, next, Class::Int)];
        args.extend(self.values(&mut again, &carried));
        self.scope.truncate(inner);
        let again = Box::new(Region { insts: again, end: Terminator::Continue(label, args) });
        let results = self.push(&mut body, Op::If { cond, then: stop, otherwise: again }, &classes);
        self.scope.truncate(outer);
        let body = Box::new(Region { insts: body, end: Terminator::Yield(results) });
        self.push(insts, Op::Loop { label, params, init, body }, &classes);
    }
}

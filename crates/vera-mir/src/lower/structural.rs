//! Operations defined by the structure of a type: equality, ordering, `show`
//! and `hash`. A compound type gets one function for each operation, made on
//! first use.

use vera_abi::runtime::RtFn;
use vera_check::typed::{Ability, BinaryOp as VeraOp, DataId, ExprId};
use vera_check::types::{Ty as VeraTy, TyKind};
use vera_diagnostics::{FileSpan, Span};

use super::data::{CtorShape, Repr};
use super::deep::Fold;
use super::functions::FnLower;
use super::keys::KeyClass;
use super::{Lowerer, Work};
use crate::ir::*;

/// An operation a compound type gets a function for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Structural {
    Eq,
    Show,
    Hash,
    /// Goes on with one of these for a value, or an entry, of a type that leads back to
    /// itself.
    Step(Fold, bool),
    /// Goes on comparing two values of such a type, as keys or not.
    EqStep(bool),
    /// Every `Nat` and refined value inside is one.
    Check,
    /// The same of a value that no constructor of the program made: invariants hold,
    /// too.
    CheckSupplied,
    /// Whether a value satisfies the invariant of its type.
    Invariant,
    /// Equality and hash as a key of a map or set.
    KeyEq,
    KeyHash,
    /// Finds the entry of a key among those with its hash.
    KeyFind,
    /// Compares the numbers of constructor nodes.
    Smaller,
    /// Looks for a value among the parts of another.
    HasPart,
    /// Counts constructor nodes.
    Size,
    /// Hands a node over to the host, and takes one from there.
    Put,
    Take,
    /// Turns a value of the type given here into one of the compound type.
    Adapt(VeraTy),
}

/// Start value of every hash (FNV-1a, 64 bit).
const HASH_BASIS: i64 = 14_695_981_039_346_656_037_u64 as i64;
/// Multiplier of every hash step.
const HASH_PRIME: i64 = 1_099_511_628_211;

impl Lowerer<'_> {
    /// Whether a value of the type can hold a `Nat` or a refined value.
    pub(super) fn is_constrained(&mut self, ty: VeraTy) -> bool {
        let within = self.types_within(ty);
        within.into_iter().any(|t| matches!(self.types.kind(t), TyKind::Nat | TyKind::Refined(..)))
    }

    fn has_invariants(&mut self, ty: VeraTy) -> bool {
        let within = self.types_within(ty);
        within.into_iter().any(|t| self.invariant(t).is_some())
    }

    pub(super) fn structural(&mut self, what: Structural, ty: VeraTy) -> FuncId {
        if let Some(func) = self.structural.get(&(what, ty)) {
            return *func;
        }
        let word = match what {
            Structural::Eq => "eq",
            Structural::Show => "show",
            Structural::Hash => "hash",
            Structural::Step(fold, _) => fold.word(),
            Structural::EqStep(false) => "eq_step",
            Structural::EqStep(true) => "key_eq_step",
            Structural::Check => "check",
            Structural::CheckSupplied => "check_supplied",
            Structural::Invariant => "invariant",
            Structural::KeyEq => "key_eq",
            Structural::KeyHash => "key_hash",
            Structural::KeyFind => "key_find",
            Structural::Smaller => "smaller",
            Structural::HasPart => "has_part",
            Structural::Size => "size",
            Structural::Put => "put",
            Structural::Take => "take",
            Structural::Adapt(_) => "adapt",
        };
        let shown = self.show(ty);
        let name = match what {
            Structural::Step(_, entry) => {
                format!("{word}${shown}${}", if entry { "entry" } else { "step" })
            }
            _ => format!("{word}${shown}"),
        };
        let func = match (what, self.types.kind(ty)) {
            (Structural::Invariant, TyKind::Data(data, _)) => {
                let data = self.program.data(*data);
                let file = self.program.modules[data.module.index()].file;
                let decl = FileSpan { file, span: data.span };
                self.reserve(name, format!("invariant of {shown}"), decl)
            }
            _ => {
                let file = self.program.modules[0].file;
                self.reserve(name.clone(), name, FileSpan { file, span: Span::default() })
            }
        };
        self.structural.insert((what, ty), func);
        self.work.push(Work::Structural(what, ty, func));
        func
    }
}

/// Lowers the function of an operation on a compound type.
pub(super) fn lower(lo: &mut Lowerer<'_>, what: Structural, ty: VeraTy, func: FuncId) {
    let mut this = bare(lo, func);
    match what {
        Structural::Eq | Structural::KeyEq => this.eq_function(what, ty),
        Structural::Show => this.show_function(ty),
        Structural::Hash | Structural::KeyHash => this.hash_function(what, ty),
        Structural::Step(fold, entry) => this.step_function(fold, entry, ty),
        Structural::EqStep(is_key) => this.eq_step_function(is_key, ty),
        Structural::Check => this.check_function(ty),
        Structural::CheckSupplied => {
            this.checks_supplied = true;
            this.check_function(ty)
        }
        Structural::Invariant => this.invariant_function(ty),
        Structural::Smaller => this.smaller_function(ty),
        Structural::HasPart => this.has_part_function(ty),
        Structural::Size => this.size_function(ty),
        Structural::KeyFind => this.key_find_function(ty),
        Structural::Put => this.put_function(ty),
        Structural::Take => this.take_function(ty),
        Structural::Adapt(from) => this.adapt_function(from, ty),
    }
    let built = this.b.finish();
    lo.out.funcs[func.index()] = built;
}

/// The lowering of a reserved function that has no source body.
pub(super) fn bare<'l, 'a>(lo: &'l mut Lowerer<'a>, func: FuncId) -> FnLower<'l, 'a> {
    // Structural functions have no source body; any empty one serves.
    let body = &lo.program.fns[0].body;
    FnLower::new(lo, func, body, vera_check::typed::ModuleId(0))
}

impl FnLower<'_, '_> {
    /// `eq`, `compare`, `hash`, `show`.
    pub(super) fn ability(&mut self, ability: Ability, args: &[ExprId]) -> ValueId {
        let ty = self.ty(args[0]);
        if !self.has_ability(ability, ty, args[0]) {
            let dummy = if ability == Ability::Hash { Ty::I64 } else { Ty::I32 };
            return self.b.func.new_value(dummy);
        }
        let values: Vec<Option<ValueId>> = args.iter().map(|a| self.expr(*a)).collect();
        match ability {
            Ability::Eq => match (values[0], values[1]) {
                (Some(a), Some(b)) => self.equal(ty, a, b),
                _ => self.b.i32(1),
            },
            Ability::Ord => match (values[0], values[1]) {
                (Some(a), Some(b)) => self.compare(ty, a, b),
                _ => self.b.i32(1),
            },
            Ability::Show => self.show(ty, values[0]),
            Ability::Hash => self.hash(ty, values[0]),
        }
    }

    /// Whether the type of an instance has an ability; a missing one is reported
    /// (the checker sees generic code before its instances), and what follows is
    /// unreachable.
    pub(super) fn has_ability(&mut self, ability: Ability, ty: VeraTy, e: ExprId) -> bool {
        if self.lo.has(ability, ty) {
            return true;
        }
        let at = self.called_at.unwrap_or_else(|| self.at(self.body[e].span));
        self.lo.lacks_ability(at, ability, ty);
        self.b.end(Terminator::Unreachable);
        false
    }

    /// 1 when two values are structurally equal.
    pub(super) fn equal(&mut self, ty: VeraTy, a: ValueId, b: ValueId) -> ValueId {
        let ((_, a), (ty, b)) = (self.opened(ty, a), self.opened(ty, b));
        let op = match self.lo.repr(ty) {
            Repr::Zero => return self.b.i32(1),
            Repr::I64 => BinaryOp::EqI64,
            Repr::F64 => BinaryOp::EqF64,
            Repr::Byte | Repr::Enum => BinaryOp::EqI32,
            Repr::Ref => {
                if matches!(self.lo.types.base_kind(ty), TyKind::String) {
                    return self.b.rt(RtFn::StringEq, vec![a, b], Ty::I32);
                }
                let func = self.lo.structural(Structural::Eq, ty);
                return self.b.one(Op::Call { func, args: vec![a, b] }, Ty::I32);
            }
        };
        self.b.binary(op, a, b)
    }

    /// `Less`, `Equal` or `Greater` of an ordered type, without a branch.
    fn compare(&mut self, ty: VeraTy, a: ValueId, b: ValueId) -> ValueId {
        let (greater, less) = match self.lo.types.base_kind(ty) {
            TyKind::Float64 => {
                // A NaN on either side gives `Greater`: 2 - equal - 2 less.
                let less = self.ordering(VeraOp::Lt, ty, a, b);
                let equal = self.equal(ty, a, b);
                let twice = self.b.binary(BinaryOp::AddI32, less, less);
                let below = self.b.binary(BinaryOp::AddI32, equal, twice);
                let two = self.b.i32(2);
                return self.b.binary(BinaryOp::SubI32, two, below);
            }
            TyKind::String => {
                let order = self.b.rt(RtFn::StringCompare, vec![a, b], Ty::I32);
                let zero = self.b.i32(0);
                let greater = self.b.binary(BinaryOp::GtI32, order, zero);
                (greater, self.b.binary(BinaryOp::LtI32, order, zero))
            }
            _ => {
                let greater = self.ordering(VeraOp::Gt, ty, a, b);
                (greater, self.ordering(VeraOp::Lt, ty, a, b))
            }
        };
        let sign = self.b.binary(BinaryOp::SubI32, greater, less);
        let one = self.b.i32(1);
        self.b.binary(BinaryOp::AddI32, sign, one)
    }

    pub(super) fn hash(&mut self, ty: VeraTy, value: Option<ValueId>) -> ValueId {
        let Some(value) = value else { return self.b.i64(0) };
        let (ty, value) = self.opened(ty, value);
        match self.lo.types.base_kind(ty) {
            TyKind::Int | TyKind::Nat => value,
            TyKind::Bool | TyKind::Byte => self.b.unary(UnaryOp::I32ToI64, value),
            TyKind::Float64 => {
                // Every NaN hashes alike.
                let is_nan = self.b.binary(BinaryOp::NeF64, value, value);
                self.b.open();
                let nan = self.b.i64(0x7ff8_0000_0000_0000);
                let then = Box::new(self.b.close(vec![nan]));
                self.b.open();
                let bits = self.b.unary(UnaryOp::F64Bits, value);
                let otherwise = Box::new(self.b.close(vec![bits]));
                self.b.one(Op::If { cond: is_nan, then, otherwise }, Ty::I64)
            }
            TyKind::String => self.b.rt(RtFn::StringHash, vec![value], Ty::I64),
            TyKind::Decimal => self.b.rt(RtFn::DecimalHash, vec![value], Ty::I64),
            _ => {
                let func = self.lo.structural(Structural::Hash, ty);
                self.b.one(Op::Call { func, args: vec![value] }, Ty::I64)
            }
        }
    }

    pub(super) fn hash_basis(&mut self) -> ValueId {
        self.b.i64(HASH_BASIS)
    }

    pub(super) fn mix(&mut self, acc: ValueId, value: ValueId) -> ValueId {
        let mixed = self.b.binary(BinaryOp::XorI64, acc, value);
        let prime = self.b.i64(HASH_PRIME);
        self.b.binary(BinaryOp::MulI64, mixed, prime)
    }

    /// Shapes of all constructors of a compound type, with their names.
    pub(super) fn shapes(&mut self, ty: VeraTy) -> Vec<(String, CtorShape)> {
        match self.lo.types.base_kind(ty).clone() {
            TyKind::Data(data, args) => self.data_shapes(data, &args),
            TyKind::Tuple(parts) => vec![(String::new(), self.lo.object_shape(0, parts))],
            _ => Vec::new(),
        }
    }

    fn data_shapes(&mut self, data: DataId, args: &[VeraTy]) -> Vec<(String, CtorShape)> {
        let names: Vec<String> =
            self.lo.program.data(data).ctors.iter().map(|c| c.name.to_string()).collect();
        names
            .into_iter()
            .enumerate()
            .map(|(i, name)| (name, self.lo.ctor_shape(data, i as u32, args)))
            .collect()
    }

    pub(super) fn field(&mut self, object: ValueId, slot: Option<(u32, Mem)>) -> Option<ValueId> {
        let (offset, mem) = slot?;
        Some(self.b.one(Op::Load { object, offset, mem }, mem.ty()))
    }

    /// The tag of a value of a data type.
    pub(super) fn tag(&mut self, ty: VeraTy, value: ValueId) -> ValueId {
        match self.lo.repr(ty) {
            Repr::Enum => value,
            _ => self.b.one(Op::Tag { object: value }, Ty::I32),
        }
    }

    /// Runs `arm` for each constructor in a region of its own, as the cases of a
    /// switch over `tag` that ends the function.
    pub(super) fn each_ctor(
        &mut self,
        tag: ValueId,
        shapes: &[(String, CtorShape)],
        arm: &mut dyn FnMut(&mut Self, usize, &str, &CtorShape),
    ) {
        let mut cases = Vec::new();
        for (i, (name, shape)) in shapes.iter().enumerate() {
            self.b.open();
            arm(self, i, name, shape);
            self.b.end(Terminator::Unreachable);
            cases.push(self.b.close(Vec::new()));
        }
        let last = cases.pop().expect("a data type has constructors");
        self.b.none(Op::Switch { on: tag, cases, default: Box::new(last) });
        self.b.end(Terminator::Unreachable);
    }

    /// The last field is compared by a tail call, so that lists of any length
    /// compare in constant stack space.
    fn eq_function(&mut self, what: Structural, ty: VeraTy) {
        let a = self.b.param(Ty::Ref);
        let b = self.b.param(Ty::Ref);
        self.b.func.results = vec![Ty::I32];
        let same = self.b.binary(BinaryOp::EqRef, a, b);
        // Identical references are equal unless a NaN lies inside.
        let reflexive = what == Structural::KeyEq || !self.holds_float(ty);
        if reflexive {
            self.return_if(same, 1);
        }
        if let Some(cycle) = self.branching_cycle(ty) {
            return self.equal_by_pairs(what, ty, &cycle, a, b);
        }
        if let TyKind::Array(element) = *self.lo.types.base_kind(ty) {
            return self.equal_arrays(what, element, a, b);
        }
        let shapes = self.shapes(ty);
        let (ta, tb) = (self.tag(ty, a), self.tag(ty, b));
        let differ = self.b.binary(BinaryOp::NeI32, ta, tb);
        self.return_if(differ, 0);
        self.each_ctor(ta, &shapes, &mut |this, _, _, shape| {
            let fields: Vec<(VeraTy, (u32, Mem))> = shape
                .fields
                .iter()
                .zip(&shape.slots)
                .filter_map(|(ty, slot)| slot.map(|s| (*ty, s)))
                .collect();
            let Some(((last_ty, last_slot), init)) = fields.split_last() else {
                let yes = this.b.i32(1);
                return this.b.end(Terminator::Return(vec![yes]));
            };
            for (ty, slot) in init {
                let x = this.field(a, Some(*slot)).expect("the field takes space");
                let y = this.field(b, Some(*slot)).expect("the field takes space");
                let equal = this.equal_part(what, *ty, x, y);
                let differ = this.b.unary(UnaryOp::Not, equal);
                this.return_if(differ, 0);
            }
            let x = this.field(a, Some(*last_slot)).expect("the field takes space");
            let y = this.field(b, Some(*last_slot)).expect("the field takes space");
            let ((_, x), (last, y)) = (this.opened(*last_ty, x), this.opened(*last_ty, y));
            if this.lo.key_class(last) == KeyClass::Structural {
                let func = this.lo.structural(what, last);
                let loc = this.b.loc;
                this.b.end(Terminator::TailCall { func, args: vec![x, y], loc });
            } else {
                let equal = this.equal_part(what, last, x, y);
                this.b.end(Terminator::Return(vec![equal]));
            }
        });
    }

    pub(super) fn equal_part(
        &mut self,
        what: Structural,
        ty: VeraTy,
        a: ValueId,
        b: ValueId,
    ) -> ValueId {
        if what == Structural::KeyEq { self.key_equal(ty, a, b) } else { self.equal(ty, a, b) }
    }

    /// Whether a `Float64` can be reached from a value of the type.
    pub(super) fn holds_float(&mut self, ty: VeraTy) -> bool {
        let mut seen = Vec::new();
        let mut work = vec![ty];
        while let Some(ty) = work.pop() {
            let ty = self.lo.types.plain(ty);
            if seen.contains(&ty) {
                continue;
            }
            seen.push(ty);
            if matches!(self.lo.types.base_kind(ty), TyKind::Float64) {
                return true;
            }
            if let TyKind::Array(element) = self.lo.types.base_kind(ty) {
                work.push(*element);
            }
            for (_, shape) in self.shapes(ty) {
                work.extend(shape.fields);
            }
        }
        false
    }

    pub(super) fn return_if(&mut self, cond: ValueId, value: i32) {
        let value = self.b.i32(value);
        self.return_value_if(cond, value);
    }

    pub(super) fn return_value_if(&mut self, cond: ValueId, value: ValueId) {
        self.b.open();
        self.b.end(Terminator::Return(vec![value]));
        let then = Box::new(self.b.close(Vec::new()));
        self.b.open();
        let otherwise = Box::new(self.b.close(Vec::new()));
        self.b.none(Op::If { cond, then, otherwise });
    }

    /// `check(value)`: checks the refinements, and of a value that is supplied the invariants,
    /// of what the value holds.
    fn check_function(&mut self, ty: VeraTy) {
        let value = self.b.param(Ty::Ref);
        if let TyKind::Array(element) = *self.lo.types.base_kind(ty) {
            let repr = self.lo.repr(element);
            let len = self.b.seq_len(value);
            self.for_each(value, len, repr, Vec::new(), &mut |this, _, x, _| {
                this.check_part(x, element);
                Vec::new()
            });
            return self.b.end(Terminator::Return(Vec::new()));
        }
        if matches!(self.lo.types.base_kind(ty), TyKind::Map(..) | TyKind::Set(_)) {
            self.check_entries(ty, value);
            return self.b.end(Terminator::Return(Vec::new()));
        }
        let shapes = self.shapes(ty);
        let tag = match self.lo.types.base_kind(ty) {
            TyKind::Tuple(_) => self.b.i32(0),
            _ => self.tag(ty, value),
        };
        let has_invariant = self.checks_supplied && self.lo.invariant(ty).is_some();
        self.each_ctor(tag, &shapes, &mut |this, _, _, shape| {
            let mut last = None;
            for (ty, slot) in shape.fields.iter().zip(&shape.slots) {
                if slot.is_none() || !this.is_checked(*ty) {
                    continue;
                }
                if let Some((ty, field)) = last.take() {
                    this.check_part(field, ty);
                }
                last = this.field(value, *slot).map(|field| (*ty, field));
            }
            if has_invariant {
                last.into_iter().for_each(|(ty, field)| this.check_part(field, ty));
                this.invariant_check(value, ty, || "component".to_owned());
                this.b.end(Terminator::Return(Vec::new()));
            } else {
                this.check_last(last);
            }
        });
    }

    /// Whether a check of a value of the type has anything to do.
    pub(super) fn is_checked(&mut self, ty: VeraTy) -> bool {
        self.lo.is_constrained(ty) || self.checks_supplied && self.lo.has_invariants(ty)
    }

    /// The function that checks the parts of a value.
    pub(super) fn part_check(&mut self, ty: VeraTy) -> FuncId {
        let supplied = self.checks_supplied && self.lo.has_invariants(ty);
        let what = if supplied { Structural::CheckSupplied } else { Structural::Check };
        self.lo.structural(what, ty)
    }

    /// The last part of a value is checked by a tail call, so that a list of any
    /// length is checked in constant stack space.
    fn check_last(&mut self, part: Option<(VeraTy, ValueId)>) {
        if let Some((ty, field)) = part {
            let (ty, field) = match self.lo.types.kind(ty) {
                TyKind::Future(_) => self.opened(ty, field),
                _ => (ty, field),
            };
            let compound = self.lo.repr(ty) == Repr::Ref
                && matches!(
                    self.lo.types.kind(ty),
                    TyKind::Data(..)
                        | TyKind::Tuple(_)
                        | TyKind::Array(_)
                        | TyKind::Map(..)
                        | TyKind::Set(_)
                );
            if compound {
                let func = self.part_check(ty);
                let loc = self.b.loc;
                return self.b.end(Terminator::TailCall { func, args: vec![field], loc });
            }
            self.check_part(field, ty);
        }
        self.b.end(Terminator::Return(Vec::new()));
    }

    fn hash_function(&mut self, what: Structural, ty: VeraTy) {
        let repr = self.lo.repr(ty);
        let value = self.b.param(repr.ty().expect("a compound value takes space"));
        self.b.func.results = vec![Ty::I64];
        let is_key = what == Structural::KeyHash;
        let cycle = self.lo.cycle_of_type(ty);
        if !cycle.is_empty() {
            let fold = if is_key { Fold::KeyHash } else { Fold::Hash };
            let nothing = self.b.i64(0);
            return self.by_tasks(fold, ty, &cycle, nothing, value);
        }
        let basis = self.hash_basis();
        match *self.lo.types.base_kind(ty) {
            TyKind::Array(element) => {
                let hash = if is_key {
                    self.key_hash_array(element, value)
                } else {
                    self.hash_array(basis, element, value)
                };
                return self.b.end(Terminator::Return(vec![hash]));
            }
            TyKind::Map(..) | TyKind::Set(_) => {
                let hash = self.hash_map(basis, ty, value);
                return self.b.end(Terminator::Return(vec![hash]));
            }
            _ => {}
        }
        let shapes = self.shapes(ty);
        let tag = match self.lo.types.base_kind(ty) {
            TyKind::Tuple(_) => self.b.i32(0),
            _ => self.tag(ty, value),
        };
        let wide = self.b.unary(UnaryOp::I32ToI64, tag);
        let start = if is_key { wide } else { self.mix(basis, wide) };
        self.each_ctor(tag, &shapes, &mut |this, _, _, shape| {
            let mut acc = start;
            for (ty, slot) in shape.fields.iter().zip(&shape.slots) {
                let field = this.field(value, *slot);
                acc = if is_key {
                    let part = this.key_hash(*ty, field);
                    this.b.rt(RtFn::KeyHashMix, vec![acc, part], Ty::I64)
                } else {
                    let part = this.hash(*ty, field);
                    this.mix(acc, part)
                };
            }
            this.b.end(Terminator::Return(vec![acc]));
        });
    }

    fn hash_array(&mut self, basis: ValueId, element: VeraTy, array: ValueId) -> ValueId {
        let repr = self.lo.repr(element);
        let len = self.b.seq_len(array);
        let wide = self.b.unary(UnaryOp::I32ToI64, len);
        let acc = self.mix(basis, wide);
        self.for_each(array, len, repr, vec![acc], &mut |this, _, x, carried| {
            let h = this.hash(element, Some(x));
            vec![this.mix(carried[0], h)]
        })[0]
    }

    /// The sum of the hashes of the entries, which does not depend on their order.
    fn hash_map(&mut self, basis: ValueId, ty: VeraTy, map: ValueId) -> ValueId {
        let size = self.map_size(map);
        let start = self.mix(basis, size);
        self.fold_entries(ty, map, start, &mut |this, shape, _, entry, sum| {
            let key = this.entry_key(shape, entry);
            let key = this.hash(shape.key_ty, key);
            let mut hash = this.mix(basis, key);
            if let Some(value_ty) = shape.value_ty {
                let value = this.entry_value(shape, entry);
                let value = this.hash(value_ty, value);
                hash = this.mix(hash, value);
            }
            this.b.binary(BinaryOp::AddI64, sum, hash)
        })
    }
}

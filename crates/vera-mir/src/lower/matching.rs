//! `match` and destructuring: decision trees ([`decision`](super::decision)) as code.
//!
//! An arm that several leaves reach is emitted once, behind a block that the leaves
//! leave with their bindings.

mod literals;

use std::collections::HashMap;

use smol_str::SmolStr;
use vera_abi::runtime::RtFn;
use vera_check::typed::{Arm, DataId, ExprId, LocalId, NarrowSite, Pattern, PatternKind};
use vera_check::types::{Ty as VeraTy, TyKind};

use super::data::Repr;
use super::decision::{self, Occ, OccId, Test, Tree};
use super::functions::FnLower;
use crate::ir::*;

/// What happens with the value of an arm, or of another part that gives the value
/// of the whole.
#[derive(Clone, Copy)]
pub(super) enum Exit {
    Return,
    /// Leaves this block, with the value if it takes space.
    Break(LabelId, Option<Ty>),
}

/// Where control goes from the tree of some arms.
#[derive(Clone, Copy)]
struct Exits {
    exit: Exit,
    /// The block to leave when none of the arms matches.
    next: Option<LabelId>,
}

impl FnLower<'_, '_> {
    /// Lowers a `match`. In tail position every arm returns, and what follows
    /// is unreachable.
    pub(super) fn match_(
        &mut self,
        e: ExprId,
        scrutinee: ExprId,
        arms: &[Arm],
        tail: bool,
    ) -> Option<ValueId> {
        let ty = self.ty(scrutinee);
        let value = self.expr(scrutinee);
        let patterns: Vec<&Pattern> = arms.iter().map(|a| &a.pattern).collect();
        let (trees, occs) = decision::trees(self.lo, ty, &patterns);
        let known = HashMap::from([(0, value)]);
        if tail {
            self.emit_trees(&trees, &occs, &known, arms, Exit::Return);
            return None;
        }
        let result = self.repr_of(e).ty();
        let label = self.b.func.new_label();
        self.b.open();
        self.emit_trees(&trees, &occs, &known, arms, Exit::Break(label, result));
        self.b.end(Terminator::Unreachable);
        let body = Box::new(self.b.close(Vec::new()));
        let results: Vec<Ty> = result.into_iter().collect();
        self.b.emit(Op::Block { label, body }, &results).first().copied()
    }

    /// Emits trees, each in a block that it leaves where none of its arms matches.
    fn emit_trees(
        &mut self,
        trees: &[Tree],
        occs: &[Occ],
        known: &HashMap<OccId, Option<ValueId>>,
        arms: &[Arm],
        exit: Exit,
    ) {
        let Some((last, others)) = trees.split_last() else { return };
        for tree in others {
            let next = self.b.func.new_label();
            self.b.open();
            self.emit_arms(tree, occs, known.clone(), arms, Exits { exit, next: Some(next) });
            self.b.end(Terminator::Unreachable);
            let body = Box::new(self.b.close(Vec::new()));
            self.b.none(Op::Block { label: next, body });
        }
        self.emit_arms(last, occs, known.clone(), arms, Exits { exit, next: None });
    }

    /// Emits a tree, with a block around it for each arm several leaves reach.
    fn emit_arms(
        &mut self,
        root: &Tree,
        occs: &[Occ],
        known: HashMap<OccId, Option<ValueId>>,
        arms: &[Arm],
        exits: Exits,
    ) {
        let mut counts = vec![0; arms.len()];
        root.count_leaves(&mut counts);
        let shared: Vec<usize> = (0..arms.len()).filter(|a| counts[*a] > 1).collect();
        let mut labels = HashMap::new();
        for arm in &shared {
            let label = self.b.func.new_label();
            labels.insert(*arm, label);
            self.b.open();
        }
        self.emit_tree(root, occs, known, arms, exits, &labels);
        for arm in shared.iter().rev() {
            // The tree before leaves through its arms only.
            self.b.end(Terminator::Unreachable);
            let body = Box::new(self.b.close(Vec::new()));
            let mut locals = Vec::new();
            binders(&arms[*arm].pattern, &mut locals);
            let mut tys = Vec::new();
            let mut bound = Vec::new();
            for local in locals {
                let ty = self.local_ty(local);
                match self.lo.repr(ty).ty() {
                    Some(ty) => {
                        tys.push(ty);
                        bound.push(local);
                    }
                    None => {
                        self.locals.insert(local, None);
                    }
                }
            }
            let values = self.b.emit(Op::Block { label: labels[arm], body }, &tys);
            for (local, value) in bound.into_iter().zip(values) {
                self.locals.insert(local, Some(value));
            }
            self.arm_body(arms[*arm].body, exits.exit);
        }
    }

    fn emit_tree(
        &mut self,
        tree: &Tree,
        occs: &[Occ],
        mut known: HashMap<OccId, Option<ValueId>>,
        arms: &[Arm],
        exits: Exits,
        labels: &HashMap<usize, LabelId>,
    ) {
        match tree {
            Tree::Fail => self.b.end(match exits.next {
                Some(next) => Terminator::Break(next, Vec::new()),
                None => Terminator::Unreachable,
            }),
            Tree::Leaf { arm, binds } => {
                let mut values = HashMap::new();
                for bind in binds {
                    let value = self.occurrence(bind.occ, occs, &mut known);
                    let occ = &occs[bind.occ];
                    self.bind(bind.local, occ.ty, value, &occ.site());
                    values.insert(bind.local, self.locals[&bind.local]);
                }
                match labels.get(arm) {
                    Some(label) => {
                        let mut locals = Vec::new();
                        binders(&arms[*arm].pattern, &mut locals);
                        let args = locals.iter().filter_map(|l| values[l]).collect();
                        self.b.end(Terminator::Break(*label, args));
                    }
                    None => self.arm_body(arms[*arm].body, exits.exit),
                }
            }
            Tree::Branch { occ, cases, default } => {
                let value = self.occurrence(*occ, occs, &mut known);
                let value = value.unwrap_or_else(|| self.b.func.new_value(Ty::I32));
                let ty = occs[*occ].ty;
                known.insert(*occ, Some(value));
                let (ty, value) = self.opened(ty, value);
                self.emit_tests(value, ty, cases, default.as_deref(), &mut |this, tree| {
                    this.emit_tree(tree, occs, known.clone(), arms, exits, labels);
                });
            }
        }
    }

    /// Binds a local at a leaf, checking that the value belongs to its type.
    fn bind(&mut self, local: LocalId, from: VeraTy, value: Option<ValueId>, site: &NarrowSite) {
        let to = self.local_ty(local);
        let (mut from, mut value) = (from, value);
        // A `Future(…)` around the pattern stands for the value.
        while self.lo.types.futures(from) > self.lo.types.futures(to)
            && let TyKind::Future(inner) = *self.lo.types.base_kind(from)
        {
            value = value.map(|future| self.awaited(inner, future));
            from = inner;
        }
        let value = self.defined(local, value);
        let value = value.map(|value| {
            let before = self.place(self.body[local].span);
            self.binding = Some(self.body[local].slot.clone());
            let value = self.narrowed(value, from, to, site);
            self.binding = None;
            self.b.loc = before;
            value
        });
        self.locals.insert(local, value);
    }

    fn arm_body(&mut self, body: ExprId, exit: Exit) {
        match exit {
            Exit::Return => self.tail(body),
            Exit::Break(label, Some(_)) => {
                let value = self.value(body);
                self.b.end(Terminator::Break(label, vec![value]));
            }
            Exit::Break(label, None) => {
                self.expr(body);
                self.b.end(Terminator::Break(label, Vec::new()));
            }
        }
    }

    /// The value of an occurrence, read on first use.
    fn occurrence(
        &mut self,
        id: OccId,
        occs: &[Occ],
        known: &mut HashMap<OccId, Option<ValueId>>,
    ) -> Option<ValueId> {
        if let Some(value) = known.get(&id) {
            return *value;
        }
        let occ = &occs[id];
        let value = match (occ.parent, occ.slot) {
            (Some(parent), Some((offset, mem))) => {
                let object = self.occurrence(parent, occs, known)?;
                let (_, object) = self.opened(occs[parent].ty, object);
                Some(self.b.one(Op::Load { object, offset, mem }, mem.ty()))
            }
            _ => None,
        };
        known.insert(id, value);
        value
    }

    /// Emits the choice between cases; every case ends its region.
    fn emit_tests(
        &mut self,
        value: ValueId,
        ty: VeraTy,
        cases: &[(Test, Tree)],
        default: Option<&Tree>,
        emit: &mut dyn FnMut(&mut Self, &Tree),
    ) {
        let fail = Tree::Fail;
        match &cases[0].0 {
            Test::Ctor(_) => self.emit_ctors(value, ty, cases, default, emit),
            Test::Bool(first) => {
                let other = cases.get(1).map(|(_, t)| t).or(default).unwrap_or(&fail);
                let (yes, no) = if *first { (&cases[0].1, other) } else { (other, &cases[0].1) };
                let then = self.then(|this| emit(this, yes));
                self.choice(value, then, |this| emit(this, no));
            }
            Test::Int(_) | Test::Str(_) if cases.len() > literals::FEW => {
                self.emit_search(value, ty, cases, default, emit);
            }
            Test::Int(_) | Test::Str(_) => {
                let (first, rest) = cases.split_first().expect("a branch has cases");
                self.literal_case(value, ty, first, emit, |this, emit| {
                    match (rest.is_empty(), default) {
                        (true, Some(default)) => emit(this, default),
                        (true, None) => this.b.end(Terminator::Unreachable),
                        (false, _) => this.emit_tests(value, ty, rest, default, emit),
                    }
                });
            }
        }
    }

    /// A region that ends.
    fn then(&mut self, then: impl FnOnce(&mut Self)) -> Box<Region> {
        self.b.open();
        then(self);
        self.b.end(Terminator::Unreachable);
        Box::new(self.b.close(Vec::new()))
    }

    /// An `if` both of whose parts end.
    fn choice(&mut self, cond: ValueId, then: Box<Region>, otherwise: impl FnOnce(&mut Self)) {
        let otherwise = self.then(otherwise);
        self.b.none(Op::If { cond, then, otherwise });
        self.b.end(Terminator::Unreachable);
    }

    fn emit_ctors(
        &mut self,
        value: ValueId,
        ty: VeraTy,
        cases: &[(Test, Tree)],
        default: Option<&Tree>,
        emit: &mut dyn FnMut(&mut Self, &Tree),
    ) {
        let (data, args) = match self.lo.types.value_kind(ty).clone() {
            TyKind::Data(data, args) => (data, args),
            // A tuple has one shape; nothing to test.
            _ => return emit(self, &cases[0].1),
        };
        let count = self.lo.program.data(data).ctors.len();
        let fail = Tree::Fail;
        let trees: HashMap<&Test, &Tree> = cases.iter().map(|(test, tree)| (test, tree)).collect();
        let case = |ctor: u32| trees.get(&Test::Ctor(ctor)).copied();
        if count == 1 {
            return emit(self, case(0).or(default).unwrap_or(&fail));
        }
        if self.lo.repr(ty) == Repr::Enum && count > 2 {
            return self.switch(value, count, &case, default, emit);
        }
        if count == 2 {
            let is_second = self.second_of_two(value, ty, data, &args);
            let (first, second) =
                (case(0).or(default).unwrap_or(&fail), case(1).or(default).unwrap_or(&fail));
            let then = self.then(|this| emit(this, second));
            return self.choice(is_second, then, |this| emit(this, first));
        }
        let tag = self.b.one(Op::Tag { object: value }, Ty::I32);
        self.switch(tag, count, &case, default, emit);
    }

    /// 1 when a value of a two-constructor type has the second one.
    fn second_of_two(
        &mut self,
        value: ValueId,
        ty: VeraTy,
        data: DataId,
        args: &[VeraTy],
    ) -> ValueId {
        if self.lo.repr(ty) == Repr::Enum {
            return value;
        }
        let empty = |this: &mut Self, ctor| this.lo.ctor_shape(data, ctor, args).layout.is_none();
        match (empty(self, 0), empty(self, 1)) {
            (false, true) => self.b.one(Op::IsImmediate(value), Ty::I32),
            (true, false) => {
                let first = self.b.one(Op::IsImmediate(value), Ty::I32);
                self.b.unary(UnaryOp::Not, first)
            }
            (true, true) => self.b.unary(UnaryOp::RefToI32, value),
            (false, false) => self.b.one(Op::Tag { object: value }, Ty::I32),
        }
    }

    fn switch<'t>(
        &mut self,
        on: ValueId,
        count: usize,
        case: &dyn Fn(u32) -> Option<&'t Tree>,
        default: Option<&'t Tree>,
        emit: &mut dyn FnMut(&mut Self, &Tree),
    ) {
        let last = (0..count as u32).rev().find(|c| case(*c).is_some()).unwrap_or(0);
        let mut cases = Vec::new();
        let fail = Tree::Fail;
        for ctor in 0..=last {
            self.b.open();
            emit(self, case(ctor).or(default).unwrap_or(&fail));
            self.b.end(Terminator::Unreachable);
            cases.push(self.b.close(Vec::new()));
        }
        self.b.open();
        emit(self, default.unwrap_or(&fail));
        self.b.end(Terminator::Unreachable);
        let default = Box::new(self.b.close(Vec::new()));
        self.b.none(Op::Switch { on, cases, default });
        self.b.end(Terminator::Unreachable);
    }

    /// Binds the parts of a destructured value.
    pub(super) fn destructure(&mut self, pattern: &Pattern, value: Option<ValueId>) {
        let ty = self.subst(pattern.ty);
        let (trees, occs) = decision::trees(self.lo, ty, &[pattern]);
        let Some(mut leaf) = trees.first() else { return };
        while let Tree::Branch { cases, .. } = leaf {
            leaf = &cases[0].1;
        }
        let mut known = HashMap::from([(0, value)]);
        let site = NarrowSite::Destructure(match &pattern.kind {
            PatternKind::Ctor { data, ctor, .. } => {
                self.lo.program.data(*data).ctors[*ctor as usize].name.clone()
            }
            PatternKind::Wildcard
            | PatternKind::Bind(_)
            | PatternKind::Tuple(_)
            | PatternKind::Int(_)
            | PatternKind::Str(_)
            | PatternKind::Bool(_) => SmolStr::new_static("Tuple"),
        });
        if let Tree::Leaf { binds, .. } = leaf {
            for bind in binds {
                let value = self.occurrence(bind.occ, &occs, &mut known);
                self.bind(bind.local, occs[bind.occ].ty, value, &site);
            }
        }
    }
}

/// The binders of a pattern, left to right.
fn binders(pattern: &Pattern, out: &mut Vec<LocalId>) {
    match &pattern.kind {
        PatternKind::Bind(local) => out.push(*local),
        PatternKind::Ctor { args, .. } | PatternKind::Tuple(args) => {
            args.iter().for_each(|p| binders(p, out))
        }
        PatternKind::Wildcard
        | PatternKind::Int(_)
        | PatternKind::Str(_)
        | PatternKind::Bool(_) => {}
    }
}

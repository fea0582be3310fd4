//! `match` as decision trees: each value is tested at most once on a path, and
//! the tests of a path are those its arms need (Maranget, "Compiling pattern
//! matching to good decision trees", 2008; the column is the first that the
//! first row tests).
//!
//! The tree is built first, over *occurrences* – the scrutinee and parts of it –
//! and then emitted. An arm that several leaves reach is emitted once, behind a
//! block that the leaves leave with their bindings.

mod literals;

use std::collections::HashMap;

use smol_str::SmolStr;
use vera_abi::runtime::RtFn;
use vera_check::typed::{Arm, DataId, ExprId, LocalId, NarrowSite, Pattern, PatternKind};
use vera_check::types::{Ty as VeraTy, TyKind};

use super::data::Repr;
use super::functions::FnLower;
use crate::ir::*;

/// Index of an occurrence.
type OccId = usize;

/// A part of the scrutinee.
struct Occ {
    /// `None` for the scrutinee itself.
    parent: Option<OccId>,
    /// The constructor of its parent.
    of: SmolStr,
    /// Where it lies in its parent; `None` when it takes no space.
    slot: Option<(u32, Mem)>,
    ty: VeraTy,
}

impl Occ {
    fn whole(ty: VeraTy) -> Occ {
        Occ { parent: None, of: SmolStr::default(), slot: None, ty }
    }

    /// How messages name an arm's binding of it.
    fn site(&self) -> NarrowSite {
        match self.parent {
            None => NarrowSite::MatchBinding,
            Some(_) => NarrowSite::SubPattern(self.of.clone()),
        }
    }
}

/// One arm, or part of one, in the matrix.
#[derive(Clone)]
struct Row<'p> {
    /// (occurrence, pattern) for every part still to be tested or bound.
    tests: Vec<(OccId, &'p Pattern)>,
    binds: Vec<Binding>,
    arm: usize,
}

#[derive(Clone)]
struct Binding {
    local: LocalId,
    occ: OccId,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Test {
    Ctor(u32),
    Int(i64),
    Str(SmolStr),
    Bool(bool),
}

enum Tree {
    Leaf {
        arm: usize,
        binds: Vec<Binding>,
    },
    Branch {
        occ: OccId,
        cases: Vec<(Test, Tree)>,
        default: Option<Box<Tree>>,
    },
    /// No arm matches; the checker has shown that this cannot happen.
    Fail,
}

/// What happens with the value of an arm, or of another part that gives the value
/// of the whole.
#[derive(Clone, Copy)]
pub(super) enum Exit {
    Return,
    /// Leaves this block, with the value if it takes space.
    Break(LabelId, Option<Ty>),
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
        let mut tree = TreeBuilder { this: self, occs: vec![Occ::whole(ty)] };
        let rows = arms
            .iter()
            .enumerate()
            .map(|(i, a)| Row { tests: vec![(0, &a.pattern)], binds: Vec::new(), arm: i })
            .collect();
        let root = tree.build(rows);
        let occs = tree.occs;
        let known = HashMap::from([(0, value)]);
        if tail {
            self.emit_arms(&root, &occs, known, arms, Exit::Return);
            return None;
        }
        let result = self.repr_of(e).ty();
        let label = self.b.func.new_label();
        self.b.open();
        self.emit_arms(&root, &occs, known, arms, Exit::Break(label, result));
        self.b.end(Terminator::Unreachable);
        let body = Box::new(self.b.close(Vec::new()));
        let results: Vec<Ty> = result.into_iter().collect();
        self.b.emit(Op::Block { label, body }, &results).first().copied()
    }

    /// Emits the tree, with a block around it for each arm several leaves reach.
    fn emit_arms(
        &mut self,
        root: &Tree,
        occs: &[Occ],
        known: HashMap<OccId, Option<ValueId>>,
        arms: &[Arm],
        exit: Exit,
    ) {
        let mut counts = vec![0; arms.len()];
        count_leaves(root, &mut counts);
        let shared: Vec<usize> = (0..arms.len()).filter(|a| counts[*a] > 1).collect();
        let mut labels = HashMap::new();
        for arm in &shared {
            let label = self.b.func.new_label();
            labels.insert(*arm, label);
            self.b.open();
        }
        self.emit_tree(root, occs, known, arms, exit, &labels);
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
            self.arm_body(arms[*arm].body, exit);
        }
    }

    fn emit_tree(
        &mut self,
        tree: &Tree,
        occs: &[Occ],
        mut known: HashMap<OccId, Option<ValueId>>,
        arms: &[Arm],
        exit: Exit,
        labels: &HashMap<usize, LabelId>,
    ) {
        match tree {
            Tree::Fail => self.b.end(Terminator::Unreachable),
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
                    None => self.arm_body(arms[*arm].body, exit),
                }
            }
            Tree::Branch { occ, cases, default } => {
                let value = self.occurrence(*occ, occs, &mut known);
                let value = value.unwrap_or_else(|| self.b.func.new_value(Ty::I32));
                let ty = occs[*occ].ty;
                self.emit_tests(value, ty, cases, default.as_deref(), &mut |this, tree| {
                    this.emit_tree(tree, occs, known.clone(), arms, exit, labels);
                });
            }
        }
    }

    /// Binds a local at a leaf, checking that the value belongs to its type.
    fn bind(&mut self, local: LocalId, from: VeraTy, value: Option<ValueId>, site: &NarrowSite) {
        let value = self.defined(local, value);
        let to = self.local_ty(local);
        if let Some(value) = value {
            let before = self.place(self.body[local].span);
            self.binding = Some(self.body[local].slot.clone());
            self.narrow_value(value, from, to, site);
            self.binding = None;
            self.b.loc = before;
        }
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
                let ((test, tree), rest) = cases.split_first().expect("a branch has cases");
                let cond = self.literal_test(value, ty, test);
                let then = self.then(|this| emit(this, tree));
                self.choice(cond, then, |this| match (rest.is_empty(), default) {
                    (true, Some(default)) => emit(this, default),
                    (true, None) => this.b.end(Terminator::Unreachable),
                    (false, _) => this.emit_tests(value, ty, rest, default, emit),
                });
            }
        }
    }

    fn literal_test(&mut self, value: ValueId, ty: VeraTy, test: &Test) -> ValueId {
        match test {
            Test::Int(n) if self.lo.repr(ty) == Repr::I64 => {
                let n = self.b.i64(*n);
                self.b.binary(BinaryOp::EqI64, value, n)
            }
            Test::Int(n) => {
                let n = self.b.i32(*n as i32);
                self.b.binary(BinaryOp::EqI32, value, n)
            }
            Test::Str(text) => {
                let text = self.string(text);
                self.b.rt(RtFn::StringEq, vec![value, text], Ty::I32)
            }
            Test::Ctor(_) | Test::Bool(_) => unreachable!("literals only"),
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
        let (data, args) = match self.lo.types.base_kind(ty).clone() {
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
        let mut tree = TreeBuilder { this: self, occs: vec![Occ::whole(ty)] };
        let row = Row { tests: vec![(0, pattern)], binds: Vec::new(), arm: 0 };
        let root = tree.build(vec![row]);
        let occs = tree.occs;
        let mut leaf = &root;
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

fn count_leaves(tree: &Tree, counts: &mut [usize]) {
    match tree {
        Tree::Leaf { arm, .. } => counts[*arm] += 1,
        Tree::Branch { cases, default, .. } => {
            cases.iter().for_each(|(_, t)| count_leaves(t, counts));
            if let Some(default) = default {
                count_leaves(default, counts);
            }
        }
        Tree::Fail => {}
    }
}

struct TreeBuilder<'t, 'l, 'a> {
    this: &'t mut FnLower<'l, 'a>,
    occs: Vec<Occ>,
}

impl TreeBuilder<'_, '_, '_> {
    fn build(&mut self, mut rows: Vec<Row<'_>>) -> Tree {
        for row in &mut rows {
            settle(row);
        }
        let Some(first) = rows.first() else { return Tree::Fail };
        let Some((occ, pattern)) = first.tests.first().copied() else {
            return Tree::Leaf { arm: first.arm, binds: first.binds.clone() };
        };
        if let PatternKind::Tuple(parts) = &pattern.kind {
            let fields = self.tuple_fields(occ, parts.len());
            let rows = rows.iter().map(|r| expand(r, occ, &fields)).collect();
            return self.build(rows);
        }
        let (groups, untested) = self.groups(rows, occ);
        let complete = self.is_complete(occ, &groups);
        let cases = groups.into_iter().map(|(test, rows)| (test, self.build(rows))).collect();
        let default = (!complete).then(|| Box::new(self.build(untested)));
        Tree::Branch { occ, cases, default }
    }

    /// The rows for each test of an occurrence, in the order of the first row with
    /// it, and the rows that do not test it.
    fn groups<'p>(
        &mut self,
        rows: Vec<Row<'p>>,
        occ: OccId,
    ) -> (Vec<(Test, Vec<Row<'p>>)>, Vec<Row<'p>>) {
        let mut groups: Vec<(Test, Vec<Row<'p>>)> = Vec::new();
        let mut fields: Vec<Vec<OccId>> = Vec::new();
        let mut places: HashMap<Test, usize> = HashMap::new();
        let mut untested: Vec<Row<'p>> = Vec::new();
        for row in rows {
            let tested = row.tests.iter().find(|(o, _)| *o == occ).and_then(|(_, p)| test(p));
            let Some(test) = tested else {
                groups.iter_mut().for_each(|(_, rows)| rows.push(row.clone()));
                untested.push(row);
                continue;
            };
            let place = *places.entry(test.clone()).or_insert_with(|| {
                fields.push(self.case_fields(occ, &test));
                groups.push((test.clone(), untested.clone()));
                groups.len() - 1
            });
            groups[place].1.extend(specialise(&row, occ, &test, &fields[place]));
        }
        (groups, untested)
    }

    fn is_complete(&mut self, occ: OccId, tests: &[(Test, Vec<Row<'_>>)]) -> bool {
        match tests[0].0 {
            Test::Bool(_) => tests.len() == 2,
            Test::Ctor(_) => match self.this.lo.types.base_kind(self.occs[occ].ty) {
                TyKind::Data(data, _) => {
                    tests.len() == self.this.lo.program.data(*data).ctors.len()
                }
                _ => true,
            },
            Test::Int(_) | Test::Str(_) => false,
        }
    }

    fn fields(&mut self, occ: OccId, of: &SmolStr, shape: super::data::CtorShape) -> Vec<OccId> {
        let mut out = Vec::new();
        for (ty, slot) in shape.fields.into_iter().zip(shape.slots) {
            self.occs.push(Occ { parent: Some(occ), of: of.clone(), slot, ty });
            out.push(self.occs.len() - 1);
        }
        out
    }

    fn tuple_fields(&mut self, occ: OccId, count: usize) -> Vec<OccId> {
        let TyKind::Tuple(parts) = self.this.lo.types.base_kind(self.occs[occ].ty).clone() else {
            unreachable!("a tuple pattern matches a tuple");
        };
        debug_assert_eq!(parts.len(), count);
        let shape = self.this.lo.object_shape(0, parts);
        self.fields(occ, &SmolStr::new_static("Tuple"), shape)
    }

    fn case_fields(&mut self, occ: OccId, test: &Test) -> Vec<OccId> {
        let Test::Ctor(ctor) = test else { return Vec::new() };
        let TyKind::Data(data, args) = self.this.lo.types.base_kind(self.occs[occ].ty).clone()
        else {
            unreachable!("a constructor pattern matches a data value");
        };
        let shape = self.this.lo.ctor_shape(data, *ctor, &args);
        let name = self.this.lo.program.data(data).ctors[*ctor as usize].name.clone();
        self.fields(occ, &name, shape)
    }
}

/// Moves binders and wildcards of a row out of its tests.
fn settle(row: &mut Row<'_>) {
    let Row { tests, binds, .. } = row;
    tests.retain(|(occ, pattern)| match &pattern.kind {
        PatternKind::Wildcard => false,
        PatternKind::Bind(local) => {
            binds.push(Binding { local: *local, occ: *occ });
            false
        }
        PatternKind::Ctor { .. }
        | PatternKind::Tuple(_)
        | PatternKind::Int(_)
        | PatternKind::Str(_)
        | PatternKind::Bool(_) => true,
    });
}

fn test(pattern: &Pattern) -> Option<Test> {
    Some(match &pattern.kind {
        PatternKind::Ctor { ctor, .. } => Test::Ctor(*ctor),
        PatternKind::Int(n) => Test::Int(*n),
        PatternKind::Str(s) => Test::Str(s.clone()),
        PatternKind::Bool(b) => Test::Bool(*b),
        PatternKind::Wildcard | PatternKind::Bind(_) | PatternKind::Tuple(_) => return None,
    })
}

/// The row with a tuple test replaced by tests of its components.
fn expand<'p>(row: &Row<'p>, occ: OccId, fields: &[OccId]) -> Row<'p> {
    let mut out = Row { tests: Vec::new(), binds: row.binds.clone(), arm: row.arm };
    for (o, pattern) in &row.tests {
        match &pattern.kind {
            PatternKind::Tuple(parts) if *o == occ => {
                out.tests.extend(fields.iter().copied().zip(parts));
            }
            _ => out.tests.push((*o, *pattern)),
        }
    }
    out
}

/// The row as it stands once `occ` passed `wanted`, or `None` when it cannot match.
fn specialise<'p>(row: &Row<'p>, occ: OccId, wanted: &Test, fields: &[OccId]) -> Option<Row<'p>> {
    let mut out = Row { tests: Vec::new(), binds: row.binds.clone(), arm: row.arm };
    for (o, pattern) in &row.tests {
        if *o != occ {
            out.tests.push((*o, *pattern));
            continue;
        }
        if test(pattern).as_ref() != Some(wanted) {
            return None;
        }
        if let PatternKind::Ctor { args, .. } = &pattern.kind {
            out.tests.extend(fields.iter().copied().zip(args));
        }
    }
    Some(out)
}

//! Values that cross between program and host (see [`vera_abi::interface`] for how).
//!
//! Every type with parts that crosses has a number in the program's table. From the type
//! are made, on first use: a function that *puts* a node of it, one that *takes* one, and
//! for all types together the two loops that do so until no node is left. What is left is
//! a list in the heap, so values may be of any depth (language reference, chapter 14.6).

pub(super) mod entries;
mod functions;
mod put;
mod take;

use std::collections::{BTreeSet, HashMap};

use vera_abi::host::HostFn;
use vera_abi::interface::{Compound, CompoundId, CompoundKind, HostCell, HostCtor, HostOp, HostTy};
use vera_abi::layout::HEADER_SIZE;
use vera_check::typed::EffectInst;
use vera_check::types::{Ty as VeraTy, TyKind};
use vera_diagnostics::{FileSpan, Span};

use self::functions::Functions;
use super::Lowerer;
use super::data::Repr;
use super::functions::FnLower;
use super::structural::{Structural, bare};
use crate::ir::*;

/// A cell of a list: the rest, the value, and in lists of what is to be put the number of
/// its type.
const NEXT: u32 = HEADER_SIZE;
const VALUE: u32 = HEADER_SIZE + 4;
const TYPE: u32 = HEADER_SIZE + 8;

/// A type whose values hold more types than this does not cross: types that grow with
/// every step into them have no end.
const MAX_WITHIN: usize = 1_000;

/// The types that cross, and the functions that see to it.
#[derive(Default)]
pub(super) struct Wire {
    known: HashMap<VeraTy, HostTy>,
    /// The same of types that hold functions, in what crosses to tasks only.
    to_tasks: HashMap<VeraTy, HostTy>,
    /// By [`CompoundId`].
    types: Vec<VeraTy>,
    /// The types whose nodes are put, and taken.
    put: BTreeSet<CompoundId>,
    taken: BTreeSet<CompoundId>,
    /// The loops, if something needs them, and whether they are lowered.
    put_all: Option<FuncId>,
    take_all: Option<FuncId>,
    finished: bool,
    pub functions: Functions,
}

impl Wire {
    /// Of a program in which function values may cross to tasks, or do not.
    pub fn of(functions: bool) -> Wire {
        Wire { functions: Functions::of(functions), ..Wire::default() }
    }
}

impl Lowerer<'_> {
    /// A closed type as the host knows it.
    pub(super) fn host_ty(&mut self, ty: VeraTy) -> HostTy {
        self.known_ty(ty, false)
    }

    /// The same of a type whose values cross to a task, or from one: function values do.
    pub(super) fn wire_ty(&mut self, ty: VeraTy) -> HostTy {
        self.known_ty(ty, true)
    }

    fn known_ty(&mut self, ty: VeraTy, to_tasks: bool) -> HostTy {
        let ty = self.types.plain(ty);
        let kind = self.types.base_kind(ty).clone();
        match kind {
            TyKind::Int => return HostTy::Int,
            TyKind::Nat => return HostTy::Nat,
            TyKind::Byte => return HostTy::Byte,
            TyKind::Bool => return HostTy::Bool,
            TyKind::Float64 => return HostTy::Float64,
            TyKind::String => return HostTy::String,
            TyKind::Decimal => return HostTy::Decimal,
            TyKind::Unit | TyKind::Never => return HostTy::Unit,
            TyKind::Fn { .. } if to_tasks => return self.functions_ty(ty),
            _ => {}
        }
        let crosses = self.crosses(ty);
        let to_tasks = to_tasks && !crosses;
        let known = if to_tasks { &self.wire.to_tasks } else { &self.wire.known };
        if let Some(known) = known.get(&ty) {
            return known.clone();
        }
        if !(crosses || to_tasks && self.crosses_to_tasks(ty)) {
            return HostTy::Opaque(self.show(ty));
        }
        // Known before its parts are, so recursion ends.
        let id = CompoundId(self.wire.types.len() as u32);
        let host = match self.repr(ty) {
            Repr::Enum => HostTy::Enum(id),
            _ => HostTy::Compound(id),
        };
        self.wire.types.push(ty);
        let known = if to_tasks { &mut self.wire.to_tasks } else { &mut self.wire.known };
        known.insert(ty, host.clone());
        let name = self.show(ty);
        let unfinished = Compound { name, kind: CompoundKind::Tuple(Vec::new()) };
        self.out.interface.compounds.push(unfinished);
        let kind = self.compound(ty, to_tasks);
        self.out.interface.compounds[id.0 as usize].kind = kind;
        host
    }

    fn compound(&mut self, ty: VeraTy, to_tasks: bool) -> CompoundKind {
        match self.types.base_kind(ty).clone() {
            TyKind::Array(element) => CompoundKind::Array(self.known_ty(element, to_tasks)),
            TyKind::Set(_) | TyKind::Map(..) => {
                let columns = self.columns(ty);
                let host: Vec<HostTy> =
                    columns.into_iter().map(|c| self.known_ty(c, to_tasks)).collect();
                match host.as_slice() {
                    [keys, values] => CompoundKind::Map(keys.clone(), values.clone()),
                    _ => CompoundKind::Set(host[0].clone()),
                }
            }
            TyKind::Tuple(parts) => {
                let parts = parts.into_iter().map(|p| self.known_ty(p, to_tasks));
                CompoundKind::Tuple(parts.collect())
            }
            TyKind::Data(data, args) => {
                let program = self.program;
                let ctors = program.data(data).ctors.iter().map(|ctor| HostCtor {
                    name: ctor.name.to_string(),
                    fields: ctor
                        .fields
                        .iter()
                        .map(|field| {
                            let field = self.types.subst(*field, &args);
                            self.known_ty(field, to_tasks)
                        })
                        .collect(),
                });
                CompoundKind::Data(ctors.collect())
            }
            other => unreachable!("a compound type, not {other:?}"),
        }
    }

    /// The types of the arrays that a map or set crosses as.
    fn columns(&mut self, ty: VeraTy) -> Vec<VeraTy> {
        let parts = match *self.types.base_kind(ty) {
            TyKind::Set(element) => vec![element],
            TyKind::Map(key, value) => vec![key, value],
            _ => unreachable!("the type is a map or a set"),
        };
        parts.into_iter().map(|part| self.types.intern(TyKind::Array(part))).collect()
    }

    /// Whether values of a closed type can cross: all that constructors, literals, and
    /// the calls that make maps, sets and decimals build.
    pub(super) fn crosses(&mut self, ty: VeraTy) -> bool {
        self.all_cross_within(ty, false)
    }

    /// Whether values of a closed type can cross to a task.
    pub(super) fn crosses_to_tasks(&mut self, ty: VeraTy) -> bool {
        self.all_cross_within(ty, true)
    }

    fn all_cross_within(&mut self, ty: VeraTy, to_tasks: bool) -> bool {
        let within = self.types_within(ty);
        within.len() <= MAX_WITHIN
            && within.into_iter().all(|t| match self.types.kind(t) {
                TyKind::Int
                | TyKind::Nat
                | TyKind::Byte
                | TyKind::Bool
                | TyKind::Float64
                | TyKind::String
                | TyKind::Unit
                | TyKind::Decimal
                | TyKind::Array(_)
                | TyKind::Set(_)
                | TyKind::Map(..)
                | TyKind::Tuple(_)
                | TyKind::Data(..)
                | TyKind::Future(_)
                | TyKind::Refined(..) => true,
                TyKind::Fn { .. } => to_tasks,
                TyKind::Never
                | TyKind::Param(..)
                | TyKind::Meta(_)
                | TyKind::Undeclared(_)
                | TyKind::Unknown => false,
            })
    }

    /// The number of an operation that the host performs.
    pub(super) fn host_op(&mut self, effect: &EffectInst, op: &str) -> u32 {
        let declared = &self.program.effects[effect.effect.index()];
        let (effect_name, number) = (
            declared.name.to_string(),
            declared.ops.iter().position(|o| o.name == op).expect("the operation is declared"),
        );
        let known = |o: &HostOp| o.effect == effect_name && o.name == op;
        if let Some(at) = self.out.interface.operations.iter().position(known) {
            return at as u32;
        }
        let (params, ret) = (declared.ops[number].params.clone(), declared.ops[number].ret);
        let params = params.into_iter().map(|ty| self.host_ty(ty)).collect();
        let result = self.host_ty(ret);
        let op = HostOp { effect: effect_name, name: op.to_owned(), params, result };
        self.out.interface.operations.push(op);
        self.out.interface.operations.len() as u32 - 1
    }

    /// The number of a state cell that the host keeps.
    pub(super) fn host_cell(&mut self, ty: VeraTy) -> u32 {
        let name = self.show(ty);
        let cells = &self.out.interface.cells;
        if let Some(at) = cells.iter().position(|cell| cell.name == name) {
            return at as u32;
        }
        let ty = self.host_ty(ty);
        self.out.interface.cells.push(HostCell { name, ty });
        self.out.interface.cells.len() as u32 - 1
    }

    /// The types of all nodes that values of this type may hold.
    fn nodes_within(&mut self, ty: VeraTy) -> BTreeSet<CompoundId> {
        let mut nodes = BTreeSet::new();
        let mut work = vec![self.wire_ty(ty)];
        while let Some(ty) = work.pop() {
            let HostTy::Compound(id) = ty else { continue };
            if self.out.interface.is_inline(&ty) || !nodes.insert(id) {
                continue;
            }
            match &self.out.interface.compound(id).kind {
                CompoundKind::Array(part) | CompoundKind::Set(part) => work.push(part.clone()),
                CompoundKind::Map(keys, values) => work.extend([keys.clone(), values.clone()]),
                CompoundKind::Tuple(parts) => work.extend(parts.iter().cloned()),
                CompoundKind::Data(ctors) => {
                    work.extend(ctors.iter().flat_map(|c| &c.fields).cloned());
                }
            }
        }
        nodes
    }

    fn put_nodes(&mut self, ty: VeraTy) {
        for id in self.nodes_within(ty) {
            if self.wire.put.insert(id) {
                self.node_function(Structural::Put, self.wire.types[id.0 as usize]);
            }
        }
    }

    fn take_nodes(&mut self, ty: VeraTy) {
        for id in self.nodes_within(ty) {
            if self.wire.taken.insert(id) {
                self.node_function(Structural::Take, self.wire.types[id.0 as usize]);
            }
        }
    }

    /// The function that puts all nodes of a value of this type.
    fn put_all(&mut self, ty: VeraTy) -> FuncId {
        self.put_nodes(ty);
        *self.wire.put_all.get_or_insert_with(|| loop_function(&mut self.out, "put"))
    }

    /// The function that takes all nodes of a value of this type.
    fn take_all(&mut self, ty: VeraTy) -> FuncId {
        self.take_nodes(ty);
        *self.wire.take_all.get_or_insert_with(|| loop_function(&mut self.out, "take"))
    }

    /// Lowers the loops, when nothing else is left to lower: every type that crosses is
    /// known by then.
    pub(super) fn finish_wire(&mut self) {
        if std::mem::replace(&mut self.wire.finished, true) {
            return;
        }
        if let Some(func) = self.wire.put_all {
            let mut this = bare(self, func);
            this.put_loop();
            let built = this.b.finish();
            self.out.funcs[func.index()] = built;
        }
        if let Some(func) = self.wire.take_all {
            let mut this = bare(self, func);
            this.take_loop();
            let built = this.b.finish();
            self.out.funcs[func.index()] = built;
        }
    }
}

/// A place for a function that stands between program and host: back traces leave it out.
fn loop_function(out: &mut Program, name: &str) -> FuncId {
    let source = SourceFnId(out.source_fns.len() as u32);
    let decl = FileSpan { file: out.source_fns[0].decl.file, span: Span::default() };
    out.source_fns.push(SourceFn { name: String::new(), decl });
    let loc = LocId(out.locs.len() as u32);
    out.locs.push(Loc { at: decl, func: source, inlined_at: None });
    out.funcs.push(super::builder::Builder::new(format!("{name}$all"), source, loc).finish());
    FuncId(out.funcs.len() as u32 - 1)
}

impl FnLower<'_, '_> {
    /// Has the host perform an operation: arguments and result cross in parts.
    pub(super) fn perform_by_host(
        &mut self,
        effect: &EffectInst,
        op: &str,
        args: &[ValueId],
        ret: VeraTy,
    ) -> Option<ValueId> {
        self.put_arguments(effect, op, args);
        let number = self.lo.host_op(effect, op);
        let number = self.b.i32(number as i32);
        self.b.host(HostFn::Perform, vec![number], &[]);
        self.take(ret)
    }

    /// Hands the arguments of an operation over.
    pub(super) fn put_arguments(&mut self, effect: &EffectInst, op: &str, args: &[ValueId]) {
        let declared = &self.lo.program.effects[effect.effect.index()];
        let operation = declared.ops.iter().find(|o| o.name == op);
        let params = operation.expect("the operation is declared").params.clone();
        let mut args = args.iter().copied();
        for param in params {
            let value = match self.lo.repr(param) {
                Repr::Zero => None,
                _ => args.next(),
            };
            self.put(param, value);
        }
    }

    /// A cell of a list.
    fn link(&mut self, next: ValueId, value: ValueId) -> ValueId {
        let slots = [Some((NEXT, Mem::Ref)), Some((VALUE, Mem::Ref))];
        let layout = self.lo.layout(0, TYPE, &slots);
        let fields = vec![(NEXT, Mem::Ref, next), (VALUE, Mem::Ref, value)];
        self.b.one(Op::MakeObject { layout, fields }, Ty::Ref)
    }

    /// The switch over the types of nodes that ends a loop: `arm` ends the region of each
    /// type in the set.
    fn each_node_type(
        &mut self,
        on: ValueId,
        set: &BTreeSet<CompoundId>,
        mut arm: impl FnMut(&mut Self, VeraTy),
    ) {
        let mut cases = Vec::new();
        for number in 0..self.lo.wire.types.len() as u32 {
            self.b.open();
            if set.contains(&CompoundId(number)) {
                let ty = self.lo.wire.types[number as usize];
                arm(self, ty);
            }
            self.b.end(Terminator::Unreachable);
            cases.push(self.b.close(Vec::new()));
        }
        self.b.open();
        self.b.end(Terminator::Unreachable);
        let default = Box::new(self.b.close(Vec::new()));
        self.b.none(Op::Switch { on, cases, default });
        self.b.end(Terminator::Unreachable);
    }
}

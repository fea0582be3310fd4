//! Calls with arguments that the host supplies part by part, for whoever tries a
//! function on many values: any value that constructors, array literals and
//! literals build crosses the boundary as a row of numbers and texts.
//!
//! Such a call first shows that the cells of the row can start, then checks the
//! precondition, by the very code that compiled calls
//! run, and tells the host when it holds. So a host that sees the call end before
//! knows that the arguments were wrong, and not the function.

use vera_abi::host::HostFn;
use vera_check::typed::{self, ClauseKind, FnId};
use vera_check::types::{Ty as VeraTy, TyKind};

use super::data::Repr;
use super::functions::FnLower;
use super::structural::{Structural, bare};
use super::{Lowerer, Work, operations};
use crate::ir::*;

impl Lowerer<'_> {
    /// Whether the host can supply every value of a closed type.
    pub(super) fn is_suppliable(&mut self, ty: VeraTy) -> bool {
        let within = self.types_within(ty);
        within.into_iter().all(|t| match self.types.kind(t) {
            TyKind::Int
            | TyKind::Nat
            | TyKind::Byte
            | TyKind::Bool
            | TyKind::Float64
            | TyKind::String
            | TyKind::Unit
            | TyKind::Array(_)
            | TyKind::Tuple(_)
            | TyKind::Data(..)
            | TyKind::Refined(..) => true,
            TyKind::Never
            | TyKind::Decimal
            | TyKind::Set(_)
            | TyKind::Map(..)
            | TyKind::Future(_)
            | TyKind::Fn { .. }
            | TyKind::Param(..)
            | TyKind::Meta(_)
            | TyKind::Undeclared(_)
            | TyKind::Unknown => false,
        })
    }
}

/// Exports a function without parameters that calls another one with arguments that
/// the host supplies, if it can.
pub(super) fn export(lo: &mut Lowerer<'_>, id: FnId, shown: bool) {
    let function = lo.program.function(id);
    let types: Vec<VeraTy> = function.params.iter().map(|p| function.body[*p].ty).collect();
    if !types.into_iter().all(|ty| lo.is_suppliable(ty)) {
        return;
    }
    let ret = function.ret;
    let (name, result) = (format!("{}{}", function.name, super::TRIAL), lo.host_ty(ret));
    let func = lo.instance(id, Vec::new());
    let func = operations::entry(lo, id, Vec::new(), func);
    let place = trial(lo, id, func);
    if shown {
        lo.export_shown(&name, place, ret, Vec::new());
    }
    lo.out.exports.push(Export { name, func: place, params: Vec::new(), result });
}

fn trial(lo: &mut Lowerer<'_>, id: FnId, func: FuncId) -> FuncId {
    let called = &lo.out.funcs[func.index()];
    let (name, source) = (format!("{}{}", called.name, super::TRIAL), called.source);
    let decl = lo.out.source_fns[source.index()].decl;
    let place = lo.reserve(name, String::new(), decl);
    lo.work.push(Work::Trial { id, func, place });
    place
}

/// Lowers what [`trial`] reserved.
pub(super) fn lower(lo: &mut Lowerer<'_>, id: FnId, func: FuncId, place: FuncId) {
    let program: &typed::Program = lo.program;
    let function = program.function(id);
    let cells = lo.zero_cells(&function.effects);
    let mut this = bare(lo, place);
    for cell in &cells {
        this.zero_cell(cell.args[0]);
        this.b.host(HostFn::CellStarts, Vec::new(), &[]);
    }
    this.body = &function.body;
    this.module = function.module;
    this.signature.clone_from(&function.signature);
    let mut args = Vec::new();
    for param in &function.params {
        let ty = this.local_ty(*param);
        let value = this.supplied(ty);
        this.locals.insert(*param, value);
        args.extend(value.map(|value| (value, ty)));
    }
    this.checks_supplied = true;
    for (value, ty) in &args {
        this.check_part(*value, *ty);
    }
    this.checks_supplied = false;
    for clause in &function.clauses {
        if let ClauseKind::Requires(predicate) = clause.kind {
            this.contract("Precondition", "requires", predicate, clause);
        }
    }
    this.b.host(HostFn::ArgumentsAdmitted, Vec::new(), &[]);
    this.b.func.results = this.lo.repr(function.ret).ty().into_iter().collect();
    let args = args.into_iter().map(|(value, _)| value).collect();
    let loc = this.b.loc;
    this.b.end(Terminator::TailCall { func, args, loc });
    let built = this.b.finish();
    lo.out.funcs[place.index()] = built;
}

impl FnLower<'_, '_> {
    /// The next value of a type that the host supplies; `None` if it takes no space.
    fn supplied(&mut self, ty: VeraTy) -> Option<ValueId> {
        let ty = self.lo.types.plain(ty);
        Some(match self.lo.repr(ty) {
            Repr::Zero => return None,
            Repr::I64 => self.supplied_word(),
            Repr::F64 => self.b.host(HostFn::ArgumentFloat, Vec::new(), &[Ty::F64])[0],
            Repr::Byte | Repr::Enum => self.supplied_number(),
            Repr::Ref if matches!(self.lo.types.base_kind(ty), TyKind::String) => {
                self.b.host(HostFn::ArgumentText, Vec::new(), &[]);
                self.host_text()
            }
            Repr::Ref => {
                let func = self.lo.structural(Structural::Supply, ty);
                self.b.one(Op::Call { func, args: Vec::new() }, Ty::Ref)
            }
        })
    }

    fn supplied_word(&mut self) -> ValueId {
        self.b.host(HostFn::ArgumentWord, Vec::new(), &[Ty::I64])[0]
    }

    fn supplied_number(&mut self) -> ValueId {
        let word = self.supplied_word();
        self.b.unary(UnaryOp::I64ToI32, word)
    }

    /// `supply() -> value` of a compound type.
    pub(super) fn supply_function(&mut self, ty: VeraTy) {
        self.b.func.results = vec![Ty::Ref];
        if let TyKind::Array(element) = *self.lo.types.base_kind(ty) {
            let array = self.supplied_array(element);
            return self.b.end(Terminator::Return(vec![array]));
        }
        let shapes = self.shapes(ty);
        let is_tuple = matches!(self.lo.types.base_kind(ty), TyKind::Tuple(_));
        let tag = if is_tuple { self.b.i32(0) } else { self.supplied_number() };
        self.each_ctor(tag, &shapes, &mut |this, tag, _, shape| {
            let mut fields = Vec::new();
            for (ty, slot) in shape.fields.iter().zip(&shape.slots) {
                if let (Some(value), Some((offset, mem))) = (this.supplied(*ty), slot) {
                    fields.push((*offset, *mem, value));
                }
            }
            let object = this.make_object(tag as u32, shape, fields);
            this.b.end(Terminator::Return(vec![object]));
        });
    }

    /// The length, then the elements.
    fn supplied_array(&mut self, element: VeraTy) -> ValueId {
        let mem = self.lo.repr(element).element();
        let len = self.supplied_number();
        let array = self.new_array(len, mem);
        self.for_indices(len, |this, index| {
            if let Some(value) = this.supplied(element) {
                let data = this.b.seq_data(array);
                this.b.none(Op::SetElement { data, index, mem, value });
            }
        });
        self.finish_array(array, mem);
        array
    }
}

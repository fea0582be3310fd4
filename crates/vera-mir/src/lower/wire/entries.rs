//! Exports that take their arguments from the host in parts and hand their results over
//! so: for values that are neither numbers nor text, and for whoever tries a function on
//! many values.
//!
//! Such a call first shows that the cells of the row can start, then checks the
//! precondition, by the very code that compiled calls run, and tells the host when it
//! holds. So a host that sees the call end before knows that the arguments were wrong,
//! and not the function.

use vera_abi::host::HostFn;
use vera_abi::interface::{CALL, HostTy};
use vera_check::typed::{self, ClauseKind, FnId};
use vera_check::types::Ty as VeraTy;

use super::super::structural::bare;
use super::super::{Lowerer, Work, operations};
use crate::ir::*;

/// Exports such a call of a function without type parameters, if its arguments cross.
pub(crate) fn export(lo: &mut Lowerer<'_>, id: FnId) {
    let function = lo.program.function(id);
    let types: Vec<VeraTy> = function.params.iter().map(|p| function.body[*p].ty).collect();
    if !types.iter().all(|ty| lo.crosses(*ty)) {
        return;
    }
    let params = types.into_iter().map(|ty| lo.host_ty(ty)).collect();
    let (name, result) = (format!("{}{CALL}", function.name), lo.host_ty(function.ret));
    let func = lo.instance(id, Vec::new());
    let called = &lo.out.funcs[func.index()];
    let (shown, source) = (format!("{}{CALL}", called.name), called.source);
    let func = operations::entry(lo, id, Vec::new(), func);
    let decl = lo.out.source_fns[source.index()].decl;
    let place = lo.reserve(shown, String::new(), decl);
    lo.work.push(Work::Call { id, func, place, source });
    lo.out.exports.push(Export { name, func: place, params, result, in_parts: true });
}

/// Lowers what [`export`] reserved. What it checks stands in the function itself, whose
/// source that is.
pub(crate) fn lower(
    lo: &mut Lowerer<'_>,
    id: FnId,
    func: FuncId,
    place: FuncId,
    source: SourceFnId,
) {
    let program: &typed::Program = lo.program;
    let function = program.function(id);
    let cells = lo.zero_cells(&function.effects);
    let mut this = bare(lo, place);
    let own = this.b.loc;
    this.source = source;
    this.body = &function.body;
    this.module = function.module;
    this.signature.clone_from(&function.signature);
    this.place(function.span);
    for cell in &cells {
        this.zero_cell(cell.args[0]);
        this.b.host(HostFn::CellStarts, Vec::new(), &[]);
    }
    let mut args = Vec::new();
    for param in &function.params {
        let ty = this.local_ty(*param);
        let value = this.take(ty);
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
    this.b.loc = own;
    // The function behind an entry takes and yields values in place of futures.
    let args = args.into_iter().map(|(value, ty)| this.opened(ty, value).1).collect();
    let ret = this.lo.types.plain(function.ret);
    let results: Vec<Ty> = this.lo.repr(ret).ty().into_iter().collect();
    let value = this.b.emit(Op::Call { func, args }, &results).first().copied();
    if !matches!(this.lo.host_ty(function.ret), HostTy::Opaque(_)) {
        this.put(ret, value);
    }
    this.b.end(Terminator::Return(Vec::new()));
    let built = this.b.finish();
    lo.out.funcs[place.index()] = built;
}

//! E206: a generic function that reads a value of a type parameter is not
//! called at a type that takes no space.

use crate::context::Context;
use crate::diagnostics::calls as report;
use crate::typed::{ExprKind, FnId};

/// Checks every call of every body.
pub(crate) fn check(ctx: &mut Context) {
    let mut faults = Vec::new();
    for function in &ctx.program.fns {
        for expr in &function.body.exprs {
            let ExprKind::Call { callee, type_args, .. } = &expr.kind else { continue };
            if let Some(index) = unreadable(ctx, *callee, type_args) {
                let called = ctx.program.function(*callee);
                let at = ctx.at(function.module, expr.span);
                let param = &called.type_params[index].name;
                let shown = ctx.show(type_args[index]);
                faults.push(report::zero_size_instance(at, &called.name, param, &shown));
            }
        }
    }
    faults.into_iter().for_each(|f| ctx.report(f));
}

/// The first parameter the callee reads whose argument takes no space.
fn unreadable(ctx: &Context, callee: FnId, type_args: &[crate::types::Ty]) -> Option<usize> {
    let reads = &ctx.param_reads[callee.index()];
    (0..type_args.len())
        .find(|i| reads.contains(&(*i as u32)) && ctx.program.types.is_zero_size(type_args[*i]))
}

//! Closure literals (language reference, chapter 06.6).

use vera_syntax::ast;

use super::Infer;
use super::effects::Frame;
use crate::diagnostics::repairs::WrittenRow;
use crate::diagnostics::{contracts, expressions as report};
use crate::resolve;
use crate::typed::{ExprId, ExprKind, NarrowSite};
use crate::types::TyKind;

impl Infer<'_> {
    pub(super) fn closure(&mut self, closure: &ast::Closure) -> ExprId {
        let (row, effects) =
            resolve::resolve_row(self.ctx, &mut self.types, &closure.effects, true);
        let mut own = Frame::of_row(effects, Some(closure.effects.span));
        own.in_predicate = self.frame.in_predicate;
        own.in_closure = true;
        own.resume = self.frame.resume.clone().filter(|r| r.in_closures);
        let outer = std::mem::replace(&mut self.frame, own);
        let depth = self.slots.len();
        let params: Vec<_> = closure.params.iter().map(|p| self.bind_written(*p)).collect();
        let ret = self.resolve_type(closure.ret);
        let body = self.scoped(|this| this.block(&closure.body, Some(ret)));
        let body = match self.coerce(body, ret, NarrowSite::Return) {
            Some(e) => e,
            None => {
                let found = self.ty(body);
                let (want, found) = (self.show(ret), self.show(found));
                let at = self.at(self.tree.nodes[closure.body.result].span);
                self.ctx.report(report::closure_mismatch(at, &want, &found));
                body
            }
        };
        self.leave(depth);
        let frame = std::mem::replace(&mut self.frame, outer);
        if let Some(performed) = frame.undeclared() {
            let names = self.effect_names(performed);
            let at = self.at(closure.span);
            let row = WrittenRow { at: self.at(closure.effects.span), pure: true };
            self.ctx.report(contracts::pure_closure_performs(at, &names, row));
        }
        let param_tys = params.iter().map(|p| self.body[*p].ty).collect();
        let ty = self.ctx.program.types.intern(TyKind::Fn { params: param_tys, ret, row });
        self.push(ExprKind::Closure { params, body }, ty, closure.span)
    }
}

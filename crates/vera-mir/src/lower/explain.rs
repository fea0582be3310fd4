//! What values broke a check: code for a run that is made only to tell
//! ([`Options::explain`](super::Options)). Other modules carry nothing of it.

use vera_abi::host::HostFn;
use vera_abi::runtime::RtFn;
use vera_check::typed::{Ability, ExprId, ExprKind};
use vera_check::types::{Ty as VeraTy, TyKind};

use super::functions::FnLower;
use crate::ir::*;

impl FnLower<'_, '_> {
    /// Before a check of what an expression says: where it fails, a line to the standard
    /// error for each slot that the expression reads from around it.
    pub(super) fn explain(&mut self, holds: ValueId, about: ExprId) {
        if !self.lo.explain {
            return;
        }
        let around: Vec<_> = self.body.in_scope(about).collect();
        let mut read: Vec<(String, VeraTy, ValueId)> = Vec::new();
        let mut work = vec![about];
        while let Some(e) = work.pop() {
            let value = match self.body[e].kind {
                ExprKind::Local(local) if around.contains(&local) => {
                    self.locals.get(&local).copied().flatten()
                }
                ExprKind::Result => self.result,
                _ => None,
            };
            if let Some(value) = value {
                let label = self.source_text(e);
                let ty = self.ty(e);
                if !read.iter().any(|(known, ..)| *known == label) {
                    read.push((label, ty, value));
                }
            }
            let mut parts = Vec::new();
            self.body[e].kind.for_each_child(|child| parts.push(child));
            work.extend(parts.into_iter().rev());
        }
        self.when_broken(holds, |this| {
            for (label, ty, value) in read {
                this.note(&label, ty, value);
            }
        });
    }

    /// The same of one value.
    pub(super) fn explain_value(
        &mut self,
        holds: ValueId,
        label: &str,
        ty: VeraTy,
        value: ValueId,
    ) {
        if self.lo.explain {
            self.when_broken(holds, |this| this.note(label, ty, value));
        }
    }

    fn when_broken(&mut self, holds: ValueId, tell: impl FnOnce(&mut Self)) {
        let broken = self.b.unary(UnaryOp::Not, holds);
        self.when(broken, tell);
    }

    /// `label = value`, where values of the type have a text.
    fn note(&mut self, label: &str, ty: VeraTy, value: ValueId) {
        if !self.lo.has(Ability::Show, ty) {
            return;
        }
        let is_text = matches!(self.lo.types.base_kind(ty), TyKind::String);
        let (before, after) = if is_text { (" = \"", "\"\n") } else { (" = ", "\n") };
        let head = self.string(&format!("{label}{before}"));
        let shown = self.show(ty, Some(value));
        let tail = self.string(after);
        let text = self.b.rt(RtFn::StringConcat, vec![head, shown], Ty::Ref);
        let text = self.b.rt(RtFn::StringConcat, vec![text, tail], Ty::Ref);
        let bytes = self.bytes(text);
        self.b.host(HostFn::Stderr, bytes, &[]);
    }
}

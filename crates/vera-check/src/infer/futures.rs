//! `async` (language reference, chapter 10.11): what its argument performs is noted here,
//! and judged when all functions are typed (see [`crate::overlap`]).

use vera_diagnostics::Span;

use super::{Infer, Owner};
use crate::diagnostics::effects as report;
use crate::overlap::Site;
use crate::typed::ExprId;

impl Infer<'_> {
    /// Notes the argument of an `async` that performed something since `start`.
    pub(super) fn async_argument(&mut self, start: usize, args: &[ExprId], span: Span) {
        let performed = &self.effect_log[start..];
        let at = self.at(span);
        if performed.iter().any(Option::is_none) {
            return self.ctx.report(report::eager_async(at, "unknown effects"));
        }
        if let (Owner::Fn(function), [argument]) = (self.owner, args)
            && !performed.is_empty()
        {
            self.ctx.asyncs.push(Site { function, argument: *argument, at });
        }
    }
}

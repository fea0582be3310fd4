//! W002: an `async` whose argument is evaluated at once (language reference,
//! chapter 10.11).

use vera_diagnostics::Span;

use super::Infer;
use crate::diagnostics::effects as report;
use crate::typed::{EffectId, ExprId, ExprKind};

impl Infer<'_> {
    /// Judges the argument of an `async` by what it performed since `start`: a direct
    /// operation of the table's that overlaps begins there; anything else that performs
    /// something is evaluated at once.
    pub(super) fn eager_async(&mut self, start: usize, args: &[ExprId], span: Span) {
        let direct = match args {
            [argument] => self.begins(*argument),
            _ => None,
        };
        let mut names: Vec<String> = Vec::new();
        for effect in self.effect_log[start..].iter() {
            let name = match effect {
                Some(effect) => {
                    let declared = &self.ctx.program.effects[effect.index()];
                    let is_built_in = declared.module.is_none();
                    if is_built_in && (declared.name == "Async" || direct == Some(*effect)) {
                        continue;
                    }
                    declared.name.to_string()
                }
                None => "unknown effects".to_owned(),
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if !names.is_empty() {
            names.sort();
            let at = self.at(span);
            self.ctx.report(report::eager_async(at, &names.join(", ")));
        }
    }

    /// The effect of an operation that `async` begins while the program goes on.
    fn begins(&self, argument: ExprId) -> Option<EffectId> {
        let ExprKind::Perform { effect, op, .. } = &self.body[argument].kind else { return None };
        let declared = &self.ctx.program.effects[effect.effect.index()];
        let name = &declared.ops[*op as usize].name;
        let overlaps = declared.module.is_none() && vera_builtins::overlaps(&declared.name, name);
        overlaps.then_some(effect.effect)
    }
}

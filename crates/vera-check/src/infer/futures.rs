//! W002: an `async` whose argument is evaluated at once (language reference,
//! chapter 10.11).

use vera_diagnostics::Span;

use super::Infer;
use crate::diagnostics::effects as report;

impl Infer<'_> {
    /// Judges the argument of an `async` by what it performed since `start`.
    pub(super) fn eager_async(&mut self, start: usize, span: Span) {
        let mut names: Vec<String> = Vec::new();
        for effect in self.effect_log[start..].iter() {
            let name = match effect {
                Some(effect) => {
                    let declared = &self.ctx.program.effects[effect.index()];
                    if declared.module.is_none()
                        && matches!(declared.name.as_str(), "Http" | "Async")
                    {
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
}

//! Recursion that no call shows (Landin's knot): a function that can be handed, or
//! can ask for, a value that holds the function itself may run for ever, so its type
//! must have `Diverge` in its row (E137).
//!
//! For data types the rule is that of positivity (Coquand, Paulin-Mohring, 1990): in
//! `data D { D(fn(D -> Int)) }` the function can apply itself to what it is given.
//! An effect can be such a knot too: `op ask(Unit -> fn(Int -> Int) effects(<Ask>))`
//! answers with functions that may ask again.

use std::collections::HashSet;

use crate::context::Context;
use crate::diagnostics::contracts as report;
use crate::typed::{DataId, EffectId, Program};
use crate::types::{Row, Ty, TyKind, Types, for_each_part};

/// Reports each declaration that ties a knot. To be asked of declarations without
/// errors: those of other recursion are finite.
pub(crate) fn check(ctx: &mut Context) {
    let mut types = std::mem::take(&mut ctx.program.types);
    let mut faults = Vec::new();
    for (id, data) in (0..).map(DataId).zip(&ctx.program.datas) {
        let params = (0..).zip(&data.params);
        let args = params.map(|(i, p)| types.intern(TyKind::Param(i, p.clone()))).collect();
        let whole = types.intern(TyKind::Data(id, args));
        let mut knots = Knots { program: &ctx.program, types: &mut types };
        if let Some(function) = knots.tied(&[whole], Target::Data(id)) {
            faults.push((data.module, data.span, data.name.clone(), function));
        }
    }
    for (id, effect) in (0..).map(EffectId).zip(&ctx.program.effects) {
        let Some(module) = effect.module else { continue };
        let roots: Vec<Ty> = effect.ops.iter().map(|op| op.ret).collect();
        let mut knots = Knots { program: &ctx.program, types: &mut types };
        if let Some(function) = knots.tied(&roots, Target::Effect(id)) {
            faults.push((module, effect.span, effect.name.clone(), function));
        }
    }
    ctx.program.types = types;
    for (module, span, name, function) in faults {
        let at = ctx.at(module, span);
        let function = ctx.show(function);
        ctx.report(report::knot(at, &name, &function));
    }
}

/// What a function must not reach.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Data(DataId),
    Effect(EffectId),
}

struct Knots<'p> {
    program: &'p Program,
    types: &'p mut Types,
}

impl Knots<'_> {
    /// A function type within the roots that can get at the target and does not say
    /// that it may diverge.
    fn tied(&mut self, roots: &[Ty], target: Target) -> Option<Ty> {
        let within = self.reached(roots.to_vec()).0;
        within.into_iter().find(|ty| {
            let TyKind::Fn { params, row, .. } = self.types.kind(*ty).clone() else { return false };
            !self.diverges(&row) && self.reaches(params, &row, target)
        })
    }

    fn diverges(&self, row: &Row) -> bool {
        row.effects.iter().any(|e| {
            let declared = &self.program.effects[e.effect.index()];
            declared.module.is_none() && declared.name == "Diverge"
        })
    }

    /// Whether what a function is handed, or may ask for, leads to the target.
    fn reaches(&mut self, params: Vec<Ty>, row: &Row, target: Target) -> bool {
        let mut roots = params;
        for effect in &row.effects {
            if target == Target::Effect(effect.effect) {
                return true;
            }
            let ops = self.program.effects[effect.effect.index()].ops.iter();
            roots.extend(ops.map(|op| self.types.subst(op.ret, &effect.args)));
        }
        let (types, effects) = self.reached(roots);
        match target {
            Target::Data(id) => types
                .into_iter()
                .any(|ty| matches!(self.types.kind(ty), TyKind::Data(data, _) if *data == id)),
            Target::Effect(id) => effects.contains(&id),
        }
    }

    /// The types and effects that types lead to, through functions too.
    fn reached(&mut self, roots: Vec<Ty>) -> (Vec<Ty>, HashSet<EffectId>) {
        let mut found: Vec<Ty> = Vec::new();
        let mut effects = HashSet::new();
        let mut seen: HashSet<Ty> = HashSet::new();
        let mut work = roots;
        work.reverse();
        while let Some(ty) = work.pop() {
            if !seen.insert(ty) {
                continue;
            }
            found.push(ty);
            match self.types.kind(ty).clone() {
                TyKind::Refined(base, ..) => work.push(base),
                TyKind::Data(data, args) => {
                    for field in self.program.data(data).ctors.iter().flat_map(|c| &c.fields) {
                        work.push(self.types.subst(*field, &args));
                    }
                }
                TyKind::Fn { params, ret, row } => {
                    work.extend(params);
                    work.push(ret);
                    for effect in row.effects {
                        effects.insert(effect.effect);
                        work.extend(effect.args);
                    }
                }
                kind => for_each_part(&kind, &mut |part| work.push(part)),
            }
        }
        (found, effects)
    }
}

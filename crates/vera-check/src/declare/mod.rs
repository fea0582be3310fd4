//! Registration of all declarations, before any body is looked at: names first,
//! then imports, then the types written in declarations.

mod effects;
mod imports;
mod names;
mod signatures;

use std::sync::Arc;

pub(crate) use names::is_reserved_prefix;

use crate::context::{Context, Scope};
use crate::modules::{Graph, PRELUDE};
use crate::typed::{Effect, EffectId, EffectOp, FnId, Module, ModuleId};
use crate::types::{Ty, TyKind};

/// Registers everything the graph's files declare.
pub(crate) fn declare(graph: &Graph) -> Context {
    let mut ctx = Context::default();
    for (index, unit) in graph.units.iter().enumerate() {
        ctx.program.modules.push(Module {
            file: unit.file,
            path: unit.path.clone(),
            prelude: ModuleId(index as u32) == PRELUDE,
        });
        ctx.trees.push(Arc::clone(&unit.tree));
        ctx.scopes.push(Scope::default());
    }
    let modules: Vec<ModuleId> = (0..graph.units.len()).map(|i| ModuleId(i as u32)).collect();
    names::declare_types(&mut ctx, PRELUDE);
    builtin_effects(&mut ctx);
    for module in modules.iter().filter(|m| **m != PRELUDE) {
        names::declare_types(&mut ctx, *module);
    }
    for module in &modules {
        names::declare_fns(&mut ctx, *module);
    }
    for module in &modules {
        imports::bring(&mut ctx, *module, &graph.units[module.index()].imports);
    }
    effects::unify(&mut ctx, &modules);
    let mut fns: Vec<Vec<FnId>> = vec![Vec::new(); modules.len()];
    for (index, function) in ctx.program.fns.iter().enumerate() {
        fns[function.module.index()].push(FnId(index as u32));
    }
    ctx.fn_refinements = vec![Vec::new(); ctx.program.fns.len()];
    for module in &modules {
        signatures::resolve(&mut ctx, *module, &fns[module.index()]);
    }
    ctx
}

/// Enters the effects of the built-in table into the prelude's scope.
fn builtin_effects(ctx: &mut Context) {
    for effect in vera_builtins::EFFECTS {
        let id = EffectId(ctx.program.effects.len() as u32);
        let ops = effect
            .ops
            .iter()
            .map(|op| {
                let signature = op.signature(effect);
                EffectOp {
                    name: op.name.into(),
                    params: signature
                        .params
                        .iter()
                        .map(|t| table_type(ctx, t, effect.type_params))
                        .collect(),
                    ret: table_type(ctx, &signature.ret, effect.type_params),
                }
            })
            .collect();
        ctx.program.effects.push(Effect {
            name: effect.name.into(),
            module: None,
            params: effect.type_params.iter().map(|p| (*p).into()).collect(),
            ops,
            span: Default::default(),
        });
        ctx.scopes[PRELUDE.index()].effects.insert(effect.name.into(), id);
    }
}

/// A type of the built-in table, over `Param(i)` of its signature.
pub(crate) fn table_type(
    ctx: &mut Context,
    ty: &vera_builtins::signature::Type,
    params: &[&str],
) -> Ty {
    use vera_builtins::signature::Type;
    match ty {
        Type::Param(index) => {
            ctx.program.types.intern(TyKind::Param(*index as u32, params[*index].into()))
        }
        Type::Fn(args, ret) => {
            let params_ = args.iter().map(|a| table_type(ctx, a, params)).collect();
            let ret = table_type(ctx, ret, params);
            ctx.program.types.intern(TyKind::Fn { params: params_, ret, row: Default::default() })
        }
        Type::Named(name, args) => {
            let args: Vec<Ty> = args.iter().map(|a| table_type(ctx, a, params)).collect();
            crate::resolve::named_type(ctx, PRELUDE, name, args)
                .expect("the built-in table names types of the prelude")
        }
    }
}

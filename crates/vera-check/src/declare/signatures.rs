//! The types written in declarations: fields, aliases, operations, signatures.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use smol_str::SmolStr;
use vera_syntax::ast::{self, Decl};
use vera_syntax::print;

use crate::context::{AliasId, Context, TypeDef};
use crate::diagnostics::{declare as report, types};
use crate::resolve::{self, TypeScope};
use crate::typed::{Ability, DataId, FnId, Local, LocalId, ModuleId};
use crate::types::{Ty, TyKind, for_each_refinement};

/// Resolves everything a module's declarations write.
pub(super) fn resolve(ctx: &mut Context, module: ModuleId, fns: &[FnId]) {
    let tree = Arc::clone(&ctx.trees[module.index()]);
    // A second effect or ability of a name was refused.
    let mut effects: HashSet<SmolStr> = HashSet::new();
    let mut abilities: HashSet<SmolStr> = HashSet::new();
    for decl in &tree.decls {
        match &decl.decl {
            Decl::Data(data) => fields(ctx, module, data),
            Decl::Alias(alias) => {
                let def = ctx.scopes[module.index()].types.get(&alias.name.text).copied();
                if let Some(TypeDef::Alias(id)) = def
                    && ctx.aliases[id.0 as usize].span == alias.span
                {
                    resolve::alias_body(ctx, AliasId(id.0));
                }
            }
            Decl::Effect(effect) => {
                if effects.insert(effect.name.text.clone()) {
                    operations(ctx, module, effect);
                }
            }
            Decl::Ability(ability) => {
                let known = ctx.scopes[module.index()].abilities.contains_key(&ability.name.text);
                if abilities.insert(ability.name.text.clone()) && known {
                    ability_operations(ctx, module, ability);
                }
            }
            Decl::Fn(_) => {}
        }
        ctx.check_type_sizes(module, decl.span);
    }
    for decl in &tree.decls {
        if let Decl::Data(data) = &decl.decl
            && let Some(TypeDef::Data(id)) =
                ctx.scopes[module.index()].types.get(&data.name.text).copied()
            && ctx.program.data(id).span == data.span
        {
            regular(ctx, id, data, &tree);
        }
    }
    for id in fns {
        signature(ctx, *id, &tree);
        let span = ctx.program.function(*id).span;
        ctx.check_type_sizes(module, span);
    }
}

fn fields(ctx: &mut Context, module: ModuleId, data: &ast::DataDecl) {
    let Some(TypeDef::Data(id)) = ctx.scopes[module.index()].types.get(&data.name.text).copied()
    else {
        return;
    };
    if ctx.program.data(id).span != data.span {
        return;
    }
    let mut scope = TypeScope::new(module, ctx.program.data(id).params.clone());
    // Of several constructors of a name the first counts.
    let ctors = ctx.program.data(id).ctors.iter().enumerate().rev();
    let mut places: HashMap<SmolStr, usize> = ctors.map(|(i, c)| (c.name.clone(), i)).collect();
    for ctor in &data.ctors {
        let fields: Vec<Ty> =
            ctor.fields.iter().map(|f| resolve::resolve(ctx, &mut scope, *f)).collect();
        let slots: Vec<SmolStr> =
            ctor.fields.iter().map(|f| resolve::slot_name(ctx, &mut scope, *f)).collect();
        if let Some(place) = places.remove(&ctor.name.text) {
            let known = &mut ctx.program.datas[id.index()].ctors[place];
            known.fields = fields;
            known.slots = slots;
        }
    }
}

fn operations(ctx: &mut Context, module: ModuleId, effect: &ast::OpSetDecl) {
    let Some(id) = ctx.scopes[module.index()].effects.get(&effect.name.text).copied() else {
        return;
    };
    let params: Vec<SmolStr> = effect.params.iter().map(|p| p.text.clone()).collect();
    let mut scope = TypeScope::new(module, params);
    let mut seen: HashSet<&str> = HashSet::new();
    for op in &effect.ops {
        if !seen.insert(&op.name.text) {
            continue;
        }
        let params: Vec<Ty> =
            op.params.iter().map(|p| resolve::resolve(ctx, &mut scope, *p)).collect();
        let ret = resolve::resolve(ctx, &mut scope, op.ret);
        let ops = &mut ctx.program.effects[id.index()].ops;
        if let Some(known) = ops.iter_mut().find(|o| o.name == op.name.text) {
            known.params = params;
            known.ret = ret;
        }
    }
}

fn ability_operations(ctx: &mut Context, module: ModuleId, ability: &ast::OpSetDecl) {
    let params: Vec<SmolStr> = ability.params.iter().map(|p| p.text.clone()).collect();
    let mut scope = TypeScope::new(module, params);
    for op in &ability.ops {
        for param in &op.params {
            resolve::resolve(ctx, &mut scope, *param);
        }
        resolve::resolve(ctx, &mut scope, op.ret);
    }
}

/// E129: occurrences of a data type's own recursion group may not wrap or
/// permute its parameters, or monomorphisation would not end.
fn regular(ctx: &mut Context, id: DataId, decl: &ast::DataDecl, tree: &ast::Program) {
    let data = ctx.program.data(id);
    if data.params.is_empty() {
        return;
    }
    let group: Vec<DataId> = reachable(ctx, id)
        .into_iter()
        .filter(|other| reachable(ctx, *other).contains(&id))
        .collect();
    let mut irregular = None;
    let written = decl.ctors.iter().flat_map(|c| &c.fields);
    for (field, place) in data.ctors.iter().flat_map(|c| &c.fields).zip(written) {
        occurrences(ctx, *field, &mut |head, args| {
            if !group.contains(&head) || irregular.is_some() {
                return;
            }
            let ok = args.iter().enumerate().all(|(i, arg)| match ctx.program.types.kind(*arg) {
                TyKind::Param(p, _) => head != id || *p as usize == i,
                _ => !mentions_param(ctx, *arg),
            });
            if !ok {
                irregular = Some((head, tree.nodes[*place].span));
            }
        });
    }
    if let Some((head, span)) = irregular {
        let at = ctx.at(data.module, span);
        let (name, other) = (data.name.clone(), ctx.program.data(head).name.clone());
        ctx.report(report::irregular_data(at, &name, &other));
        ctx.irregular.extend(group);
    }
}

/// The data types whose values a value of `id` may hold.
fn reachable(ctx: &Context, id: DataId) -> Vec<DataId> {
    let mut found = Vec::new();
    let mut work = vec![id];
    while let Some(next) = work.pop() {
        for field in ctx.program.data(next).ctors.iter().flat_map(|c| &c.fields) {
            occurrences(ctx, *field, &mut |head, _| {
                if !found.contains(&head) {
                    found.push(head);
                    work.push(head);
                }
            });
        }
    }
    found
}

fn occurrences(ctx: &Context, ty: Ty, visit: &mut dyn FnMut(DataId, &[Ty])) {
    let mut each = |tys: &[Ty]| tys.iter().for_each(|t| occurrences(ctx, *t, visit));
    match ctx.program.types.kind(ty) {
        TyKind::Data(head, args) => {
            each(args);
            visit(*head, args);
        }
        TyKind::Array(t) | TyKind::Set(t) | TyKind::Future(t) | TyKind::Refined(t, ..) => {
            each(&[*t])
        }
        TyKind::Map(k, v) => each(&[*k, *v]),
        TyKind::Tuple(parts) => each(parts),
        TyKind::Fn { params, ret, .. } => {
            each(params);
            each(&[*ret]);
        }
        TyKind::Int
        | TyKind::Nat
        | TyKind::Byte
        | TyKind::Bool
        | TyKind::Float64
        | TyKind::String
        | TyKind::Unit
        | TyKind::Never
        | TyKind::Decimal
        | TyKind::Param(..)
        | TyKind::Meta(_)
        | TyKind::Undeclared(_)
        | TyKind::Unknown => {}
    }
}

fn mentions_param(ctx: &Context, ty: Ty) -> bool {
    crate::types::any(&ctx.program.types, ty, &mut |k| matches!(k, TyKind::Param(..)))
}

fn signature(ctx: &mut Context, id: FnId, tree: &ast::Program) {
    let source = ctx.fn_sources[id.index()].clone();
    let decl = source.decl(tree);
    let module = source.module;
    let names: Vec<SmolStr> =
        ctx.program.function(id).type_params.iter().map(|p| p.name.clone()).collect();
    constraints(ctx, id, decl);
    let mut scope = TypeScope::new(module, names);
    for (index, param) in decl.params.iter().enumerate() {
        let ty = resolve::resolve(ctx, &mut scope, *param);
        let slot = resolve::slot_name(ctx, &mut scope, *param);
        let function = &mut ctx.program.fns[id.index()];
        function.body.locals.push(Local { slot, ty, span: tree.nodes[*param].span });
        function.params.push(LocalId(index as u32));
    }
    let ret = resolve::resolve(ctx, &mut scope, decl.ret);
    let (row, effects) = resolve::resolve_row(ctx, &mut scope, &decl.effects, false);
    let signature = print::inline(&tree.nodes, |w| {
        w.signature(&decl.name.text, &decl.params, decl.ret);
    });
    let function = &mut ctx.program.fns[id.index()];
    function.ret = ret;
    function.effects = effects;
    function.signature = signature;
    ctx.fn_sources[id.index()].row = row;
    let mut refinements = scope.refinements;
    let function = ctx.program.function(id);
    let written = function.body.locals.iter().map(|l| l.ty).chain([ret]);
    for ty in written {
        for_each_refinement(&ctx.program.types, ty, &mut |id| refinements.push(id));
    }
    ctx.fn_refinements[id.index()] = refinements;
}

fn constraints(ctx: &mut Context, id: FnId, decl: &ast::FnDecl) {
    let module = ctx.program.function(id).module;
    for constraint in decl.forall.iter().flat_map(|f| &f.constraints) {
        let at = ctx.at(module, constraint.span);
        let ability = match constraint.ability.text.as_str() {
            "Eq" => Ability::Eq,
            "Ord" => Ability::Ord,
            "Hash" => Ability::Hash,
            "Show" => Ability::Show,
            other => {
                let user = ctx.scopes[module.index()].abilities.contains_key(other);
                ctx.report(if user {
                    types::user_ability(at, other)
                } else {
                    types::unknown_ability(at, other)
                });
                continue;
            }
        };
        let vars = decl.forall.as_ref().map(|f| f.vars.as_slice()).unwrap_or_default();
        if !vars.iter().any(|v| v.text == constraint.var.text) {
            ctx.report(types::constraint_variable(at, &constraint.var.text));
            continue;
        }
        let params = &mut ctx.program.fns[id.index()].type_params;
        if let Some(param) = params.iter_mut().rev().find(|p| p.name == constraint.var.text) {
            param.abilities.push(ability);
        }
    }
}

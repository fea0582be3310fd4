//! Names of declarations: who declares what, and which names are refused.

use std::collections::HashMap;
use std::sync::Arc;

use smol_str::SmolStr;
use vera_diagnostics::Span;
use vera_syntax::ast::{self, Decl, Name};

use crate::context::{
    Alias, AliasId, AliasState, Context, CtorDef, FnDef, FnSource, TypeDef, UserAbility,
};
use crate::diagnostics::declare as report;
use crate::modules::PRELUDE;
use crate::typed::{
    Body, Ctor, Data, DataId, Effect, EffectId, EffectOp, ExprId, FnId, Function, ModuleId,
    RefinementId, TypeParam, Visibility,
};
use crate::types::{Row, Ty, TyKind};

/// `Vera` followed by an upper-case letter or digit.
pub(crate) fn is_reserved_prefix(name: &str) -> bool {
    name.strip_prefix("Vera")
        .and_then(|rest| rest.chars().next())
        .is_some_and(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

/// Words no function may be named, with the exception of `handle`.
const RESERVED_FN_NAMES: &[&str] = &[
    "ability",
    "assert",
    "assume",
    "data",
    "decreases",
    "effect",
    "effects",
    "else",
    "ensures",
    "exists",
    "false",
    "fn",
    "forall",
    "if",
    "import",
    "in",
    "invariant",
    "let",
    "match",
    "module",
    "new",
    "old",
    "op",
    "private",
    "public",
    "pure",
    "requires",
    "result",
    "resume",
    "then",
    "true",
    "type",
    "where",
    "with",
];

/// Registers the data types, aliases, effects and abilities of a module.
pub(super) fn declare_types(ctx: &mut Context, module: ModuleId) {
    let tree = Arc::clone(&ctx.trees[module.index()]);
    let mut declared: HashMap<SmolStr, Span> = HashMap::new();
    let mut ctor_owner: HashMap<SmolStr, (SmolStr, Span)> = HashMap::new();
    for top in &tree.decls {
        match &top.decl {
            Decl::Fn(_) => {}
            Decl::Data(data) => {
                if top.visibility.is_none() {
                    let at = ctx.at(module, top.span);
                    ctx.report(report::missing_visibility(at, &data.name.text, "data"));
                }
                if type_name(ctx, module, &data.name, data.span, &mut declared) {
                    let visibility = top.visibility.unwrap_or(Visibility::Private);
                    declare_data(ctx, module, data, visibility, &mut ctor_owner);
                }
            }
            Decl::Alias(alias) => {
                if type_name(ctx, module, &alias.name, alias.span, &mut declared) {
                    type_params(ctx, module, &alias.params, alias.span);
                    let id = AliasId(ctx.aliases.len() as u32);
                    ctx.aliases.push(Alias {
                        name: alias.name.text.clone(),
                        module,
                        params: alias.params.iter().map(|p| p.text.clone()).collect(),
                        body: alias.ty,
                        span: alias.span,
                        state: AliasState::Unresolved,
                    });
                    let scope = &mut ctx.scopes[module.index()];
                    scope.types.insert(alias.name.text.clone(), TypeDef::Alias(id));
                }
            }
            Decl::Effect(effect) => declare_effect(ctx, module, effect),
            Decl::Ability(ability) => declare_ability(ctx, module, ability),
        }
    }
    if let Some(decl) = &tree.module {
        ctx.scopes[module.index()].own_path = Some(decl.path.dotted());
    }
}

/// Checks a data or alias name; false when the declaration is refused.
fn type_name(
    ctx: &mut Context,
    module: ModuleId,
    name: &Name,
    decl: Span,
    declared: &mut HashMap<SmolStr, Span>,
) -> bool {
    let at = ctx.at(module, decl);
    if let Some(first) = declared.get(&name.text) {
        let first = ctx.at(module, *first);
        ctx.report(report::declared_twice(at, "type", &name.text, first));
        return false;
    }
    declared.insert(name.text.clone(), decl);
    reserved_prefix(ctx, module, name, decl);
    if vera_builtins::is_reserved_type(&name.text) && module != PRELUDE {
        ctx.report(report::reserved_type(at, &name.text));
        ctx.scopes[module.index()].types.insert(name.text.clone(), TypeDef::Poisoned);
        return false;
    }
    true
}

fn reserved_prefix(ctx: &mut Context, module: ModuleId, name: &Name, place: Span) {
    if is_reserved_prefix(&name.text) {
        let at = ctx.at(module, place);
        ctx.report(report::reserved_for_prelude(at, &name.text));
    }
}

/// Checks the type parameters of a declaration.
fn type_params(ctx: &mut Context, module: ModuleId, params: &[Name], decl: Span) {
    let at = ctx.at(module, decl);
    for (i, param) in params.iter().enumerate() {
        reserved_prefix(ctx, module, param, decl);
        if vera_builtins::is_reserved_type(&param.text) {
            ctx.report(report::reserved_type(at, &param.text));
        }
        if let Some(first) = params[..i].iter().find(|p| p.text == param.text) {
            let first = ctx.at(module, first.span);
            ctx.report(report::declared_twice(at, "type parameter", &param.text, first));
        }
    }
}

fn declare_data(
    ctx: &mut Context,
    module: ModuleId,
    data: &ast::DataDecl,
    visibility: Visibility,
    ctor_owner: &mut HashMap<SmolStr, (SmolStr, Span)>,
) {
    type_params(ctx, module, &data.params, data.span);
    let id = DataId(ctx.program.datas.len() as u32);
    let mut ctors: Vec<Ctor> = Vec::new();
    let mut own: HashMap<SmolStr, Span> = HashMap::new();
    for ctor in &data.ctors {
        let name = &ctor.name;
        let at = ctx.at(module, name.span);
        reserved_prefix(ctx, module, name, name.span);
        if matches!(name.text.as_str(), "Tuple" | "Future") {
            ctx.report(report::reserved_ctor(at, &name.text));
            continue;
        }
        if let Some(first) = own.get(&name.text) {
            let first = ctx.at(module, *first);
            ctx.report(report::declared_twice(at, "constructor", &name.text, first));
            continue;
        }
        own.insert(name.text.clone(), name.span);
        if let Some((owner, first)) = ctor_owner.get(&name.text) {
            let first = ctx.at(module, *first);
            ctx.report(report::shared_ctor(at, &name.text, owner, &data.name.text, first));
        }
        ctor_owner.insert(name.text.clone(), (data.name.text.clone(), name.span));
        let scope = &mut ctx.scopes[module.index()];
        scope.ctors.insert(name.text.clone(), CtorDef::Ctor(id, ctors.len() as u32));
        // Fields are resolved once every type name is known.
        ctors.push(Ctor {
            name: name.text.clone(),
            fields: vec![Ty::UNKNOWN; ctor.fields.len()],
            slots: Vec::new(),
        });
    }
    let params: Vec<SmolStr> = data.params.iter().map(|p| p.text.clone()).collect();
    let invariant = data.invariant.map(|p| declare_invariant(ctx, module, id, &params, p));
    ctx.program.datas.push(Data {
        name: data.name.text.clone(),
        module,
        params,
        ctors,
        invariant,
        span: data.span,
    });
    let scope = &mut ctx.scopes[module.index()];
    scope.types.insert(data.name.text.clone(), TypeDef::Data(id));
    scope.own_types.insert(data.name.text.clone(), (id, visibility));
}

/// The refinement that stands for a data type's invariant; its predicate is checked
/// with the bodies.
fn declare_invariant(
    ctx: &mut Context,
    module: ModuleId,
    data: DataId,
    params: &[SmolStr],
    predicate: ast::ExprId,
) -> RefinementId {
    let types = &mut ctx.program.types;
    let args = (0..).zip(params).map(|(i, p)| types.intern(TyKind::Param(i, p.clone()))).collect();
    let base = types.intern(TyKind::Data(data, args));
    let id = ctx.new_refinement(module, base, predicate);
    ctx.invariants.push((id, predicate));
    id
}

fn declare_effect(ctx: &mut Context, module: ModuleId, effect: &ast::OpSetDecl) {
    let at = ctx.at(module, effect.span);
    reserved_prefix(ctx, module, &effect.name, effect.span);
    type_params(ctx, module, &effect.params, effect.span);
    if vera_builtins::effect(&effect.name.text).is_some() {
        return ctx.report(report::builtin_effect(at, &effect.name.text));
    }
    if ctx.scopes[module.index()].effects.contains_key(&effect.name.text) {
        let first = ctx.scopes[module.index()].effects[&effect.name.text];
        let first = ctx.at(module, ctx.program.effects[first.index()].span);
        return ctx.report(report::declared_twice(at, "effect", &effect.name.text, first));
    }
    let mut ops: Vec<EffectOp> = Vec::new();
    for op in &effect.ops {
        if let Some(first) = effect.ops.iter().find(|o| o.name.text == op.name.text)
            && first.span != op.span
        {
            let (at, first) = (ctx.at(module, op.span), ctx.at(module, first.span));
            ctx.report(report::declared_twice(at, "operation", &op.name.text, first));
            continue;
        }
        ops.push(EffectOp {
            name: op.name.text.clone(),
            params: vec![Ty::UNKNOWN; op.params.len()],
            ret: Ty::UNKNOWN,
        });
    }
    let id = EffectId(ctx.program.effects.len() as u32);
    ctx.program.effects.push(Effect {
        name: effect.name.text.clone(),
        module: Some(module),
        params: effect.params.iter().map(|p| p.text.clone()).collect(),
        ops,
        span: effect.span,
    });
    ctx.scopes[module.index()].effects.insert(effect.name.text.clone(), id);
}

fn declare_ability(ctx: &mut Context, module: ModuleId, ability: &ast::OpSetDecl) {
    let at = ctx.at(module, ability.span);
    reserved_prefix(ctx, module, &ability.name, ability.span);
    type_params(ctx, module, &ability.params, ability.span);
    if vera_builtins::ABILITIES.iter().any(|a| a.name == ability.name.text) {
        return ctx.report(report::builtin_ability(at, &ability.name.text));
    }
    if let Some(first) = ctx.scopes[module.index()].abilities.get(&ability.name.text) {
        let first = ctx.at(module, first.span);
        return ctx.report(report::declared_twice(at, "ability", &ability.name.text, first));
    }
    let mut ops: Vec<(SmolStr, Span)> = Vec::new();
    for op in &ability.ops {
        let at = ctx.at(module, op.span);
        if vera_builtins::ABILITIES.iter().any(|a| a.op == op.name.text) {
            ctx.report(report::builtin_ability(at, &op.name.text));
            continue;
        }
        let elsewhere = ctx.scopes[module.index()]
            .abilities
            .values()
            .flat_map(|a| &a.ops)
            .chain(&ops)
            .find(|(name, _)| *name == op.name.text)
            .map(|(_, span)| *span);
        if let Some(first) = elsewhere {
            let first = ctx.at(module, first);
            ctx.report(report::declared_twice(at, "operation", &op.name.text, first));
            continue;
        }
        ops.push((op.name.text.clone(), op.span));
    }
    let entry = UserAbility { ops, span: ability.span };
    ctx.scopes[module.index()].abilities.insert(ability.name.text.clone(), entry);
}

/// Registers the functions of a module, `where` helpers included.
pub(super) fn declare_fns(ctx: &mut Context, module: ModuleId) {
    let tree = Arc::clone(&ctx.trees[module.index()]);
    for (index, top) in tree.decls.iter().enumerate() {
        let Decl::Fn(decl) = &top.decl else { continue };
        if top.visibility.is_none() {
            let at = ctx.at(module, top.span);
            ctx.report(report::missing_visibility(at, &decl.name.text, "fn"));
        }
        let visibility = top.visibility.unwrap_or(Visibility::Private);
        let path = vec![index as u32];
        let Some(id) = declare_fn(ctx, module, decl, visibility, None, path) else { continue };
        let scope = &mut ctx.scopes[module.index()];
        if let Some(first) = scope.own_fns.get(&decl.name.text).copied() {
            let first = ctx.program.fns[first.index()].span;
            let (at, first) = (ctx.at(module, decl.span), ctx.at(module, first));
            ctx.report(report::declared_twice(at, "function", &decl.name.text, first));
            ctx.fn_sources[id.index()].skip_body = true;
            continue;
        }
        scope.own_fns.insert(decl.name.text.clone(), id);
        scope.fns.insert(decl.name.text.clone(), FnDef::Fn(id));
        if module == crate::modules::ENTRY {
            ctx.program.entry_fns.push(id);
        }
    }
}

/// Registers a function and its helpers; `None` when its name is a built-in's.
fn declare_fn(
    ctx: &mut Context,
    module: ModuleId,
    decl: &ast::FnDecl,
    visibility: Visibility,
    parent: Option<FnId>,
    path: Vec<u32>,
) -> Option<FnId> {
    let at = ctx.at(module, decl.span);
    if module != PRELUDE {
        let name = decl.name.text.as_str();
        match vera_builtins::function(name) {
            Some(builtin) if builtin.can_be_redeclared() => {
                ctx.report(report::takes_the_place_of_builtin(at, name, builtin.since));
            }
            Some(_) => {
                ctx.report(report::redefines_builtin(at, name));
                return None;
            }
            None if name == "apply_fn" => {
                ctx.report(report::redefines_builtin(at, name));
                return None;
            }
            None => {}
        }
        if RESERVED_FN_NAMES.contains(&name) {
            ctx.report(report::reserved_fn(at, name));
        }
    }
    let (mut params, inherited) = match parent {
        Some(parent) => {
            let params = ctx.program.function(parent).type_params.clone();
            let count = params.len();
            (params, count)
        }
        None => (Vec::new(), 0),
    };
    if let Some(forall) = &decl.forall {
        type_params(ctx, module, &forall.vars, decl.span);
        params.extend(forall.vars.iter().map(|v| TypeParam {
            name: v.text.clone(),
            abilities: Vec::new(),
            shared: false,
        }));
    }
    let id = FnId(ctx.program.fns.len() as u32);
    ctx.program.fns.push(Function {
        name: decl.name.text.clone(),
        module,
        visibility,
        parent,
        type_params: params,
        inherited_params: inherited,
        params: Vec::new(),
        ret: Ty::UNKNOWN,
        effects: Vec::new(),
        clauses: Vec::new(),
        body: Body::default(),
        result: ExprId(0),
        span: decl.span,
        name_span: decl.name.span,
        signature: String::new(),
        cycle: None,
    });
    ctx.fn_sources.push(FnSource {
        module,
        path: path.clone(),
        helpers: HashMap::new(),
        row: Row::default(),
        skip_body: false,
    });
    declare_helpers(ctx, module, decl, id, &path);
    Some(id)
}

fn declare_helpers(
    ctx: &mut Context,
    module: ModuleId,
    decl: &ast::FnDecl,
    parent: FnId,
    path: &[u32],
) {
    let mut refused = false;
    for (index, helper) in decl.helpers.iter().enumerate() {
        let mut path = path.to_vec();
        path.push(index as u32);
        let Some(id) = declare_fn(ctx, module, helper, Visibility::Private, Some(parent), path)
        else {
            refused = true;
            continue;
        };
        let known = ctx.fn_sources[parent.index()].helpers.get(&helper.name.text).copied();
        if let Some(first) = known {
            let first = ctx.program.fns[first.index()].span;
            let (at, first) = (ctx.at(module, helper.span), ctx.at(module, first));
            ctx.report(report::declared_twice(at, "where helper", &helper.name.text, first));
            ctx.fn_sources[id.index()].skip_body = true;
            continue;
        }
        ctx.fn_sources[parent.index()].helpers.insert(helper.name.text.clone(), id);
        ctx.scopes[module.index()].helpers.insert(helper.name.text.clone(), parent);
    }
    if refused {
        // Uses would mean the built-in; judging them against it helps nobody.
        let family = |f: &Function| f.parent == Some(parent);
        let members: Vec<usize> = (0..ctx.program.fns.len())
            .filter(|i| *i == parent.index() || family(&ctx.program.fns[*i]))
            .collect();
        for member in members {
            ctx.fn_sources[member].skip_body = true;
        }
    }
}

//! Written types: what they denote, and which slot name they give a binding
//! (language reference, chapters 03.2 and 04.3).

use smol_str::SmolStr;
use vera_diagnostics::Span;
use vera_syntax::ast::{self, TypeId, TypeKind};

use crate::context::{AliasId, AliasState, Context, TypeDef};
use crate::declare::is_reserved_prefix;
use crate::diagnostics::{nearest, repairs, types as report};
use crate::modules::PRELUDE;
use crate::refinements;

use crate::typed::{Effect, EffectId, EffectInst, ModuleId, RefinementId};
use crate::types::{Printer, Row, Ty, TyKind};

/// Where a type is written.
#[derive(Clone)]
pub(crate) struct TypeScope {
    pub module: ModuleId,
    /// Type parameters in scope; position is the parameter's index.
    pub params: Vec<SmolStr>,
    /// At a slot reference: shape errors were reported where the type was declared.
    pub at_reference: bool,
    /// Refinements written here, for specification calls.
    pub refinements: Vec<RefinementId>,
}

impl TypeScope {
    pub fn new(module: ModuleId, params: Vec<SmolStr>) -> TypeScope {
        TypeScope { module, params, at_reference: false, refinements: Vec::new() }
    }
}

/// The type a type expression denotes; faults are reported and give a type that
/// draws no further ones.
pub(crate) fn resolve(ctx: &mut Context, scope: &mut TypeScope, id: TypeId) -> Ty {
    let tree = std::sync::Arc::clone(&ctx.trees[scope.module.index()]);
    let node = &tree.nodes[id];
    match &node.kind {
        TypeKind::Named { name, args } => {
            let args_: Vec<Ty> = args.iter().map(|a| resolve(ctx, scope, *a)).collect();
            resolve_named(ctx, scope, name, args_, node.span)
        }
        TypeKind::Fn { params, ret, effects } => {
            let params = params.iter().map(|p| resolve(ctx, scope, *p)).collect();
            let ret = resolve(ctx, scope, *ret);
            let (row, _) = resolve_row(ctx, scope, effects, true);
            ctx.program.types.intern(TyKind::Fn { params, ret, row })
        }
        TypeKind::Refined { base, .. } => {
            let base = resolve(ctx, scope, *base);
            let written = refinements::written(ctx, scope, id, base);
            scope.refinements.extend([written.own, written.shared]);
            let types = &mut ctx.program.types;
            let args = (0..)
                .zip(written.params)
                .map(|(i, name)| types.intern(TyKind::Param(i, name)))
                .collect();
            types.intern(TyKind::Refined(base, written.shared, args))
        }
        TypeKind::Error => Ty::UNKNOWN,
    }
}

fn primitive(name: &str) -> Option<Ty> {
    Some(match name {
        "Int" => Ty::INT,
        "Nat" => Ty::NAT,
        "Byte" => Ty::BYTE,
        "Bool" => Ty::BOOL,
        "Float64" => Ty::FLOAT64,
        "String" => Ty::STRING,
        "Unit" => Ty::UNIT,
        "Never" => Ty::NEVER,
        _ => return None,
    })
}

fn resolve_named(
    ctx: &mut Context,
    scope: &TypeScope,
    name: &ast::Name,
    args: Vec<Ty>,
    span: Span,
) -> Ty {
    let at = ctx.at(scope.module, span);
    let text = name.text.as_str();
    if args.is_empty()
        && let Some(index) = scope.params.iter().rposition(|p| *p == name.text)
    {
        if vera_builtins::is_reserved_type(text) {
            // Reported where it is declared; its uses draw nothing more.
            return Ty::UNKNOWN;
        }
        return ctx.program.types.intern(TyKind::Param(index as u32, name.text.clone()));
    }
    if args.is_empty()
        && let Some(ty) = primitive(text)
    {
        return ty;
    }
    if let Some(TypeDef::Alias(alias)) = ctx.type_def(scope.module, text) {
        return apply_alias(ctx, scope, alias, args, span);
    }
    match named_type(ctx, scope.module, text, args.clone()) {
        Ok(ty) => {
            if !scope.at_reference {
                zero_size_elements(ctx, scope.module, ty, span);
            }
            ty
        }
        Err(NameError::Arity { expected: 0 }) => {
            if !scope.at_reference {
                ctx.report(report::takes_no_arguments(at, text, text == "Decimal"));
            }
            match ctx.type_def(scope.module, text) {
                // Not the type without arguments, and equal to itself.
                Some(TypeDef::Data(id)) => ctx.program.types.intern(TyKind::Data(id, args)),
                _ => Ty::DECIMAL,
            }
        }
        Err(NameError::Arity { expected }) => {
            if !scope.at_reference {
                let given: Vec<String> = args.iter().map(|ty| ctx.show(*ty)).collect();
                ctx.report(report::type_arity(at, text, expected, &given));
            }
            Ty::UNKNOWN
        }
        Err(NameError::Poisoned) => Ty::UNKNOWN,
        Err(NameError::Unknown) if text == "Float" || is_reserved_prefix(text) => {
            if ctx.mentioned.insert((scope.module, name.text.clone())) {
                ctx.report(if text == "Float" {
                    report::float_is_not_a_type(at, ctx.at(scope.module, name.span))
                } else {
                    crate::diagnostics::declare::reserved_for_prelude(at, text)
                });
            }
            Ty::UNKNOWN
        }
        Err(NameError::Unknown) => {
            // One report for each name; what is of the type draws none.
            if ctx.mentioned.insert((scope.module, name.text.clone())) {
                let supplier = supplier_of_type(ctx, scope.module, text);
                let hidden = hidden_type(ctx, scope.module, text);
                let mut near = near_types(ctx, scope, text);
                near.retain(|other| other != text);
                let known = report::Elsewhere { supplier, hidden, near };
                let mut report = report::unknown_type(at, text, &known);
                report.fixes = match known.supplier.as_deref().filter(|path| !path.is_empty()) {
                    Some(path) => vec![repairs::import(ctx.head(scope.module), path, text)],
                    None if known.hidden.is_some() => Vec::new(),
                    None => repairs::rename(ctx.at(scope.module, name.span), &known.near),
                };
                ctx.report(report);
            }
            Ty::UNKNOWN
        }
    }
}

/// The path of an imported module that has a public data type of this name.
fn supplier_of_type(ctx: &Context, module: ModuleId, name: &str) -> Option<String> {
    ctx.program.modules.iter().enumerate().find_map(|(i, m)| {
        let public =
            ctx.scopes[i].own_types.get(name).is_some_and(|(_, v)| *v == ast::Visibility::Public);
        (public && i != module.index() && !m.prelude).then(|| m.path.clone())
    })
}

/// Why the type of this name of another file cannot be named here, and that file's path.
fn hidden_type(ctx: &Context, module: ModuleId, name: &str) -> Option<(report::Hidden, String)> {
    let other = |id: ModuleId| {
        let m = &ctx.program.modules[id.index()];
        (id != module && !m.prelude && !m.path.is_empty()).then(|| m.path.clone())
    };
    let private = (0..ctx.scopes.len() as u32).map(ModuleId).find_map(|id| {
        let (_, visibility) = ctx.scopes[id.index()].own_types.get(name)?;
        let path = other(id).filter(|_| *visibility == ast::Visibility::Private)?;
        Some((report::Hidden::Private, path))
    });
    let aliases = || ctx.aliases.iter().filter(|alias| alias.name == name);
    private.or_else(|| aliases().find_map(|a| Some((report::Hidden::Alias, other(a.module)?))))
}

/// Type names in scope that are like this one.
fn near_types(ctx: &Context, scope: &TypeScope, name: &str) -> Vec<String> {
    let own = ctx.scopes[scope.module.index()].types.keys();
    let prelude = ctx.scopes[PRELUDE.index()].own_types.keys();
    let names = scope.params.iter().chain(own).chain(prelude).map(|name| name.as_str());
    let mut near = nearest(name, names.chain(BUILTIN_TYPES.iter().copied()));
    if let Some(meant) = type_meaning(name)
        && near.is_empty()
    {
        near.push(meant.to_owned());
    }
    near
}

const BUILTIN_TYPES: &[&str] = &[
    "Array", "Bool", "Byte", "Decimal", "Float64", "Future", "Int", "Map", "Nat", "Never", "Set",
    "String", "Tuple", "Unit",
];

/// What other languages call a type.
fn type_meaning(name: &str) -> Option<&'static str> {
    Some(match name {
        "Integer" | "Long" | "I64" | "Int64" | "I32" | "Int32" => "Int",
        "Natural" | "UInt" | "U64" | "Usize" => "Nat",
        "Double" | "F64" | "Real" | "Number" => "Float64",
        "Boolean" => "Bool",
        "Str" | "Text" | "Char" => "String",
        "U8" => "Byte",
        "List" | "Vec" | "Vector" | "Seq" => "Array",
        "Dict" | "HashMap" => "Map",
        "HashSet" => "Set",
        "Maybe" => "Option",
        "Either" => "Result",
        "Pair" | "Triple" => "Tuple",
        "Void" => "Unit",
        _ => return None,
    })
}

/// Why a name with arguments is no type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NameError {
    Unknown,
    Poisoned,
    Arity { expected: usize },
}

/// The built-in or data type of this name at these arguments.
pub(crate) fn named_type(
    ctx: &mut Context,
    module: ModuleId,
    name: &str,
    args: Vec<Ty>,
) -> Result<Ty, NameError> {
    let own = ctx.scopes[module.index()].types.get(name).copied();
    let arity = |expected: usize| {
        if args.len() == expected { Ok(()) } else { Err(NameError::Arity { expected }) }
    };
    let kind = match (own, name) {
        (Some(TypeDef::Poisoned), _) => return Err(NameError::Poisoned),
        (None, "Array") => {
            arity(1)?;
            TyKind::Array(args[0])
        }
        (None, "Set") => {
            arity(1)?;
            TyKind::Set(args[0])
        }
        (None, "Future") => {
            arity(1)?;
            TyKind::Future(args[0])
        }
        (None, "Map") => {
            arity(2)?;
            TyKind::Map(args[0], args[1])
        }
        (None, "Tuple") => {
            if args.is_empty() {
                return Err(NameError::Arity { expected: 1 });
            }
            TyKind::Tuple(args)
        }
        (None, "Decimal") => {
            arity(0)?;
            TyKind::Decimal
        }
        (None, _) if primitive(name).is_some() => {
            return if args.is_empty() {
                Ok(primitive(name).expect("just tested"))
            } else {
                Err(NameError::Unknown)
            };
        }
        _ => match ctx.type_def(module, name) {
            Some(TypeDef::Data(id)) => {
                arity(ctx.program.data(id).params.len())?;
                TyKind::Data(id, args)
            }
            Some(TypeDef::Alias(_) | TypeDef::Ambiguous) | None => return Err(NameError::Unknown),
            Some(TypeDef::Poisoned) => return Err(NameError::Poisoned),
        },
    };
    Ok(ctx.program.types.intern(kind))
}

/// E135 for a container of values that take no space.
pub(crate) fn zero_size_elements(ctx: &mut Context, module: ModuleId, ty: Ty, span: Span) {
    let parts = match ctx.program.types.kind(ty) {
        TyKind::Array(t) => vec![("Array element", *t)],
        TyKind::Set(t) => vec![("Set element", *t)],
        TyKind::Map(k, v) => vec![("Map key", *k), ("Map value", *v)],
        _ => return,
    };
    for (what, part) in parts {
        if ctx.program.types.is_zero_size(part) {
            let at = ctx.at(module, span);
            let shown = ctx.show(part);
            ctx.report(report::zero_size_element(at, what, &shown));
        }
    }
}

fn apply_alias(
    ctx: &mut Context,
    scope: &TypeScope,
    alias: AliasId,
    args: Vec<Ty>,
    span: Span,
) -> Ty {
    let expected = ctx.aliases[alias.0 as usize].params.len();
    if args.len() != expected {
        if !scope.at_reference {
            let name = ctx.aliases[alias.0 as usize].name.clone();
            let at = ctx.at(scope.module, span);
            let given: Vec<String> = args.iter().map(|ty| ctx.show(*ty)).collect();
            ctx.report(report::type_arity(at, &name, expected, &given));
        }
        return Ty::UNKNOWN;
    }
    let body = alias_body(ctx, alias);
    ctx.program.types.subst(body, &args)
}

/// The alias's body over its own parameters, resolved on first use.
pub(crate) fn alias_body(ctx: &mut Context, id: AliasId) -> Ty {
    let alias = &mut ctx.aliases[id.0 as usize];
    match alias.state {
        AliasState::Resolved(ty) => ty,
        AliasState::Resolving => {
            let (module, span, name) = (alias.module, alias.span, alias.name.clone());
            // Every alias of the cycle is opaque, equal to itself only.
            let start = ctx.open_aliases.iter().position(|a| *a == id).unwrap_or_default();
            for member in ctx.open_aliases[start..].iter().copied() {
                let name = ctx.aliases[member.0 as usize].name.clone();
                let opaque = ctx.program.types.intern(TyKind::Undeclared(name));
                ctx.aliases[member.0 as usize].state = AliasState::Resolved(opaque);
            }
            let at = ctx.at(module, span);
            ctx.report(report::cyclic_alias(at, &name));
            alias_body(ctx, id)
        }
        AliasState::Unresolved => {
            alias.state = AliasState::Resolving;
            let (module, body) = (alias.module, alias.body);
            let mut scope = TypeScope::new(module, alias.params.clone());
            ctx.open_aliases.push(id);
            let ty = resolve(ctx, &mut scope, body);
            ctx.open_aliases.pop();
            if let Some(written) = ctx.refinements.get(&(module, body)) {
                let name = &ctx.aliases[id.0 as usize].name;
                for refinement in [written.own, written.shared] {
                    let named = &mut ctx.program.refinements[refinement.index()].name;
                    named.get_or_insert_with(|| name.clone());
                }
            }
            let state = &mut ctx.aliases[id.0 as usize].state;
            match *state {
                AliasState::Resolved(opaque) => opaque,
                AliasState::Resolving | AliasState::Unresolved => {
                    *state = AliasState::Resolved(ty);
                    ty
                }
            }
        }
    }
}

/// A row as a type has it, and in source order as a function declares it.
/// `variables` allows effect variables of the enclosing `forall`.
pub(crate) fn resolve_row(
    ctx: &mut Context,
    scope: &mut TypeScope,
    row: &ast::EffectRow,
    variables: bool,
) -> (Row, Vec<EffectInst>) {
    let mut effects = Vec::new();
    let mut vars = Vec::new();
    for effect in &row.effects {
        if effect.qualifier.is_none()
            && effect.args.is_empty()
            && scope.params.contains(&effect.name.text)
        {
            if variables {
                vars.push(effect.name.text.clone());
            } else {
                let at = ctx.at(scope.module, effect.span);
                ctx.report(report::own_row_variable(at, &effect.name.text));
            }
            continue;
        }
        effects.extend(resolve_effect(ctx, scope, effect));
    }
    let mut sorted = effects.clone();
    sorted.sort();
    sorted.dedup();
    (Row { effects: sorted, vars }, effects)
}

/// An effect reference, or `None` after a report.
pub(crate) fn resolve_effect(
    ctx: &mut Context,
    scope: &mut TypeScope,
    effect: &ast::EffectRef,
) -> Option<EffectInst> {
    let at = ctx.at(scope.module, effect.span);
    let args: Vec<Ty> = effect.args.iter().map(|a| resolve(ctx, scope, *a)).collect();
    let id = match &effect.qualifier {
        Some(_) => None,
        None => ctx.effect_id(scope.module, &effect.name.text),
    };
    let Some(id) = id else {
        let name = &effect.name.text;
        let foreign = ctx.foreign_effect(scope.module, name);
        let qualified = effect.qualifier.is_some();
        ctx.report(report::unknown_effect(at, name, qualified, foreign.as_deref()));
        return Some(EffectInst { effect: unknown_effect(ctx, scope.module, effect), args });
    };
    let declared = &ctx.program.effects[id.index()];
    if declared.params.len() != args.len() {
        let (name, expected) = (declared.name.clone(), declared.params.len());
        ctx.report(report::effect_arity(at, &name, expected));
        return None;
    }
    let name = declared.name.clone();
    if declared.module.is_none()
        && matches!(name.as_str(), "State" | "Exn")
        && (args[0] == Ty::NEVER || ctx.program.types.is_zero_size(args[0]))
    {
        let tree = std::sync::Arc::clone(&ctx.trees[scope.module.index()]);
        let at = ctx.at(scope.module, tree.nodes[effect.args[0]].span);
        let shown = ctx.show(args[0]);
        ctx.report(report::empty_cell(at, &name, &shown));
    }
    Some(EffectInst { effect: id, args })
}

/// The opaque effect that stands for an undeclared one: still part of its row.
fn unknown_effect(ctx: &mut Context, module: ModuleId, effect: &ast::EffectRef) -> EffectId {
    let name = match &effect.qualifier {
        Some(qualifier) => format!("{}.{}", qualifier.text, effect.name.text).into(),
        None => effect.name.text.clone(),
    };
    if let Some(known) = ctx.unknown_effects.get(&name) {
        return *known;
    }
    let id = EffectId(ctx.program.effects.len() as u32);
    ctx.program.effects.push(Effect {
        name: name.clone(),
        module: Some(module),
        params: Vec::new(),
        ops: Vec::new(),
        span: Span::default(),
    });
    ctx.unknown_effects.insert(name, id);
    id
}

/// The slot name a written type gives a binding.
pub(crate) fn slot_name(ctx: &mut Context, scope: &mut TypeScope, id: TypeId) -> SmolStr {
    let tree = std::sync::Arc::clone(&ctx.trees[scope.module.index()]);
    match &tree.nodes[id].kind {
        TypeKind::Named { name, args } if args.is_empty() => name.text.clone(),
        TypeKind::Named { name, args } => {
            let args: Vec<Ty> = args.iter().map(|a| resolve(ctx, scope, *a)).collect();
            let printer = Printer::slot(&ctx.program);
            let args: Vec<String> = args.iter().map(|a| printer.ty(*a)).collect();
            format!("{}<{}>", name.text, args.join(", ")).into()
        }
        TypeKind::Fn { .. } => "Fn".into(),
        TypeKind::Refined { base, .. } => slot_name(ctx, scope, *base),
        TypeKind::Error => "?".into(),
    }
}

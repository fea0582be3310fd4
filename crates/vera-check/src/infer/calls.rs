//! Calls of functions, generic instantiation, abilities and `apply_fn`
//! (language reference, chapters 03.10.1, 05.13 and 06.6).

use smol_str::SmolStr;
use vera_builtins::{BuiltinId, Lowering};
use vera_diagnostics::Span;
use vera_syntax::ast::{self, Name};

use super::generics::Solving;
use super::operators::is_ordered;
use super::{Infer, Owner};
use crate::context::FnDef;
use crate::diagnostics::{calls as report, nearest, repairs, types};
use crate::modules::PRELUDE;
use crate::typed::{Ability, ExprId, ExprKind, FnId, NarrowSite, Visibility};
use crate::types::{Row, Ty, TyKind};

/// A function as a call sees it; types over the callee's own parameters.
struct Callee {
    name: SmolStr,
    params: Vec<Ty>,
    ret: Ty,
    row: Row,
    /// Type arguments, fresh variables where the call decides.
    type_args: Vec<Ty>,
    /// How many type arguments are those of enclosing functions.
    inherited: usize,
    generic: bool,
    target: Target,
}

#[derive(Clone, Copy)]
enum Target {
    Fn(FnId),
    Builtin(BuiltinId),
}

/// What a bare name in a call resolves to.
enum Resolved {
    Fn(FnId),
    Builtin(&'static vera_builtins::Function),
    Operation,
    Ability(Ability),
    /// An operation of an ability declared in this file.
    UserAbility(SmolStr),
    Poisoned,
    Helper(FnId),
    Nothing,
}

impl Infer<'_> {
    pub(super) fn call(
        &mut self,
        name: &Name,
        args: &[ast::ExprId],
        expected: Option<Ty>,
        span: Span,
    ) -> ExprId {
        if name.text == "apply_fn" {
            return self.apply(args, span);
        }
        if name.text == "resume"
            && let Some(e) = self.resume(args, span)
        {
            return e;
        }
        match self.resolve_call(&name.text) {
            Resolved::Fn(id) => {
                let at = self.at(span);
                self.note_call(id, at);
                let callee = self.instantiate(id);
                self.apply_callee(callee, args, expected, span)
            }
            Resolved::Builtin(function) => {
                let callee = self.instantiate_builtin(function);
                self.apply_callee(callee, args, expected, span)
            }
            Resolved::Operation => self.bare_operation(name, args, expected, span),
            Resolved::Ability(ability) => self.ability_call(ability, args, span),
            Resolved::Poisoned => self.args_of_unknown(args, span),
            Resolved::UserAbility(ability) => {
                let at = self.at(span);
                self.ctx.report(types::user_ability_operation(at, &ability, &name.text));
                self.args_of_unknown(args, span)
            }
            Resolved::Helper(owner) => {
                let owner = self.ctx.program.function(owner).name.clone();
                let at = self.at(span);
                self.ctx.report(report::helper_outside(at, &name.text, &owner));
                self.args_of_unknown(args, span)
            }
            Resolved::Nothing => {
                self.effect_log.push(None);
                let at = self.at(span);
                let near = self.near_names(&name.text);
                let supplier = self.supplier_of_fn(&name.text);
                let mut report = report::unresolved(at, &name.text, &near, supplier.as_deref());
                report.fixes = match supplier.filter(|path| !path.is_empty()) {
                    Some(path) => {
                        vec![repairs::import(self.ctx.head(self.module), &path, &name.text)]
                    }
                    None => repairs::rename(self.at(name.span), &near),
                };
                self.ctx.report(report);
                self.args_of_unknown(args, span)
            }
        }
    }

    /// Checks the arguments of a call that names nothing.
    pub(super) fn args_of_unknown(&mut self, args: &[ast::ExprId], span: Span) -> ExprId {
        for arg in args {
            self.expr(*arg, None);
        }
        self.unknown(span)
    }

    fn resolve_call(&mut self, name: &str) -> Resolved {
        let mut at = match self.owner {
            Owner::Fn(id) => Some(id),
            Owner::Refinement(_) => None,
        };
        while let Some(id) = at {
            if let Some(helper) = self.ctx.fn_sources[id.index()].helpers.get(name) {
                // The word belongs to handler clauses.
                return if name == "resume" { Resolved::Helper(id) } else { Resolved::Fn(*helper) };
            }
            at = self.ctx.program.function(id).parent;
        }
        match self.ctx.scopes[self.module.index()].fns.get(name) {
            Some(FnDef::Fn(id)) => return Resolved::Fn(*id),
            Some(FnDef::Poisoned) => return Resolved::Poisoned,
            None => {}
        }
        if let Some(function) = vera_builtins::function(name) {
            if matches!(function.lowering, Lowering::Prelude | Lowering::Specified(_)) {
                let prelude = &self.ctx.scopes[PRELUDE.index()];
                return Resolved::Fn(prelude.own_fns[name]);
            }
            return Resolved::Builtin(function);
        }
        if self.is_operation(name) {
            return Resolved::Operation;
        }
        match name {
            "eq" => return Resolved::Ability(Ability::Eq),
            "compare" => return Resolved::Ability(Ability::Ord),
            "hash" => return Resolved::Ability(Ability::Hash),
            "show" => return Resolved::Ability(Ability::Show),
            _ => {}
        }
        let scope = &self.ctx.scopes[self.module.index()];
        let user = scope.abilities.iter().find(|(_, a)| a.ops.iter().any(|(op, _)| op == name));
        if let Some((ability, _)) = user {
            return Resolved::UserAbility(ability.clone());
        }
        match scope.helpers.get(name).or_else(|| scope.imported_helpers.get(name)) {
            Some(owner) => Resolved::Helper(*owner),
            None => Resolved::Nothing,
        }
    }

    /// Functions in scope whose name is close to this one; built-in ones only where the
    /// name means nothing by itself.
    fn near_names(&self, name: &str) -> Vec<String> {
        let scope = &self.ctx.scopes[self.module.index()];
        let own = nearest(name, scope.fns.keys().map(|k| k.as_str()));
        if !own.is_empty() || vera_builtins::meaning(name).is_some() {
            return own;
        }
        nearest(name, vera_builtins::FUNCTIONS.iter().map(|f| f.name))
    }

    /// The path of a module with a public function of this name.
    fn supplier_of_fn(&self, name: &str) -> Option<String> {
        self.ctx.program.modules.iter().enumerate().find_map(|(i, m)| {
            let id = self.ctx.scopes[i].own_fns.get(name)?;
            let public = self.ctx.program.function(*id).visibility == Visibility::Public;
            (public && i != self.module.index() && !m.prelude).then(|| m.path.clone())
        })
    }

    pub(super) fn module_call(
        &mut self,
        path: &ast::Path,
        name: &Name,
        args: &[ast::ExprId],
        expected: Option<Ty>,
        span: Span,
    ) -> ExprId {
        let dotted = path.dotted();
        let at = self.at(span);
        let scope = &self.ctx.scopes[self.module.index()];
        let target = match scope.imports.get(&dotted) {
            Some(import) if !import.brings(&name.text) => {
                let mut listed: Vec<String> =
                    import.names.iter().flatten().map(|n| n.to_string()).collect();
                listed.sort();
                self.ctx.report(report::not_listed(at, &dotted, &name.text, &listed));
                None
            }
            Some(import) => match self.ctx.scopes[import.module.index()].own_fns.get(&name.text) {
                Some(id) if self.ctx.program.function(*id).visibility == Visibility::Private => {
                    self.ctx.report(report::private_in_module(at, &dotted, &name.text));
                    None
                }
                Some(id) => Some(*id),
                None => {
                    let names = self.public_fns(import.module.index());
                    self.ctx.report(report::absent_in_module(at, &dotted, &name.text, &names));
                    None
                }
            },
            None if self.is_own_path(&dotted) => match scope.own_fns.get(&name.text) {
                Some(id) => Some(*id),
                None => {
                    let names = self.public_fns(self.module.index());
                    self.ctx.report(report::absent_in_module(at, &dotted, &name.text, &names));
                    None
                }
            },
            None => {
                self.ctx.report(report::module_not_imported(at, &dotted));
                None
            }
        };
        match target {
            Some(id) => {
                self.note_call(id, at);
                let callee = self.instantiate(id);
                self.apply_callee(callee, args, expected, span)
            }
            None => self.args_of_unknown(args, span),
        }
    }

    fn public_fns(&self, module: usize) -> Vec<String> {
        let mut names: Vec<String> = self.ctx.scopes[module]
            .own_fns
            .iter()
            .filter(|(_, id)| self.ctx.program.function(**id).visibility == Visibility::Public)
            .map(|(name, _)| name.to_string())
            .collect();
        names.sort();
        names
    }

    /// Whether a path names this very file, as the program reaches it.
    fn is_own_path(&self, dotted: &str) -> bool {
        let scope = &self.ctx.scopes[self.module.index()];
        if scope.own_path.as_deref() != Some(dotted) {
            return false;
        }
        let path = &self.ctx.program.modules[self.module.index()].path;
        path == dotted
            || (path.is_empty() && self.ctx.program.modules.iter().all(|m| m.path != dotted))
    }

    fn instantiate(&mut self, id: FnId) -> Callee {
        let function = self.ctx.program.function(id);
        let name = function.name.clone();
        let inherited = function.inherited_params;
        let names: Vec<SmolStr> = function.type_params.iter().map(|p| p.name.clone()).collect();
        let params: Vec<Ty> = function
            .params
            .iter()
            .map(|p| function.body.locals.get(p.index()).map_or(Ty::UNKNOWN, |l| l.ty))
            .collect();
        let ret = function.ret;
        let (params, ret) = match self.owner {
            // The function being checked has lent its body to this walk.
            Owner::Fn(own) if own == id => {
                let count = self.ctx.program.function(id).params.len();
                ((0..count).map(|i| self.body.locals[i].ty).collect(), ret)
            }
            Owner::Fn(_) | Owner::Refinement(_) => (params, ret),
        };
        let row = self.ctx.fn_sources[id.index()].row.clone();
        let mut type_args = Vec::new();
        for (i, name) in names.iter().enumerate() {
            type_args.push(if i < inherited {
                self.ctx.program.types.intern(TyKind::Param(i as u32, name.clone()))
            } else {
                self.fresh()
            });
        }
        let generic = type_args.len() > inherited;
        Callee { name, params, ret, row, type_args, inherited, generic, target: Target::Fn(id) }
    }

    fn instantiate_builtin(&mut self, function: &'static vera_builtins::Function) -> Callee {
        let signature = vera_builtins::signature::parse(function.signature);
        let params = signature
            .params
            .iter()
            .map(|p| crate::declare::table_type(self.ctx, p, &signature.type_params))
            .collect();
        let ret = crate::declare::table_type(self.ctx, &signature.ret, &signature.type_params);
        let type_args: Vec<Ty> = signature.type_params.iter().map(|_| self.fresh()).collect();
        let mut row = Row::default();
        if function.effects == vera_builtins::Effects::Async {
            let effect = self.ctx.effect_id(PRELUDE, "Async").expect("a built-in effect");
            row.effects.push(crate::typed::EffectInst { effect, args: Vec::new() });
        }
        Callee {
            name: function.name.into(),
            params,
            ret,
            row,
            inherited: 0,
            generic: !type_args.is_empty(),
            type_args,
            target: Target::Builtin(function.id),
        }
    }

    fn apply_callee(
        &mut self,
        callee: Callee,
        args: &[ast::ExprId],
        expected: Option<Ty>,
        span: Span,
    ) -> ExprId {
        let ret = self.ctx.program.types.subst(callee.ret, &callee.type_args);
        if args.len() != callee.params.len() {
            for arg in args {
                self.expr(*arg, None);
            }
            let at = self.at(span);
            let (want, given) = (callee.params.len(), args.len());
            self.ctx.report(report::argument_count(at, &callee.name, want, given));
            return self.push(ExprKind::Hole, ret, span);
        }
        let start = self.effect_log.len();
        let typed: Vec<ExprId> = if callee.generic {
            let (typed, conflict) = self.generic_args(&callee, args, ret, expected, span);
            if conflict { typed } else { self.coerce_args(&callee, args, typed) }
        } else {
            let typed = args
                .iter()
                .zip(&callee.params)
                .map(|(arg, param)| {
                    let param = self.ctx.program.types.subst(*param, &callee.type_args);
                    self.expr(*arg, Some(param))
                })
                .collect();
            self.coerce_args(&callee, args, typed)
        };
        if let Target::Builtin(BuiltinId::Async) = callee.target {
            self.async_argument(start, &typed, span);
        }
        let row = {
            let args = callee.type_args.clone();
            self.ctx.program.types.map_row(&callee.row, &mut |types, ty| match types.kind(ty) {
                TyKind::Param(index, _) => args.get(*index as usize).copied(),
                _ => None,
            })
        };
        self.performs(&row, span, &format!("`{}`", callee.name));
        let type_args = callee.type_args;
        let kind = match callee.target {
            Target::Fn(callee) => ExprKind::Call { callee, type_args, args: typed },
            Target::Builtin(function) => ExprKind::Builtin { function, type_args, args: typed },
        };
        self.push(kind, ret, span)
    }

    /// Types the arguments of a generic call and solves its type parameters;
    /// true after a conflict.
    fn generic_args(
        &mut self,
        callee: &Callee,
        args: &[ast::ExprId],
        ret: Ty,
        expected: Option<Ty>,
        span: Span,
    ) -> (Vec<ExprId>, bool) {
        let inherited = callee.inherited;
        let mut solving = Solving::new(inherited, callee.type_args.len());
        let mut typed = Vec::new();
        for (arg, param) in args.iter().zip(&callee.params) {
            let hint = self.ctx.program.types.subst(*param, &callee.type_args);
            // Only what the callee itself fixes is a hint.
            let hint = (!self.is_open(hint)).then_some(hint);
            let e = self.expr(*arg, hint);
            let found = self.ty(e);
            self.propose(&mut solving, *param, found, *arg);
            typed.push(e);
        }
        self.adopt(&solving, &callee.type_args);
        if let Some(expected) = expected {
            self.infer_result(ret, expected);
            self.settle_all(ret);
        }
        if let Some((first, second)) = solving.conflict {
            let (at, first, second) = (self.at(span), self.show(first), self.show(second));
            self.ctx.report(report::conflicting_inference(at, &callee.name, &first, &second));
        }
        (typed, solving.conflict.is_some())
    }

    fn coerce_args(
        &mut self,
        callee: &Callee,
        args: &[ast::ExprId],
        typed: Vec<ExprId>,
    ) -> Vec<ExprId> {
        let mut out = Vec::new();
        for (i, (e, param)) in typed.into_iter().zip(&callee.params).enumerate() {
            let param = self.ctx.program.types.subst(*param, &callee.type_args);
            let site = match callee.target {
                Target::Fn(_) => NarrowSite::Argument,
                Target::Builtin(_) => NarrowSite::BuiltinArgument,
            };
            match self.coerce(e, param, site) {
                Some(e) => out.push(e),
                None => {
                    let found = self.ty(e);
                    let at = self.at(self.tree.nodes[args[i]].span);
                    let (want, found) = (self.show(param), self.show(found));
                    let name = &callee.name;
                    self.ctx.report(report::argument_type(at, name, i, &want, &found));
                    out.push(e);
                }
            }
        }
        out
    }

    /// `apply_fn(f, args…)`
    fn apply(&mut self, args: &[ast::ExprId], span: Span) -> ExprId {
        let at = self.at(span);
        let Some((function, rest)) = args.split_first() else {
            self.ctx.report(report::argument_count(at, "apply_fn", 1, 0));
            return self.unknown(span);
        };
        let function_at = self.at(self.tree.nodes[*function].span);
        let function = self.expr(*function, None);
        let ty = self.ty(function);
        let (params, ret, row) = match self.shape(ty) {
            TyKind::Fn { params, ret, row } => (params, ret, row),
            TyKind::Unknown => return self.args_of_unknown(rest, span),
            TyKind::Never => {
                let args = rest.iter().map(|arg| self.expr(*arg, None)).collect();
                return self.push(ExprKind::Apply { function, args }, Ty::NEVER, span);
            }
            _ => {
                let shown = self.show(ty);
                self.ctx.report(report::not_a_function(function_at, &shown));
                return self.args_of_unknown(rest, span);
            }
        };
        if params.len() != rest.len() {
            self.ctx.report(report::argument_count(at, "apply_fn", params.len() + 1, args.len()));
            for arg in rest {
                self.expr(*arg, None);
            }
            return self.push(ExprKind::Hole, ret, span);
        }
        let mut typed = Vec::new();
        for (i, (arg, param)) in rest.iter().zip(&params).enumerate() {
            let e = self.expr(*arg, Some(*param));
            typed.push(match self.coerce(e, *param, NarrowSite::AppliedArgument) {
                Some(e) => e,
                None => {
                    let found = self.ty(e);
                    let (want, found) = (self.show(*param), self.show(found));
                    let at = self.at(self.tree.nodes[*arg].span);
                    self.ctx.report(report::argument_type(at, "apply_fn", i + 1, &want, &found));
                    e
                }
            });
        }
        self.performs(&row, span, "the applied function");
        self.push(ExprKind::Apply { function, args: typed }, ret, span)
    }

    fn ability_call(&mut self, ability: Ability, args: &[ast::ExprId], span: Span) -> ExprId {
        let at = self.at(span);
        let (name, arity, ret) = match ability {
            Ability::Eq => ("eq", 2, Ty::BOOL),
            Ability::Ord => {
                let data = self.ctx.program.prelude_data("Ordering").expect("a prelude type");
                let ret = self.ctx.program.types.intern(TyKind::Data(data, Vec::new()));
                ("compare", 2, ret)
            }
            Ability::Hash => ("hash", 1, Ty::INT),
            Ability::Show => ("show", 1, Ty::STRING),
        };
        let typed: Vec<ExprId> = args.iter().map(|a| self.expr(*a, None)).collect();
        if args.len() != arity {
            self.ctx.report(report::ability_count(at, name, arity, args.len()));
            return self.push(ExprKind::Hole, ret, span);
        }
        let first = self.ty(typed[0]);
        self.settle_all(first);
        if let Some(second) = typed.get(1) {
            let second = self.ty(*second);
            self.settle_all(second);
            if !self.subtype(first, second) && !self.subtype(second, first) {
                let at = self.at(self.tree.nodes[args[1]].span);
                let (want, found) = (self.show(first), self.show(second));
                self.ctx.report(report::ability_argument(at, name, &want, &found));
            }
        }
        for (arg, e) in args.iter().zip(&typed) {
            let ty = self.ty(*e);
            let ty = self.settle(ty);
            let at = self.at(self.tree.nodes[*arg].span);
            let fine = match ability {
                Ability::Ord => {
                    let kind = self.shape(ty);
                    is_ordered(&kind) || matches!(kind, TyKind::Param(..))
                }
                Ability::Eq | Ability::Hash | Ability::Show => self.has_ability(ability, ty),
            };
            if !fine {
                let shown = self.show(ty);
                self.ctx.report(report::lacks_ability(at, ability, name, &shown));
            }
        }
        self.push(ExprKind::AbilityOp { ability, args: typed }, ret, span)
    }
}

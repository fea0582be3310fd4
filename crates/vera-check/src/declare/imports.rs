//! What imports bring into a module's scope.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use smol_str::SmolStr;
use vera_diagnostics::{Diagnostic, Span};
use vera_syntax::ast;

use crate::context::{Context, CtorDef, FnDef, Import, TypeDef};
use crate::diagnostics::modules as report;
use crate::typed::{DataId, FnId, ModuleId, Visibility};

/// Enters the public names that `module` imports; names it declares itself win.
pub(super) fn bring(ctx: &mut Context, module: ModuleId, targets: &[Option<ModuleId>]) {
    let tree = Arc::clone(&ctx.trees[module.index()]);
    let mut lines: HashMap<ModuleId, Span> = HashMap::new();
    for (decl, target) in tree.imports.iter().zip(targets) {
        let Some(target) = *target else { continue };
        refuse_private(ctx, module, decl, target);
        let names: Option<HashSet<SmolStr>> =
            decl.names.as_ref().map(|names| names.iter().map(|n| n.text.clone()).collect());
        lines.insert(target, decl.span);
        let imports = &mut ctx.scopes[module.index()].imports;
        let entry = imports
            .entry(decl.path.dotted())
            .or_insert(Import { module: target, names: Some(HashSet::new()) });
        match (&mut entry.names, names) {
            (Some(known), Some(new)) => known.extend(new),
            (known, None) => *known = None,
            (None, Some(_)) => {}
        }
    }
    let mut imports: Vec<(Span, String, Import)> = ctx.scopes[module.index()]
        .imports
        .iter()
        .map(|(path, i)| (lines[&i.module], path.clone(), i.clone()))
        .collect();
    imports.sort_by_key(|(span, ..)| *span);
    bring_fns(ctx, module, &imports);
    bring_types(ctx, module, &imports);
}

/// E150 for listed names the module keeps to itself.
fn refuse_private(ctx: &mut Context, module: ModuleId, decl: &ast::ImportDecl, target: ModuleId) {
    for name in decl.names.iter().flatten() {
        let scope = &ctx.scopes[target.index()];
        let private_fn = scope
            .own_fns
            .get(&name.text)
            .map(|f| ctx.program.function(*f).visibility == Visibility::Private);
        let private_type = scope.own_types.get(&name.text).map(|(_, v)| *v == Visibility::Private);
        let helper = scope.helpers.contains_key(&name.text);
        let at = ctx.at(module, decl.span);
        let path = decl.path.dotted();
        match (private_fn, private_type) {
            (Some(false), _) | (_, Some(false)) => {}
            (Some(true), _) | (_, Some(true)) => {
                ctx.report(report::private_import(at, &path, &name.text))
            }
            (None, None) if helper => {
                let owner = scope.helpers[&name.text];
                let own = &mut ctx.scopes[module.index()].imported_helpers;
                own.insert(name.text.clone(), owner);
                ctx.report(report::helper_import(at, &path, &name.text));
            }
            (None, None) => ctx.report(report::absent_import(at, &path, &name.text)),
        }
    }
}

fn bring_fns(ctx: &mut Context, module: ModuleId, imports: &[(Span, String, Import)]) {
    let mut supplied: HashMap<SmolStr, (String, FnId)> = HashMap::new();
    let mut clashes = Clashes::default();
    for (line, path, import) in imports {
        let public: Vec<(SmolStr, FnId)> = ctx.scopes[import.module.index()]
            .own_fns
            .iter()
            .filter(|(name, f)| {
                import.brings(name) && ctx.program.function(**f).visibility == Visibility::Public
            })
            .map(|(name, f)| (name.clone(), *f))
            .collect();
        for (name, id) in public {
            if ctx.scopes[module.index()].own_fns.contains_key(&name) {
                continue;
            }
            if let Some((first, known)) = supplied.get(&name) {
                if *known != id {
                    let at = ctx.at(module, *line);
                    clashes.enter(&name, report::ambiguous_fn(at, &name, first, path));
                    ctx.scopes[module.index()].fns.insert(name, FnDef::Poisoned);
                }
                continue;
            }
            supplied.insert(name.clone(), (path.clone(), id));
            ctx.scopes[module.index()].fns.insert(name, FnDef::Fn(id));
        }
    }
    clashes.report(ctx);
}

/// One report for each name that several imports supply, at the last of them.
#[derive(Default)]
struct Clashes(Vec<(SmolStr, Diagnostic)>);

impl Clashes {
    fn enter(&mut self, name: &SmolStr, diagnostic: Diagnostic) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = diagnostic,
            None => self.0.push((name.clone(), diagnostic)),
        }
    }

    fn report(self, ctx: &mut Context) {
        self.0.into_iter().for_each(|(_, diagnostic)| ctx.report(diagnostic));
    }
}

fn bring_types(ctx: &mut Context, module: ModuleId, imports: &[(Span, String, Import)]) {
    let local_types: HashSet<SmolStr> = ctx.scopes[module.index()].types.keys().cloned().collect();
    let local_ctors: HashSet<SmolStr> = ctx.scopes[module.index()].ctors.keys().cloned().collect();
    let mut types: HashMap<SmolStr, (String, DataId)> = HashMap::new();
    let mut ctors: HashMap<SmolStr, (String, DataId)> = HashMap::new();
    let (mut type_clashes, mut ctor_clashes) = (Clashes::default(), Clashes::default());
    for (line, path, import) in imports {
        let mut public: Vec<(SmolStr, DataId)> = ctx.scopes[import.module.index()]
            .own_types
            .iter()
            .filter(|(name, (_, v))| import.brings(name) && *v == Visibility::Public)
            .map(|(name, (id, _))| (name.clone(), *id))
            .collect();
        public.sort_by_key(|(_, id)| *id);
        let at = ctx.at(module, *line);
        for (name, id) in public {
            let names: Vec<SmolStr> =
                ctx.program.data(id).ctors.iter().map(|c| c.name.clone()).collect();
            for (index, ctor) in names.into_iter().enumerate() {
                if local_ctors.contains(&ctor) {
                    continue;
                }
                match ctors.get(&ctor) {
                    Some((first, known)) if *known != id => {
                        ctor_clashes.enter(&ctor, report::ambiguous_ctor(at, &ctor, first, path));
                        ctx.scopes[module.index()].ctors.insert(ctor, CtorDef::Poisoned);
                    }
                    Some(_) => {}
                    None => {
                        ctors.insert(ctor.clone(), (path.clone(), id));
                        let def = CtorDef::Ctor(id, index as u32);
                        ctx.scopes[module.index()].ctors.insert(ctor, def);
                    }
                }
            }
            if local_types.contains(&name) {
                continue;
            }
            match types.get(&name) {
                Some((first, known)) if *known != id => {
                    type_clashes.enter(&name, report::ambiguous_type(at, &name, first, path));
                    ctx.scopes[module.index()].types.insert(name, TypeDef::Ambiguous);
                }
                Some(_) => {}
                None => {
                    types.insert(name.clone(), (path.clone(), id));
                    ctx.scopes[module.index()].types.insert(name, TypeDef::Data(id));
                }
            }
        }
    }
    type_clashes.report(ctx);
    ctor_clashes.report(ctx);
}

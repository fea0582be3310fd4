//! What the checker knows at the end of a text.

use vera_check::typed::{ExprId, ExprKind, FnId, ModuleId, Program};
use vera_check::types::{Printer, Ty, TyKind};
use vera_check::{Checked, Loader};
use vera_diagnostics::SourceFile;
use vera_syntax::ast::{self, Decl, TypeKind};
use vera_syntax::{Role, Roles};

use crate::closing::closing;
use crate::context::Context;
use crate::{Item, Kind};

/// A binding in scope.
pub struct Slot {
    /// Its slot name.
    pub name: String,
    pub index: usize,
    /// Its type, as it is shown.
    pub ty: String,
    /// `None`: no type is wanted.
    pub fits: Option<bool>,
}

/// A text, closed and checked.
pub struct Scene<'t> {
    pub context: Context<'t>,
    checked: Option<Checked>,
    /// The bindings in scope, innermost first; `None` where that is not known.
    pub slots: Option<Vec<Slot>>,
    /// The type that is wanted.
    want: Option<Ty>,
    function: Option<FnId>,
    /// The name that a result of the enclosing function goes by, where it can be named.
    pub result: Option<String>,
}

/// Where names mean something that the checker knows.
const NAMED: [Role; 10] = [
    Role::Operand,
    Role::Type,
    Role::Slot,
    Role::Index,
    Role::Constructor,
    Role::Effect,
    Role::Ability,
    Role::Operation,
    Role::Clause,
    Role::Member,
];

impl<'t> Scene<'t> {
    pub fn new(text: &'t str, roles: Roles, loader: &mut dyn Loader) -> Scene<'t> {
        let context = Context::new(text);
        let mut scene =
            Scene { context, checked: None, slots: None, want: None, function: None, result: None };
        if !NAMED.into_iter().any(|role| roles.contains(role)) {
            return scene;
        }
        let in_reference = roles.contains(Role::Slot) || roles.contains(Role::Index);
        // A hole in the place of the reference that is begun.
        let base = match scene.context.reference().filter(|_| in_reference) {
            Some((start, _)) => &text[..start],
            None => text,
        };
        let Some(end) = closing(base) else { return scene };
        let source = SourceFile::new("next.vera", &format!("{base}{end}"));
        scene.checked = Some(vera_check::check(source, loader));
        if in_reference || roles.contains(Role::Operand) {
            scene.look(base.len() as u32);
        }
        scene
    }

    pub fn program(&self) -> Option<&Program> {
        self.checked.as_ref()?.typed()
    }

    pub fn tree(&self) -> Option<&ast::Program> {
        self.checked.as_ref()?.trees.first().map(std::convert::AsRef::as_ref)
    }

    /// Looks around in the hole at an offset.
    fn look(&mut self, at: u32) {
        let Some(program) = self.program() else { return };
        let fns = program.fns.iter().enumerate();
        let fns = fns.map(|(i, f)| (Some(FnId(i as u32)), f.module, &f.body));
        let bodies = fns.chain(program.refinements.iter().map(|r| (None, r.module, &r.body)));
        let mut found = None;
        for (function, _, body) in bodies.filter(|(_, module, _)| *module == ModuleId(0)) {
            let is = |e: &vera_check::typed::Expr| {
                matches!(e.kind, ExprKind::Hole) && e.span.start == at
            };
            if let Some(i) = body.exprs.iter().position(is) {
                found = Some((function, body, ExprId(i as u32)));
                break;
            }
        }
        let Some((function, body, hole)) = found else { return };
        let known = |ty: &Ty| {
            !matches!(
                program.types.kind(*ty),
                TyKind::Unknown | TyKind::Meta(_) | TyKind::Undeclared(_)
            )
        };
        let want = Some(body[hole].ty).filter(known);
        let printer = Printer::message(program);
        let mut slots: Vec<Slot> = Vec::new();
        for local in body.in_scope(hole) {
            let local = &body[local];
            let index = slots.iter().filter(|slot| slot.name == local.slot).count();
            let fits = want.map(|want| fits(program, local.ty, want));
            let (name, ty) = (local.slot.to_string(), printer.ty(local.ty));
            slots.push(Slot { name, index, ty, fits });
        }
        let result = function.filter(|_| self.context.in_ensures()).and_then(|f| self.result_of(f));
        (self.slots, self.want, self.function, self.result) = (Some(slots), want, function, result);
    }

    /// The head of the slot name of a function's result.
    fn result_of(&self, function: FnId) -> Option<String> {
        fn find(f: &ast::FnDecl, name: vera_diagnostics::Span) -> Option<&ast::FnDecl> {
            if f.name.span == name {
                return Some(f);
            }
            f.helpers.iter().find_map(|helper| find(helper, name))
        }
        let (program, tree) = (self.program()?, self.tree()?);
        let name = program.function(function).name_span;
        let declared = tree.decls.iter().find_map(|decl| match &decl.decl {
            Decl::Fn(f) => find(f, name),
            Decl::Data(_) | Decl::Alias(_) | Decl::Effect(_) | Decl::Ability(_) => None,
        })?;
        let mut ty = declared.ret;
        loop {
            match &tree.nodes[ty].kind {
                TypeKind::Named { name, .. } => return Some(name.text.to_string()),
                TypeKind::Fn { .. } => return Some("Fn".to_owned()),
                TypeKind::Refined { base, .. } => ty = *base,
                TypeKind::Error => return None,
            }
        }
    }

    /// The effects that the enclosing function may perform, or handles.
    pub fn effects(&self) -> Vec<String> {
        let (Some(program), Some(function)) = (self.program(), self.function) else {
            return Vec::new();
        };
        let around = std::iter::successors(Some(function), |f| program.function(*f).parent);
        let rows = around.flat_map(|f| &program.function(f).effects);
        let names = rows.map(|e| program.effects[e.effect.index()].name.to_string());
        names.chain(self.context.handles().map(str::to_owned)).collect()
    }

    /// Whether a value of a type can stand in the hole by itself.
    pub fn fits(&self, ty: Ty) -> Option<bool> {
        Some(fits(self.program()?, ty, self.want?))
    }

    /// Whether a constructor of a data type builds what is wanted.
    pub fn builds(&self, data: &vera_check::typed::Data) -> Option<bool> {
        let (program, want) = (self.program()?, self.want?);
        Some(match program.types.base_kind(want) {
            TyKind::Data(id, _) => {
                let wanted = program.data(*id);
                wanted.name == data.name && wanted.module == data.module
            }
            _ => false,
        })
    }

    /// Says of literals whether they are of the type that is wanted.
    pub fn mark(&self, items: &mut [Item]) {
        let (Some(program), Some(want)) = (self.program(), self.want) else { return };
        let kind = program.types.base_kind(want);
        let any_slot = self.slots.iter().flatten().any(|slot| slot.fits == Some(true));
        for item in items.iter_mut().filter(|item| item.fits.is_none()) {
            item.fits = match (item.kind, item.text.as_str()) {
                (Kind::Class, "INT_LIT") => {
                    Some(matches!(kind, TyKind::Int | TyKind::Nat | TyKind::Byte))
                }
                (Kind::Class, "FLOAT_LIT") => Some(matches!(kind, TyKind::Float64)),
                (Kind::Class, "STRING_LIT") => Some(matches!(kind, TyKind::String)),
                (Kind::Keyword, "true" | "false") => Some(matches!(kind, TyKind::Bool)),
                (Kind::Symbol, "?") => Some(true),
                (Kind::Symbol, "@") => Some(any_slot),
                (Kind::Symbol, "[") => Some(matches!(kind, TyKind::Array(_))),
                _ => continue,
            };
        }
    }
}

/// Whether a value of a type is one of another: the same, up to refinements, and a `Nat`
/// where an `Int` is wanted.
fn fits(program: &Program, ty: Ty, want: Ty) -> bool {
    let types = &program.types;
    let (ty, base) = (types.base(ty), types.base(want));
    ty == base
        || matches!(
            (types.kind(ty), types.kind(base)),
            (TyKind::Nat, TyKind::Int) | (TyKind::Never, _)
        )
}

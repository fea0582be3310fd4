//! What every name of a program stands for: the way from a place in a text to what is
//! declared, and from there to every place that means it.

use std::collections::HashMap;
use std::sync::OnceLock;

use vera_builtins::BuiltinId;
use vera_check::Checked;
use vera_check::typed::{
    Body, DataId, EffectId, ExprId, ExprKind, FnId, LocalId, ModuleId, Program, RefinementId,
};
use vera_check::types::{Printer, Ty};
use vera_diagnostics::{FileId, Span};
use vera_syntax::ast::{self, Decl, PatternKind, TypeKind};

/// Whose body a binding or expression belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    Function(FnId),
    Refinement(RefinementId),
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    Local(Owner, LocalId),
    Function(FnId),
    Builtin(BuiltinId),
    Constructor(DataId, u32),
    Data(DataId),
    Effect(EffectId),
    Operation(EffectId, u32),
    /// A `type` declaration: which of its file's declarations.
    Alias(FileId, u32),
}

/// A name in a text.
#[derive(Clone, Copy, Debug)]
pub struct Occurrence {
    pub file: FileId,
    pub span: Span,
    pub target: Target,
    /// Whether this is where it is declared.
    pub declares: bool,
}

/// The names of a program's files, read when they are asked for: a file is one text of many,
/// and most answers are about one file.
#[derive(Debug, Default)]
pub struct Names {
    /// By file; none of the prelude.
    files: Vec<OnceLock<Vec<Occurrence>>>,
}

impl Names {
    pub fn new(checked: &Checked) -> Names {
        Names { files: checked.trees.iter().map(|_| OnceLock::new()).collect() }
    }

    /// The index of the program they are the names of.
    pub fn of<'d>(&'d self, checked: &'d Checked) -> Index<'d> {
        Index { names: self, checked }
    }
}

/// Every name of a program, the prelude's own excepted.
#[derive(Clone, Copy, Debug)]
pub struct Index<'d> {
    names: &'d Names,
    checked: &'d Checked,
}

impl<'d> Index<'d> {
    /// The smallest name at a place.
    pub fn at(self, file: FileId, offset: u32) -> Option<Occurrence> {
        let touches = |o: &&Occurrence| o.span.start <= offset && offset <= o.span.end;
        let found = self.of_file(file).filter(touches);
        found.min_by_key(|o| o.span.end - o.span.start).copied()
    }

    /// Every place that means the same.
    pub fn all(self, target: Target) -> impl Iterator<Item = &'d Occurrence> {
        // A binding has no names elsewhere.
        let only = match target {
            Target::Local(..) => self.home(target),
            Target::Function(_)
            | Target::Builtin(_)
            | Target::Constructor(..)
            | Target::Data(_)
            | Target::Effect(_)
            | Target::Operation(..)
            | Target::Alias(..) => None,
        };
        let all = (0..self.names.files.len() as u32).map(FileId);
        let files = all.filter(move |file| only.is_none_or(|only| *file == only));
        files.flat_map(move |file| self.of_file(file)).filter(move |o| o.target == target)
    }

    /// Where it is declared, if that is in a file of the program.
    pub fn declaration(self, target: Target) -> Option<Occurrence> {
        let mut names = self.of_file(self.home(target)?);
        names.find(|o| o.declares && o.target == target).copied()
    }

    /// Every name of a file.
    pub fn of_file(self, file: FileId) -> std::slice::Iter<'d, Occurrence> {
        let names = self.names.files.get(file.0 as usize);
        names
            .map(|names| &**names.get_or_init(|| read(self.checked, file)))
            .unwrap_or_default()
            .iter()
    }

    /// The file that declares it; `None`: the tool does.
    fn home(self, target: Target) -> Option<FileId> {
        let program = self.checked.typed()?;
        let module = match target {
            Target::Local(Owner::Function(id), _) | Target::Function(id) => {
                program.function(id).module
            }
            Target::Local(Owner::Refinement(id), _) => program.refinements[id.index()].module,
            Target::Constructor(data, _) | Target::Data(data) => program.datas[data.index()].module,
            Target::Effect(effect) | Target::Operation(effect, _) => {
                program.effects[effect.index()].module?
            }
            Target::Alias(file, _) => return Some(file),
            Target::Builtin(_) => return None,
        };
        Some(program.modules[module.index()].file)
    }
}

/// Reads the names of a file.
fn read(checked: &Checked, file: FileId) -> Vec<Occurrence> {
    let mut out = Vec::new();
    // Ids of modules are those of their files.
    let module = ModuleId(file.0);
    let Some(program) = checked.typed().filter(|program| !program.is_prelude(module)) else {
        return out;
    };
    let tree = &checked.trees[module.index()];
    let exprs = expressions(program, module);
    Reader { program, tree, module, file, exprs, out: &mut out }.read();
    out
}

/// The typed expressions of a module, by the text they were written as.
pub type Expressions = HashMap<Span, Vec<(Owner, ExprId)>>;

pub fn expressions(program: &Program, module: ModuleId) -> Expressions {
    let mut out = Expressions::new();
    for (owner, body) in bodies(program, module) {
        for (i, expr) in body.exprs.iter().enumerate() {
            out.entry(expr.span).or_default().push((owner, ExprId(i as u32)));
        }
    }
    out
}

/// Everything with a body in a module.
pub fn bodies(program: &Program, module: ModuleId) -> impl Iterator<Item = (Owner, &Body)> {
    let fns = program.fns.iter().enumerate().filter(move |(_, f)| f.module == module);
    let fns = fns.map(|(i, f)| (Owner::Function(FnId(i as u32)), &f.body));
    let refinements = program.refinements.iter().enumerate();
    let refinements = refinements.filter(move |(_, r)| r.module == module);
    fns.chain(refinements.map(|(i, r)| (Owner::Refinement(RefinementId(i as u32)), &r.body)))
}

/// The body of an owner.
pub fn body(program: &Program, owner: Owner) -> &Body {
    match owner {
        Owner::Function(id) => &program.function(id).body,
        Owner::Refinement(id) => &program.refinements[id.index()].body,
    }
}

/// Which parameter of its function a binding is, from 0; `None` where it is none.
pub fn parameter(program: &Program, owner: Owner, local: LocalId) -> Option<usize> {
    match owner {
        Owner::Function(id) => program.function(id).params.iter().position(|p| *p == local),
        Owner::Refinement(_) => None,
    }
}

/// The types of parameters as they are shown, and with the result as a signature.
pub fn signature(program: &Program, params: &[Ty], ret: Ty) -> (Vec<String>, String) {
    let printer = Printer::message(program);
    let params: Vec<String> = params.iter().map(|ty| printer.ty(*ty)).collect();
    let signature = format!("({} -> {})", params.join(", "), printer.ty(ret));
    (params, signature)
}

/// Reads the names of one file.
struct Reader<'a> {
    program: &'a Program,
    tree: &'a ast::Program,
    module: ModuleId,
    file: FileId,
    exprs: Expressions,
    out: &'a mut Vec<Occurrence>,
}

impl Reader<'_> {
    fn read(mut self) {
        self.imports();
        for (i, decl) in self.tree.decls.iter().enumerate() {
            self.declaration(i as u32, &decl.decl);
        }
        self.bindings();
        for ty in self.tree.nodes.types() {
            match &ty.kind {
                TypeKind::Named { name, .. } => self.type_name(name),
                TypeKind::Fn { effects, .. } => self.row(effects),
                TypeKind::Refined { .. } | TypeKind::Error => {}
            }
        }
        for pattern in self.tree.nodes.patterns() {
            if let PatternKind::Ctor { name, .. } | PatternKind::NullaryCtor { name } =
                &pattern.kind
            {
                self.constructor_name(name);
            }
        }
        for expr in self.tree.nodes.exprs() {
            self.expression(expr);
        }
    }

    fn add(&mut self, span: Span, target: Target, declares: bool) {
        self.out.push(Occurrence { file: self.file, span, target, declares });
    }

    fn imports(&mut self) {
        for import in &self.tree.imports {
            let path = import.path.dotted();
            let Some(module) = self.program.modules.iter().position(|m| m.path == path) else {
                continue;
            };
            let module = ModuleId(module as u32);
            for name in import.names.iter().flatten() {
                let target = match self.function_in(module, &name.text) {
                    Some(id) => Some(Target::Function(id)),
                    None => self.data_in(module, &name.text).map(Target::Data),
                };
                if let Some(target) = target {
                    self.add(name.span, target, false);
                }
            }
        }
    }

    fn function_in(&self, module: ModuleId, name: &str) -> Option<FnId> {
        let is = |f: &vera_check::typed::Function| {
            f.module == module && f.parent.is_none() && f.name == name
        };
        self.program.fns.iter().position(is).map(|i| FnId(i as u32))
    }

    fn data_in(&self, module: ModuleId, name: &str) -> Option<DataId> {
        let is = |d: &vera_check::typed::Data| d.module == module && d.name == name;
        self.program.datas.iter().position(is).map(|i| DataId(i as u32))
    }

    /// This module, those it imports, and the prelude, in the order names are looked up.
    fn visible(&self) -> impl Iterator<Item = ModuleId> {
        let imported = self.tree.imports.iter().filter_map(|import| {
            let path = import.path.dotted();
            self.program.modules.iter().position(|m| m.path == path)
        });
        let prelude = self.program.modules.iter().position(|m| m.prelude);
        let others = imported.chain(prelude).map(|i| ModuleId(i as u32));
        std::iter::once(self.module).chain(others)
    }

    fn type_name(&mut self, name: &ast::Name) {
        let alias = self.tree.decls.iter().position(|decl| match &decl.decl {
            Decl::Alias(alias) => alias.name.text == name.text,
            Decl::Fn(_) | Decl::Data(_) | Decl::Effect(_) | Decl::Ability(_) => false,
        });
        if let Some(alias) = alias {
            return self.add(name.span, Target::Alias(self.file, alias as u32), false);
        }
        let data = self.visible().find_map(|module| self.data_in(module, &name.text));
        if let Some(data) = data {
            self.add(name.span, Target::Data(data), false);
        }
    }

    fn constructor_name(&mut self, name: &ast::Name) {
        let found = self.visible().find_map(|module| {
            let datas = self.program.datas.iter().enumerate().filter(|(_, d)| d.module == module);
            let mut found = datas.filter_map(|(i, data)| {
                let ctor = data.ctors.iter().position(|c| c.name == name.text)?;
                Some(Target::Constructor(DataId(i as u32), ctor as u32))
            });
            found.next()
        });
        if let Some(target) = found {
            self.add(name.span, target, false);
        }
    }

    fn effect_named(&self, name: &str) -> Option<EffectId> {
        let effects = self.program.effects.iter().enumerate();
        let mut named = effects.filter(|(_, e)| e.name == name);
        let own = named.clone().find(|(_, e)| e.module == Some(self.module));
        own.or_else(|| named.find(|(_, e)| e.module.is_none())).map(|(i, _)| EffectId(i as u32))
    }

    fn row(&mut self, row: &ast::EffectRow) {
        for effect in &row.effects {
            self.effect(effect);
        }
    }

    fn effect(&mut self, effect: &ast::EffectRef) {
        if let Some(id) = self.effect_named(&effect.name.text) {
            self.add(effect.name.span, Target::Effect(id), false);
        }
    }

    fn declaration(&mut self, number: u32, decl: &Decl) {
        match decl {
            Decl::Fn(f) => self.function(f),
            Decl::Data(data) => {
                let Some(id) = self.data_in(self.module, &data.name.text) else { return };
                self.add(data.name.span, Target::Data(id), true);
                for (i, ctor) in data.ctors.iter().enumerate() {
                    self.add(ctor.name.span, Target::Constructor(id, i as u32), true);
                }
            }
            Decl::Alias(alias) => {
                self.add(alias.name.span, Target::Alias(self.file, number), true);
            }
            Decl::Effect(effect) => {
                let Some(id) = self.effect_named(&effect.name.text) else { return };
                self.add(effect.name.span, Target::Effect(id), true);
                for (i, op) in effect.ops.iter().enumerate() {
                    self.add(op.name.span, Target::Operation(id, i as u32), true);
                }
            }
            Decl::Ability(_) => {}
        }
    }

    fn function(&mut self, f: &ast::FnDecl) {
        let is =
            |g: &vera_check::typed::Function| g.module == self.module && g.name_span == f.name.span;
        if let Some(i) = self.program.fns.iter().position(is) {
            self.add(f.name.span, Target::Function(FnId(i as u32)), true);
        }
        self.row(&f.effects);
        f.helpers.iter().for_each(|helper| self.function(helper));
    }

    /// Where slots are bound: at the types they are named by.
    fn bindings(&mut self) {
        let written: std::collections::HashSet<Span> =
            self.tree.nodes.types().map(|ty| ty.span).collect();
        for (owner, body) in bodies(self.program, self.module) {
            for (i, local) in body.locals.iter().enumerate() {
                if written.contains(&local.span) {
                    let target = Target::Local(owner, LocalId(i as u32));
                    let declares = true;
                    self.out.push(Occurrence {
                        file: self.file,
                        span: local.span,
                        target,
                        declares,
                    });
                }
            }
        }
    }

    /// What the expression at a span is, seen through checks of narrower types.
    fn typed<T>(&self, span: Span, of: impl Fn(Owner, &ExprKind) -> Option<T>) -> Option<T> {
        let found = self.exprs.get(&span)?;
        found.iter().find_map(|(owner, e)| of(*owner, &body(self.program, *owner)[*e].kind))
    }

    fn expression(&mut self, expr: &ast::Expr) {
        match &expr.kind {
            ast::ExprKind::Slot { .. } => {
                let local = self.typed(expr.span, |owner, kind| match kind {
                    ExprKind::Local(local) => Some(Target::Local(owner, *local)),
                    _ => None,
                });
                if let Some(target) = local {
                    self.add(expr.span, target, false);
                }
            }
            ast::ExprKind::Call { name, stage, .. }
            | ast::ExprKind::ModuleCall { name, stage, .. } => {
                self.called(expr.span, *stage, name);
            }
            ast::ExprKind::OpCall { qualifier, name, stage, .. } => {
                self.called(expr.span, *stage, name);
                if let Some(id) = self.effect_named(&qualifier.text) {
                    self.add(qualifier.span, Target::Effect(id), false);
                }
            }
            ast::ExprKind::CtorCall { name, .. } | ast::ExprKind::Ctor { name } => {
                let built = self.typed(expr.span, |_, kind| match kind {
                    ExprKind::Construct { data, ctor, .. } => {
                        Some(Target::Constructor(*data, *ctor))
                    }
                    _ => None,
                });
                match built {
                    Some(target) => self.add(name.span, target, false),
                    None => self.constructor_name(name),
                }
            }
            ast::ExprKind::Closure(closure) => self.row(&closure.effects),
            ast::ExprKind::Handle(handle) => {
                self.effect(&handle.effect);
                let Some(id) = self.effect_named(&handle.effect.name.text) else { return };
                for clause in &handle.clauses {
                    let ops = &self.program.effects[id.index()].ops;
                    if let Some(op) = ops.iter().position(|op| op.name == clause.op.text) {
                        self.add(clause.op.span, Target::Operation(id, op as u32), false);
                    }
                }
            }
            ast::ExprKind::Old(effect) | ast::ExprKind::New(effect) => self.effect(effect),
            ast::ExprKind::Int(_)
            | ast::ExprKind::Float(_)
            | ast::ExprKind::Str(_)
            | ast::ExprKind::Bool(_)
            | ast::ExprKind::Unit
            | ast::ExprKind::Hole
            | ast::ExprKind::Interpolated(_)
            | ast::ExprKind::Array(_)
            | ast::ExprKind::Result { .. }
            | ast::ExprKind::Unary { .. }
            | ast::ExprKind::Binary { .. }
            | ast::ExprKind::Index { .. }
            | ast::ExprKind::If { .. }
            | ast::ExprKind::Match { .. }
            | ast::ExprKind::Block(_)
            | ast::ExprKind::Assert(_)
            | ast::ExprKind::Assume(_)
            | ast::ExprKind::Quantifier { .. }
            | ast::ExprKind::Error => {}
        }
    }

    /// A call: what is piped into is typed as it is written, without what is piped.
    fn called(&mut self, span: Span, stage: Option<ast::Stage>, name: &ast::Name) {
        let callee = |_, kind: &ExprKind| match kind {
            ExprKind::Call { callee, .. } => Some(Target::Function(*callee)),
            ExprKind::Builtin { function, .. } => Some(Target::Builtin(*function)),
            ExprKind::Perform { effect, op, .. } => Some(Target::Operation(effect.effect, *op)),
            _ => None,
        };
        let staged = stage.and_then(|stage| self.typed(stage.span, callee));
        let target = staged.or_else(|| self.typed(span, callee));
        if let Some(target) = target {
            self.add(name.span, target, false);
        }
    }
}

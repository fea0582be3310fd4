//! What is typed of a program with errors, and which of its functions can be proved all
//! the same.

use std::collections::HashSet;

use vera_diagnostics::{Diagnostic, FileId, FileSpan};

use crate::typed::{
    ClauseKind, Expr, ExprId, ExprKind, FnId, Function, ModuleId, Program, ScopeId,
};
use crate::types::{Ty, TyKind, any};

/// A program with errors, typed as far as it can be: types may be unknown, and where
/// something is wrong stands a hole. For tools that look; never proved or compiled.
#[derive(Clone, Debug)]
pub struct Partial {
    program: Program,
}

impl Partial {
    pub(crate) fn new(program: Program) -> Partial {
        Partial { program }
    }

    /// The program, to be looked at.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The program with a hole for the body of every function that has a mistake, or
    /// rests on one in another's signature or contract; these are no functions of the entry
    /// file any more. What is left is sound: it can be proved, though not compiled. `None` where a mistake is in no function of the entry
    /// file.
    pub fn provable(&self, reports: &[Diagnostic]) -> Option<Program> {
        let mut program = self.program.clone();
        let mut broken = Broken::default();
        for report in reports.iter().filter(|report| report.is_error()) {
            broken.add(&program, report.location?)?;
        }
        for (i, function) in program.fns.iter().enumerate() {
            if function.module == ENTRY {
                broken.unknown(&program, FnId(i as u32), function);
            }
        }
        broken.spread(&program);
        for id in broken.bodies.iter().chain(&broken.signatures) {
            cut(&mut program.fns[id.index()], broken.signatures.contains(id));
            let at = program.fns[id.index()].span;
            let file = program.modules[ENTRY.index()].file;
            program.holes.push(FileSpan { file, span: at });
        }
        let whole = |id: &FnId| !broken.signatures.contains(id) && !broken.bodies.contains(id);
        program.entry_fns.retain(whole);
        Some(program)
    }
}

/// The entry file.
const ENTRY: ModuleId = ModuleId(0);

/// Functions that have, or rest on, a mistake.
#[derive(Default)]
struct Broken {
    /// In the body alone: callers know all they need.
    bodies: HashSet<FnId>,
    /// In the signature or a clause.
    signatures: HashSet<FnId>,
}

impl Broken {
    /// A mistake at a place; `None` where it is in no function.
    fn add(&mut self, program: &Program, at: FileSpan) -> Option<()> {
        if at.file != FileId(0) {
            return None;
        }
        let inside = |f: &Function| {
            f.module == ENTRY && f.span.start <= at.span.start && at.span.start < f.span.end
        };
        // A helper's declaration stands inside that of its function.
        let functions = program.fns.iter().enumerate().filter(|(_, f)| inside(f));
        let (i, function) = functions.min_by_key(|(_, f)| f.span.end - f.span.start)?;
        let body = function.body.exprs.get(function.result.index()).map(|e| e.span.start);
        if body.is_some_and(|start| start <= at.span.start) {
            self.bodies.insert(FnId(i as u32));
        } else {
            self.signatures.insert(FnId(i as u32));
        }
        // A helper is part of the body around.
        self.bodies.extend(std::iter::successors(function.parent, |f| program.function(*f).parent));
        Some(())
    }

    /// Whether types are unknown in it, whoever's mistake that is.
    fn unknown(&mut self, program: &Program, id: FnId, function: &Function) {
        let unknown = |ty: Ty| {
            any(&program.types, ty, &mut |kind| {
                matches!(kind, TyKind::Unknown | TyKind::Undeclared(_) | TyKind::Meta(_))
            })
        };
        let params = function.params.iter().map(|p| function.body[*p].ty);
        let row = function.effects.iter().flat_map(|effect| effect.args.iter().copied());
        let in_clauses = contract(function).into_iter().map(|e| function.body[e].ty);
        if params.chain([function.ret]).chain(row).chain(in_clauses).any(unknown) {
            self.signatures.insert(id);
        }
        let exprs = function.body.exprs.iter().map(|e| e.ty);
        let locals = function.body.locals.iter().map(|l| l.ty);
        if exprs.chain(locals).any(unknown) {
            self.bodies.insert(id);
        }
    }

    /// Callers of what has no sound signature have no sound body, or contract.
    fn spread(&mut self, program: &Program) {
        loop {
            let known = self.signatures.len();
            for (i, function) in program.fns.iter().enumerate() {
                let calls = |e: &Expr| match e.kind {
                    ExprKind::Call { callee, .. } => self.signatures.contains(&callee),
                    _ => false,
                };
                if function.module != ENTRY || !function.body.exprs.iter().any(calls) {
                    continue;
                }
                let id = FnId(i as u32);
                if contract(function).iter().any(|e| calls(&function.body[*e])) {
                    self.signatures.insert(id);
                } else {
                    self.bodies.insert(id);
                }
            }
            if self.signatures.len() == known {
                return;
            }
        }
    }
}

/// Every expression of a function's clauses.
fn contract(function: &Function) -> Vec<ExprId> {
    let mut open: Vec<ExprId> = Vec::new();
    for clause in &function.clauses {
        match &clause.kind {
            ClauseKind::Requires(e) | ClauseKind::Ensures(e) => open.push(*e),
            ClauseKind::Decreases(components) => open.extend(components),
        }
    }
    let mut out = Vec::new();
    while let Some(e) = open.pop() {
        out.push(e);
        function.body[e].kind.for_each_child(|child| open.push(child));
    }
    out
}

/// Puts a hole in the place of the body; without a sound signature, a function that takes,
/// yields and promises nothing remains, which nobody calls.
fn cut(function: &mut Function, all: bool) {
    let span = function.span;
    if all {
        function.clauses.clear();
        function.effects.clear();
        function.params.clear();
        function.type_params.clear();
        function.inherited_params = 0;
        function.ret = Ty::UNIT;
        function.body.exprs.clear();
        function.body.locals.clear();
        function.body.scopes.clear();
    }
    // Clauses are typed before the body, so theirs come first.
    let kept = contract(function).iter().map(|e| e.index() + 1).max().unwrap_or(0);
    function.body.exprs.truncate(kept);
    function.result = ExprId(kept as u32);
    let (ty, scope) = (function.ret, ScopeId(0));
    function.body.exprs.push(Expr { kind: ExprKind::Hole, ty, span, scope });
    function.cycle = None;
}

//! What code does with a type parameter beyond storing its values and handing them
//! on, so that one instance cannot serve several types.
//!
//! Declarations do not tell: `show`, `==`, `hash`, `compare` and the keys of maps and
//! sets need no `where` constraint, and a function may do it for its caller. So every
//! body is looked at, those of refinements and invariants too, and what it calls at a
//! type that mentions the parameter counts as its own.

use std::collections::HashSet;

use vera_diagnostics::Span;

use crate::typed::{
    Body, ClauseKind, DataId, EffectInst, ExprKind, FnId, ModuleId, Program, RefinementId,
};
use crate::types::{Ty, TyKind, any, for_each_part};
use vera_syntax::ast::BinaryOp;

/// How many types of one body are taken apart. Types that grow without end are
/// refused elsewhere.
const MOST_TYPES: usize = 2_000;

/// Something that needs to know a type.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    /// What it is, for messages: `` `show` ``.
    pub what: String,
    pub module: ModuleId,
    pub span: Span,
}

/// The first use of each type parameter of each function.
pub(crate) struct Uses {
    functions: Vec<Vec<Option<Use>>>,
}

impl Uses {
    pub fn of(program: &Program) -> Uses {
        let mut walk = Walk { program, own: Vec::new(), edges: Vec::new(), nodes: Vec::new() };
        for function in &program.fns {
            walk.reserve(function.type_params.len());
        }
        for refinement in &program.refinements {
            walk.reserve(params_in(program, &refinement.body));
        }
        for data in &program.datas {
            walk.reserve(data.params.len());
        }
        for id in (0..program.fns.len() as u32).map(FnId) {
            walk.function(id);
        }
        for id in (0..program.refinements.len() as u32).map(RefinementId) {
            let refinement = &program.refinements[id.index()];
            walk.body(walk.refinement(id), refinement.module, &refinement.body);
        }
        for id in (0..program.datas.len() as u32).map(DataId) {
            walk.declaration(id);
        }
        walk.spread();
        let Walk { mut own, nodes, .. } = walk;
        let functions = (0..program.fns.len())
            .map(|i| own[nodes[i].start..nodes[i].end].iter_mut().map(Option::take).collect());
        Uses { functions: functions.collect() }
    }

    /// What a function, or what it calls, does with a type parameter that depends on
    /// which type it is.
    pub fn get(&self, function: FnId, param: usize) -> Option<&Use> {
        self.functions[function.index()][param].as_ref()
    }
}

/// How many type parameters a body mentions, at least.
fn params_in(program: &Program, body: &Body) -> usize {
    let mut count = 0;
    let exprs = body.exprs.iter().map(|e| e.ty);
    for ty in body.locals.iter().map(|l| l.ty).chain(exprs) {
        any(&program.types, ty, &mut |kind| {
            if let TyKind::Param(index, _) = kind {
                count = count.max(*index as usize + 1);
            }
            false
        });
    }
    count
}

struct Walk<'p> {
    program: &'p Program,
    /// For each parameter of each body, the use of it.
    own: Vec<Option<Use>>,
    /// From a parameter to those that it is an argument for.
    edges: Vec<Vec<usize>>,
    /// The parameters of each function, then of each refinement and data type.
    nodes: Vec<std::ops::Range<usize>>,
}

impl Walk<'_> {
    fn refinement(&self, id: RefinementId) -> usize {
        self.program.fns.len() + id.index()
    }

    fn data(&self, id: DataId) -> usize {
        self.program.fns.len() + self.program.refinements.len() + id.index()
    }

    fn reserve(&mut self, params: usize) {
        let start = self.own.len();
        self.own.resize(start + params, None);
        self.edges.resize(start + params, Vec::new());
        self.nodes.push(start..start + params);
    }

    /// The parameters that a type mentions.
    fn mentioned(&self, node: usize, ty: Ty) -> Vec<usize> {
        let mut found = Vec::new();
        any(&self.program.types, ty, &mut |kind| {
            if let TyKind::Param(index, _) = kind {
                found.push(self.nodes[node].start + *index as usize);
            }
            false
        });
        found
    }

    fn used(&mut self, node: usize, ty: Ty, what: &str, module: ModuleId, span: Span) {
        for param in self.mentioned(node, ty) {
            if self.own[param].is_none() {
                self.own[param] = Some(Use { what: what.to_owned(), module, span });
            }
        }
    }

    fn performed(&mut self, node: usize, effect: &EffectInst, module: ModuleId, span: Span) {
        let name = &self.program.effects[effect.effect.index()].name;
        let what = format!("the effect `{name}` at this type");
        effect.args.iter().for_each(|ty| self.used(node, *ty, &what, module, span));
    }

    /// A body runs another one, at these types.
    fn runs(&mut self, node: usize, callee: usize, args: &[Ty]) {
        for (index, ty) in args.iter().enumerate() {
            let to = self.nodes[callee].start + index;
            if to < self.nodes[callee].end {
                for from in self.mentioned(node, *ty) {
                    self.edges[from].push(to);
                }
            }
        }
    }

    fn function(&mut self, id: FnId) {
        let function = self.program.function(id);
        let (node, module) = (id.index(), function.module);
        for (index, param) in function.type_params.iter().enumerate() {
            let constrained = || Use {
                what: "a `where` constraint".to_owned(),
                module,
                span: function.name_span,
            };
            let at = self.nodes[node].start + index;
            self.own[at] = (!param.abilities.is_empty()).then(constrained);
        }
        for effect in &function.effects {
            self.performed(node, effect, module, function.name_span);
        }
        for clause in &function.clauses {
            if let ClauseKind::Decreases(measures) = &clause.kind {
                for measure in measures {
                    let ty = function.body[*measure].ty;
                    self.used(node, ty, "the size that `decreases` compares", module, clause.span);
                }
            }
        }
        self.body(node, module, &function.body);
    }

    fn body(&mut self, node: usize, module: ModuleId, body: &Body) {
        for expr in &body.exprs {
            let span = expr.span;
            match &expr.kind {
                ExprKind::AbilityOp { ability, args } => {
                    let what = format!("`{}`", ability.operation());
                    for arg in args {
                        self.used(node, body[*arg].ty, &what, module, span);
                    }
                }
                ExprKind::Binary { op, left, right } if compares(*op) => {
                    for side in [left, right] {
                        self.used(
                            node,
                            body[*side].ty,
                            &format!("`{}`", op.as_str()),
                            module,
                            span,
                        );
                    }
                }
                ExprKind::Interpolate(parts) => {
                    for part in parts {
                        self.used(node, body[*part].ty, "interpolation", module, span);
                    }
                }
                ExprKind::Builtin { function, type_args, .. } => {
                    let function = function.function();
                    if let (true, Some(key)) = (function.looks_up_keys(), type_args.first()) {
                        let what = format!("`{}`, which compares keys,", function.name);
                        self.used(node, *key, &what, module, span);
                    }
                }
                ExprKind::Call { callee, type_args, .. } => {
                    self.runs(node, callee.index(), type_args);
                }
                ExprKind::Perform { effect, .. }
                | ExprKind::Old(effect)
                | ExprKind::New(effect) => self.performed(node, effect, module, span),
                ExprKind::Handle(handle) => self.performed(node, &handle.effect, module, span),
                ExprKind::Int(_)
                | ExprKind::Float(_)
                | ExprKind::Str(_)
                | ExprKind::Bool(_)
                | ExprKind::Unit
                | ExprKind::Hole
                | ExprKind::Array(_)
                | ExprKind::Local(_)
                | ExprKind::Result
                | ExprKind::Unary { .. }
                | ExprKind::Binary { .. }
                | ExprKind::Index { .. }
                | ExprKind::Apply { .. }
                | ExprKind::Construct { .. }
                | ExprKind::Tuple(_)
                | ExprKind::Closure { .. }
                | ExprKind::If { .. }
                | ExprKind::Match { .. }
                | ExprKind::Block { .. }
                | ExprKind::Resume(_)
                | ExprKind::Assert { .. }
                | ExprKind::Assume(_)
                | ExprKind::Quantifier { .. }
                | ExprKind::Narrow { .. } => {}
            }
        }
        let mut met = HashSet::new();
        let locals = body.locals.iter().map(|l| (l.ty, l.span));
        for (ty, span) in locals.chain(body.exprs.iter().map(|e| (e.ty, e.span))) {
            self.written(node, ty, module, span, &mut met);
        }
    }

    /// What values of a type are checked against, and the effects of functions in it.
    fn written(
        &mut self,
        node: usize,
        ty: Ty,
        module: ModuleId,
        span: Span,
        met: &mut HashSet<Ty>,
    ) {
        let program = self.program;
        let mut work = vec![ty];
        while let Some(ty) = work.pop() {
            if met.len() > MOST_TYPES || !met.insert(ty) {
                continue;
            }
            let kind = program.types.kind(ty).clone();
            for_each_part(&kind, &mut |part| work.push(part));
            let kind = &kind;
            match kind {
                TyKind::Fn { row, .. } => {
                    for effect in &row.effects {
                        self.performed(node, effect, module, span);
                    }
                }
                TyKind::Refined(_, id, args) => {
                    self.runs(node, self.refinement(*id), args);
                }
                TyKind::Data(id, args) => self.runs(node, self.data(*id), args),
                _ => {}
            }
        }
    }

    /// What is written in a declaration, at its own parameters.
    fn declaration(&mut self, id: DataId) {
        let data = self.program.data(id);
        let node = self.data(id);
        let mut met = HashSet::new();
        for field in data.ctors.iter().flat_map(|c| &c.fields) {
            self.written(node, *field, data.module, data.span, &mut met);
        }
        if let Some(invariant) = data.invariant {
            let (from, to) = (&self.nodes[node], &self.nodes[self.refinement(invariant)]);
            for (from, to) in from.clone().zip(to.clone()) {
                self.edges[from].push(to);
            }
        }
    }

    /// What a callee does with a parameter, its caller does with what it passes.
    fn spread(&mut self) {
        let mut callers: Vec<Vec<usize>> = vec![Vec::new(); self.own.len()];
        for (from, tos) in self.edges.iter().enumerate() {
            tos.iter().for_each(|to| callers[*to].push(from));
        }
        let mut work: Vec<usize> = (0..self.own.len()).filter(|i| self.own[*i].is_some()).collect();
        while let Some(at) = work.pop() {
            for caller in std::mem::take(&mut callers[at]) {
                if self.own[caller].is_none() {
                    self.own[caller] = self.own[at].clone();
                    work.push(caller);
                }
            }
        }
    }
}

/// Whether an operator looks into its operands whatever type they have.
fn compares(op: BinaryOp) -> bool {
    match op {
        BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => {
            true
        }
        BinaryOp::Add
        | BinaryOp::Sub
        | BinaryOp::Mul
        | BinaryOp::Div
        | BinaryOp::Rem
        | BinaryOp::And
        | BinaryOp::Or
        | BinaryOp::Implies => false,
    }
}

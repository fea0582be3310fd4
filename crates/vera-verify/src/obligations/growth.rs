//! How large the results of recursions over data can be.
//!
//! A path from a value of data into its parts is no longer than memory has objects, so
//! a recursion that descends along one is no deeper; a function that does no more at
//! each step than to add a constant to one result of its recursion (a length, a height,
//! a count) stays within the constant times that depth. The size of a tree does not:
//! its parts may be shared, and two results are added.

use std::collections::{HashMap, HashSet};

use vera_builtins::BuiltinId;
use vera_check::typed::{
    Body, ClauseKind, ExprId, ExprKind, FnId, Function, LocalId, Pattern, PatternKind, Program,
    Stmt,
};
use vera_check::types::TyKind;
use vera_syntax::ast::{BinaryOp, UnaryOp};

use super::functions::{measure, stripped};
use super::visit;

/// No path in memory is longer.
const LONGEST_PATH: i128 = 1 << 32;

/// No step may add more, so that a whole recursion stays far from overflow.
const LARGEST_STEP: i128 = 1 << 28;

/// Bounds of results.
pub(super) struct Growth {
    bounds: HashMap<FnId, i128>,
}

impl Growth {
    pub fn new(program: &Program) -> Growth {
        let mut growth = Growth { bounds: HashMap::new() };
        let cycles = (0..program.fns.len() as u32).filter_map(|f| program.function(FnId(f)).cycle);
        for cycle in cycles.collect::<HashSet<u32>>() {
            growth.cycle(program, cycle);
        }
        growth
    }

    /// No result of the function is further from zero.
    pub fn bound(&self, f: FnId) -> Option<i128> {
        self.bounds.get(&f).copied()
    }

    /// The bound of functions that call each other, if each step of all is small.
    fn cycle(&mut self, program: &Program, cycle: u32) {
        let on_it = |f: &FnId| program.function(*f).cycle == Some(cycle);
        let members: Vec<FnId> = (0..program.fns.len() as u32).map(FnId).filter(on_it).collect();
        let steps = members.iter().map(|f| step(program, cycle, program.function(*f)));
        let Some(largest) = steps.collect::<Option<Vec<i128>>>().and_then(|s| s.into_iter().max())
        else {
            return;
        };
        if largest <= LARGEST_STEP {
            self.bounds.extend(members.into_iter().map(|f| (f, largest * LONGEST_PATH)));
        }
    }
}

/// What a call adds to the largest result of its recursion.
fn step(program: &Program, cycle: u32, function: &Function) -> Option<i128> {
    let integer = matches!(program.types.base_kind(function.ret), TyKind::Int | TyKind::Nat);
    let (_, param) = descending(program, function)?;
    if !integer || !function.effects.is_empty() {
        return None;
    }
    let body = &function.body;
    let mut walk = Steps {
        program,
        cycle,
        body,
        parts: parts(body, function.result, param),
        known: HashMap::new(),
    };
    walk.value(stripped(function)).map(|size| size.most)
}

/// The parameter along which a function descends, as its measure says.
fn descending(program: &Program, function: &Function) -> Option<(usize, LocalId)> {
    let [component] = measure(function)[..] else { return None };
    let ExprKind::Local(local) = function.body[component].kind else { return None };
    let is_data = matches!(program.types.base_kind(function.body[local].ty), TyKind::Data(..));
    let clauses = function.clauses.iter();
    let measures = clauses.filter(|c| matches!(c.kind, ClauseKind::Decreases(_))).count();
    let index = function.params.iter().position(|p| *p == local)?;
    (is_data && measures == 1).then_some((index, local))
}

/// The locals that patterns bind to parts of a parameter.
fn parts(body: &Body, root: ExprId, param: LocalId) -> HashSet<LocalId> {
    let mut known = HashSet::new();
    loop {
        let before = known.len();
        visit::all(body, root, &mut |e| {
            let ExprKind::Match { scrutinee, arms } = &body[e].kind else { return };
            let ExprKind::Local(local) = body[*scrutinee].kind else { return };
            if local == param || known.contains(&local) {
                arms.iter().for_each(|arm| bound_below(&arm.pattern, false, &mut known));
            }
        });
        if known.len() == before {
            return known;
        }
    }
}

/// What a pattern binds below the value itself.
fn bound_below(pattern: &Pattern, below: bool, out: &mut HashSet<LocalId>) {
    match &pattern.kind {
        PatternKind::Bind(local) => out.extend(below.then_some(*local)),
        PatternKind::Ctor { args, .. } | PatternKind::Tuple(args) => {
            args.iter().for_each(|arg| bound_below(arg, true, out));
        }
        PatternKind::Wildcard
        | PatternKind::Int(_)
        | PatternKind::Str(_)
        | PatternKind::Bool(_) => {}
    }
}

/// How large a value is: at most `most` more than one result of the recursion, if it is
/// made of one.
#[derive(Clone, Copy)]
struct Size {
    most: i128,
    recursive: bool,
}

struct Steps<'p> {
    program: &'p Program,
    cycle: u32,
    body: &'p Body,
    parts: HashSet<LocalId>,
    /// What `let`s bind.
    known: HashMap<LocalId, Size>,
}

impl Steps<'_> {
    /// The size of an expression's value; `None` where nothing bounds it.
    fn value(&mut self, e: ExprId) -> Option<Size> {
        let body = self.body;
        match &body[e].kind {
            ExprKind::Int(n) => Some(Size { most: i128::from(*n).abs(), recursive: false }),
            ExprKind::Local(local) => match self.program.types.base_kind(body[*local].ty) {
                TyKind::Byte => Some(Size { most: 255, recursive: false }),
                _ => self.known.get(local).copied(),
            },
            ExprKind::Unary { op: UnaryOp::Neg, operand } => self.value(*operand),
            ExprKind::Binary { op: BinaryOp::Add | BinaryOp::Sub, left, right } => {
                let (left, right) = (self.value(*left)?, self.value(*right)?);
                let once = !(left.recursive && right.recursive);
                let recursive = left.recursive || right.recursive;
                once.then_some(Size { most: left.most + right.most, recursive })
            }
            ExprKind::Call { callee, args, .. } => {
                let callee = self.program.function(*callee);
                let (index, _) = descending(self.program, callee)?;
                let descends = callee.cycle == Some(self.cycle) && self.is_part(*args.get(index)?);
                descends.then_some(Size { most: 0, recursive: true })
            }
            ExprKind::Builtin { function, args, .. } if is_choice(*function) => {
                self.larger(args.clone())
            }
            ExprKind::If { then, otherwise, .. } => self.larger([*then, *otherwise]),
            ExprKind::Match { arms, .. } => self.larger(arms.iter().map(|arm| arm.body)),
            ExprKind::Block { stmts, result } => {
                for stmt in stmts {
                    if let Stmt::Let { local, value } = stmt
                        && let Some(size) = self.value(*value)
                    {
                        self.known.insert(*local, size);
                    }
                }
                self.value(*result)
            }
            ExprKind::Narrow { value, .. } => self.value(*value),
            _ => None,
        }
    }

    /// The larger of several values.
    fn larger(&mut self, values: impl IntoIterator<Item = ExprId>) -> Option<Size> {
        let sizes: Option<Vec<Size>> = values.into_iter().map(|e| self.value(e)).collect();
        sizes?
            .into_iter()
            .reduce(|a, b| Size { most: a.most.max(b.most), recursive: a.recursive || b.recursive })
    }

    fn is_part(&self, e: ExprId) -> bool {
        matches!(self.body[e].kind, ExprKind::Local(local) if self.parts.contains(&local))
    }
}

/// Whether the function yields one of its arguments, up to its sign.
fn is_choice(function: BuiltinId) -> bool {
    matches!(function, BuiltinId::Min | BuiltinId::Max | BuiltinId::Abs)
}

//! Which arguments of `async` are computed while the program goes on (language reference,
//! chapter 10.11).
//!
//! An argument overlaps when all that it can perform takes time and changes nothing a
//! program could see done in another order: operations that the table of effects says
//! `async` begins, and a `DB.query` whose SQL is a `SELECT`. What it can perform is what
//! it performs itself and what the functions it calls perform; a function value may
//! perform whatever its row allows. It is computed apart from the program, so what it
//! yields is a value that is handed over: a future of nothing is nothing.

use std::collections::HashSet;
use std::rc::Rc;

use vera_builtins::BuiltinId;

use crate::context::Context;
use crate::diagnostics::effects as report;
use crate::typed::{Body, EffectInst, ExprId, ExprKind, FnId, LocalId, Program, Stmt};
use crate::types::{Ty, TyKind, Types};

/// An `async` whose argument performs something.
pub(crate) struct Site {
    pub function: FnId,
    pub argument: ExprId,
    pub at: vera_diagnostics::FileSpan,
}

/// What becomes of an argument of `async`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It performs nothing that takes time.
    Idle,
    /// It overlaps with the program.
    Overlaps {
        /// It reads the database.
        database: bool,
        /// It calls the function it stands in, or one that leads back there.
        recursion: bool,
    },
    /// It is evaluated at once.
    Eager(Reason),
}

/// Why an argument is evaluated at once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    /// It can perform these, whose order is that of the program.
    Performs(Vec<String>),
    /// It ends with a `resume`.
    Resumes,
    /// Its value is of this type, which takes no space.
    Yields(Ty),
}

/// Reports the arguments that are evaluated at once.
pub(crate) fn check(ctx: &mut Context) {
    for Site { function, argument, at } in std::mem::take(&mut ctx.asyncs) {
        let program = &ctx.program;
        let judged = verdict(program, &program.types, function, argument);
        let Verdict::Eager(reason) = judged else { continue };
        let shown = |ty: Ty| crate::types::Printer::message(&ctx.program).ty(ty);
        let report = match reason {
            Reason::Performs(names) => report::eager_async(at, &names.join(", ")),
            Reason::Resumes => report::eager_async(at, "resume"),
            Reason::Yields(ty) => report::eager_result(at, &shown(ty)),
        };
        ctx.report(report);
    }
}

/// What becomes of the argument of an `async` in a function. `types` are the program's.
pub fn verdict(program: &Program, types: &Types, function: FnId, argument: ExprId) -> Verdict {
    let own_cycle = program.function(function).cycle;
    let mut reached = Reached { own_cycle, ..Reached::new(program, types) };
    reached.from(function, argument);
    let Reached { mut names, takes_time, database, recursion, resumes, .. } = reached;
    names.sort();
    names.dedup();
    if !names.is_empty() {
        return Verdict::Eager(Reason::Performs(names));
    }
    if !takes_time {
        return Verdict::Idle;
    }
    let body = &program.function(function).body;
    if is_direct(program, body, argument) {
        return Verdict::Overlaps { database, recursion };
    }
    if resumes {
        return Verdict::Eager(Reason::Resumes);
    }
    let ty = body[argument].ty;
    match types.value_kind(ty) {
        TyKind::Unit | TyKind::Never => Verdict::Eager(Reason::Yields(ty)),
        _ => Verdict::Overlaps { database, recursion },
    }
}

/// Whether an argument is itself an operation that the host can begin.
pub fn is_direct(program: &Program, body: &Body, argument: ExprId) -> bool {
    let ExprKind::Perform { effect, op, .. } = &body[argument].kind else { return false };
    let declared = &program.effects[effect.effect.index()];
    // The others have results that cannot be awaited later, or belong in an order.
    declared.module.is_none()
        && matches!(declared.name.as_str(), "Http" | "Inference")
        && vera_builtins::overlaps(&declared.name, &declared.ops[*op as usize].name)
}

/// Whether an SQL statement that begins so only reads.
fn only_reads(sql: &str) -> bool {
    let word = sql.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next();
    word.is_some_and(|word| word.eq_ignore_ascii_case("select"))
}

/// What stands around an expression.
#[derive(Clone)]
struct Around {
    /// Effects whose operations are answered by handlers of the argument itself.
    answered: Rc<[EffectInst]>,
    /// A `resume` belongs to a handler outside of the argument.
    resumes_outside: bool,
}

/// What can be performed from somewhere on.
struct Reached<'p> {
    program: &'p Program,
    types: &'p Types,
    own_cycle: Option<u32>,
    seen: HashSet<FnId>,
    /// What keeps its place in the order of the program.
    names: Vec<String>,
    takes_time: bool,
    database: bool,
    recursion: bool,
    resumes: bool,
}

impl<'p> Reached<'p> {
    fn new(program: &'p Program, types: &'p Types) -> Reached<'p> {
        Reached {
            program,
            types,
            own_cycle: None,
            seen: HashSet::new(),
            names: Vec::new(),
            takes_time: false,
            database: false,
            recursion: false,
            resumes: false,
        }
    }

    fn from(&mut self, function: FnId, argument: ExprId) {
        let around = Around { answered: Rc::new([]), resumes_outside: true };
        let mut work = vec![(function, argument, around)];
        while let Some((id, e, around)) = work.pop() {
            let program = self.program;
            let body = &program.function(id).body;
            match &body[e].kind {
                ExprKind::Perform { effect, .. } if around.answered.contains(effect) => {}
                ExprKind::Perform { effect, op, args } => self.operation(body, effect, *op, args),
                ExprKind::Handle(handle) => {
                    let state = handle.state.iter().map(|(_, state)| (id, *state, around.clone()));
                    work.extend(state);
                    let inside = around.answered.iter().chain([&handle.effect]).cloned();
                    let inside = Around { answered: inside.collect(), ..around.clone() };
                    work.push((id, handle.body, inside));
                    let clauses = Around { resumes_outside: false, ..around };
                    for clause in &handle.clauses {
                        let parts = [Some(clause.body), clause.update].into_iter().flatten();
                        work.extend(parts.map(|part| (id, part, clauses.clone())));
                    }
                    continue;
                }
                ExprKind::Call { callee, .. } => {
                    let called = program.function(*callee);
                    self.recursion |= called.cycle.is_some() && called.cycle == self.own_cycle;
                    // One whose declaration is refused has no body.
                    let typed = called.result.index() < called.body.exprs.len();
                    let outside: Vec<_> = (called.effects.iter())
                        .filter(|effect| !around.answered.contains(effect))
                        .collect();
                    if self.row(&outside) && typed && self.seen.insert(*callee) {
                        // What its row has beside these has been judged here.
                        let answered = called.effects.iter().filter(|e| !self.is_awaited(e));
                        let around = Around {
                            answered: answered.cloned().collect(),
                            resumes_outside: false,
                        };
                        work.push((*callee, called.result, around));
                    }
                }
                ExprKind::Apply { function, .. } => self.value(body, *function),
                // A closure written there is looked into.
                ExprKind::Builtin { args, .. } => {
                    let values = args.iter().filter(|a| !is_closure(body, **a));
                    values.for_each(|value| self.value(body, *value));
                }
                ExprKind::Resume(_) => self.resumes |= around.resumes_outside,
                _ => {}
            }
            body[e].kind.for_each_child(|child| work.push((id, child, around.clone())));
        }
    }

    fn operation(&mut self, body: &Body, effect: &EffectInst, op: u32, args: &[ExprId]) {
        let declared = &self.program.effects[effect.effect.index()];
        let (effect, op) = (declared.name.as_str(), declared.ops[op as usize].name.as_str());
        let reads = || {
            let sql = args.first().and_then(|sql| leading_text(body, *sql));
            sql.is_some_and(|sql| only_reads(&sql))
        };
        match (declared.module, effect, op) {
            (None, "DB", "query" | "query_rows") if reads() => {
                self.takes_time = true;
                self.database = true;
            }
            (None, ..) if vera_builtins::overlaps(effect, op) => self.takes_time = true,
            _ => self.names.push(format!("{effect}.{op}")),
        }
    }

    /// Notes what a row allows that keeps its place in the order of the program; whether
    /// the function has to be looked into for the rest.
    fn row(&mut self, row: &[&EffectInst]) -> bool {
        let mut inside = false;
        for effect in row {
            let declared = &self.program.effects[effect.effect.index()];
            match (declared.module, declared.name.as_str()) {
                (None, "Async" | "Diverge") => {}
                _ if self.is_awaited(effect) => inside = true,
                _ => self.names.push(declared.name.to_string()),
            }
        }
        inside
    }

    /// Whether some operations of the effect overlap, so that a function that has it in
    /// its row is looked into.
    fn is_awaited(&self, effect: &EffectInst) -> bool {
        let declared = &self.program.effects[effect.effect.index()];
        declared.module.is_none()
            && matches!(declared.name.as_str(), "Http" | "Inference" | "IO" | "DB" | "HttpServer")
    }

    /// Notes what a function value may perform.
    fn value(&mut self, body: &Body, value: ExprId) {
        let TyKind::Fn { row, .. } = self.types.base_kind(body[value].ty) else { return };
        if !row.vars.is_empty() {
            self.names.push("what a function value performs".to_owned());
        }
        for effect in &row.effects {
            let declared = &self.program.effects[effect.effect.index()];
            match (declared.module, declared.name.as_str()) {
                (None, "Async" | "Diverge") => {}
                (None, "Http" | "Inference") => self.takes_time = true,
                _ => self.names.push(declared.name.to_string()),
            }
        }
    }
}

fn is_closure(body: &Body, e: ExprId) -> bool {
    matches!(body[e].kind, ExprKind::Closure { .. })
}

/// What a text that is written in the program begins with.
fn leading_text(body: &Body, mut e: ExprId) -> Option<String> {
    // A text that is bound to a slot is written at the binding.
    for _ in 0..body.exprs.len() {
        e = match &body[e].kind {
            ExprKind::Str(text) => return Some(text.to_string()),
            ExprKind::Interpolate(parts) => *parts.first()?,
            ExprKind::Builtin { function: BuiltinId::StringConcat, args, .. } => *args.first()?,
            ExprKind::Narrow { value, .. } => *value,
            ExprKind::Local(local) => bound(body, *local)?,
            _ => return None,
        };
    }
    None
}

/// What a `let` binds a slot to.
fn bound(body: &Body, wanted: LocalId) -> Option<ExprId> {
    body.exprs.iter().find_map(|expr| match &expr.kind {
        ExprKind::Block { stmts, .. } => stmts.iter().find_map(|stmt| match stmt {
            Stmt::Let { local, value } if *local == wanted => Some(*value),
            Stmt::Let { .. } | Stmt::Destructure { .. } | Stmt::Expr(_) => None,
        }),
        _ => None,
    })
}

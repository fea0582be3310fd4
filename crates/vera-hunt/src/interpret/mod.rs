//! A plain interpreter of the typed program: what a program means, without
//! regard to speed. It shares nothing with the prover, and with the compiler only
//! the typed program; contracts, refinements and measures are evaluated where the
//! language says.

mod checks;
mod effects;
mod formats;
mod library;
mod value;

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use vera_abi::trap::TrapKind;
use vera_check::typed::{
    Ability, BinaryOp, Body, ExprId, ExprKind, FnId, LocalId, ModuleId, Pattern, PatternKind,
    Program, Quantifier, Stmt, UnaryOp,
};
use vera_check::typed::{EffectInst, NarrowSite};
use vera_check::types::{Ty, TyKind};
use vera_diagnostics::{FileId, FileSpan, Span};

use self::effects::{ClauseRun, Lexical, Thread, Thrown};
use self::value::Closure;
pub use self::value::Value;

/// How a check failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Failure {
    pub kind: TrapKind,
    /// The expression or clause; unknown only while it is on its way there.
    pub at: Option<FileSpan>,
    /// The call whose callee does not admit its arguments.
    pub call: Option<FileSpan>,
    /// A function value came under a type there that it does not keep.
    pub indirect: bool,
}

/// Why an evaluation ends without a value.
#[derive(Clone)]
pub enum Stop<'p> {
    Trap(Failure),
    Throw(Thrown<'p>),
    /// The handled expression this belongs to has its value already.
    Abandoned,
    /// The program takes too long for a test.
    OutOfFuel,
    /// A function does not admit the arguments it is called with.
    Refused(Failure),
}

fn trap<'p>(kind: TrapKind) -> Stop<'p> {
    Stop::Trap(Failure { kind, at: None, call: None, indirect: false })
}

type Outcome<'p> = Result<Value<'p>, Stop<'p>>;

/// How a run ended.
#[derive(Clone)]
pub enum End<'p> {
    Returned(Value<'p>),
    Trapped(Failure),
    /// An exception that the function declares.
    Thrown,
    /// The function does not admit the arguments.
    Unmet,
    /// It takes too long for a test.
    TooLong,
}

/// What a run shows.
pub struct Run<'p> {
    pub printed: Vec<u8>,
    pub end: End<'p>,
    /// An `assume` was false: nothing that comes later refutes a proof.
    pub misled: bool,
    /// What the `let`s of the called function bound, in order.
    pub lets: Vec<(LocalId, Value<'p>)>,
}

/// Steps that a run may take.
const FUEL: i64 = 100_000;
/// The stack that a run may need.
pub const STACK: usize = 1 << 30;

/// Calls a function as a host does. Needs a stack of [`STACK`] bytes.
pub fn call<'p>(program: &'p Program, id: FnId, args: Vec<Value<'p>>, seed: u64) -> Run<'p> {
    let machine = Machine {
        program,
        fuel: AtomicI64::new(FUEL),
        printed: Mutex::default(),
        activations: AtomicU64::new(0),
        misled: AtomicBool::new(false),
        lets: Mutex::default(),
        chance: AtomicU64::new(seed),
    };
    let end = match machine.start(id, args) {
        Ok(value) => End::Returned(value),
        Err(Stop::Trap(failure)) => End::Trapped(failure),
        Err(Stop::Throw(..)) => End::Thrown,
        Err(Stop::OutOfFuel) => End::TooLong,
        Err(Stop::Refused(_)) => End::Unmet,
        Err(Stop::Abandoned) => unreachable!("a whole run belongs to no handler"),
    };
    let misled = machine.misled.load(Ordering::Relaxed);
    let printed = machine.printed.into_inner().expect("no thread panicked");
    let lets = machine.lets.into_inner().expect("no thread panicked");
    Run { printed, end, misled, lets }
}

/// The function of the entry file with this name.
pub fn function(program: &Program, name: &str) -> Option<FnId> {
    program.entry_fns.iter().copied().find(|f| program.function(*f).name == name)
}

pub struct Machine<'p> {
    program: &'p Program,
    /// Steps that are left.
    fuel: AtomicI64,
    /// What the program printed.
    printed: Mutex<Vec<u8>>,
    /// How many activations of functions there were.
    activations: AtomicU64,
    misled: AtomicBool,
    /// See [`Run::lets`].
    lets: Mutex<Vec<(LocalId, Value<'p>)>>,
    /// Where the host's random numbers come from.
    chance: AtomicU64,
}

/// What the type parameters of a function stand for, in terms of its caller's.
type Env = Option<Arc<TypeArgs>>;

#[derive(Debug)]
struct TypeArgs {
    args: Vec<Ty>,
    outer: Env,
}

/// One activation of a function, closure or clause.
#[derive(Clone)]
pub struct Frame<'p> {
    body: &'p Body,
    file: FileId,
    /// The function whose code this is.
    owner: Option<FnId>,
    /// The activation of the function that the code is written in.
    activation: u64,
    env: Env,
    locals: Vec<Option<Value<'p>>>,
    /// `@T.result` and the cells at the function's entry, in contracts.
    result: Option<Value<'p>>,
    old: Arc<[(EffectInst, Value<'p>)]>,
    /// `State` handlers whose body this code is written in, outermost first.
    lexical: Vec<Lexical<'p>>,
    /// What `resume` continues, in a clause of a general handler.
    clause: Option<Arc<ClauseRun<'p>>>,
}

impl<'p> Frame<'p> {
    fn at(&self, span: Span) -> FileSpan {
        FileSpan { file: self.file, span }
    }
}

impl<'p> Machine<'p> {
    fn burn(&self, steps: i64) -> Result<(), Stop<'p>> {
        let before = self.fuel.fetch_sub(steps.clamp(0, FUEL), Ordering::Relaxed);
        if before > steps { Ok(()) } else { Err(Stop::OutOfFuel) }
    }

    fn frame(&self, body: &'p Body, module: ModuleId) -> Frame<'p> {
        Frame {
            body,
            file: self.program.modules[module.index()].file,
            owner: None,
            activation: self.activations.fetch_add(1, Ordering::Relaxed),
            env: None,
            locals: vec![None; body.locals.len()],
            result: None,
            old: Arc::new([]),
            lexical: Vec::new(),
            clause: None,
        }
    }

    /// The call a run begins with.
    fn start(&self, id: FnId, args: Vec<Value<'p>>) -> Outcome<'p> {
        let function = self.program.function(id);
        let mut frame = self.frame(&function.body, function.module);
        frame.owner = Some(id);
        let mut thread = Thread::default();
        for effect in function.effects.iter().filter(|e| self.effect_name(e) == "State") {
            let zero = self.zero(effect.args[0]);
            self.check_part(&mut thread, &zero, effect.args[0]).map_err(refusal)?;
            thread.enter(&frame, effect, Some(zero));
        }
        // What comes from outside is looked at in all its parts.
        for (param, arg) in function.params.iter().zip(&args) {
            self.check_part(&mut thread, arg, function.body[*param].ty).map_err(refusal)?;
        }
        self.enter(&mut thread, &mut frame, id, args)?;
        self.finish(&mut thread, frame, None, id)
    }

    fn call(
        &self,
        thread: &mut Thread<'p>,
        caller: &Frame<'p>,
        callee: (FnId, &[Ty]),
        args: Vec<Value<'p>>,
    ) -> Outcome<'p> {
        let (id, type_args) = callee;
        let function = self.program.function(id);
        let mut frame = self.frame(&function.body, function.module);
        frame.owner = Some(id);
        if !type_args.is_empty() {
            let outer = caller.env.clone();
            frame.env = Some(Arc::new(TypeArgs { args: type_args.to_vec(), outer }));
        }
        self.enter(thread, &mut frame, id, args)?;
        self.finish(thread, frame, caller.owner, id)
    }

    /// Binds and checks the arguments.
    fn enter(
        &self,
        thread: &mut Thread<'p>,
        frame: &mut Frame<'p>,
        id: FnId,
        args: Vec<Value<'p>>,
    ) -> Result<(), Stop<'p>> {
        let function = self.program.function(id);
        for (param, arg) in function.params.iter().zip(args) {
            frame.locals[param.index()] = Some(arg);
        }
        self.entry_checks(thread, frame, function)
    }

    fn finish(
        &self,
        thread: &mut Thread<'p>,
        mut frame: Frame<'p>,
        caller: Option<FnId>,
        id: FnId,
    ) -> Outcome<'p> {
        let function = self.program.function(id);
        let live = thread.measures.len();
        self.measure_check(thread, &mut frame, caller, id)?;
        let value = self.eval(thread, &mut frame, function.result)?;
        thread.measures.truncate(live);
        self.exit_checks(thread, &mut frame, function, &value)?;
        Ok(value)
    }

    fn apply(
        &self,
        thread: &mut Thread<'p>,
        function: &Value<'p>,
        args: Vec<Value<'p>>,
    ) -> Outcome<'p> {
        let closure = match function {
            Value::Closure(closure) => closure,
            Value::Narrowed(narrowed) => {
                let TyKind::Fn { ret, .. } = self.program.types.base_kind(narrowed.ty) else {
                    unreachable!("the checker found a function here")
                };
                let value = self.apply(thread, &narrowed.function, args);
                let value = value.map_err(|stop| indirect(stop, narrowed.at))?;
                let checked = self.check_part(thread, &value, *ret);
                checked.map_err(|stop| indirect(refusal(stop), narrowed.at))?;
                return Ok(self.under(value, *ret, narrowed.at));
            }
            _ => unreachable!("the checker found a function here"),
        };
        let mut frame = closure.frame.clone();
        for (param, arg) in closure.params.iter().zip(args) {
            let local = &frame.body[*param];
            self.check_part(thread, &arg, local.ty).map_err(refusal)?;
            let arg = self.under(arg, local.ty, frame.at(local.span));
            frame.locals[param.index()] = Some(arg);
        }
        let value = self.eval(thread, &mut frame, closure.body)?;
        let body = &frame.body[closure.body];
        let checked = self.check_refined(thread, &value, body.ty);
        checked.map_err(|stop| located(stop, frame.at(body.span)))?;
        Ok(value)
    }

    /// The value under a type: functions in it are checked against that one from now on.
    fn under(&self, value: Value<'p>, ty: Ty, at: FileSpan) -> Value<'p> {
        if !vera_check::types::any(&self.program.types, ty, &mut |k| matches!(k, TyKind::Fn { .. }))
        {
            return value;
        }
        let list = |items: &[Value<'p>], tys: &mut dyn Iterator<Item = Ty>| -> Arc<[Value<'p>]> {
            items.iter().zip(tys).map(|(v, t)| self.under(v.clone(), t, at)).collect()
        };
        match (self.program.types.base_kind(ty), &value) {
            (TyKind::Fn { .. }, _) => {
                Value::Narrowed(Arc::new(value::Narrowed { function: value, ty, at }))
            }
            (TyKind::Array(t), Value::Array(items)) => {
                Value::Array(list(items, &mut std::iter::repeat(*t)))
            }
            (TyKind::Tuple(tys), Value::Tuple(parts)) => {
                Value::Tuple(list(parts, &mut tys.iter().copied()))
            }
            (TyKind::Map(_, t), Value::Map(entries)) => {
                let under =
                    |(k, v): &(Value<'p>, Value<'p>)| (k.clone(), self.under(v.clone(), *t, at));
                Value::Map(Arc::new(entries.iter().map(under).collect()))
            }
            (TyKind::Data(data, args), Value::Data(d, ctor, fields)) if !args.is_empty() => {
                let declared = &self.program.data(*data).ctors[*ctor as usize].fields;
                let known = declared.iter().map(|t| match self.program.types.kind(*t) {
                    TyKind::Param(i, _) => args[*i as usize],
                    // Of the same type, in all that has a name here.
                    TyKind::Data(inner, _) if inner == data => ty,
                    _ => *t,
                });
                Value::Data(*d, *ctor, list(fields, &mut known.into_iter()))
            }
            _ => value,
        }
    }

    fn all(
        &self,
        thread: &mut Thread<'p>,
        frame: &mut Frame<'p>,
        exprs: &[ExprId],
    ) -> Result<Vec<Value<'p>>, Stop<'p>> {
        exprs.iter().map(|e| self.eval(thread, frame, *e)).collect()
    }

    fn eval(&self, thread: &mut Thread<'p>, frame: &mut Frame<'p>, e: ExprId) -> Outcome<'p> {
        self.burn(1)?;
        let outcome = self.value(thread, frame, e);
        // What fails first is the innermost expression.
        outcome.map_err(|stop| located(stop, frame.at(frame.body[e].span)))
    }

    fn value(&self, thread: &mut Thread<'p>, frame: &mut Frame<'p>, e: ExprId) -> Outcome<'p> {
        let expr = &frame.body[e];
        Ok(match &expr.kind {
            ExprKind::Int(n) => match self.program.types.base_kind(expr.ty) {
                TyKind::Byte => Value::Byte(*n as u8),
                _ => Value::Int(*n),
            },
            ExprKind::Float(x) => Value::Float(*x),
            ExprKind::Str(text) => Value::str(text),
            ExprKind::Bool(b) => Value::Bool(*b),
            ExprKind::Unit => Value::Unit,
            ExprKind::Hole => unreachable!("the generator writes no holes"),
            ExprKind::Interpolate(parts) => {
                let mut text = Vec::new();
                for part in self.all(thread, frame, parts)? {
                    part.show(self.program, &mut text);
                }
                self.burn(text.len() as i64)?;
                Value::Str(text.into())
            }
            ExprKind::Array(items) => Value::Array(self.all(thread, frame, items)?.into()),
            ExprKind::Tuple(parts) => Value::Tuple(self.all(thread, frame, parts)?.into()),
            ExprKind::Local(local) => {
                // A zero-size binding holds nothing.
                frame.locals[local.index()].clone().unwrap_or(Value::Unit)
            }
            ExprKind::Result => frame.result.clone().expect("`result` stands in `ensures`"),
            ExprKind::Unary { op, operand } => {
                let value = self.eval(thread, frame, *operand)?;
                self.unary(*op, &value)?
            }
            ExprKind::Binary { op, left, right } => {
                self.binary(thread, frame, *op, *left, *right)?
            }
            ExprKind::Index { array, index } => {
                let (array, index) =
                    (self.eval(thread, frame, *array)?, self.eval(thread, frame, *index)?);
                let at = usize::try_from(index.int()).ok();
                let item = at.and_then(|i| array.items().get(i)).cloned();
                item.ok_or(trap(TrapKind::IndexOutOfBounds))?
            }
            ExprKind::Call { callee, type_args, args } => {
                let args = self.all(thread, frame, args)?;
                let called = self.call(thread, frame, (*callee, type_args), args);
                called.map_err(|stop| refused(stop, frame.at(expr.span)))?
            }
            ExprKind::Builtin { function, args, .. } => {
                let args = self.all(thread, frame, args)?;
                self.builtin(thread, function.name(), &args)?
            }
            ExprKind::Apply { function, args } => {
                let function = self.eval(thread, frame, *function)?;
                let args = self.all(thread, frame, args)?;
                self.apply(thread, &function, args)?
            }
            ExprKind::AbilityOp { ability, args } => {
                let args = self.all(thread, frame, args)?;
                self.ability(*ability, &args)
            }
            ExprKind::Construct { data, ctor, args } => {
                let value = Value::Data(*data, *ctor, self.all(thread, frame, args)?.into());
                if let Some(invariant) = self.program.data(*data).invariant {
                    self.predicate(thread, invariant, &value)?;
                }
                value
            }
            ExprKind::Perform { effect, op, args } => {
                let args = self.all(thread, frame, args)?;
                self.perform(thread, frame, effect, *op, args)?
            }
            ExprKind::Closure { params, body } => {
                let mut captured = frame.clone();
                captured.lexical.clear();
                captured.clause = None;
                Value::Closure(Arc::new(Closure { params, body: *body, frame: captured }))
            }
            ExprKind::If { cond, then, otherwise } => {
                let taken = if self.eval(thread, frame, *cond)?.bool() { then } else { otherwise };
                self.eval(thread, frame, *taken)?
            }
            ExprKind::Match { scrutinee, arms } => {
                let value = self.eval(thread, frame, *scrutinee)?;
                for arm in arms {
                    if self.matches(thread, frame, &arm.pattern, &value)? {
                        return self.eval(thread, frame, arm.body);
                    }
                }
                unreachable!("the checker found the arms exhaustive")
            }
            ExprKind::Block { stmts, result } => {
                for stmt in stmts {
                    self.statement(thread, frame, stmt)?;
                }
                self.eval(thread, frame, *result)?
            }
            ExprKind::Handle(handle) => self.handle(thread, frame, handle, expr.ty)?,
            ExprKind::Resume(value) => self.resume(thread, frame, *value)?,
            ExprKind::Old(effect) => {
                let old = frame.old.iter().find(|(e, _)| e == effect);
                old.expect("the function's row names the cell").1.clone()
            }
            ExprKind::New(effect) => self.read(thread, frame, effect),
            ExprKind::Assert { predicate, .. } => {
                if !self.eval(thread, frame, *predicate)?.bool() {
                    return Err(trap(TrapKind::AssertionFailed));
                }
                Value::Unit
            }
            ExprKind::Assume(predicate) => {
                // A compiled program does not evaluate it.
                match self.eval(thread, frame, *predicate) {
                    Ok(value) if value.bool() => {}
                    Err(stop @ (Stop::OutOfFuel | Stop::Abandoned)) => return Err(stop),
                    _ => self.misled.store(true, Ordering::Relaxed),
                }
                Value::Unit
            }
            ExprKind::Quantifier { kind, bound, predicate, .. } => {
                let bound = self.eval(thread, frame, *bound)?.int();
                let predicate = self.eval(thread, frame, *predicate)?;
                let decisive = *kind == Quantifier::Exists;
                for i in 0..bound {
                    let holds = self.apply(thread, &predicate, vec![Value::Int(i)])?.bool();
                    if holds == decisive {
                        return Ok(Value::Bool(decisive));
                    }
                }
                Value::Bool(!decisive)
            }
            ExprKind::Narrow { value, site } => {
                let from = frame.body[*value].ty;
                let value = self.eval(thread, frame, *value)?;
                self.narrow(thread, &value, from, expr.ty, site)?;
                self.under(value, expr.ty, frame.at(expr.span))
            }
        })
    }

    fn statement(
        &self,
        thread: &mut Thread<'p>,
        frame: &mut Frame<'p>,
        stmt: &'p Stmt,
    ) -> Result<(), Stop<'p>> {
        let value = self.eval(thread, frame, stmt.value())?;
        match stmt {
            Stmt::Let { local, .. } => {
                if frame.activation == 0 {
                    let mut lets = self.lets.lock().expect("no thread panics with the lock");
                    lets.push((*local, value.clone()));
                }
                frame.locals[local.index()] = Some(value);
            }
            Stmt::Destructure { pattern, .. } => {
                self.matches(thread, frame, pattern, &value)?;
            }
            Stmt::Expr(_) => {}
        }
        Ok(())
    }

    /// Whether the value has the pattern's shape; binds what the pattern names.
    fn matches(
        &self,
        thread: &mut Thread<'p>,
        frame: &mut Frame<'p>,
        pattern: &'p Pattern,
        value: &Value<'p>,
    ) -> Result<bool, Stop<'p>> {
        let (patterns, parts) = match (&pattern.kind, value) {
            (PatternKind::Wildcard, _) => return Ok(true),
            (PatternKind::Bind(local), _) => {
                let ty = frame.body[*local].ty;
                let checked = self.narrow(thread, value, pattern.ty, ty, &NarrowSite::Let);
                checked.map_err(|stop| located(stop, frame.at(pattern.span)))?;
                frame.locals[local.index()] = Some(value.clone());
                return Ok(true);
            }
            (PatternKind::Int(n), Value::Byte(b)) => return Ok(*n == i64::from(*b)),
            (PatternKind::Int(n), _) => return Ok(*n == value.int()),
            (PatternKind::Str(text), _) => return Ok(text.as_bytes() == value.bytes()),
            (PatternKind::Bool(b), _) => return Ok(*b == value.bool()),
            (PatternKind::Ctor { ctor, args, .. }, Value::Data(_, found, fields)) => {
                if ctor != found {
                    return Ok(false);
                }
                (args, fields)
            }
            (PatternKind::Tuple(args), Value::Tuple(parts)) => (args, parts),
            (PatternKind::Ctor { .. } | PatternKind::Tuple(_), _) => {
                unreachable!("the checker compared pattern and value")
            }
        };
        for (pattern, part) in patterns.iter().zip(parts.iter()) {
            if !self.matches(thread, frame, pattern, part)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn unary(&self, op: UnaryOp, value: &Value<'p>) -> Outcome<'p> {
        Ok(match (op, value) {
            (UnaryOp::Not, _) => Value::Bool(!value.bool()),
            (UnaryOp::Neg, Value::Float(x)) => Value::Float(-x),
            (UnaryOp::Neg, _) => {
                let negated = value.int().checked_neg();
                Value::Int(negated.ok_or(trap(TrapKind::Overflow))?)
            }
        })
    }

    fn binary(
        &self,
        thread: &mut Thread<'p>,
        frame: &mut Frame<'p>,
        op: BinaryOp,
        left: ExprId,
        right: ExprId,
    ) -> Outcome<'p> {
        let a = self.eval(thread, frame, left)?;
        match op {
            BinaryOp::And if !a.bool() => return Ok(Value::Bool(false)),
            BinaryOp::Or if a.bool() => return Ok(Value::Bool(true)),
            BinaryOp::Implies if !a.bool() => return Ok(Value::Bool(true)),
            _ => {}
        }
        let b = self.eval(thread, frame, right)?;
        let types = &self.program.types;
        let natural = |e: ExprId| matches!(types.base_kind(frame.body[e].ty), TyKind::Nat);
        let order = || a.order(&b);
        Ok(match op {
            BinaryOp::And | BinaryOp::Or | BinaryOp::Implies => b,
            BinaryOp::Eq => Value::Bool(a.equals(&b)),
            BinaryOp::Ne => Value::Bool(!a.equals(&b)),
            BinaryOp::Lt => Value::Bool(order().is_some_and(|o| o.is_lt())),
            BinaryOp::Gt => Value::Bool(order().is_some_and(|o| o.is_gt())),
            BinaryOp::Le => Value::Bool(order().is_some_and(|o| o.is_le())),
            BinaryOp::Ge => Value::Bool(order().is_some_and(|o| o.is_ge())),
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => {
                match (&a, &b) {
                    (Value::Float(a), Value::Float(b)) => Value::Float(floats(op, *a, *b)),
                    _ => integers(op, a.int(), b.int(), natural(left) && natural(right))?,
                }
            }
        })
    }

    fn ability(&self, ability: Ability, args: &[Value<'p>]) -> Value<'p> {
        match ability {
            Ability::Eq => Value::Bool(args[0].equals(&args[1])),
            Ability::Ord => self.ordering(args[0].order(&args[1])),
            Ability::Hash => Value::Int(args[0].hash() as i64),
            Ability::Show => {
                let mut text = Vec::new();
                args[0].show(self.program, &mut text);
                Value::Str(text.into())
            }
        }
    }
}

/// Gives a failure its place, if it has none yet. What refuses its arguments here is no
/// function of the program.
fn located(stop: Stop<'_>, at: FileSpan) -> Stop<'_> {
    match stop {
        Stop::Trap(failure) | Stop::Refused(failure) => {
            Stop::Trap(Failure { at: Some(failure.at.unwrap_or(at)), ..failure })
        }
        other => other,
    }
}

/// A check of a function value that is due to the type it came under at a place.
fn indirect(stop: Stop<'_>, at: FileSpan) -> Stop<'_> {
    match stop {
        Stop::Refused(failure) => Stop::Trap(Failure { at: Some(at), indirect: true, ..failure }),
        other => other,
    }
}

/// Says which call a callee refused.
fn refused(stop: Stop<'_>, call: FileSpan) -> Stop<'_> {
    match stop {
        Stop::Refused(failure) => Stop::Trap(Failure { call: Some(call), ..failure }),
        other => other,
    }
}

/// A failed check that a function makes of its arguments.
fn refusal(stop: Stop<'_>) -> Stop<'_> {
    match stop {
        Stop::Trap(failure) => Stop::Refused(failure),
        other => other,
    }
}

fn floats(op: BinaryOp, a: f64, b: f64) -> f64 {
    match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div => a / b,
        _ => a - (a / b).trunc() * b,
    }
}

fn integers<'p>(op: BinaryOp, a: i64, b: i64, natural: bool) -> Outcome<'p> {
    if natural && op == BinaryOp::Sub && a < b {
        return Err(trap(TrapKind::NatUnderflow));
    }
    if b == 0 && matches!(op, BinaryOp::Div | BinaryOp::Rem) {
        return Err(trap(TrapKind::DivideByZero));
    }
    let result = match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Sub => a.checked_sub(b),
        BinaryOp::Mul => a.checked_mul(b),
        BinaryOp::Div => a.checked_div(b),
        _ => Some(a.wrapping_rem(b)),
    };
    result.map(Value::Int).ok_or(trap(TrapKind::Overflow))
}

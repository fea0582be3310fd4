//! A plain interpreter of the typed program: what a program means, without
//! regard to speed.

mod checks;
mod effects;
mod library;
mod value;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use vera_abi::trap::TrapKind;
use vera_check::typed::{
    Ability, BinaryOp, Body, ExprId, ExprKind, FnId, Pattern, PatternKind, Program, Quantifier,
    Stmt, UnaryOp,
};
use vera_check::typed::{EffectInst, NarrowSite};
use vera_check::types::TyKind;

use self::effects::{ClauseRun, Lexical, Thread, Thrown};
use self::value::Closure;
pub use self::value::Value;

/// Why an evaluation ends without a value.
#[derive(Clone)]
pub enum Stop<'p> {
    Trap(TrapKind),
    Throw(Thrown<'p>),
    /// The handled expression this belongs to has its value already.
    Abandoned,
    /// The program takes too long for a test.
    OutOfFuel,
}

type Outcome<'p> = Result<Value<'p>, Stop<'p>>;

/// What a run of `main` yields.
pub struct End {
    pub printed: String,
    pub result: Result<Vec<u8>, TrapKind>,
}

/// How a run of `main` ends; none when it takes too long.
pub fn run(program: &Program) -> Option<End> {
    let main = program.entry_fns.iter().find(|f| program.function(**f).name == "main");
    let main = *main.expect("the program has an entry");
    let machine = Machine { program, fuel: AtomicI64::new(FUEL), printed: Mutex::default() };
    let outcome = std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(STACK);
        let run = || machine.call(&mut Thread::default(), None, main, vec![Value::Unit]);
        let handle = builder.spawn_scoped(scope, run).expect("a thread");
        handle.join().expect("the interpreter does not panic")
    });
    let result = match outcome {
        Ok(value) => Ok(value.bytes().to_vec()),
        Err(Stop::Trap(kind)) => Err(kind),
        Err(Stop::Throw(..)) => Err(TrapKind::UncaughtException),
        Err(Stop::OutOfFuel) => return None,
        Err(Stop::Abandoned) => unreachable!("`main` belongs to no handler"),
    };
    let printed = machine.printed.into_inner().expect("no thread panicked");
    Some(End { printed, result })
}

const FUEL: i64 = 100_000;
const STACK: usize = 1 << 30;

pub struct Machine<'p> {
    program: &'p Program,
    /// Steps that are left.
    fuel: AtomicI64,
    /// What the program printed.
    printed: Mutex<String>,
}

/// One activation of a function, closure or clause.
#[derive(Clone)]
pub struct Frame<'p> {
    body: &'p Body,
    /// The function whose code this is.
    owner: Option<FnId>,
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
    fn new(body: &'p Body) -> Frame<'p> {
        Frame {
            body,
            owner: None,
            locals: vec![None; body.locals.len()],
            result: None,
            old: Arc::new([]),
            lexical: Vec::new(),
            clause: None,
        }
    }
}

impl<'p> Machine<'p> {
    fn burn(&self, steps: i64) -> Result<(), Stop<'p>> {
        let before = self.fuel.fetch_sub(steps.clamp(0, FUEL), Ordering::Relaxed);
        if before > steps { Ok(()) } else { Err(Stop::OutOfFuel) }
    }

    fn call(
        &self,
        thread: &mut Thread<'p>,
        caller: Option<FnId>,
        id: FnId,
        args: Vec<Value<'p>>,
    ) -> Outcome<'p> {
        let function = self.program.function(id);
        let mut frame = Frame::new(&function.body);
        frame.owner = Some(id);
        for (param, arg) in function.params.iter().zip(args) {
            frame.locals[param.index()] = Some(arg);
        }
        self.entry_checks(thread, &mut frame, function)?;
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
            Value::Narrowed(inner, ty) => {
                let TyKind::Fn { ret, .. } = self.program.types.base_kind(*ty) else {
                    unreachable!("the checker found a function here")
                };
                let value = self.apply(thread, inner, args)?;
                self.check_part(thread, &value, *ret)?;
                return Ok(value);
            }
            _ => unreachable!("the checker found a function here"),
        };
        let mut frame = closure.frame.clone();
        for (param, arg) in closure.params.iter().zip(args) {
            self.check_part(thread, &arg, frame.body[*param].ty)?;
            frame.locals[param.index()] = Some(arg);
        }
        let value = self.eval(thread, &mut frame, closure.body)?;
        self.check_refined(thread, &value, frame.body[closure.body].ty)?;
        Ok(value)
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
                item.ok_or(Stop::Trap(TrapKind::IndexOutOfBounds))?
            }
            ExprKind::Call { callee, args, .. } => {
                let args = self.all(thread, frame, args)?;
                self.call(thread, frame.owner, *callee, args)?
            }
            ExprKind::Builtin { name, args, .. } => {
                let args = self.all(thread, frame, args)?;
                self.builtin(thread, name, &args)?
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
            ExprKind::New(effect) => thread.read(effect),
            ExprKind::Assert { predicate, .. } => {
                if !self.eval(thread, frame, *predicate)?.bool() {
                    return Err(Stop::Trap(TrapKind::AssertionFailed));
                }
                Value::Unit
            }
            ExprKind::Assume(_) => Value::Unit,
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
                match self.program.types.base_kind(expr.ty) {
                    TyKind::Fn { .. } => Value::Narrowed(Arc::new(value), expr.ty),
                    _ => value,
                }
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
            Stmt::Let { local, .. } => frame.locals[local.index()] = Some(value),
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
                self.narrow(thread, value, pattern.ty, ty, &NarrowSite::Let)?;
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
                Value::Int(negated.ok_or(Stop::Trap(TrapKind::Overflow))?)
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
        return Err(Stop::Trap(TrapKind::NatUnderflow));
    }
    if b == 0 && matches!(op, BinaryOp::Div | BinaryOp::Rem) {
        return Err(Stop::Trap(TrapKind::DivideByZero));
    }
    let result = match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Sub => a.checked_sub(b),
        BinaryOp::Mul => a.checked_mul(b),
        BinaryOp::Div => a.checked_div(b),
        _ => Some(a.wrapping_rem(b)),
    };
    result.map(Value::Int).ok_or(Stop::Trap(TrapKind::Overflow))
}

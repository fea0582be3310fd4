//! Effects by the rules of the language reference, chapter 10.
//!
//! The body of a general handler runs on a thread of its own, which waits where
//! it performs an operation. The clause runs on the handler's thread, and
//! `resume` lets the body go on until it ends or performs the next operation:
//! that is the meaning of the language word for word, and it has nothing in
//! common with how programs are compiled.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use vera_abi::trap::TrapKind;
use vera_check::typed::{EffectInst, ExprId, FnId, Handle, HandlerClause, NarrowSite};
use vera_check::types::{Ty, TyKind};

use super::{Env, Frame, Machine, Outcome, Stop, Value, located, trap};

/// What the code that runs now is surrounded by.
#[derive(Default)]
pub struct Thread<'p> {
    /// Live handlers, outermost first.
    live: Vec<Live<'p>>,
    /// How many of them are around the general handler whose body runs here, that
    /// handler included: they change when a clause resumes inside handlers of its own.
    inherited: usize,
    /// Live handlers that the code that runs does not stand in: the clauses of a
    /// `State` handler belong outside of it.
    hidden: Vec<Live<'p>>,
    /// Towards the handler whose body runs here.
    outer: Option<Outer<'p>>,
    /// Measures of the live activations.
    pub(super) measures: Vec<(FnId, Vec<Value<'p>>)>,
}

/// Which effect, in the eyes of one activation: inside a generic function, `State<T>`
/// is not `State<Int>` whatever `T` stands for.
#[derive(Clone)]
pub(super) struct Key {
    effect: EffectInst,
    activation: u64,
    env: Env,
}

/// A live handler: itself, not one that is equal to it.
pub(super) type Live<'p> = Arc<LiveHandler<'p>>;

pub(super) struct LiveHandler<'p> {
    key: Key,
    /// What the cell of a `State` handler holds.
    cell: Mutex<Option<Value<'p>>>,
}

/// A value on its way to a handler of `Exn`.
#[derive(Clone)]
pub struct Thrown<'p> {
    key: Key,
    value: Value<'p>,
    hidden: Vec<Live<'p>>,
}

struct Outer<'p> {
    ask: Sender<Message<'p>>,
    answer: Receiver<Answer<'p>>,
}

/// The result of an operation, and the handlers around the body from now on.
struct Answer<'p> {
    value: Value<'p>,
    live: Vec<Live<'p>>,
}

enum Message<'p> {
    Perform(Operation<'p>),
    Done(Outcome<'p>),
}

/// An operation that waits for its answer.
struct Operation<'p> {
    key: Key,
    op: u32,
    args: Vec<Value<'p>>,
    hidden: Vec<Live<'p>>,
    measures: Vec<(FnId, Vec<Value<'p>>)>,
}

/// A `State` handler around the code that runs.
#[derive(Clone)]
pub struct Lexical<'p> {
    handle: &'p Handle,
    live: Live<'p>,
}

/// A general handler whose body is under way.
struct Running<'p> {
    handle: &'p Handle,
    live: Live<'p>,
    frame: Frame<'p>,
    state: Mutex<Option<Value<'p>>>,
    /// The type of the handled expression.
    ty: Ty,
    answer: Sender<Answer<'p>>,
    messages: Mutex<Receiver<Message<'p>>>,
}

/// One run of a clause of a general handler.
pub struct ClauseRun<'p> {
    handler: Arc<Running<'p>>,
    update: Option<ExprId>,
    /// The operation's arguments, and its name.
    performed: (Vec<Value<'p>>, &'p str),
    resumed: AtomicBool,
    /// The measures at the handler.
    live: Vec<(FnId, Vec<Value<'p>>)>,
}

impl<'p> Thread<'p> {
    pub(super) fn enter(
        &mut self,
        frame: &Frame<'p>,
        effect: &EffectInst,
        cell: Option<Value<'p>>,
    ) -> Live<'p> {
        let live = Arc::new(LiveHandler { key: frame.key(effect), cell: Mutex::new(cell) });
        self.live.push(Arc::clone(&live));
        live
    }

    /// Leaves the handler and those inside it.
    fn leave(&mut self, handler: &Live<'p>) {
        self.live.truncate(self.position(handler));
    }

    fn position(&self, handler: &Live<'p>) -> usize {
        let found = self.live.iter().position(|h| Arc::ptr_eq(h, handler));
        found.expect("the handler is live")
    }

    /// The handlers around a body that goes on from here.
    fn around(&self, handler: &Live<'p>) -> Vec<Live<'p>> {
        self.live.iter().chain([handler]).cloned().collect()
    }
}

impl Frame<'_> {
    fn key(&self, effect: &EffectInst) -> Key {
        Key { effect: effect.clone(), activation: self.activation, env: self.env.clone() }
    }
}

impl<'p> LiveHandler<'p> {
    fn content(&self) -> Value<'p> {
        lock(&self.cell).clone().expect("a handler of `State` has a cell")
    }
}

fn contains<'p>(handlers: &[Live<'p>], handler: &Live<'p>) -> bool {
    handlers.iter().any(|h| Arc::ptr_eq(h, handler))
}

impl<'p> Running<'p> {
    /// Lets the body go on, inside the handlers that are live on this thread.
    fn go_on(&self, thread: &Thread<'p>, value: Value<'p>) {
        let answer = Answer { value, live: thread.around(&self.live) };
        self.answer.send(answer).expect("the body waits");
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("no thread panics with the lock")
}

impl<'p> Machine<'p> {
    pub(super) fn effect_name(&self, effect: &EffectInst) -> &'p str {
        &self.program.effects[effect.effect.index()].name
    }

    /// Whether a handler of the first is one of the second.
    fn same_effect(&self, a: &Key, b: &Key) -> bool {
        if a.activation == b.activation {
            return a.effect == b.effect;
        }
        let args = a.effect.args.iter().zip(&b.effect.args);
        a.effect.effect == b.effect.effect
            && args.into_iter().all(|(x, y)| self.same_type((*x, &a.env), (*y, &b.env)))
    }

    /// Whether two types are equal once their parameters are what they stand for.
    fn same_type(&self, a: (Ty, &Env), b: (Ty, &Env)) -> bool {
        let types = &self.program.types;
        if let (TyKind::Param(i, _), Some(env)) = (types.kind(a.0), a.1) {
            return self.same_type((env.args[*i as usize], &env.outer), b);
        }
        if let TyKind::Param(..) = types.kind(b.0)
            && b.1.is_some()
        {
            return self.same_type(b, a);
        }
        let same = |x: &Ty, y: &Ty| self.same_type((*x, a.1), (*y, b.1));
        let all =
            |x: &[Ty], y: &[Ty]| x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same(x, y));
        match (types.kind(a.0), types.kind(b.0)) {
            (TyKind::Array(x), TyKind::Array(y))
            | (TyKind::Set(x), TyKind::Set(y))
            | (TyKind::Future(x), TyKind::Future(y)) => same(x, y),
            (TyKind::Map(k, v), TyKind::Map(l, w)) => same(k, l) && same(v, w),
            (TyKind::Tuple(x), TyKind::Tuple(y)) => all(x, y),
            (TyKind::Data(d, x), TyKind::Data(e, y)) => d == e && all(x, y),
            (TyKind::Refined(x, r, i), TyKind::Refined(y, s, j)) => {
                r == s && same(x, y) && all(i, j)
            }
            _ => a.0 == b.0,
        }
    }

    /// The content of the innermost cell of the family.
    pub(super) fn read(
        &self,
        thread: &Thread<'p>,
        frame: &Frame<'p>,
        effect: &EffectInst,
    ) -> Value<'p> {
        self.innermost(thread, &frame.key(effect)).content()
    }

    fn innermost<'t>(&self, thread: &'t Thread<'p>, key: &Key) -> &'t Live<'p> {
        let mut live = thread.live.iter().rev();
        let found = live.find(|h| self.same_effect(&h.key, key) && !contains(&thread.hidden, h));
        found.expect("a handler is around")
    }

    fn op_name(&self, effect: &EffectInst, op: u32) -> &'p str {
        &self.program.effects[effect.effect.index()].ops[op as usize].name
    }

    pub(super) fn perform(
        &self,
        thread: &mut Thread<'p>,
        frame: &Frame<'p>,
        effect: &'p EffectInst,
        op: u32,
        mut args: Vec<Value<'p>>,
    ) -> Outcome<'p> {
        let key = frame.key(effect);
        match self.effect_name(effect) {
            "Exn" => {
                let (value, hidden) = (args.remove(0), thread.hidden.clone());
                Err(Stop::Throw(Thrown { key, value, hidden }))
            }
            "State" => self.perform_state(thread, frame, effect, op, args.remove(0)),
            _ => {
                if self.op_name(effect, op) == "random_int" && args[0].int() > args[1].int() {
                    return Err(trap(TrapKind::ContractViolation));
                }
                let (hidden, measures) = (thread.hidden.clone(), thread.measures.clone());
                self.perform_outside(thread, Operation { key, op, args, hidden, measures })
            }
        }
    }

    fn perform_state(
        &self,
        thread: &mut Thread<'p>,
        frame: &Frame<'p>,
        effect: &'p EffectInst,
        op: u32,
        arg: Value<'p>,
    ) -> Outcome<'p> {
        let put = self.op_name(effect, op) == "put";
        let live = Arc::clone(self.innermost(thread, &frame.key(effect)));
        let old = live.content();
        if put {
            *lock(&live.cell) = Some(arg.clone());
        }
        // Clauses are for operations written in the body, where no clause of a
        // handler in between resumed it inside a cell of its own.
        let at = frame.lexical.iter().rposition(|l| l.handle.effect == *effect);
        let at = at.filter(|at| Arc::ptr_eq(&frame.lexical[*at].live, &live));
        let clause = at.and_then(|at| {
            let clause = frame.lexical[at].handle.clauses.iter().find(|c| c.op == op)?;
            Some((at, clause))
        });
        let Some((at, clause)) = clause else {
            return Ok(if put { Value::Unit } else { old });
        };
        let mut inner = frame.clone();
        inner.lexical.truncate(at);
        inner.clause = None;
        bind(&mut inner, clause, &[arg], Some(old));
        let hidden = thread.hidden.len();
        let inside = thread.position(&live);
        thread.hidden.extend_from_slice(&thread.live[inside..]);
        let result = self.eval(thread, &mut inner, clause.body);
        let update = match (&result, clause.update) {
            (Ok(_), Some(update)) => Some(self.eval(thread, &mut inner, update)),
            _ => None,
        };
        thread.hidden.truncate(hidden);
        if let Some(update) = update {
            *lock(&live.cell) = Some(update?);
        }
        result
    }

    pub(super) fn handle(
        &self,
        thread: &mut Thread<'p>,
        frame: &mut Frame<'p>,
        handle: &'p Handle,
        answer: Ty,
    ) -> Outcome<'p> {
        self.burn(50)?;
        let state = match &handle.state {
            Some((_, init)) => Some(self.eval(thread, frame, *init)?),
            None if self.effect_name(&handle.effect) == "State" => {
                let zero = self.zero(handle.effect.args[0]);
                self.check_part(thread, &zero, handle.effect.args[0])?;
                Some(zero)
            }
            None => None,
        };
        match self.effect_name(&handle.effect) {
            "Exn" => self.handle_exception(thread, frame, handle, answer),
            "State" => {
                let live = thread.enter(frame, &handle.effect, state);
                let around = frame.lexical.len();
                frame.lexical.push(Lexical { handle, live: Arc::clone(&live) });
                let outcome = self.answer(thread, frame, handle.body, answer);
                frame.lexical.truncate(around);
                thread.leave(&live);
                outcome
            }
            _ => self.handle_general(thread, frame, handle, state, answer),
        }
    }

    fn handle_exception(
        &self,
        thread: &mut Thread<'p>,
        frame: &mut Frame<'p>,
        handle: &'p Handle,
        answer: Ty,
    ) -> Outcome<'p> {
        let measures = thread.measures.len();
        let live = thread.enter(frame, &handle.effect, None);
        let outcome = self.answer(thread, frame, handle.body, answer);
        thread.leave(&live);
        match outcome {
            Err(Stop::Throw(thrown))
                if self.same_effect(&live.key, &thrown.key) && !contains(&thrown.hidden, &live) =>
            {
                thread.measures.truncate(measures);
                let clause = &handle.clauses[0];
                bind(frame, clause, &[thrown.value], None);
                self.answer(thread, frame, clause.body, answer)
            }
            other => other,
        }
    }

    fn handle_general(
        &self,
        thread: &mut Thread<'p>,
        frame: &Frame<'p>,
        handle: &'p Handle,
        state: Option<Value<'p>>,
        answer: Ty,
    ) -> Outcome<'p> {
        let ((ask, messages), (answers, answered)) = (channel(), channel());
        let mut body_frame = frame.clone();
        let live = Arc::new(LiveHandler { key: frame.key(&handle.effect), cell: Mutex::new(None) });
        let around = thread.around(&live);
        let mut body_thread = Thread {
            inherited: around.len(),
            live: around,
            hidden: thread.hidden.clone(),
            outer: Some(Outer { ask: ask.clone(), answer: answered }),
            measures: thread.measures.clone(),
        };
        std::thread::scope(|scope| {
            let body = move || {
                let outcome = self.answer(&mut body_thread, &mut body_frame, handle.body, answer);
                // Nobody listens when the body was abandoned.
                _ = ask.send(Message::Done(outcome));
            };
            let builder = std::thread::Builder::new().stack_size(super::STACK / 8);
            builder.spawn_scoped(scope, body).expect("a thread");
            let handler = Arc::new(Running {
                handle,
                live,
                frame: frame.clone(),
                state: Mutex::new(state),
                ty: answer,
                answer: answers,
                messages: Mutex::new(messages),
            });
            // The handler goes out of scope with the channels, which ends a body
            // that still waits.
            self.drive(thread, &handler)
        })
    }

    /// The value of a body or clause, as one of the handled expression's type.
    fn answer(
        &self,
        thread: &mut Thread<'p>,
        frame: &mut Frame<'p>,
        e: ExprId,
        ty: Ty,
    ) -> Outcome<'p> {
        let value = self.eval(thread, frame, e)?;
        let (from, at) = (frame.body[e].ty, frame.at(frame.body[e].span));
        // It may reach a `resume` next, whose place is not the one.
        let narrowed = self.narrow(thread, &value, from, ty, &NarrowSite::Join);
        narrowed.map_err(|stop| located(stop, at))?;
        Ok(if from == ty { value } else { self.under(value, ty, at) })
    }

    /// Listens to the body until the handled expression has its value.
    fn drive(&self, thread: &mut Thread<'p>, handler: &Arc<Running<'p>>) -> Outcome<'p> {
        loop {
            let message = lock(&handler.messages).recv();
            match message.expect("a body says how it ends") {
                Message::Done(outcome) => return outcome,
                Message::Perform(operation) => {
                    let own = !contains(&operation.hidden, &handler.live)
                        && self.same_effect(&handler.live.key, &operation.key)
                        && handler.handle.clauses.iter().any(|c| c.op == operation.op);
                    if own {
                        return self.clause(thread, handler, operation);
                    }
                    let value = self.perform_outside(thread, operation)?;
                    handler.go_on(thread, value);
                }
            }
        }
    }

    fn clause(
        &self,
        thread: &mut Thread<'p>,
        handler: &Arc<Running<'p>>,
        operation: Operation<'p>,
    ) -> Outcome<'p> {
        let clause = handler.handle.clauses.iter().find(|c| c.op == operation.op);
        let clause = clause.expect("the handler has one for this operation");
        let mut frame = handler.frame.clone();
        // The activation that waits for the answer is live.
        let live = std::mem::replace(&mut thread.measures, operation.measures);
        bind(&mut frame, clause, &operation.args, lock(&handler.state).clone());
        frame.clause = Some(Arc::new(ClauseRun {
            handler: Arc::clone(handler),
            update: clause.update,
            performed: (operation.args, self.op_name(&operation.key.effect, operation.op)),
            resumed: AtomicBool::new(false),
            live: live.clone(),
        }));
        let outcome = self.answer(thread, &mut frame, clause.body, handler.ty);
        thread.measures = live;
        outcome
    }

    /// `resume(value)`: the result of the operation in a `State` clause, the
    /// value of the handled expression elsewhere.
    pub(super) fn resume(
        &self,
        thread: &mut Thread<'p>,
        frame: &mut Frame<'p>,
        value: ExprId,
    ) -> Outcome<'p> {
        let value = self.eval(thread, frame, value)?;
        let Some(run) = frame.clause.clone() else { return Ok(value) };
        if run.resumed.swap(true, Ordering::Relaxed) {
            return Err(trap(TrapKind::HostError));
        }
        let (args, op) = &run.performed;
        if !keeps_promise(op, args, &value) {
            return Err(trap(TrapKind::ContractViolation));
        }
        if let Some(update) = run.update {
            let state = self.eval(thread, frame, update)?;
            *lock(&run.handler.state) = Some(state);
        }
        run.handler.go_on(thread, value);
        thread.measures.clone_from(&run.live);
        self.drive(thread, &run.handler)
    }

    /// Asks the handlers around this thread; the host answers what none does.
    fn perform_outside(&self, thread: &mut Thread<'p>, operation: Operation<'p>) -> Outcome<'p> {
        let Some(outer) = &thread.outer else { return Ok(self.host(operation)) };
        if outer.ask.send(Message::Perform(operation)).is_err() {
            return Err(Stop::Abandoned);
        }
        let answer = outer.answer.recv().map_err(|_| Stop::Abandoned)?;
        let inherited = answer.live.len();
        thread.live.splice(..thread.inherited, answer.live);
        thread.inherited = inherited;
        Ok(answer.value)
    }

    fn chance(&self) -> u64 {
        let step = self.chance.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        let z = (step ^ step >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z ^ z >> 31
    }

    /// What the host does.
    fn host(&self, operation: Operation<'p>) -> Value<'p> {
        let effect = &operation.key.effect;
        match (self.effect_name(effect), self.op_name(effect, operation.op)) {
            ("IO", "print") => {
                lock(&self.printed).extend_from_slice(operation.args[0].bytes());
                Value::Unit
            }
            ("Random", "random_int") => {
                let (low, high) = (operation.args[0].int(), operation.args[1].int());
                let span = (i128::from(high) - i128::from(low) + 1) as u128;
                Value::Int((i128::from(low) + (u128::from(self.chance()) % span) as i128) as i64)
            }
            ("Random", "random_float") => {
                Value::Float((self.chance() >> 11) as f64 / (1u64 << 53) as f64)
            }
            ("Random", "random_bool") => Value::Bool(self.chance() & 1 == 1),
            (effect, op) => unreachable!("programs handle {effect}.{op}"),
        }
    }
}

/// What the language promises of the results of built-in operations; programs declare
/// no operations of these names.
fn keeps_promise(op: &str, args: &[Value<'_>], result: &Value<'_>) -> bool {
    match op {
        "random_int" => (args[0].int()..=args[1].int()).contains(&result.int()),
        "random_float" => (0.0..1.0).contains(&result.float()),
        _ => true,
    }
}

fn bind<'p>(
    frame: &mut Frame<'p>,
    clause: &HandlerClause,
    args: &[Value<'p>],
    state: Option<Value<'p>>,
) {
    for (param, arg) in clause.params.iter().zip(args) {
        frame.locals[param.index()] = Some(arg.clone());
    }
    if let Some(local) = clause.state {
        frame.locals[local.index()] = state;
    }
}

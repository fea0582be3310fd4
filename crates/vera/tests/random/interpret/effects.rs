//! Effects by the rules of the language reference, chapter 10.
//!
//! The body of a general handler runs on a thread of its own, which waits where
//! it performs an operation. The clause runs on the handler's thread, and
//! `resume` lets the body go on until it ends or performs the next operation:
//! that is the meaning of the language word for word, and it has nothing in
//! common with how programs are compiled.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use vera_abi::trap::TrapKind;
use vera_check::typed::{EffectInst, ExprId, FnId, Handle, HandlerClause, NarrowSite};
use vera_check::types::{Ty, TyKind};

use super::{Frame, Machine, Outcome, Stop, Value};

type Cell<'p> = Arc<Mutex<Value<'p>>>;

/// What the code that runs now is surrounded by.
#[derive(Default)]
pub struct Thread<'p> {
    /// Live `State` cells, outermost first.
    cells: Vec<(EffectInst, Cell<'p>)>,
    /// Towards the handler whose body runs here.
    outer: Option<Outer<'p>>,
    /// How many general handlers this thread runs inside of, and how many handlers
    /// of any kind the code does.
    level: usize,
    depth: usize,
    /// The handlers between a `State` handler and the operation whose clause runs:
    /// the clause belongs outside them.
    hidden: Vec<Hidden>,
    /// Measures of the live activations.
    pub(super) measures: Vec<(FnId, Vec<Value<'p>>)>,
}

/// A place among the live handlers.
#[derive(Clone, Copy)]
struct Place {
    level: usize,
    depth: usize,
}

/// Handlers that do not see what a piece of code does.
#[derive(Clone, Debug)]
struct Hidden {
    levels: Range<usize>,
    depths: Range<usize>,
}

/// A value on its way to a handler of `Exn`.
#[derive(Clone)]
pub struct Thrown<'p> {
    effect: &'p EffectInst,
    value: Value<'p>,
    hidden: Vec<Hidden>,
}

struct Outer<'p> {
    ask: Sender<Message<'p>>,
    answer: Receiver<Value<'p>>,
}

enum Message<'p> {
    Perform(Operation<'p>),
    Done(Outcome<'p>),
}

/// An operation that waits for its answer.
struct Operation<'p> {
    effect: &'p EffectInst,
    op: u32,
    args: Vec<Value<'p>>,
    hidden: Vec<Hidden>,
    measures: Vec<(FnId, Vec<Value<'p>>)>,
}

/// A `State` handler around the code that runs.
#[derive(Clone)]
pub struct Lexical<'p> {
    handle: &'p Handle,
    cell: Cell<'p>,
    /// How many cells and handlers there are outside.
    cells: usize,
    handlers: usize,
    place: Place,
}

/// A general handler whose body is under way.
struct Running<'p> {
    handle: &'p Handle,
    frame: Frame<'p>,
    state: Mutex<Option<Value<'p>>>,
    /// The type of the handled expression.
    ty: Ty,
    answer: Sender<Value<'p>>,
    messages: Mutex<Receiver<Message<'p>>>,
}

/// One run of a clause of a general handler.
pub struct ClauseRun<'p> {
    handler: Arc<Running<'p>>,
    update: Option<ExprId>,
    resumed: AtomicBool,
    /// The measures at the handler.
    live: Vec<(FnId, Vec<Value<'p>>)>,
}

impl<'p> Thread<'p> {
    /// The innermost cell of the family.
    pub(super) fn read(&self, effect: &EffectInst) -> Value<'p> {
        let cell = self.cells.iter().rev().find(|(e, _)| e == effect);
        lock(&cell.expect("a handler is around").1).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("no thread panics with the lock")
}

impl<'p> Machine<'p> {
    pub(super) fn effect_name(&self, effect: &EffectInst) -> &'p str {
        &self.program.effects[effect.effect.index()].name
    }

    pub(super) fn perform(
        &self,
        thread: &mut Thread<'p>,
        frame: &Frame<'p>,
        effect: &'p EffectInst,
        op: u32,
        mut args: Vec<Value<'p>>,
    ) -> Outcome<'p> {
        match self.effect_name(effect) {
            "Exn" => {
                let (value, hidden) = (args.remove(0), thread.hidden.clone());
                Err(Stop::Throw(Thrown { effect, value, hidden }))
            }
            "State" => self.perform_state(thread, frame, effect, op, args.remove(0)),
            _ => {
                let (hidden, measures) = (thread.hidden.clone(), thread.measures.clone());
                self.perform_outside(thread, Operation { effect, op, args, hidden, measures })
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
        let ops = &self.program.effects[effect.effect.index()].ops;
        let put = ops[op as usize].name == "put";
        let innermost = thread.cells.iter().rev().find(|(e, _)| e == effect);
        let cell = Arc::clone(&innermost.expect("a handler is around").1);
        // The clauses are for operations written in the body, unless a clause of a
        // handler in between resumed the body inside a cell of its own.
        let lexical = frame.lexical.iter().rev().find(|l| l.handle.effect == *effect);
        let lexical = lexical.filter(|l| Arc::ptr_eq(&l.cell, &cell));
        let old = lock(&cell).clone();
        if put {
            *lock(&cell) = arg.clone();
        }
        let clause = lexical.and_then(|l| {
            let clause = l.handle.clauses.iter().find(|c| c.op == op)?;
            Some((l, clause))
        });
        let Some((lexical, clause)) = clause else {
            return Ok(if put { Value::Unit } else { old });
        };
        let mut inner = frame.clone();
        inner.lexical.truncate(lexical.handlers);
        inner.clause = None;
        bind(&mut inner, clause, &[arg], Some(old));
        let hidden = thread.cells.split_off(lexical.cells.min(thread.cells.len()));
        thread.hidden.push(Hidden {
            levels: lexical.place.level..thread.level,
            depths: lexical.place.depth..thread.depth,
        });
        let result = self.eval(thread, &mut inner, clause.body);
        let update = match (&result, clause.update) {
            (Ok(_), Some(update)) => Some(self.eval(thread, &mut inner, update)),
            _ => None,
        };
        thread.hidden.pop();
        thread.cells.extend(hidden);
        if let Some(update) = update {
            *lock(&cell) = update?;
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
            None => None,
        };
        let (cells, live) = (thread.cells.len(), thread.measures.len());
        let place = Place { level: thread.level, depth: thread.depth };
        thread.depth += 1;
        let outcome = match (self.effect_name(&handle.effect), state) {
            ("Exn", _) => match self.answer(thread, frame, handle.body, answer) {
                Err(Stop::Throw(thrown))
                    if *thrown.effect == handle.effect
                        && !thrown.hidden.iter().any(|h| h.depths.contains(&place.depth)) =>
                {
                    let value = thrown.value;
                    thread.cells.truncate(cells);
                    thread.measures.truncate(live);
                    thread.depth = place.depth;
                    let clause = &handle.clauses[0];
                    bind(frame, clause, &[value], None);
                    self.answer(thread, frame, clause.body, answer)
                }
                other => other,
            },
            ("State", state) => {
                let init = state.expect("the generator gives every cell a value");
                let cell = Arc::new(Mutex::new(init));
                thread.cells.push((handle.effect.clone(), Arc::clone(&cell)));
                let handlers = frame.lexical.len();
                frame.lexical.push(Lexical { handle, cell, cells, handlers, place });
                let outcome = self.answer(thread, frame, handle.body, answer);
                frame.lexical.truncate(handlers);
                outcome
            }
            (_, state) => self.handle_general(thread, frame, handle, state, answer),
        };
        thread.cells.truncate(cells);
        thread.measures.truncate(live);
        thread.depth = place.depth;
        outcome
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
        let mut body_thread = Thread {
            cells: thread.cells.clone(),
            outer: Some(Outer { ask: ask.clone(), answer: answered }),
            level: thread.level + 1,
            depth: thread.depth,
            hidden: thread.hidden.clone(),
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
        self.narrow(thread, &value, frame.body[e].ty, ty, &NarrowSite::Join)?;
        Ok(match self.program.types.base_kind(ty) {
            TyKind::Fn { .. } if frame.body[e].ty != ty => Value::Narrowed(Arc::new(value), ty),
            _ => value,
        })
    }

    /// Listens to the body until the handled expression has its value.
    fn drive(&self, thread: &mut Thread<'p>, handler: &Arc<Running<'p>>) -> Outcome<'p> {
        loop {
            let message = lock(&handler.messages).recv();
            match message.expect("a body says how it ends") {
                Message::Done(outcome) => return outcome,
                Message::Perform(operation) => {
                    let own = !operation.hidden.iter().any(|h| h.levels.contains(&thread.level))
                        && *operation.effect == handler.handle.effect
                        && handler.handle.clauses.iter().any(|c| c.op == operation.op);
                    if own {
                        return self.clause(thread, handler, operation);
                    }
                    let value = self.perform_outside(thread, operation)?;
                    handler.answer.send(value).expect("the body waits");
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
            return Err(Stop::Trap(TrapKind::HostError));
        }
        if let Some(update) = run.update {
            let state = self.eval(thread, frame, update)?;
            *lock(&run.handler.state) = Some(state);
        }
        run.handler.answer.send(value).expect("the body waits");
        thread.measures.clone_from(&run.live);
        self.drive(thread, &run.handler)
    }

    /// Asks the handlers around this thread; the host answers what none does.
    fn perform_outside(&self, thread: &Thread<'p>, operation: Operation<'p>) -> Outcome<'p> {
        let Some(outer) = &thread.outer else { return Ok(self.host(operation)) };
        if outer.ask.send(Message::Perform(operation)).is_err() {
            return Err(Stop::Abandoned);
        }
        outer.answer.recv().map_err(|_| Stop::Abandoned)
    }

    /// What the host does.
    fn host(&self, operation: Operation<'p>) -> Value<'p> {
        let effect = &self.program.effects[operation.effect.effect.index()];
        match (effect.name.as_str(), effect.ops[operation.op as usize].name.as_str()) {
            ("IO", "print") => {
                lock(&self.printed).push_str(&String::from_utf8_lossy(operation.args[0].bytes()));
                Value::Unit
            }
            (effect, op) => unreachable!("programs handle {effect}.{op}"),
        }
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

//! Tasks: parts of a program that run in instances of their own while it goes on (language
//! reference, chapter 10.11).
//!
//! A task gets copies of the values it uses and yields one. Of the outside world it has
//! what its program has: client, database, permissions, time, fuel and memory. What it
//! begins itself is computed in place, so that no task waits for room that another one
//! has.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use vera_abi::interface::Interface;
use vera_abi::trap::TrapKind;

use super::{Begun, Pool, Progress, What, World, failed, wait};
use crate::engine::Place;
use crate::io::{Env, Io};
use crate::run::{Outcome, RUN_STACK, RunOptions, State};
use crate::trap::{End, Trap};
use crate::value::Value;

/// What came of a task, or of an operation.
pub(crate) struct Finished {
    pub end: Result<Value, Box<Trap>>,
    /// The fuel that it used.
    pub fuel: u64,
}

impl Finished {
    pub fn of(value: Value) -> Finished {
        Finished { end: Ok(value), fuel: 0 }
    }
}

/// The tasks of a run.
#[derive(Default)]
pub(crate) struct Tasks {
    pool: Option<Pool<Finished>>,
    /// Room for the task that is about to begin.
    reserved: Option<Place>,
    /// Of a task: whether its program has ended.
    cancelled: Option<Arc<Cancelled>>,
    /// Of a program: tells that to its tasks.
    cancel: Option<Arc<Cancelled>>,
}

/// Whether nobody waits any more.
#[derive(Default)]
pub(crate) struct Cancelled {
    is: Mutex<bool>,
    changed: Condvar,
}

impl Tasks {
    /// Nobody waits for the tasks any more.
    pub fn cancel(&mut self) {
        if let Some(cancel) = self.cancel.take() {
            *cancel.is.lock().unwrap_or_else(PoisonError::into_inner) = true;
            cancel.changed.notify_all();
        }
        *self = Tasks::default();
    }

    /// Sleeps, in a task until its program ends.
    pub fn sleep(&self, time: Duration) {
        let Some(cancelled) = &self.cancelled else { return std::thread::sleep(time) };
        let is = cancelled.is.lock().unwrap_or_else(PoisonError::into_inner);
        // Whether it woke for the time or for the end makes no difference to anybody.
        drop(cancelled.changed.wait_timeout_while(is, time, |is| !*is));
    }
}

/// Whether the program may begin a task now; there is room for it then.
pub(crate) fn may_begin(state: &mut State) -> bool {
    let tasks = &mut state.io.world.tasks;
    if tasks.cancelled.is_some() {
        return false;
    }
    tasks.reserved = state.host.tasks.enter();
    tasks.reserved.is_some()
}

/// Begins the task with this number of the program's table, with so much fuel; yields
/// what [`super::finish`] takes.
pub(crate) fn begin(state: &mut State, number: u32, fuel: Option<u64>) -> Result<u32, End> {
    let (interface, module) = (Arc::clone(&state.interface), state.module.clone());
    let entry = interface.tasks.get(number as usize).map(|task| task.entry.clone());
    let entry = entry.ok_or_else(|| failed(format!("there is no task {number}")))?;
    let export = module.export(&entry);
    let export = export.ok_or_else(|| failed(format!("there is no task {number}")))?;
    let mut args = Vec::with_capacity(export.params.len());
    for ty in &export.params {
        args.push(state.wire.receive(&interface, ty)?);
    }
    let mut io = of_task(&mut state.io);
    let (host, options) = (state.host.clone(), RunOptions { fuel, ..state.options.clone() });
    let place = state.io.world.tasks.reserved.take();
    let run = module.clone();
    let job = move || {
        let ran = host.run_within(&run, &entry, args, &mut io, &options);
        drop(place);
        let used = |left: Option<u64>| fuel.unwrap_or(0).saturating_sub(left.unwrap_or(0));
        match ran {
            Ok(run) => Finished { fuel: used(run.fuel_left), end: ended(run.outcome) },
            Err(error) => Finished { fuel: 0, end: Err(trap(error.to_string())) },
        }
    };
    let pool = state.io.world.tasks.pool.get_or_insert_with(|| Pool::new(Some(RUN_STACK)));
    let result = pool.begin(Box::new(job));
    let result = result.map_err(|error| failed(format!("cannot start a thread: {error}")))?;
    let begun = Begun { what: What::Task(number), mark: None, progress: Progress::Task(result) };
    Ok(super::remember(&mut state.io, begun))
}

/// What a task sees of the outside world.
fn of_task(io: &mut Io) -> Io {
    let cancelled = Arc::clone(io.world.tasks.cancel.get_or_insert_default());
    let world = World {
        client: Arc::clone(&io.world.client),
        database: Arc::clone(&io.world.database),
        tasks: Tasks { cancelled: Some(cancelled), ..Tasks::default() },
        ..World::default()
    };
    let env = match &io.env {
        Env::Process => Env::Process,
        Env::Fixed(variables) => Env::Fixed(variables.clone()),
    };
    Io {
        env,
        deadline: io.deadline,
        budget: io.budget.shared(),
        permissions: io.permissions.clone(),
        world,
        ..Io::null()
    }
}

fn ended(outcome: Outcome) -> Result<Value, Box<Trap>> {
    match outcome {
        Outcome::Returned(value) => Ok(value),
        Outcome::Trapped(trap) => Err(Box::new(trap)),
        Outcome::Exited(code) => Err(trap(format!("a task called IO.exit({code})"))),
    }
}

fn trap(message: String) -> Box<Trap> {
    Box::new(Trap::new(TrapKind::HostError, message))
}

/// Waits for the tasks that read the database, since what follows may change it.
pub(crate) fn await_readers(interface: &Interface, io: &mut Io) -> Result<(), End> {
    let deadline = io.deadline;
    for begun in &mut io.world.begun {
        let What::Task(number) = begun.what else { continue };
        if !interface.tasks.get(number as usize).is_some_and(|task| task.database) {
            continue;
        }
        if let Progress::Task(result) = &begun.progress
            && let Some(finished) = wait(result, deadline)?
        {
            begun.progress = Progress::Ended(finished);
        }
    }
    Ok(())
}

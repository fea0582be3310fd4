//! Operations of effects whose arguments and results cross in parts.
//!
//! An operation is a row of `vera_builtins::EFFECTS` and a function here.

mod console;
pub(crate) mod db;
mod files;
pub(crate) mod http;
mod inference;
mod pool;
mod server;
pub(crate) mod tasks;

use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use vera_abi::interface::{HostOp, Interface};
use vera_abi::trap::TrapKind;

use crate::io::Io;
use crate::run::State;
use crate::tape::Mark;
use crate::trap::End;
use crate::value::Value;
use crate::wire::Wire;
use db::Database;
use http::Client;
use pool::Pool;
pub use server::{Responder, Unwritten};
use tasks::{Finished, Tasks};

/// What a run has open outside of it.
pub struct World {
    /// Made at the first request; tasks use it too.
    client: Arc<OnceLock<Client>>,
    /// Opened at the first operation; tasks use it too.
    database: Arc<Mutex<Option<Database>>>,
    /// Files and directories that go when the run ends.
    temporary: Vec<PathBuf>,
    /// When the run began.
    began: Instant,
    pool: Option<Pool<Value>>,
    pub(crate) tasks: Tasks,
    begun: Vec<Begun>,
}

/// An operation or a task that the program began.
struct Begun {
    what: What,
    mark: Option<Mark>,
    progress: Progress,
}

#[derive(Clone, Copy)]
enum What {
    Operation(u32),
    Task(u32),
}

enum Progress {
    Operation(Receiver<Value>),
    Task(Receiver<Finished>),
    /// A recording has the result.
    Recorded,
    /// It has ended before it was waited for.
    Ended(Finished),
    /// Its result was handed over.
    Taken,
}

impl Default for World {
    fn default() -> World {
        World {
            client: Arc::default(),
            database: Arc::default(),
            temporary: Vec::new(),
            began: Instant::now(),
            pool: None,
            tasks: Tasks::default(),
            begun: Vec::new(),
        }
    }
}

impl World {
    /// Ends what the run left open: transactions are rolled back, temporary files go, and
    /// nobody waits for what has not ended. A task that is still reading the database
    /// keeps it open that long.
    pub(crate) fn finish(&mut self) {
        self.tasks.cancel();
        self.database = Arc::default();
        self.pool = None;
        self.begun.clear();
        for path in self.temporary.drain(..) {
            // What the program deleted itself is gone already.
            _ = match path.is_dir() {
                true => std::fs::remove_dir_all(&path),
                false => std::fs::remove_file(&path),
            };
        }
    }
}

/// Performs the operation with this number of the program's table.
pub(crate) fn perform(state: &mut State, number: u32) -> Result<(), End> {
    let State { interface, wire, io, .. } = state;
    let (op, args) = arguments(wire, interface, number)?;
    if op.effect == "DB" {
        tasks::await_readers(interface, io)?;
    }
    let mark = io.tape.begin(interface, op, &args)?;
    let result = match io.tape.answer(interface, op, mark)? {
        // What a program shows is shown, and what ends it ends it.
        Some(recorded) if !is_shown(op) => recorded,
        _ => answer(io, op, args)?,
    };
    io.tape.end(interface, op, mark, &result);
    wire.send(interface, &op.result, result).map_err(failed)
}

/// Begins the operation with this number of the program's table; yields what
/// [`finish`] takes.
pub(crate) fn start(state: &mut State, number: u32) -> Result<u32, End> {
    let State { interface, wire, io, .. } = state;
    let (op, args) = arguments(wire, interface, number)?;
    let mark = io.tape.begin(interface, op, &args)?;
    let what = What::Operation(number);
    if io.tape.replays() {
        return Ok(remember(io, Begun { what, mark, progress: Progress::Recorded }));
    }
    let (client, name) = (client(io), op.name.clone());
    let result = match op.effect.as_str() {
        "Http" => begin(io, move || client.perform(&name, args))?,
        "Inference" => {
            let settings = inference::Settings::of(&|name| variable(io, name));
            begin(io, move || inference::perform(&client, &settings, &name, args))?
        }
        _ => return Err(unknown(op)),
    };
    Ok(remember(io, Begun { what, mark, progress: Progress::Operation(result) }))
}

/// The number of something begun.
fn remember(io: &mut Io, begun: Begun) -> u32 {
    io.world.begun.push(begun);
    io.world.begun.len() as u32 - 1
}

fn begin(
    io: &mut Io,
    job: impl FnOnce() -> Value + Send + 'static,
) -> Result<Receiver<Value>, End> {
    let pool = io.world.pool.get_or_insert_with(|| Pool::new(None));
    pool.begin(Box::new(job)).map_err(|error| failed(format!("cannot start a thread: {error}")))
}

/// Waits for what was begun, and hands its result over; yields the fuel that it used.
pub(crate) fn finish(state: &mut State, number: u32) -> Result<u64, End> {
    let interface = Arc::clone(&state.interface);
    let io = &mut state.io;
    let Some(begun) = io.world.begun.get_mut(number as usize) else {
        return Err(failed(format!("nothing with number {number} was begun")));
    };
    let (what, mark, deadline) = (begun.what, begun.mark, io.deadline);
    let finished = match std::mem::replace(&mut begun.progress, Progress::Taken) {
        Progress::Operation(result) => wait(&result, deadline)?.map(Finished::of),
        Progress::Task(result) => wait(&result, deadline)?,
        Progress::Ended(finished) => Some(finished),
        Progress::Recorded | Progress::Taken => None,
    };
    let (result, used) = match (finished, what) {
        (Some(finished), _) => (Some(finished.end.map_err(End::Task)?), finished.fuel),
        (None, What::Operation(number)) => {
            let op = &interface.operations[number as usize];
            (io.tape.answer(&interface, op, mark)?, 0)
        }
        (None, What::Task(_)) => (None, 0),
    };
    let value = result.ok_or_else(|| failed("what was begun came to no end".to_owned()))?;
    let ty = match what {
        What::Operation(number) => {
            let op = &interface.operations[number as usize];
            io.tape.end(&interface, op, mark, &value);
            &op.result
        }
        What::Task(number) => {
            let entry = interface.tasks.get(number as usize).map(|task| task.entry.as_str());
            let export = entry.and_then(|entry| state.module.export(entry));
            &export.ok_or_else(|| failed(format!("there is no task {number}")))?.result
        }
    };
    state.wire.send(&interface, ty, value).map_err(failed)?;
    Ok(used)
}

/// What comes, unless the time of the run passes first; `None` if nothing ever will.
fn wait<T>(from: &Receiver<T>, deadline: Option<Instant>) -> Result<Option<T>, End> {
    let Some(deadline) = deadline else { return Ok(from.recv().ok()) };
    let left = deadline.saturating_duration_since(Instant::now());
    match from.recv_timeout(left) {
        Err(RecvTimeoutError::Timeout) => {
            let kind = TrapKind::TimeLimit;
            Err(End::Trap(kind, kind.message().to_owned()))
        }
        other => Ok(other.ok()),
    }
}

fn arguments<'i>(
    wire: &mut Wire,
    interface: &'i Interface,
    number: u32,
) -> Result<(&'i HostOp, Vec<Value>), End> {
    let Some(op) = interface.operations.get(number as usize) else {
        return Err(failed(format!("there is no operation {number}")));
    };
    let mut args = Vec::with_capacity(op.params.len());
    for ty in &op.params {
        args.push(wire.receive(interface, ty)?);
    }
    Ok((op, args))
}

/// Whether an operation only acts on what its user sees, also when it is replayed.
fn is_shown(op: &HostOp) -> bool {
    op.effect == "IO" && matches!(op.name.as_str(), "print" | "stderr" | "exit")
}

/// A text without the secrets of the environment, and without what looks like a key.
pub(crate) fn redact(text: &str, secrets: &[String]) -> String {
    let known = secrets.iter().filter(|secret| !secret.is_empty());
    let text = known.fold(text.to_owned(), |text, secret| text.replace(secret, "[redacted]"));
    inference::redacted(&text)
}

/// The keys of inference providers that the environment holds.
pub fn secrets() -> Vec<String> {
    inference::keys().filter_map(|name| std::env::var(name).ok()).collect()
}

fn answer(io: &mut Io, op: &HostOp, args: Vec<Value>) -> Result<Value, End> {
    match op.effect.as_str() {
        "Http" => Ok(client(io).perform(&op.name, args)),
        "Inference" => {
            let client = client(io);
            let settings = inference::Settings::of(&|name| variable(io, name));
            Ok(inference::perform(&client, &settings, &op.name, args))
        }
        "DB" => Ok(database(io, |database| database.perform(&op.name, args))),
        "IO" => {
            if let Some(value) = files::perform(io, &op.name, &args)? {
                return Ok(value);
            }
            match console::perform(io, &op.name, &args)? {
                Some(value) => Ok(value),
                None => Err(unknown(op)),
            }
        }
        "HttpServer" => server::perform(io, &op.name, args)?.ok_or_else(|| unknown(op)),
        "Random" => match op.name.as_str() {
            "random_bool" => Ok(Value::Bool(io.random().bool())),
            "random_float" => Ok(Value::Float64(io.random().f64())),
            "random_int" => match args.as_slice() {
                [Value::Int(low), Value::Int(high)] if low <= high => {
                    Ok(Value::Int(io.random().i64(low..=high)))
                }
                _ => Err(failed("an empty range of random numbers".to_owned())),
            },
            _ => Err(unknown(op)),
        },
        _ => Err(unknown(op)),
    }
}

/// The client of the run, made when it is first needed.
fn client(io: &Io) -> Client {
    let made = || Client::new(io.permissions.clone(), io.budget.left());
    io.world.client.get_or_init(made).clone()
}

/// Does something with the database of the run, which is opened when it is first needed.
fn database<T>(io: &Io, act: impl FnOnce(&mut Database) -> T) -> T {
    let mut database = io.world.database.lock().unwrap_or_else(PoisonError::into_inner);
    let open = || {
        let url = variable(io, "VERA_DB_URL");
        Database::open(url.as_deref(), &io.permissions)
    };
    act(database.get_or_insert_with(open))
}

/// A variable that the host itself goes by.
fn variable(io: &Io, name: &str) -> Option<String> {
    let value = io.env_var(OsStr::new(name))?;
    Some(String::from_utf8_lossy(&value).into_owned())
}

fn unknown(op: &HostOp) -> End {
    failed(format!("this host does not perform `{}.{}`", op.effect, op.name))
}

/// The end of a program for which the host cannot do what was asked.
fn failed(why: String) -> End {
    End::Trap(TrapKind::HostError, why)
}

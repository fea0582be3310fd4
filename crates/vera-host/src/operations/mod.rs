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

use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Instant;

use vera_abi::interface::{HostOp, Interface};
use vera_abi::trap::TrapKind;

use crate::io::Io;
use crate::run::State;
use crate::tape::Mark;
use crate::trap::End;
use crate::value::Value;
use db::Database;
use http::Client;
use pool::Pool;
pub use server::{Responder, Unwritten};

/// What a run has open outside of it.
pub struct World {
    /// Made at the first request.
    client: Option<Client>,
    /// Opened at the first operation.
    database: Option<Database>,
    /// Files and directories that go when the run ends.
    temporary: Vec<PathBuf>,
    /// When the run began.
    began: Instant,
    pool: Option<Pool>,
    begun: Vec<Begun>,
}

/// An operation that the program began.
struct Begun {
    operation: u32,
    mark: Option<Mark>,
    /// `None` where a recording has the result.
    result: Option<Receiver<Value>>,
}

impl Default for World {
    fn default() -> World {
        World {
            client: None,
            database: None,
            temporary: Vec::new(),
            began: Instant::now(),
            pool: None,
            begun: Vec::new(),
        }
    }
}

impl World {
    /// Ends what the run left open: transactions are rolled back, temporary files go.
    pub(crate) fn finish(&mut self) {
        self.database = None;
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
    let interface = Arc::clone(&state.interface);
    let (op, args) = arguments(state, &interface, number)?;
    let io = &mut state.io;
    let mark = io.tape.begin(&interface, op, &args)?;
    let result = match io.tape.answer(&interface, op, mark)? {
        // What a program shows is shown, and what ends it ends it.
        Some(recorded) if !is_shown(op) => recorded,
        _ => answer(io, op, args)?,
    };
    io.tape.end(&interface, op, mark, &result);
    state.wire.send(&interface, &op.result, result).map_err(failed)
}

/// Begins the operation with this number of the program's table; yields what
/// [`finish`] takes.
pub(crate) fn start(state: &mut State, number: u32) -> Result<u32, End> {
    let interface = Arc::clone(&state.interface);
    let (op, args) = arguments(state, &interface, number)?;
    let io = &mut state.io;
    let mark = io.tape.begin(&interface, op, &args)?;
    if io.tape.replays() {
        io.world.begun.push(Begun { operation: number, mark, result: None });
        return Ok(io.world.begun.len() as u32 - 1);
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
    io.world.begun.push(Begun { operation: number, mark, result: Some(result) });
    Ok(io.world.begun.len() as u32 - 1)
}

fn begin(
    io: &mut Io,
    job: impl FnOnce() -> Value + Send + 'static,
) -> Result<Receiver<Value>, End> {
    let pool = io.world.pool.get_or_insert_with(Pool::new);
    pool.begin(Box::new(job)).map_err(|error| failed(format!("cannot start a thread: {error}")))
}

/// Waits for what [`start`] began, and hands its result over.
pub(crate) fn finish(state: &mut State, begun: u32) -> Result<(), End> {
    let interface = Arc::clone(&state.interface);
    let io = &mut state.io;
    let Some(begun) = io.world.begun.get(begun as usize) else {
        return Err(failed(format!("nothing with number {begun} was begun")));
    };
    let (op, mark) = (&interface.operations[begun.operation as usize], begun.mark);
    let value = match (&begun.result, io.deadline) {
        (None, _) => io.tape.answer(&interface, op, mark)?,
        (Some(result), None) => result.recv().ok(),
        (Some(result), Some(deadline)) => {
            let left = deadline.saturating_duration_since(Instant::now());
            match result.recv_timeout(left) {
                Err(RecvTimeoutError::Timeout) => {
                    let kind = TrapKind::TimeLimit;
                    return Err(End::Trap(kind, kind.message().to_owned()));
                }
                other => other.ok(),
            }
        }
    };
    let value = value.ok_or_else(|| failed(format!("`{}.{}` failed", op.effect, op.name)))?;
    io.tape.end(&interface, op, mark, &value);
    state.wire.send(&interface, &op.result, value).map_err(failed)
}

fn arguments<'i>(
    state: &mut State,
    interface: &'i Interface,
    number: u32,
) -> Result<(&'i HostOp, Vec<Value>), End> {
    let Some(op) = interface.operations.get(number as usize) else {
        return Err(failed(format!("there is no operation {number}")));
    };
    let mut args = Vec::with_capacity(op.params.len());
    for ty in &op.params {
        args.push(state.wire.receive(interface, ty)?);
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
        "DB" => Ok(database(io).perform(&op.name, args)),
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
fn client(io: &mut Io) -> Client {
    let left = io.budget.left();
    let permissions = io.permissions.clone();
    io.world.client.get_or_insert_with(|| Client::new(permissions, left)).clone()
}

/// The database of the run, opened when it is first needed.
fn database(io: &mut Io) -> &mut Database {
    if io.world.database.is_none() {
        let url = variable(io, "VERA_DB_URL");
        io.world.database = Some(Database::open(url.as_deref(), &io.permissions));
    }
    io.world.database.as_mut().expect("just opened")
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

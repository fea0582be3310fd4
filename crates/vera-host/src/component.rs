//! Runs WASI components of the world `cli` (language reference, chapter 18.4).
//!
//! A component has its own stand-ins for our host, so all that is done here is to offer
//! WASI: the streams of the run, the words, the environment, and the current directory.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;
use vera_abi::interface::HostTy;
use vera_abi::layout::NATIVE_STACK_SIZE;
use vera_abi::trap::TrapKind;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::{FsPerms, I32Exit, WasiCtx, WasiCtxView, WasiView, p2};

use crate::engine::HostError;
use crate::io::Streams;
use crate::run::{Outcome, RUN_STACK};
use crate::trap::{self, Trap};
use crate::value::Value;

/// The export of a command.
const RUN: &str = "wasi:cli/run@0.2.0";

/// So much of the error output is looked at for a report.
const KEPT: usize = 64 << 10;

/// How a component ended.
#[derive(Clone, Debug)]
pub struct ComponentRun {
    pub outcome: Outcome,
    /// The component itself has written what is to be said of its trap.
    pub reported: bool,
}

struct State {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// Runs a component, on a thread of its own with a large stack. `main` is the type of the
/// program's result, which is told where it is a number.
///
/// # Errors
/// When the run cannot start; see [`HostError`].
pub fn run_component(
    bytes: &[u8],
    main: &HostTy,
    words: &[String],
    streams: &Streams,
) -> Result<ComponentRun, HostError> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("vera program".into()).stack_size(RUN_STACK);
        let run = thread.spawn_scoped(scope, || run(bytes, main, words, streams));
        match run.map_err(HostError::Thread)?.join() {
            Ok(ended) => ended,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn run(
    bytes: &[u8],
    main: &HostTy,
    words: &[String],
    streams: &Streams,
) -> Result<ComponentRun, HostError> {
    let mut config = Config::new();
    config
        .wasm_tail_call(true)
        .max_wasm_stack(NATIVE_STACK_SIZE as usize)
        .async_stack_size(NATIVE_STACK_SIZE as usize + (1 << 20));
    let engine = Engine::new(&config).map_err(|e| HostError::Engine(format!("{e:#}")))?;
    let refused = |e: wasmtime::Error| HostError::Module(format!("{e:#}"));
    let component = Component::from_binary(&engine, bytes).map_err(refused)?;
    let mut linker: Linker<State> = Linker::new(&engine);
    p2::add_to_linker_sync(&mut linker).map_err(refused)?;
    let tail = Arc::new(Mutex::new(Vec::new()));
    let mut wasi = WasiCtx::builder();
    wasi.inherit_stdin()
        .inherit_env()
        .arg("program")
        .args(words)
        .stdout(Stream { streams: streams.clone(), tail: None })
        .stderr(Stream { streams: streams.clone(), tail: Some(Arc::clone(&tail)) });
    let here = wasi.preopened_dir(".", "/", FsPerms::ReadWrite);
    here.map_err(|e| HostError::Module(format!("the current directory: {e:#}")))?;
    let mut store = Store::new(&engine, State { wasi: wasi.build(), table: ResourceTable::new() });
    let instance = linker.instantiate(&mut store, &component).map_err(refused)?;
    let called = match main {
        HostTy::Int | HostTy::Nat => instance
            .get_typed_func::<(), (i64,)>(&mut store, "main")
            .and_then(|main| main.call(&mut store, ()))
            .map(|(n,)| Outcome::Returned(Value::Int(n))),
        HostTy::Float64 => instance
            .get_typed_func::<(), (f64,)>(&mut store, "main")
            .and_then(|main| main.call(&mut store, ()))
            .map(|(x,)| Outcome::Returned(Value::Float64(x))),
        HostTy::Unit
        | HostTy::Byte
        | HostTy::Bool
        | HostTy::String
        | HostTy::Decimal
        | HostTy::Enum(_)
        | HostTy::Compound(_)
        | HostTy::Opaque(_) => command(&mut store, &instance).map(|ok| match ok {
            true => Outcome::Returned(Value::Unit),
            false => Outcome::Exited(1),
        }),
    };
    let outcome = called.or_else(|error| ended(&error));
    let kept = std::mem::take(&mut *tail.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(match outcome? {
        Outcome::Exited(1) => match report(&String::from_utf8_lossy(&kept)) {
            Some(trap) => ComponentRun { outcome: Outcome::Trapped(trap), reported: true },
            None => ComponentRun { outcome: Outcome::Exited(1), reported: false },
        },
        outcome => ComponentRun { outcome, reported: false },
    })
}

/// Calls `run`; whether it succeeds.
fn command(
    store: &mut Store<State>,
    instance: &wasmtime::component::Instance,
) -> wasmtime::Result<bool> {
    let lacks = || wasmtime::Error::msg(format!("the component lacks {RUN}"));
    let interface = instance.get_export_index(&mut *store, None, RUN).ok_or_else(lacks)?;
    let index = instance.get_export_index(&mut *store, Some(&interface), "run");
    let run = index.ok_or_else(lacks)?;
    let run = instance.get_typed_func::<(), (Result<(), ()>,)>(&mut *store, run)?;
    let (ended,) = run.call(store, ())?;
    Ok(ended.is_ok())
}

/// An end that is not a return: an exit, or a trap of the engine's own.
fn ended(error: &wasmtime::Error) -> Result<Outcome, HostError> {
    if let Some(I32Exit(code)) = error.downcast_ref() {
        return Ok(Outcome::Exited((*code).into()));
    }
    Ok(trap::classify(error, &vera_wasm::SourceMap::default()))
}

/// The trap that the error output ends with the report of; `vera-wasi` writes it.
fn report(text: &str) -> Option<Trap> {
    let (before, after) = text.rsplit_once("\nTrap: ")?;
    let name = after.lines().next()?;
    let kind = TrapKind::ALL.iter().find(|kind| kind.name() == name)?;
    let start = before.rfind("Error: ")?;
    let message = before[start + "Error: ".len()..].to_owned();
    Some(Trap::new(*kind, message))
}

/// An output stream of the component: one of the run's.
#[derive(Clone)]
struct Stream {
    streams: Streams,
    /// Of the error output, its end.
    tail: Option<Arc<Mutex<Vec<u8>>>>,
}

impl IsTerminal for Stream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Stream {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Some(tail) = &self.tail else {
            return Poll::Ready(self.streams.print(bytes).map(|_| bytes.len()));
        };
        self.streams.print_error(bytes);
        let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
        tail.extend_from_slice(bytes);
        let surplus = tail.len().saturating_sub(KEPT);
        tail.drain(..surplus);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.streams.flush();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_the_end_of_the_error_output() {
        let text = "Error: no\nown words\nError: Precondition violation in f\n  requires(x) failed\nTrap: contract_violation\n";
        let trap = report(text).expect("a report");
        assert_eq!(trap.kind, TrapKind::ContractViolation);
        assert_eq!(trap.message, "Precondition violation in f\n  requires(x) failed");
        assert!(report("Error: Trap: overflow").is_none());
    }
}

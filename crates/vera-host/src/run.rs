//! One run of a program.

use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use vera_abi::interface::{Export, HostTy, Interface};
use vera_abi::layout::NATIVE_STACK_SIZE;
use vera_abi::runtime::GcMode;
use vera_abi::trap::TrapKind;
use wasmtime::{Extern, Instance, Memory, Store, Val};

use crate::budget::Budget;
use crate::engine::{Host, HostError, Module};
use crate::io::{Io, terminal};
use crate::threads::Thread;
use crate::trap::{self, Trap};
use crate::value::Value;
use crate::wire::Wire;

/// Stack of the thread beyond what the program may use: for the host's own
/// functions, and for the engine.
const THREAD_SLACK: usize = 2 << 20;

/// Stack of a thread that runs programs.
pub const RUN_STACK: usize = NATIVE_STACK_SIZE as usize + THREAD_SLACK;

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Returned(Value),
    /// `IO.exit`, with the full code. Also a closed stdout, with 1.
    Exited(i64),
    Trapped(Trap),
}

/// What a run leaves.
#[derive(Clone, Debug)]
pub struct Run {
    pub outcome: Outcome,
    /// Bytes of heap blocks held at most, from a module with test hooks.
    pub heap_high_water: Option<u64>,
    /// What became of arguments that crossed in parts.
    pub admission: Admission,
    /// The fuel that is left, of a run that was given some.
    pub fuel_left: Option<u64>,
}

/// What a call whose arguments cross in parts found before the function began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    /// So many cells of the function's row have their start value; a cell of a type that
    /// its zero is no value of ends the call before.
    pub cells_started: usize,
    /// The arguments are values of their types and meet the precondition.
    pub admitted: bool,
}

/// Choices for one run.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Bytes of memory the run may have beside the program's stack, what the host holds
    /// for it included; `None` for 4 GiB.
    pub max_memory: Option<u64>,
    /// Units of work the program may do, one for most wasm instructions.
    pub fuel: Option<u64>,
    /// How long the program may run.
    pub timeout: Option<Duration>,
    /// How often [`Host::tick`] may be called before the run ends; for those who keep
    /// the time of many runs.
    pub ticks: Option<u64>,
    /// When the collector runs.
    pub gc: GcMode,
}

/// What the engine keeps for the functions that the program calls.
pub(crate) struct State {
    pub io: Io,
    /// What reports call the exported function that runs.
    pub entry: String,
    /// Bytes that the program will fetch next.
    pub pending: Vec<u8>,
    pub memory: Option<Memory>,
    pub interface: Arc<Interface>,
    /// For tasks.
    pub host: Host,
    pub module: Module,
    pub options: RunOptions,
    /// Values under way.
    pub wire: Wire,
    pub admission: Admission,
}

/// How long a run may take to notice that its time has passed.
const GRACE: Duration = Duration::from_millis(250);

/// The end of a run that hangs.
fn given_up() -> Run {
    let kind = TrapKind::TimeLimit;
    let trap = Trap::new(kind, kind.message().to_owned());
    let admission = Admission::default();
    Run { outcome: Outcome::Trapped(trap), heap_high_water: None, admission, fuel_left: None }
}

/// Puts the terminal back into its ordinary mode, which a program that is reading
/// single characters has left. For those who end the process under a program.
pub fn restore_terminal() {
    terminal::restore();
}

impl Host {
    /// Runs the exported function `entry` in a fresh instance, on a thread of
    /// its own with a large stack. Zero-size arguments are left out, unless the arguments
    /// cross in parts.
    ///
    /// A run that has a time limit and hangs in an operation that cannot be
    /// interrupted is given up: its thread is lost, and with it `io` but for what
    /// was written so far.
    ///
    /// # Errors
    /// When the run cannot start; see [`HostError`].
    ///
    /// # Panics
    /// When fuel or a time limit is given to a host without [`Limits`] for it.
    ///
    /// [`Limits`]: crate::Limits
    pub fn run(
        &self,
        module: &Module,
        entry: &str,
        args: Vec<Value>,
        io: &mut Io,
        options: &RunOptions,
    ) -> Result<Run, HostError> {
        let thread = Thread::get().map_err(HostError::Thread)?;
        let (host, module, options) = (self.clone(), module.clone(), options.clone());
        let entry = entry.to_owned();
        let mut moved = std::mem::replace(io, Io::null());
        let streams = moved.streams.clone();
        let timeout = options.timeout;
        moved.deadline = timeout.map(|limit| Instant::now() + limit);
        let running = thread.begin(move || {
            let result = host.run_here(&module, &entry, args, &mut moved, &options);
            (result, moved)
        });
        let finished = match timeout {
            None => running.recv().ok(),
            Some(limit) => match running.recv_timeout(limit) {
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    self.engine().increment_epoch();
                    match running.recv_timeout(GRACE) {
                        Err(mpsc::RecvTimeoutError::Timeout) => {
                            streams.close();
                            restore_terminal();
                            io.streams = streams;
                            return Ok(given_up());
                        }
                        other => other.ok(),
                    }
                }
                other => other.ok(),
            },
        };
        match finished {
            Some(Ok((result, moved))) => {
                thread.keep();
                *io = moved;
                result
            }
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => unreachable!("a job sends how it ended"),
        }
    }

    /// [`Host::run`] on the caller's thread, which needs a stack of [`RUN_STACK`] bytes.
    /// Of the limits of time, `ticks` counts.
    ///
    /// # Errors
    /// When the run cannot start; see [`HostError`].
    ///
    /// # Panics
    /// As [`Host::run`].
    pub fn run_here(
        &self,
        module: &Module,
        entry: &str,
        args: Vec<Value>,
        io: &mut Io,
        options: &RunOptions,
    ) -> Result<Run, HostError> {
        io.budget = Budget::new(options.max_memory);
        self.run_within(module, entry, args, io, options)
    }

    /// [`Host::run_here`] within the budget that `io` has.
    pub(crate) fn run_within(
        &self,
        module: &Module,
        entry: &str,
        args: Vec<Value>,
        io: &mut Io,
        options: &RunOptions,
    ) -> Result<Run, HostError> {
        let Some(export) = module.exports.iter().find(|e| e.name == entry) else {
            return Err(HostError::NoExport(entry.to_owned()));
        };
        // A call in parts runs the function of that name.
        let own_name = entry.split('$').next().unwrap_or(entry);
        let state = State {
            io: std::mem::replace(io, Io::null()),
            entry: own_name.to_owned(),
            pending: Vec::new(),
            memory: None,
            interface: Arc::clone(&module.interface),
            host: self.clone(),
            module: module.clone(),
            options: options.clone(),
            wire: Wire::default(),
            admission: Admission::default(),
        };
        let mut store = Store::new(self.engine(), state);
        if let Some(fuel) = options.fuel {
            store.set_fuel(fuel).expect("the host was made for runs with fuel");
        }
        if let Some(ticks) = options.ticks.or(options.timeout.map(|_| 1)) {
            store.set_epoch_deadline(ticks);
        }
        store.limiter(|state| &mut state.io.budget);
        let mut started = None;
        let call = || -> wasmtime::Result<Result<Value, HostError>> {
            let instance = module.instance.instantiate(&mut store)?;
            started = Some(instance);
            store.data_mut().memory = instance.get_memory(&mut store, "vera.memory");
            let mut program = Program { store: &mut store, instance };
            if options.gc != GcMode::Normal {
                program.init(options.gc as i32)?;
            }
            let params = match program.lower(export, args)? {
                Ok(params) => params,
                Err(why) => return Ok(Err(HostError::Arguments(why))),
            };
            program.call(export, &params).map(Ok)
        };
        let called = call();
        let heap_high_water = started.and_then(|instance| high_water(&mut store, instance));
        let fuel_left = options.fuel.and_then(|_| store.get_fuel().ok());
        let state = store.into_data();
        let admission = state.admission;
        *io = state.io;
        io.world.finish();
        io.responder = None;
        let mut outcome = match called {
            Ok(Ok(value)) => Outcome::Returned(value),
            Ok(Err(error)) => return Err(error),
            Err(error) => trap::classify(&error, &module.source_map),
        };
        if let Outcome::Trapped(trap) = &mut outcome
            && trap.kind == TrapKind::HeapExhausted
            && io.budget.refused()
            && let Some(max_memory) = options.max_memory
        {
            trap.kind = TrapKind::MemoryLimit;
            trap.message = format!("The program needs more than {max_memory} bytes of memory");
        }
        Ok(Run { outcome, heap_high_water, admission, fuel_left })
    }
}

/// Asks a module with test hooks how large its heap was.
fn high_water(store: &mut Store<State>, instance: Instance) -> Option<u64> {
    let ask = instance.get_typed_func::<(), u64>(&mut *store, "vera.high_water").ok()?;
    ask.call(store, ()).ok()
}

/// An instance under way.
struct Program<'a> {
    store: &'a mut Store<State>,
    instance: Instance,
}

impl Program<'_> {
    /// Starts the runtime, if the program has one.
    fn init(&mut self, flags: i32) -> wasmtime::Result<()> {
        match self.instance.get_func(&mut *self.store, "vera.init") {
            Some(init) => init.call(&mut *self.store, &[Val::I32(flags)], &mut []),
            None => Ok(()),
        }
    }

    /// The wasm arguments for Vera ones; the inner error says why they do not fit.
    fn lower(
        &mut self,
        export: &Export,
        args: Vec<Value>,
    ) -> wasmtime::Result<Result<Vec<Val>, String>> {
        let passed = |ty: &&HostTy| export.in_parts || **ty != HostTy::Unit;
        let types: Vec<&HostTy> = export.params.iter().filter(passed).collect();
        if types.len() != args.len() {
            let why = format!("expected {} argument(s), got {}", types.len(), args.len());
            return Ok(Err(why));
        }
        let mut vals = Vec::new();
        for (ty, arg) in types.into_iter().zip(args) {
            if export.in_parts {
                let state = self.store.data_mut();
                let sent = state.wire.send(&state.interface, ty, arg);
                if let Err(why) = sent {
                    return Ok(Err(why));
                }
                continue;
            }
            match (ty, arg) {
                (HostTy::Int, Value::Int(n)) | (HostTy::Nat, Value::Int(n @ 0..)) => {
                    vals.push(Val::I64(n));
                }
                (HostTy::Byte, Value::Byte(n)) => vals.push(Val::I32(n.into())),
                (HostTy::Bool, Value::Bool(b)) => vals.push(Val::I32(b.into())),
                (HostTy::Float64, Value::Float64(x)) => vals.push(Val::F64(x.to_bits())),
                (HostTy::String, Value::String(text)) => {
                    let address = self.put(&text)?;
                    vals.extend([Val::I32(address), Val::I32(text.len() as i32)]);
                }
                _ => {
                    let name = self.store.data().interface.name(ty).to_owned();
                    return Ok(Err(format!("the value is none of type {name}")));
                }
            }
        }
        Ok(Ok(vals))
    }

    /// Copies bytes into the program's memory.
    fn put(&mut self, bytes: &[u8]) -> wasmtime::Result<i32> {
        let alloc = self.instance.get_func(&mut *self.store, "vera.alloc");
        let alloc = alloc.ok_or_else(|| wasmtime::Error::msg("the module lacks vera.alloc"))?;
        let len = i32::try_from(bytes.len())?;
        let mut address = [Val::I32(0)];
        alloc.call(&mut *self.store, &[Val::I32(len)], &mut address)?;
        let address = address[0].unwrap_i32();
        let memory = self.store.data().memory;
        let memory = memory.ok_or_else(|| wasmtime::Error::msg("the module lacks a memory"))?;
        memory.write(&mut *self.store, address as u32 as usize, bytes)?;
        Ok(address)
    }

    fn call(&mut self, export: &Export, params: &[Val]) -> wasmtime::Result<Value> {
        let func = match self.instance.get_export(&mut *self.store, &export.name) {
            Some(Extern::Func(func)) => func,
            _ => return Err(wasmtime::Error::msg(format!("the module lacks {}", export.name))),
        };
        let mut results = vec![Val::I32(0); func.ty(&*self.store).results().len()];
        func.call(&mut *self.store, params, &mut results)?;
        if export.in_parts {
            let state = self.store.data_mut();
            return Ok(state.wire.receive(&state.interface, &export.result)?);
        }
        Ok(match (&export.result, &results[..]) {
            (HostTy::Unit, []) => Value::Unit,
            (HostTy::Int | HostTy::Nat, [Val::I64(n)]) => Value::Int(*n),
            (HostTy::Byte, [Val::I32(n)]) => Value::Byte(*n as u8),
            (HostTy::Bool, [Val::I32(b)]) => Value::Bool(*b != 0),
            (HostTy::Float64, [Val::F64(bits)]) => Value::Float64(f64::from_bits(*bits)),
            (HostTy::Enum(_), [Val::I32(tag)]) => Value::data(*tag as u32, []),
            (HostTy::String, [Val::I32(address), Val::I32(len)]) => {
                let (start, len) = (*address as u32 as usize, *len as u32 as usize);
                let memory = self.store.data().memory.map(|m| m.data(&*self.store));
                let bytes = memory.and_then(|m| m.get(start..start.checked_add(len)?));
                let bytes = bytes.ok_or_else(|| wasmtime::Error::msg("the result is no string"))?;
                Value::String(bytes.to_vec())
            }
            (HostTy::Decimal | HostTy::Compound(_) | HostTy::Opaque(_), [_]) => Value::Opaque,
            (ty, _) => {
                let name = self.store.data().interface.name(ty);
                return Err(wasmtime::Error::msg(format!("{results:?} is no {name}")));
            }
        })
    }
}

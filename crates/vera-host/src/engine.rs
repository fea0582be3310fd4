//! From a compiled program to native code.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use vera_abi::interface::{Export, Interface};
use vera_abi::layout::NATIVE_STACK_SIZE;
use vera_wasm::{Artifact, SourceMap};
use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, InstancePre, OptLevel, PoolingAllocationConfig,
    Strategy,
};

/// Bytes of an instance's own records in a pool.
const MAX_INSTANCE: usize = 1 << 20;

/// Elements of an instance's table in a pool.
const MAX_TABLE: usize = 100_000;

use crate::cache::Cache;
use crate::imports;
use crate::run::State;
use crate::store::CacheDir;
use crate::{boundary, trap};

/// Why a program cannot be run. None of these is the program's fault.
#[derive(Debug)]
pub enum HostError {
    /// The engine refuses the host's configuration.
    Engine(String),
    /// The engine refuses the module.
    Module(String),
    /// The program does not export a function of this name.
    NoExport(String),
    /// The arguments do not fit the parameters.
    Arguments(String),
    /// The operating system refuses a thread.
    Thread(std::io::Error),
}

impl std::fmt::Display for HostError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            HostError::Engine(why) => write!(f, "the engine cannot be started: {why}"),
            HostError::Module(why) => write!(f, "the compiled module is refused: {why}"),
            HostError::NoExport(name) => write!(f, "Function '{name}' not found in exports."),
            HostError::Arguments(why) => f.write_str(why),
            HostError::Thread(why) => write!(f, "cannot start a thread: {why}"),
        }
    }
}

impl std::error::Error for HostError {}

/// An engine with its cache of native code. Cheap to share between threads.
#[derive(Clone)]
pub struct Host {
    engine: Engine,
    cache: Option<Cache>,
    /// Room for tasks of all programs.
    pub(crate) tasks: Arc<Room>,
}

/// Tasks at a time, of all programs of a host.
const MAX_TASKS: usize = 64;

/// Room for so many at a time.
#[derive(Debug)]
pub(crate) struct Room {
    free: AtomicUsize,
}

/// A place in a [`Room`] until it is dropped.
#[derive(Debug)]
pub(crate) struct Place(Arc<Room>);

impl Room {
    fn new(free: usize) -> Arc<Room> {
        Arc::new(Room { free: AtomicUsize::new(free) })
    }

    /// A place, if there is one.
    pub fn enter(self: &Arc<Room>) -> Option<Place> {
        let take = |free: usize| free.checked_sub(1);
        let taken = self.free.fetch_update(Ordering::AcqRel, Ordering::Acquire, take);
        taken.is_ok().then(|| Place(Arc::clone(self)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.free.fetch_add(1, Ordering::AcqRel);
    }
}

/// A program ready to run, any number of times, from any thread.
#[derive(Clone)]
pub struct Module {
    pub(crate) instance: InstancePre<State>,
    pub(crate) exports: Arc<[Export]>,
    pub(crate) interface: Arc<Interface>,
    pub(crate) source_map: Arc<SourceMap>,
}

/// What code must be compiled for: each costs some speed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Runs may be given fuel.
    pub fuel: bool,
    /// Runs may be given a time limit.
    pub time: bool,
    /// Compiling counts for more than running.
    pub brief: bool,
    /// So many instances at a time are made out of memory that is kept ready; each has
    /// at most so many bytes.
    pub pool: Option<Pool>,
}

/// Memory kept ready for instances.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    pub instances: u32,
    pub memory: usize,
}

impl Module {
    /// The exported function of this name.
    pub fn export(&self, name: &str) -> Option<&Export> {
        self.exports.iter().find(|export| export.name == name)
    }

    /// What the program says of its types.
    pub fn interface(&self) -> &Interface {
        &self.interface
    }
}

impl Host {
    /// Starts an engine for runs without fuel and time limit.
    ///
    /// # Errors
    /// As [`Host::with_limits`].
    pub fn new(cache: &CacheDir) -> Result<Host, HostError> {
        Host::with_limits(cache, Limits::default())
    }

    /// Starts an engine.
    ///
    /// # Errors
    /// [`HostError::Engine`] on machines that the engine does not support. An
    /// unusable cache directory is no error.
    pub fn with_limits(cache: &CacheDir, limits: Limits) -> Result<Host, HostError> {
        let mut config = Config::new();
        config
            .strategy(Strategy::Cranelift)
            .cranelift_opt_level(if limits.brief { OptLevel::None } else { OptLevel::Speed })
            .wasm_tail_call(true)
            .consume_fuel(limits.fuel)
            .epoch_interruption(limits.time)
            .max_wasm_stack(NATIVE_STACK_SIZE as usize)
            .async_stack_size(NATIVE_STACK_SIZE as usize)
            .wasm_backtrace_max_frames(NonZeroUsize::new(trap::MAX_WASM_FRAMES));
        if let Some(Pool { instances, memory }) = limits.pool {
            let mut pool = PoolingAllocationConfig::default();
            pool.total_core_instances(instances)
                .total_memories(instances)
                .total_tables(instances)
                .max_memory_size(memory)
                .max_core_instance_size(MAX_INSTANCE)
                .table_elements(MAX_TABLE);
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
        }
        let engine = Engine::new(&config).map_err(|e| HostError::Engine(format!("{e:#}")))?;
        // Of a pool, half is left to those who begin tasks.
        let tasks = limits.pool.map_or(MAX_TASKS, |pool| (pool.instances / 2) as usize);
        Ok(Host { engine, cache: Cache::open(cache), tasks: Room::new(tasks.min(MAX_TASKS)) })
    }

    /// Compiles a program, or finds its native code in the cache.
    ///
    /// # Errors
    /// [`HostError::Module`] when the engine refuses the module, or the host
    /// lacks an import of it.
    pub fn load(&self, artifact: &Artifact) -> Result<Module, HostError> {
        let refused = |e: wasmtime::Error| HostError::Module(format!("{e:#}"));
        let module = self.native_code(&artifact.wasm).map_err(refused)?;
        let instance = imports::linker(&self.engine, &module)
            .and_then(|linker| linker.instantiate_pre(&module))
            .map_err(refused)?;
        Ok(Module {
            instance,
            exports: artifact.exports.clone().into(),
            interface: Arc::new(artifact.interface.clone()),
            source_map: Arc::new(artifact.source_map.clone()),
        })
    }

    fn native_code(&self, wasm: &[u8]) -> wasmtime::Result<wasmtime::Module> {
        let Some(cache) = &self.cache else {
            return wasmtime::Module::from_binary(&self.engine, wasm);
        };
        let name = cache.name(&self.engine.precompile_compatibility_hash(), wasm);
        if let Some(code) = cache.get(&name)
            && let Ok(module) = boundary::load_native_code(&self.engine, &code)
        {
            return Ok(module);
        }
        let module = wasmtime::Module::from_binary(&self.engine, wasm)?;
        if let Ok(code) = module.serialize() {
            cache.put(&name, &code);
        }
        Ok(module)
    }

    /// Lets a moment pass for all runs that have [`RunOptions::ticks`].
    ///
    /// [`RunOptions::ticks`]: crate::RunOptions::ticks
    pub fn tick(&self) {
        self.engine.increment_epoch();
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }
}

//! How the end of a program is understood.

use vera_abi::trap::TrapKind;
use vera_wasm::SourceMap;
use vera_wasm::source_map::Frame;
use wasmtime::WasmBacktrace;

use crate::run::Outcome;

/// Most frames that a report shows.
pub const MAX_FRAMES: usize = 20;

/// Most wasm frames worth asking the engine for: some are not shown.
pub const MAX_WASM_FRAMES: usize = 64;

/// A program that ended abnormally.
#[derive(Clone, Debug, PartialEq)]
pub struct Trap {
    pub kind: TrapKind,
    pub message: String,
    /// What the check that failed had read, a line each: `@Int.0 = -3`. Empty unless a
    /// second run told.
    pub values: Vec<String>,
    /// Innermost first, without the suppressed ones; at most [`MAX_FRAMES`].
    pub frames: Vec<Frame>,
    /// Frames of the runtime above the first frame of the program.
    pub suppressed: usize,
}

impl Trap {
    /// A trap of which nothing but this is known.
    pub(crate) fn new(kind: TrapKind, message: String) -> Trap {
        Trap { kind, message, values: Vec::new(), frames: Vec::new(), suppressed: 0 }
    }
}

/// An end that a host function decided on.
#[derive(Debug)]
pub(crate) enum End {
    Exit(i64),
    Trap(TrapKind, String),
    /// What ended a task that the program waited for.
    Task(Box<Trap>),
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            End::Exit(code) => write!(f, "the program exits with {code}"),
            End::Trap(_, message) => f.write_str(message),
            End::Task(trap) => f.write_str(&trap.message),
        }
    }
}

impl std::error::Error for End {}

/// Why a call into the program failed.
pub(crate) fn classify(error: &wasmtime::Error, map: &SourceMap) -> Outcome {
    let (kind, message) = match error.downcast_ref::<End>() {
        Some(End::Exit(code)) => return Outcome::Exited(*code),
        Some(End::Task(trap)) => return Outcome::Trapped(Trap::clone(trap)),
        Some(End::Trap(kind, message)) => (*kind, message.clone()),
        None => match error.downcast_ref::<wasmtime::Trap>() {
            Some(trap) => {
                let kind = kind_of(*trap);
                let known = kind != TrapKind::Unknown;
                (kind, if known { kind.message().to_owned() } else { trap.to_string() })
            }
            None => (TrapKind::Unknown, format!("{error:#}")),
        },
    };
    let (frames, suppressed) = frames(error.downcast_ref::<WasmBacktrace>(), map);
    Outcome::Trapped(Trap { frames, suppressed, ..Trap::new(kind, message) })
}

/// The engine's own traps.
fn kind_of(trap: wasmtime::Trap) -> TrapKind {
    match trap {
        wasmtime::Trap::OutOfFuel => TrapKind::FuelExhausted,
        wasmtime::Trap::Interrupt => TrapKind::TimeLimit,
        wasmtime::Trap::StackOverflow => TrapKind::StackExhausted,
        wasmtime::Trap::IntegerDivisionByZero => TrapKind::DivideByZero,
        wasmtime::Trap::IntegerOverflow => TrapKind::Overflow,
        wasmtime::Trap::BadConversionToInteger => TrapKind::FloatConversion,
        wasmtime::Trap::UnreachableCodeReached => TrapKind::Unreachable,
        wasmtime::Trap::MemoryOutOfBounds
        | wasmtime::Trap::TableOutOfBounds
        | wasmtime::Trap::IndirectCallToNull
        | wasmtime::Trap::BadSignature => TrapKind::OutOfBounds,
        // The engine's list is open; the others belong to features not in use.
        _ => TrapKind::Unknown,
    }
}

/// The frames to show, and how many helpers were above them.
fn frames(backtrace: Option<&WasmBacktrace>, map: &SourceMap) -> (Vec<Frame>, usize) {
    let mut frames: Vec<Frame> = backtrace
        .map_or(&[][..], WasmBacktrace::frames)
        .iter()
        .filter_map(|frame| frame.module_offset())
        .flat_map(|offset| map.frames(offset as u32))
        .collect();
    let suppressed = frames.iter().position(|f| !f.is_helper).unwrap_or(0);
    frames.drain(..suppressed);
    frames.truncate(MAX_FRAMES);
    (frames, suppressed)
}

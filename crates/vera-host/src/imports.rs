//! The functions a program can call.

use std::collections::hash_map::RandomState;
use std::ffi::OsString;
use std::hash::{BuildHasher, Hasher};

use vera_abi::host::{HostFn, MODULE};
use vera_abi::trap::TrapKind;
use wasmtime::{Caller, Engine, Linker, Module};

use crate::io::{Answer, path_of};
use crate::operations::{self, tasks};
use crate::run::State;
use crate::trap::End;
use crate::wire::Part;

type Context<'a> = Caller<'a, State>;

/// A linker with what the module imports.
pub(crate) fn linker(engine: &Engine, module: &Module) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    let used =
        |func: HostFn| module.imports().any(|i| i.module() == MODULE && i.name() == func.name());
    for func in HostFn::ALL.iter().copied().filter(|f| used(*f)) {
        define(&mut linker, func)?;
    }
    Ok(linker)
}

fn define(linker: &mut Linker<State>, func: HostFn) -> wasmtime::Result<()> {
    let name = func.name();
    match func {
        HostFn::Trap => linker.func_wrap(MODULE, name, trap),
        HostFn::Print => linker.func_wrap(MODULE, name, |mut c: Context<'_>, at: u32, len: u32| {
            let (text, state) = text(&mut c, at, len)?;
            state.io.print(text).map_err(wasmtime::Error::from)
        }),
        HostFn::Stderr => {
            linker.func_wrap(MODULE, name, |mut c: Context<'_>, at: u32, len: u32| {
                let (text, state) = text(&mut c, at, len)?;
                state.io.print_error(text).map_err(wasmtime::Error::from)
            })
        }
        HostFn::ReadLine => linker.func_wrap(MODULE, name, |mut c: Context<'_>| {
            let state = asking(&mut c);
            state.pending = state.io.read_line()?;
            wasmtime::Result::Ok(())
        }),
        HostFn::ReadChar => linker.func_wrap(MODULE, name, |mut c: Context<'_>| {
            let read = asking(&mut c).io.read_char();
            answer(&mut c, read)
        }),
        HostFn::ReadFile => {
            linker.func_wrap(MODULE, name, |mut c: Context<'_>, at: u32, len: u32| {
                let path = path(&mut c, at, len)?;
                let read = asking(&mut c).io.read_file(&path)?;
                answer(&mut c, read)
            })
        }
        HostFn::ReadBytes => {
            linker.func_wrap(MODULE, name, |mut c: Context<'_>, at: u32, len: u32| {
                let path = path(&mut c, at, len)?;
                let read = asking(&mut c).io.read_bytes(&path)?;
                answer(&mut c, read)
            })
        }
        HostFn::WriteFile | HostFn::WriteBytes => linker.func_wrap(MODULE, name, write_file),
        HostFn::ArgCount => {
            linker.func_wrap(MODULE, name, |c: Context<'_>| c.data().io.args.len() as u32)
        }
        HostFn::Arg => linker.func_wrap(MODULE, name, |mut c: Context<'_>, index: u32| {
            let state = c.data_mut();
            let word = state.io.args.get(index as usize);
            let word = word.cloned().unwrap_or_default().into_bytes();
            hold(state, word)
        }),
        HostFn::Exit => linker.func_wrap(MODULE, name, |mut c: Context<'_>, code: i64| {
            c.data_mut().io.flush();
            Err::<(), _>(wasmtime::Error::from(End::Exit(code)))
        }),
        HostFn::GetEnv => {
            linker.func_wrap(MODULE, name, |mut c: Context<'_>, at: u32, len: u32| {
                let name = path(&mut c, at, len)?;
                let state = asking(&mut c);
                let value = state.io.visible_var(&name);
                let found = value.is_some();
                hold(state, value.unwrap_or_default())?;
                wasmtime::Result::Ok(u32::from(found))
            })
        }
        HostFn::Sleep => linker.func_wrap(MODULE, name, |mut c: Context<'_>, millis: i64| {
            asking(&mut c).io.sleep(millis.max(0) as u64).map_err(wasmtime::Error::from)
        }),
        HostFn::Time => {
            linker.func_wrap(MODULE, name, |mut c: Context<'_>| asking(&mut c).io.now())
        }
        HostFn::RandomInt => {
            linker.func_wrap(MODULE, name, |mut c: Context<'_>, low: i64, high: i64| {
                asking(&mut c).io.random().i64(low..=high)
            })
        }
        HostFn::RandomFloat => {
            linker.func_wrap(MODULE, name, |mut c: Context<'_>| asking(&mut c).io.random().f64())
        }
        HostFn::RandomBool => linker.func_wrap(MODULE, name, |mut c: Context<'_>| {
            u32::from(asking(&mut c).io.random().bool())
        }),
        HostFn::Uncaught => linker.func_wrap(MODULE, name, uncaught),
        HostFn::HashKey => linker.func_wrap(MODULE, name, |_: Context<'_>| {
            // Each of the standard library's hash states has a new random key.
            RandomState::new().build_hasher().finish() as i64
        }),
        HostFn::PutWord => linker.func_wrap(MODULE, name, |mut c: Context<'_>, word: i64| {
            c.data_mut().wire.from_program.push_back(Part::Word(word));
        }),
        HostFn::PutFloat => linker.func_wrap(MODULE, name, |mut c: Context<'_>, float: f64| {
            c.data_mut().wire.from_program.push_back(Part::Float(float));
        }),
        HostFn::PutBytes => {
            linker.func_wrap(MODULE, name, |mut c: Context<'_>, at: u32, len: u32| {
                let part = Part::Bytes(bytes(&mut c, at, len)?);
                c.data_mut().wire.from_program.push_back(part);
                wasmtime::Result::Ok(())
            })
        }
        HostFn::TakeWord => linker.func_wrap(MODULE, name, |mut c: Context<'_>| {
            c.data_mut().wire.take_word().map_err(wasmtime::Error::from)
        }),
        HostFn::TakeFloat => linker.func_wrap(MODULE, name, |mut c: Context<'_>| {
            c.data_mut().wire.take_float().map_err(wasmtime::Error::from)
        }),
        HostFn::TakeBytes => linker.func_wrap(MODULE, name, |mut c: Context<'_>| {
            let state = c.data_mut();
            let bytes = state.wire.take_bytes()?;
            hold(state, bytes)
        }),
        HostFn::Start => linker.func_wrap(MODULE, name, |mut c: Context<'_>, number: u32| {
            operations::start(asking(&mut c), number).map_err(wasmtime::Error::from)
        }),
        HostFn::MayBegin => linker.func_wrap(MODULE, name, |mut c: Context<'_>| {
            u32::from(tasks::may_begin(asking(&mut c)))
        }),
        HostFn::Begin => linker.func_wrap(MODULE, name, |mut c: Context<'_>, number: u32| {
            let fuel = c.data().options.fuel.and_then(|_| c.get_fuel().ok());
            tasks::begin(asking(&mut c), number, fuel).map_err(wasmtime::Error::from)
        }),
        HostFn::Finish => linker.func_wrap(MODULE, name, |mut c: Context<'_>, begun: u32| {
            let used = operations::finish(asking(&mut c), begun)?;
            if used > 0 {
                let left = c.get_fuel()?.checked_sub(used).ok_or(wasmtime::Trap::OutOfFuel)?;
                c.set_fuel(left)?;
            }
            wasmtime::Result::Ok(())
        }),
        HostFn::Perform => linker.func_wrap(MODULE, name, |mut c: Context<'_>, number: u32| {
            operations::perform(asking(&mut c), number).map_err(wasmtime::Error::from)
        }),
        HostFn::CellStarts => linker.func_wrap(MODULE, name, |mut c: Context<'_>| {
            c.data_mut().admission.cells_started += 1;
        }),
        // Nothing of a run stays.
        HostFn::CellBegins => linker.func_wrap(MODULE, name, |_: Context<'_>, _cell: u32| 0_u32),
        HostFn::CellEnds => linker.func_wrap(MODULE, name, |mut c: Context<'_>, _cell: u32| {
            c.data_mut().wire.from_program.pop_back();
        }),
        HostFn::ArgumentsAdmitted => linker.func_wrap(MODULE, name, |mut c: Context<'_>| {
            c.data_mut().admission.admitted = true;
        }),
        HostFn::ResultLen => {
            linker.func_wrap(MODULE, name, |c: Context<'_>| c.data().pending.len() as u32)
        }
        HostFn::ResultCopy => linker.func_wrap(MODULE, name, |mut c: Context<'_>, at: u32| {
            let pending = std::mem::take(&mut c.data_mut().pending);
            c.data_mut().io.budget.set_pending(0)?;
            let memory = memory(&c)?;
            memory.write(&mut c, at as usize, &pending)?;
            wasmtime::Result::Ok(())
        }),
    }?;
    Ok(())
}

fn trap(mut c: Context<'_>, kind: i32, at: u32, len: u32) -> wasmtime::Result<()> {
    let kind = TrapKind::from_code(kind).unwrap_or(TrapKind::Unknown);
    let message = if len == 0 {
        kind.message().to_owned()
    } else {
        String::from_utf8_lossy(&bytes(&mut c, at, len)?).into_owned()
    };
    Err(End::Trap(kind, message).into())
}

fn uncaught(
    mut c: Context<'_>,
    effect_at: u32,
    effect_len: u32,
    value_at: u32,
    value_len: u32,
) -> wasmtime::Result<()> {
    let effect = bytes(&mut c, effect_at, effect_len)?;
    let value = bytes(&mut c, value_at, value_len)?;
    let (effect, value) = (String::from_utf8_lossy(&effect), String::from_utf8_lossy(&value));
    let entry = &c.data().entry;
    let thrown = match value.is_empty() {
        true => ".".to_owned(),
        false => format!(", and the value thrown was {value}"),
    };
    let message = format!(
        "An `{effect}` escaped `{entry}`: no `handle[{effect}]` caught it before the call returned{thrown}"
    );
    Err(End::Trap(TrapKind::UncaughtException, message).into())
}

/// The state, for an operation that another run may be answered differently.
fn asking<'c>(c: &'c mut Context<'_>) -> &'c mut State {
    let state = c.data_mut();
    state.io.asked = true;
    state
}

fn write_file(
    mut c: Context<'_>,
    path_at: u32,
    path_len: u32,
    at: u32,
    len: u32,
) -> wasmtime::Result<u32> {
    let path = path(&mut c, path_at, path_len)?;
    asking(&mut c);
    let (contents, state) = text(&mut c, at, len)?;
    let written = state.io.write_file(&path, contents);
    answer(&mut c, written.map(|()| Vec::new()))
}

/// Leaves the result for the program to fetch; 1 when it is an error text.
fn answer(c: &mut Context<'_>, result: Answer) -> wasmtime::Result<u32> {
    let status = u32::from(result.is_err());
    hold(c.data_mut(), result.unwrap_or_else(String::into_bytes))?;
    Ok(status)
}

/// Keeps bytes for the program to fetch.
fn hold(state: &mut State, bytes: Vec<u8>) -> wasmtime::Result<()> {
    state.io.budget.set_pending(bytes.len())?;
    state.pending = bytes;
    Ok(())
}

/// A text of the program where it lies.
fn text<'c>(
    c: &'c mut Context<'_>,
    at: u32,
    len: u32,
) -> wasmtime::Result<(&'c [u8], &'c mut State)> {
    let memory = memory(c)?;
    let (data, state) = memory.data_and_store_mut(c);
    let range = at as usize..at as usize + len as usize;
    let text = data.get(range).ok_or(wasmtime::Trap::MemoryOutOfBounds)?;
    Ok((text, state))
}

fn memory(c: &Context<'_>) -> wasmtime::Result<wasmtime::Memory> {
    c.data().memory.ok_or_else(|| wasmtime::Error::msg("the module lacks a memory"))
}

fn bytes(c: &mut Context<'_>, at: u32, len: u32) -> wasmtime::Result<Vec<u8>> {
    let memory = memory(c)?;
    let range = at as usize..at as usize + len as usize;
    memory.data(&*c).get(range).map(<[u8]>::to_vec).ok_or(wasmtime::Trap::MemoryOutOfBounds.into())
}

/// A file name or the like, which need not be Unicode.
fn path(c: &mut Context<'_>, at: u32, len: u32) -> wasmtime::Result<OsString> {
    Ok(path_of(bytes(c, at, len)?))
}

//! The operations of `IO` on files and directories (language reference, chapter 10.12.1).

use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::io::{Io, denied, file_error, path_of};
use crate::trap::End;
use crate::value::Value;

/// Most bytes that `read_chunk` reads.
const MAX_CHUNK: u64 = 64 << 20;

/// The result of an operation of which only the success counts.
fn done(path: &Path, result: std::io::Result<()>) -> Value {
    match result {
        Ok(()) => Value::ok(Value::Unit),
        Err(error) => Value::err(file_error(path.as_os_str(), &error)),
    }
}

fn path(value: Option<&Value>) -> PathBuf {
    match value {
        Some(Value::String(bytes)) => PathBuf::from(path_of(bytes.clone())),
        _ => PathBuf::new(),
    }
}

fn number(value: Option<&Value>) -> u64 {
    match value {
        Some(Value::Int(n)) => u64::try_from(*n).unwrap_or(0),
        _ => 0,
    }
}

/// Performs an operation on files; `None` if it is none.
pub(crate) fn perform(io: &mut Io, op: &str, args: &[Value]) -> Result<Option<Value>, End> {
    let at = path(args.first());
    let writes = matches!(
        op,
        "append_file"
            | "append_bytes"
            | "create_dir"
            | "delete"
            | "rename"
            | "temp_file"
            | "temp_dir"
    );
    if writes && io.read_only {
        return Ok(Some(Value::err(denied(at.as_os_str()))));
    }
    Ok(Some(match op {
        "append_file" | "append_bytes" => {
            let bytes = match args.get(1) {
                Some(Value::String(bytes) | Value::Bytes(bytes)) => bytes.as_slice(),
                _ => &[],
            };
            let appended = io.files.create(&at, true).and_then(|mut f| f.write_all(bytes));
            done(&at, appended)
        }
        "create_dir" => done(&at, io.files.create_dir(&at)),
        "delete" => done(&at, io.files.delete(&at)),
        "rename" => {
            let to = path(args.get(1));
            let blamed = if io.files.look(&at).is_ok() { &to } else { &at };
            done(blamed, io.files.rename(&at, &to))
        }
        "exists" => Value::Bool(io.files.look(&at).is_ok()),
        "is_dir" => Value::Bool(io.files.look(&at).is_ok_and(|(is_dir, _)| is_dir)),
        "file_size" => match io.files.look(&at) {
            Ok((true, _)) => {
                Value::err(file_error(at.as_os_str(), &ErrorKind::IsADirectory.into()))
            }
            Ok((false, size)) => Value::ok(Value::Int(i64::try_from(size).unwrap_or(i64::MAX))),
            Err(error) => Value::err(file_error(at.as_os_str(), &error)),
        },
        "list_dir" => match io.files.list(&at) {
            Ok(names) => {
                let names = names.iter().map(|name| Value::text(name.to_string_lossy()));
                Value::ok(Value::Array(names.collect()))
            }
            Err(error) => Value::err(file_error(at.as_os_str(), &error)),
        },
        "read_chunk" => {
            let (offset, length) = (number(args.get(1)), number(args.get(2)).min(MAX_CHUNK));
            let read = io.files.open(&at).and_then(|mut file| {
                let mut bytes = Vec::new();
                file.seek(SeekFrom::Start(offset))?;
                file.take(length).read_to_end(&mut bytes)?;
                Ok(bytes)
            });
            match read {
                Ok(bytes) => {
                    io.budget.set_pending(bytes.len())?;
                    Value::ok(Value::Bytes(bytes))
                }
                Err(error) => Value::err(file_error(at.as_os_str(), &error)),
            }
        }
        "temp_file" | "temp_dir" => temporary(io, op == "temp_dir"),
        _ => return Ok(None),
    }))
}

/// Makes a file or directory of a name that no other has; it goes when the run ends.
fn temporary(io: &mut Io, is_dir: bool) -> Value {
    let dir = std::env::temp_dir();
    for _ in 0..16 {
        let name = format!("vera-{:016x}", fastrand::u64(..));
        let path = dir.join(name);
        if io.files.look(&path).is_ok() {
            continue;
        }
        let made = match is_dir {
            true => io.files.create_dir(&path),
            false => io.files.create(&path, true).map(drop),
        };
        return match made {
            Ok(()) => {
                io.world.temporary.push(path.clone());
                Value::ok(Value::text(path.to_string_lossy()))
            }
            Err(error) => Value::err(file_error(path.as_os_str(), &error)),
        };
    }
    Value::err(file_error(dir.as_os_str(), &ErrorKind::AlreadyExists.into()))
}

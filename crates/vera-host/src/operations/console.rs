//! The operations of `IO` on streams, the terminal and the clock (language reference,
//! chapter 10.12.1).

use std::time::Duration;

use crate::io::{Answer, Io, path_of, terminal};
use crate::trap::End;
use crate::value::Value;

/// Performs such an operation; `None` if it is none.
pub(crate) fn perform(io: &mut Io, op: &str, args: &[Value]) -> Result<Option<Value>, End> {
    let text = |at: usize| match args.get(at) {
        Some(Value::String(bytes) | Value::Bytes(bytes)) => bytes.as_slice(),
        _ => &[],
    };
    let path = |at: usize| path_of(text(at).to_vec());
    let number = match args.first() {
        Some(Value::Int(n)) => *n,
        _ => 0,
    };
    let result = |read: Answer, made: fn(Vec<u8>) -> Value| match read {
        Ok(bytes) => Value::ok(made(bytes)),
        Err(why) => Value::err(why),
    };
    Ok(Some(match op {
        // These have host functions of their own, which recorded programs do not use.
        "print" => {
            io.print(text(0))?;
            Value::Unit
        }
        "stderr" => {
            io.print_error(text(0))?;
            Value::Unit
        }
        "read_line" => Value::String(io.read_line()?),
        "read_char" => result(io.read_char(), Value::String),
        "read_file" => result(io.read_file(&path(0))?, Value::String),
        "read_bytes" => result(io.read_bytes(&path(0))?, Value::Bytes),
        "write_file" | "write_bytes" => match io.write_file(&path(0), text(1)) {
            Ok(()) => Value::ok(Value::Unit),
            Err(why) => Value::err(why),
        },
        "args" => Value::Array(io.args.iter().map(|word| Value::text(word.clone())).collect()),
        "exit" => {
            io.flush();
            return Err(End::Exit(number));
        }
        "get_env" => Value::option(io.visible_var(&path(0)).map(Value::String)),
        "sleep" => {
            io.sleep(number.max(0) as u64)?;
            Value::Unit
        }
        "time" => Value::Int(io.now()),
        "clock" => {
            let passed = io.world.began.elapsed().as_nanos();
            Value::Int(i64::try_from(passed).unwrap_or(i64::MAX))
        }
        "next_line" => Value::option(io.next_line()?.map(Value::String)),
        "read_all" => Value::String(io.read_all()?),
        "read_char_timeout" => {
            let millis = match args.first() {
                Some(Value::Int(n)) => u64::try_from(*n).unwrap_or(0),
                _ => 0,
            };
            match io.read_char_within(Duration::from_millis(millis))? {
                Ok(char) => Value::ok(Value::option(char.map(Value::String))),
                Err(why) => Value::err(why),
            }
        }
        "read_key" => match io.read_key() {
            Ok(key) => Value::ok(Value::text(key)),
            Err(why) => Value::err(why),
        },
        "terminal_size" => Value::option(terminal::size().map(|(columns, rows)| {
            Value::data(0, [Value::Int(columns.into()), Value::Int(rows.into())])
        })),
        _ => return Ok(None),
    }))
}

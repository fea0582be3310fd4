//! The operations of `HttpServer`: a response that the program sends piece by piece
//! (language reference, chapter 14.9).

use std::time::Instant;

use vera_abi::trap::TrapKind;

use crate::io::Io;
use crate::trap::End;
use crate::value::Value;

/// Where the response goes to a request that a run answers piece by piece.
pub trait Responder: Send {
    /// Begins the response.
    ///
    /// # Errors
    /// What is not legal about it, or that it has begun.
    fn respond(&mut self, status: i64, headers: &[(&[u8], &[u8])]) -> Result<(), String>;

    /// Sends the next part of the body; waits until `deadline` while the client is slow.
    ///
    /// # Errors
    /// See [`Unwritten`].
    fn write(&mut self, chunk: Vec<u8>, deadline: Option<Instant>) -> Result<(), Unwritten>;
}

/// Why a part of a body is not sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Unwritten {
    /// The program learns of it.
    Refused(String),
    /// The time of the run has passed.
    Late,
}

/// Performs such an operation; `None` if it is none.
pub(crate) fn perform(io: &mut Io, op: &str, args: Vec<Value>) -> Result<Option<Value>, End> {
    let deadline = io.deadline;
    let Some(responder) = &mut io.responder else {
        return Ok(Some(Value::err("no response is streamed here")));
    };
    let done = match (op, args.as_slice()) {
        ("respond", [Value::Int(status), Value::Map { keys, values }]) => {
            let bytes = |value: &Value| match value {
                Value::String(text) => Some(text.clone()),
                _ => None,
            };
            let names: Vec<Vec<u8>> = keys.iter().filter_map(bytes).collect();
            let values: Vec<Vec<u8>> = values.iter().filter_map(bytes).collect();
            let headers: Vec<(&[u8], &[u8])> =
                names.iter().map(Vec::as_slice).zip(values.iter().map(Vec::as_slice)).collect();
            responder.respond(*status, &headers)
        }
        ("write" | "write_bytes", [Value::String(chunk) | Value::Bytes(chunk)]) => {
            match responder.write(chunk.clone(), deadline) {
                Ok(()) => Ok(()),
                Err(Unwritten::Refused(why)) => Err(why),
                Err(Unwritten::Late) => {
                    let kind = TrapKind::TimeLimit;
                    return Err(End::Trap(kind, kind.message().to_owned()));
                }
            }
        }
        _ => return Ok(None),
    };
    Ok(Some(match done {
        Ok(()) => Value::ok(Value::Unit),
        Err(why) => Value::err(why),
    }))
}

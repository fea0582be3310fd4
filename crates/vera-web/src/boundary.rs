//! The module's exports: how a host hands over a request and fetches the answer.
//!
//! A message is JSON, which holds no zero byte, then perhaps a zero byte and bytes. The
//! host asks for room ([`vera_room`]), writes the message there, has it answered
//! ([`vera_answer`]), and reads the answer at [`vera_answered`]. It reads before it calls
//! again, and looks anew at the memory after each call, since it may have grown.
//!
//! Memory is handed out as addresses that nothing here reads through: that the exports
//! have their names is all that needs the word `unsafe`.
#![expect(unsafe_code, reason = "exports are named, and a name might be taken twice")]

use std::cell::RefCell;

use serde_json::{Value, json};

use crate::{Answer, Compiler};

#[derive(Default)]
struct Exchange {
    compiler: Compiler,
    request: Vec<u8>,
    answer: Vec<u8>,
}

thread_local! {
    static EXCHANGE: RefCell<Exchange> = RefCell::default();
}

/// The address of room for a request of so many bytes.
#[unsafe(no_mangle)]
pub extern "C" fn vera_room(length: usize) -> *const u8 {
    EXCHANGE.with_borrow_mut(|exchange| {
        exchange.request.clear();
        exchange.request.resize(length, 0);
        exchange.request.as_ptr()
    })
}

/// Answers the request; the length of the answer.
#[unsafe(no_mangle)]
pub extern "C" fn vera_answer() -> usize {
    EXCHANGE.with_borrow_mut(|exchange| {
        let request = std::mem::take(&mut exchange.request);
        exchange.answer = written(&answered(&mut exchange.compiler, request));
        exchange.answer.len()
    })
}

/// The address of the answer.
#[unsafe(no_mangle)]
pub extern "C" fn vera_answered() -> *const u8 {
    EXCHANGE.with_borrow(|exchange| exchange.answer.as_ptr())
}

fn answered(compiler: &mut Compiler, mut request: Vec<u8>) -> Answer {
    let end = request.iter().position(|byte| *byte == 0);
    let bytes = end.map_or_else(Vec::new, |end| request.split_off(end + 1));
    let text = request.strip_suffix(&[0]).unwrap_or(&request);
    match serde_json::from_slice::<Value>(text) {
        Ok(asked) => {
            let method = asked["method"].as_str().unwrap_or_default();
            compiler.answer(method, &asked["params"], bytes)
        }
        Err(error) => json!({ "error": { "code": -32700, "message": error.to_string() } }).into(),
    }
}

fn written(answer: &Answer) -> Vec<u8> {
    let mut out = answer.document.to_string().into_bytes();
    if !answer.bytes.is_empty() {
        out.push(0);
        out.extend_from_slice(&answer.bytes);
    }
    out
}

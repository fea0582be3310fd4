//! Streams, the clock, and the command line.

use std::cell::RefCell;

use wasi::cli::{environment, stderr, stdin, stdout};
use wasi::clocks::{monotonic_clock, wall_clock};
use wasi::io::poll::poll;
use wasi::io::streams::{InputStream, OutputStream};

use crate::ending::broken;
use crate::wire::{self, Nodes, Part, Types};

/// Bytes that one call may write (`wasi:io/streams`).
pub const CHUNK: usize = 4096;

/// Bytes read at once.
const READ: u64 = 1 << 16;

const NANOS: u64 = 1_000_000;

/// How long after an escape the rest of a key's code may come, in milliseconds.
const ESCAPE: u64 = 50;

/// Most bytes of a key's code.
const LONGEST_KEY: usize = 12;

const END_OF_INPUT: &str = "EOF";

struct Input {
    stream: Option<InputStream>,
    bytes: Vec<u8>,
    /// So many bytes are read.
    read: usize,
    ended: bool,
}

thread_local! {
    static INPUT: RefCell<Input> =
        const { RefCell::new(Input { stream: None, bytes: Vec::new(), read: 0, ended: false }) };
    static STDOUT: RefCell<Option<OutputStream>> = const { RefCell::new(None) };
    static STDERR: RefCell<Option<OutputStream>> = const { RefCell::new(None) };
}

/// Whether anybody reads it.
pub fn print(text: &[u8]) -> bool {
    STDOUT.with_borrow_mut(|stream| {
        let stream = stream.get_or_insert_with(stdout::get_stdout);
        text.chunks(CHUNK).all(|chunk| stream.blocking_write_and_flush(chunk).is_ok())
    })
}

pub fn print_error(text: &[u8]) {
    STDERR.with_borrow_mut(|stream| {
        let stream = stream.get_or_insert_with(stderr::get_stderr);
        for chunk in text.chunks(CHUNK) {
            // There is nowhere left to complain.
            _ = stream.blocking_write_and_flush(chunk);
        }
    });
}

impl Input {
    fn left(&self) -> &[u8] {
        &self.bytes[self.read..]
    }

    /// Waits for more; `false` at the end.
    fn more(&mut self) -> bool {
        if self.ended {
            return false;
        }
        let stream = self.stream.get_or_insert_with(stdin::get_stdin);
        match stream.blocking_read(READ) {
            Ok(bytes) => {
                self.bytes.drain(..self.read);
                self.read = 0;
                self.bytes.extend_from_slice(&bytes);
            }
            // The stream is closed, or fails, which is the same to the program.
            Err(_) => self.ended = true,
        }
        !self.ended
    }

    fn taken(&mut self, count: usize) -> Vec<u8> {
        let taken = self.left()[..count].to_vec();
        self.read += count;
        taken
    }

    fn byte(&mut self) -> Option<u8> {
        while self.left().is_empty() {
            if !self.more() {
                return None;
            }
        }
        self.taken(1).first().copied()
    }

    fn line(&mut self) -> Option<Vec<u8>> {
        let mut seen = 0;
        loop {
            let left = self.left();
            if let Some(end) = left[seen..].iter().position(|b| *b == b'\n') {
                let line = self.taken(seen + end);
                self.read += 1;
                return Some(line);
            }
            seen = left.len();
            if !self.more() {
                break;
            }
        }
        let rest = self.left().len();
        (rest > 0).then(|| self.taken(rest))
    }

    fn char(&mut self) -> Option<Vec<u8>> {
        let first = self.byte()?;
        let mut char = vec![first];
        let length = match first {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => 1,
        };
        while char.len() < length {
            match self.byte() {
                Some(byte) => char.push(byte),
                None => break,
            }
        }
        Some(char)
    }

    /// Whether a read would not wait for longer than this; also at the end.
    fn is_ready(&mut self, millis: u64) -> bool {
        if !self.left().is_empty() || self.ended {
            return true;
        }
        let stream = self.stream.get_or_insert_with(stdin::get_stdin);
        let input = stream.subscribe();
        let time = monotonic_clock::subscribe_duration(millis.saturating_mul(NANOS));
        poll(&[&input, &time]).contains(&0)
    }
}

fn valid(bytes: Vec<u8>) -> Vec<u8> {
    wire::lossy(bytes).into_bytes()
}

pub fn read_line() -> Vec<u8> {
    INPUT.with_borrow_mut(|input| valid(input.line().unwrap_or_default()))
}

pub fn read_char() -> Result<Vec<u8>, String> {
    let char = INPUT.with_borrow_mut(Input::char);
    char.map(valid).ok_or_else(|| END_OF_INPUT.to_owned())
}

pub fn next_line() {
    let line = INPUT.with_borrow_mut(Input::line);
    wire::send_option(line.map(|line| valid(line).into()));
}

pub fn read_all() {
    let all = INPUT.with_borrow_mut(|input| {
        let mut all = Vec::new();
        loop {
            let rest = input.left().len();
            all.append(&mut input.taken(rest));
            if !input.more() {
                return all;
            }
        }
    });
    wire::send(valid(all));
}

pub fn read_char_timeout() {
    let millis = wire::word().max(0) as u64;
    let types = Types::taken();
    let mut nodes = Nodes::default();
    let ready = INPUT.with_borrow_mut(|input| input.is_ready(millis));
    let char = if ready { INPUT.with_borrow_mut(Input::char).map(valid) } else { None };
    let result = match (ready, char) {
        (true, None) => Err(END_OF_INPUT.to_owned()),
        (_, char) => {
            wire::option(&mut nodes, types.get(1), char.map(Part::from));
            Ok(None)
        }
    };
    wire::end_result(&mut nodes, types.get(0), result);
    nodes.send();
}

pub fn read_key() {
    let key = INPUT.with_borrow_mut(|input| {
        let mut code = input.char()?;
        if code == [ESC] {
            while code.len() < LONGEST_KEY && !is_whole(&code) && input.is_ready(ESCAPE) {
                match input.byte() {
                    Some(byte) => code.push(byte),
                    None => break,
                }
            }
        }
        Some(key_name(code))
    });
    wire::send_result(key.map(|key| Some(key.into())).ok_or_else(|| END_OF_INPUT.to_owned()));
}

const ESC: u8 = 0x1b;

/// Whether the code of a key that begins with an escape is complete (ECMA-48).
fn is_whole(code: &[u8]) -> bool {
    match code {
        [] | [_] | [_, b'[' | b'O'] => false,
        [_, b'[', rest @ ..] => rest.last().is_some_and(|last| (0x40..0x7f).contains(last)),
        _ => true,
    }
}

/// The name of the key that a terminal sends this code for; a character is its own.
fn key_name(code: Vec<u8>) -> String {
    let name = match code.as_slice() {
        b"\r" | b"\n" => "enter",
        b"\t" => "tab",
        [0x7f | 0x08] => "backspace",
        [ESC] => "esc",
        b"\x1b[A" | b"\x1bOA" => "up",
        b"\x1b[B" | b"\x1bOB" => "down",
        b"\x1b[C" | b"\x1bOC" => "right",
        b"\x1b[D" | b"\x1bOD" => "left",
        b"\x1b[H" | b"\x1bOH" | b"\x1b[1~" => "home",
        b"\x1b[F" | b"\x1bOF" | b"\x1b[4~" => "end",
        b"\x1b[2~" => "insert",
        b"\x1b[3~" => "delete",
        b"\x1b[5~" => "page-up",
        b"\x1b[6~" => "page-down",
        b"\x1b[Z" => "shift-tab",
        b"\x1bOP" | b"\x1b[11~" => "f1",
        b"\x1bOQ" | b"\x1b[12~" => "f2",
        b"\x1bOR" | b"\x1b[13~" => "f3",
        b"\x1bOS" | b"\x1b[14~" => "f4",
        b"\x1b[15~" => "f5",
        b"\x1b[17~" => "f6",
        b"\x1b[18~" => "f7",
        b"\x1b[19~" => "f8",
        b"\x1b[20~" => "f9",
        b"\x1b[21~" => "f10",
        b"\x1b[23~" => "f11",
        b"\x1b[24~" => "f12",
        [ESC, byte @ b' '..=b'~'] => {
            return ["<alt-", char::from(*byte).encode_utf8(&mut [0; 4]), ">"].concat();
        }
        [ESC, ..] => "unknown",
        [byte @ 1..=26] => {
            let letter = char::from(b'a' + byte - 1);
            return ["<ctrl-", letter.encode_utf8(&mut [0; 4]), ">"].concat();
        }
        _ => return wire::lossy(code),
    };
    ["<", name, ">"].concat()
}

/// Waits.
pub fn sleep(millis: i64) {
    let nanos = (millis.max(0) as u64).saturating_mul(NANOS);
    monotonic_clock::subscribe_duration(nanos).block();
}

/// Milliseconds since the Unix epoch.
pub fn time() -> i64 {
    let now = wall_clock::now();
    (now.seconds * 1000) as i64 + i64::from(now.nanoseconds / 1_000_000)
}

pub fn clock() {
    wire::send(i64::try_from(monotonic_clock::now()).unwrap_or(i64::MAX));
}

/// The words behind the program's own name.
pub fn args() -> Vec<String> {
    environment::get_arguments().into_iter().skip(1).collect()
}

pub fn variable(name: &str) -> Option<String> {
    environment::get_environment().into_iter().find(|(n, _)| n == name).map(|(_, value)| value)
}

/// WASI tells nobody how large a terminal is.
pub fn terminal_size() {
    wire::send_option(None);
}

/// An instance runs one thing at a time.
pub fn no_tasks() -> ! {
    broken("a component begins no tasks")
}

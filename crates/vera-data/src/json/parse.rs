//! The parser: one loop, and a stack of the containers that are open.

use alloc::string::String;
use alloc::vec::Vec;

use super::error::{Constant, Error, Reason};
use super::scan::Scanner;
use super::{number, survive};

/// What a text is told to, from left to right.
///
/// A value is one call of [`null`](Sink::null), [`bool`](Sink::bool),
/// [`number`](Sink::number) or [`string`](Sink::string), or else a container:
/// its begin, its contents, its end with their count. In an object each value
/// comes after its [`name`](Sink::name); names may repeat, and the last value is
/// the one that counts.
///
/// When [`parse`] fails, what was told before is to be thrown away.
pub trait Sink {
    /// `null`
    fn null(&mut self);
    /// `true` or `false`
    fn bool(&mut self, value: bool);
    /// A number. An infinity stands for one that is too large, in a value that
    /// a later member of the same name discards.
    fn number(&mut self, value: f64);
    /// A string, its escapes decoded. It is valid UTF-8, except that a lone
    /// surrogate may stand in a value that is discarded.
    fn string(&mut self, text: &[u8]);
    /// The name of the member whose value comes next.
    fn name(&mut self, text: &[u8]);
    /// `[`
    fn begin_array(&mut self);
    /// `]` after so many elements.
    fn end_array(&mut self, count: usize);
    /// `{`
    fn begin_object(&mut self);
    /// `}` after so many members, with those of one name counted singly.
    fn end_object(&mut self, count: usize);
    /// The double nearest to a number token, ties to even, an infinity when it
    /// is too large. Asked for tokens of more than 19 digits or with a large
    /// exponent only, so it may be slow.
    fn nearest(&mut self, token: &[u8]) -> f64;
}

/// A value that is well-formed but outside the domain, in document order.
#[derive(Clone, Copy)]
pub(super) struct Flaw {
    pub(super) at: usize,
    pub(super) reason: Reason,
}

/// Parses a text. O(n), and memory for the depth alone; a text that is
/// well-formed but has numbers too large or lone surrogates takes a second pass
/// in O(n log n) to tell whether they are discarded.
///
/// # Errors
///
/// The first syntax error, else the first bare constant, else the first other
/// violation among the values that no later member of the same name discards.
pub fn parse(text: &[u8], sink: &mut impl Sink) -> Result<(), Error> {
    match core::str::from_utf8(text) {
        Ok(_) => parse_utf8(text, sink),
        Err(_) => parse_utf8(String::from_utf8_lossy(text).as_bytes(), sink),
    }
}

/// [`parse`] for text that is valid UTF-8.
fn parse_utf8(text: &[u8], sink: &mut impl Sink) -> Result<(), Error> {
    let mut found = Found::default();
    values(&mut Scanner::new(text, 0), sink, &mut found)?;
    if let Some((constant, at)) = found.constant {
        return Err(Error::new(Reason::Constant(constant), text, at));
    }
    if !found.flaws.is_empty()
        && let Some(flaw) = survive::first(text, &found.flaws)
    {
        return Err(Error::new(flaw.reason, text, flaw.at));
    }
    Ok(())
}

/// What is wrong in a text without syntax errors.
#[derive(Default)]
struct Found {
    constant: Option<(Constant, usize)>,
    flaws: Vec<Flaw>,
}

/// A container that is open: twice the count of its finished contents, and 1 for
/// an object.
type Open = usize;

fn values(scan: &mut Scanner, sink: &mut impl Sink, found: &mut Found) -> Result<(), Error> {
    let mut stack: Vec<Open> = Vec::new();
    if scan.text.starts_with("\u{feff}".as_bytes()) {
        return Err(scan.error(Reason::ByteOrderMark));
    }
    scan.skip_space();
    loop {
        // Here a value starts.
        match scan.peek() {
            b'"' => {
                let (string, lone) = scan.string()?;
                sink.string(string);
                found.lone(lone);
            }
            b'{' => {
                scan.at += 1;
                scan.skip_space();
                sink.begin_object();
                if scan.peek() != b'}' {
                    stack.push(1);
                    name(scan, sink, found)?;
                    continue;
                }
                scan.at += 1;
                sink.end_object(0);
            }
            b'[' => {
                scan.at += 1;
                scan.skip_space();
                sink.begin_array();
                if scan.peek() != b']' {
                    stack.push(0);
                    continue;
                }
                scan.at += 1;
                sink.end_array(0);
            }
            _ => scalar(scan, sink, found)?,
        }
        // And here one has ended.
        loop {
            scan.skip_space();
            let Some(open) = stack.last_mut() else {
                let ended = scan.at >= scan.text.len();
                return if ended { Ok(()) } else { Err(scan.error(Reason::ExtraData)) };
            };
            *open += 2;
            let (object, count) = (*open & 1 == 1, *open >> 1);
            match scan.peek() {
                b',' => {
                    scan.at += 1;
                    scan.skip_space();
                    if object {
                        name(scan, sink, found)?;
                    }
                    break;
                }
                b'}' if object => sink.end_object(count),
                b']' if !object => sink.end_array(count),
                _ => return Err(scan.error(Reason::Comma)),
            }
            scan.at += 1;
            stack.pop();
        }
    }
}

/// `"name" :` and the space around.
fn name(scan: &mut Scanner, sink: &mut impl Sink, found: &mut Found) -> Result<(), Error> {
    if scan.peek() != b'"' {
        return Err(scan.error(Reason::Name));
    }
    let (name, lone) = scan.string()?;
    sink.name(name);
    found.lone(lone);
    scan.skip_space();
    if scan.peek() != b':' {
        return Err(scan.error(Reason::Colon));
    }
    scan.at += 1;
    scan.skip_space();
    Ok(())
}

/// A number, a literal or a constant.
fn scalar(scan: &mut Scanner, sink: &mut impl Sink, found: &mut Found) -> Result<(), Error> {
    let rest = scan.rest();
    if let Some(number) = number::scan(rest) {
        let token = rest.get(..number.length).unwrap_or(rest);
        let value = match number.value {
            Some(value) => value,
            None => sink.nearest(token),
        };
        if value.is_infinite() {
            found.overflow(value, scan.at);
        }
        sink.number(value);
        scan.at += number.length;
        return Ok(());
    }
    let literal: &[u8] = match scan.peek() {
        b'n' => b"null",
        b't' => b"true",
        b'f' => b"false",
        b'N' => b"NaN",
        b'I' => b"Infinity",
        b'-' => b"-Infinity",
        _ => return Err(scan.error(Reason::Value)),
    };
    if !rest.starts_with(literal) {
        return Err(scan.error(Reason::Value));
    }
    match scan.peek() {
        b't' => sink.bool(true),
        b'f' => sink.bool(false),
        first => {
            // A constant is refused in the end; until then it holds its place.
            sink.null();
            found.constant(first, scan.at);
        }
    }
    scan.at += literal.len();
    Ok(())
}

impl Found {
    fn lone(&mut self, lone: Option<(u16, usize)>) {
        if let Some((code, at)) = lone {
            self.flaws.push(Flaw { at, reason: Reason::LoneSurrogate(code) });
        }
    }

    #[cold]
    fn overflow(&mut self, value: f64, at: usize) {
        let constant = if value > 0.0 { Constant::Infinity } else { Constant::NegativeInfinity };
        self.flaws.push(Flaw { at, reason: Reason::Overflow(constant) });
    }

    fn constant(&mut self, first: u8, at: usize) {
        let constant = match first {
            b'N' => Constant::NaN,
            b'I' => Constant::Infinity,
            b'-' => Constant::NegativeInfinity,
            _ => return,
        };
        if self.constant.is_none() {
            self.constant = Some((constant, at));
        }
    }
}

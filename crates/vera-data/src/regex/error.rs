//! What a pattern or a template can be wrong about, and running out of steps.

use alloc::boxed::Box;
use alloc::vec::Vec;

/// Why there is no answer; [`Error::text`] is the whole message.
///
/// One word, so that results stay small: the parser's code is an eighth shorter for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    message: Box<Message>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Message {
    text: Vec<u8>,
}

impl Error {
    fn new(text: Vec<u8>) -> Self {
        Self { message: Box::new(Message { text }) }
    }

    /// `invalid regex: REASON` for a pattern that is wrong as a whole.
    #[cold]
    #[inline(never)]
    pub(crate) fn whole(reason: &[u8]) -> Self {
        Self::new([b"invalid regex: ", reason].concat())
    }

    /// `invalid regex: REASON at position AT`; in a text of several lines also where that is.
    #[cold]
    #[inline(never)]
    pub(crate) fn at(reason: &[u8], chars: &[u32], at: usize) -> Self {
        let mut text = [b"invalid regex: ", reason, b" at position "].concat();
        push_number(&mut text, at as u64);
        if chars.contains(&0x0A) {
            let before = chars.get(..at).unwrap_or(chars);
            let line = before.iter().filter(|&&c| c == 0x0A).count() + 1;
            let column = before.iter().rev().take_while(|&&c| c != 0x0A).count() + 1;
            text.extend_from_slice(b" (line ");
            push_number(&mut text, line as u64);
            text.extend_from_slice(b", column ");
            push_number(&mut text, column as u64);
            text.push(b')');
        }
        Self::new(text)
    }

    /// `regex: gave up after STEPS steps`: the pattern is right, the search too long.
    #[cold]
    #[inline(never)]
    pub(crate) fn gave_up(steps: u64) -> Self {
        let mut text = b"regex: gave up after ".to_vec();
        push_number(&mut text, steps);
        text.extend_from_slice(b" steps");
        Self::new(text)
    }

    /// The message as UTF-8.
    pub fn text(&self) -> &[u8] {
        &self.message.text
    }

    /// The message as UTF-8, without a copy.
    pub fn into_text(self) -> Vec<u8> {
        self.message.text
    }
}

/// Appends a number in decimal.
#[inline(never)]
pub(crate) fn push_number(out: &mut Vec<u8>, number: u64) {
    let start = out.len();
    let mut rest = number;
    loop {
        out.push(b'0' + (rest % 10) as u8);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out[start..].reverse();
}

/// Appends characters quoted as Python's `repr` does.
#[inline(never)]
pub(crate) fn push_quoted(out: &mut Vec<u8>, name: &[u32]) {
    let quote = if name.contains(&0x27) && !name.contains(&0x22) { b'"' } else { b'\'' };
    out.push(quote);
    for &c in name {
        match c {
            0x0A => out.extend_from_slice(b"\\n"),
            0x0D => out.extend_from_slice(b"\\r"),
            0x09 => out.extend_from_slice(b"\\t"),
            0x5C => out.extend_from_slice(b"\\\\"),
            _ if c == u32::from(quote) => out.extend_from_slice(&[b'\\', quote]),
            0..=0x1F | 0x7F..=0xA0 | 0xAD => {
                let hex = |n: u32| b"0123456789abcdef"[(n & 15) as usize];
                out.extend_from_slice(&[b'\\', b'x', hex(c >> 4), hex(c)]);
            }
            _ => super::text::push_char(out, c),
        }
    }
    out.push(quote);
}

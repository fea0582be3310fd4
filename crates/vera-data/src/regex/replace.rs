//! Templates of replacements: `\1`, `\g<name>`, escapes, all else as it stands.

use alloc::vec::Vec;
use core::ops::Range;

use super::Regex;
use super::error::{Error, push_number};
use super::numbers::{Numbers, push, push_counted};
use super::parse::escape::{OUTSIDE, control, number, octal, with_escape};
use super::parse::group::{MAX_GROUPS, group_number, is_identifier, with_name};
use super::parse::lexer::Lexer;
use super::text::{decode, push_char};

/// A piece of a template.
enum Piece {
    Text(Vec<u8>),
    Group(u32),
}

/// A parsed template.
pub struct Template {
    pieces: Vec<Piece>,
}

impl Template {
    /// Reads a template for the groups of a pattern.
    ///
    /// # Errors
    ///
    /// `invalid regex: REASON at position N`, N counted in the template, for a bad
    /// escape or a group that the pattern does not have.
    pub fn parse(template: &[u8], regex: &Regex) -> Result<Self, Error> {
        let mut reader = Reader { lexer: Lexer::new(decode(template))?, regex, pieces: Vec::new() };
        while let Some(token) = reader.lexer.get()? {
            if token.escaped { reader.escape(token.c)? } else { reader.push(token.c) }
        }
        Ok(Self { pieces: reader.pieces })
    }

    /// The template as bytes.
    pub fn freeze(&self) -> Vec<u8> {
        let mut out = Vec::new();
        push(&mut out, self.pieces.len() as u32);
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => {
                    push(&mut out, 0);
                    push_counted(&mut out, text);
                }
                Piece::Group(group) => push(&mut out, group + 1),
            }
        }
        out
    }

    /// The template of the bytes that [`Template::freeze`] made; of other bytes, some.
    pub fn thaw(bytes: &[u8]) -> Self {
        let mut from = Numbers::of(bytes);
        let mut pieces = Vec::new();
        for _ in 0..from.take() {
            pieces.push(match from.take().checked_sub(1) {
                Some(group) => Piece::Group(group),
                None => Piece::Text(from.counted().to_vec()),
            });
        }
        Self { pieces }
    }

    /// Whether it has a group other than the whole match.
    pub(crate) fn has_groups(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Group(1..)))
    }

    /// Appends the template with the groups' texts; a group that took no part is empty.
    pub(crate) fn expand(&self, text: &[u8], groups: &[Option<Range<usize>>], out: &mut Vec<u8>) {
        for piece in &self.pieces {
            match piece {
                Piece::Text(literal) => out.extend_from_slice(literal),
                Piece::Group(group) => {
                    if let Some(Some(range)) = groups.get(*group as usize) {
                        out.extend_from_slice(text.get(range.clone()).unwrap_or(&[]));
                    }
                }
            }
        }
    }
}

struct Reader<'r> {
    lexer: Lexer,
    regex: &'r Regex,
    pieces: Vec<Piece>,
}

impl Reader<'_> {
    fn push(&mut self, c: u32) {
        if !matches!(self.pieces.last(), Some(Piece::Text(_))) {
            self.pieces.push(Piece::Text(Vec::new()));
        }
        if let Some(Piece::Text(text)) = self.pieces.last_mut() {
            push_char(text, c);
        }
    }

    fn group(&mut self, group: u32, back: usize) -> Result<(), Error> {
        if group > self.regex.groups() {
            let mut text = b"invalid group reference ".to_vec();
            push_number(&mut text, u64::from(group));
            return Err(self.lexer.error(&text, back));
        }
        self.pieces.push(Piece::Group(group));
        Ok(())
    }

    fn escape(&mut self, c: u32) -> Result<(), Error> {
        match u8::try_from(c).unwrap_or(0) {
            b'g' => return self.named(),
            b'0' => {
                let digits = self.lexer.take_while(2, octal)?;
                self.push(number(&digits, 8));
                return Ok(());
            }
            b'1'..=b'9' => return self.digits(c),
            _ => {}
        }
        match control(c) {
            Some(c) => self.push(c),
            None if u8::try_from(c).is_ok_and(|c| c.is_ascii_alphabetic()) => {
                return Err(self.lexer.error(&with_escape(b"bad escape ", &[c], b""), 2));
            }
            None => {
                self.push(0x5C);
                self.push(c);
            }
        }
        Ok(())
    }

    /// `\1` to `\99`, or three octal digits.
    fn digits(&mut self, first: u32) -> Result<(), Error> {
        let mut digits = alloc::vec![first];
        let is_octal = |c: u32| (0x30..0x38).contains(&c);
        digits.extend(self.lexer.take_while(1, |c| c.is_ascii_digit())?);
        if digits.len() == 2 && digits.iter().all(|&c| is_octal(c)) && octal(self.lexer.plain()) {
            digits.extend(self.lexer.take_while(1, octal)?);
            let value = number(&digits, 8);
            if value > 0o377 {
                let text = with_escape(b"octal escape value ", &digits, OUTSIDE);
                return Err(self.lexer.error(&text, digits.len() + 1));
            }
            self.push(value);
            return Ok(());
        }
        self.group(number(&digits, 10), digits.len())
    }

    /// `\g<…>`
    fn named(&mut self) -> Result<(), Error> {
        if !self.lexer.eat(b'<')? {
            return Err(self.lexer.error(b"missing <", 0));
        }
        let name = self.lexer.name(b'>', b"missing >, unterminated name")?;
        let back = name.len() + 1;
        let group = if is_identifier(&name) {
            let known = self.regex.names.iter().find(|(known, _)| *known == name);
            known.map(|(_, group)| *group).ok_or_else(|| with_name(b"unknown group name ", &name))
        } else {
            group_number(&name).ok_or_else(|| with_name(b"bad character in group name ", &name))
        };
        match group {
            Ok(group) if group < MAX_GROUPS => self.group(group, back),
            Ok(group) => {
                let mut text = b"invalid group reference ".to_vec();
                push_number(&mut text, u64::from(group));
                Err(self.lexer.error(&text, back))
            }
            Err(text) => Err(self.lexer.error(&text, back)),
        }
    }
}

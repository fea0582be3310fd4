//! Escapes, inside and outside of classes.

use alloc::vec::Vec;

use super::Parser;
use super::lexer::Token;
use crate::regex::ast::{Assert, Fold, Node, SetId};
use crate::regex::error::Error;
use crate::regex::set::Set;
use crate::regex::text::push_char;
use crate::regex::unicode;

/// What an escape stands for.
pub(super) enum Escape {
    Char(u32),
    /// A class; case does not change it.
    Class(Set),
    /// `\p{…}`, which folds as ranges do.
    Property(Set),
    Assert(Assert),
    Group(u32),
}

/// `\a`, `\f` and so on.
pub(crate) fn control(c: u32) -> Option<u32> {
    Some(match u8::try_from(c).ok()? {
        b'a' => 7,
        b'b' => 8,
        b'f' => 12,
        b'n' => 10,
        b'r' => 13,
        b't' => 9,
        b'v' => 11,
        b'\\' => 92,
        _ => return None,
    })
}

fn hexadecimal(c: u8) -> bool {
    c.is_ascii_hexdigit()
}

pub(crate) fn octal(c: u8) -> bool {
    (b'0'..=b'7').contains(&c)
}

/// The value of digits; beyond 32 bits the greatest.
pub(crate) fn number(digits: &[u32], base: u32) -> u32 {
    digits.iter().fold(0u32, |value, &c| {
        let digit = char::from_u32(c).and_then(|c| c.to_digit(base)).unwrap_or(0);
        value.saturating_mul(base).saturating_add(digit)
    })
}

/// `REASON \ESCAPE`.
pub(crate) fn with_escape(reason: &[u8], escape: &[u32], rest: &[u8]) -> Vec<u8> {
    let mut text = reason.to_vec();
    text.push(b'\\');
    for &c in escape {
        push_char(&mut text, c);
    }
    text.extend_from_slice(rest);
    text
}

pub(crate) const OUTSIDE: &[u8] = b" outside of range 0-0o377";

impl Parser {
    /// The class of `\d`, `\w`, `\s` and their negations.
    #[inline(never)]
    pub(super) fn category(&mut self, c: u32) -> Option<Set> {
        let letter = u8::try_from(c).ok()?;
        let (at, ascii) = match letter.to_ascii_lowercase() {
            b'd' => (0, &[(0x30, 0x39)][..]),
            b's' => (1, &[(0x09, 0x0D), (0x20, 0x20)][..]),
            b'w' => (2, &[(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)][..]),
            _ => return None,
        };
        let set = if self.flags().ascii {
            Set::from_ranges(ascii.to_vec())
        } else {
            let make = [unicode::digits, unicode::space, unicode::word][at];
            self.categories[at].get_or_insert_with(make).clone()
        };
        Some(if letter.is_ascii_uppercase() { set.complement() } else { set })
    }

    /// The same, as a set of the pattern.
    #[inline(never)]
    pub(super) fn category_id(&mut self, c: u32) -> Option<SetId> {
        let name = (c, self.flags().ascii);
        if let Some((_, id)) = self.category_ids.iter().find(|(known, _)| *known == name) {
            return Some(*id);
        }
        let set = self.category(c)?;
        let id = self.ast.intern(set);
        self.category_ids.push((name, id));
        Some(id)
    }

    /// An escape outside of a class, but for those of a [category](Parser::category_id).
    #[inline(never)]
    pub(super) fn escape(&mut self, token: Token) -> Result<Escape, Error> {
        let c = token.c;
        match u8::try_from(c).unwrap_or(0) {
            b'A' => return Ok(Escape::Assert(Assert::Start)),
            b'Z' => return Ok(Escape::Assert(Assert::End)),
            letter @ (b'b' | b'B') => {
                let word = self.category_id(u32::from(b'w')).unwrap_or_default();
                return Ok(Escape::Assert(Assert::Word { word, negative: letter == b'B' }));
            }
            b'0' => {
                let digits = self.lexer.take_while(2, octal)?;
                return Ok(Escape::Char(number(&digits, 8)));
            }
            b'1'..=b'9' => return self.group_or_octal(c),
            _ => {}
        }
        if let Some(c) = control(c) {
            return Ok(Escape::Char(c));
        }
        self.common_escape(c)
    }

    /// An escape in a class.
    #[inline(never)]
    pub(super) fn class_escape(&mut self, token: Token) -> Result<Escape, Error> {
        let c = token.c;
        if let Some(c) = control(c) {
            return Ok(Escape::Char(c));
        }
        if let Some(set) = self.category(c) {
            return Ok(Escape::Class(set));
        }
        if !octal(u8::try_from(c).unwrap_or(0)) {
            return self.common_escape(c);
        }
        let mut digits = alloc::vec![c];
        digits.extend(self.lexer.take_while(2, octal)?);
        let value = number(&digits, 8);
        if value > 0o377 {
            let text = with_escape(b"octal escape value ", &digits, OUTSIDE);
            return Err(self.lexer.error(&text, digits.len() + 1));
        }
        Ok(Escape::Char(value))
    }

    /// `\1` to `\99`, or three octal digits.
    #[inline(never)]
    fn group_or_octal(&mut self, first: u32) -> Result<Escape, Error> {
        let mut digits = alloc::vec![first];
        let is_octal = |c: u32| (0x30..0x38).contains(&c);
        if self.lexer.plain().is_ascii_digit() {
            digits.extend(self.lexer.take_while(1, |c| c.is_ascii_digit())?);
            if is_octal(first) && is_octal(digits[1]) && octal(self.lexer.plain()) {
                digits.extend(self.lexer.take_while(1, octal)?);
                let value = number(&digits, 8);
                if value > 0o377 {
                    let text = with_escape(b"octal escape value ", &digits, OUTSIDE);
                    return Err(self.lexer.error(&text, digits.len() + 1));
                }
                return Ok(Escape::Char(value));
            }
        }
        let group = number(&digits, 10);
        if group >= self.ast.groups {
            return Err(self.bad_group(group, digits.len()));
        }
        if !self.is_closed(group) {
            return Err(self.lexer.error(b"cannot refer to an open group", digits.len() + 1));
        }
        self.check_lookbehind(group)?;
        Ok(Escape::Group(group))
    }

    #[inline(never)]
    fn common_escape(&mut self, c: u32) -> Result<Escape, Error> {
        let letter = u8::try_from(c).unwrap_or(0);
        let length = match letter {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            b'p' | b'P' if self.lexer.plain() == b'{' => return self.property(letter == b'P'),
            _ if letter.is_ascii_alphanumeric() => {
                return Err(self.lexer.error(&with_escape(b"bad escape ", &[c], b""), 2));
            }
            _ => return Ok(Escape::Char(c)),
        };
        let mut escape = alloc::vec![c];
        let digits = self.lexer.take_while(length, hexadecimal)?;
        escape.extend_from_slice(&digits);
        if digits.len() < length {
            return Err(self
                .lexer
                .error(&with_escape(b"incomplete escape ", &escape, b""), escape.len() + 1));
        }
        let value = number(&digits, 16);
        if value > 0x10_FFFF {
            return Err(self
                .lexer
                .error(&with_escape(b"bad escape ", &escape, b""), escape.len() + 1));
        }
        Ok(Escape::Char(value))
    }

    /// `\p{name}`, `\P{name}`, from the brace on.
    #[inline(never)]
    fn property(&mut self, negative: bool) -> Result<Escape, Error> {
        self.lexer.get()?;
        let name = self.lexer.name(b'}', b"missing }, unterminated name")?;
        let bytes: Vec<u8> = name.iter().map(|&c| u8::try_from(c).unwrap_or(0)).collect();
        let Some(set) = unicode::property(&bytes) else {
            let mut text = b"unknown property ".to_vec();
            crate::regex::error::push_quoted(&mut text, &name);
            return Err(self.lexer.error(&text, name.len() + 1));
        };
        Ok(Escape::Property(if negative { set.complement() } else { set }))
    }

    /// The node of a back-reference under the present flags.
    #[inline(never)]
    pub(super) fn back_reference(&mut self, group: u32) -> u32 {
        let flags = self.flags();
        let fold = match (flags.ignore_case, flags.ascii) {
            (false, _) => Fold::Exact,
            (true, true) => Fold::Ascii,
            (true, false) => Fold::Unicode,
        };
        self.ast.irregular = true;
        let width = self.group_widths.get(group as usize).copied().flatten().unwrap_or((0, 0));
        self.ast.add(Node::BackReference { group, fold }, width)
    }
}

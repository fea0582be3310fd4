//! The pattern as Python's reader sees it: a character, or a backslash with the
//! character behind it, one step ahead of the parser.

use alloc::vec::Vec;

use crate::regex::error::Error;

/// A character, `escaped` when a backslash stands before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) c: u32,
    pub(crate) escaped: bool,
}

impl Token {
    /// The plain ASCII character, or 0.
    pub(crate) fn plain(self) -> u8 {
        if self.escaped || self.c > 127 { 0 } else { self.c as u8 }
    }

    /// Its length in characters.
    pub(crate) fn len(self) -> usize {
        1 + usize::from(self.escaped)
    }

    /// Appends it as written.
    pub(crate) fn push(self, out: &mut Vec<u32>) {
        if self.escaped {
            out.push(0x5C);
        }
        out.push(self.c);
    }
}

/// Reads tokens; a lone backslash at the end is an error as soon as it is next.
pub(crate) struct Lexer {
    pub(crate) chars: Vec<u32>,
    index: usize,
    next: Option<Token>,
}

impl Lexer {
    pub(crate) fn new(chars: Vec<u32>) -> Result<Self, Error> {
        let mut lexer = Self { chars, index: 0, next: None };
        lexer.advance()?;
        Ok(lexer)
    }

    #[inline(never)]
    fn advance(&mut self) -> Result<(), Error> {
        let Some(&c) = self.chars.get(self.index) else {
            self.next = None;
            return Ok(());
        };
        self.index += 1;
        self.next = Some(Token { c, escaped: false });
        if c == 0x5C {
            let Some(&c) = self.chars.get(self.index) else {
                return Err(Error::at(b"bad escape (end of pattern)", &self.chars, self.index - 1));
            };
            self.index += 1;
            self.next = Some(Token { c, escaped: true });
        }
        Ok(())
    }

    /// The next token, not taken.
    pub(crate) fn peek(&self) -> Option<Token> {
        self.next
    }

    /// The next token's plain ASCII character, or 0.
    pub(crate) fn plain(&self) -> u8 {
        self.next.map_or(0, Token::plain)
    }

    /// Takes the next token.
    #[inline(never)]
    pub(crate) fn get(&mut self) -> Result<Option<Token>, Error> {
        let token = self.next;
        self.advance()?;
        Ok(token)
    }

    /// Takes the next token if it is this character.
    #[inline(never)]
    pub(crate) fn eat(&mut self, c: u8) -> Result<bool, Error> {
        let is = self.plain() == c;
        if is {
            self.advance()?;
        }
        Ok(is)
    }

    /// Where the next token starts.
    pub(crate) fn tell(&self) -> usize {
        self.index - self.next.map_or(0, Token::len)
    }

    /// Goes back to a place that `tell` gave.
    #[inline(never)]
    pub(crate) fn seek(&mut self, at: usize) -> Result<(), Error> {
        self.index = at;
        self.advance()
    }

    /// Takes up to `limit` characters that `is` accepts.
    #[inline(never)]
    pub(crate) fn take_while(
        &mut self,
        limit: usize,
        is: fn(u8) -> bool,
    ) -> Result<Vec<u32>, Error> {
        let mut taken = Vec::new();
        while taken.len() < limit && is(self.plain()) {
            taken.push(u32::from(self.plain()));
            self.advance()?;
        }
        Ok(taken)
    }

    /// A name up to its terminator, which is taken too.
    #[inline(never)]
    pub(crate) fn name(&mut self, terminator: u8, unterminated: &[u8]) -> Result<Vec<u32>, Error> {
        let mut name = Vec::new();
        loop {
            let token = self.get()?;
            match token {
                None if name.is_empty() => return Err(self.error(b"missing group name", 0)),
                None => return Err(self.error(unterminated, name.len())),
                Some(token) if token.plain() == terminator && name.is_empty() => {
                    return Err(self.error(b"missing group name", 1));
                }
                Some(token) if token.plain() == terminator => return Ok(name),
                Some(token) => token.push(&mut name),
            }
        }
    }

    /// An error `back` characters before the next token.
    #[inline(never)]
    pub(crate) fn error(&self, reason: &[u8], back: usize) -> Error {
        Error::at(reason, &self.chars, self.tell().saturating_sub(back))
    }
}

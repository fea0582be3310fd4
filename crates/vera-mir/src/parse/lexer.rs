//! Tokens of the text form.

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Token<'a> {
    Word(&'a str),
    /// Also `NaN`, `inf` and a leading `-`.
    Number(&'a str),
    /// The text between the quotes, escapes unresolved.
    String(&'a str),
    Punct(&'static str),
    Unknown,
    End,
}

const PUNCTUATION: &[&str] = &["->", "..", "=", ":", ",", "(", ")", "{", "}", "[", "]", "+", "!"];

pub struct Lexer<'a> {
    text: &'a str,
    /// Where the current token starts and ends.
    start: usize,
    end: usize,
    token: Token<'a>,
}

impl<'a> Lexer<'a> {
    pub fn new(text: &'a str) -> Lexer<'a> {
        let mut lexer = Lexer { text, start: 0, end: 0, token: Token::End };
        lexer.next();
        lexer
    }

    pub fn peek(&self) -> Token<'a> {
        self.token
    }

    pub fn at_end(&self) -> bool {
        self.token == Token::End
    }

    pub fn line(&self) -> usize {
        self.text[..self.start].matches('\n').count() + 1
    }

    pub fn next(&mut self) {
        let rest = self.text[self.end..].trim_start();
        self.start = self.text.len() - rest.len();
        let (token, length) = scan(rest);
        self.token = token;
        self.end = self.start + length;
    }
}

fn scan(rest: &str) -> (Token<'_>, usize) {
    let Some(first) = rest.chars().next() else { return (Token::End, 0) };
    let while_ = |accept: fn(char) -> bool| rest.find(|c| !accept(c)).unwrap_or(rest.len());
    if let Some(punct) = PUNCTUATION.iter().find(|p| rest.starts_with(**p)) {
        return (Token::Punct(punct), punct.len());
    }
    if first == '"' {
        let mut escaped = false;
        for (at, c) in rest.char_indices().skip(1) {
            if c == '"' && !escaped {
                return (Token::String(&rest[1..at]), at + 1);
            }
            escaped = c == '\\' && !escaped;
        }
        return (Token::Unknown, rest.len());
    }
    if first.is_ascii_digit() || first == '-' || rest.starts_with("NaN") || rest.starts_with("inf")
    {
        let mut length = while_(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
        // A range `1..2` is three tokens.
        if let Some(range) = rest[..length].find("..") {
            length = range;
        }
        return (Token::Number(&rest[..length]), length);
    }
    let length = while_(|c| c.is_ascii_alphanumeric() || c == '_');
    if length == 0 {
        (Token::Unknown, first.len_utf8())
    } else {
        (Token::Word(&rest[..length]), length)
    }
}

/// Resolves the escapes that `escape_ascii` and `{:?}` produce.
pub fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            bytes.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        match chars.next()? {
            'n' => bytes.push(b'\n'),
            'r' => bytes.push(b'\r'),
            't' => bytes.push(b'\t'),
            '0' => bytes.push(0),
            'x' => {
                let digits: String = chars.by_ref().take(2).collect();
                bytes.push(u8::from_str_radix(&digits, 16).ok()?);
            }
            'u' => {
                let digits: String = chars.by_ref().skip(1).take_while(|c| *c != '}').collect();
                let c = char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?;
                bytes.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            other => bytes.extend(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Some(bytes)
}

//! What stands around the end of a text, by its tokens.

use vera_diagnostics::Span;
use vera_syntax::{Tok, Token, tokens};

/// A bracket that is open at the end.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Frame {
    /// The clauses of a `handle` of an effect.
    Clauses(String),
    Ensures,
    Other,
}

/// The tokens of a text, for a look back from its end.
pub struct Context<'t> {
    text: &'t str,
    /// Without the end.
    tokens: Vec<Token>,
}

impl<'t> Context<'t> {
    pub fn new(text: &'t str) -> Context<'t> {
        let mut tokens = tokens(text, Span::new(0, text.len() as u32));
        tokens.pop();
        Context { text, tokens }
    }

    fn spelling(&self, token: &Token) -> &'t str {
        &self.text[token.span.start as usize..token.span.end as usize]
    }

    /// The effect in `effect.`, which the text ends with.
    pub fn qualifier(&self) -> Option<&'t str> {
        let [.., name, dot] = &self.tokens[..] else { return None };
        (dot.kind == Tok::Dot && name.kind == Tok::Upper).then(|| self.spelling(name))
    }

    /// The path in `a.b::`, which the text ends with.
    pub fn module(&self) -> Option<String> {
        let (last, before) = self.tokens.split_last()?;
        let spelled = |token: &Token| self.spelling(token);
        let part = |token: &&Token| {
            token.kind == Tok::Dot || spelled(token).starts_with(|c: char| c.is_ascii_lowercase())
        };
        let mut path: Vec<&str> = before.iter().rev().take_while(part).map(spelled).collect();
        path.reverse();
        (last.kind == Tok::ColonColon && !path.is_empty()).then(|| path.concat())
    }

    /// Where the slot reference begins that the text ends in, and the type that is written of
    /// it before a final dot.
    pub fn reference(&self) -> Option<(usize, &'t str)> {
        let mut open = 0;
        for token in self.tokens.iter().rev() {
            match token.kind {
                Tok::RBrace | Tok::RParen | Tok::RBracket => open += 1,
                Tok::LBrace | Tok::LParen | Tok::LBracket if open == 0 => return None,
                Tok::LBrace | Tok::LParen | Tok::LBracket => open -= 1,
                // Those in braces bind.
                Tok::At if open == 0 => {
                    let written = self.text[token.span.end as usize..].trim();
                    let ty = written.strip_suffix('.').unwrap_or(written).trim();
                    return Some((token.span.start as usize, ty));
                }
                _ => {}
            }
        }
        None
    }

    /// The effect whose operations the clauses being written are of.
    pub fn handled(&self) -> Option<String> {
        match self.frames().pop() {
            Some(Frame::Clauses(effect)) => Some(effect),
            _ => None,
        }
    }

    /// Whether the end is in an `ensures` clause.
    pub fn in_ensures(&self) -> bool {
        self.frames().contains(&Frame::Ensures)
    }

    /// The effects of `handle[E]` anywhere in the text.
    pub fn handles(&self) -> impl Iterator<Item = &'t str> {
        let of_three = |three: &[Token]| {
            let [word, open, name] = three else { return None };
            let head = word.kind == Tok::Handle && open.kind == Tok::LBracket;
            head.then(|| self.spelling(name))
        };
        self.tokens.windows(3).filter_map(of_three)
    }

    fn frames(&self) -> Vec<Frame> {
        let mut frames: Vec<Frame> = Vec::new();
        // The effect of a `handle` whose clauses are to come, and inside how many brackets.
        let mut heads: Vec<(usize, String)> = Vec::new();
        let mut before = Tok::Eof;
        for (i, token) in self.tokens.iter().enumerate() {
            match token.kind {
                Tok::Handle if self.tokens.get(i + 1).is_some_and(|t| t.kind == Tok::LBracket) => {
                    let name = self.tokens.get(i + 2).map_or("", |name| self.spelling(name));
                    heads.push((frames.len(), name.to_owned()));
                }
                Tok::LBrace => {
                    let head = heads.pop_if(|(depth, _)| *depth == frames.len());
                    frames.push(head.map_or(Frame::Other, |(_, effect)| Frame::Clauses(effect)));
                }
                Tok::LParen if before == Tok::Ensures => frames.push(Frame::Ensures),
                Tok::LParen | Tok::LBracket => frames.push(Frame::Other),
                Tok::RBrace | Tok::RParen | Tok::RBracket => _ = frames.pop(),
                _ => {}
            }
            before = token.kind;
        }
        frames
    }
}

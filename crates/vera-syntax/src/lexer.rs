//! Text to tokens and comments. Words and symbols are found by `logos`; comments
//! and string literals are scanned by hand.

use logos::Logos;
use vera_diagnostics::Span;

use crate::comments::{self, Comment, CommentKind};
use crate::errors::SyntaxError;
use crate::literals::StringEnds;
use crate::token::{Tok, Token};

/// What the lexer makes of a text or of an interpolation hole.
#[derive(Debug, Default)]
pub(crate) struct Lexed {
    /// Ends with an [`Tok::Eof`] token.
    pub tokens: Vec<Token>,
    /// In source order.
    pub comments: Vec<Comment>,
    /// Malformed comments; what follows one without an end is no part of the tokens.
    pub errors: Vec<SyntaxError>,
}

/// Tokens and comments of `text[range]`; positions are those of the whole text.
pub(crate) fn lex(text: &str, range: std::ops::Range<usize>) -> Lexed {
    let limit = range.end;
    let mut lexer = Tok::lexer(&text[..limit]);
    lexer.bump(range.start);
    let mut strings = StringEnds::default();
    let mut given_up = false;
    let mut lexed = Lexed::default();
    while let Some(token) = lexer.next() {
        let start = lexer.span().start;
        let token = token.unwrap_or(Tok::Unknown);
        let broken = strings.in_broken(start);
        if let Some(kind) = comment_kind(token)
            && !(broken && given_up)
        {
            match comments::scan(text, kind, start, limit) {
                Ok(comment) => {
                    lexer.bump(comment.span.end as usize - lexer.span().end);
                    lexed.comments.push(comment);
                    continue;
                }
                // In a literal without an end it is no comment, and so are the next ones.
                Err(_) if broken => given_up = true,
                Err(error) => {
                    lexed.errors.push(error);
                    let Some(end) = comments::end_of_nested(text, kind, start, limit) else {
                        break;
                    };
                    lexer.bump(end - lexer.span().end);
                    continue;
                }
            }
        }
        let kind = match token {
            Tok::LineComment | Tok::BlockComment | Tok::AnnotationComment => Tok::Unknown,
            Tok::Str => match strings.find(&text[..limit], start) {
                Some(end) => {
                    lexer.bump(end - lexer.span().end);
                    Tok::Str
                }
                None => Tok::Unknown,
            },
            kind => kind,
        };
        let mut end = lexer.span().end;
        if kind == Tok::Unknown {
            // One character, however far the automaton had looked.
            end = char_end(text, start);
            lexer = Tok::lexer(&text[..limit]);
            lexer.bump(end);
        }
        lexed.tokens.push(Token { kind, span: Span::new(start as u32, end as u32) });
    }
    let last =
        lexed.tokens.last().map_or(Span::new(range.start as u32, range.start as u32), |t| t.span);
    lexed.tokens.push(Token { kind: Tok::Eof, span: last });
    lexed
}

/// The form of comment that a token opens.
fn comment_kind(token: Tok) -> Option<CommentKind> {
    match token {
        Tok::LineComment => Some(CommentKind::Line),
        Tok::BlockComment => Some(CommentKind::Block),
        Tok::AnnotationComment => Some(CommentKind::Annotation),
        _ => None,
    }
}

/// End of the character that starts at `start`.
fn char_end(text: &str, start: usize) -> usize {
    text[start..].chars().next().map_or(start, |c| start + c.len_utf8())
}

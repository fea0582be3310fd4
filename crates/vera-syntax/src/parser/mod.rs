//! The parser: recursive descent over the grammar of chapter 01 section 5, one
//! function per rule.
//!
//! A rule that meets a token it cannot take records the error and returns
//! [`Stop`]; a rule around it goes on behind it ([`recovery`]). What a rule asks for with [`Parser::at`] is what the
//! error lists as expected.
//!
//! Recursion is bounded by [`MAX_DEPTH`]; operator chains are loops, and the
//! height of the tree they build is bounded by [`MAX_HEIGHT`].

mod blocks;
mod decls;
mod exprs;
mod patterns;
mod primary;
mod recovery;
mod repairs;
mod slips;
mod strings;
mod types;

use smol_str::SmolStr;
use vera_diagnostics::Span;

use crate::Parsed;
use crate::ast::{Expr, ExprId, ExprKind, Name, Nodes};
use crate::comments::Comment;
use crate::continuation::{Continuation, Role, Roles};
use crate::errors::{ErrorKind, SyntaxError};
use crate::lexer::{self, Lexed};
use crate::token::{Tok, Token, TokenSet};

/// Deepest nesting of brackets, blocks, types and patterns.
const MAX_DEPTH: u32 = 1_000;

/// Greatest height of a tree, which operator chains add to.
const MAX_HEIGHT: u32 = 12_000;

/// Errors of either sort after which no more are kept.
const MAX_ERRORS: usize = 100;

/// The rule failed; the error is in [`Parser::failure`].
#[derive(Debug)]
struct Stop;

type Rule<T> = Result<T, Stop>;

struct Parser<'t> {
    text: &'t str,
    /// The tokens of the file, or of the interpolation hole being read.
    tokens: Vec<Token>,
    at: usize,
    /// The token at `at`, or the first part of it.
    current: Token,
    /// What is left of the token at `at` when it was split.
    split_rest: Option<Token>,
    /// End of the token before the current one.
    last_end: u32,
    /// What the rules have asked for at the current token.
    expected: TokenSet,
    /// And what the names among it would be.
    roles: Roles,
    /// What the first rule that failed at the end of the text had asked for.
    asked_at_end: Option<(TokenSet, Roles)>,
    /// The tokens are those of an interpolation hole.
    in_hole: bool,
    nodes: Nodes,
    comments: Vec<Comment>,
    hole_comments: Vec<Comment>,
    /// The error that made the current declaration fail.
    failure: Option<SyntaxError>,
    /// Errors of the grammar.
    errors: Vec<SyntaxError>,
    /// Tokens are missing behind a malformed comment.
    cut: bool,
    /// A declaration could not be read, not even its name and type.
    lost: bool,
    /// Errors in what the grammar accepts: string literals and pipes.
    tree_errors: Vec<SyntaxError>,
    depth: u32,
    /// How many `where` blocks are open.
    helpers_around: u32,
    /// Height of the tallest tree built since the enclosing [`Parser::nested`]
    /// began.
    height: u32,
}

pub(crate) fn continuation(text: &str) -> Continuation {
    Parser::new(text, lexer::lex(text, 0..text.len())).ending()
}

pub(crate) fn parse(text: &str) -> Parsed {
    Parser::new(text, lexer::lex(text, 0..text.len())).file()
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, lexed: Lexed) -> Parser<'t> {
        Parser {
            text,
            current: lexed.tokens[0],
            tokens: lexed.tokens,
            at: 0,
            split_rest: None,
            last_end: 0,
            expected: TokenSet::EMPTY,
            roles: Roles::default(),
            asked_at_end: None,
            in_hole: false,
            nodes: Nodes::default(),
            comments: lexed.comments,
            hole_comments: Vec::new(),
            failure: None,
            cut: !lexed.errors.is_empty(),
            errors: lexed.errors,
            lost: false,
            tree_errors: Vec::new(),
            depth: 0,
            helpers_around: 0,
            height: 0,
        }
    }

    /// Reads the whole text, and then asks what could follow it.
    fn ending(mut self) -> Continuation {
        self.program();
        let complete = self.errors.is_empty() && self.tree_errors.is_empty();
        if complete && self.asked_at_end.is_none() {
            // It fails at the end, having asked.
            _ = self.top_decl();
        }
        let (tokens, roles) = self.asked_at_end.unwrap_or_default();
        Continuation { tokens, roles, complete }
    }

    fn file(mut self) -> Parsed {
        let mut program = self.program();
        program.nodes = self.nodes;
        let mut comments = self.comments;
        if !self.hole_comments.is_empty() {
            comments.append(&mut self.hole_comments);
            comments.sort_by_key(|c| c.span);
        }
        let mut errors = self.errors;
        errors.append(&mut self.tree_errors);
        Parsed { program, comments, errors, lost: self.lost || self.cut }
    }

    // Looking.

    /// Whether the current token is of this sort; asking makes it expected.
    fn at(&mut self, kind: Tok) -> bool {
        self.expected.insert(kind);
        self.current.kind == kind
    }

    /// Start of the current token.
    fn start(&self) -> u32 {
        self.current.span.start
    }

    /// From `start` to the end of the last token taken.
    fn span_from(&self, start: u32) -> Span {
        Span::new(start, self.last_end)
    }

    fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    // Taking.

    /// Takes the current token. The end of the text is never taken.
    fn bump(&mut self) -> Token {
        let token = self.current;
        self.forget_expected();
        if token.kind != Tok::Eof {
            self.last_end = token.span.end;
            self.current = self.split_rest.take().unwrap_or_else(|| {
                self.at += 1;
                self.tokens[self.at]
            });
        }
        token
    }

    /// Goes to another token without taking those between.
    fn jump(&mut self, at: usize) {
        self.at = at;
        self.current = self.tokens[at];
        self.split_rest = None;
        self.forget_expected();
    }

    fn forget_expected(&mut self) {
        self.expected = TokenSet::EMPTY;
        self.roles = Roles::default();
    }

    fn eat(&mut self, kind: Tok) -> bool {
        let found = self.at(kind);
        if found {
            self.bump();
        }
        found
    }

    fn expect(&mut self, kind: Tok) -> Rule<Token> {
        if self.at(kind) { Ok(self.bump()) } else { self.unexpected() }
    }

    /// Like [`Parser::at`] where a longer operator cannot stand: there `>=` is a
    /// `>` followed by a `=`, and so on. The token is split in two when it is so.
    fn at_split(&mut self, kind: Tok) -> bool {
        if self.at(kind) {
            return true;
        }
        let whole = self.current;
        let Some((length, rest)) = split(whole.kind, kind, self.slice(whole.span)) else {
            return false;
        };
        let middle = whole.span.start + length;
        self.current = Token { kind, span: Span::new(whole.span.start, middle) };
        self.split_rest = Some(Token { kind: rest, span: Span::new(middle, whole.span.end) });
        true
    }

    fn eat_split(&mut self, kind: Tok) -> bool {
        let found = self.at_split(kind);
        if found {
            self.bump();
        }
        found
    }

    fn expect_split(&mut self, kind: Tok) -> Rule<Token> {
        if self.at_split(kind) { Ok(self.bump()) } else { self.unexpected() }
    }

    /// `LOWER_IDENT`, where every word is an ordinary identifier.
    fn lower(&mut self, role: Role) -> Rule<Name> {
        self.roles.insert(role);
        if self.at(Tok::Lower) || self.current.kind.is_lower() {
            Ok(self.take_name())
        } else {
            self.unexpected()
        }
    }

    /// `UPPER_IDENT`
    fn upper(&mut self, role: Role) -> Rule<Name> {
        self.roles.insert(role);
        if self.at(Tok::Upper) { Ok(self.take_name()) } else { self.unexpected() }
    }

    fn take_name(&mut self) -> Name {
        let span = self.bump().span;
        Name { text: SmolStr::new(self.slice(span)), span }
    }

    /// `item , { "," , item }`
    fn list<T>(&mut self, item: fn(&mut Self) -> Rule<T>) -> Rule<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.eat(Tok::Comma) {
            items.push(item(self)?);
        }
        Ok(items)
    }

    // Building.

    fn expr_node(&mut self, span: Span, kind: ExprKind) -> ExprId {
        self.nodes.add_expr(Expr { span, kind })
    }

    /// Runs a rule that can contain itself, one level deeper.
    fn nested<T>(&mut self, rule: fn(&mut Self) -> Rule<T>) -> Rule<T> {
        if self.depth == MAX_DEPTH {
            return self.too_deep();
        }
        self.depth += 1;
        let outside = std::mem::take(&mut self.height);
        let result = rule(self);
        self.depth -= 1;
        self.height += 1;
        let result =
            if self.height > MAX_HEIGHT { result.and_then(|_| self.too_deep()) } else { result };
        self.height = self.height.max(outside);
        result
    }

    // Failing.

    fn fail<T>(&mut self, span: Span, kind: ErrorKind) -> Rule<T> {
        let repair = self.repair(&kind).map(Box::new);
        self.failure = Some(SyntaxError { repair, ..SyntaxError::new(span, kind) });
        Err(Stop)
    }

    /// Keeps an error in what the grammar accepts.
    fn tree_error(&mut self, error: SyntaxError) {
        if self.tree_errors.len() < MAX_ERRORS {
            self.tree_errors.push(error);
        }
    }

    fn too_deep<T>(&mut self) -> Rule<T> {
        let span = self.current.span;
        self.fail(span, ErrorKind::NestedTooDeep)
    }

    /// The current token cannot stand here. Which code that is follows the table
    /// of chapter 01 section 7.2.
    #[cold]
    fn unexpected<T>(&mut self) -> Rule<T> {
        let token = self.current;
        let expected = self.expected;
        if token.kind == Tok::Eof && !self.in_hole {
            self.asked_at_end.get_or_insert((expected, self.roles));
        }
        if let Some((span, kind)) = self.state_form_before(token) {
            return self.fail(span, kind);
        }
        let text = if token.kind == Tok::Eof { "" } else { self.slice(token.span) };
        let kind = match token.kind {
            Tok::Unknown => ErrorKind::UnknownCharacter(text.chars().next().unwrap_or_default()),
            Tok::LBrace if expected.contains(Tok::Requires) => ErrorKind::MissingContracts,
            _ if expected.contains(Tok::Effects) => ErrorKind::MissingEffects,
            Tok::LParen if expected.contains(Tok::ColonColon) => {
                ErrorKind::DotCall { path: self.dotted_path_before(self.at).into() }
            }
            Tok::Requires | Tok::Ensures | Tok::Decreases if expected.contains(Tok::LBrace) => {
                ErrorKind::LateContract { keyword: token.kind.describe().trim_matches('"') }
            }
            _ => ErrorKind::Unexpected { text: text.into(), expected, slip: self.slip(expected) },
        };
        self.fail(token.span, kind)
    }

    /// Row 1 of the table: the text before the token is `old(` or `new(`.
    fn state_form_before(&self, token: Token) -> Option<(Span, ErrorKind)> {
        let before = self.text[..token.span.start as usize].trim_end();
        let word_end = before.strip_suffix('(')?.trim_end();
        let (keyword, kind) = if word_end.ends_with("old") {
            ("old", ErrorKind::OldArgument)
        } else if word_end.ends_with("new") {
            ("new", ErrorKind::NewArgument)
        } else {
            return None;
        };
        let start = word_end.len() - keyword.len();
        let glued = word_end[..start].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        (!glued).then(|| (Span::new(start as u32, word_end.len() as u32), kind))
    }

    /// The `a.b.c` whose last token stands before token `end`.
    fn dotted_path_before(&self, end: usize) -> String {
        let is_part = |t: &&Token| t.kind.is_lower() || t.kind == Tok::Dot;
        let length = self.tokens[..end].iter().rev().take_while(is_part).count();
        self.tokens[end - length..end].iter().map(|t| self.slice(t.span)).collect()
    }
}

/// How `whole` begins with a token of sort `kind`: its length and what is left.
fn split(whole: Tok, kind: Tok, text: &str) -> Option<(u32, Tok)> {
    Some(match (whole, kind) {
        (Tok::GtEq, Tok::Gt) | (Tok::LtEq, Tok::Lt) | (Tok::BangEq, Tok::Bang) => (1, Tok::Eq),
        (Tok::EqEq | Tok::FatArrow, Tok::Eq) => (1, Tok::Eq),
        (Tok::Arrow, Tok::Minus) | (Tok::Pipe, Tok::Bar) => (1, Tok::Gt),
        (Tok::BarBar, Tok::Bar) => (1, Tok::Bar),
        (Tok::Float, Tok::Int) => {
            let whole_part = text.find('.')?;
            match text.starts_with('0') {
                true if whole_part > 1 => (1, Tok::Int),
                _ => (whole_part as u32, Tok::Dot),
            }
        }
        _ => return None,
    })
}

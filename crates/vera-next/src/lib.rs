//! What can continue a beginning of a program: the tokens that the parser would take there,
//! and among names those that the checker knows to exist.
//!
//! The grammar is the parser's own ([`vera_syntax::continuation`]). For what is in scope the
//! beginning is closed with as little as makes it a program ([`closing`]), a typed hole
//! where the cursor is, and checked: the hole knows its bindings and its type.
//!
//! Pure: modules come from a [`Loader`]. Nothing here knows files, protocols or terminals.
#![forbid(unsafe_code)]

mod closing;
mod context;
mod names;
mod scene;

use serde_json::{Value, json};
use vera_check::Loader;
use vera_diagnostics::Span;
use vera_syntax::{Tok, TokenSet, continuation, tokens};

use scene::Scene;

/// What a token would be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    Keyword,
    Symbol,
    /// The type of a binding in scope, behind `@`.
    Slot,
    /// Which of these bindings.
    Index,
    Type,
    Constructor,
    Effect,
    Operation,
    Function,
    /// Any token of a class: an identifier that is nothing yet, a number, a text. The item's
    /// text is the name of the class in the grammar.
    Class,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Keyword => "keyword",
            Kind::Symbol => "symbol",
            Kind::Slot => "slot",
            Kind::Index => "index",
            Kind::Type => "type",
            Kind::Constructor => "constructor",
            Kind::Effect => "effect",
            Kind::Operation => "operation",
            Kind::Function => "function",
            Kind::Class => "class",
        }
    }
}

/// One token that can stand there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    pub text: String,
    pub kind: Kind,
    /// A type, or a signature.
    pub detail: Option<String>,
    /// Whether it is of the type that is wanted there by itself; `None` where no type is
    /// known, or it has none. What does not fit can still begin something that does.
    pub fits: Option<bool>,
}

/// Where a text may go on otherwise than with a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Inside {
    Comment,
    Literal,
}

/// What can continue a text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Next {
    /// The text is a program as it is.
    pub complete: bool,
    /// The text ends inside a comment or a string literal, which anything continues.
    pub inside: Option<Inside>,
    /// The next tokens: what fits first, then by kind and spelling.
    pub tokens: Vec<Item>,
    /// The last token, where the text ends with one that may go on.
    pub partial: String,
    /// What it may become, in whole.
    pub completes: Vec<Item>,
}

/// What can continue a text. Nothing where an error before its end leaves nothing.
pub fn next(text: &str, loader: &mut dyn Loader) -> Next {
    if let Some(inside) = inside(text) {
        return Next { inside: Some(inside), ..Next::default() };
    }
    let after = continuation(text);
    let mut out = Next { complete: after.complete, ..Next::default() };
    out.tokens = items(text, after, loader);
    let last = tokens(text, Span::new(0, text.len() as u32)).into_iter().rev().nth(1);
    let ended = last.filter(|last| last.span.end as usize == text.len());
    let ended = ended.map(|last| text.split_at(last.span.start as usize));
    if let Some((before, partial)) = ended.filter(|(_, partial)| may_go_on(partial)) {
        let mut completes = items(before, continuation(before), loader);
        completes.retain(|item| {
            item.kind != Kind::Class
                && item.text.len() > partial.len()
                && item.text.starts_with(partial)
        });
        partial.clone_into(&mut out.partial);
        out.completes = completes;
    }
    out
}

/// Whether a token is the beginning of another.
fn may_go_on(token: &str) -> bool {
    token.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        || ["=", "==", "<", ">", "-", "|", "!", "&", ":"].contains(&token)
}

fn items(text: &str, after: vera_syntax::Continuation, loader: &mut dyn Loader) -> Vec<Item> {
    let mut items = spellings(after.tokens);
    let scene = Scene::new(text, after.roles, loader);
    names::add(&scene, after, &mut items);
    scene.mark(&mut items);
    items.sort_by(|a, b| {
        let rank = |item: &Item| (item.fits != Some(true), item.kind);
        rank(a).cmp(&rank(b)).then_with(|| a.text.cmp(&b.text))
    });
    items.dedup_by(|a, b| a.text == b.text && a.kind == b.kind);
    items
}

/// The tokens that are always spelled alike.
fn spellings(expected: TokenSet) -> Vec<Item> {
    let item = |name: &str| {
        let text = name.trim_matches('"');
        let word = text.starts_with(|c: char| c.is_ascii_lowercase());
        let kind = if word { Kind::Keyword } else { Kind::Symbol };
        Item { text: text.to_owned(), kind, detail: None, fits: None }
    };
    expected.descriptions().into_iter().filter(|name| name.starts_with('"')).map(item).collect()
}

/// Whether a text ends where no token can begin.
fn inside(text: &str) -> Option<Inside> {
    if vera_syntax::ends_in_comment(text) {
        return Some(Inside::Comment);
    }
    let all = tokens(text, Span::new(0, text.len() as u32));
    let opens = |token: &vera_syntax::Token| {
        token.kind == Tok::Unknown && text[token.span.start as usize..].starts_with('"')
    };
    all.iter().any(opens).then_some(Inside::Literal)
}

impl Next {
    /// As `vera next --json` prints it.
    pub fn json(&self) -> Value {
        let item = |item: &Item| {
            let mut out = json!({ "token": item.text, "kind": item.kind.as_str() });
            if let Some(detail) = &item.detail {
                out["detail"] = detail.as_str().into();
            }
            if let Some(fits) = item.fits {
                out["fits"] = fits.into();
            }
            out
        };
        let list = |items: &[Item]| items.iter().map(item).collect::<Vec<_>>();
        json!({
            "schema": "vera-next/1",
            "complete": self.complete,
            "inside": self.inside.map(|inside| match inside {
                Inside::Comment => "comment",
                Inside::Literal => "string",
            }),
            "tokens": list(&self.tokens),
            "partial": self.partial,
            "completes": list(&self.completes),
        })
    }
}

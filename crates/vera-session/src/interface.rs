//! What a file offers: its declarations as they are written, without bodies, with the
//! comments that stand above them.

use vera_diagnostics::Span;
use vera_syntax::ast::{Decl, TopDecl, Visibility};
use vera_syntax::{Comment, CommentKind, Parsed};

/// The declarations of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// The module's name, where it has one.
    pub module: Option<String>,
    /// The comment at the beginning of the file.
    pub doc: Option<String>,
    /// In source order.
    pub items: Vec<Item>,
}

/// One declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub name: String,
    pub kind: ItemKind,
    pub public: bool,
    /// The declaration as it is written, of a function up to its body.
    pub text: String,
    /// The comment above it.
    pub doc: Option<String>,
    /// Of a function where the name, and of others where the declaration stands.
    pub name_span: Span,
    /// The whole declaration, with `public` or `private`.
    pub span: Span,
}

/// What is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    Function,
    Data,
    Alias,
    Effect,
    Ability,
}

impl ItemKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            ItemKind::Function => "function",
            ItemKind::Data => "data",
            ItemKind::Alias => "type",
            ItemKind::Effect => "effect",
            ItemKind::Ability => "ability",
        }
    }
}

/// Reads off what a parsed file offers.
pub fn interface(text: &str, parsed: &Parsed) -> Interface {
    let program = &parsed.program;
    let items: Vec<Item> = program.decls.iter().map(|decl| item(text, parsed, decl)).collect();
    let module = program.module.as_ref();
    // Without a `module` line or imports, the comment above the first declaration is its.
    let doc = module.and_then(|module| comment_above(text, &parsed.comments, module.span.start));
    Interface { module: module.map(|module| module.path.dotted()), doc, items }
}

fn item(text: &str, parsed: &Parsed, decl: &TopDecl) -> Item {
    let (kind, name, end) = match &decl.decl {
        Decl::Fn(f) => (ItemKind::Function, &f.name, f.body.span.start),
        Decl::Data(d) => (ItemKind::Data, &d.name, decl.span.end),
        Decl::Alias(d) => (ItemKind::Alias, &d.name, decl.span.end),
        Decl::Effect(d) => (ItemKind::Effect, &d.name, decl.span.end),
        Decl::Ability(d) => (ItemKind::Ability, &d.name, decl.span.end),
    };
    let written = text.get(decl.span.start as usize..end as usize).unwrap_or_default().trim_end();
    // A body begins behind its brace.
    let written = match kind {
        ItemKind::Function => written.strip_suffix('{').unwrap_or(written).trim_end(),
        ItemKind::Data | ItemKind::Alias | ItemKind::Effect | ItemKind::Ability => written,
    };
    Item {
        name: name.text.to_string(),
        kind,
        public: decl.visibility == Some(Visibility::Public),
        text: written.to_owned(),
        doc: comment_above(text, &parsed.comments, decl.span.start),
        name_span: name.span,
        span: decl.span,
    }
}

/// The comments that end on the line before a place, or on such a line before these: their
/// text without what delimits it.
pub fn comment_above(text: &str, comments: &[Comment], at: u32) -> Option<String> {
    let mut start = at;
    let mut parts: Vec<String> = Vec::new();
    for comment in comments.iter().rev().filter(|comment| comment.span.end <= at) {
        let between = text.get(comment.span.end as usize..start as usize)?;
        let first_of_line = text[..comment.span.start as usize]
            .rsplit('\n')
            .next()
            .is_some_and(|before| before.trim().is_empty());
        let adjoins = between.trim().is_empty() && between.matches('\n').count() == 1;
        if !adjoins || !first_of_line {
            break;
        }
        start = comment.span.start;
        parts.push(stripped(comment.kind, comment.content(text)));
    }
    parts.reverse();
    let doc = parts.join("\n").trim().to_owned();
    (!doc.is_empty()).then_some(doc)
}

/// A comment's lines without the blanks before them.
fn stripped(kind: CommentKind, content: &str) -> String {
    match kind {
        CommentKind::Line => content.strip_prefix(' ').unwrap_or(content).trim_end().to_owned(),
        CommentKind::Block | CommentKind::Annotation => {
            content.lines().map(str::trim).collect::<Vec<_>>().join("\n")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_come_without_bodies_and_with_their_comments() {
        let text = "-- Numbers.\nmodule numbers;\n\n-- Not this.\n\n-- One more:\n-- by one.\npublic fn next(@Int -> @Int)\n  requires(true)\n  ensures(@Int.result == @Int.0 + 1)\n  effects(pure)\n{\n  @Int.0 + 1\n}\n\nprivate data Coin {\n  Head, -- up\n  Tail\n}\n";
        let interface = interface(text, &vera_syntax::parse(text));
        assert_eq!(interface.module.as_deref(), Some("numbers"));
        assert_eq!(interface.doc.as_deref(), Some("Numbers."));
        let [next, coin] = &interface.items[..] else { panic!("two declarations") };
        assert_eq!(next.doc.as_deref(), Some("One more:\nby one."));
        assert_eq!(
            next.text,
            "public fn next(@Int -> @Int)\n  requires(true)\n  ensures(@Int.result == @Int.0 + 1)\n  effects(pure)"
        );
        assert!(next.public && !coin.public);
        assert_eq!((coin.kind, coin.doc.as_deref()), (ItemKind::Data, None));
    }
}
